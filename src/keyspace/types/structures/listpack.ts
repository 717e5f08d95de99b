/**
 * The entries of redis' listpack, byte for byte: what small collections and list nodes are made of.
 *
 *   entry    │ encoding and length │ bytes or integer │ backlen │
 *
 *   0xxxxxxx                      0..127              10xxxxxx             text of up to 63 bytes
 *   110xxxxx y                    13 bits, signed     1110xxxx y           text of up to 4,095 bytes
 *   F1 yy · F2 yyy · F3 y⁴ · F4 y⁸  16 to 64 bits     F0 yyyy              longer text (length little endian)
 *
 * `backlen` is the size of all that stands before it in the entry, seven bits a byte, and is read from its end, so
 * that one can walk back. What reads like a canonical 64-bit integer is stored as one, in the shortest form; so a text
 * never equals a number, and searching for "12" compares numbers. A whole listpack has six bytes in front (its size
 * u32, its count u16) and FF behind: those are written when it goes to a file, and counted where redis counts them.
 *
 * HOT. `p` is the offset of an entry in a segment's bytes `u8`, `view` the same memory. bench: RPUSH, LRANGE, HSET
 */
import { copyBytes, sameBytes } from '../../../base/bytes.js';
import type { Slice } from '../../../base/slice.js';

/** What a whole listpack has beside its entries: u32 size, u16 count, and FF at the end. */
export const LISTPACK_HEADER = 6;
export const LISTPACK_FRAME = 7;
const LISTPACK_END = 0xff;
/** From here on the count in the header says "count them". */
const LISTPACK_COUNT_UNKNOWN = 65_535;

const TEXT_6 = 0x80;
const INT_13 = 0xc0;
const TEXT_12 = 0xe0;
const TEXT_32 = 0xf0;
const INT_16 = 0xf1;
const INT_24 = 0xf2;
const INT_64 = 0xf4;

const TWO_32 = 0x100000000;
const MINUS = 45;
const ZERO = 48;
/** -9223372036854775808 has 20 characters. */
const INT64_CHARS = 20;
/** So many digits are exact in a double whatever they are. */
const SAFE_DIGITS = 15;

/** Bytes of the backlen behind `n` bytes. The odd bounds (16383 takes three) are redis'. */
export function backlenBytes(n: number): number {
  if (n <= 127) return 1;
  if (n < 16_383) return 2;
  if (n < 2_097_151) return 3;
  return n < 268_435_455 ? 4 : 5;
}

/** Bytes of an entry that holds a text of n bytes. */
export function textEntryBytes(n: number): number {
  const content = n + (n < 64 ? 1 : n < 4096 ? 2 : 5);
  return content + backlenBytes(content);
}

/** Encoding and content of the entry at p, without its backlen. */
function contentBytes(u8: Uint8Array, view: DataView, p: number): number {
  const b = u8[p];
  if (b < TEXT_6) return 1;
  if (b < INT_13) return 1 + (b & 63);
  if (b < TEXT_12) return 2;
  if (b < TEXT_32) return 2 + ((b & 15) << 8) + u8[p + 1];
  if (b === TEXT_32) return 5 + view.getUint32(p + 1, true);
  return b === INT_64 ? 9 : b - TEXT_32 + 2;
}

/** The offset after the entry at p. */
export function skipEntry(u8: Uint8Array, view: DataView, p: number): number {
  const n = contentBytes(u8, view, p);
  return p + n + backlenBytes(n);
}

/** The offset of the entry that ends at p. */
export function entryBefore(u8: Uint8Array, p: number): number {
  let q = p - 1;
  let n = u8[q] & 127;
  for (let scale = 128; (u8[q] & 128) !== 0; scale *= 128) n += (u8[--q] & 127) * scale;
  return q - n;
}

/** Lets `out` look at the text of the entry at p, or hold its digits; returns the offset after it. */
export function readEntry(u8: Uint8Array, view: DataView, p: number, out: Slice): number {
  const b = u8[p];
  if (b < TEXT_6) {
    out.integer(b);
    return p + 2;
  }
  if (b < INT_13) {
    out.set(u8, view, p + 1, b & 63);
    return p + 2 + (b & 63);
  }
  if (b >= TEXT_12 && b <= TEXT_32) {
    const head = b === TEXT_32 ? 5 : 2;
    const n = b === TEXT_32 ? view.getUint32(p + 1, true) : ((b & 15) << 8) + u8[p + 1];
    out.set(u8, view, p + head, n);
    return p + head + n + backlenBytes(head + n);
  }
  if (b === INT_64) {
    out.int64(view.getInt32(p + 5, true), view.getInt32(p + 1, true));
    return p + 10;
  }
  out.integer(smallInteger(u8, view, p));
  return p + contentBytes(u8, view, p) + 1;
}

