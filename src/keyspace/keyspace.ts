/**
 * The keys of one database: finding, making, resizing, removing them. The only writer of key entries.
 *
 *   directory (arena block)   | table 0 | table 1 | ... | table 16383 |   16 bytes each, one per slot
 *   entry                     see entry.ts; a collection's record is `types/`' business
 *
 * The time of death lives inside the entry (no byte for keys without one), and a count per slot says whether a slot
 * has mortal keys at all: active expiry walks only such slots, and no second table has to be kept in step.
 *
 * How a handler works with it: `lookup` (reads: counts hits and misses) or `find` (writes) gives the entry of a key or
 * NONE; `lookupOf`/`findOf` also check the type and answer WRONGTYPE. After a change it calls `wrote`. Anything that
 * may move the entry (`setValue`, `resize`, `setExpire`, `persist`) returns its new address.
 *
 * HOT. `w` is a segment's words, `i` an entry's first word in it, `t` a slot's table. An entry's address is good until
 * the next write. bench: SET, GET, INCR
 */
import { copyBytes } from '../base/bytes.js';
import type { ReplyWriter } from '../resp/writer.js';
import type { Request } from '../resp/request.js';
import type { Engine } from './engine.js';
import { Entries } from './entries.js';
import {
  EXTRA,
  HEADER_BYTES,
  KIND_MASK,
  KIND_SHIFT,
  LENS,
  LONG,
  LONG_KEY,
  LONG_VALUE,
  META,
  NONE,
  RECORD_BYTES,
  SEG_MASK,
  SEG_SHIFT,
  STRING,
  STRING_EMBSTR,
  TYPE_OF_KIND,
  WRONG,
} from './entry.js';
import { TABLE_BYTES } from './slot-table.js';

export const SLOT_COUNT = 16384;
/** Slots are counted in groups, so that a nearly empty keyspace is walked in few steps. */
export const GROUP_SHIFT = 7;
export const GROUP_COUNT = SLOT_COUNT >> GROUP_SHIFT;

const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';

export class Database extends Entries {
  size = 0;
  mortalCount = 0;
  /** Sum of the times of death of mortal keys is not kept: INFO's avg_ttl is sampled by the expiry cycle. */
  averageTtlMs = 0;
  readonly groups = new Int32Array(GROUP_COUNT);
  mortalInSlot: Int32Array = NO_COUNTS;
  private directory = 0;

  /** The lookup last made: hash and table of its key, the argument it was, and the entry it found. */
  private hash = 0;
  private table = 0;
  private slot = 0;
  private lastArg = -1;
  private lastEntry = NONE;

  constructor(
    readonly engine: Engine,
    public index: number,
  ) {
    super(engine.arena);
  }

  // ── finding ───────────────────────────────────────────────────────────────

  /** The live entry of the key in argument i, for a read: counts a hit or miss, and notes the use. */
  lookup(request: Request, i: number): number {
    const e = this.find(request, i);
    if (e === NONE) this.engine.misses++;
    else this.engine.hits++;
    return e;
  }

  /** The live entry of the key in argument i, for a write: notes the use. */
  find(request: Request, i: number): number {
    const e = this.peek(request, i);
    if (e !== NONE) {
      const w = this.arena.i32[e >>> SEG_SHIFT];
      const at = ((e & SEG_MASK) << 1) + META;
      w[at] =
        this.engine.usage === 'lru'
          ? (w[at] & 0xff) | this.engine.usageBits
          : (w[at] & 0xff) | this.engine.lfuTouch(w[at] & ~0xff);
    }
    return e;
  }

  /** The live entry of the key in argument i, leaving no trace of the look. */
  peek(request: Request, i: number): number {
    const { engine } = this;
    const ahead = i === 1 && request.hashed;
    const off = request.off[i];
    const len = request.len[i];
    const hash = ahead ? request.hash : engine.hasher.hash(request.buf, request.view, off, len);
    const slot = ahead ? request.slot : engine.hasher.slot;
    this.hash = hash;
    this.slot = slot;
    this.lastArg = i;
    if (this.directory === 0) return (this.lastEntry = NONE);
    const t = (this.table = this.directory + slot * 2);
    let e = engine.tables.find(t, hash, request.buf, request.view, off, len);
    if (e !== NONE && this.mortalCount !== 0 && this.expireAt(e) <= engine.now) e = this.meetDeath(e, t);
    return (this.lastEntry = e);
  }

