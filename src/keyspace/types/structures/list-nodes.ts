/**
 * The nodes of a list: blocks of listpack entries with a gap at both ends, chained both ways.
 *
 *   record in the key's entry (16 bytes)   │ head │ tail │ count of elements │ count of nodes │
 *
 *   node   │ prev │ next │ count │ start │ end │ cap │  gap  │ entry │ entry │ entry │  gap  │
 *          0      4      8       12      16    20    24      start                   end     cap
 *
 * Pushing at either end is one write into the gap. A node without a gap is rebuilt twice as big, until it is as big
 * as `list-max-listpack-size` lets it be; then a new one begins. `splice` is the one way to change the middle of a
 * node: it cuts some bytes out, leaves a hole for others, and moves whichever side is shorter.
 *
 * HOT. `r` is a record, `node` a node, `w`/`i` its segment's words and the index of its first. `p` is an offset from
 * the node's start. A node may move whenever something is put into it: take what is returned. bench: LPUSH, LPOP
 */
import type { Packed } from './listpack.js';
import { entryBefore, LISTPACK_FRAME, readEntry, skipEntry, textEntryBytes } from './listpack.js';
import type { Slice } from '../../../base/slice.js';
import type { Arena } from '../../arena.js';
import { SEG_MASK, SEG_SHIFT } from '../../entry.js';
import { type End, LEFT, RIGHT, type Sink } from '../door.js';
import type { TypeLimits } from '../limits.js';

const R_HEAD = 0;
const R_TAIL = 1;
const R_COUNT = 2;
const R_NODES = 3;

const N_PREV = 0;
const N_NEXT = 1;
const N_COUNT = 2;
const N_START = 3;
const N_END = 4;
const N_CAP = 5;
const NODE_HEADER = 24;
const NODE_MIN = 64;

/** list-max-listpack-size −1 to −5, in bytes. */
const NODE_BYTES = Int32Array.of(4096, 8192, 16_384, 32_768, 65_536);
/** Bound of a node that is limited by its count of elements. */
const SAFE_BYTES = 8192;
/** What redis reckons for an entry beside its text, when it asks whether a node may take it. */
const ENTRY_OVERHEAD = 8;
/** What two listpacks share when they become one, by redis' reckoning. */
const MERGED_OVERHEAD = 11;

export class ListNodes {
  /** Where `splice` left the hole, from the node's start. */
  hole = 0;

  constructor(
    readonly arena: Arena,
    readonly limits: TypeLimits,
  ) {}

  // ---- the record ----------------------------------------------------------

