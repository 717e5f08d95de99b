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
import { NO_SNAPSHOT } from './directory.js';
import { EMITTED } from './entry.js';
import { EVENT, type KeyObserver } from './events.js';
import { KeyHasher } from './hash.js';
import { Database } from './keyspace.js';
import { MarkWalk, type SnapshotGuard } from './marks.js';
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

/** Databases by their index. */
export interface Databases {
  readonly databaseCount: number;
  database(index: number): Database;
}

/** Buckets swept between two looks at the clock. */
const SWEPT_AT_ONCE = 1000;

export interface Stopwatch {
  start(): void;
  stop(event: 'expire-del' | 'eviction-del'): void;
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
  /** Keys whose time came before this moment are dead: that is now, or nothing at all (`spareDead`). */
  deadBefore = 0;
  /** When that was read off the clock: before an EXEC, for all of it. */
  private moment = 0;
  /** Our primary speaks. */
  sparesDead = false;
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
  /** How long it takes to free a key that expires or is evicted; null while nobody wants to know. */
  stopwatch: Stopwatch | null = null;
  /** Who passes changes on to replicas; null while nobody listens. Set by whoever propagates. */
  changes: Changes | null = null;
  /** The snapshot that is being taken: asked before each change. */
  snapshot: SnapshotGuard | null = null;
  /** Snapshots begun: INFO total_forks. */
  snapshotCount = 0;
  /** What an aborted snapshot left unmarked is marked by it, in slices. */
  private sweep: MarkWalk | null = null;
  /** Changes since the last save: INFO rdb_changes_since_last_save; commands compare it to know whether they wrote. */
  dirty = 0;

  hits = 0;
  misses = 0;
  expiredKeys = 0;
  evictedKeys = 0;

  private readonly databases: Database[] = [];
  private spares: Database[] | null = null;

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
    this.dropAll();
  }

  /** Drops all keys of one database; how many there were. Where no other has any, the arena is forgotten instead. */
  flushDatabase(index: number): number {
    const db = this.database(index);
    const count = db.size;
    this.observer?.replacing(index, null);
    if (count === this.size) this.dropAll();
    else if (this.snapshot !== null) this.retire(db);
    else db.clear();
    return count;
  }

  private dropAll(): void {
    if (this.snapshot !== null || this.spares !== null) {
      for (const db of this.databases) this.retire(db);
      return;
    }
    this.arena.reset();
    this.lazyFree.forget();
    for (const db of this.databases) db.forget();
  }

  /** Takes all keys out of a database at once. They are freed later, in slices, when no snapshot needs them. */
  private retire(db: Database): void {
    const old = new Database(this, db.index);
    old.exchange(db);
    if (old.size > 0) this.lazyFree.takeDatabase(old);
    else old.freeDirectory();
  }

  /** Gives back what the directories of databases without keys take; the first one keeps its own. Now and then. */
  tidy(): void {
    for (const db of this.databases) if (db.size === 0 && db.index > 0) db.freeDirectory();
  }

  /** Reads the clock into what entries are stamped with; `now` is wall time in ms. Within EXEC nobody dies of it. */
  setClock(now: number, inExec = false): void {
    this.now = now;
    if (!inExec) this.moment = now;
    if (!this.sparesDead) this.deadBefore = this.moment;
    this.usageBits = this.usage === 'lru' ? this.usageClock.lruBits(now) : this.usageClock.freshLfuBits(now);
  }

  /** While our primary speaks no key is dead: it says itself when one is. */
  spareDead(spares: boolean): void {
    this.sparesDead = spares;
    this.deadBefore = spares ? Number.NEGATIVE_INFINITY : this.moment;
  }

  /** What `look` finds where no key is dead. */
  amongDead<T>(look: () => T): T {
    const { sparesDead } = this;
    this.spareDead(true);
    const found = look();
    this.spareDead(sparesDead);
    return found;
  }

  /** Removes all keys of a slot, of every database: it has gone to another node. */
  dropSlot(slot: number): void {
    for (const db of this.databases) {
      const t = db.slotTable(slot);
      if (t === 0) continue;
      const found: number[] = [];
      this.tables.each(t, (e) => found.push(e));
      for (const e of found) {
        this.observer?.keyChanged(db.index, db.bytes(e), db.keyOffset(e), db.keyLength(e), EVENT.none);
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

  // ── a second set of databases: keys that a primary sends, while the old ones are served ─────────────────────────

  /** The databases beside the present ones; made when there are none. Nobody sees what is in them. */
  spare(): Databases {
    const { databaseCount } = this;
    const spares = (this.spares ??= this.databases.map((db) => new Database(this, db.index)));
    return { databaseCount, database: (index) => spares[index] as Database };
  }

  /** Puts the spare databases in place of the present ones, whose keys are freed in slices. */
  adoptSpare(): void {
    const { spares } = this;
    if (spares === null) throw new Error('there are no spare databases');
    for (const db of this.databases) {
      this.observer?.replacing(db.index, null); // a key that was there is touched,
      this.retire(db);
      db.exchange(spares[db.index] as Database);
      this.observer?.replacing(db.index, null); // and so is one that is there now
    }
    this.spares = null;
  }

  /** Lets the spare databases go, if there are any. */
  dropSpare(): void {
    for (const db of this.spares ?? []) this.retire(db);
    this.spares = null;
  }

  // ── a moment that is to be kept (marks.ts) ───────────────────────────────────────────────────────────────────────

  /** From now on the guard is asked before each change; the walk meets all keys of this moment. */
  beginSnapshot(guard: SnapshotGuard): MarkWalk {
    if (this.snapshot !== null) throw new Error('a snapshot is being taken already');
    while (this.sweepSome());
    for (const db of this.databases) {
      db.mark ^= EMITTED;
      db.snapshotIndex = db.index;
    }
    this.snapshot = guard;
    this.snapshotCount++;
    return new MarkWalk(this);
  }

  /** The walk came to its end, or is broken off: then it is gone on with by `sweepSome`. */
  endSnapshot(walk: MarkWalk, isComplete: boolean): void {
    this.snapshot = null;
    for (const db of this.lazyFree.retired.databases) db.snapshotIndex = NO_SNAPSHOT;
    if (!isComplete) this.sweep = walk;
    this.lazyFree.onWork();
  }

  /** Whether `beginSnapshot` would have to tidy up behind an aborted one first, which may take long. */
  get mustSweep(): boolean {
    return this.sweep !== null;
  }

  /** Tidies up behind an aborted snapshot for a moment; false where there was nothing to do. LazyFree calls it. */
  sweepSome(): boolean {
    const { sweep } = this;
    if (sweep === null) return false;
    for (let n = 0; n < SWEPT_AT_ONCE; n++) {
      if (!sweep.next()) {
        this.sweep = null;
        return true;
      }
      for (const e of sweep.found) sweep.database.putMark(e);
    }
    return true;
  }

  /** Who has the keys now that database `index` had when the snapshot began; null if they all are emitted. */
  holderOf(index: number): Database | null {
    for (const db of this.databases) if (db.snapshotIndex === index) return db;
    return this.lazyFree.retired.databases.find((db) => db.snapshotIndex === index) ?? null;
  }
}
