/**
 * What SCAN, SSCAN, HSCAN and ZSCAN have in common: the cursor, and the options behind it.
 *
 *   SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]        TYPE for SCAN alone; the last of equal options holds
 */
import { ERRORS } from '../base/errors.js';
import { Glob } from '../base/glob.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';
import { readInteger } from './arguments.js';

/** Cursors of ours have no more bits than that; what a client makes up is cut to them. */
const CURSOR_MASK = (1n << 45n) - 1n;
const UINT64_END = 1n << 64n;
const DEFAULT_COUNT = 10;
const STAR = 42;

export interface ScanOptions {
  /** Null: everything matches. */
  readonly glob: Glob | null;
  /** About so many elements a call. */
  readonly count: number;
  /** In lower case, null if none was asked for. */
  readonly type: string | null;
}

/** A cursor as C's strtoul reads it; NaN where it is none, and the reply says so. */
export function readCursor(request: Request, i: number, reply: ReplyWriter): number {
  const text = request.text(i).split('\0', 1)[0];
  const digits = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text;
  const n = isDecimal(digits) ? BigInt(digits) : null;
  if (text === '') return 0;
  if (n === null || n >= UINT64_END) {
    reply.error(ERRORS.INVALID_CURSOR);
    return Number.NaN;
  }
  return Number((text.startsWith('-') ? -n : n) & CURSOR_MASK);
}

/** SSCAN, HSCAN, ZSCAN of a missing key: over at once, and nobody looks at the options. */
export function writeEmptyScan(reply: ReplyWriter): void {
  reply.arrayHeader(2);
  reply.bulkInteger(0);
  reply.arrayHeader(0);
}

function isDecimal(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 48 || text.charCodeAt(i) > 57) return false;
  return text !== '';
}

/** The options from argument `from` on; null where they are wrong, and the reply says so. */
export function readScanOptions(
  request: Request,
  from: number,
  reply: ReplyWriter,
  mayAskType: 'type' | 'no type',
): ScanOptions | null {
  let glob: Glob | null = null;
  let count = DEFAULT_COUNT;
  let type: string | null = null;
  for (let i = from; i < request.argc; i += 2) {
    const hasValue = i + 1 < request.argc;
    if (hasValue && request.is(i, 'count')) {
      count = readInteger(request, i + 1, reply);
      if (Number.isNaN(count)) return null;
      if (count < 1) return wrong(reply);
    } else if (hasValue && request.is(i, 'match')) glob = globOf(request, i + 1);
    else if (hasValue && mayAskType === 'type' && request.is(i, 'type')) type = request.text(i + 1).toLowerCase();
    else return wrong(reply);
  }
  return { glob, count, type };
}

/** A pattern; null for '*', which matches everything. */
export function globOf(request: Request, i: number): Glob | null {
  const isStar = request.len[i] === 1 && request.buf[request.off[i]] === STAR;
  return isStar ? null : new Glob(request.bytes(i));
}

function wrong(reply: ReplyWriter): null {
  reply.error(ERRORS.SYNTAX);
  return null;
}
