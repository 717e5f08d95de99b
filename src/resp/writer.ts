/**
 * Writes replies straight into one output buffer shared by all clients of a node.
 *
 *   buf  |replies of A|replies of B|+OK\r\n$5\r\nhello\r\n:17\r\n......|
 *                                  ^from                        ^pos
 *
 * Before `from` lie replies that wait for the end of the turn (node/outbox.ts keeps whose they are), behind it the
 * replies to the present read. One client is served to its end before the next one starts, so one buffer is enough.
 *
 * Replies that outgrow it are not moved to a bigger one again and again: what is written is set aside as a whole
 * (`spilled`), and a new buffer goes on. So no reply is too long, and none costs more than one copy.
 *
 * `resp` is the protocol of the present client: the methods write what it understands, so handlers need not ask.
 *
 * HOT. `reserve` once, then write unchecked. Small headers are one 32-bit store. bench: all
 */
import { copyBytes, decimalLength, viewOf, writeDigits } from '../base/bytes.js';
import { formatScore } from '../base/numbers.js';
import type { Slice } from '../base/slice.js';

export const BASE_SIZE = 256 * 1024;
/** From so many bytes on the replies to the present read are set aside when the buffer is full. */
const SPILL_FROM = 512 * 1024;
const SPILL_SIZE = 1024 * 1024;

const CRLF16 = 0x0a0d;
const OK_WORD = 0x0d4b4f2b; // "+OK\r", little endian
const NIL_WORD = 0x0d312d24; // "$-1\r"
/** "$0\r\n" and ":0\r\n" as little-endian words; the digit is added in its place. */
const BULK_WORD = 0x0a0d3024;
const INT_WORD = 0x0a0d303a;
const ARRAY_WORD = 0x0a0d302a;
/** Room for the header of any bulk, with its CRLF behind. */
const HEADER_ROOM = 24;

export class ReplyWriter {
  buf: Buffer = Buffer.allocUnsafeSlow(BASE_SIZE);
  view: DataView = viewOf(this.buf);
  pos = 0;
  from = 0;
  /** 2 or 3: the protocol of the client being served. */
  resp = 2;
  /** The replies to the present read begin with these; the rest of them stands in `buf` behind `from`. */
  private spilled: Buffer[] = [];
  spilledBytes = 0;
  /** Asked when bytes are set aside: false where so many are too many for the client, which then gets none of them. */
  maySpill: (bytes: number) => boolean = () => true;
  /** It was said that so many are too many: whoever writes without end may stop. */
  isTooMuch = false;
  /** Errors written since the start; the dispatcher compares it to know whether a command failed. */
  errorCount = 0;
  /** Bytes of the last `bulk`: they stand right before its line end, for whoever moves an element. */
  lastBulkLength = 0;
  /** Text of the last error, for the statistics of INFO errorstats. */
  lastError = '';

  /** Room for n more bytes; call once, then write without further checks. */
  reserve(n: number): void {
    if (this.pos + n > this.buf.length) this.makeRoom(n);
  }

  private makeRoom(n: number): void {
    if (this.pos - this.from >= SPILL_FROM) this.spill(Math.max(SPILL_SIZE, this.from + n));
    else this.moveTo(Math.max(this.buf.length * 2, this.pos + n), this.pos);
  }

  /** A new buffer that begins with the first `kept` bytes of the old one. */
  private moveTo(size: number, kept: number): void {
    const buf = Buffer.allocUnsafeSlow(size);
    this.buf.copy(buf, 0, 0, kept);
    this.buf = buf;
    this.view = viewOf(buf);
  }

  private spill(size: number): void {
    this.spilled.push(this.buf.subarray(this.from, this.pos));
    this.spilledBytes += this.pos - this.from;
    this.moveTo(size, this.from);
    this.pos = this.from;
    if (this.maySpill(this.spilledBytes)) return;
    this.isTooMuch = true;
    this.dropFrom(0);
  }

  /** All replies to the present read, if a part of them was set aside: from now on they are the caller's. */
  takeSpilled(): Buffer[] {
    if (this.pos > this.from) {
      this.spilled.push(this.buf.subarray(this.from, this.pos));
      this.moveTo(Math.max(BASE_SIZE, this.from), this.from);
      this.pos = this.from;
    }
    const parts = this.spilled;
    this.spilled = [];
    this.spilledBytes = 0;
    return parts;
  }