  /** The live entry of n bytes at `off`, for callers without a request. */
  peekBytes(buf: Uint8Array, view: DataView, off: number, n: number): number {
    const { engine } = this;
    this.hash = engine.hasher.hash(buf, view, off, n);
    this.slot = engine.hasher.slot;
    this.lastArg = -1;
    if (this.directory === 0) return (this.lastEntry = NONE);
    const t = (this.table = this.directory + this.slot * 2);
    let e = engine.tables.find(t, this.hash, buf, view, off, n);
    if (e !== NONE && this.mortalCount !== 0 && this.expireAt(e) <= engine.now) e = this.meetDeath(e, t);
    return (this.lastEntry = e);
  }

  lookupOf(request: Request, i: number, type: number, reply: ReplyWriter): number {
    const e = this.lookup(request, i);
    return e === NONE || TYPE_OF_KIND[this.kind(e)] === type ? e : refuse(reply);
  }

  findOf(request: Request, i: number, type: number, reply: ReplyWriter): number {
    const e = this.find(request, i);
    return e === NONE || TYPE_OF_KIND[this.kind(e)] === type ? e : refuse(reply);
  }

  /** A key whose time has come is removed where we may, and hidden where another node decides. */
  private meetDeath(e: number, t: number): number {
    if (this.engine.mayExpire) this.expireNow(e, t);
    return NONE;
  }

  /** Removes a key because its time has come, and says so. */
  expireNow(e: number, t: number): void {
    const { engine } = this;
    engine.expiredKeys++;
    engine.observer?.keyExpired(this.index, engine.arena.u8[e >>> SEG_SHIFT], this.keyOffset(e), this.keyLength(e));
    this.unlink(e, t);
    this.release(e);
  }

  // ── making and changing ───────────────────────────────────────────────────

  /** SET: argument v becomes the string under the key of argument k; e is what `find` said. Returns the entry. */
  setString(e: number, request: Request, k: number, v: number, keepTtl: boolean): number {
    const keyLength = request.len[k];
    const n = request.len[v];
    if (e !== NONE) {
      const m = this.meta(e);
      if ((m & 0xff) === STRING && n < LONG_VALUE && this.arena.fits(e, HEADER_BYTES + keyLength + n)) {
        return this.putValue(e, HEADER_BYTES + keyLength, request, v); // a plain string without a time of death
      }
      return this.overwrite(e, request, k, v, keepTtl);
    }
    const fresh = this.create(request, k, STRING, n);
    return this.putBytes(fresh, request.buf, request.view, request.off[v], n);
  }

  private putValue(e: number, at: number, request: Request, v: number): number {
    const { arena } = this;
    const seg = e >>> SEG_SHIFT;
    const w = arena.i32[seg];
    const i = ((e & SEG_MASK) << 1) + LENS;
    const n = request.len[v];
    w[i] = (w[i] & 255) | (n << 8);
    copyBytes(arena.u8[seg], arena.view[seg], ((e & SEG_MASK) << 3) + at, request.buf, request.view, request.off[v], n);
    return e;
  }

  private putBytes(e: number, src: Uint8Array, view: DataView, off: number, n: number): number {
    copyBytes(this.bytes(e), this.view(e), this.valueOffset(e), src, view, off, n);
    return e;
  }

  private overwrite(e: number, request: Request, k: number, v: number, keepTtl: boolean): number {
    const at = keepTtl ? this.expireAt(e) : Number.POSITIVE_INFINITY;
    const t = this.tableOf(e);
    const n = request.len[v];
    const fresh = this.newEntry(request.buf, request.view, request.off[k], request.len[k], STRING, at, n);
    this.putBytes(fresh, request.buf, request.view, request.off[v], n);
    if (at === Number.POSITIVE_INFINITY) this.countMortal(t, e, -1);
    this.replace(e, fresh, t);
    this.release(e);
    return fresh;
  }

  /**
   * A new key, after `find` said there is none, with room for a string of n bytes. For collections the record is
   * zeroed and n is ignored. Counts as used now.
   */
  create(request: Request, k: number, kind: number, n: number): number {
    if (this.lastArg !== k) this.peek(request, k);
    const off = request.off[k];
    const e = this.newEntry(request.buf, request.view, off, request.len[k], kind, Number.POSITIVE_INFINITY, n);
    this.link(e);
    return e;
  }

  /** Links an entry under the key looked up last. */
  private link(e: number): void {
    if (this.directory === 0) this.makeDirectory();
    this.engine.tables.insert(this.table, e, this.hash);
    this.size++;
    this.groups[((this.table - this.directory) >> 1) >> GROUP_SHIFT]++;
    this.lastEntry = e;
  }

