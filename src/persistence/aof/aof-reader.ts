/**
 * Reads an append-only file that arrives in pieces of any size: commands out, and where the sound part of it ends.
 *
 *   #TS:1700000000\r\n │ *2\r\n$6\r\nSELECT… │ *1\r\n$5\r\nMULTI… │ *3\r\n$3\r\nSET… │ *3\r\n$3
 *                                        ▲ validBeforeMulti          validUpTo ▲ damage
 *
 *   const reader = new AofReader(offset);                  0, or where an RDB preamble ended (`isRdb` tells its head)
 *   reader.feed(bytes);
 *   for (let request = reader.next(); request !== null; request = reader.next()) run(request);
 *   if (reader.damage !== null) …                          not a file of commands any more: `next` stays null
 *   reader.end()                                           when there are no more bytes: null, or what is missing
 *
 * A request is good until the next call of `next` or `feed`. Nothing is run here: what a transaction queues is given as
 * it comes, so whoever runs it must queue it, and drop it where the end says that EXEC is missing. Where a file breaks
 * off, `soundUpTo` is what redis-check-aof leaves of it.
 *
 * Stricter than redis-server, as strict as redis-check-aof: bytes that stand where a line feed belongs, a MULTI in a
 * transaction and an EXEC without one are damage, and so is an annotation that breaks off: what is appended behind it
 * would be taken for a part of it. HOT.
 */
import { viewOf } from '../../base/bytes.js';
import { Request } from '../../resp/request.js';

/** The two bytes where a line should end; zero for what is not there. */
export type Pair = readonly [number, number];

/** Why the bytes are no file of commands, or not all of it. Only what is truncated may be mended by more bytes. */
export type Damage =
  | { readonly why: 'truncated'; readonly missing: 'annotation' | 'exec' }
  | { readonly why: 'truncated'; readonly missing: 'line'; readonly found: Pair | null }
  | { readonly why: 'truncated'; readonly missing: 'bytes'; readonly expected: number; readonly got: number }
  | { readonly why: 'no-record'; readonly found: number }
  | { readonly why: 'wrong-prefix'; readonly found: number }
  | { readonly why: 'no-line-end'; readonly found: Pair }
  | { readonly why: 'wrong-count' | 'wrong-length'; readonly stated: number }
  | { readonly why: 'nested-multi' | 'stray-exec' };

/** Where it begins: the line or the argument that is wrong or not complete. */
export type AofDamage = Damage & { readonly at: number };

/** An annotation, up to its line feed, and where it begins. */
export type OnAnnotation = (text: string, at: number) => void;

const CR = 13;
const LF = 10;
const HASH = 35;
const DOLLAR = 36;
const STAR = 42;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
/** Redis reads an annotation into a buffer of 1024; what is longer goes on as the next line. */
const MAX_ANNOTATION = 1023;
/** A line with a number is never longer: so many digits are too many in any case. */
const MAX_NUMBER_LINE = 127;
/** Half of what a buffer can hold: there is always room for the command around it. */
const MAX_BULK = 0x3fffffff;
const MAX_COUNT = 0x7fffffff;
/** Offsets in a request are 32 bits. */
const MAX_BUFFER = 0x7fff0000;
const FIRST_BYTES = 1 << 14;
/** Whoever hashes a key may look a word beyond it. */
const SLACK = 8;
const RDB_HEAD = Buffer.from('REDIS');

/** What `readNumber` says instead of a number. */
const MORE = -2147483648;
const BAD = -2147483647;
/** No bulk has begun. */
const NONE = -1;

/** Whether a file begins with an RDB: five bytes are enough to know. */
export function isRdb(head: Uint8Array): boolean {
  return head.length >= RDB_HEAD.length && RDB_HEAD.every((byte, i) => head[i] === byte);
}

export class AofReader {
  damage: AofDamage | null = null;
  /** The offset behind the last complete command, be it in a transaction or not. */
  validUpTo: number;
  /** Lines as redis-check-aof counts them: annotations are none. */
  lineNumber = 1;
  isInMulti = false;
  onAnnotation: OnAnnotation | null = null;

