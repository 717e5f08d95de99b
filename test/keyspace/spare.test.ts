/** Whole databases that are exchanged, and how their memory comes back. */
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/keyspace/engine.js';
import { IMMORTAL } from '../../src/keyspace/entry.js';
import type { Database } from '../../src/keyspace/keyspace.js';
import { Request } from '../../src/resp/request.js';
import { Commander } from '../support/commander.js';
import { LoneNode } from '../support/lone-node.js';
import { newEngine } from './twin.js';

function fill(db: Database, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const set = Request.of('SET', `k${i}`, `${i}`);
    db.setString(db.find(set, 1), set, 1, 2, IMMORTAL);
  }
}

function has(db: Database, key: string): boolean {
  return db.peek(Request.of('GET', key), 1) !== 0;
}

/** How many slices of work it takes. */
function freeAll(engine: Engine): number {
  let slices = 1;
  while (engine.lazyFree.work(() => true)) slices++;
  return slices;
}

describe('a second set of databases', () => {
  test('is not seen until it is adopted, and then alone', () => {
    const engine = newEngine();
    fill(engine.database(0), 0, 1000);
    fill(engine.database(2), 0, 10);
    const spare = engine.spare();
    fill(spare.database(0), 500, 600);
    fill(spare.database(1), 0, 5);
    expect([engine.size, has(engine.database(0), 'k0'), has(engine.database(1), 'k0')]).toEqual([1010, true, false]);
    engine.adoptSpare();
    expect([0, 1, 2].map((i) => engine.database(i).size)).toEqual([100, 5, 0]);
    expect([has(engine.database(0), 'k0'), has(engine.database(0), 'k599')]).toEqual([false, true]);
  });

  test('gives the memory of the old ones back in slices', () => {
    const engine = newEngine();
    fill(engine.database(0), 0, 10);
    const before = engine.arena.used;
    fill(engine.database(0), 10, 2000);
    fill(engine.spare().database(0), 0, 10);
    engine.adoptSpare();
    expect(engine.lazyFree.pending).toBe(2000);
    expect(freeAll(engine)).toBeGreaterThan(5);
    expect([engine.arena.used, engine.lazyFree.pending, engine.lazyFree.freed]).toEqual([before, 0, 2000]);
  });

  test('a collection that is worth it is freed bit by bit', () => {
    const server = new Commander();
    const before = server.engine.arena.used;
    server.run('SADD', 's', ...Array.from({ length: 5000 }, (_, i) => `m${i}`));
    server.engine.spare();
    server.engine.adoptSpare();
    expect(freeAll(server.engine)).toBeGreaterThan(10);
    expect([server.engine.arena.used, server.engine.lazyFree.freed]).toEqual([before, 1]);
  });

  test('one that a snapshot let go of is freed from its first slot on, wherever the other one was', () => {
    const engine = newEngine();
    engine.tidy();
    const { arena, lazyFree } = engine;
    const before = arena.used;
    fill(engine.database(0), 0, 3000);
    const guard = { heldBytes: 0, progress: { keys: 0, keysAtBegin: 0, keysAhead: 0, peakBytes: 0 } };
    const walk = engine.beginSnapshot({ ...guard, willChange: () => {}, recordMoved: () => {}, keeps: () => false });
    engine.flushAll(); // the snapshot needs these
    fill(engine.database(0), 0, 3000);
    engine.flushAll(); // these nobody
    for (let slices = 0; slices < 5; slices++) lazyFree.work(() => true);
    expect(lazyFree.pending).toBe(6000 - 5 * 128);
    engine.endSnapshot(walk, true);
    freeAll(engine);
    expect([arena.used, lazyFree.pending, lazyFree.freed]).toEqual([before, 0, 6000]);
  });

  test('goes without a trace', () => {
    const engine = newEngine();
    fill(engine.database(0), 0, 100);
    const before = engine.arena.used;
    fill(engine.spare().database(1), 0, 100);
    engine.dropSpare();
    engine.dropSpare();
    freeAll(engine);
    expect([engine.arena.used, engine.database(0).size, engine.database(1).size]).toEqual([before, 100, 0]);
    expect(engine.spare().database(1).size).toBe(0);
  });

  test('outlives a flush', () => {
    const engine = newEngine();
    fill(engine.database(0), 0, 100);
    fill(engine.spare().database(0), 0, 50);
    engine.flushAll();
    expect([engine.size, engine.spare().database(0).size]).toEqual([0, 50]);
    engine.adoptSpare();
    expect([engine.size, has(engine.database(0), 'k49')]).toEqual([50, true]);
  });

  test('must be there to be adopted', () => {
    expect(() => newEngine().adoptSpare()).toThrow('there are no spare databases');
  });

  test.each([
    ['was there', 'old', true],
    ['is there now', 'new', true],
    ['is in both', 'both', true],
    ['is in neither', 'neither', false],
  ])('a watched key that %s', (_, key, touched) => {
    const server = new LoneNode();
    const client = server.connect();
    client.say('MSET old 1 both 1');
    client.say(`WATCH ${key}`);
    client.say('MULTI');
    const spare = server.node.engine.spare().database(0);
    for (const name of ['new', 'both']) {
      const set = Request.of('SET', name, '2');
      spare.setString(spare.find(set, 1), set, 1, 2, IMMORTAL);
    }
    server.node.engine.adoptSpare();
    expect(client.say('EXEC')).toBe(touched ? '*-1\r\n' : '*0\r\n');
  });
});

describe('directories of empty databases', () => {
  test('come back now and then, but for the first one', () => {
    const server = new Commander();
    const none = server.engine.arena.used;
    for (const db of ['0', '3']) {
      server.run('SELECT', db);
      server.run('SET', 'k', 'v');
      server.run('DEL', 'k');
    }
    const two = server.engine.arena.used;
    server.engine.tidy();
    expect((two - none) / 2).toBe(server.engine.arena.used - none);
    expect([server.run('GET', 'k'), server.run('SET', 'k', 'v'), server.run('GET', 'k')]).toEqual([
      '$-1\r\n',
      '+OK\r\n',
      '$1\r\nv\r\n',
    ]);
    server.engine.tidy();
    expect(server.run('DBSIZE')).toBe(':1\r\n');
  });
});