  private newEntry(
    src: Uint8Array,
    view: DataView,
    off: number,
    keyLength: number,
    kind: number,
    at: number,
    n: number,
  ): number {
    const { arena } = this;
    const recordBytes = RECORD_BYTES[kind];
    const extra = at === Number.POSITIVE_INFINITY ? 0 : EXTRA;
    const long = keyLength >= LONG_KEY || n >= LONG_VALUE ? LONG : 0;
    const start = HEADER_BYTES + extra + (long << 1);
    const size = recordBytes === 0 ? start + keyLength + n : ((start + keyLength + 7) & ~7) + recordBytes;
    const e = arena.alloc(size);
    const seg = e >>> SEG_SHIFT;
    const w = arena.i32[seg];
    const i = (e & SEG_MASK) << 1;
    const { usageBits } = this.engine;
    w[i + META] = extra | long | (kind << KIND_SHIFT) | usageBits;
    w[i + LENS] = keyLength < LONG_KEY ? keyLength | (long !== 0 ? 0 : n << 8) : LONG_KEY;
    if (long !== 0) {
      w[i + 4 + (extra >> 2)] = keyLength;
      w[i + 5 + (extra >> 2)] = n;
    }
    if (extra !== 0) arena.f64[seg][(e & SEG_MASK) + 2] = at;
    copyBytes(arena.u8[seg], arena.view[seg], (i << 2) + start, src, view, off, keyLength);
    if (recordBytes !== 0) {
      const r = i + ((start + keyLength + 7) >>> 3) * 2;
      for (let x = recordBytes >> 2; x > 0; x--) w[r + x - 1] = 0;
    }
    return e;
  }

  /** Replaces a string's bytes; the time of death stays. Returns the entry, which may have moved. */
  setValue(e: number, kind: number, src: Uint8Array, view: DataView, off: number, n: number): number {
    const at = this.resize(e, n);
    this.setKind(at, kind);
    return this.putBytes(at, src, view, off, n);
  }

  /** Gives a string n bytes, keeping the first ones; new ones are whatever was there. Returns the entry. */
  resize(e: number, n: number): number {
    const { arena } = this;
    const m = this.meta(e);
    const before = this.valueLength(e);
    const start = this.valueOffset(e) - ((e & SEG_MASK) << 3);
    if (((m & LONG) !== 0 || n < LONG_VALUE) && arena.fits(e, start + n)) {
      this.putLength(e, n);
      return e;
    }
    const keyOffset = this.keyOffset(e);
    const keyLength = this.keyLength(e);
    const room = n > before && before > 0 ? Math.min(n * 2, n + (1 << 20)) : n; // grows in steps: appending is linear
    const t = this.tableOf(e);
    const fresh = this.newEntry(
      this.bytes(e),
      this.view(e),
      keyOffset,
      keyLength,
      (m >>> KIND_SHIFT) & KIND_MASK,
      this.expireAt(e),
      room,
    );
    this.putLength(fresh, n);
    const keep = Math.min(before, n);
    this.putBytes(fresh, this.bytes(e), this.view(e), this.valueOffset(e), keep);
    this.replace(e, fresh, t);
    arena.free(e);
    return fresh;
  }

  /** Removes a key and what it holds. */
  remove(e: number): void {
    this.unlink(e, this.tableOf(e));
    this.release(e);
  }

  /** Takes an entry out of its table without freeing it. */
  unlink(e: number, t: number): void {
    this.countMortal(t, e, -1);
    this.engine.tables.remove(t, e);
    this.size--;
    this.groups[((t - this.directory) >> 1) >> GROUP_SHIFT]--;
    if (this.lastEntry === e) this.lastEntry = NONE;
  }

  /** Frees an entry that hangs in no table, and what it holds. */
  release(e: number): void {
    const kind = this.kind(e);
    if (kind > STRING_EMBSTR) this.engine.values.free(kind, this.record(e));
    this.arena.free(e);
  }

  /** Takes the value of e (of this or another database, already unlinked) under the key of argument k, which is free. */
  adopt(e: number, request: Request, k: number, at: number): number {
    this.peek(request, k);
    const { arena } = this;
    const kind = this.kind(e);
    const n = kind > STRING_EMBSTR ? 0 : this.valueLength(e);
    const fresh = this.newEntry(request.buf, request.view, request.off[k], request.len[k], kind, at, n);
    if (kind > STRING_EMBSTR) this.copyRecord(e, fresh, RECORD_BYTES[kind]);
    else this.putBytes(fresh, this.bytes(e), this.view(e), this.valueOffset(e), n);
    arena.free(e);
    this.link(fresh);
    if (at !== Number.POSITIVE_INFINITY) this.countMortal(this.table, fresh, 1);
    return fresh;
  }

  private replace(e: number, fresh: number, t: number): void {
    this.engine.tables.replace(t, e, fresh);
    if (this.lastEntry === e) this.lastEntry = fresh;
  }

  // ── times of death ────────────────────────────────────────────────────────

