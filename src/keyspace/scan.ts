/**
 * Walking over the keys of a database: SCAN, KEYS, RANDOMKEY.
 *
 *   cursor   │ place inside the slot's table (TableOps.scan) │ slot (14 bits) │      0 = start, and end
 *
 * SCAN goes slot after slot, so a key that is there all the time is met whatever else comes and goes: within a slot the
 * table's cursor guarantees it, and no key changes its slot. A cursor is at most 45 bits, exact in a double.
 *
 * What a step finds is gathered first and looked at afterwards, by whoever walks: looking may remove a dead key, and a
 * table that shrinks under a walk would lead it astray.
 */
import type { Database } from './keyspace.js';
import { SLOT_COUNT } from '../slots/slot-set.js';
import { GROUP_SHIFT } from './directory.js';
import { NONE } from './entry.js';

const GROUP_SLOTS = 1 << GROUP_SHIFT;
/** Where dead keys may not be removed, RANDOMKEY gives up looking for a live one after so many. */
const RANDOM_TRIES = 100;

/** One step of SCAN, for any database. Made once, used again and again. */
export class KeyScan {
  /** Entries found by the last step, dead ones among them (`buryDead`). Good until the next write. */
  readonly found: number[] = [];
  private readonly gather = (e: number): void => {
    this.found.push(e);
  };

  /** Goes on from a cursor until `count` keys are found; returns the next cursor. */
  step(db: Database, cursor: number, count: number): number {
    const { tables } = db.engine;
    this.found.length = 0;
    let slot = cursor % SLOT_COUNT;
    let inner = Math.floor(cursor / SLOT_COUNT);
    // As in Redis, so that a table with few keys in many buckets does not hold everyone up.
    let visits = count * 10;
    while (slot < SLOT_COUNT) {
      const t = db.keysInSlot(slot) === 0 ? NONE : db.slotTable(slot);
      while (t !== NONE) {
        inner = tables.scan(t, inner, this.gather);
        const isEnough = this.found.length >= count || --visits <= 0;
        if (isEnough && inner !== 0) return inner * SLOT_COUNT + slot;
        if (inner === 0) break;
      }
      inner = 0;
      slot = nextSlot(db, slot);
      if (this.found.length >= count || visits <= 0) break;
    }
    return slot === SLOT_COUNT ? 0 : slot;
  }
}

/** The next slot with keys behind this one, SLOT_COUNT if there is none. */
export function nextSlot(db: Database, slot: number): number {
  for (slot++; slot < SLOT_COUNT; ) {
    if (slot % GROUP_SLOTS === 0 && db.groups[slot >> GROUP_SHIFT] === 0) slot += GROUP_SLOTS;
    else if (db.keysInSlot(slot) !== 0) return slot;
    else slot++;
  }
  return SLOT_COUNT;
}

/** True where the time of an entry has come: then it is gone, if that is ours to decide. */
export function buryDead(db: Database, e: number): boolean {
  if (!db.isDead(e)) return false;
  if (db.engine.mayExpire) db.expireNow(e, db.tableOf(e));
  return true;
}

/** Calls visit for every live key. It must not write. */
export function eachKey(db: Database, visit: (e: number) => void): void {
  const visitLive = (e: number): void => {
    if (!db.isDead(e)) visit(e);
  };
  for (let slot = nextSlot(db, -1); slot < SLOT_COUNT; slot = nextSlot(db, slot))
    db.engine.tables.each(db.slotTable(slot), visitLive);
}

/** Up to `most` keys of a slot, dead ones included: they have to leave it as well. */
export function keysOfSlot(db: Database, slot: number, most: number): number[] {
  const found: number[] = [];
  const wanted = Math.min(most, db.keysInSlot(slot));
  const gather = (e: number): void => {
    if (found.length < wanted) found.push(e);
  };
  let place = 0;
  if (wanted > 0)
    do place = db.engine.tables.scan(db.slotTable(slot), place, gather);
    while (found.length < wanted && place !== 0);
  return found;
}

/** A random live key, or NONE. */
export function randomKey(db: Database): number {
  const { engine } = db;
  for (let tries = 1; db.size > 0; tries++) {
    const t = db.slotTable(randomSlot(db));
    const e = engine.tables.random(t, engine.random);
    if (!buryDead(db, e)) return e;
    if (!engine.mayExpire && tries === RANDOM_TRIES && db.mortalCount === db.size) return e;
  }
  return NONE;
}

/** Each as likely as it has keys: of a database that has any. */
export function randomSlot(db: Database): number {
  let left = Math.floor(db.engine.random() * db.size);
  let group = 0;
  while (left >= db.groups[group]) left -= db.groups[group++];
  let slot = group << GROUP_SHIFT;
  for (let keys = db.keysInSlot(slot); left >= keys; keys = db.keysInSlot(++slot)) left -= keys;
  return slot;
}
