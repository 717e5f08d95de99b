/**
 * What an entry says of itself: kind, key, value, time of death. The layout is drawn in entry.ts.
 *
 * `Database` is built on it; so is whoever holds an entry's address for a moment (types/, persistence).
 *
 * HOT. Offsets count bytes in the segment the entry lies in (`bytes`, `view`). bench: GET
 */
import type { ReplyWriter } from '../resp/writer.js';
import type { Arena } from './arena.js';
import {
  EXTRA,
  HEADER_BYTES,
  KIND_MASK,
  KIND_SHIFT,
  LENS,
  LONG,
  LONG_BYTES,
  META,
  RECORD_BYTES,
  SEG_MASK,
  SEG_SHIFT,
  TYPE_OF_KIND,
} from './entry.js';

export class Entries {
  constructor(readonly arena: Arena) {}

  meta(e: number): number {
    return this.arena.i32[e >>> SEG_SHIFT][((e & SEG_MASK) << 1) + META];
  }

  kind(e: number): number {
    return (this.meta(e) >>> KIND_SHIFT) & KIND_MASK;
  }

  type(e: number): number {
    return TYPE_OF_KIND[this.kind(e)];
  }

  setKind(e: number, kind: number): void {
    const w = this.arena.i32[e >>> SEG_SHIFT];
    const at = ((e & SEG_MASK) << 1) + META;
    w[at] = (w[at] & ~(KIND_MASK << KIND_SHIFT)) | (kind << KIND_SHIFT);
  }

  /** When or how often it was used: bits 8–31, in place (upkeep/usage.ts). */
  setUsage(e: number, bits: number): void {
    const w = this.arena.i32[e >>> SEG_SHIFT];
    const at = ((e & SEG_MASK) << 1) + META;
    w[at] = (w[at] & 0xff) | bits;
  }

  /** The bytes of the segment an entry lies in; offsets below count in it. */
  bytes(e: number): Uint8Array {
    return this.arena.u8[e >>> SEG_SHIFT];
  }

  view(e: number): DataView {
    return this.arena.view[e >>> SEG_SHIFT];
  }

  keyOffset(e: number): number {
    const m = this.meta(e);
    const start = ((e & SEG_MASK) << 3) + HEADER_BYTES + (m & EXTRA);
    return (m & LONG) === 0 ? start : start + LONG_BYTES + RECORD_BYTES[(m >>> KIND_SHIFT) & KIND_MASK];
  }

  keyLength(e: number): number {
    const w = this.arena.i32[e >>> SEG_SHIFT];
    const i = (e & SEG_MASK) << 1;
    return (w[i + META] & LONG) === 0 ? w[i + LENS] & 255 : w[i + 4 + ((w[i + META] & EXTRA) >> 2)];
  }

  /** The bytes of the key, where they lie: good until the next write. For the cold. */
  keyBytes(e: number): Uint8Array {
    const from = this.keyOffset(e);
    return this.bytes(e).subarray(from, from + this.keyLength(e));
  }

  /** Of a string: where its bytes begin. */
  valueOffset(e: number): number {
    return this.keyOffset(e) + this.keyLength(e);
  }

  /** Of a string: how many bytes. */
  valueLength(e: number): number {
    const w = this.arena.i32[e >>> SEG_SHIFT];
    const i = (e & SEG_MASK) << 1;
    return (w[i + META] & LONG) === 0 ? w[i + LENS] >>> 8 : w[i + 5 + ((w[i + META] & EXTRA) >> 2)];
  }

  /** Of a collection: the address of its record, good until the entry moves. */
  record(e: number): number {
    const m = this.meta(e);
    if ((m & LONG) !== 0) return e + ((HEADER_BYTES + (m & EXTRA) + LONG_BYTES) >> 3);
    return ((e & ~SEG_MASK) + ((this.keyOffset(e) + this.keyLength(e) + 7) >>> 3)) | 0;
  }

  writeKey(e: number, reply: ReplyWriter): void {
    reply.bulk(this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e));
  }

  /** The value of a string, as a bulk. */
  writeValue(e: number, reply: ReplyWriter): void {
    reply.bulk(this.bytes(e), this.view(e), this.valueOffset(e), this.valueLength(e));
  }

  /** In ms since 1970, or Infinity. */
  expireAt(e: number): number {
    return (this.meta(e) & EXTRA) !== 0
      ? this.arena.f64[e >>> SEG_SHIFT][(e & SEG_MASK) + 2]
      : Number.POSITIVE_INFINITY;
  }

  protected putLength(e: number, n: number): void {
    const w = this.arena.i32[e >>> SEG_SHIFT];
    const i = (e & SEG_MASK) << 1;
    if ((w[i + META] & LONG) === 0) w[i + LENS] = (w[i + LENS] & 255) | (n << 8);
    else w[i + 5 + ((w[i + META] & EXTRA) >> 2)] = n;
  }

  /** Copies a collection's record; both then own what it points to, so one of them must be let go. */
  protected copyRecord(from: number, to: number): void {
    const bytes = RECORD_BYTES[this.kind(from)];
    const source = this.arena.i32[from >>> SEG_SHIFT];
    const target = this.arena.i32[to >>> SEG_SHIFT];
    const a = (this.record(from) & SEG_MASK) << 1;
    const b = (this.record(to) & SEG_MASK) << 1;
    for (let x = (bytes >> 2) - 1; x >= 0; x--) target[b + x] = source[a + x];
  }
}