  /** Sets or (with Infinity) takes away the time of death. The entry moves if it gains or loses the room for it. */
  setExpire(e: number, at: number): number {
    const has = (this.meta(e) & EXTRA) !== 0;
    const wants = at !== Number.POSITIVE_INFINITY;
    if (has === wants) {
      if (wants) this.arena.f64[e >>> SEG_SHIFT][(e & SEG_MASK) + 2] = at;
      return e;
    }
    const { arena } = this;
    const t = this.tableOf(e);
    const kind = this.kind(e);
    const n = kind > STRING_EMBSTR ? 0 : this.valueLength(e);
    const usage = this.meta(e) & ~0xff;
    const fresh = this.newEntry(this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e), kind, at, n);
    const w = arena.i32[fresh >>> SEG_SHIFT];
    const i = ((fresh & SEG_MASK) << 1) + META;
    w[i] = (w[i] & 0xff) | usage;
    if (kind > STRING_EMBSTR) this.copyRecord(e, fresh, RECORD_BYTES[kind]);
    else this.putBytes(fresh, this.bytes(e), this.view(e), this.valueOffset(e), n);
    if (has) this.countMortal(t, e, -1);
    this.replace(e, fresh, t);
    if (wants) this.countMortal(t, fresh, 1);
    arena.free(e);
    return fresh;
  }

  private countMortal(t: number, e: number, by: number): void {
    if ((this.meta(e) & EXTRA) === 0) return;
    this.mortalCount += by;
    this.mortalInSlot[(t - this.directory) >> 1] += by;
  }

  // ── tables ────────────────────────────────────────────────────────────────

  /** The table of a slot, 0 while the database was never written to. */
  slotTable(slot: number): number {
    return this.directory === 0 ? 0 : this.directory + slot * 2;
  }

  slotOfTable(t: number): number {
    return (t - this.directory) >> 1;
  }

  keysInSlot(slot: number): number {
    return this.directory === 0 ? 0 : this.engine.tables.count(this.directory + slot * 2);
  }

  /** The table an entry hangs in: remembered from the last look, or found by hashing the key again. */
  tableOf(e: number): number {
    if (e === this.lastEntry) return this.table;
    this.engine.hasher.hash(this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e));
    return this.directory + this.engine.hasher.slot * 2;
  }

  private makeDirectory(): void {
    const { arena } = this;
    this.directory = arena.alloc(SLOT_COUNT * TABLE_BYTES);
    const w = (this.directory & SEG_MASK) << 1;
    arena.i32[this.directory >>> SEG_SHIFT].fill(0, w, w + SLOT_COUNT * (TABLE_BYTES >> 2));
    if (this.mortalInSlot === NO_COUNTS) this.mortalInSlot = new Int32Array(SLOT_COUNT);
    this.table = this.directory + this.slot * 2;
  }

  /** The arena was reset: nothing of it may be looked at any more. */
  forget(): void {
    this.directory = this.size = this.mortalCount = 0;
    this.averageTtlMs = 0;
    this.lastEntry = NONE;
    this.lastArg = -1;
    this.groups.fill(0);
    if (this.mortalInSlot !== NO_COUNTS) this.mortalInSlot.fill(0);
  }

  /** Exchanges all keys with another database. */
  exchange(other: Database): void {
    const { directory, size, mortalCount, mortalInSlot, averageTtlMs } = this;
    const groups = this.groups.slice();
    this.take(other.directory, other.size, other.mortalCount, other.mortalInSlot, other.averageTtlMs, other.groups);
    other.take(directory, size, mortalCount, mortalInSlot, averageTtlMs, groups);
  }

  private take(
    directory: number,
    size: number,
    mortalCount: number,
    mortalInSlot: Int32Array,
    averageTtlMs: number,
    groups: Int32Array,
  ): void {
    this.directory = directory;
    this.size = size;
    this.mortalCount = mortalCount;
    this.mortalInSlot = mortalInSlot;
    this.averageTtlMs = averageTtlMs;
    this.groups.set(groups);
    this.lastEntry = NONE;
    this.lastArg = -1;
  }

  // ── telling others ────────────────────────────────────────────────────────

  /** The key of argument i was changed `changes` times by what `event` names (keyspace/events.ts). */
  wrote(request: Request, i: number, event: number, changes: number): void {
    const { engine } = this;
    engine.dirty += changes;
    if (engine.observer !== null)
      engine.observer.keyChanged(this.index, request.buf, request.off[i], request.len[i], event);
  }
}

const NO_COUNTS = new Int32Array(0);

function refuse(reply: ReplyWriter): number {
  reply.error(WRONG_TYPE);
  return WRONG;
}
