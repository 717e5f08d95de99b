/**
 * Turns bytes from a socket into requests, in place, any chunk size, with nothing allocated per command.
 *
 *   shared read buffer   *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n*2\r\n$3...
 *                        ^commandStart ^off[0]     ^off[1]   ^off[2]     ^pos      end^
 *
 * Up to BATCH commands of a pipeline are parsed before the first one runs: that allows looking up their keys ahead,
 * with the cache misses side by side. What follows a request that could not run is parsed again later. Only an inline
 * request cannot be read twice, since it is decoded in place: it is always a batch of its own, and kept as it is.
 *
 * All clients share ONE parser working on the shared read buffer. Only when a command is split over two reads does
 * its client get a private parser with a private buffer (`carryOver`); that one keeps its state between reads, so a
 * huge command arriving in many pieces is never parsed from the start again.
 *
 * HOT. Total over its input: no bytes make it throw. Limits and texts as observed on 7.0.15, where a line ends at its
 * first CR or LF but is never found behind a NUL byte. bench: all
 */
import { viewOf } from '../base/bytes.js';
import { readWords } from './inline.js';
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
/** An inline request comes next: it does not belong into a batch that has begun. */
const ANOTHER_BATCH = 2;
/** Results of `parseCount` that are not a number. */
const COUNT_MORE = -2147483648;
const COUNT_BAD = -2147483647;
/** Half of what a buffer can hold: there is always room for the command around it. */
const BULK_MAX = 0x3fffffff;
/** Offsets in a request are 32 bits, so no buffer may be longer than this, whatever the configuration allows. */
export const PRIVATE_MAX = 0x7fff0000;
/** The digits of -2^63. */
const LOWEST = Buffer.from('9223372036854775808');
/** A private buffer starts with this many bytes, and a huge value does not grow it by more than this at a time. */
const PRIVATE_MIN = 16 * 1024;
const GROW_MAX = 64 << 20;

export const BATCH = 64;

/** What the configuration says of requests; one object per node, read at each bulk. */
export interface RequestLimits {
  readonly protoMaxBulkLen: number;
}

export class RequestParser {
  /** The commands parsed by `batch`, then the unfinished one. */
  readonly reqs: Request[] = [];
  status = NEED_MORE;
  /** What the protocol error is, in Redis' words. */
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
  private kept = false; // reqs[0] is an inline request that was taken back
  private req: Request; // the one being filled

  constructor(
    private buf: Buffer,
    private readonly limits: RequestLimits,
  ) {
    this.req = new Request(buf, viewOf(buf));
    this.reqs.push(this.req);
  }

  /** Starts on `length` fresh bytes at the start of the buffer. */
  feed(length: number): void {
    this.pos = this.commandStart = 0;
    this.end = length;
  }

  /** Parses up to BATCH commands into `reqs` and returns how many; `status` says why it stopped. */
  batch(): number {
    const reqs = this.reqs;
    if (this.kept) {
      this.kept = false;
      this.status = COMMAND;
      return (this.filled = 1);
    }
    if (this.argsLeft > 0) {
      const partial = reqs[this.filled];
      reqs[this.filled] = reqs[0];
      reqs[0] = partial;
    }
    const most = this.unauthenticated ? 1 : BATCH;
    let n = 0;
    let status = COMMAND;
    while (n < most) {
      if (n === reqs.length) reqs.push(new Request(this.buf, this.req.view));
      this.req = reqs[n];
      this.filled = n;
      status = this.next();
      if (status !== COMMAND) break;
      n++;
      if (this.inline) break;
    }
    this.filled = n;
    this.status = status === ANOTHER_BATCH ? COMMAND : status;
    return n;
  }

  /** Takes back the requests from k on, which have not run: they will be parsed again. */
  takeBack(k: number): void {
    if (k < this.filled && this.inline) this.kept = true;
    else if (k < this.filled) this.pos = this.commandStart = this.reqs[k].start;
    else if (this.status === COMMAND) this.commandStart = this.pos;
    else this.pos = this.commandStart;
    this.argsLeft = this.filled = this.scanned = 0;
    this.bulkLen = -1;
    this.status = NEED_MORE;
    this.error = '';
  }

  /** The last batch is a line of words, as people type them, and not an array. */
  get isTyped(): boolean {
    return this.inline && this.filled > 0;
  }

  /** How many bytes of the buffer lie behind the k-th command of the last batch. */
  bytesBehind(k: number): number {
    if (k + 1 < this.filled) return this.end - this.reqs[k + 1].start;
    return this.end - (this.argsLeft > 0 ? this.commandStart : this.pos);
  }

