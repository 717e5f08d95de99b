/**
 * A small collection in one block: listpack entries, one behind the other, without a gap.
 *
 *   record   │ block │ bytes used │ count of entries │ - │          zeros = empty, no block
 *
 *   block    │ field │ value │ field │ value │ field │ value │     a hash; sorted sets have member, score
 *            0                        p                      bytes used
 *
 * The entries are those of redis, so a file takes the block as it is between a header and an end; `size` is what redis
 * would count with both. Places are offsets `p` from the block's start: good until the next write.
 *
 * HOT. `r` is a record. Slices that are put in must not look into the same block. bench: HSET
 */
import type { Slice } from '../../../base/slice.js';
import type { Arena } from '../../arena.js';
import { SEG_MASK, SEG_SHIFT } from '../../entry.js';
import { entryBefore, entryNumber, LISTPACK_FRAME, Packed, readEntry, skipEntry } from './listpack.js';

const BLOCK = 0;
const USED = 1;
const COUNT = 2;

/** Where `find` looks: at every entry, or at every other one (fields, not values). */
export const EACH = 1;
export const PAIRS = 2;

/** Blocks up to here are not worth shrinking. */
const SMALL_BLOCK = 32;

export class Packs {
  private readonly packed = new Packed();

  constructor(readonly arena: Arena) {}

