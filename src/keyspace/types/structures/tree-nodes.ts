/**
 * The nodes of a sorted set's tree: what lies in them, and the steps on one or two of them.
 *
 *   leaf   1 KiB │ count │ next │ prev │ - │ member[84]                        │ score[84] │
 *   inner  1 KiB │ count │  -   │  -   │ - │ first[50] │ child[50] │ size[50]   │ score[50] │
 *                0                          16          216         416          616
 *
 * Scores stand in the node beside the member's address, so a search touches a member's bytes only among equal scores.
 * first[i] of an inner node (i > 0) is exactly the first member below child i, score[i] its score: there are no
 * separators to store or to free. first[0] is never looked at. size[i] counts the members below child i.
 *
 * HOT. `node` and members are addresses; `w`/`i` a node's words and the index of the first, `f`/`s` its doubles and the
 * index of its first score. An address is good until the next write. bench: ZADD
 */
import type { Slice } from '../../../base/slice.js';
import type { Arena } from '../../arena.js';
import { LENS, LONG, META, SEG_MASK, SEG_SHIFT } from '../../entry.js';

/** Words of a node. */
export const COUNT = 0;
export const NEXT = 1;
export const PREV = 2;
export const KEYS = 4;
export const CHILD = 54;
export const SIZE = 104;

export const LEAF_CAP = 84;
export const INNER_CAP = 50;
/** Doubles from a node's start to its scores: they tell a leaf from an inner node, too. */
export const LEAF_SCORES = 44;
export const INNER_SCORES = 77;
const NODE_BYTES = 1024;

/** Words from a scored member's start to its bytes: header and score, and the long words where it has them. */
const MEMBER_WORD = 6;

/** Where a range begins or ends: at the first that equals a bound, or behind the last. */
export const FROM = 0;
export const BEHIND = 1;
export type Bound = typeof FROM | typeof BEHIND;

export class TreeNodes {
  constructor(readonly arena: Arena) {}

  count(node: number): number {
    return this.arena.i32[node >>> SEG_SHIFT][(node & SEG_MASK) << 1];
  }

