/**
 * Hanging many entries at a time: all of them are found, a key that is there already is refused, and nothing is lost.
 */
import { expect, test } from 'vitest';
import { viewOf } from '../../src/base/bytes.js';
import { IMMORTAL, NONE, STRING } from '../../src/keyspace/entry.js';
import { HangMany } from '../../src/keyspace/hang-many.js';
import type { Database } from '../../src/keyspace/keyspace.js';
import { seeded } from '../golden/chance.mjs';
import { Commander } from '../support/commander.js';

function entry(db: Database, key: string, at = IMMORTAL): number {
  const bytes = Buffer.from(key);
  return db.newEntry(bytes, viewOf(bytes), 0, bytes.length, STRING, at, 0);
}

test('thousands of keys in two databases', () => {
  const server = new Commander();
  const hangers = new HangMany(server.engine);
  const chance = seeded(7);
  const keys = new Map<string, number>();
  for (let i = 0; i < 5000; i++) {
    const index = chance() < 0.5 ? 0 : 3;
    const key = `${index}:${chance()}`;
    keys.set(key, index);
    expect(hangers.add(server.engine.database(index), entry(server.engine.database(index), key, i + 1e13))).toBe(true);
  }
  expect(hangers.flush()).toBe(true);
  for (const [key, index] of keys) {
    const bytes = Buffer.from(key);
    expect(server.engine.database(index).peekBytes(bytes, viewOf(bytes), 0, bytes.length)).not.toBe(NONE);
  }
  const [a, b] = [server.engine.database(0), server.engine.database(3)];
  expect([a.size + b.size, a.mortalCount + b.mortalCount]).toEqual([5000, 5000]);
});

test('a key that is there already ends it: the ones before hang, it is given back, the ones behind are let go', () => {
  for (const twin of ['old', 'k1']) {
    const server = new Commander();
    const db = server.engine.database(0);
    server.run('SET', 'old', 'v');
    const hangers = new HangMany(server.engine);
    for (const key of ['k1', 'k2', twin, 'k3']) hangers.add(db, entry(db, key));
    expect(hangers.flush()).toBe(false);
    expect(Buffer.from(db.bytes(hangers.refused)).toString('latin1', db.keyOffset(hangers.refused))).toMatch(twin);
    db.release(hangers.refused);
    expect(server.run('DBSIZE')).toBe(':3\r\n');
    server.run('DEL', 'old', 'k1', 'k2');
    const fresh = new Commander();
    fresh.run('SET', 'old', 'v');
    fresh.run('DEL', 'old');
    expect(server.engine.arena.used).toBe(fresh.engine.arena.used);
  }
});

test('what waits can be let go', () => {
  const server = new Commander();
  const db = server.engine.database(0);
  const { used } = server.engine.arena;
  const hangers = new HangMany(server.engine);
  hangers.add(db, entry(db, 'k'));
  hangers.abandon();
  expect([hangers.flush(), db.size, server.engine.arena.used]).toEqual([true, 0, used]);
});
