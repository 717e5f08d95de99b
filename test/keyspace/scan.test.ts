/**
 * Walks over the keys: SCAN meets every key that is there all the time, whatever comes and goes meanwhile; RANDOMKEY
 * gives each slot its share and comes to an end.
 */
import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/keyspace/engine.js';
import { IMMORTAL, NONE } from '../../src/keyspace/entry.js';
import type { Database } from '../../src/keyspace/keyspace.js';
import { buryDead, eachKey, KeyScan, keysOfSlot, randomKey } from '../../src/keyspace/scan.js';
import { Request } from '../../src/resp/request.js';
import { keySlot } from '../../src/slots/key-slot.js';
import { seeded } from '../golden/chance.mjs';
import { seeds } from '../support/tries.js';

const START = 1_700_000_000_000;

function newDatabase(seed = 1): Database {
  const engine = new Engine({ databaseCount: 1, hashKey: [seed, ~seed], random: seeded(seed) });
  engine.setClock(START);
  return engine.database(0);
}

function add(db: Database, key: string, at: number = IMMORTAL): void {
  const set = Request.of('SET', key, 'v');
  db.setString(db.find(set, 1), set, 1, 2, at);
}

function drop(db: Database, key: string): void {
  const e = db.find(Request.of('DEL', key), 1);
  if (e !== NONE) db.remove(e);
}

function keyOf(db: Database, e: number): string {
  const from = db.keyOffset(e);
  return Buffer.from(db.bytes(e).subarray(from, from + db.keyLength(e))).toString();
}

/** A whole SCAN; `between` is called after each step. */
function scanAll(db: Database, count: number, between: () => void): Map<string, number> {
  const walk = new KeyScan();
  const met = new Map<string, number>();
  let cursor = 0;
  do {
    cursor = walk.step(db, cursor, count);
    for (const e of walk.found) if (!buryDead(db, e)) met.set(keyOf(db, e), (met.get(keyOf(db, e)) ?? 0) + 1);
    between();
  } while (cursor !== 0);
  return met;
}

describe('SCAN', () => {
  test.each([1, 3, 10, 1000])('meets each key once while nothing changes, COUNT %i', (count) => {
    const db = newDatabase();
    for (let i = 0; i < 500; i++) add(db, i % 2 === 0 ? `{one slot}${i}` : `key:${i}`);
    const met = scanAll(db, count, () => {});
    expect([met.size, Math.max(...met.values())]).toEqual([500, 1]);
  });

  const NAMES: Record<string, (i: number) => string> = {
    'in one slot': (i) => `{tag}${i}`,
    'in all slots': (i) => `key:${i}`,
    'in few slots': (i) => `{${i % 3}}${i}`,
  };

  describe.each(Object.entries(NAMES))('never misses a key that stays, %s', (_, name) => {
    test.each(seeds(4))('seed %i', (seed) => {
      const db = newDatabase(seed);
      const chance = seeded(seed);
      for (let i = 0; i < 1000; i++) add(db, name(i));
      // Waves of growth and shrinking: tables double and halve several times during one walk.
      let next = 1000;
      let oldest = 300;
      const met = scanAll(db, 1 + Math.floor(chance() * 20), () => {
        const grows = chance() < 0.5;
        for (let n = Math.floor(chance() * 200); n > 0; n--) {
          if (grows && next < 20_000) add(db, name(next++));
          else if (oldest < next) drop(db, name(oldest++));
        }
      });
      const missed = Array.from({ length: 300 }, (_, i) => name(i)).filter((key) => !met.has(key));
      expect(missed).toEqual([]);
    });
  });

  test('removes dead keys on its way, and shows none of them', () => {
    const db = newDatabase();
    for (let i = 0; i < 1000; i++) add(db, `{tag}${i}`, i % 4 === 0 ? IMMORTAL : START + 5);
    db.engine.setClock(START + 100);
    const met = scanAll(db, 10, () => {});
    expect([met.size, db.size, db.engine.expiredKeys]).toEqual([250, 250, 750]);
  });

  test('hides dead keys where another node decides', () => {
    const db = newDatabase();
    for (let i = 0; i < 100; i++) add(db, `${i}`, START + 5);
    db.engine.setClock(START + 100);
    db.engine.mayExpire = false;
    expect([scanAll(db, 10, () => {}).size, db.size]).toEqual([0, 100]);
  });

  test('bears any cursor that a client makes up', () => {
    const db = newDatabase();
    for (let i = 0; i < 100; i++) add(db, `{tag}${i}`);
    const walk = new KeyScan();
    for (let bits = 0; bits <= 45; bits++) {
      for (const cursor of [2 ** bits, 2 ** bits - 1]) {
        const next = walk.step(db, cursor, 5);
        expect(Number.isSafeInteger(next) && next >= 0).toBe(true);
      }
    }
  });

  test('stays short in a table that has no keys in many buckets', () => {
    const db = newDatabase();
    for (let i = 0; i < 4000; i++) add(db, `{tag}${i}`);
    for (let i = 0; i < 3000; i++) drop(db, `{tag}${i}`);
    const walk = new KeyScan();
    walk.step(db, 0, 1);
    expect(walk.found.length).toBeLessThan(20);
    expect(scanAll(db, 1, () => {}).size).toBe(1000);
  });

  test('an empty database is at its end', () => {
    expect(new KeyScan().step(newDatabase(), 0, 10)).toBe(0);
  });
});