  /** A new buffer in place of one that a socket keeps, or that has grown. */
  replaceBuffer(): void {
    this.buf = Buffer.allocUnsafeSlow(BASE_SIZE);
    this.view = viewOf(this.buf);
  }

  ok(): void {
    this.reserve(8);
    this.view.setInt32(this.pos, OK_WORD, true);
    this.buf[this.pos + 4] = 10;
    this.pos += 5;
  }

  /** No value: `$-1`, or `_` in RESP3. */
  nil(): void {
    if (this.resp === 3) return this.raw('_\r\n');
    this.reserve(8);
    this.view.setInt32(this.pos, NIL_WORD, true);
    this.buf[this.pos + 4] = 10;
    this.pos += 5;
  }

  /** No array: `*-1`, or `_` in RESP3. */
  nilArray(): void {
    this.raw(this.resp === 3 ? '_\r\n' : '*-1\r\n');
  }

  /** A status line. Line breaks become spaces, so that no argument can forge a reply. */
  simple(text: string): void {
    this.raw('+');
    this.line(text);
  }

  /** An error as the client sees it, without the leading '-'. A text without a code has none: give one. */
  error(text: string): void {
    this.errorCount++;
    this.lastError = text;
    this.raw('-');
    this.line(text);
  }

  private line(text: string): void {
    this.reserve(text.length + 2);
    const { buf } = this;
    let p = this.pos;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      buf[p++] = c === 13 || c === 10 ? 32 : c;
    }
    this.pos = p;
    this.crlf();
  }

  /** latin1 text as it is. */
  raw(text: string): void {
    const n = text.length;
    this.reserve(n);
    const { buf } = this;
    let p = this.pos;
    for (let i = 0; i < n; i++) buf[p++] = text.charCodeAt(i);
    this.pos = p;
  }

  rawBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  /** A safe integer. */
  integer(n: number): void {
    this.reserve(HEADER_ROOM);
    if (n >= 0 && n < 10) {
      this.view.setInt32(this.pos, INT_WORD + (n << 8), true);
      this.pos += 4;
      return;
    }
    this.buf[this.pos++] = 58;
    this.pos = writeDigits(this.buf, this.pos, n);
    this.crlf();
  }

  /** An integer beyond 2^53. */
  bigInteger(n: bigint): void {
    this.raw(`:${n}\r\n`);
  }

  boolean(yes: boolean): void {
    if (this.resp === 3) this.raw(yes ? '#t\r\n' : '#f\r\n');
    else this.integer(yes ? 1 : 0);
  }

  arrayHeader(n: number): void {
    if (n < 10) {
      this.reserve(8);
      this.view.setInt32(this.pos, ARRAY_WORD + (n << 8), true);
      this.pos += 4;
    } else this.header(42, n);
  }

  /** n pairs follow: `%n`, or an array of 2n in RESP2. */
  mapHeader(n: number): void {
    if (this.resp === 3) this.header(37, n);
    else this.arrayHeader(n * 2);
  }

  setHeader(n: number): void {
    if (this.resp === 3) this.header(126, n);
    else this.arrayHeader(n);
  }

  pushHeader(n: number): void {
    if (this.resp === 3) this.header(62, n);
    else this.arrayHeader(n);
  }

  private header(type: number, n: number): void {
    this.reserve(HEADER_ROOM);
    this.buf[this.pos++] = type;
    this.pos = writeDigits(this.buf, this.pos, n);
    this.crlf();
  }

  /**
   * For replies whose length is known only at the end: take `mark()` first, write the elements, then put the header
   * in front of them (`arrayAt`, `mapAt`, `setAt`). Costs one move of what was written.
   */
  mark(): number {
    return this.spilledBytes + this.pos - this.from;
  }

  arrayAt(mark: number, n: number): void {
    this.headerAt(mark, 42, n);
  }

  mapAt(mark: number, n: number): void {
    if (this.resp === 3) this.headerAt(mark, 37, n);
    else this.headerAt(mark, 42, n * 2);
  }

  setAt(mark: number, n: number): void {
    this.headerAt(mark, this.resp === 3 ? 126 : 42, n);
  }

  private headerAt(mark: number, type: number, n: number): void {
    if (mark > this.mark()) return; // what stood there was too much for the client
    const size = 3 + decimalLength(n);
    if (mark < this.spilledBytes) return this.insertSpilled(mark, Buffer.from(`${String.fromCharCode(type)}${n}\r\n`));
    this.reserve(size);
    if (mark < this.spilledBytes) return this.headerAt(mark, type, n); // making room has set it aside
    const at = this.from + mark - this.spilledBytes;
    this.buf.copyWithin(at + size, at, this.pos);
    this.buf[at] = type;
    const end = writeDigits(this.buf, at + 1, n);
    this.view.setInt16(end, CRLF16, true);
    this.pos += size;
  }

  private insertSpilled(mark: number, header: Buffer): void {
    const { spilled } = this;
    let i = 0;
    for (; mark >= spilled[i].length; i++) mark -= spilled[i].length;
    const part = spilled[i];
    if (mark === 0) spilled.splice(i, 0, header);
    else spilled.splice(i, 1, part.subarray(0, mark), header, part.subarray(mark));
    this.spilledBytes += header.length;
  }

  /** Takes back what was written since `mark`, as bytes of their own. */
  takeFrom(mark: number): Buffer {
    const written = Buffer.concat([...this.spilled, this.buf.subarray(this.from, this.pos)]).subarray(mark);
    this.dropFrom(mark);
    return written;
  }

  /** Drops what was written since `mark`. */
  dropFrom(mark: number): void {
    const { spilled } = this;
    if (mark >= this.mark()) return;
    this.pos = this.from + Math.max(0, mark - this.spilledBytes);
    while (mark < this.spilledBytes) {
      const last = spilled.pop() as Buffer;
      const kept = Math.max(0, mark - (this.spilledBytes - last.length));
      if (kept > 0) spilled.push(last.subarray(0, kept));
      this.spilledBytes -= last.length - kept;
    }
  }

  private bulkHeader(n: number): void {
    if (n < 10) {
      this.view.setInt32(this.pos, BULK_WORD + (n << 8), true);
      this.pos += 4;
      return;
    }
    this.buf[this.pos++] = 36;
    this.pos = writeDigits(this.buf, this.pos, n);
    this.crlf();
  }

  /** A bulk string of n bytes of `src` (with its view) from `off` on. */
  bulk(src: Uint8Array, sv: DataView, off: number, n: number): void {
    this.lastBulkLength = n;
    this.reserve(n + HEADER_ROOM);
    this.bulkHeader(n);
    copyBytes(this.buf, this.view, this.pos, src, sv, off, n);
    this.pos += n;
    this.crlf();
  }

  bulkBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length + HEADER_ROOM);
    this.bulkHeader(bytes.length);
    this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
    this.crlf();
  }

  /** A bulk string of latin1 text. */
  bulkText(text: string): void {
    this.reserve(text.length + HEADER_ROOM);
    this.bulkHeader(text.length);
    this.raw(text);
    this.crlf();
  }

  /** A bulk string of the decimal digits of a safe integer. */
  bulkInteger(n: number): void {
    this.reserve(HEADER_ROOM * 2);
    this.bulkHeader(decimalLength(n));
    this.pos = writeDigits(this.buf, this.pos, n);
    this.crlf();
  }

  /** Text for people: a verbatim string in RESP3 (`=15\r\ntxt:…`), a bulk string in RESP2. */
  verbatim(text: string): void {
    if (this.resp === 2) return this.bulkText(text);
    this.raw(`=${text.length + 4}\r\ntxt:`);
    this.raw(text);
    this.raw('\r\n');
  }

  /** A score: `,3.5` in RESP3, in RESP2 a bulk string as printf's %.17g makes it. */
  double(x: number): void {
    if (this.resp === 3) {
      this.raw(`,${formatScore(x)}\r\n`);
    } else if (Number.isSafeInteger(x) && !Object.is(x, -0)) this.bulkInteger(x);
    else this.bulkText(formatScore(x));
  }

  /** A member and its score: sorted sets give theirs to whoever takes them so. */
  scored(member: Slice, score: number): void {
    this.bulk(member.u8, member.view, member.off, member.len);
    this.double(score);
  }

  /** The lines of a HELP reply. */
  lines(texts: readonly string[]): void {
    this.arrayHeader(texts.length);
    for (const text of texts) this.simple(text);
  }

  private crlf(): void {
    this.reserve(2);
    this.view.setInt16(this.pos, CRLF16, true);
    this.pos += 2;
  }
}