  word(node: number, at: number): number {
    return this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + at];
  }

  score(node: number, scores: number, at: number): number {
    return this.arena.f64[node >>> SEG_SHIFT][(node & SEG_MASK) + scores + at];
  }

  create(): number {
    const node = this.arena.alloc(NODE_BYTES);
    const i = (node & SEG_MASK) << 1;
    this.arena.i32[node >>> SEG_SHIFT].fill(0, i, i + KEYS);
    return node;
  }

  // ---- order ---------------------------------------------------------------

  /** memcmp order of two members: what counts among equal scores. */
  lessMember(a: number, b: number): boolean {
    const aw = this.arena.i32[a >>> SEG_SHIFT];
    const bw = this.arena.i32[b >>> SEG_SHIFT];
    let i = (a & SEG_MASK) << 1;
    let k = (b & SEG_MASK) << 1;
    const aLong = (aw[i + META] & LONG) !== 0;
    const bLong = (bw[k + META] & LONG) !== 0;
    const aLength = aLong ? aw[i + MEMBER_WORD] : aw[i + LENS] & 255;
    const bLength = bLong ? bw[k + MEMBER_WORD] : bw[k + LENS] & 255;
    i += aLong ? MEMBER_WORD + 2 : MEMBER_WORD;
    k += bLong ? MEMBER_WORD + 2 : MEMBER_WORD;
    for (let n = Math.min(aLength, bLength); n > 0; n -= 4, i++, k++) {
      let d = aw[i] ^ bw[k];
      if (n < 4) d &= (1 << (n * 8)) - 1;
      if (d === 0) continue;
      const shift = (31 - Math.clz32(d & -d)) & 24; // of the first byte that differs: the lowest, in little endian
      return ((aw[i] >>> shift) & 255) < ((bw[k] >>> shift) & 255);
    }
    return aLength < bLength;
  }

  /** Below zero, zero or above, as a member sorts before, with or after the bytes of a slice. */
  compareMember(m: number, bytes: Slice): number {
    const w = this.arena.i32[m >>> SEG_SHIFT];
    const i = (m & SEG_MASK) << 1;
    const long = (w[i + META] & LONG) !== 0;
    const length = long ? w[i + MEMBER_WORD] : w[i + LENS] & 255;
    const u8 = this.arena.u8[m >>> SEG_SHIFT];
    const at = (i + (long ? MEMBER_WORD + 2 : MEMBER_WORD)) << 2;
    const n = Math.min(length, bytes.len);
    for (let x = 0; x < n; x++) {
      const d = u8[at + x] - bytes.u8[bytes.off + x];
      if (d !== 0) return d;
    }
    return length - bytes.len;
  }

  // ---- searching one node ----------------------------------------------------

  /** The first place from `low` on whose (score, member) is not less than the one given. */
  lowerBound(node: number, scores: number, low: number, m: number, score: number): number {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const f = this.arena.f64[node >>> SEG_SHIFT];
    const i = ((node & SEG_MASK) << 1) + KEYS;
    const s = (node & SEG_MASK) + scores;
    let high = w[i - KEYS];
    while (low < high) {
      const mid = (low + high) >>> 1;
      const x = f[s + mid];
      const key = w[i + mid];
      if (x < score || (x === score && key !== m && this.lessMember(key, m))) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /** The first place from `low` on whose score is at least the one given (FROM), or above it (BEHIND). */
  placeOfScore(node: number, scores: number, low: number, score: number, bound: Bound): number {
    const f = this.arena.f64[node >>> SEG_SHIFT];
    const s = (node & SEG_MASK) + scores;
    let high = this.count(node);
    while (low < high) {
      const mid = (low + high) >>> 1;
      const x = f[s + mid];
      if (x < score || (x === score && bound === BEHIND)) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /** The first place from `low` on whose member is not before some bytes (FROM), or after them (BEHIND). */
  placeOfBytes(node: number, low: number, bytes: Slice, bound: Bound): number {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = ((node & SEG_MASK) << 1) + KEYS;
    let high = w[i - KEYS];
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.compareMember(w[i + mid], bytes) < bound) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  // ---- changing one node ------------------------------------------------------

  /** Puts a member and its score in, moving the later ones up. */
  openGap(node: number, scores: number, at: number, key: number, score: number): void {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const f = this.arena.f64[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    const a = i + KEYS + at;
    const s = (node & SEG_MASK) + scores + at;
    const n = w[i + COUNT]++ - at;
    w.copyWithin(a + 1, a, a + n);
    f.copyWithin(s + 1, s, s + n);
    w[a] = key;
    f[s] = score;
  }

  closeGap(node: number, scores: number, at: number): void {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const f = this.arena.f64[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    const a = i + KEYS + at;
    const s = (node & SEG_MASK) + scores + at;
    const n = --w[i + COUNT] - at;
    w.copyWithin(a, a + 1, a + 1 + n);
    f.copyWithin(s, s + 1, s + 1 + n);
  }

  /** Puts a child with its first member into an inner node. */
  openChild(node: number, at: number, child: number, size: number, scores: number): void {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    const n = w[i + COUNT];
    this.openGap(node, INNER_SCORES, at, this.word(child, KEYS), this.score(child, scores, 0));
    w.copyWithin(i + CHILD + at + 1, i + CHILD + at, i + CHILD + n);
    w.copyWithin(i + SIZE + at + 1, i + SIZE + at, i + SIZE + n);
    w[i + CHILD + at] = child;
    w[i + SIZE + at] = size;
  }

  closeChild(node: number, at: number): void {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = (node & SEG_MASK) << 1;
    const n = w[i + COUNT];
    w.copyWithin(i + CHILD + at, i + CHILD + at + 1, i + CHILD + n);
    w.copyWithin(i + SIZE + at, i + SIZE + at + 1, i + SIZE + n);
    this.closeGap(node, INNER_SCORES, at);
  }

  /** Members to the left of place c of an inner node; of place `count`: all below it. */
  sizeBefore(node: number, c: number): number {
    const w = this.arena.i32[node >>> SEG_SHIFT];
    const i = ((node & SEG_MASK) << 1) + SIZE;
    let n = 0;
    for (let x = 0; x < c; x++) n += w[i + x];
    return n;
  }

  // ---- two nodes ---------------------------------------------------------------

  /** Moves everything from place `keep` on into a new node, which is returned; leaves are chained. */
  split(node: number, scores: number, keep: number): number {
    const right = this.create();
    this.moveTail(node, keep, right, scores);
    if (scores === LEAF_SCORES) this.chain(node, right, this.word(node, NEXT));
    return right;
  }

  /** Moves what the right neighbour holds into a node, and frees the neighbour. */
  join(node: number, right: number, scores: number): void {
    this.moveTail(right, 0, node, scores);
    this.release(right, scores);
  }

  /** Moves all from a place on to the end of another node. */
  private moveTail(from: number, keep: number, to: number, scores: number): void {
    const w = this.arena.i32[from >>> SEG_SHIFT];
    const i = (from & SEG_MASK) << 1;
    const v = this.arena.i32[to >>> SEG_SHIFT];
    const k = (to & SEG_MASK) << 1;
    const f = this.arena.f64[from >>> SEG_SHIFT];
    const g = this.arena.f64[to >>> SEG_SHIFT];
    const n = w[i + COUNT] - keep;
    const at = v[k + COUNT];
    for (let x = 0; x < n; x++) {
      v[k + KEYS + at + x] = w[i + KEYS + keep + x];
      g[(k >> 1) + scores + at + x] = f[(i >> 1) + scores + keep + x];
    }
    if (scores === INNER_SCORES) {
      for (let x = 0; x < n; x++) {
        v[k + CHILD + at + x] = w[i + CHILD + keep + x];
        v[k + SIZE + at + x] = w[i + SIZE + keep + x];
      }
    }
    w[i + COUNT] = keep;
    v[k + COUNT] = at + n;
  }

  /** Links a new leaf between two others, of which the right one may be none. */
  private chain(left: number, leaf: number, right: number): void {
    const { i32 } = this.arena;
    i32[left >>> SEG_SHIFT][((left & SEG_MASK) << 1) + NEXT] = leaf;
    i32[leaf >>> SEG_SHIFT][((leaf & SEG_MASK) << 1) + PREV] = left;
    i32[leaf >>> SEG_SHIFT][((leaf & SEG_MASK) << 1) + NEXT] = right;
    if (right !== 0) i32[right >>> SEG_SHIFT][((right & SEG_MASK) << 1) + PREV] = leaf;
  }

  /** Frees a node; a leaf leaves its chain. */
  release(node: number, scores: number): void {
    const { i32 } = this.arena;
    if (scores === LEAF_SCORES) {
      const next = this.word(node, NEXT);
      const prev = this.word(node, PREV);
      if (next !== 0) i32[next >>> SEG_SHIFT][((next & SEG_MASK) << 1) + PREV] = prev;
      if (prev !== 0) i32[prev >>> SEG_SHIFT][((prev & SEG_MASK) << 1) + NEXT] = next;
    }
    this.arena.free(node);
  }
}
