/**
 * A slice: so many bytes at a place in memory that belongs to somebody else, or a short text of its own.
 *
 *   u8    | ........... off [ len bytes ] ........... |      view = the same memory as a DataView
 *
 * Arguments go into the keyspace and elements come out of it as slices. They are made once, by whoever needs one, and
 * set again and again: an operation fills the slice it is given, nothing is allocated. Numbers that are stored as
 * numbers become digits in the slice's own 32 bytes.
 *
 * HOT. A slice is good until the next write to what it looks into. bench: HSET, LRANGE
 */
import { sameBytes, viewOf, writeDigits } from './bytes.js';

const OWN_BYTES = 32;
const TWO_32 = 0x100000000;

/** What `argument` needs of a request. */
export interface Arguments {
  readonly buf: Uint8Array;
  readonly view: DataView;
  readonly off: Int32Array;
  readonly len: Int32Array;
  /** Which argument was hashed ahead as a member, 0 if none, and its hash. */
  readonly memberArg: number;
  readonly memberHash: number;
}

export class Slice {
  u8: Uint8Array;
  view: DataView;
  off = 0;
  len = 0;
  /** Whether `hash` is that of these bytes already. */
  hashed = false;
  hash = 0;
  private readonly own = new Uint8Array(OWN_BYTES);
  private readonly ownView = viewOf(this.own);

  constructor() {
    this.u8 = this.own;
    this.view = this.ownView;
  }

  set(u8: Uint8Array, view: DataView, off: number, len: number): this {
    this.u8 = u8;
    this.view = view;
    this.off = off;
    this.len = len;
    this.hashed = false;
    return this;
  }

  /** Looks at argument i of a request. */
  argument(request: Arguments, i: number): this {
    this.set(request.buf, request.view, request.off[i], request.len[i]);
    this.hashed = i === request.memberArg;
    this.hash = request.memberHash;
    return this;
  }

  /** Looks at where another slice looks; digits of its own are copied. */
  same(other: Slice): this {
    if (other.u8 !== other.own) return this.set(other.u8, other.view, other.off, other.len);
    this.own.set(other.own);
    return this.set(this.own, this.ownView, other.off, other.len);
  }

  /** The decimal digits of a safe integer. */
  integer(n: number): this {
    return this.set(this.own, this.ownView, 0, writeDigits(this.own, 0, n));
  }

  /** The decimal digits of a 64-bit integer in two's complement; beyond 2^53 through a BigInt. */
  int64(hi: number, lo: number): this {
    const n = (hi | 0) * TWO_32 + (lo >>> 0);
    return Number.isSafeInteger(n)
      ? this.integer(n)
      : this.text(((BigInt(hi | 0) << 32n) | BigInt(lo >>> 0)).toString());
  }

  /** ASCII text; up to 32 characters lie in the slice itself, more allocate. */
  text(text: string): this {
    const fits = text.length <= OWN_BYTES;
    const u8 = fits ? this.own : new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) u8[i] = text.charCodeAt(i);
    return this.set(u8, fits ? this.ownView : viewOf(u8), 0, text.length);
  }

  equals(other: Slice): boolean {
    return this.len === other.len && sameBytes(this.u8, this.off, other.u8, other.off, this.len);
  }

  /** A copy of the bytes. */
  copy(): Buffer {
    return Buffer.from(this.u8.subarray(this.off, this.off + this.len));
  }

  /** The bytes as latin1 text: for the cold. */
  toString(): string {
    return Buffer.from(this.u8.buffer, this.u8.byteOffset + this.off, this.len).toString('latin1');
  }

  /** A slice over bytes of one's own: tests, and texts that are made once. */
  static of(bytes: Uint8Array | string): Slice {
    const u8 = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
    return new Slice().set(u8, viewOf(u8), 0, u8.length);
  }
}
