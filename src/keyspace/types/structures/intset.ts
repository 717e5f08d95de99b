/**
 * A set of integers in one block: sorted, all of the same width, found by halving.
 *
 *   record   │ block │ count │ width: 2, 4 or 8 │ - │          zeros = empty, no block
 *
 *   block    │ -5 │ 3 │ 70 │ 1200 │                little endian, signed
 *
 * The first integer that does not fit makes all of them wider (and so stands at one of the ends); they never get
 * narrower again. Values come as `Packed` that are integers: `n` up to 32 bits, `hi` and `lo` beyond.
 *
 * HOT. `r` is a record, `at` the offset of an integer in its segment. bench: SADD
 */
import type { Slice } from '../../../base/slice.js';
import type { Arena } from '../../arena.js';
import { SEG_MASK, SEG_SHIFT } from '../../entry.js';
import type { Packed } from './listpack.js';

const BLOCK = 0;
const COUNT = 1;
const WIDTH = 2;
/** What redis counts beside the integers: u32 width and u32 count. */
export const INTSET_HEADER = 8;
/** Blocks up to here are not worth shrinking. */
const SMALL_BLOCK = 32;

export class Intsets {
  /** Where the value looked for last is, or belongs. */
  private index = 0;

  constructor(readonly arena: Arena) {}

