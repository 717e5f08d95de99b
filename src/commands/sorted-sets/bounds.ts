/**
 * Bounds of ranges, as clients write them, and the ranks they mean in a sorted set.
 *
 *   by rank    0  -1                      below zero counts from the end
 *   by score   1.5  (1.5  -inf  +inf      '(' leaves the bound itself out
 *   by name    [abc  (abc  -  +           '-' and '+' are before and behind all names; where all scores are equal
 *
 * A range is `first ≤ rank < end`. Bounds are looked at before the key is (`areBounds`), and then once more to find the
 * ranks (`locate`): nothing has to be kept in between. Where scores are mixed a range of names means nothing; a small
 * sorted set is walked as Redis walks it, so that even then the same members are found.
 *
 * HOT: nothing is allocated. bench: ZRANGEBYSCORE
 */
import { ERRORS } from '../../base/errors.js';
import { compareBytes } from '../../base/bytes.js';
import { parseBound } from '../../base/numbers.js';
import type { Slice } from '../../base/slice.js';
import { ZSET_PACK } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import { BEHIND, type Bound, FROM } from '../../keyspace/types/sorted-set.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt, rangeEnd, rangeStart } from '../arguments.js';

export type By = 'rank' | 'score' | 'name';

/** What is asked for, and the ranks that it means. */
export class Range {
  by: By = 'rank';
  /** The arguments that are the lower and the upper bound. */
  low = 2;
  high = 3;
  /** Which end the walk comes from matters to names only. */
  towards: End = RIGHT;
  first = 0;
  end = 0;
}

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

/** Finds the ranks of a range in a sorted set. */
export function locate(range: Range, request: Request, db: Database, e: number): void {
  if (range.by === 'name' && db.kind(e) === ZSET_PACK) return walkNames(range, request, db, e);
  range.first = firstRank(range.by, request, range.low, db, e);
  range.end = endRank(range.by, request, range.high, db, e);
}

function firstRank(by: By, request: Request, i: number, db: Database, e: number): number {
  const { sortedSets } = db.engine.values;
  if (by === 'rank') return rangeStart(integerAt(request, i), sortedSets.count(e));
  const bound = firstByte(request, i) === OPEN ? BEHIND : FROM;
  return by === 'score' ? sortedSets.countScores(e, scoreAt(request, i), bound) : countNames(request, i, db, e, bound);
}

/** The rank behind the last one. */
function endRank(by: By, request: Request, i: number, db: Database, e: number): number {
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

/**
 * None if the last member lies before the range, or the first one behind it. Else from one end on: the first member
 * that its nearer bound lets in, and all behind that which the farther one does.
 */
function walkNames(range: Range, request: Request, db: Database, e: number): void {
  const { sortedSets } = db.engine.values;
  const { cursor } = sortedSets;
  const { member } = cursor;
  const { low, high } = range;
  const count = sortedSets.count(e);
  range.first = range.end = 0;
  sortedSets.seek(e, 0, cursor);
  if (!isUpTo(request, high, member)) return;
  sortedSets.seek(e, count - 1, cursor);
  if (!isFrom(request, low, member)) return;
  let more = true;
  if (range.towards === LEFT) {
    let rank = count;
    for (; !isUpTo(request, high, member); rank--) sortedSets.step(cursor, LEFT);
    for (range.end = rank; more && isFrom(request, low, member); rank--) more = sortedSets.step(cursor, LEFT);
    range.first = rank;
    return;
  }
  sortedSets.seek(e, 0, cursor);
  let rank = 0;
  for (; !isFrom(request, low, member); rank++) sortedSets.step(cursor, RIGHT);
  for (range.first = rank; more && isUpTo(request, high, member); rank++) more = sortedSets.step(cursor, RIGHT);
  range.end = rank;
}

/** Whether a member is not before the lower bound of argument i. */
function isFrom(request: Request, i: number, member: Slice): boolean {
  const c = firstByte(request, i);
  if (c === LOWEST || c === HIGHEST) return c === LOWEST;
  const order = compareName(request, i, member);
  return c === OPEN ? order > 0 : order >= 0;
}

/** Whether a member is not behind the upper bound of argument i. */
function isUpTo(request: Request, i: number, member: Slice): boolean {
  const c = firstByte(request, i);
  if (c === LOWEST || c === HIGHEST) return c === HIGHEST;
  const order = compareName(request, i, member);
  return c === OPEN ? order < 0 : order <= 0;
}

function compareName(request: Request, i: number, { u8, off, len }: Slice): number {
  return compareBytes(u8, off, len, request.buf, request.off[i] + 1, request.len[i] - 1);
}
