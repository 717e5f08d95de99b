/**
 * Turns bytes from a socket into requests, in place, any chunk size, with nothing allocated per command.
 *
 *   shared read buffer   *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n*2\r\n$3...
 *                        ^commandStart ^off[0]     ^off[1]   ^off[2]     ^pos      end^
 *
 * Up to BATCH commands of a pipeline are parsed before the first one runs: that allows looking up their keys ahead,
 * with the cache misses side by side. An inline request is decoded in place, so it is always a batch of its own, and
 * whatever follows a request that has not run can be parsed again.
 *
 * All clients share ONE parser working on the shared read buffer. Only when a command is split over two reads does
 * its client get a private parser with a private buffer (`carryOver`); that one keeps its state between reads, so a
 * huge command arriving in many pieces is never parsed from the start again.
 *
 * HOT. Total over its input: no bytes make it throw. Limits and texts as observed on 7.0.15. bench: all
 */
import { viewOf } from '../base/bytes.js';
import { Request } from './request.js';

export const NEED_MORE = 0;
export const COMMAND = 1;
export const PROTOCOL_ERROR = -1;

const CR = 13;
const LF = 10;
const DOLLAR = 36;
const MINUS = 45;
const STAR = 42;
const ZERO = 48;
/** A line longer than this is refused: PROTO_INLINE_MAX_SIZE. */
const LINE_MAX = 64 * 1024;
const MULTIBULK_MAX = 0x7fffffff;
/** What a client that has not authenticated may send. */
const STRANGER_ARGS = 10;
const STRANGER_BULK = 16384;
/** Results of `parseCount` that are not a number. */
const COUNT_MORE = -2147483648;
const COUNT_BAD = -2147483647;
/** A private buffer starts with this many bytes, and a huge value does not grow it by more than this at a time. */
const PRIVATE_MIN = 16 * 1024;

export const BATCH = 32;

/** What the configuration says of requests; one object per node, read at each bulk. */
export interface RequestLimits {
  readonly protoMaxBulkLen: number;
}

export class RequestParser {
  /** The commands parsed by `batch`, then the unfinished one. */
  readonly reqs: Request[] = [];
  status = NEED_MORE;
  error = '';
  unauthenticated = false;
  private pos = 0;
  private end = 0;
  private commandStart = 0;
  private argsLeft = 0;
  private bulkLen = -1; // length of the bulk whose bytes are awaited, or -1
  private scanned = 0; // inline requests: no LF before this offset
  private filled = 0; // commands parsed by the last batch
  private inline = false; // the last request parsed was an inline one
  private req: Request; // the one being filled

  constructor(
    private buf: Buffer,
    private readonly limits: RequestLimits,
  ) {
    const view = viewOf(buf);
    for (let i = 0; i < BATCH; i++) this.reqs.push(new Request(buf, view));
    this.req = this.reqs[0];
  }

  /** Starts on `length` fresh bytes at the start of the buffer. */
  feed(length: number): void {
    this.pos = 0;
    this.end = length;
  }

  /** Parses up to BATCH commands into `reqs` and returns how many; `status` says why it stopped. */
  batch(): number {
    const reqs = this.reqs;
    if (this.argsLeft > 0) {
      const partial = reqs[this.filled];
      reqs[this.filled] = reqs[0];
      reqs[0] = partial;
    }
    const most = this.unauthenticated ? 1 : BATCH;
    let n = 0;
    let status = COMMAND;
    while (n < most) {
      if (n > 0 && this.argsLeft === 0 && this.pos < this.end && this.buf[this.pos] !== STAR) break; // inline: alone
      this.req = reqs[n];
      status = this.next();
      if (status !== COMMAND) break;
      n++;
      if (this.inline) break;
    }
    this.filled = n;
    this.status = status;
    return n;
  }

  /** Takes back the requests from k on, which have not run: they will be parsed again. */
  takeBack(k: number): void {
    if (k < this.filled) this.pos = this.reqs[k].start;
    else this.pos = this.commandStart;
    this.commandStart = this.pos;
    this.argsLeft = this.filled = this.scanned = 0;
    this.bulkLen = -1;
    this.status = NEED_MORE;
    this.error = '';
  }

