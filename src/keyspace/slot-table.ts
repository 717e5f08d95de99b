/**
 * Hash tables over the arena: one per cluster slot (16384), and the same code for the members of big sets, hashes
 * and sorted sets. No JavaScript object per key.
 *
 *   table record (16 bytes, anywhere in the arena)
 *   | buckets (address) | n buckets | count | capacity of the bucket array |
 *        |
 *        v   buckets: int32[n]          entry: see entry.ts
 *   | e | 0 | e | e | 0 | ...           its `next` is the next entry of the same bucket, or 0
 *
 * Growth is linear hashing: every insert above load 1 splits exactly one bucket, every delete below load 1/4 merges
 * one back. There is no rehash stall, no second table, and no idle half of a bucket array. With 2^L <= n < 2^(L+1) a
 * bucket index is `hash & (2^(L+1)-1)`, minus 2^L if that bucket does not exist yet; so SCAN's reverse-binary cursor
 * over 2^L buckets (visiting v and v + 2^L) has redis' guarantees while the table grows and shrinks.
 *
 * HOT. `t` is a table's record, `e` an entry, both addresses, 0 = none; `tw`/`ti`, `bw`/`bi` and `w`/`i` are the words
 * and the index of a table, a bucket and an entry. Addresses are good until the next write. bench: SET, SADD
 */
import type { Arena } from './arena.js';
import {
  EXTRA,
  HASH,
  KIND_MASK,
  KIND_SHIFT,
  LENS,
  LONG,
  LONG_KEY,
  META,
  NEXT,
  RECORD_BYTES,
  SEG_MASK,
  SEG_SHIFT,
} from './entry.js';

const T_BUCKETS = 0;
const T_N = 1;
const T_COUNT = 2;
const T_CAP = 3;
const MIN_BUCKETS = 4;
/** Depths of a bucket that `random` tells apart: more would cost more draws, and deeper chains are rare. */
const RANDOM_DEPTH = 6;

export const TABLE_BYTES = 16;

function bucketOf(hash: number, n: number): number {
  const half = 0x40000000 >>> (Math.clz32(n) - 1);
  const i = hash & (half * 2 - 1);
  return i >= n ? i & (half - 1) : i;
}

export class TableOps {
  constructor(readonly arena: Arena) {}

  count(t: number): number {
    return this.arena.i32[t >>> SEG_SHIFT][((t & SEG_MASK) << 1) + T_COUNT];
  }