/** The integer of an entry that holds one of up to 32 bits. */
function smallInteger(u8: Uint8Array, view: DataView, p: number): number {
  const b = u8[p];
  if (b < TEXT_6) return b;
  if (b < TEXT_12) return (((b & 31) << 27) >> 19) | u8[p + 1];
  if (b === INT_16) return view.getInt16(p + 1, true);
  if (b === INT_24) return (view.getInt16(p + 2, true) << 8) | u8[p + 1];
  return view.getInt32(p + 1, true);
}

/** Whether the entry at p holds text and not an integer. */
export function isText(u8: Uint8Array, p: number): boolean {
  const b = u8[p];
  return (b >= TEXT_6 && b < INT_13) || (b >= TEXT_12 && b <= TEXT_32);
}

/** The integer of the entry at p as a double (rounded beyond 2^53), or NaN for text. */
export function entryNumber(u8: Uint8Array, view: DataView, p: number): number {
  if (isText(u8, p)) return Number.NaN;
  if (u8[p] === INT_64) return view.getInt32(p + 5, true) * TWO_32 + view.getUint32(p + 1, true);
  return smallInteger(u8, view, p);
}

/** A value that is about to be written or searched for: seen through once, then written or compared many times. */
export class Packed {
  /** Bytes of the whole entry. */
  bytes = 0;
  /** Bytes of the value as text. */
  length = 0;
  isInteger = false;
  /** The integer as a double, rounded beyond 2^53, and in two halves. */
  n = 0;
  hi = 0;
  lo = 0;
  private content = 0;
  private u8: Uint8Array;
  private view: DataView;
  private off = 0;

  constructor() {
    this.u8 = new Uint8Array(0);
    this.view = new DataView(this.u8.buffer);
  }

  /** Looks through a value; returns the bytes of its entry. The value must stay in place until it is written. */
  measure(value: Slice): number {
    this.u8 = value.u8;
    this.view = value.view;
    this.off = value.off;
    this.length = value.len;
    this.isInteger = this.parse(value.u8, value.off, value.len);
    const n = value.len;
    if (this.isInteger) this.content = this.integerBytes();
    else this.content = n + (n < 64 ? 1 : n < 4096 ? 2 : 5);
    return (this.bytes = this.content + backlenBytes(this.content));
  }

  /** Writes the entry at p; returns the offset after it. */
  write(u8: Uint8Array, view: DataView, p: number): number {
    const stop = p + this.bytes;
    if (this.isInteger) this.writeInteger(u8, view, p);
    else this.writeText(u8, view, p);
    const n = this.content;
    if (n <= 127) u8[stop - 1] = n;
    else {
      let q = stop - 1;
      let rest = n;
      for (const first = p + n; q > first; rest = Math.floor(rest / 128)) u8[q--] = (rest & 127) | 128;
      u8[q] = rest & 127;
    }
    return stop;
  }

  /** Whether the entry at p holds this value. */
  equals(u8: Uint8Array, view: DataView, p: number): boolean {
    const b = u8[p];
    if (b < INT_13 && b >= TEXT_6) return (b & 63) === this.length && this.sameText(u8, view, p + 1);
    if (b >= TEXT_12 && b <= TEXT_32) {
      const n = b === TEXT_32 ? view.getUint32(p + 1, true) : ((b & 15) << 8) + u8[p + 1];
      return n === this.length && this.sameText(u8, view, p + (b === TEXT_32 ? 5 : 2));
    }
    if (!this.isInteger) return false;
    if (b !== INT_64) return smallInteger(u8, view, p) === this.n;
    return view.getInt32(p + 1, true) === this.lo && view.getInt32(p + 5, true) === this.hi;
  }

  private sameText(u8: Uint8Array, view: DataView, p: number): boolean {
    let q = this.off;
    const stop = q + this.length;
    for (const last = stop - 3; q < last; p += 4, q += 4) {
      if (view.getInt32(p, true) !== this.view.getInt32(q, true)) return false;
    }
    return sameBytes(u8, p, this.u8, q, stop - q);
  }

  private integerBytes(): number {
    const n = this.n;
    if (n >= -4096 && n <= 4095) return n >= 0 && n <= 127 ? 1 : 2;
    if (n >= -32_768 && n <= 32_767) return 3;
    if (n >= -8_388_608 && n <= 8_388_607) return 4;
    return n >= -2_147_483_648 && n <= 2_147_483_647 ? 5 : 9;
  }

