/**
 * Hangs many finished entries into a database, a batch at a time: for those who load keys by the million.
 *
 *   hash all keys ─▶ all bucket heads, and buckets about to split ─▶ their first entries ─▶ hang them one by one
 *
 * As in read-ahead.ts the loads within a stage overlap in the CPU, so that hanging finds in the cache what it needs:
 * loading two million keys takes half the time.
 *
 * HOT. `e` is an entry that hangs in no table; from `add` on it is held here until `flush`.
 */
import type { Engine } from './engine.js';
import { HASH, NEXT, NONE, SEG_MASK, SEG_SHIFT } from './entry.js';
import type { Database } from './keyspace.js';

const BATCH = 64;

export class HangMany {
  /** The entry whose key was there already: what made `flush` fail. It hangs nowhere, and belongs to the caller. */
  refused = NONE;
  /** Keeps the loads from being optimised away. */
  sum = 0;
  private db: Database | null = null;
  private readonly entries = new Int32Array(BATCH);
  private readonly hashes = new Int32Array(BATCH);
  private readonly slots = new Int32Array(BATCH);
  private readonly at = new Int32Array(BATCH * 2);
  private count = 0;

  constructor(private readonly engine: Engine) {}

  /** Takes an entry over; false if a flush was due and failed. */
  add(db: Database, e: number): boolean {
    const { hasher } = this.engine;
    const isFine = (db === this.db && this.count < BATCH) || this.flush();
    this.db = db;
    const i = this.count++;
    this.entries[i] = e;
    this.hashes[i] = hasher.hash(db.bytes(e), db.view(e), db.keyOffset(e), db.keyLength(e));
    this.slots[i] = hasher.slot;
    return isFine;
  }

  /** Hangs all that were added. At a key that is there already it stops: false, and `refused` is that entry. */
  flush(): boolean {
    const { db, count } = this;
    this.count = 0;
    if (db === null || count === 0) return true;
    this.touch(db, count);
    for (let i = 0; i < count; i++) {
      if (db.hangAt(this.entries[i], this.hashes[i], this.slots[i])) continue;
      this.refused = this.entries[i];
      for (let k = i + 1; k < count; k++) db.release(this.entries[k]);
      return false;
    }
    return true;
  }

  private touch(db: Database, count: number): void {
    const { at, hashes, slots } = this;
    const { tables, arena } = this.engine;
    if (db.size === 0) return;
    const { i32 } = arena;
    for (let i = 0; i < count; i++) {
      const t = db.slotTable(slots[i]);
      at[i] = tables.firstOf(t, hashes[i]);
      at[i + BATCH] = tables.nextSplit(t);
    }
    let sum = 0;
    for (let depth = 0; depth < 2; depth++) {
      for (let i = 0; i < count; i++) {
        const a = at[i];
        const b = at[i + BATCH];
        if (a !== NONE) {
          const w = i32[a >>> SEG_SHIFT];
          const x = (a & SEG_MASK) << 1;
          at[i] = w[x + NEXT];
          sum ^= w[x + HASH];
        }
        if (b !== NONE) {
          const w = i32[b >>> SEG_SHIFT];
          const x = (b & SEG_MASK) << 1;
          at[i + BATCH] = w[x + NEXT];
          sum ^= w[x + HASH];
        }
      }
    }
    this.sum = sum;
  }

  /** Lets go of what was added and not flushed. */
  abandon(): void {
    for (let i = 0; i < this.count; i++) this.db?.release(this.entries[i]);
    this.count = 0;
  }
}