  count(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + COUNT];
  }

  /** Bytes an integer takes, 0 while the set is empty and was never anything else. */
  width(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + WIDTH];
  }

  /** Bytes of the whole intset as redis counts them. */
  size(r: number): number {
    return INTSET_HEADER + this.count(r) * this.width(r);
  }

  private block(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][(r & SEG_MASK) << 1];
  }

  has(r: number, value: Packed): boolean {
    const block = this.block(r);
    const width = this.width(r);
    this.index = 0;
    if (block === 0 || widthOf(value) > width) return false;
    const view = this.arena.view[block >>> SEG_SHIFT];
    const first = (block & SEG_MASK) << 3;
    let low = 0;
    let high = this.count(r);
    while (low < high) {
      const mid = (low + high) >>> 1;
      const d = compareAt(view, first + mid * width, width, value);
      if (d === 0) {
        this.index = mid;
        return true;
      }
      if (d < 0) low = mid + 1;
      else high = mid;
    }
    this.index = low;
    return false;
  }

  /** Puts an integer in; false if it is there. */
  add(r: number, value: Packed): boolean {
    const wanted = widthOf(value);
    if (wanted > this.width(r)) {
      this.widen(r, wanted);
      this.index = value.n < 0 ? 0 : this.count(r);
    } else if (this.has(r, value)) return false;
    const { arena, index } = this;
    const width = this.width(r);
    const count = this.count(r);
    const need = (count + 1) * width;
    let block = this.block(r);
    if (block === 0) block = arena.alloc(need);
    else if (need > arena.capacity(block)) block = arena.realloc(block, need, count * width);
    const at = ((block & SEG_MASK) << 3) + index * width;
    const u8 = arena.u8[block >>> SEG_SHIFT];
    if (index < count) u8.copyWithin(at + width, at, at + (count - index) * width);
    writeAt(arena.view[block >>> SEG_SHIFT], at, width, value);
    this.put(r, block, count + 1, width);
    return true;
  }

  private widen(r: number, wanted: number): void {
    const { arena } = this;
    const block = this.block(r);
    const count = this.count(r);
    const width = this.width(r);
    if (block === 0) return this.put(r, 0, 0, wanted);
    const fresh = arena.alloc((count + 1) * wanted);
    const from = arena.view[block >>> SEG_SHIFT];
    const to = arena.view[fresh >>> SEG_SHIFT];
    let p = (block & SEG_MASK) << 3;
    let q = (fresh & SEG_MASK) << 3;
    for (let k = count; k > 0; k--, p += width, q += wanted) {
      const n = width === 2 ? from.getInt16(p, true) : from.getInt32(p, true);
      to.setInt32(q, n, true);
      if (wanted === 8) to.setInt32(q + 4, n >> 31, true);
    }
    arena.free(block);
    this.put(r, fresh, count, wanted);
  }

  private put(r: number, block: number, count: number, width: number): void {
    const w = this.arena.i32[r >>> SEG_SHIFT];
    const i = (r & SEG_MASK) << 1;
    w[i + BLOCK] = block;
    w[i + COUNT] = count;
    w[i + WIDTH] = width;
  }

  /** Takes an integer out; false if it is not there. */
  delete(r: number, value: Packed): boolean {
    if (!this.has(r, value)) return false;
    this.removeAt(r, this.index);
    return true;
  }

  removeAt(r: number, index: number): void {
    const { arena } = this;
    const width = this.width(r);
    const count = this.count(r) - 1;
    let block = this.block(r);
    const at = ((block & SEG_MASK) << 3) + index * width;
    arena.u8[block >>> SEG_SHIFT].copyWithin(at, at + width, at + (count - index + 1) * width);
    const capacity = arena.capacity(block);
    if (count === 0) {
      arena.free(block);
      block = 0;
    } else if (count * width * 2 < capacity && capacity > SMALL_BLOCK) {
      block = arena.realloc(block, count * width, count * width);
    }
    this.put(r, block, count, width);
  }

  /** The digits of the integer number `index`. */
  read(r: number, index: number, out: Slice): void {
    const block = this.block(r);
    const width = this.width(r);
    const view = this.arena.view[block >>> SEG_SHIFT];
    const at = ((block & SEG_MASK) << 3) + index * width;
    if (width === 8) out.int64(view.getInt32(at + 4, true), view.getInt32(at, true));
    else out.integer(width === 2 ? view.getInt16(at, true) : view.getInt32(at, true));
  }

  /** All integers as they lie there, for those who write them out. */
  integers(r: number, out: Slice): void {
    const block = this.block(r);
    const seg = block >>> SEG_SHIFT;
    const bytes = this.count(r) * this.width(r);
    out.set(this.arena.u8[seg], this.arena.view[seg], (block & SEG_MASK) << 3, bytes);
  }

  /** Fills an empty record with integers that were checked: in order, and of this width. */
  adopt(r: number, u8: Uint8Array, off: number, count: number, width: number): void {
    const { arena } = this;
    const bytes = count * width;
    if (bytes === 0) return;
    const block = arena.alloc(bytes);
    arena.u8[block >>> SEG_SHIFT].set(u8.subarray(off, off + bytes), (block & SEG_MASK) << 3);
    this.put(r, block, count, width);
  }

  copy(from: number, to: number): void {
    const block = this.block(from);
    if (block === 0) return;
    this.adopt(to, this.arena.u8[block >>> SEG_SHIFT], (block & SEG_MASK) << 3, this.count(from), this.width(from));
  }

  clear(r: number): void {
    const block = this.block(r);
    if (block !== 0) this.arena.free(block);
    this.put(r, 0, 0, 0);
  }

  /** Empties the record but leaves the block to the caller, who reads it and frees it: for growing big. */
  detach(r: number): number {
    const block = this.block(r);
    this.put(r, 0, 0, 0);
    return block;
  }

  memory(r: number): number {
    const block = this.block(r);
    return block === 0 ? 0 : this.arena.capacity(block);
  }
}

function widthOf(value: Packed): number {
  const n = value.n;
  if (n >= -32_768 && n <= 32_767) return 2;
  return n >= -2_147_483_648 && n <= 2_147_483_647 ? 4 : 8;
}

/** Below zero, zero or above, as the integer at `at` is less than, equal to or greater than a value. */
function compareAt(view: DataView, at: number, width: number, value: Packed): number {
  if (width === 2) return view.getInt16(at, true) - value.n;
  if (width === 4) return view.getInt32(at, true) - value.n;
  const d = view.getInt32(at + 4, true) - value.hi;
  return d !== 0 ? d : view.getUint32(at, true) - (value.lo >>> 0);
}

function writeAt(view: DataView, at: number, width: number, value: Packed): void {
  if (width === 2) view.setInt16(at, value.n, true);
  else {
    view.setInt32(at, value.lo, true);
    if (width === 8) view.setInt32(at + 4, value.hi, true);
  }
}
