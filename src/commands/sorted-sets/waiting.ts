/**
 * Sorted sets that are waited for: BZPOPMIN, BZPOPMAX, BZMPOP.
 *
 * Whoever finds a member does at once what the command without the B does, and replicas are told of that one. Who is
 * served later takes the same way.
 */
import { ERRORS } from '../../base/errors.js';
import { TYPE_ZSET } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readAtLeast, readCountOption } from '../arguments.js';
import type { Handler, Session } from '../handler.js';
import { noArray, readTimeout, takeOrWait } from '../waiting.js';
import { removeIfEmpty } from './members.js';
import { popCounted, popped } from './pop.js';

export const bzpopmin: Handler = (request, reply, db, session) => popOrWait(request, reply, db, session, LEFT);
export const bzpopmax: Handler = (request, reply, db, session) => popOrWait(request, reply, db, session, RIGHT);

/** BZPOPMIN key … timeout */
function popOrWait(request: Request, reply: ReplyWriter, db: Database, session: Session, side: End): void {
  const last = request.argc - 2;
  const timeoutMs = readTimeout(request, last + 1, reply);
  if (Number.isNaN(timeoutMs)) return;
  const take = side === LEFT ? popLowest : popHighest;
  takeOrWait(request, reply, db, session, {
    timeoutMs,
    keys: { type: TYPE_ZSET, first: 1, last, take },
    timedOut: noArray,
  });
}

function popLowest(request: Request, key: number, reply: ReplyWriter, db: Database, e: number): void {
  popOne(request, key, reply, db, e, LEFT);
}

function popHighest(request: Request, key: number, reply: ReplyWriter, db: Database, e: number): void {
  popOne(request, key, reply, db, e, RIGHT);
}

function popOne(request: Request, key: number, reply: ReplyWriter, db: Database, e: number, side: End): void {
  reply.arrayHeader(3);
  db.writeKey(e, reply);
  db.engine.values.sortedSets.pop(e, side, reply);
  const { changes } = db.engine;
  if (changes !== null)
    changes
      .instead(db.index, 2)
      .word(side === LEFT ? 'ZPOPMIN' : 'ZPOPMAX')
      .argument(request, key);
  popped(request, key, db, side, 1);
  removeIfEmpty(request, key, db, e);
}

/** BZMPOP timeout numkeys key … MIN|MAX [COUNT count] */
export const bzmpop: Handler = (request, reply, db, session) => {
  const keys = readAtLeast(request, 2, 1, ERRORS.NUMKEYS_POSITIVE, reply);
  if (Number.isNaN(keys)) return;
  const where = 3 + keys;
  const isMin = where < request.argc && request.is(where, 'min');
  if (!isMin && !(where < request.argc && request.is(where, 'max'))) return reply.error(ERRORS.SYNTAX);
  const count = readCountOption(request, where + 1, reply);
  if (Number.isNaN(count)) return;
  const timeoutMs = readTimeout(request, 1, reply);
  if (Number.isNaN(timeoutMs)) return;
  const side = isMin ? LEFT : RIGHT;
  takeOrWait(request, reply, db, session, {
    timeoutMs,
    keys: {
      type: TYPE_ZSET,
      first: 3,
      last: where - 1,
      take: (later, key, to, database, e) => popCounted(later, key, to, database, e, { side, count }),
    },
    timedOut: noArray,
  });
};
