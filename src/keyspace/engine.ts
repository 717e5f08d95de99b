/**
 * What the databases of one server share: the arena, the tables, the clocks, the statistics, the databases themselves.
 *
 *   Engine ─┬─ arena, tables, hasher        memory, and finding things in it
 *           ├─ values                       what a key may hold (types/)
 *           ├─ databases[0..15]             made when first used: 256 KiB of table records each
 *           └─ now, lruClock, statistics    set once per turn, read per command
 */
import { Arena } from './arena.js';
import type { KeyObserver } from './events.js';
import { KeyHasher } from './hash.js';
import { Database } from './keyspace.js';
import { TableOps } from './slot-table.js';

/** What the engine must know of values, whatever their type: fulfilled by types/. */
export interface Values {
  /** Frees what a record points to; the entry itself is freed by the caller. */
  free(kind: number, record: number): void;
  /** Fills the zeroed record `to` with a copy of what `from` holds. */
  copy(kind: number, from: number, to: number): void;
  /** Elements of a collection. */
  count(kind: number, record: number): number;
}

/** How the clock in an entry is kept: seconds of last use, or a frequency that decays. */
export type UsageClock = 'lru' | 'lfu';

export interface EngineOptions {
  readonly databaseCount: number;
  /** Two random 32-bit numbers: the key of the hash function. */
  readonly hashKey: readonly [number, number];
  readonly random: () => number;
}

export class Engine {
  readonly arena = new Arena();
  readonly tables = new TableOps(this.arena);
  readonly hasher: KeyHasher;
  readonly random: () => number;
  values!: Values;

  /** Wall clock of the present turn, in ms. */
  now = 0;
  /** What is written into an entry that is used: the clock of now, in place (bits 8–31). */
  usageBits = 0;
  usage: UsageClock = 'lru';
  /** Called for each use of a key under an LFU policy; gives the new bits. */
  lfuTouch: (bits: number) => number = (bits) => bits;
  /** False where a primary decides on expiry (replicas), or `DEBUG SET-ACTIVE-EXPIRE`-like pauses: dead keys are hidden. */
  mayExpire = true;

  observer: KeyObserver | null = null;
  /** Changes since the last save: INFO rdb_changes_since_last_save; commands compare it to know whether they wrote. */
  dirty = 0;

  hits = 0;
  misses = 0;
  expiredKeys = 0;

  private readonly databases: Database[] = [];

  constructor(private readonly options: EngineOptions) {
    this.hasher = new KeyHasher(options.hashKey[0], options.hashKey[1]);
    this.random = options.random;
    for (let i = 0; i < options.databaseCount; i++) this.databases.push(new Database(this, i));
  }

  get databaseCount(): number {
    return this.options.databaseCount;
  }

  database(index: number): Database {
    return this.databases[index] as Database;
  }

  /** Keys in all databases. */
  get size(): number {
    let sum = 0;
    for (const db of this.databases) sum += db.size;
    return sum;
  }

  /** Drops everything at once: the arena forgets its segments, whatever was in them. */
  flushAll(): void {
    for (const db of this.databases) this.observer?.replacing(db.index, null);
    this.arena.reset();
    for (const db of this.databases) db.forget();
  }

  /** Removes all keys of a slot, of every database. */
  dropSlot(slot: number): void {
    for (const db of this.databases) db.dropSlot(slot);
  }

  /** SWAPDB: the clients of each see the keys of the other. */
  swap(a: number, b: number): void {
    this.observer?.replacing(a, b);
    this.observer?.replacing(b, a);
    this.database(a).exchange(this.database(b));
  }
}
