/**
 * The slots of one database: a table for each, how many keys they hold, and how many of those are mortal.
 *
 *   directory (arena block)   │ table 0 │ table 1 │ … │ table 16383 │      16 bytes each
 *   groups                    │ keys in slots 0–127 │ 128–255 │ …          so that an empty stretch is one step
 *   mortalInSlot              │ 0 │ 3 │ …                                active expiry visits only what is not 0
 *
 * The time of death lives inside the entry (no byte for keys without one), so these counts are all there is to keep
 * in step. The directory is made at the first write: fifteen of sixteen databases never cost anything.
 *
 * It also remembers the look last made: hash, slot and table of its key, the argument it was, and what it found. A
 * command that looks a key up and then writes it hashes it once.
 *
 * HOT. `t` is a slot's table, `e` an entry; addresses are good until the next write. bench: SET
 */
import { SLOT_COUNT } from '../slots/slot-set.js';
import type { Engine } from './engine.js';
import { Entries } from './entries.js';
import { EMITTED, EXTRA, META, NONE, SEG_MASK, SEG_SHIFT, TYPE_OF_KIND } from './entry.js';
import { TABLE_BYTES } from './slot-table.js';

/** Slots are counted in groups, so that a nearly empty keyspace is walked in few steps. */
export const GROUP_SHIFT = 7;
const GROUP_COUNT = SLOT_COUNT >> GROUP_SHIFT;

/** Bytes of the arena that the tables of one database take before any key. */
export const DIRECTORY_BYTES = SLOT_COUNT * TABLE_BYTES;

const NO_COUNTS = new Int32Array(0);
/** `snapshotIndex` of what no snapshot is about. */
export const NO_SNAPSHOT = -1;
/** `lastArg` of a look that was none at an argument. */
export const NO_ARGUMENT = -1;

export class Directory extends Entries {
  size = 0;
  mortalCount = 0;
  /** The sum of all times of death is not kept: INFO's avg_ttl is sampled by the expiry cycle. */
  averageTtlMs = 0;
  readonly groups = new Int32Array(GROUP_COUNT);
  mortalInSlot: Int32Array = NO_COUNTS;
  private directory = 0;

  /** The EMITTED bit of an entry that no snapshot has to emit (any more): what is linked gets it. See marks.ts. */
  mark = 0;
  /** Under which index the running snapshot writes what is here. */
  snapshotIndex = NO_SNAPSHOT;

  protected hash = 0;
  protected table = 0;
  protected slot = 0;
  protected lastArg = NO_ARGUMENT;
  protected lastEntry = NONE;

  constructor(
    readonly engine: Engine,
    public index: number,
  ) {
    super(engine.arena);
  }

  /** The table of a slot, 0 while the database was never written to. */
  slotTable(slot: number): number {
    return this.directory === 0 ? 0 : this.directory + slot * 2;
  }

  slotOfTable(t: number): number {
    return (t - this.directory) >> 1;
  }

  /** What the slot tables themselves take. */
  get directoryBytes(): number {
    return this.directory === 0 ? 0 : this.arena.capacity(this.directory);
  }

  keysInSlot(slot: number): number {
    return this.directory === 0 ? 0 : this.engine.tables.count(this.directory + slot * 2);
  }