  /** The next complete command (in `req`), NEED_MORE, or PROTOCOL_ERROR (text in `error`). */
  private next(): number {
    const buf = this.buf,
      req = this.req;
    while (this.argsLeft === 0) {
      this.commandStart = this.pos;
      if (this.pos >= this.end) return NEED_MORE;
      req.argc = 0;
      req.hashed = false;
      req.start = this.pos;
      this.inline = false;
      if (buf[this.pos] !== STAR) {
        this.inline = true;
        const status = this.parseInline();
        if (status !== COMMAND || req.argc > 0) return status;
        continue;
      }
      const n = this.parseCount('mbulk');
      if (n === COUNT_MORE) return this.error === '' ? NEED_MORE : PROTOCOL_ERROR;
      if (n === COUNT_BAD || n > MULTIBULK_MAX) return this.fail('invalid multibulk length');
      if (n > STRANGER_ARGS && this.unauthenticated) return this.fail('unauthenticated multibulk length');
      if (n > 0) this.argsLeft = n;
    }
    return this.parseBulks();
  }

  private parseBulks(): number {
    const buf = this.buf,
      req = this.req,
      end = this.end;
    while (this.argsLeft > 0) {
      let n = this.bulkLen;
      if (n < 0) {
        const p = this.pos;
        // Fast path: "$<digit>\r\n" and "$<digit><digit>\r\n".
        const d = buf[p + 1] - ZERO,
          e = buf[p + 2];
        if (p + 5 <= end && buf[p] === DOLLAR && d >= 0 && d <= 9 && e === CR) {
          n = d;
          this.pos = p + 4;
        } else if (p + 5 <= end && buf[p] === DOLLAR && d > 0 && d <= 9 && e >= ZERO && e <= 57 && buf[p + 3] === CR) {
          n = d * 10 + e - ZERO;
          this.pos = p + 5;
        } else {
          if (p >= end) return NEED_MORE;
          n = this.parseCount('bulk');
          if (n === COUNT_MORE) return this.error === '' ? NEED_MORE : PROTOCOL_ERROR;
          if (n < 0 || n > this.limits.protoMaxBulkLen) return this.fail('invalid bulk length');
          if (n > STRANGER_BULK && this.unauthenticated) return this.fail('unauthenticated bulk length');
        }
      }
      if (this.pos + n + 2 > end) {
        this.bulkLen = n;
        return NEED_MORE;
      }
      this.bulkLen = -1;
      req.push(this.pos, n);
      this.pos += n + 2;
      this.argsLeft--;
    }
    return COMMAND;
  }

  /** Parses "<type><number>\r\n" at pos; strict like redis' string2ll (no leading zero, no plus). */
  private parseCount(what: string): number {
    const buf = this.buf,
      end = this.end;
    const limit = Math.min(end, this.pos + LINE_MAX + 1);
    let p = this.pos + 1;
    while (p < limit && buf[p] !== CR) p++;
    if (p >= limit) {
      if (end - this.pos > LINE_MAX) this.fail(`too big ${what} count string`);
      return COUNT_MORE;
    }
    if (p + 1 >= end) return COUNT_MORE;
    if (what === 'bulk' && buf[this.pos] !== DOLLAR) {
      this.fail(`expected '$', got '${String.fromCharCode(buf[this.pos])}'`);
      return COUNT_MORE;
    }
    let i = this.pos + 1;
    const negative = buf[i] === MINUS;
    if (negative) i++;
    let n = 0;
    if (i === p || p - i > 10 || (buf[i] === ZERO && (negative || p - i > 1))) return COUNT_BAD;
    for (; i < p; i++) {
      const d = buf[i] - ZERO;
      if (d < 0 || d > 9) return COUNT_BAD;
      n = n * 10 + d;
    }
    this.pos = p + 2;
    return negative ? -1 : n;
  }

  /** A line of words with redis' quoting rules; escapes only shrink, so it decodes in place. */
  private parseInline(): number {
    const buf = this.buf;
    let nl = Math.max(this.pos, this.scanned);
    while (nl < this.end && buf[nl] !== LF) nl++;
    if (nl === this.end) {
      this.scanned = nl;
      if (nl - this.pos > LINE_MAX) return this.fail('too big inline request');
      return NEED_MORE;
    }
    this.scanned = 0;
    let p = this.pos;
    const stop = nl > p && buf[nl - 1] === CR ? nl - 1 : nl;
    this.pos = nl + 1;
    for (;;) {
      while (p < stop && isSpace(buf[p])) p++;
      if (p >= stop || buf[p] === 0) return COMMAND;
      p = this.parseWord(p, stop);
      if (p < 0) return this.fail('unbalanced quotes in request');
    }
  }