  /** The first entry in the bucket of a hash, or 0: for reading ahead. */
  firstOf(t: number, hash: number): number {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N];
    if (n === 0) return 0;
    const b = tw[ti + T_BUCKETS];
    return i32[b >>> SEG_SHIFT][((b & SEG_MASK) << 1) + bucketOf(hash, n)];
  }

  /** The first entry of the bucket that the next insert will split, or 0: for reading ahead. */
  nextSplit(t: number): number {
    const { i32 } = this.arena;
    const tw = i32[t >>> SEG_SHIFT];
    const ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N];
    if (n === 0 || tw[ti + T_COUNT] < n) return 0;
    const b = tw[ti + T_BUCKETS];
    return i32[b >>> SEG_SHIFT][((b & SEG_MASK) << 1) + n - (0x40000000 >>> (Math.clz32(n) - 1))];
  }

  /** The entry whose key equals the `len` bytes at buf[off..], or 0. */
  find(t: number, hash: number, buf: Uint8Array, view: DataView, off: number, len: number): number {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N];
    if (n === 0) return 0;
    const b = tw[ti + T_BUCKETS];
    let e = i32[b >>> SEG_SHIFT][((b & SEG_MASK) << 1) + bucketOf(hash, n)];
    const short = len < LONG_KEY ? len : LONG_KEY;
    while (e !== 0) {
      const w = i32[e >>> SEG_SHIFT];
      const i = (e & SEG_MASK) << 1;
      if (w[i + HASH] === hash && (w[i + LENS] & 255) === short && this.sameKey(e, w, i, buf, view, off, len)) return e;
      e = w[i + NEXT];
    }
    return 0;
  }

  /** The lengths agree as far as the short form tells: compares the rest. */
  private sameKey(
    e: number,
    w: Int32Array,
    i: number,
    buf: Uint8Array,
    view: DataView,
    off: number,
    len: number,
  ): boolean {
    const m = w[i + META];
    let k = i + 4 + ((m & EXTRA) >> 2);
    if ((m & LONG) !== 0) {
      if (len >= LONG_KEY && w[k] !== len) return false;
      k += 2 + (RECORD_BYTES[(m >>> KIND_SHIFT) & KIND_MASK] >> 2);
    }
    let p = off;
    for (const stop = off + (len & ~3); p < stop; p += 4) if (w[k++] !== view.getInt32(p, true)) return false;
    const bytes = this.arena.u8[e >>> SEG_SHIFT];
    let a = k << 2;
    for (const stop = off + len; p < stop; p++) if (bytes[a++] !== buf[p]) return false;
    return true;
  }

  /** Links a complete entry (its key must not be in the table yet). */
  insert(t: number, e: number, hash: number): void {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const count = ++tw[ti + T_COUNT];
    if (count > tw[ti + T_N]) this.split(t);
    const b = tw[ti + T_BUCKETS];
    const bw = i32[b >>> SEG_SHIFT],
      bi = ((b & SEG_MASK) << 1) + bucketOf(hash, tw[ti + T_N]);
    const w = i32[e >>> SEG_SHIFT],
      i = (e & SEG_MASK) << 1;
    w[i + HASH] = hash;
    w[i + NEXT] = bw[bi];
    bw[bi] = e;
  }

  /** Puts `fresh` where `old` hangs; the same address is fine. */
  replace(t: number, old: number, fresh: number): void {
    const w = this.arena.i32[old >>> SEG_SHIFT],
      i = (old & SEG_MASK) << 1;
    this.relink(t, old, w[i + HASH], fresh);
    const f = this.arena.i32[fresh >>> SEG_SHIFT],
      fi = (fresh & SEG_MASK) << 1;
    f[fi + NEXT] = w[i + NEXT];
    f[fi + HASH] = w[i + HASH];
  }

  /** Unlinks e; freeing it is the caller's business. */
  remove(t: number, e: number): void {
    const w = this.arena.i32[e >>> SEG_SHIFT],
      i = (e & SEG_MASK) << 1;
    this.relink(t, e, w[i + HASH], w[i + NEXT]);
    const tw = this.arena.i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const count = --tw[ti + T_COUNT];
    if (count === 0) this.drop(t);
    else for (let k = 0; k < 4 && count * 4 < tw[ti + T_N] && tw[ti + T_N] > MIN_BUCKETS; k++) this.merge(t);
  }

  private relink(t: number, e: number, hash: number, to: number): void {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const b = tw[ti + T_BUCKETS];
    let w = i32[b >>> SEG_SHIFT],
      i = ((b & SEG_MASK) << 1) + bucketOf(hash, tw[ti + T_N]);
    while (w[i] !== e) {
      // NEXT is word 0, so a bucket looks like an entry
      const x = w[i];
      w = i32[x >>> SEG_SHIFT];
      i = (x & SEG_MASK) << 1;
    }
    w[i] = to;
  }

  /** Frees the bucket array of a table whose entries are gone. */
  drop(t: number): void {
    const tw = this.arena.i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    if (tw[ti + T_N] !== 0) this.arena.free(tw[ti + T_BUCKETS]);
    tw[ti + T_BUCKETS] = tw[ti + T_N] = tw[ti + T_CAP] = tw[ti + T_COUNT] = 0;
  }

  /** One more bucket: moves the matching half of its buddy's chain over. */
  private split(t: number): void {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N];
    if (n === tw[ti + T_CAP]) this.growBuckets(t);
    if (n === 0) return;
    const b = tw[ti + T_BUCKETS];
    const bw = i32[b >>> SEG_SHIFT],
      bi = (b & SEG_MASK) << 1;
    const half = 0x40000000 >>> (Math.clz32(n) - 1);
    let e = bw[bi + n - half],
      stay = 0,
      move = 0;
    while (e !== 0) {
      const w = i32[e >>> SEG_SHIFT],
        i = (e & SEG_MASK) << 1;
      const next = w[i + NEXT];
      if ((w[i + HASH] & half) !== 0) {
        w[i + NEXT] = move;
        move = e;
      } else {
        w[i + NEXT] = stay;
        stay = e;
      }
      e = next;
    }
    bw[bi + n - half] = stay;
    bw[bi + n] = move;
    tw[ti + T_N] = n + 1;
  }

  private growBuckets(t: number): void {
    const arena = this.arena;
    const tw = arena.i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N];
    if (n === 0) {
      const fresh = arena.alloc(MIN_BUCKETS * 4);
      const at = (fresh & SEG_MASK) << 1;
      arena.i32[fresh >>> SEG_SHIFT].fill(0, at, at + MIN_BUCKETS);
      tw[ti + T_BUCKETS] = fresh;
      tw[ti + T_N] = tw[ti + T_CAP] = MIN_BUCKETS;
      return;
    }
    const fresh = arena.realloc(tw[ti + T_BUCKETS], n < 64 ? n * 8 : n * 5, n * 4);
    tw[ti + T_BUCKETS] = fresh;
    tw[ti + T_CAP] = arena.capacity(fresh) >>> 2;
  }

  /** One bucket less: its chain is appended to its buddy's. */
  private merge(t: number): void {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N] - 1;
    const b = tw[ti + T_BUCKETS];
    const bw = i32[b >>> SEG_SHIFT],
      bi = (b & SEG_MASK) << 1;
    const buddy = bi + n - (0x40000000 >>> (Math.clz32(n) - 1));
    const chain = bw[bi + n];
    if (chain !== 0) {
      let e = chain;
      for (;;) {
        const w = i32[e >>> SEG_SHIFT],
          i = (e & SEG_MASK) << 1;
        if (w[i + NEXT] === 0) {
          w[i + NEXT] = bw[buddy];
          break;
        }
        e = w[i + NEXT];
      }
      bw[buddy] = chain;
    }
    tw[ti + T_N] = n;
    if (n * 4 < tw[ti + T_CAP] && tw[ti + T_CAP] > 64) {
      const fresh = this.arena.realloc(b, n * 5, n * 4);
      tw[ti + T_BUCKETS] = fresh;
      tw[ti + T_CAP] = this.arena.capacity(fresh) >>> 2;
    }
  }

  /** Calls visit for every entry of the cursor's buckets; returns the next cursor, 0 at the end. */
  scan(t: number, cursor: number, visit: (entry: number) => void): number {
    const tw = this.arena.i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N];
    if (n === 0) return 0;
    const half = 0x40000000 >>> (Math.clz32(n) - 1);
    const v = cursor & (half - 1);
    this.visitBucket(t, v, visit);
    if (v + half < n) this.visitBucket(t, v + half, visit);
    return reverse(reverse(cursor | ~(half - 1)) + 1) >>> 0;
  }

  /** All entries of a table, e.g. all keys in a slot. */
  each(t: number, visit: (entry: number) => void): void {
    const n = this.arena.i32[t >>> SEG_SHIFT][((t & SEG_MASK) << 1) + T_N];
    for (let b = 0; b < n; b++) this.visitBucket(t, b, visit);
  }

  private visitBucket(t: number, bucket: number, visit: (entry: number) => void): void {
    const i32 = this.arena.i32;
    const b = i32[t >>> SEG_SHIFT][((t & SEG_MASK) << 1) + T_BUCKETS];
    let e = i32[b >>> SEG_SHIFT][((b & SEG_MASK) << 1) + bucket];
    while (e !== 0) {
      const next = i32[e >>> SEG_SHIFT][(e & SEG_MASK) << 1]; // visit may free e
      visit(e);
      e = next;
    }
  }

  /** How many buckets there are, and the first entry of one or 0: for walks that may stop halfway. */
  bucketCount(t: number): number {
    return this.arena.i32[t >>> SEG_SHIFT][((t & SEG_MASK) << 1) + T_N];
  }

  bucketHead(t: number, bucket: number): number {
    const i32 = this.arena.i32;
    const b = i32[t >>> SEG_SHIFT][((t & SEG_MASK) << 1) + T_BUCKETS];
    return i32[b >>> SEG_SHIFT][((b & SEG_MASK) << 1) + bucket];
  }

  /**
   * A random entry, or 0 if there is none: a random place (bucket, depth below 6), drawn again while nothing is there.
   * So all entries are equally likely, but for those deeper than the last place, which share it: 1 in 5,000 or fewer.
   */
  random(t: number, chance: () => number): number {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT],
      ti = (t & SEG_MASK) << 1;
    const n = tw[ti + T_N];
    if (tw[ti + T_COUNT] === 0) return 0;
    const b = tw[ti + T_BUCKETS];
    const bw = i32[b >>> SEG_SHIFT],
      bi = (b & SEG_MASK) << 1;
    for (;;) {
      const place = Math.floor(chance() * n * RANDOM_DEPTH);
      let e = bw[bi + Math.floor(place / RANDOM_DEPTH)];
      const depth = place % RANDOM_DEPTH;
      for (let d = 0; d < depth && e !== 0; d++) e = i32[e >>> SEG_SHIFT][(e & SEG_MASK) << 1];
      if (e !== 0) return depth === RANDOM_DEPTH - 1 ? this.oneOfChain(e, chance) : e;
    }
  }

  /** One of an entry and those behind it in its bucket, all equally likely. */
  private oneOfChain(first: number, chance: () => number): number {
    const i32 = this.arena.i32;
    let pick = first;
    let seen = 1;
    for (let e = i32[first >>> SEG_SHIFT][(first & SEG_MASK) << 1]; e !== 0; seen++) {
      if (chance() * (seen + 1) < 1) pick = e;
      e = i32[e >>> SEG_SHIFT][(e & SEG_MASK) << 1];
    }
    return pick;
  }

  /** Takes some entry out of a table that nobody looks into any more. It must not be empty; `drop` it when it is. */
  takeLast(t: number): number {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT];
    const ti = (t & SEG_MASK) << 1;
    const b = tw[ti + T_BUCKETS];
    const bw = i32[b >>> SEG_SHIFT];
    const bi = ((b & SEG_MASK) << 1) - 1;
    while (bw[bi + tw[ti + T_N]] === 0) tw[ti + T_N]--;
    const e = bw[bi + tw[ti + T_N]];
    bw[bi + tw[ti + T_N]] = i32[e >>> SEG_SHIFT][(e & SEG_MASK) << 1];
    tw[ti + T_COUNT]--;
    return e;
  }

  /** Frees about n entries of a table that nobody looks into any more; true once it is empty. */
  clearSome(t: number, n: number): boolean {
    const i32 = this.arena.i32;
    const tw = i32[t >>> SEG_SHIFT];
    const ti = (t & SEG_MASK) << 1;
    for (let left = n; left > 0 && tw[ti + T_N] > 0; left--) {
      const last = tw[ti + T_N] - 1; // the last bucket goes with its chain
      for (let e = this.bucketHead(t, last); e !== 0; left--) {
        const next = i32[e >>> SEG_SHIFT][(e & SEG_MASK) << 1];
        this.arena.free(e);
        tw[ti + T_COUNT]--;
        e = next;
      }
      tw[ti + T_N] = last;
    }
    if (tw[ti + T_N] > 0) return false;
    if (tw[ti + T_BUCKETS] !== 0) this.arena.free(tw[ti + T_BUCKETS]);
    tw[ti + T_BUCKETS] = tw[ti + T_CAP] = tw[ti + T_COUNT] = 0;
    return true;
  }
}

/** The bits of a number, the last one first. */
export function reverse(x: number): number {
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}
