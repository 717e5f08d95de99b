/**
 * Lists by index and by value: LINDEX, LRANGE, LSET, LINSERT, LREM, LTRIM, LPOS, LLEN.
 *
 * HOT: LRANGE. bench: LRANGE_100 to 600
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, TYPE_LIST, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { rangeEnd, rangeStart, readAtLeast, readInteger } from '../arguments.js';

export function llen(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_LIST, reply);
  if (e !== WRONG) reply.integer(e === NONE ? 0 : db.engine.values.lists.length(e));
}

export function lindex(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nil();
  const index = readInteger(request, 2, reply);
  if (Number.isNaN(index)) return;
  const { values, slices } = db.engine;
  const element = slices[0];
  if (!values.lists.at(e, index < 0 ? values.lists.length(e) + index : index, element)) return reply.nil();
  reply.bulk(element.u8, element.view, element.off, element.len);
}

export function lrange(request: Request, reply: ReplyWriter, db: Database): void {
  const from = readInteger(request, 2, reply);
  if (Number.isNaN(from)) return;
  const to = readInteger(request, 3, reply);
  if (Number.isNaN(to)) return;
  const e = db.lookupOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.arrayHeader(0);
  const { lists } = db.engine.values;
  const length = lists.length(e);
  const start = rangeStart(from, length);
  const n = Math.max(0, rangeEnd(to, length) - start + 1);
  reply.arrayHeader(n);
  if (n > 0) lists.range(e, start, n, RIGHT, reply);
}

export function lset(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.error(ERRORS.NO_KEY);
  const index = readInteger(request, 2, reply);
  if (Number.isNaN(index)) return;
  const { values, slices } = db.engine;
  const at = index < 0 ? values.lists.length(e) + index : index;
  if (!values.lists.set(e, at, slices[0].argument(request, 3))) return reply.error(ERRORS.INDEX_OUT_OF_RANGE);
  db.wrote(request, 1, EVENT.lset, 1);
  reply.ok();
}

export function linsert(request: Request, reply: ReplyWriter, db: Database): void {
  let side: End = LEFT;
  if (request.is(2, 'after')) side = RIGHT;
  else if (!request.is(2, 'before')) return reply.error(ERRORS.SYNTAX);
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.integer(0);
  const { values, slices } = db.engine;
  const pivot = slices[0].argument(request, 3);
  if (!values.lists.insert(e, side, pivot, slices[1].argument(request, 4))) return reply.integer(-1);
  db.wrote(request, 1, EVENT.linsert, 1);
  reply.integer(values.lists.length(e));
}

export function lrem(request: Request, reply: ReplyWriter, db: Database): void {
  const count = readInteger(request, 2, reply);
  if (Number.isNaN(count)) return;
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.integer(0);
  const { values, slices } = db.engine;
  const limit = count === 0 ? Number.MAX_SAFE_INTEGER : Math.min(Math.abs(count), Number.MAX_SAFE_INTEGER);
  const removed = values.lists.remove(e, slices[0].argument(request, 3), count < 0 ? RIGHT : LEFT, limit);
  if (removed > 0) {
    db.wrote(request, 1, EVENT.lrem, removed);
    db.removeIfEmpty(request, 1, e);
  }
  reply.integer(removed);
}

export function ltrim(request: Request, reply: ReplyWriter, db: Database): void {
  const from = readInteger(request, 2, reply);
  if (Number.isNaN(from)) return;
  const to = readInteger(request, 3, reply);
  if (Number.isNaN(to)) return;
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.ok();
  const { lists } = db.engine.values;
  const length = lists.length(e);
  const start = rangeStart(from, length);
  const kept = Math.max(0, rangeEnd(to, length) - start + 1);
  if (kept === 0) lists.trim(e, length, 0);
  else lists.trim(e, start, length - start - kept);
  db.wrote(request, 1, EVENT.ltrim, length - kept);
  db.removeIfEmpty(request, 1, e);
  reply.ok();
}

/** LPOS key element [RANK rank] [COUNT count] [MAXLEN length] */
export function lpos(request: Request, reply: ReplyWriter, db: Database): void {
  let rank = 1;
  let count = -1;
  let looks = 0;
  for (let i = 3; i < request.argc; i += 2) {
    const hasValue = i + 1 < request.argc;
    if (hasValue && request.is(i, 'rank')) {
      rank = readInteger(request, i + 1, reply);
      if (rank === 0) return reply.error(ERRORS.RANK_IS_ZERO);
      if (Number.isNaN(rank)) return;
    } else if (hasValue && request.is(i, 'count')) {
      count = readAtLeast(request, i + 1, 0, ERRORS.COUNT_NEGATIVE, reply);
      if (Number.isNaN(count)) return;
    } else if (hasValue && request.is(i, 'maxlen')) {
      looks = readAtLeast(request, i + 1, 0, ERRORS.MAXLEN_NEGATIVE, reply);
      if (Number.isNaN(looks)) return;
    } else return reply.error(ERRORS.SYNTAX);
  }
  const e = db.lookupOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return count === -1 ? reply.nil() : reply.arrayHeader(0);
  const { values, slices } = db.engine;
  const from = rank < 0 ? RIGHT : LEFT;
  values.lists.search(e, slices[0].argument(request, 2), from, looks || Number.MAX_SAFE_INTEGER);
  writeFound(reply, db, Math.abs(rank), count);
}

/** The matches from the `rank`th on: one of them, `count` of them, or with 0 all. */
function writeFound(reply: ReplyWriter, db: Database, rank: number, count: number): void {
  const { lists } = db.engine.values;
  let index = lists.nextFound();
  for (let skip = rank - 1; skip > 0 && index >= 0; skip--) index = lists.nextFound();
  if (count === -1) return index < 0 ? reply.nil() : reply.integer(index);
  const mark = reply.mark();
  let found = 0;
  while (index >= 0) {
    reply.integer(index);
    if (++found === count) break;
    index = lists.nextFound();
  }
  reply.arrayAt(mark, found);
}