  private buf: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private readonly request = new Request(this.buf, viewOf(this.buf));
  /** The offset in the file of the first byte in the buffer. */
  private origin: number;
  private pos = 0;
  private filled = 0;
  /** Where the record begins that is being read. */
  private begin = 0;
  private argsLeft = 0;
  private bulk = NONE;
  /** Behind the last record, annotation or command, that is in no transaction. */
  private sound: number;
  private beforeMulti: number;
  /** The last argument or annotation: redis-check-aof names it where EXEC is missing. */
  private lastReadAt: number;

  constructor(offset: number) {
    this.origin = this.validUpTo = this.sound = this.beforeMulti = this.lastReadAt = offset;
  }

  /** The offset behind the last complete command that is in no open transaction: what a truncated file is cut to. */
  get validBeforeMulti(): number {
    return this.isInMulti ? this.beforeMulti : this.validUpTo;
  }

  /** The same, with annotations that follow: what redis-check-aof calls ok_up_to. */
  get soundUpTo(): number {
    return this.sound;
  }

  /** Takes the next bytes; they are copied. All that was complete must have been asked for by `next`. */
  feed(bytes: Uint8Array): void {
    if (this.damage !== null) return;
    const start = this.begin;
    const held = this.filled - start;
    const need = held + bytes.length;
    if (need > MAX_BUFFER) return void this.fail(start, { why: 'wrong-length', stated: need });
    if (need + SLACK > this.buf.length) this.grow(need + SLACK);
    else if (start > 0) this.buf.copyWithin(0, start, this.filled);
    this.buf.set(bytes, held);
    if (start > 0) this.shift(start);
    this.filled = need;
  }

  private shift(by: number): void {
    const { request } = this;
    for (let i = 0; i < request.argc; i++) request.off[i] -= by;
    this.origin += by;
    this.pos -= by;
    this.begin = 0;
  }

