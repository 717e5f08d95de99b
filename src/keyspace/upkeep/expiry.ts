/**
 * Active expiry: keys whose time has come and whom nobody asks for.
 *
 *   per run: every database ─▶ the next slots with mortal keys ─▶ a sample of ~20 mortal keys
 *            more than a tenth of them dead? another sample ── else the next database ── until the time is up
 *
 * The walk goes on where it stopped, slot by slot and bucket by bucket, so each mortal key is met in turn; that also
 * gives INFO's avg_ttl. The share that decides and the size of a sample follow `active-expire-effort` as in Redis.
 */
import type { Engine } from '../engine.js';
import { EXTRA } from '../entry.js';
import type { Database } from '../keyspace.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';

const SAMPLE = 20;
const SAMPLE_PER_EFFORT = 5;
/** Of a sample, in percent: below it the dead are too few to go on. */
const TOLERATED_PERCENT = 10;
/** Buckets looked at for one sample at most: a slot of many immortal keys must not hold up the rest. */
const BUCKETS_PER_SAMPLE = 400;
/** Weight of a new sample in the average time to live. */
const AVERAGE_WEIGHT = 0.02;

interface Place {
  slot: number;
  cursor: number;
}

export class Expiry {
  /** DEBUG SET-ACTIVE-EXPIRE 0 turns it off. */
  enabled = true;
  /** active-expire-effort, 1 to 10. */
  effort = 1;
  /** INFO expired_stale_perc and expired_time_cap_reached_count. */
  stalePercent = 0;
  timeCapReached = 0;
  private readonly places: Place[] = [];
  private readonly dead: number[] = [];
  private seen = 0;
  private lifeSum = 0;

  constructor(private readonly engine: Engine) {
    for (let i = 0; i < engine.databaseCount; i++) this.places.push({ slot: 0, cursor: 0 });
  }

  /** One run; `outOfTime` is asked after each sample. */
  run(outOfTime: () => boolean): void {
    if (!this.enabled || !this.engine.mayExpire) return;
    let sampled = 0;
    let expired = 0;
    for (let i = 0; i < this.engine.databaseCount; i++) {
      const db = this.engine.database(i);
      while (db.mortalCount > 0) {
        const dead = this.sample(db, this.places[i]);
        sampled += this.seen;
        expired += dead;
        if (outOfTime()) {
          this.timeCapReached++;
          return this.judge(sampled, expired);
        }
        const tolerated = TOLERATED_PERCENT - (this.effort - 1);
        if (this.seen === 0 || dead * 100 <= this.seen * tolerated) break;
      }
    }
    this.judge(sampled, expired);
  }

  private judge(sampled: number, expired: number): void {
    this.engine.changes?.settle();
    const now = sampled === 0 ? 0 : (expired * 100) / sampled;
    this.stalePercent = now * 0.05 + this.stalePercent * 0.95;
  }

  /** Walks on until enough mortal keys were seen; removes the dead among them, and returns how many. */
  private sample(db: Database, place: Place): number {
    const wanted = SAMPLE + SAMPLE_PER_EFFORT * (this.effort - 1);
    const { tables } = this.engine;
    let expired = 0;
    let buckets = 0;
    this.seen = this.lifeSum = 0;
    for (let slots = 0; slots <= SLOT_COUNT && this.seen < wanted && buckets < BUCKETS_PER_SAMPLE; ) {
      if (db.mortalInSlot[place.slot] === 0) {
        place.slot = (place.slot + 1) % SLOT_COUNT;
        place.cursor = 0;
        slots++;
        continue;
      }
      const t = db.slotTable(place.slot);
      place.cursor = tables.scan(t, place.cursor, (e) => this.look(db, e));
      buckets++;
      expired += this.buryDead(db, t);
      if (place.cursor === 0) {
        place.slot = (place.slot + 1) % SLOT_COUNT;
        slots++;
      }
    }
    this.averageLife(db, expired);
    return expired;
  }

  private look(db: Database, e: number): void {
    if ((db.meta(e) & EXTRA) === 0) return;
    this.seen++;
    const left = db.expireAt(e) - this.engine.now;
    if (left <= 0) this.dead.push(e);
    else this.lifeSum += left;
  }

  /** Removing moves nothing but the links of a bucket, so the walk may go on. */
  private buryDead(db: Database, t: number): number {
    const n = this.dead.length;
    for (const e of this.dead) db.expireNow(e, t);
    this.dead.length = 0;
    return n;
  }

  private averageLife(db: Database, expired: number): void {
    const alive = this.seen - expired;
    if (alive <= 0) return;
    const average = this.lifeSum / alive;
    if (db.averageTtlMs === 0) db.averageTtlMs = average;
    else db.averageTtlMs += (average - db.averageTtlMs) * AVERAGE_WEIGHT;
  }
}