  private writeInteger(u8: Uint8Array, view: DataView, p: number): void {
    const n = this.n;
    if (this.content === 1) u8[p] = n;
    else if (this.content === 2) {
      u8[p] = INT_13 | ((n >> 8) & 31);
      u8[p + 1] = n & 255;
    } else if (this.content === 9) {
      u8[p] = INT_64;
      view.setInt32(p + 1, this.lo, true);
      view.setInt32(p + 5, this.hi, true);
    } else {
      u8[p] = TEXT_32 + this.content - 2;
      u8[p + 1] = n & 255;
      u8[p + 2] = n >> 8;
      if (this.content > 3) u8[p + 3] = n >> 16;
      if (this.content > 4) u8[p + 4] = n >> 24;
    }
  }

  private writeText(u8: Uint8Array, view: DataView, p: number): void {
    const n = this.length;
    let at = p + 1;
    if (n < 64) u8[p] = TEXT_6 | n;
    else if (n < 4096) {
      u8[p] = TEXT_12 | (n >> 8);
      u8[at++] = n & 255;
    } else {
      u8[p] = TEXT_32;
      view.setUint32(p + 1, n, true);
      at = p + 5;
    }
    copyBytes(u8, view, at, this.u8, this.view, this.off, n);
  }

  /** Whether the bytes are a canonical 64-bit integer; sets n, hi and lo then. */
  private parse(u8: Uint8Array, off: number, len: number): boolean {
    if (len === 0 || len > INT64_CHARS) return false;
    const negative = u8[off] === MINUS;
    let p = negative ? off + 1 : off;
    const end = off + len;
    let d = u8[p] - ZERO;
    if (p === end || !(d >= 0 && d <= 9) || (d === 0 && len > 1)) return false;
    const safe = end - p <= SAFE_DIGITS ? end : p + SAFE_DIGITS;
    let n = d;
    for (p++; p < safe; p++) {
      d = u8[p] - ZERO;
      if (!(d >= 0 && d <= 9)) return false;
      n = n * 10 + d;
    }
    if (p < end) return this.parseRest(n, u8, p, end, negative);
    if (negative) n = -n;
    this.n = n;
    this.hi = Math.floor(n / TWO_32) | 0;
    this.lo = (n - Math.floor(n / TWO_32) * TWO_32) | 0;
    return true;
  }

  /** Goes on after fifteen digits, in two halves: `hi` stays far below 2^53. */
  private parseRest(n: number, u8: Uint8Array, p: number, end: number, negative: boolean): boolean {
    let hi = Math.floor(n / TWO_32);
    let lo = n - hi * TWO_32;
    for (; p < end; p++) {
      const d = u8[p] - ZERO;
      if (!(d >= 0 && d <= 9)) return false;
      lo = lo * 10 + d;
      const carry = Math.floor(lo / TWO_32);
      lo -= carry * TWO_32;
      hi = hi * 10 + carry;
    }
    if (hi > 0x7fffffff && !(negative && hi === 0x80000000 && lo === 0)) return false;
    if (negative) {
      hi = -hi - (lo === 0 ? 0 : 1);
      lo = lo === 0 ? 0 : TWO_32 - lo;
    }
    this.n = hi * TWO_32 + lo;
    this.hi = hi | 0;
    this.lo = lo | 0;
    return true;
  }
}

/** Writes what stands in front of the entries of a whole listpack. */
export function writeListpackHeader(u8: Uint8Array, view: DataView, entryBytes: number, count: number): void {
  view.setUint32(0, entryBytes + LISTPACK_FRAME, true);
  view.setUint16(4, Math.min(count, LISTPACK_COUNT_UNKNOWN), true);
  u8[entryBytes + LISTPACK_HEADER] = LISTPACK_END;
}

/** Counts the entries of a whole listpack that came from outside, or -1 if it is not well formed. */
export function checkListpack(u8: Uint8Array, view: DataView, off: number, len: number): number {
  if (len < LISTPACK_FRAME || view.getUint32(off, true) !== len || u8[off + len - 1] !== LISTPACK_END) return -1;
  const end = off + len - 1;
  let count = 0;
  let p = off + LISTPACK_HEADER;
  for (; p < end; count++) {
    const next = checkedSkip(u8, view, p, end);
    if (next < 0) return -1;
    p = next;
  }
  const stated = view.getUint16(off + 4, true);
  return p === end && (stated === LISTPACK_COUNT_UNKNOWN || stated === count) ? count : -1;
}

/** `skipEntry` for bytes that nobody vouches for: -1 if the entry is broken or does not end before `end`. */
function checkedSkip(u8: Uint8Array, view: DataView, p: number, end: number): number {
  const b = u8[p];
  if (b > INT_64) return -1;
  if (p + (b === TEXT_32 ? 5 : b >= TEXT_12 ? 2 : 1) > end) return -1;
  const next = skipEntry(u8, view, p);
  return next <= end && entryBefore(u8, next) === p ? next : -1;
}