  /** The table an entry hangs in: remembered from the last look, or found by hashing the key again. */
  tableOf(e: number): number {
    if (e === this.lastEntry) return this.table;
    const { hasher } = this.engine;
    hasher.hash(this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e));
    return this.directory + hasher.slot * 2;
  }

  /** Type of what was found or linked last. */
  get lastType(): number {
    return TYPE_OF_KIND[this.kind(this.lastEntry)];
  }

  /** Links an entry under the key looked up last, which must not be there. */
  protected link(e: number): void {
    if (this.directory === 0) this.makeDirectory();
    const t = this.table;
    this.engine.tables.insert(t, e, this.hash);
    this.putMark(e); // it may have been made before a snapshot began
    this.size++;
    this.groups[this.slotOfTable(t) >> GROUP_SHIFT]++;
    this.countMortal(t, e, 1);
    this.lastEntry = e;
  }

  /** Links an entry that was made without a look for its key; false if the key is there. For those who load keys. */
  hang(e: number): boolean {
    const { hasher } = this.engine;
    const hash = hasher.hash(this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e));
    return this.hangAt(e, hash, hasher.slot);
  }

  /** The same where hash and slot of its key are known. */
  hangAt(e: number, hash: number, slot: number): boolean {
    this.hash = hash;
    this.slot = slot;
    this.lastArg = NO_ARGUMENT;
    this.lastEntry = NONE;
    const t = (this.table = this.slotTable(slot));
    if (t !== 0) {
      const { tables } = this.engine;
      const old = tables.find(t, hash, this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e));
      if (old !== NONE) return false;
    }
    this.link(e);
    return true;
  }

  /** Takes an entry out of its table without freeing it. */
  unlink(e: number, t: number): void {
    this.willChange(e);
    this.countMortal(t, e, -1);
    this.engine.tables.remove(t, e);
    this.size--;
    this.groups[this.slotOfTable(t) >> GROUP_SHIFT]--;
    if (this.lastEntry === e) this.lastEntry = NONE;
  }

  /** Takes some entry of a slot that has any out of a database that nobody looks into any more. */
  takeForGood(slot: number): number {
    const { tables } = this.engine;
    const t = this.slotTable(slot);
    const e = tables.takeLast(t);
    this.size--;
    this.groups[slot >> GROUP_SHIFT]--;
    if (tables.count(t) === 0) tables.drop(t);
    return e;
  }

  /** Puts `fresh` where e hangs; e is free to be freed. */
  protected replace(e: number, fresh: number, t: number): void {
    this.countMortal(t, e, -1);
    this.engine.tables.replace(t, e, fresh);
    this.countMortal(t, fresh, 1);
    if (this.lastEntry === e) this.lastEntry = fresh;
  }

  /** A key is about to be changed: a snapshot that has not emitted it yet does so first. `find` and removals ask. */
  willChange(e: number): void {
    const { snapshot } = this.engine;
    if (snapshot !== null && e !== NONE) snapshot.willChange(this, e);
  }

  isMarked(e: number): boolean {
    return (this.meta(e) & EMITTED) === this.mark;
  }

  putMark(e: number): void {
    const w = this.arena.i32[e >>> SEG_SHIFT];
    const i = ((e & SEG_MASK) << 1) + META;
    w[i] = (w[i] & ~EMITTED) | this.mark;
  }

  private countMortal(t: number, e: number, by: number): void {
    if ((this.meta(e) & EXTRA) === 0) return;
    this.mortalCount += by;
    this.mortalInSlot[this.slotOfTable(t)] += by;
  }

  private makeDirectory(): void {
    const { arena } = this;
    this.directory = arena.alloc(DIRECTORY_BYTES);
    const w = (this.directory & SEG_MASK) << 1;
    arena.i32[this.directory >>> SEG_SHIFT].fill(0, w, w + SLOT_COUNT * (TABLE_BYTES >> 2));
    if (this.mortalInSlot === NO_COUNTS) this.mortalInSlot = new Int32Array(SLOT_COUNT);
    this.table = this.slotTable(this.slot);
  }

  protected forgetLook(): void {
    this.lastEntry = NONE;
    this.lastArg = NO_ARGUMENT;
  }

  /** All tables are empty: their records go as well. */
  freeDirectory(): void {
    if (this.directory !== 0) this.arena.free(this.directory);
    this.forget();
  }

  /** The arena was reset: nothing of it may be looked at any more. */
  forget(): void {
    this.directory = this.size = this.mortalCount = 0;
    this.averageTtlMs = 0;
    this.snapshotIndex = NO_SNAPSHOT;
    this.groups.fill(0);
    this.mortalInSlot.fill(0);
    this.forgetLook();
  }

  /** Exchanges all keys with another database. */
  exchange(other: Directory): void {
    const mine = this.holdings();
    this.take(other.holdings());
    other.take(mine);
  }

  private holdings(): Holdings {
    const { directory, size, mortalCount, averageTtlMs, mortalInSlot, mark, snapshotIndex } = this;
    const groups = this.groups.slice();
    return { directory, size, mortalCount, averageTtlMs, mortalInSlot, mark, snapshotIndex, groups };
  }

  private take(holdings: Holdings): void {
    this.directory = holdings.directory;
    this.size = holdings.size;
    this.mortalCount = holdings.mortalCount;
    this.averageTtlMs = holdings.averageTtlMs;
    this.mortalInSlot = holdings.mortalInSlot;
    this.groups.set(holdings.groups);
    this.mark = holdings.mark;
    this.snapshotIndex = holdings.snapshotIndex;
    this.forgetLook();
  }
}

/** What changes hands in an exchange. */
interface Holdings {
  readonly directory: number;
  readonly size: number;
  readonly mortalCount: number;
  readonly averageTtlMs: number;
  readonly mortalInSlot: Int32Array;
  readonly mark: number;
  readonly snapshotIndex: number;
  readonly groups: Int32Array;
}