describe('KEYS', () => {
  test('visits each live key once', () => {
    const db = newDatabase();
    for (let i = 0; i < 300; i++) add(db, `${i}`, i % 3 === 0 ? START + 5 : IMMORTAL);
    db.engine.setClock(START + 6);
    const met: string[] = [];
    eachKey(db, (e) => met.push(keyOf(db, e)));
    expect([met.length, new Set(met).size]).toEqual([200, 200]);
  });
});

describe('keys of a slot', () => {
  test('as many as asked for', () => {
    const db = newDatabase();
    for (let i = 0; i < 50; i++) add(db, `{tag}${i}`);
    add(db, 'elsewhere');
    const slot = keySlot(Buffer.from('{tag}'), 0, 5);
    expect(keysOfSlot(db, slot, 1000)).toHaveLength(50);
    expect(keysOfSlot(db, slot, 7)).toHaveLength(7);
    expect(keysOfSlot(db, (slot + 1) % 16384, 7)).toEqual([]);
  });
});

describe('RANDOMKEY', () => {
  test('gives each slot its share', () => {
    const db = newDatabase();
    for (let i = 0; i < 300; i++) add(db, `{big}${i}`);
    for (let i = 0; i < 100; i++) add(db, `small:${i}`);
    let big = 0;
    for (let i = 0; i < 4000; i++) if (keyOf(db, randomKey(db)).startsWith('{big}')) big++;
    expect(big).toBeGreaterThan(2850);
    expect(big).toBeLessThan(3150);
  });

  test('names any key, sooner or later', () => {
    const db = newDatabase();
    for (let i = 0; i < 20; i++) add(db, i < 10 ? `{tag}${i}` : `key${i}`);
    const named = new Set(Array.from({ length: 1000 }, () => keyOf(db, randomKey(db))));
    expect(named.size).toBe(20);
  });

  test('ends where all keys are dead', () => {
    const db = newDatabase();
    for (let i = 0; i < 100; i++) add(db, `${i}`, START + 5);
    db.engine.setClock(START + 100);
    expect(randomKey(db)).toBe(NONE);
    expect([db.size, db.engine.expiredKeys]).toEqual([0, 100]);
  });

  test('names a dead key rather than look on for ever, where it may not remove it', () => {
    const db = newDatabase();
    add(db, 'dead', START + 5);
    db.engine.setClock(START + 100);
    db.engine.mayExpire = false;
    expect(keyOf(db, randomKey(db))).toBe('dead');
    add(db, 'alive');
    expect(keyOf(db, randomKey(db))).toBe('alive');
  });
});