  private grow(need: number): void {
    const { request } = this;
    const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(need, this.buf.length * 2), MAX_BUFFER));
    this.buf.copy(grown, 0, this.begin, this.filled);
    request.buf = this.buf = grown;
    request.view = viewOf(grown);
  }

  /** The next complete command; null where there is none yet, or the file is damaged. */
  next(): Request | null {
    const { request, buf } = this;
    if (this.damage !== null) return null;
    while (this.argsLeft === 0) {
      this.begin = this.pos;
      request.restart();
      if (this.pos >= this.filled) return null;
      const first = buf[this.pos];
      if (first === HASH) {
        if (!this.readAnnotation()) return null;
        continue;
      }
      if (first !== STAR) return this.fail(this.pos, { why: 'no-record', found: first });
      const count = this.readNumber();
      if (count === MORE || count === BAD) return null;
      if (count < 1 || count > MAX_COUNT) return this.fail(this.begin, { why: 'wrong-count', stated: count });
      this.argsLeft = count;
    }
    return this.readArguments() ? this.complete() : null;
  }

  private complete(): Request | null {
    const { request } = this;
    const at = this.origin + this.pos;
    const n = request.len[0];
    if (n === 5 && request.is(0, 'multi')) {
      if (this.isInMulti) return this.fail(request.off[0], { why: 'nested-multi' });
      this.isInMulti = true;
      this.beforeMulti = this.validUpTo;
    } else if (n === 4 && request.is(0, 'exec')) {
      if (!this.isInMulti) return this.fail(request.off[0], { why: 'stray-exec' });
      this.isInMulti = false;
    }
    this.lastReadAt = this.origin + request.off[request.argc - 1];
    this.validUpTo = at;
    if (!this.isInMulti) this.sound = at;
    this.begin = this.pos;
    return request;
  }

  /** True once the command has all its arguments. */
  private readArguments(): boolean {
    const { request, buf, filled: end } = this;
    while (this.argsLeft > 0) {
      if (this.bulk === NONE) {
        if (this.pos >= end) return false;
        if (buf[this.pos] !== DOLLAR) {
          this.fail(this.pos, { why: 'wrong-prefix', found: buf[this.pos] });
          return false;
        }
        const at = this.pos;
        const n = this.readNumber();
        if (n === MORE || n === BAD) return false;
        if (n < 0 || n > MAX_BULK) {
          this.fail(at, { why: 'wrong-length', stated: n });
          return false;
        }
        this.bulk = n;
      }
      const stop = this.pos + this.bulk;
      if (stop + 2 > end) return false;
      if (buf[stop] !== CR || buf[stop + 1] !== LF) {
        this.fail(this.pos, { why: 'no-line-end', found: [buf[stop], buf[stop + 1]] });
        return false;
      }
      request.push(this.pos, this.bulk);
      this.pos = stop + 2;
      this.bulk = NONE;
      this.argsLeft--;
      this.lineNumber++;
    }
    return true;
  }

  /** The number of the line `<prefix><number>\r\n` at `pos`, which is behind it then; MORE, or BAD with the damage. */
  private readNumber(): number {
    const { buf, filled: end, pos } = this;
    const limit = Math.min(end, pos + MAX_NUMBER_LINE);
    let p = pos + 1;
    const isNegative = p < limit && buf[p] === MINUS;
    if (isNegative) p++;
    let n = 0;
    for (; p < limit && buf[p] >= ZERO && buf[p] <= NINE; p++) n = n * 10 + buf[p] - ZERO;
    if (p + 1 >= end) return MORE;
    if (p === limit || buf[p] !== CR || buf[p + 1] !== LF) {
      this.fail(pos, { why: 'no-line-end', found: [buf[p], buf[p] === LF ? 0 : buf[p + 1]] }); // a line ends there
      return BAD;
    }
    this.pos = p + 2;
    this.lineNumber++;
    // What lies beyond is refused by either caller, and must not be taken for MORE or BAD.
    return isNegative ? Math.max(-n, -MAX_BULK) : n;
  }

  /** Passes over an annotation; false where it is not complete. */
  private readAnnotation(): boolean {
    const { buf, pos } = this;
    const limit = Math.min(this.filled, pos + MAX_ANNOTATION);
    let p = pos;
    while (p < limit && buf[p] !== LF) p++;
    if (p === this.filled && p - pos < MAX_ANNOTATION) return false;
    this.pos = p < limit ? p + 1 : p;
    const at = (this.lastReadAt = this.origin + pos);
    if (!this.isInMulti) this.sound = this.origin + this.pos;
    this.onAnnotation?.(buf.toString('latin1', pos, p), at);
    return true;
  }

  private fail(place: number, damage: Damage): null {
    this.damage = { ...damage, at: this.origin + place };
    return null;
  }

  /** There are no more bytes. Null if the file is complete, else what is missing or wrong. */
  end(): AofDamage | null {
    const { begin, pos, filled: end, bulk } = this;
    if (this.damage !== null) return this.damage;
    if (begin < end && this.buf[begin] === HASH) this.fail(begin, { why: 'truncated', missing: 'annotation' });
    else if (bulk !== NONE) this.fail(pos, { why: 'truncated', missing: 'bytes', expected: bulk + 2, got: end - pos });
    else if (begin < end) this.endInLine(pos);
    else if (this.isInMulti) this.fail(this.lastReadAt - this.origin, { why: 'truncated', missing: 'exec' });
    return this.damage;
  }

  private endInLine(at: number): void {
    const last = this.buf[this.filled - 1];
    if (at === this.filled) this.fail(at, { why: 'truncated', missing: 'line', found: null });
    else if (last === CR) this.fail(at, { why: 'truncated', missing: 'line', found: [CR, 0] });
    else if (at === this.filled - 1 || isOfNumber(last))
      this.fail(at, { why: 'truncated', missing: 'line', found: [0, 0] });
    else this.fail(at, { why: 'no-line-end', found: [last, 0] });
  }
}

function isOfNumber(byte: number): boolean {
  return byte === MINUS || (byte >= ZERO && byte <= NINE);
}
