/**
 * Databases that nobody sees any more, freed in slices: what FLUSHALL dropped while a snapshot runs, or the old keys
 * after those of a primary took their place.
 *
 *   Database ──exchange──▶ a fresh one, retired ──▶ (a running snapshot emits it to its end) ──▶ freed, slot by slot
 */
import { SLOT_COUNT } from '../../slots/slot-set.js';
import { NO_SNAPSHOT } from '../directory.js';
import type { Engine } from '../engine.js';
import { NONE, STRING_EMBSTR } from '../entry.js';
import type { Database } from '../keyspace.js';
import { nextSlot } from '../scan.js';

/** Entries freed between two looks at the clock. */
const SLICE = 256;

export class Retired {
  readonly databases: Database[] = [];
  /** No key of the database in hand is in a slot before this one. Another one is begun at its first. */
  private slot = 0;
  private inHand: Database | null = null;
  /** An entry that is freed bit by bit: it hangs in no table any more. */
  private half = NONE;

  constructor(
    private readonly engine: Engine,
    private readonly onFreed: () => void,
  ) {}

  /** Keys that are still there. */
  get pending(): number {
    let keys = this.half === NONE ? 0 : 1;
    for (const db of this.databases) keys += db.size;
    return keys;
  }

  /** One that may be freed: a snapshot, which may need it yet, is done with it. */
  private get next(): Database | undefined {
    return this.databases.find((db) => db.snapshotIndex === NO_SNAPSHOT);
  }

  get hasWork(): boolean {
    return this.half !== NONE || this.next !== undefined;
  }

  /** Frees a slice; false where there was nothing to do. */
  work(): boolean {
    const db = this.next;
    if (db === undefined && this.half === NONE) return false;
    for (let left = SLICE; left > 0; left--) {
      if (this.half !== NONE) {
        if (!this.freeHalf()) return true;
      } else if (db === undefined || !this.takeFrom(db)) return true;
    }
    return true;
  }

  /** Takes the next entry of a database in hand; false where there is none any more, and the database is gone. */
  private takeFrom(db: Database): boolean {
    if (db !== this.inHand) this.slot = 0;
    this.inHand = db;
    this.slot = nextSlot(db, this.slot - 1);
    if (this.slot < SLOT_COUNT) {
      this.half = db.takeForGood(this.slot);
      return true;
    }
    this.inHand = null;
    db.freeDirectory();
    this.databases.splice(this.databases.indexOf(db), 1);
    return false;
  }

  /** True once the entry in hand is freed. */
  private freeHalf(): boolean {
    const { arena, values } = this.engine;
    const e = this.half;
    const db = this.engine.database(0);
    const kind = db.kind(e);
    if (kind > STRING_EMBSTR && !values.freeSome(kind, db.record(e), SLICE)) return false;
    arena.free(e);
    this.half = NONE;
    this.onFreed();
    return true;
  }

  /** The arena was reset: there is nothing to free any more. */
  forget(): void {
    this.databases.length = 0;
    this.half = NONE;
    this.inHand = null;
  }
}
