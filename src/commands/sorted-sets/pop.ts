/**
 * Members from either end: ZPOPMIN, ZPOPMAX, ZMPOP.
 *
 * HOT: ZPOPMIN of one. bench: ZPOPMIN
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, TYPE_ZSET, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readAtLeast, readCountOption } from '../arguments.js';
import { removeIfEmpty } from './members.js';

export function zpopmin(request: Request, reply: ReplyWriter, db: Database): void {
  pop(request, reply, db, LEFT);
}

export function zpopmax(request: Request, reply: ReplyWriter, db: Database): void {
  pop(request, reply, db, RIGHT);
}

/** ZPOPMIN key [count] */
function pop(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  if (request.argc > 2) return popMany(request, reply, db, side);
  const e = db.findOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.arrayHeader(0);
  reply.arrayHeader(2);
  db.engine.values.sortedSets.pop(e, side, reply);
  popped(request, 1, db, side, 1);
  removeIfEmpty(request, 1, db, e);
}

function popMany(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  if (request.argc > 3) return reply.error(ERRORS.SYNTAX);
  const count = readAtLeast(request, 2, 0, ERRORS.MUST_BE_POSITIVE, reply);
  if (Number.isNaN(count)) return;
  const e = db.findOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE || count === 0) return reply.arrayHeader(0);
  const { sortedSets } = db.engine.values;
  const n = Math.min(count, sortedSets.count(e));
  const isNested = reply.resp === 3;
  reply.arrayHeader(isNested ? n : n * 2);
  for (let i = 0; i < n; i++) {
    if (isNested) reply.arrayHeader(2);
    sortedSets.pop(e, side, reply);
  }
  popped(request, 1, db, side, n);
  removeIfEmpty(request, 1, db, e);
}

export function popped(request: Request, key: number, db: Database, side: End, n: number): void {
  db.wrote(request, key, side === LEFT ? EVENT.zpopmin : EVENT.zpopmax, n);
}

/** ZMPOP numkeys key … MIN|MAX [COUNT count]: from the first that is there, as pairs in either protocol. */
export function zmpop(request: Request, reply: ReplyWriter, db: Database): void {
  const keys = readAtLeast(request, 1, 1, ERRORS.NUMKEYS_POSITIVE, reply);
  if (Number.isNaN(keys)) return;
  const where = 2 + keys;
  const isMin = where < request.argc && request.is(where, 'min');
  if (!isMin && !(where < request.argc && request.is(where, 'max'))) return reply.error(ERRORS.SYNTAX);
  const count = readCountOption(request, where + 1, reply);
  if (Number.isNaN(count)) return;
  let key = 1;
  let e = NONE;
  while (e === NONE && ++key < where) e = db.findOf(request, key, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nilArray();
  popCounted(request, key, reply, db, e, { side: isMin ? LEFT : RIGHT, count });
}

/** ZMPOP and BZMPOP: up to `count` members of the sorted set under argument `key`, with that key. */
export function popCounted(
  request: Request,
  key: number,
  reply: ReplyWriter,
  db: Database,
  e: number,
  { side, count }: { readonly side: End; readonly count: number },
): void {
  const { sortedSets } = db.engine.values;
  const n = Math.min(count, sortedSets.count(e));
  reply.arrayHeader(2);
  db.writeKey(e, reply);
  reply.arrayHeader(n);
  for (let i = 0; i < n; i++) {
    reply.arrayHeader(2);
    sortedSets.pop(e, side, reply);
  }
  const { changes } = db.engine;
  if (changes !== null)
    changes
      .instead(db.index, 3)
      .word(side === LEFT ? 'ZPOPMIN' : 'ZPOPMAX')
      .argument(request, key)
      .integer(n);
  popped(request, key, db, side, n);
  removeIfEmpty(request, key, db, e);
}
