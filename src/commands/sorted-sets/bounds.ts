/**
 * Bounds of ranges, as clients write them, and the ranks they mean in a sorted set.
 *
 *   by rank    0  -1                      below zero counts from the end
 *   by score   1.5  (1.5  -inf  +inf      '(' leaves the bound itself out
 *   by name    [abc  (abc  -  +           '-' and '+' are before and behind all names; where all scores are equal
 *
 * A range is `first ≤ rank < end`. Bounds are looked at before the key is (`areBounds`), and then once more to find the
 * ranks: nothing has to be kept in between.
 *
 * HOT: nothing is allocated. bench: ZRANGEBYSCORE
 */
import { ERRORS } from '../../base/errors.js';
import { parseBound } from '../../base/numbers.js';
import type { Database } from '../../keyspace/keyspace.js';
import { BEHIND, type Bound, FROM } from '../../keyspace/types/sorted-set.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt, rangeEnd, rangeStart } from '../arguments.js';

export type By = 'rank' | 'score' | 'name';

const OPEN = 40; // (
const CLOSED = 91; // [
const LOWEST = 45; // -
const HIGHEST = 43; // +

/** False where argument `low` or `high` is no bound, and the reply says so. */
export function areBounds(by: By, request: Request, low: number, high: number, reply: ReplyWriter): boolean {
  if (isBound(by, request, low) && isBound(by, request, high)) return true;
  if (by === 'rank') reply.error(ERRORS.NOT_INTEGER);
  else reply.error(by === 'score' ? ERRORS.BOUND_NOT_FLOAT : ERRORS.BOUND_NOT_STRING);
  return false;
}

function isBound(by: By, request: Request, i: number): boolean {
  if (by === 'rank') return !Number.isNaN(integerAt(request, i));
  if (by === 'score') return !Number.isNaN(scoreAt(request, i));
  const n = request.len[i];
  const c = firstByte(request, i);
  if (c === OPEN || c === CLOSED) return true;
  return (c === LOWEST || c === HIGHEST) && (n === 1 || request.buf[request.off[i] + 1] === 0);
}

/** Argument i without its '(', as a number; NaN where it is none. */
function scoreAt(request: Request, i: number): number {
  const skip = firstByte(request, i) === OPEN ? 1 : 0;
  return parseBound(request.buf, request.off[i] + skip, request.len[i] - skip);
}

function firstByte(request: Request, i: number): number {
  return request.len[i] === 0 ? 0 : request.buf[request.off[i]];
}

/** The first rank of a range whose lower bound is argument i. */
export function firstRank(by: By, request: Request, i: number, db: Database, e: number): number {
  const { sortedSets } = db.engine.values;
  if (by === 'rank') return rangeStart(integerAt(request, i), sortedSets.count(e));
  const bound = firstByte(request, i) === OPEN ? BEHIND : FROM;
  return by === 'score' ? sortedSets.countScores(e, scoreAt(request, i), bound) : countNames(request, i, db, e, bound);
}

/** The rank behind the last one of a range whose upper bound is argument i. */
export function endRank(by: By, request: Request, i: number, db: Database, e: number): number {
  const { sortedSets } = db.engine.values;
  if (by === 'rank') return rangeEnd(integerAt(request, i), sortedSets.count(e)) + 1;
  const bound = firstByte(request, i) === OPEN ? FROM : BEHIND;
  return by === 'score' ? sortedSets.countScores(e, scoreAt(request, i), bound) : countNames(request, i, db, e, bound);
}

function countNames(request: Request, i: number, db: Database, e: number, bound: Bound): number {
  const { values, slices } = db.engine;
  const c = firstByte(request, i);
  if (c === LOWEST) return 0;
  if (c === HIGHEST) return values.sortedSets.count(e);
  const name = slices[0].set(request.buf, request.view, request.off[i] + 1, request.len[i] - 1);
  return values.sortedSets.countBytes(e, name, bound);
}
