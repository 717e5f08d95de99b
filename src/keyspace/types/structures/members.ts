/**
 * Members of big sets, hashes and sorted sets: entries like those of keys, in a table whose record is the collection's.
 *
 *   set member   │ next │ hash │ meta │ lens │ member │
 *   hash field   │ next │ hash │ meta │ lens │ field │ value │
 *   zset member  │ next │ hash │ meta │ lens │ score f64 │ member │
 *
 * See entry.ts for the header, and for the two words more that long fields and values have.
 *
 * HOT. `t` is a table's record, `m` a member: addresses, good until the next write. What slices look at lies in the
 * arena, too. bench: SADD, SPOP, HSET, ZADD
 */
import { copyBytes } from '../../../base/bytes.js';
import type { Slice } from '../../../base/slice.js';
import type { Arena } from '../../arena.js';
import { EXTRA, HEADER_BYTES, LENS, LONG, LONG_KEY, LONG_VALUE, META, SEG_MASK, SEG_SHIFT } from '../../entry.js';
import type { KeyHasher } from '../../hash.js';
import type { TableOps } from '../../slot-table.js';
import { keyStart } from '../record.js';

/** Buckets whose members are loaded before a walk comes to them. */
const AHEAD = 128;

/** A walk over a table: its place. */
export class TableCursor {
  bucket = 0;
  next = 0;
}

/** Who has to know of changes while a big collection is written to a file. `t` is the table's record. */
export interface MemberGuard {
  memberAdded(t: number, m: number): void;
  memberChanging(t: number, m: number): void;
  memberRemoving(t: number, m: number): void;
  memberMoved(t: number, m: number, to: number): void;
}

export class Members {
  guard: MemberGuard | null = null;
  /** Hash of the member looked for last: `add` uses it. */
  private hash = 0;
  /** Keeps the loads from being optimised away. */
  touched = 0;

  constructor(
    readonly arena: Arena,
    readonly tables: TableOps,
    private readonly hasher: KeyHasher,
  ) {}

  count(t: number): number {
    return this.tables.count(t);
  }

  /** The member that equals a slice, or 0. */
  find(t: number, key: Slice): number {
    this.hash = key.hashed ? key.hash : this.hasher.hash(key.u8, key.view, key.off, key.len);
    return this.tables.find(t, this.hash, key.u8, key.view, key.off, key.len);
  }

  /** Adds what `find` just did not find, with room for n bytes of value; `extra` is EXTRA to have a score, or 0. */
  add(t: number, key: Slice, n: number, extra: number): number {
    const m = this.make(key, n, extra);
    this.tables.insert(t, m, this.hash);
    if (this.guard !== null) this.guard.memberAdded(t, m);
    return m;
  }

  private make(key: Slice, n: number, extra: number): number {
    const { arena } = this;
    const length = key.len;
    const long = length >= LONG_KEY || n >= LONG_VALUE ? LONG : 0;
    const start = HEADER_BYTES + extra + (long << 1);
    const m = arena.alloc(start + length + n);
    const seg = m >>> SEG_SHIFT;
    const w = arena.i32[seg];
    const i = (m & SEG_MASK) << 1;
    w[i + META] = extra | long;
    if (long === 0) w[i + LENS] = length | (n << 8);
    else {
      w[i + LENS] = Math.min(length, LONG_KEY);
      w[i + 4 + (extra >> 2)] = length;
      w[i + 5 + (extra >> 2)] = n;
    }
    copyBytes(arena.u8[seg], arena.view[seg], (i << 2) + start, key.u8, key.view, key.off, length);
    return m;
  }

  /** Looks at the member itself: the field of a hash. */
  key(m: number, out: Slice): void {
    const seg = m >>> SEG_SHIFT;
    const w = this.arena.i32[seg];
    const i = (m & SEG_MASK) << 1;
    const start = keyStart(w[i + META]);
    const length = (w[i + META] & LONG) === 0 ? w[i + LENS] & 255 : w[i + ((start - 8) >> 2)];
    out.set(this.arena.u8[seg], this.arena.view[seg], (i << 2) + start, length);
  }

  /** Looks at the value of a field. */
  value(m: number, out: Slice): void {
    const seg = m >>> SEG_SHIFT;
    const w = this.arena.i32[seg];
    const i = (m & SEG_MASK) << 1;
    const start = keyStart(w[i + META]);
    const short = (w[i + META] & LONG) === 0;
    const length = short ? w[i + LENS] & 255 : w[i + ((start - 8) >> 2)];
    const n = short ? w[i + LENS] >>> 8 : w[i + ((start - 4) >> 2)];
    out.set(this.arena.u8[seg], this.arena.view[seg], (i << 2) + start + length, n);
  }

  /** Sets the value of a field, which may exist or not; true if it is new. */
  setField(t: number, field: Slice, value: Slice): boolean {
    const old = this.find(t, field);
    const n = value.len;
    if (old === 0) {
      this.fill(this.add(t, field, n, 0), field.len, value);
      return true;
    }
    if (this.guard !== null) this.guard.memberChanging(t, old);
    const long = (this.arena.i32[old >>> SEG_SHIFT][((old & SEG_MASK) << 1) + META] & LONG) !== 0;
    const bytes = HEADER_BYTES + (long ? 8 : 0) + field.len + n;
    if ((long || n < LONG_VALUE) && this.arena.fits(old, bytes)) {
      const w = this.arena.i32[old >>> SEG_SHIFT];
      const i = (old & SEG_MASK) << 1;
      if (long) w[i + 5] = n;
      else w[i + LENS] = (w[i + LENS] & 255) | (n << 8);
      this.fill(old, field.len, value);
      return false;
    }
    const fresh = this.make(field, n, 0);
    this.tables.replace(t, old, fresh);
    if (this.guard !== null) this.guard.memberMoved(t, old, fresh);
    this.arena.free(old);
    this.fill(fresh, field.len, value);
    return false;
  }

