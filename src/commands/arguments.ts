/**
 * How handlers read numbers out of arguments, and answer where there is none.
 *
 *   const n = readInteger(request, 2, reply);
 *   if (Number.isNaN(n)) return;                       // NaN: it was no integer, and the client was told
 *
 * 64 bits do not fit a double. An integer of a client is therefore a number up to ±2⁵³, and beyond that ±Infinity:
 * which clamps by itself where it is an index or a count. Who has to be exact (counters, times) goes on with
 * `int64At`, off the common path.
 *
 * HOT: nothing is allocated but by `int64At`. bench: LRANGE
 */
import { ERRORS } from '../base/errors.js';
import { parseDouble, parseInt64, parseInteger } from '../base/numbers.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';

const INT64_MIN = -(2n ** 63n);
const INT_MAX = 0x7fffffff;
const INT_MIN = -0x80000000;
const HALF_INT64_MAX = 2n ** 62n - 1n;

/** Argument i as an integer, silently: NaN if it is none, ±Infinity beyond 2⁵³. */
export function integerAt(request: Request, i: number): number {
  return parseInteger(request.buf, request.off[i], request.len[i]);
}

/** Argument i as an exact integer of 64 bits, null if it is none. Allocates. */
export function int64At(request: Request, i: number): bigint | null {
  return parseInt64(request.buf, request.off[i], request.len[i]);
}

/** Argument i as an integer; NaN where it is none, and the reply says so. */
export function readInteger(request: Request, i: number, reply: ReplyWriter): number {
  const n = integerAt(request, i);
  if (Number.isNaN(n)) reply.error(ERRORS.NOT_INTEGER);
  return n;
}

/** What fits an int of C; NaN where the argument does not, and the reply says so. */
export function readInt32(request: Request, i: number, reply: ReplyWriter): number {
  const n = readInteger(request, i, reply);
  if (n <= INT_MAX && n >= INT_MIN) return n;
  if (!Number.isNaN(n)) reply.error(ERRORS.INT_BETWEEN);
  return Number.NaN;
}

/** The number of a database; -1 where there is none of that number, and the reply says so. */
export function readDatabase(request: Request, i: number, databaseCount: number, reply: ReplyWriter): number {
  const index = readInt32(request, i, reply);
  if (Number.isNaN(index)) return -1;
  if (index >= 0 && index < databaseCount) return index;
  reply.error(ERRORS.DB_OUT_OF_RANGE);
  return -1;
}

/**
 * An integer from `min` on. Whatever does not suit is answered by `refusal`, be it a word or a number: so are
 * `numkeys`, the COUNT of most commands and the count of LPOP read.
 */
export function readAtLeast(request: Request, i: number, min: number, refusal: string, reply: ReplyWriter): number {
  const n = integerAt(request, i);
  if (n >= min) return n;
  reply.error(refusal);
  return Number.NaN;
}

/** LMPOP, ZMPOP: [COUNT count] from argument `from` on. 1 where nothing stands there, NaN where the reply says so. */
export function readCountOption(request: Request, from: number, reply: ReplyWriter): number {
  let count = 0;
  for (let i = from; i < request.argc; i += 2) {
    if (count > 0 || i + 1 >= request.argc || !request.is(i, 'count')) {
      reply.error(ERRORS.SYNTAX);
      return Number.NaN;
    }
    count = readAtLeast(request, i + 1, 1, ERRORS.COUNT_POSITIVE, reply);
    if (Number.isNaN(count)) return count;
  }
  return count === 0 ? 1 : count;
}

/** The count of SRANDMEMBER and its kin: its sign means something, so the one number without an opposite is refused. */
export function readSignedCount(request: Request, i: number, reply: ReplyWriter): number {
  const n = readInteger(request, i, reply);
  if (n !== Number.NEGATIVE_INFINITY || int64At(request, i) !== INT64_MIN) return n;
  reply.error(ERRORS.COUNT_BETWEEN);
  return Number.NaN;
}

/** Whether 64 bits hold twice the integer in argument i: WITHSCORES and WITHVALUES make two elements of one. */
export function fitsTwice(request: Request, i: number): boolean {
  if (Number.isFinite(integerAt(request, i))) return true;
  const n = int64At(request, i);
  return n !== null && n <= HALF_INT64_MAX && n >= -HALF_INT64_MAX;
}

/** Argument i as a double; NaN where it is none, and the reply says so. */
export function readDouble(request: Request, i: number, reply: ReplyWriter): number {
  const x = parseDouble(request.buf, request.off[i], request.len[i]);
  if (Number.isNaN(x)) reply.error(ERRORS.NOT_FLOAT);
  return x;
}

/** The first element that a range from `index` on means, of n: below zero counts from the end. */
export function rangeStart(index: number, n: number): number {
  return index < 0 ? Math.max(0, n + index) : index;
}

/** The last element that a range up to `index` means; the range is empty if that lies before its start. */
export function rangeEnd(index: number, n: number): number {
  return index < 0 ? n + index : Math.min(index, n - 1);
}