  end(r: number, side: End): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + side];
  }

  length(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + R_COUNT];
  }

  nodeCount(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + R_NODES];
  }

  /** Counts elements of a node in or out. */
  tally(r: number, node: number, by: number): void {
    this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + N_COUNT] += by;
    this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + R_COUNT] += by;
  }

  // ---- one node ------------------------------------------------------------

  /** The neighbour on a side, 0 at the end. */
  beside(node: number, side: End): number {
    return this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + side];
  }

  count(node: number): number {
    return this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + N_COUNT];
  }

  start(node: number): number {
    return this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + N_START];
  }

  stop(node: number): number {
    return this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + N_END];
  }

  bytes(node: number): number {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    return w[i + N_END] - w[i + N_START];
  }

  /** The offset after the entry at p, and of the entry before p. */
  skip(node: number, p: number): number {
    const base = (node & SEG_MASK) << 3;
    const seg = node >>> SEG_SHIFT;
    return skipEntry(this.arena.u8[seg], this.arena.view[seg], base + p) - base;
  }

  back(node: number, p: number): number {
    const base = (node & SEG_MASK) << 3;
    return entryBefore(this.arena.u8[node >>> SEG_SHIFT], base + p) - base;
  }

  /** The offset of the entry number `index` of a node, from its nearer end. */
  seek(node: number, index: number): number {
    const n = this.count(node);
    let p: number;
    if (index * 2 <= n) {
      p = this.start(node);
      for (; index > 0; index--) p = this.skip(node, p);
    } else {
      p = this.stop(node);
      for (; index < n; index++) p = this.back(node, p);
    }
    return p;
  }

  // ---- limits --------------------------------------------------------------

  private maxBytes(): number {
    const fill = this.limits.listMaxListpackSize;
    return fill >= 0 ? SAFE_BYTES : NODE_BYTES[Math.min(-fill, NODE_BYTES.length) - 1];
  }

  /** Whether a node (which may be none) takes one more value. */
  allows(node: number, value: Packed): boolean {
    return node !== 0 && this.admits(this.bytes(node), this.count(node), value);
  }

  /** Whether so many bytes and elements take one more value, as redis decides it and as far as a block goes. */
  private admits(bytes: number, count: number, value: Packed): boolean {
    const fill = this.limits.listMaxListpackSize;
    const max = fill < 0 ? NODE_BYTES[fill < -NODE_BYTES.length ? NODE_BYTES.length - 1 : -fill - 1] : SAFE_BYTES;
    if (bytes + LISTPACK_FRAME + value.length + ENTRY_OVERHEAD > max) return false;
    if (bytes + value.bytes + NODE_HEADER > max || value.length >= this.limits.listPackedThreshold) return false;
    return (fill < 0 || count < fill) && !this.standsAlone(bytes, count);
  }

  /** Whether a node holds one element that is to stay alone: as long as `listPackedThreshold`. */
  private standsAlone(bytes: number, count: number): boolean {
    const n = this.limits.listPackedThreshold;
    return bytes >= n && count === 1 && bytes >= textEntryBytes(n);
  }

  private allowsMerge(a: number, b: number): boolean {
    if (a === 0 || b === 0) return false;
    const bytes = this.bytes(a) + this.bytes(b);
    const max = this.maxBytes();
    if (bytes + 2 * LISTPACK_FRAME - MERGED_OVERHEAD > max || bytes + NODE_HEADER > max) return false;
    if (this.standsAlone(this.bytes(a), this.count(a)) || this.standsAlone(this.bytes(b), this.count(b))) return false;
    const fill = this.limits.listMaxListpackSize;
    return fill < 0 || this.count(a) + this.count(b) <= fill;
  }

  // ---- both ends -----------------------------------------------------------

  /** Puts a value that was measured at an end of the list: into the gap of its last node, where that is allowed. */
  push(r: number, side: End, value: Packed): void {
    const rw = this.arena.i32[r >>> SEG_SHIFT];
    const ri = (r & SEG_MASK) << 1;
    let node = rw[ri + side];
    if (node !== 0) {
      const w = this.arena.i32[node >>> SEG_SHIFT];
      const i = (node & SEG_MASK) << 1;
      const start = w[i + N_START];
      const end = w[i + N_END];
      const p = side === LEFT ? start - value.bytes : end;
      const fits = side === LEFT ? p >= NODE_HEADER : end + value.bytes <= w[i + N_CAP];
      if (!this.admits(end - start, w[i + N_COUNT], value)) node = 0;
      else if (fits) {
        w[i + side + N_START] = side === LEFT ? p : end + value.bytes; // N_START + RIGHT is N_END
        w[i + N_COUNT]++;
        rw[ri + R_COUNT]++;
        value.write(this.arena.u8[node >>> SEG_SHIFT], this.arena.view[node >>> SEG_SHIFT], (i << 2) + p);
        return;
      }
    }
    if (node === 0) node = this.add(r, rw[ri + side], side, value.bytes);
    node = this.open(r, node, side, value.bytes);
    const seg = node >>> SEG_SHIFT;
    value.write(this.arena.u8[seg], this.arena.view[seg], ((node & SEG_MASK) << 3) + this.hole);
    this.tally(r, node, 1);
  }

  /** Gives the element at an end of a list that is not empty to a sink, as `out`, and then takes it out. */
  pop(r: number, side: End, out: Slice, sink: Sink): void {
    const rw = this.arena.i32[r >>> SEG_SHIFT];
    const ri = (r & SEG_MASK) << 1;
    const node = rw[ri + side];
    const seg = node >>> SEG_SHIFT;
    const w = this.arena.i32[seg];
    const i = (node & SEG_MASK) << 1;
    const u8 = this.arena.u8[seg];
    const base = i << 2;
    if (side === LEFT) w[i + N_START] = readEntry(u8, this.arena.view[seg], base + w[i + N_START], out) - base;
    else {
      const p = entryBefore(u8, base + w[i + N_END]);
      readEntry(u8, this.arena.view[seg], p, out);
      w[i + N_END] = p - base;
    }
    sink.bulk(out.u8, out.view, out.off, out.len);
    rw[ri + R_COUNT]--;
    if (--w[i + N_COUNT] === 0) this.drop(r, node);
    else if (rw[ri + R_NODES] === 1) this.shrink(r, node);
  }

  // ---- changing a node -----------------------------------------------------

  /** Makes room for n bytes at an end of a node; `hole` says where. Returns the node, which may have moved. */
  open(r: number, node: number, side: End, n: number): number {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    if (side === LEFT) {
      const start = w[i + N_START];
      if (start - n < NODE_HEADER) return this.rebuild(r, node, start, 0, n);
      this.hole = w[i + N_START] = start - n;
    } else {
      const end = w[i + N_END];
      if (end + n > w[i + N_CAP]) return this.rebuild(r, node, end, 0, n);
      this.hole = end;
      w[i + N_END] = end + n;
    }
    return node;
  }

  /** Cuts `cut` bytes out at p and leaves a hole of `put` bytes instead. Counts are the caller's business. */
  splice(r: number, node: number, p: number, cut: number, put: number): number {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    const u8 = this.arena.u8[node >>> SEG_SHIFT];
    const base = i << 2;
    const start = w[i + N_START];
    const end = w[i + N_END];
    const grow = put - cut;
    const leftFits = start - grow >= NODE_HEADER;
    const rightFits = end + grow <= w[i + N_CAP];
    if (!leftFits && !rightFits) return this.rebuild(r, node, p, cut, put);
    if (leftFits && (!rightFits || p - start < end - p - cut)) {
      u8.copyWithin(base + start - grow, base + start, base + p);
      w[i + N_START] = start - grow;
      this.hole = p - grow;
    } else {
      u8.copyWithin(base + p + put, base + p + cut, base + end);
      w[i + N_END] = end + grow;
      this.hole = p;
    }
    return node;
  }

  /** `splice` into a block of another size; the gap lies where the hole is: pushes go on there. */
  private rebuild(r: number, node: number, p: number, cut: number, put: number): number {
    const arena = this.arena;
    const bytes = this.bytes(node) + put - cut;
    const max = this.maxBytes();
    const wanted = Math.max(NODE_MIN, bytes + NODE_HEADER, Math.min(max, (bytes + NODE_HEADER) * 2));
    const side = p === this.start(node) && this.beside(node, LEFT) === 0 ? LEFT : RIGHT;
    const fresh = this.newNode(wanted, side);
    const w = arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    const f = arena.i32[fresh >>> SEG_SHIFT];
    const k = (fresh & SEG_MASK) << 1;
    const start = side === LEFT ? f[k + N_CAP] - bytes : NODE_HEADER;
    const from = arena.u8[node >>> SEG_SHIFT];
    const to = arena.u8[fresh >>> SEG_SHIFT];
    const left = p - w[i + N_START];
    to.set(from.subarray((i << 2) + w[i + N_START], (i << 2) + p), (k << 2) + start);
    to.set(from.subarray((i << 2) + p + cut, (i << 2) + w[i + N_END]), (k << 2) + start + left + put);
    f[k + N_PREV] = w[i + N_PREV];
    f[k + N_NEXT] = w[i + N_NEXT];
    f[k + N_COUNT] = w[i + N_COUNT];
    f[k + N_START] = start;
    f[k + N_END] = start + bytes;
    this.setLink(r, w[i + N_PREV], N_NEXT, fresh);
    this.setLink(r, w[i + N_NEXT], N_PREV, fresh);
    arena.free(node);
    this.hole = start + left;
    return fresh;
  }

  /** Gives back what a node that shrank does not need. */
  shrink(r: number, node: number): number {
    const used = this.bytes(node) + NODE_HEADER;
    const cap = this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + N_CAP];
    return cap > NODE_MIN && used * 4 < cap ? this.rebuild(r, node, this.stop(node), 0, 0) : node;
  }

  /** Cuts all before p, or all from p on, out of a node; `left` elements stay. */
  truncate(r: number, node: number, side: End, p: number, left: number): void {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    w[i + (side === LEFT ? N_START : N_END)] = p;
    this.tally(r, node, left - w[i + N_COUNT]);
  }

  // ---- the chain -----------------------------------------------------------

  private newNode(size: number, side: End): number {
    const node = this.arena.alloc(size);
    const cap = this.arena.capacity(node);
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    w[i + N_COUNT] = 0;
    w[i + N_START] = w[i + N_END] = side === LEFT ? cap : NODE_HEADER;
    w[i + N_CAP] = cap;
    return node;
  }

  /** Makes the link of a neighbour, or of the record where there is none, point to `to`. */
  private setLink(r: number, neighbour: number, link: number, to: number): void {
    if (neighbour !== 0) this.arena.i32[neighbour >>> SEG_SHIFT][((neighbour & SEG_MASK) << 1) + link] = to;
    else this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + (link === N_NEXT ? R_HEAD : R_TAIL)] = to;
  }

  /** An empty node with room for n bytes, linked beside `node` (or alone, if that is 0). */
  add(r: number, node: number, side: End, n: number): number {
    // A second node means a growing list: such a one is full-sized at once.
    const fresh = this.newNode(Math.max(n + NODE_HEADER, node === 0 ? NODE_MIN : this.maxBytes()), side);
    const w = this.arena.i32[fresh >>> SEG_SHIFT];
    const i = (fresh & SEG_MASK) << 1;
    const next = side === LEFT ? node : node === 0 ? 0 : this.beside(node, RIGHT);
    const prev = side === RIGHT ? node : node === 0 ? 0 : this.beside(node, LEFT);
    w[i + N_PREV] = prev;
    w[i + N_NEXT] = next;
    this.setLink(r, prev, N_NEXT, fresh);
    this.setLink(r, next, N_PREV, fresh);
    this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + R_NODES]++;
    return fresh;
  }

  /** Takes a node out and frees it, with what it still holds. */
  drop(r: number, node: number): void {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    this.setLink(r, w[i + N_PREV], N_NEXT, w[i + N_NEXT]);
    this.setLink(r, w[i + N_NEXT], N_PREV, w[i + N_PREV]);
    const rw = this.arena.i32[r >>> SEG_SHIFT];
    const ri = (r & SEG_MASK) << 1;
    rw[ri + R_NODES]--;
    rw[ri + R_COUNT] -= w[i + N_COUNT];
    this.arena.free(node);
  }

  /** Moves all from p on, which are `count` elements, into a node of their own to the right. */
  split(r: number, node: number, p: number, count: number): void {
    const n = this.stop(node) - p;
    const right = this.add(r, node, RIGHT, n);
    this.moveBytes(r, right, node, p, n);
    this.truncate(r, node, RIGHT, p, this.count(node) - count);
    this.tally(r, right, count);
  }

  /** Puts n bytes of a node from p on behind what `to` holds; `to` may move. */
  private moveBytes(r: number, to: number, node: number, p: number, n: number): number {
    to = this.open(r, to, RIGHT, n);
    const from = ((node & SEG_MASK) << 3) + p;
    const bytes = this.arena.u8[node >>> SEG_SHIFT].subarray(from, from + n);
    this.arena.u8[to >>> SEG_SHIFT].set(bytes, ((to & SEG_MASK) << 3) + this.hole);
    return to;
  }

  /** Joins a node with its right and then its left neighbour where the limits let it. */
  merge(r: number, node: number): void {
    node = this.mergeRight(r, node);
    const left = this.beside(node, LEFT);
    if (left !== 0) this.mergeRight(r, left);
  }

  private mergeRight(r: number, node: number): number {
    const right = this.beside(node, RIGHT);
    if (!this.allowsMerge(node, right)) return node;
    const count = this.count(right);
    node = this.moveBytes(r, node, right, this.start(right), this.bytes(right));
    this.drop(r, right);
    this.tally(r, node, count);
    return node;
  }

  /** Frees up to `budget` nodes from the head on; true once the list is empty. */
  clear(r: number, budget: number): boolean {
    for (; budget > 0 && this.end(r, LEFT) !== 0; budget--) this.drop(r, this.end(r, LEFT));
    return this.end(r, LEFT) === 0;
  }
}
