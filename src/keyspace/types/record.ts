/**
 * From the entry of a key to the record of its collection, and the kind that says how to read it.
 *
 *   entry  │ header, [f64] │ key │ pad │ record: 16 or 24 bytes │
 *          │ header, [f64], long │ record │ key │                 a key of 255 bytes and more
 *
 * The record never moves inside its entry, whatever the collection turns into: a small hash becomes a table by
 * another kind and other words in the same record.
 *
 * HOT. `e` is an entry, the result a record: addresses, good until the entry moves. bench: HSET
 */
import type { Arena } from '../arena.js';
import { EXTRA, HEADER_BYTES, KIND_MASK, KIND_SHIFT, LENS, LONG, META, SEG_MASK, SEG_SHIFT } from '../entry.js';

/** Bytes from the start of a member, or of an entry without a long key, to its key: by its meta word. */
export function keyStart(meta: number): number {
  return HEADER_BYTES + (meta & EXTRA) + ((meta & LONG) << 1);
}

export function recordOf(arena: Arena, e: number): number {
  const w = arena.i32[e >>> SEG_SHIFT];
  const i = (e & SEG_MASK) << 1;
  const m = w[i + META];
  const start = keyStart(m);
  return e + ((m & LONG) !== 0 ? start >>> 3 : (start + (w[i + LENS] & 255) + 7) >>> 3);
}

export function kindOf(arena: Arena, e: number): number {
  return (arena.i32[e >>> SEG_SHIFT][((e & SEG_MASK) << 1) + META] >>> KIND_SHIFT) & KIND_MASK;
}

export function setKind(arena: Arena, e: number, kind: number): void {
  const w = arena.i32[e >>> SEG_SHIFT];
  const i = ((e & SEG_MASK) << 1) + META;
  w[i] = (w[i] & ~(KIND_MASK << KIND_SHIFT)) | (kind << KIND_SHIFT);
}
