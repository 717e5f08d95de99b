/**
 * Members of sorted sets, by name: ZREM, ZSCORE, ZMSCORE, ZRANK, ZREVRANK, ZCARD, ZSCAN.
 *
 * A missing sorted set is an empty one. No score is NaN, so NaN is how the door says that a member is not there.
 */
import { formatScore } from '../../base/numbers.js';
import type { Slice } from '../../base/slice.js';
import { NONE, TYPE_ZSET, WRONG, ZSET_PACK } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readCursor, readScanOptions, writeEmptyScan } from '../cursor.js';

/** Whole scores up to here lie in a small sorted set as integers, and ZSCAN shows them as they lie there. */
const MAX_PACKED_INTEGER = 2 ** 62;

export function zrem(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.findOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.integer(0);
  const { values, slices } = db.engine;
  let removed = 0;
  for (let i = 2; i < request.argc && values.sortedSets.count(e) > 0; i++)
    if (values.sortedSets.delete(e, slices[0].argument(request, i))) removed++;
  if (removed > 0) {
    db.wrote(request, 1, EVENT.zrem, removed);
    db.removeIfEmpty(request, 1, e);
  }
  reply.integer(removed);
}

export function zscore(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e !== WRONG) writeScore(request, 2, reply, db, e);
}

export function zmscore(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  reply.arrayHeader(request.argc - 2);
  for (let i = 2; i < request.argc; i++) writeScore(request, i, reply, db, e);
}

function writeScore(request: Request, i: number, reply: ReplyWriter, db: Database, e: number): void {
  const { values, slices } = db.engine;
  const score = e === NONE ? Number.NaN : values.sortedSets.score(e, slices[0].argument(request, i));
  if (Number.isNaN(score)) reply.nil();
  else reply.double(score);
}

export function zrank(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  const rank = rankOf(request, db, e);
  if (rank < 0) reply.nil();
  else reply.integer(rank);
}

export function zrevrank(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  const rank = rankOf(request, db, e);
  if (rank < 0) reply.nil();
  else reply.integer(db.engine.values.sortedSets.count(e) - 1 - rank);
}

/** The rank of the member in argument 2, −1 if it is not there. */
function rankOf(request: Request, db: Database, e: number): number {
  const { values, slices } = db.engine;
  return e === NONE ? -1 : values.sortedSets.rank(e, slices[0].argument(request, 2));
}

export function zcard(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e !== WRONG) reply.integer(e === NONE ? 0 : db.engine.values.sortedSets.count(e));
}

export function zscan(request: Request, reply: ReplyWriter, db: Database): void {
  const cursor = readCursor(request, 2, reply);
  if (Number.isNaN(cursor)) return;
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return writeEmptyScan(reply);
  const options = readScanOptions(request, 3, reply, 'no type');
  if (options === null) return;
  reply.arrayHeader(2);
  const { glob } = options;
  const isPacked = db.kind(e) === ZSET_PACK;
  const found: Buffer[] = [];
  const scored = (member: Slice, score: number): void => {
    if (glob !== null && !glob.matches(member.u8, member.off, member.len)) return;
    found.push(member.copy(), Buffer.from(isPacked ? packedText(score) : formatScore(score)));
  };
  reply.bulkInteger(db.engine.values.sortedSets.scan(e, cursor, options.count, { scored }));
  reply.arrayHeader(found.length);
  for (const bytes of found) reply.bulkBytes(bytes);
}

function packedText(score: number): string {
  const isWhole = Number.isInteger(score) && Math.abs(score) <= MAX_PACKED_INTEGER;
  return isWhole ? BigInt(score).toString() : formatScore(score);
}