  count(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + COUNT];
  }

  /** Bytes of all entries: the place behind the last one. */
  end(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + USED];
  }

  /** Bytes of the whole listpack as redis counts them. */
  size(r: number): number {
    return this.end(r) + LISTPACK_FRAME;
  }

  private block(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][(r & SEG_MASK) << 1];
  }

  // ---- reading -------------------------------------------------------------

  /** The place of the first entry that holds a value, −1 if none; `stride` is EACH or PAIRS. */
  find(r: number, value: Slice, stride: number): number {
    const block = this.block(r);
    if (block === 0) return -1;
    const { packed } = this;
    packed.measure(value);
    const u8 = this.arena.u8[block >>> SEG_SHIFT];
    const view = this.arena.view[block >>> SEG_SHIFT];
    const first = (block & SEG_MASK) << 3;
    const stop = first + this.end(r);
    for (let p = first; p < stop; p = skipEntry(u8, view, p)) {
      if (packed.equals(u8, view, p)) return p - first;
      if (stride === PAIRS) p = skipEntry(u8, view, p);
    }
    return -1;
  }

  /** Looks at the entry at p; returns the place of the next. */
  read(r: number, p: number, out: Slice): number {
    const block = this.block(r);
    const first = (block & SEG_MASK) << 3;
    return readEntry(this.arena.u8[block >>> SEG_SHIFT], this.arena.view[block >>> SEG_SHIFT], first + p, out) - first;
  }

  skip(r: number, p: number): number {
    const block = this.block(r);
    const first = (block & SEG_MASK) << 3;
    return skipEntry(this.arena.u8[block >>> SEG_SHIFT], this.arena.view[block >>> SEG_SHIFT], first + p) - first;
  }

  /** The place of the entry that ends at p. */
  back(r: number, p: number): number {
    const block = this.block(r);
    const first = (block & SEG_MASK) << 3;
    return entryBefore(this.arena.u8[block >>> SEG_SHIFT], first + p) - first;
  }

  /** The number at p, NaN if it is text. */
  number(r: number, p: number): number {
    const block = this.block(r);
    const at = ((block & SEG_MASK) << 3) + p;
    return entryNumber(this.arena.u8[block >>> SEG_SHIFT], this.arena.view[block >>> SEG_SHIFT], at);
  }

  /** The place of the entry number `index`, which must exist or be the count; from the nearer end. */
  seek(r: number, index: number): number {
    const n = this.count(r);
    let p: number;
    if (index * 2 <= n) for (p = 0; index > 0; index--) p = this.skip(r, p);
    else for (p = this.end(r); index < n; index++) p = this.back(r, p);
    return p;
  }

  /** All entries as they lie there, for those who write them out. */
  entries(r: number, out: Slice): void {
    const block = this.block(r);
    const seg = block >>> SEG_SHIFT;
    out.set(this.arena.u8[seg], this.arena.view[seg], (block & SEG_MASK) << 3, block === 0 ? 0 : this.end(r));
  }

  // ---- writing -------------------------------------------------------------

  append(r: number, value: Slice): void {
    this.insert(r, this.end(r), value);
  }

  /** Puts a value before the entry at p; returns the place behind it. */
  insert(r: number, p: number, value: Slice): number {
    this.packed.measure(value);
    this.splice(r, p, 0, this.packed.bytes, 1);
    return this.write(r, p);
  }

  /** Puts a value in the place of the entry at p; returns the place behind it. */
  replace(r: number, p: number, value: Slice): number {
    this.packed.measure(value);
    this.splice(r, p, this.skip(r, p) - p, this.packed.bytes, 0);
    return this.write(r, p);
  }

  private write(r: number, p: number): number {
    const block = this.block(r);
    const at = ((block & SEG_MASK) << 3) + p;
    this.packed.write(this.arena.u8[block >>> SEG_SHIFT], this.arena.view[block >>> SEG_SHIFT], at);
    return p + this.packed.bytes;
  }

  /** Takes `n` entries from p on out. */
  remove(r: number, p: number, n: number): void {
    let q = p;
    for (let k = n; k > 0; k--) q = this.skip(r, q);
    this.splice(r, p, q - p, 0, -n);
  }

  /** Fills an empty record with entries that were checked (`checkListpack`). */
  adopt(r: number, u8: Uint8Array, off: number, bytes: number, count: number): void {
    if (count === 0) return;
    this.splice(r, 0, 0, bytes, count);
    const block = this.block(r);
    this.arena.u8[block >>> SEG_SHIFT].set(u8.subarray(off, off + bytes), (block & SEG_MASK) << 3);
  }

  copy(from: number, to: number): void {
    const block = this.block(from);
    if (block === 0) return;
    const off = (block & SEG_MASK) << 3;
    this.adopt(to, this.arena.u8[block >>> SEG_SHIFT], off, this.end(from), this.count(from));
  }

  /** Cuts `cut` bytes out at p and leaves a hole of `put`; the count changes by `by`. */
  private splice(r: number, p: number, cut: number, put: number, by: number): void {
    const { arena } = this;
    const used = this.end(r);
    const need = used + put - cut;
    let block = this.block(r);
    if (need === 0) return this.clear(r);
    if (block === 0) block = arena.alloc(need);
    else {
      const capacity = arena.capacity(block);
      if (need > capacity) block = arena.realloc(block, need, used);
      const u8 = arena.u8[block >>> SEG_SHIFT];
      const first = (block & SEG_MASK) << 3;
      if (p + cut < used && put !== cut) u8.copyWithin(first + p + put, first + p + cut, first + used);
      if (need * 2 < capacity && capacity > SMALL_BLOCK) block = arena.realloc(block, need, need);
    }
    const w = arena.i32[r >>> SEG_SHIFT];
    const i = (r & SEG_MASK) << 1;
    w[i + BLOCK] = block;
    w[i + USED] = need;
    w[i + COUNT] += by;
  }

  /** Frees the block; the record is that of an empty collection again. */
  clear(r: number): void {
    const w = this.arena.i32[r >>> SEG_SHIFT];
    const i = (r & SEG_MASK) << 1;
    if (w[i + BLOCK] !== 0) this.arena.free(w[i + BLOCK]);
    w[i + BLOCK] = w[i + USED] = w[i + COUNT] = 0;
  }

  /** Empties the record but leaves the block to the caller, who reads it and frees it: for growing big. */
  detach(r: number): number {
    const w = this.arena.i32[r >>> SEG_SHIFT];
    const i = (r & SEG_MASK) << 1;
    const block = w[i + BLOCK];
    w[i + BLOCK] = w[i + USED] = w[i + COUNT] = 0;
    return block;
  }

  /** Bytes of the arena beside the record. */
  memory(r: number): number {
    const block = this.block(r);
    return block === 0 ? 0 : this.arena.capacity(block);
  }
}