  private fill(m: number, keyLength: number, value: Slice): void {
    const { arena } = this;
    const seg = m >>> SEG_SHIFT;
    const i = (m & SEG_MASK) << 1;
    const at = (i << 2) + keyStart(arena.i32[seg][i + META]) + keyLength;
    copyBytes(arena.u8[seg], arena.view[seg], at, value.u8, value.view, value.off, value.len);
  }

  /** The score of a member that was added with EXTRA. */
  score(m: number): number {
    return this.arena.f64[m >>> SEG_SHIFT][(m & SEG_MASK) + 2];
  }

  setScore(m: number, score: number): void {
    this.arena.f64[m >>> SEG_SHIFT][(m & SEG_MASK) + 2] = score;
  }

  /** Takes a member out of its table and frees it. */
  remove(t: number, m: number): void {
    if (this.guard !== null) this.guard.memberRemoving(t, m);
    this.tables.remove(t, m);
    this.arena.free(m);
  }

  random(t: number, chance: () => number): number {
    return this.tables.random(t, chance);
  }

  // ---- walking -------------------------------------------------------------

  start(cursor: TableCursor): void {
    cursor.bucket = 0;
    cursor.next = 0;
  }

  /** The next member of a walk, or 0 at its end. The member may be removed before the next call; others may not. */
  next(t: number, cursor: TableCursor): number {
    const { tables } = this;
    let m = cursor.next;
    for (const n = tables.bucketCount(t); m === 0; m = tables.bucketHead(t, cursor.bucket++)) {
      if (cursor.bucket >= n) return 0;
      if (cursor.bucket % AHEAD === 0) this.touchAhead(t, cursor.bucket, Math.min(n, cursor.bucket + AHEAD));
    }
    cursor.next = this.arena.i32[m >>> SEG_SHIFT][(m & SEG_MASK) << 1];
    return m;
  }

  /** Loads what the walk will meet in these buckets: misses that do not depend on each other overlap. */
  private touchAhead(t: number, from: number, to: number): void {
    const { arena, tables } = this;
    let sum = 0;
    for (let b = from; b < to; b++) {
      const m = tables.bucketHead(t, b);
      if (m !== 0) sum ^= arena.i32[m >>> SEG_SHIFT][((m & SEG_MASK) << 1) + LENS];
    }
    this.touched = sum;
  }

  /** A step of SSCAN, HSCAN or ZSCAN: visits about `count` members; returns the next cursor, 0 at the end. */
  scan(t: number, cursor: number, count: number, visit: (m: number) => void): number {
    let visited = 0;
    const counted = (m: number): void => {
      visited++;
      visit(m);
    };
    let rounds = count * 10; // as in Redis, so that a table with few members in many buckets holds nobody up
    do cursor = this.tables.scan(t, cursor, counted);
    while (cursor !== 0 && --rounds > 0 && visited < count);
    return cursor;
  }

  /** Visits n different members, for few of many: draws until so many are found. */
  draw(t: number, n: number, chance: () => number, visit: (m: number) => void): void {
    const drawn = new Set<number>();
    while (drawn.size < n) {
      const m = this.random(t, chance);
      if (drawn.has(m)) continue;
      drawn.add(m);
      visit(m);
    }
  }

  /** Copies all members, with value and score, into the empty table of another record. */
  copy(from: number, to: number, cursor: TableCursor): void {
    const { arena } = this;
    this.start(cursor);
    for (let m = this.next(from, cursor); m !== 0; m = this.next(from, cursor)) {
      const fresh = arena.alloc(this.bytes(m));
      const at = (m & SEG_MASK) << 3;
      const bytes = arena.u8[m >>> SEG_SHIFT].subarray(at, at + this.bytes(m));
      arena.u8[fresh >>> SEG_SHIFT].set(bytes, (fresh & SEG_MASK) << 3);
      this.tables.insert(to, fresh, arena.i32[m >>> SEG_SHIFT][((m & SEG_MASK) << 1) + 1]);
    }
  }

  /** Bytes of an entry up to its last one. */
  private bytes(m: number): number {
    const w = this.arena.i32[m >>> SEG_SHIFT];
    const i = (m & SEG_MASK) << 1;
    const start = keyStart(w[i + META]);
    if ((w[i + META] & LONG) === 0) return start + (w[i + LENS] & 255) + (w[i + LENS] >>> 8);
    return start + w[i + ((start - 8) >> 2)] + w[i + ((start - 4) >> 2)];
  }

  /** Bytes of the arena that members and buckets take: all of them are visited. */
  memory(t: number, cursor: TableCursor): number {
    const buckets = this.arena.i32[t >>> SEG_SHIFT][(t & SEG_MASK) << 1]; // the first word of a table's record
    let sum = buckets === 0 ? 0 : this.arena.capacity(buckets);
    this.start(cursor);
    for (let m = this.next(t, cursor); m !== 0; m = this.next(t, cursor)) sum += this.arena.capacity(m);
    return sum;
  }
}

/** `extra` of members that have a score, and of those that have none. */
export const SCORED = EXTRA;
export const UNSCORED = 0;