  /** One word starting at p; returns the offset after it, or -1 for unbalanced quotes. */
  private parseWord(p: number, stop: number): number {
    const buf = this.buf,
      start = p;
    let w = p,
      quote = 0;
    for (; ; p++) {
      if (p >= stop || buf[p] === 0) {
        if (quote !== 0) return -1;
        break;
      }
      const c = buf[p];
      if (quote === 0) {
        if (isSpace(c) && c !== 11 && c !== 12) break;
        if (c === 34 || c === 39) quote = c;
        else buf[w++] = c;
      } else if (c === quote) {
        if (p + 1 < stop && buf[p + 1] !== 0 && !isSpace(buf[p + 1])) return -1;
        p++;
        break;
      } else if (c === 92 && quote === 34 && p + 1 < stop) {
        const hi = hex(buf[p + 2]),
          lo = hex(buf[p + 3]);
        if (buf[p + 1] === 120 && p + 3 < stop && hi >= 0 && lo >= 0) {
          buf[w++] = hi * 16 + lo;
          p += 3;
        } else buf[w++] = unescape(buf[++p]);
      } else if (c === 92 && quote === 39 && p + 1 < stop && buf[p + 1] === 39) buf[w++] = buf[++p];
      else buf[w++] = c;
    }
    this.req.push(start, w - start);
    return p;
  }

  private fail(text: string): number {
    this.error = 'Protocol error: ' + text;
    return PROTOCOL_ERROR;
  }

  /** Forgets everything, after a protocol error. */
  reset(): void {
    this.argsLeft = this.pos = this.end = this.commandStart = this.scanned = 0;
    this.bulkLen = -1;
    this.filled = 0;
    this.error = '';
  }

  /** Bytes of the buffer that wait for the rest of their command. */
  get pendingBytes(): number {
    return this.end - this.commandStart;
  }

  /** Bytes of the buffer. */
  get capacity(): number {
    return this.buf.length;
  }

  get idle(): boolean {
    return this.argsLeft === 0 && this.pos >= this.end;
  }

  /** Moves the unfinished command into a parser of its own; this one is clean again. */
  carryOver(): RequestParser {
    const rest = this.end - this.commandStart;
    const buf = Buffer.allocUnsafeSlow(Math.max(PRIVATE_MIN, rest * 2));
    this.buf.copy(buf, 0, this.commandStart, this.end);
    const p = new RequestParser(buf, this.limits);
    p.unauthenticated = this.unauthenticated;
    p.argsLeft = this.argsLeft;
    p.bulkLen = this.bulkLen;
    p.pos = this.pos - this.commandStart;
    p.scanned = Math.max(0, this.scanned - this.commandStart);
    p.end = rest;
    if (this.argsLeft > 0)
      for (let i = 0; i < this.req.argc; i++) p.req.push(this.req.off[i] - this.commandStart, this.req.len[i]);
    this.reset();
    return p;
  }

  /** Private parsers only: appends a read, first dropping the commands already done. */
  append(src: Buffer, length: number): void {
    const start = this.commandStart,
      rest = this.end - start;
    const awaited = this.bulkLen >= 0 ? this.pos - start + this.bulkLen + 2 : 0;
    if (rest + length > this.buf.length) {
      const size = Math.max(rest + length, Math.min(awaited, (rest + length) * 4), (rest + length) * 1.5) | 0;
      const grown = Buffer.allocUnsafeSlow(size);
      this.buf.copy(grown, 0, start, this.end);
      this.buf = grown;
      const view = viewOf(grown);
      for (const req of this.reqs) {
        req.buf = grown;
        req.view = view;
      }
    } else if (start > 0) this.buf.copyWithin(0, start, this.end);
    src.copy(this.buf, rest, 0, length);
    if (start > 0) for (let i = 0; i < this.req.argc; i++) this.req.off[i] -= start;
    this.pos -= start;
    this.scanned = Math.max(0, this.scanned - start);
    this.commandStart = 0;
    this.end = rest + length;
  }
}

function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}

function hex(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const l = c | 32;
  return l >= 97 && l <= 102 ? l - 87 : -1;
}

function unescape(c: number): number {
  switch (c) {
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    case 98:
      return 8;
    case 97:
      return 7;
    default:
      return c;
  }
}
