/**
 * Lists that are waited for: BLPOP, BRPOP, BLMPOP, BLMOVE, BRPOPLPUSH. What they have in common with sorted sets, and
 * what is told to whom, is in waiting.ts.
 */
import { NONE, TYPE_LIST, WRONG } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import type { Handler, Session } from '../handler.js';
import { noArray, popFirstOrWait, popOrWait, readTimeout } from '../waiting.js';
import { LISTS, move, readEnd } from './ends.js';

export const blpop = popOrWait(LISTS, LEFT);
export const brpop = popOrWait(LISTS, RIGHT);
export const blmpop = popFirstOrWait(LISTS);

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
