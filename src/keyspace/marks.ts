/**
 * Which keys a snapshot still has to emit: one bit of each entry, and a walk that meets all whose bit says so.
 *
 *   begin    every database turns its mark over: what it held is unmarked now, and nothing was written for that
 *   running  emitted ─▶ marked.  A new key is marked when it is linked: it is not part of that moment.
 *            About to be changed, removed, moved, and unmarked ─▶ the guard emits it first.
 *   end      all are marked again: ready for the next begin. After an abort the walk is gone on with, in slices, by
 *            `Engine.sweepSome`, and marks what is left.
 *
 * Why the walk misses nothing: a key that is unmarked was in its table, with the same hash, all the time since the
 * beginning, for whoever takes an entry out of a table asks the guard first, and one that takes its place inherits its
 * mark. For keys that are there all the time the reverse-binary cursor holds (slot-table.ts), however the table splits
 * and merges its buckets meanwhile. What is met twice is marked the second time. Databases are known by the index
 * that they had at the beginning, which goes with their keys when SWAPDB or a flush exchanges them.
 *
 * After an abort no guard is needed: what moves to another key, and so maybe behind the walk, is linked as a new one.
 */
import { SLOT_COUNT } from '../slots/slot-set.js';
import { type Directory, NO_SNAPSHOT } from './directory.js';
import type { Engine } from './engine.js';
import type { Database } from './keyspace.js';
import { nextSlot } from './scan.js';

/** How far a snapshot is. */
export interface SnapshotProgress {
  readonly keys: number;
  readonly keysAtBegin: number;
  /** Keys that were emitted because they were about to be changed. */
  readonly keysAhead: number;
  /** The most that was held at once. */
  readonly peakBytes: number;
}

/** A running snapshot, as the keyspace sees it. */
export interface SnapshotGuard {
  /** What it holds outside of the arena: keys that were written and wait for whoever takes them. */
  readonly heldBytes: number;
  readonly progress: SnapshotProgress;
  /** Emits a key that is about to be changed, if it has not been yet. The entry stays where it is. */
  willChange(db: Directory, e: number): void;
  /** A collection has another record now. */
  recordMoved(from: number, to: number): void;
  /** An entry that hangs in no table is about to be freed. True where the guard needs it yet, and sees to it later. */
  keeps(e: number, kind: number, record: number): boolean;
}

/** A place among all keys, which goes on bucket by bucket. */
export class MarkWalk {
  /** What was unmarked in the bucket met last (and in the one that was split off it). Good until the next write. */
  readonly found: number[] = [];
  /** Where that is, and the index it had at the beginning. */
  database: Database;
  index = 0;
  private slot = -1;
  private place = 0;
  private lastSlot = -1;
  private lastPlace = 0;

  constructor(private readonly engine: Engine) {
    this.database = engine.database(0);
  }

  private readonly gather = (e: number): void => {
    if (!this.database.isMarked(e)) this.found.push(e);
  };

  /** Goes on to the next bucket; false where there is none any more. */
  next(): boolean {
    this.found.length = 0;
    while (!this.isOnKeys()) if (!this.nextDatabase()) return false;
    const { database, engine, place, slot } = this;
    if (place === 0) engine.ahead.table(database.slotTable(slot));
    this.lastSlot = slot;
    this.lastPlace = place;
    this.place = engine.tables.scan(database.slotTable(slot), place, this.gather);
    if (this.place === 0) this.slot = nextSlot(database, slot);
    return true;
  }

  /** The next step meets the same bucket again: not everything in it could be emitted. */
  stay(): void {
    this.slot = this.lastSlot;
    this.place = this.lastPlace;
  }

  /** Whether the place is in a slot with keys, if need be in a later one. */
  private isOnKeys(): boolean {
    if (this.database.snapshotIndex !== this.index) {
      const holder = this.engine.holderOf(this.index);
      if (holder === null) return false;
      this.database = holder;
    }
    if (this.slot >= 0 && this.slot < SLOT_COUNT && this.database.keysInSlot(this.slot) > 0) return true;
    if (this.slot < SLOT_COUNT) this.slot = nextSlot(this.database, this.slot);
    this.place = 0;
    return this.slot < SLOT_COUNT;
  }

  private nextDatabase(): boolean {
    const { lazyFree } = this.engine;
    if (this.database.snapshotIndex === this.index) this.database.snapshotIndex = NO_SNAPSHOT;
    if (lazyFree.retired.hasWork) lazyFree.onWork();
    if (this.index + 1 >= this.engine.databaseCount) return false;
    this.index++;
    this.slot = -1;
    this.place = 0;
    return true;
  }
}
