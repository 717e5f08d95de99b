/**
 * maxmemory: which key goes when there is no room.
 *
 *   a few random keys ──▶ pool of the sixteen stalest seen ──▶ the stalest of them that still exists goes
 *
 * The pool lives from call to call, so that a handful of samples a time comes near to true LRU, LFU or TTL order. It
 * holds copies of keys, since entries move. The random policies need no pool.
 */
import type { Engine } from '../engine.js';
import { EXTRA, NONE } from '../entry.js';
import { EVENT } from '../events.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';
import type { Database } from '../keyspace.js';
import { randomSlot } from '../scan.js';

const POOL_SIZE = 16;
/** Random looks into a slot for a mortal key, before all of its keys are walked. */
const LOOKS = 8;

export type Policy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl';

interface Candidate {
  readonly staleness: number;
  readonly database: number;
  readonly key: Buffer;
}

export class Eviction {
  policy: Policy = 'noeviction';
  /** maxmemory-samples. */
  samples = 5;
  private pool: Candidate[] = [];
  private nextDatabase = 0;

  constructor(private readonly engine: Engine) {}

  /** Removes one key. False where the policy has none to give. */
  evictOne(lazily: boolean): boolean {
    if (this.policy === 'noeviction') return false;
    const victim = this.policy.endsWith('random') ? this.randomVictim() : this.pooledVictim();
    if (victim === null) return false;
    const { db, e } = victim;
    const { observer, stopwatch } = this.engine;
    this.engine.evictedKeys++;
    observer?.keyChanged(db.index, db.bytes(e), db.keyOffset(e), db.keyLength(e), EVENT.evicted);
    db.tellRemoved(e, lazily);
    stopwatch?.start();
    if (lazily) db.removeLazily(e);
    else db.remove(e);
    stopwatch?.stop('eviction-del');
    return true;
  }

  private get mortalOnly(): boolean {
    return this.policy.startsWith('volatile');
  }

  private randomVictim(): { db: Database; e: number } | null {
    const { databaseCount } = this.engine;
    for (let i = 0; i < databaseCount; i++) {
      const db = this.engine.database(this.nextDatabase++ % databaseCount);
      const e = this.randomEntry(db);
      if (e !== NONE) return { db, e };
    }
    return null;
  }

  private pooledVictim(): { db: Database; e: number } | null {
    for (;;) {
      if (!this.fillPool()) return null;
      while (this.pool.length > 0) {
        const { database, key } = this.pool.pop() as Candidate;
        const db = this.engine.database(database);
        const view = new DataView(key.buffer, key.byteOffset, key.length);
        const e = db.peekBytes(key, view, 0, key.length);
        if (e !== NONE && (!this.mortalOnly || (db.meta(e) & EXTRA) !== 0)) return { db, e };
      }
    }
  }

  /** False where there is nothing at all to choose from. */
  private fillPool(): boolean {
    let any = false;
    for (let i = 0; i < this.engine.databaseCount; i++) {
      const db = this.engine.database(i);
      if ((this.mortalOnly ? db.mortalCount : db.size) === 0) continue;
      any = true;
      for (let s = 0; s < this.samples; s++) this.consider(db, this.randomEntry(db));
    }
    return any;
  }

  private consider(db: Database, e: number): void {
    if (e === NONE) return;
    const staleness = this.stalenessOf(db, e);
    const { pool } = this;
    if (pool.length === POOL_SIZE && staleness <= (pool[0]?.staleness ?? 0)) return;
    const key = Buffer.from(db.keyBytes(e));
    if (pool.some((known) => known.database === db.index && known.key.equals(key))) return;
    let at = pool.length;
    while (at > 0 && (pool[at - 1]?.staleness ?? 0) > staleness) at--;
    pool.splice(at, 0, { staleness, database: db.index, key });
    if (pool.length > POOL_SIZE) pool.shift();
  }

  private stalenessOf(db: Database, e: number): number {
    if (this.policy === 'volatile-ttl') return -db.expireAt(e);
    const { usageClock, usage, now } = this.engine;
    return usageClock.staleness(usage, db.meta(e) & ~0xff, now);
  }

  private randomEntry(db: Database): number {
    return this.mortalOnly ? this.randomMortal(db) : this.randomOfAll(db);
  }

  private randomOfAll(db: Database): number {
    if (db.size === 0) return NONE;
    return this.engine.tables.random(db.slotTable(randomSlot(db)), this.engine.random);
  }

  /** From a random slot on, the next one with mortal keys; in it, one of them. */
  private randomMortal(db: Database): number {
    if (db.mortalCount === 0) return NONE;
    let slot = Math.floor(this.engine.random() * SLOT_COUNT);
    while (db.mortalInSlot[slot] === 0) slot = (slot + 1) % SLOT_COUNT;
    const t = db.slotTable(slot);
    const { tables, random } = this.engine;
    for (let look = 0; look < LOOKS; look++) {
      const e = tables.random(t, random);
      if ((db.meta(e) & EXTRA) !== 0) return e;
    }
    let chosen = NONE;
    let seen = 0;
    tables.each(t, (e) => {
      if ((db.meta(e) & EXTRA) !== 0 && random() * ++seen < 1) chosen = e;
    });
    return chosen;
  }

  /** The policy changed: what the pool holds was ordered by another one. */
  forgetPool(): void {
    this.pool = [];
  }
}
