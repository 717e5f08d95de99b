/**
 * Lists that are waited for: BLPOP, BRPOP, BLMPOP, BLMOVE, BRPOPLPUSH.
 *
 * Whoever finds an element does at once what the command without the B does, and replicas are told of that one. Who is
 * served later takes the same way.
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, TYPE_LIST, WRONG } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readAtLeast, readCountOption } from '../arguments.js';
import type { Handler, Session } from '../handler.js';
import { noArray, readTimeout, takeOrWait } from '../waiting.js';
import { move, popCounted, popped, readEnd, removeIfEmpty } from './ends.js';

export const blpop: Handler = (request, reply, db, session) => popOrWait(request, reply, db, session, LEFT);
export const brpop: Handler = (request, reply, db, session) => popOrWait(request, reply, db, session, RIGHT);

/** BLPOP key … timeout */
function popOrWait(request: Request, reply: ReplyWriter, db: Database, session: Session, side: End): void {
  const last = request.argc - 2;
  const timeoutMs = readTimeout(request, last + 1, reply);
  if (Number.isNaN(timeoutMs)) return;
  const take = side === LEFT ? popLeft : popRight;
  takeOrWait(request, reply, db, session, {
    timeoutMs,
    keys: { type: TYPE_LIST, first: 1, last, take },
    timedOut: noArray,
  });
}

function popLeft(request: Request, key: number, reply: ReplyWriter, db: Database, e: number): void {
  popOne(request, key, reply, db, e, LEFT);
}

function popRight(request: Request, key: number, reply: ReplyWriter, db: Database, e: number): void {
  popOne(request, key, reply, db, e, RIGHT);
}

function popOne(request: Request, key: number, reply: ReplyWriter, db: Database, e: number, side: End): void {
  reply.arrayHeader(2);
  db.writeKey(e, reply);
  db.engine.values.lists.pop(e, side, reply);
  const { changes } = db.engine;
  if (changes !== null)
    changes
      .instead(db.index, 2)
      .word(side === LEFT ? 'LPOP' : 'RPOP')
      .argument(request, key);
  popped(request, key, db, side, 1);
  removeIfEmpty(request, key, db, e);
}

/** BLMPOP timeout numkeys key … LEFT|RIGHT [COUNT n] */
export const blmpop: Handler = (request, reply, db, session) => {
  const keys = readAtLeast(request, 2, 1, ERRORS.NUMKEYS_POSITIVE, reply);
  if (Number.isNaN(keys)) return;
  const where = 3 + keys;
  if (where >= request.argc) return reply.error(ERRORS.SYNTAX);
  const side = readEnd(request, where, reply);
  if (side === -1) return;
  const count = readCountOption(request, where + 1, reply);
  if (Number.isNaN(count)) return;
  const timeoutMs = readTimeout(request, 1, reply);
  if (Number.isNaN(timeoutMs)) return;
  takeOrWait(request, reply, db, session, {
    timeoutMs,
    keys: {
      type: TYPE_LIST,
      first: 3,
      last: where - 1,
      take: (later, key, to, database, e) => popCounted(later, key, to, database, e, { side, count }),
    },
    timedOut: noArray,
  });
};

/** BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout */
export const blmove: Handler = (request, reply, db, session) => {
  const from = readEnd(request, 3, reply);
  if (from === -1) return;
  const to = readEnd(request, 4, reply);
  if (to === -1) return;
  const timeoutMs = readTimeout(request, 5, reply);
  if (Number.isNaN(timeoutMs)) return;
  if (!mayMove(request, reply, db, session)) return;
  if (db.peek(request, 1) !== NONE) {
    if (!move(request, reply, db, from, to)) return;
    const words = db.engine.changes?.instead(db.index, 5).word('LMOVE');
    words?.argument(request, 1).argument(request, 2).argument(request, 3).argument(request, 4);
    return;
  }
  const take = (later: Request, _key: number, answer: ReplyWriter, database: Database): void => {
    if (!move(later, answer, database, from, to)) return;
    const words = database.engine.changes?.instead(database.index, 5).word('LMOVE');
    words?.argument(later, 1).argument(later, 2).word(wordOf(from)).word(wordOf(to));
  };
  session.block(request, { timeoutMs, keys: { type: TYPE_LIST, first: 1, last: 1, take }, timedOut: noArray });
};

/** BRPOPLPUSH source destination timeout */
export const brpoplpush: Handler = (request, reply, db, session) => {
  const timeoutMs = readTimeout(request, 3, reply);
  if (Number.isNaN(timeoutMs)) return;
  if (!mayMove(request, reply, db, session)) return;
  if (db.peek(request, 1) !== NONE) return popAndPush(request, 1, reply, db);
  const keys = { type: TYPE_LIST, first: 1, last: 1, take: popAndPush };
  session.block(request, { timeoutMs, keys, timedOut: noArray });
};

function popAndPush(request: Request, _key: number, reply: ReplyWriter, db: Database): void {
  if (!move(request, reply, db, RIGHT, LEFT)) return;
  db.engine.changes?.instead(db.index, 3).word('RPOPLPUSH').argument(request, 1).argument(request, 2);
}

/** False where the source is no list; or is not there, and EXEC does not wait for it: both are answered. */
function mayMove(request: Request, reply: ReplyWriter, db: Database, session: Session): boolean {
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return false;
  if (e !== NONE || !session.inExec) return true;
  reply.nil();
  return false;
}

function wordOf(side: End): string {
  return side === LEFT ? 'left' : 'right';
}
