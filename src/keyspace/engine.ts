/**
 * What the databases of one server share: the arena, the tables, the clocks, the statistics, the databases themselves.
 *
 *   Engine ─┬─ arena, tables, hasher        memory, and finding things in it
 *           ├─ values                       what a key may hold (types/)
 *           ├─ databases[0..15]             made when first used: 256 KiB of table records each
 *           └─ now, lruClock, statistics    set once per turn, read per command
 */
import { Slice } from '../base/slice.js';
import { Arena } from './arena.js';
import type { Changes } from './changes.js';
import { EVENT, type KeyObserver } from './events.js';
import { KeyHasher } from './hash.js';
import { Database } from './keyspace.js';
import { ReadAhead } from './read-ahead.js';
import { LazyFree } from './upkeep/lazy-free.js';
import { TableOps } from './slot-table.js';
import { TypeValues } from './types/values.js';
import { Usage, type UsageKind } from './upkeep/usage.js';

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
  readonly ahead = new ReadAhead(this);
  /** What keys may hold: the doors of all types. */
  readonly values: TypeValues;
  readonly usageClock = new Usage();
  readonly lazyFree: LazyFree;

  /** For handlers, to look at arguments and elements with. Nothing in them survives a command. */
  readonly slices = [new Slice(), new Slice(), new Slice(), new Slice()] as const;

  /** Wall clock of the present turn, in ms. */
  now = 0;
  /** What is written into an entry that is used: the clock of now, in place (bits 8–31). */
  usageBits = 0;
  usage: UsageKind = 'lru';
  /** Redis keeps small integers once for all, unless each key has to have an age of its own: OBJECT REFCOUNT. */
  sharesIntegers = true;
  /** False where a primary decides on expiry (replicas): dead keys are hidden, not removed. */
  mayExpire = true;

  /** proto-max-bulk-len: no command makes a longer string. */
  maxStringBytes = 512 * 1024 * 1024;

  /** lazyfree-lazy-user-del, -expire, -server-del: whose big values are freed in slices, as if by UNLINK. */
  readonly lazily = { userDelete: false, expire: false, serverDelete: false };

  observer: KeyObserver | null = null;
  /** Who passes changes on to replicas; null while nobody listens. Set by whoever propagates. */
  changes: Changes | null = null;
  /** Changes since the last save: INFO rdb_changes_since_last_save; commands compare it to know whether they wrote. */
  dirty = 0;

  hits = 0;
  misses = 0;
  expiredKeys = 0;
  evictedKeys = 0;

  private readonly databases: Database[] = [];

  constructor(private readonly options: EngineOptions) {
    this.hasher = new KeyHasher(options.hashKey[0], options.hashKey[1]);
    this.random = options.random;
    this.values = new TypeValues(this.arena, this.tables, this.hasher);
    this.lazyFree = new LazyFree(this);
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
    this.lazyFree.forget();
    for (const db of this.databases) db.forget();
  }

  /** Drops all keys of one database; how many there were. Where no other has any, the arena is forgotten instead. */
  flushDatabase(index: number): number {
    const db = this.database(index);
    const count = db.size;
    this.observer?.replacing(index, null);
    if (count === this.size) {
      this.arena.reset();
      this.lazyFree.forget();
      for (const each of this.databases) each.forget();
    } else db.clear();
    return count;
  }

  /** Reads the clock into what entries are stamped with; `now` is wall time in ms. */
  setClock(now: number): void {
    this.now = now;
    this.usageBits = this.usage === 'lru' ? this.usageClock.lruBits(now) : this.usageClock.freshLfuBits(now);
  }

  /** Removes all keys of a slot, of every database: it has gone to another node. */
  dropSlot(slot: number): void {
    for (const db of this.databases) {
      const t = db.slotTable(slot);
      if (t === 0) continue;
      const found: number[] = [];
      this.tables.each(t, (e) => found.push(e));
      for (const e of found) {
        this.observer?.keyChanged(db.index, db.bytes(e), db.keyOffset(e), db.keyLength(e), EVENT.del);
        db.tellRemoved(e, this.lazily.serverDelete);
        db.remove(e);
      }
    }
    this.changes?.settle();
  }

  /** SWAPDB: the clients of each see the keys of the other. */
  swap(a: number, b: number): void {
    this.observer?.replacing(a, b);
    this.observer?.replacing(b, a);
    this.database(a).exchange(this.database(b));
  }
}