  /** The next complete command (in `req`), NEED_MORE, or PROTOCOL_ERROR (text in `error`). */
  private next(): number {
    const buf = this.buf,
      req = this.req;
    while (this.argsLeft === 0) {
      this.commandStart = this.pos;
      if (this.pos >= this.end) return NEED_MORE;
      req.restart();
      req.start = this.pos;
      this.inline = false;
      if (buf[this.pos] !== STAR) {
        if (this.filled > 0) return ANOTHER_BATCH;
        this.inline = true;
        const status = this.parseInline();
        if (status !== COMMAND || req.argc > 0) return status;
        continue;
      }
      // Fast path: "*<digit>\r\n".
      const d = buf[this.pos + 1] - ZERO;
      if (d > 0 && d <= 9 && buf[this.pos + 2] === CR && this.pos + 4 <= this.end) {
        this.pos += 4;
        this.argsLeft = d;
        break;
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
          if (n < 0 || n > this.limits.protoMaxBulkLen || n > BULK_MAX) return this.fail('invalid bulk length');
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

  /** Parses "<type><number>\r\n" at pos. */
  private parseCount(what: string): number {
    const buf = this.buf,
      end = this.end;
    const limit = Math.min(end, this.pos + LINE_MAX + 1);
    let p = this.pos;
    while (p < limit && buf[p] !== CR && buf[p] !== 0) p++;
    if (p >= limit || buf[p] === 0) {
      if (end - this.pos > LINE_MAX) this.fail(`too big ${what} count string`);
      return COUNT_MORE;
    }
    if (p + 1 >= end) return COUNT_MORE;
    if (what === 'bulk' && buf[this.pos] !== DOLLAR) {
      this.fail(`expected '$', got '${String.fromCharCode(buf[this.pos])}'`);
      return COUNT_MORE;
    }
    const n = countOf(buf, this.pos + 1, p);
    if (n !== COUNT_BAD) this.pos = p + 2;
    return n;
  }

  /** A line of words with redis' quoting rules; escapes only shrink, so it decodes in place. */
  private parseInline(): number {
    const buf = this.buf;
    const limit = Math.min(this.end, this.pos + LINE_MAX + 1);
    let nl = Math.max(this.pos, this.scanned);
    while (nl < limit && buf[nl] !== LF && buf[nl] !== 0) nl++;
    if (nl >= limit || buf[nl] === 0) {
      this.scanned = nl;
      if (this.end - this.pos > LINE_MAX) return this.fail('too big inline request');
      return NEED_MORE;
    }
    this.scanned = 0;
    const start = this.pos;
    const stop = nl > start && buf[nl - 1] === CR ? nl - 1 : nl;
    this.pos = nl + 1;
    if (readWords(buf, start, stop, this.req)) return COMMAND;
    this.pos = start;
    return this.fail('unbalanced quotes in request');
  }

  private fail(text: string): number {
    this.error = text;
    return PROTOCOL_ERROR;
  }

  /** Forgets everything, after a protocol error. */
  reset(): void {
    this.argsLeft = this.pos = this.end = this.commandStart = this.scanned = 0;
    this.bulkLen = -1;
    this.filled = 0;
    this.kept = false;
    this.error = '';
  }

  /** Bytes of the buffer that wait for the rest of their command. */
  get pendingBytes(): number {
    return this.end - this.commandStart;
  }

  /** Those of them that are not yet arguments: what redis calls the query buffer. */
  get unparsedBytes(): number {
    return this.end - this.pos;
  }

  /** A copy of the first unparsed bytes, `most` of them. */
  unparsed(most: number): Buffer {
    return Buffer.from(this.buf.subarray(this.pos, Math.min(this.end, this.pos + most)));
  }

  /** Bytes of the buffer. */
  get capacity(): number {
    return this.buf.length;
  }

  get idle(): boolean {
    return this.argsLeft === 0 && this.pos >= this.end && !this.kept;
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
    p.kept = p.inline = this.kept;
    if (this.argsLeft > 0 || this.kept)
      for (let i = 0; i < this.req.argc; i++) p.req.push(this.req.off[i] - this.commandStart, this.req.len[i]);
    this.reset();
    return p;
  }

  /** Private parsers only: appends a read, first dropping the commands already done. False: it would be too long. */
  append(src: Buffer, length: number): boolean {
    const start = this.commandStart,
      rest = this.end - start,
      need = rest + length;
    if (need > PRIVATE_MAX) return false;
    if (need > this.buf.length) this.grow(need);
    else if (start > 0) this.buf.copyWithin(0, start, this.end);
    src.copy(this.buf, rest, 0, length);
    if (start > 0) {
      const { req } = this;
      req.start -= start;
      for (let i = 0; i < req.argc; i++) req.off[i] -= start;
    }
    this.pos -= start;
    this.scanned = Math.max(0, this.scanned - start);
    this.commandStart = 0;
    this.end = need;
    return true;
  }

  /** Makes room for `need` bytes and copies what is not done. An awaited value gets its room in few steps. */
  private grow(need: number): void {
    const start = this.commandStart;
    const awaited = this.bulkLen >= 0 ? this.pos - start + this.bulkLen + 2 : 0;
    const size = Math.max(need, Math.min(awaited, need * 4), Math.min(need * 1.5, need + GROW_MAX));
    const grown = Buffer.allocUnsafeSlow(Math.min(Math.floor(size), PRIVATE_MAX));
    this.buf.copy(grown, 0, start, this.end);
    this.buf = grown;
    const view = viewOf(grown);
    for (const req of this.reqs) {
      req.buf = grown;
      req.view = view;
    }
  }
}

/**
 * The number in buf[at, end): strict like redis' string2ll, so no leading zero and no plus. Below zero all are alike
 * (-1); above ten digits all are too big.
 */
function countOf(buf: Buffer, at: number, end: number): number {
  const negative = buf[at] === MINUS;
  if (negative) at++;
  const digits = end - at;
  if (digits <= 0 || digits > 19 || (buf[at] === ZERO && (negative || digits > 1))) return COUNT_BAD;
  let n = 0;
  for (let i = at; i < end; i++) {
    const d = buf[i] - ZERO;
    if (d < 0 || d > 9) return COUNT_BAD;
    n = n * 10 + d;
  }
  if (!negative) return n;
  return digits < 19 || buf.compare(LOWEST, 0, LOWEST.length, at, end) <= 0 ? -1 : COUNT_BAD;
}
