/**
 * All members between two bounds, counted or removed: ZCOUNT, ZLEXCOUNT, ZREMRANGEBYRANK, -BYSCORE, -BYLEX.
 *
 * Bounds become ranks first: what lies between two ranks is counted or removed alike, whatever the bounds were.
 */
import { NONE, TYPE_ZSET, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { areBounds, type By, locate, Range } from './bounds.js';

/** One for all: it is good while its command runs. */
const range = new Range();

export function zcount(request: Request, reply: ReplyWriter, db: Database): void {
  count(request, reply, db, 'score');
}

export function zlexcount(request: Request, reply: ReplyWriter, db: Database): void {
  count(request, reply, db, 'name');
}

function count(request: Request, reply: ReplyWriter, db: Database, by: By): void {
  if (!areBounds(by, request, 2, 3, reply)) return;
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.integer(0);
  range.by = by;
  locate(range, request, db, e);
  reply.integer(Math.max(0, range.end - range.first));
}

export function zremrangebyrank(request: Request, reply: ReplyWriter, db: Database): void {
  removeRange(request, reply, db, 'rank', EVENT.zremrangebyrank);
}

export function zremrangebyscore(request: Request, reply: ReplyWriter, db: Database): void {
  removeRange(request, reply, db, 'score', EVENT.zremrangebyscore);
}

export function zremrangebylex(request: Request, reply: ReplyWriter, db: Database): void {
  removeRange(request, reply, db, 'name', EVENT.zremrangebylex);
}

function removeRange(request: Request, reply: ReplyWriter, db: Database, by: By, event: number): void {
  if (!areBounds(by, request, 2, 3, reply)) return;
  const e = db.findOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.integer(0);
  range.by = by;
  locate(range, request, db, e);
  const n = range.end - range.first;
  if (n <= 0) return reply.integer(0);
  db.engine.values.sortedSets.deleteRange(e, range.first, n);
  db.wrote(request, 1, event, n);
  db.removeIfEmpty(request, 1, e);
  reply.integer(n);
}
