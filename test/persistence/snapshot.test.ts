/** A snapshot is what was there when it began, whatever happens until it is done. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GROUPS } from '../../src/commands/groups.js';
import { FLAG } from '../../src/commands/row.js';
import { CommandTable } from '../../src/commands/table.js';
import { RdbLoader } from '../../src/persistence/rdb-reader.js';
import { RdbWriter } from '../../src/persistence/rdb-writer.js';
import { Snapshot } from '../../src/persistence/snapshot.js';
import { Commander } from '../support/commander.js';
import { aDraw, anyWrite, aTurn, type Draw, ELSEWHERE, isFlush, TEMPLATES } from './any-write.js';
import { type Content, contentOf } from './content.js';
import { Recorder } from './recorder.js';
import { tries } from '../support/tries.js';

const DATABASES = 3;

function filled(draws: readonly Draw[]): Commander {
  const server = new Commander(DATABASES);
  const { limits } = server.engine.values;
  limits.hashMaxListpackEntries = limits.zsetMaxListpackEntries = limits.setMaxIntsetEntries = 4; // more tables
  for (const draw of draws) if (!isFlush(draw)) anyWrite(server, draw);
  return server;
}

/** Lets the snapshot end, with changes in between: what it emitted, and what a loader makes of its bytes. */
function taken(
  server: Commander,
  turns: readonly (Draw | null)[],
  bytes: number,
): { emitted: Content; loaded: Content } {
  const { recorder, snapshot } = begun(server);
  const file: Uint8Array[] = [];
  for (const turn of turns) {
    if (turn !== null) anyWrite(server, turn);
    else {
      snapshot.step(bytes);
      file.push(recorder.take());
    }
  }
  file.push(...restOf(snapshot, recorder, bytes));
  return { emitted: recorder.content, loaded: loadedFrom(file) };
}

function begun({ engine }: Commander): { recorder: Recorder; snapshot: Snapshot } {
  const recorder = Recorder.of(engine);
  return { recorder, snapshot: new Snapshot(engine, recorder, [['redis-ver', '7.0.15']]) };
}

/** Lets the snapshot end, in steps of so many bytes. */
function restOf(snapshot: Snapshot, recorder: Recorder, bytes: number): Uint8Array[] {
  const file: Uint8Array[] = [];
  while (snapshot.step(bytes) === 'more') file.push(recorder.take());
  return [...file, recorder.take()];
}

function loadedFrom(file: readonly Uint8Array[]): Content {
  const { engine } = new Commander(DATABASES);
  const loader = new RdbLoader(engine, { checksum: true, now: engine.now, isPrimary: false });
  const fed = file.map((bytes) => loader.feed(bytes));
  expect(fed.at(-1)).toEqual({ kind: 'done', rest: 0 });
  return contentOf(engine);
}

/** Bytes of the arena that nobody gives back once all keys are dropped. */
function leftWhenAllIsGone({ engine }: Commander): number {
  engine.spare(); // so that the arena is not forgotten as a whole
  engine.flushAll();
  engine.dropSpare();
  while (engine.lazyFree.work(() => false));
  return engine.arena.used;
}

describe('whatever happens meanwhile', () => {
  const runs = fc.tuple(
    fc.array(aDraw, { minLength: 20, maxLength: 300, size: 'max' }),
    fc.array(aTurn, { minLength: 20, maxLength: 200, size: 'max' }),
    fc.integer({ min: 1, max: 100 }),
  );

  test('the moment is kept', () => {
    fc.assert(
      fc.property(runs, ([before, turns, bytes]) => {
        const server = filled(before);
        const moment = contentOf(server.engine);
        expect(taken(server, turns, bytes)).toEqual({ emitted: moment, loaded: moment });
        expect(leftWhenAllIsGone(server)).toBe(0);
      }),
      { numRuns: tries(25) },
    );
  }, 60_000);

  test('and so is the next one, also behind one that was broken off', () => {
    fc.assert(
      fc.property(runs, fc.nat(300), ([before, turns, bytes], brokenAt) => {
        const server = filled(before);
        const broken = new Snapshot(server.engine, Recorder.of(server.engine), []);
        for (const turn of turns.slice(0, brokenAt)) turn === null ? broken.step(bytes) : anyWrite(server, turn);
        broken.cancel();
        for (const turn of turns) if (turn !== null) anyWrite(server, turn);
        for (let i = 0; i < 3; i++) {
          const moment = contentOf(server.engine);
          expect(taken(server, turns, bytes)).toEqual({ emitted: moment, loaded: moment });
        }
        expect(leftWhenAllIsGone(server)).toBe(0);
      }),
      { numRuns: tries(10) },
    );
  }, 60_000);
});

describe('a very big value that is changed while it is written', () => {
  const MEMBERS = 300;
  /** m is one of its members, n a new one, v a value. */
  const CHANGES: Record<string, readonly string[]> = {
    set: ['SREM k m', 'SADD k n', 'SPOP k', 'SPOP k 120', 'SMOVE k other m', 'SINTERSTORE k k other'],
    hash: ['HSET k m v', 'HSET k n v', 'HDEL k m', 'HINCRBY k m 1', 'HINCRBY k n 1', 'HSETNX k n v'],
    zset: ['ZADD k 5 m', 'ZADD k 6 n', 'ZREM k m', 'ZINCRBY k 3 m', 'ZPOPMIN k', 'ZPOPMAX k 120', 'ZINCRBY k 3 n'],
  };
  const ANY = [
    'EXPIRE k 100',
    'PERSIST k',
    'RENAME k k2',
    'RENAME k2 k',
    'MOVE k2 1',
    'COPY k k2',
    'DEL k2',
    'UNLINK k',
  ];
  const aChange = fc.record({ what: fc.nat(1000), x: fc.nat(MEMBERS - 1), bytes: fc.integer({ min: -600, max: 300 }) });

  function words(template: string, x: number, text: string): string[] {
    return template.split(' ').map((word) => ({ m: `${x}`, n: `new${x}`, v: text })[word] ?? word);
  }

  test.each(['set', 'hash', 'zset'] as const)(
    '%s',
    (type) => {
      const change = [...(CHANGES[type] ?? []), ...(CHANGES[type] ?? []), ...ANY];
      const fill = { set: 'SADD k m', hash: 'HSET k m v', zset: 'ZADD k 1 m' }[type];
      fc.assert(
        fc.property(fc.array(aChange, { maxLength: 150, size: 'max' }), (changes) => {
          const made = new Commander(DATABASES);
          made.run('SADD', 'other', '1', '2', '3', 'x');
          for (let i = 0; i < MEMBERS; i++) made.run(...words(fill, i, `${i}`));
          if (type === 'hash') made.run('HSET', 'k', '7', 'long'.repeat(50)); // a table it is
          if (type === 'set') made.run('SADD', 'k', 'text');
          if (type === 'zset') made.run('ZADD', 'k', '1', 'long'.repeat(50));
          const moment = contentOf(made.engine);
          const { recorder, snapshot } = begun(made);
          const file: Uint8Array[] = [];
          for (const { what, x, bytes } of changes) {
            made.run(...words(change[what % change.length] ?? '', x, 'v'.repeat(x)));
            if (bytes > 0) snapshot.step(bytes);
            file.push(recorder.take());
          }
          file.push(...restOf(snapshot, recorder, 200));
          expect(loadedFrom(file)).toEqual(moment);
          expect([snapshot.heldBytes, made.engine.values.members.guard]).toEqual([0, null]);
          expect(leftWhenAllIsGone(made)).toBe(0);
        }),
        { numRuns: tries(15) },
      );
    },
    60_000,
  );

  test('nobody waits for it, and what is broken off leaves nothing behind', () => {
    const made = new Commander(DATABASES);
    made.run('SADD', 'k', ...Array.from({ length: 20_000 }, (_, i) => `m${i}`));
    const recorder = new RdbWriter({ compress: true, checksum: true, usage: 'none' });
    const snapshot = new Snapshot(made.engine, recorder, []);
    made.run('SREM', 'k', 'm5');
    made.run('SADD', 'k', 'm5', 'new');
    expect(snapshot.heldBytes).toBeLessThan(100);
    made.run('UNLINK', 'k');
    expect(snapshot.heldBytes).toBeLessThan(100);
    expect(made.engine.lazyFree.pending).toBe(0); // it is needed yet
    snapshot.cancel();
    expect([made.engine.lazyFree.pending, made.engine.values.members.guard]).toEqual([1, null]);
    expect(leftWhenAllIsGone(made)).toBe(0);
  });
});

describe('step by step', () => {
  const server = (keys: number): Commander => {
    const made = new Commander(DATABASES);
    for (let i = 0; i < keys; i++) made.run('SET', `k${i}`, 'v'.repeat(50));
    return made;
  };

  test('one at a time', () => {
    const { engine } = server(1);
    const snapshot = new Snapshot(engine, Recorder.of(engine), []);
    expect(() => new Snapshot(engine, Recorder.of(engine), [])).toThrow('a snapshot is being taken already');
    snapshot.cancel();
    snapshot.cancel();
    expect([snapshot.step(1000), engine.snapshot]).toEqual(['done', null]);
    expect(() => new Snapshot(engine, Recorder.of(engine), [])).not.toThrow();
  });

  test('a step ends when so many bytes wait, and writes nothing while they do', () => {
    const { engine } = server(200);
    const recorder = Recorder.of(engine);
    const snapshot = new Snapshot(engine, recorder, []);
    expect(snapshot.step(1000)).toBe('more');
    const waiting = recorder.pendingBytes;
    expect(waiting).toBeGreaterThanOrEqual(1000);
    expect(waiting).toBeLessThan(1200);
    expect([snapshot.step(1000), recorder.pendingBytes]).toEqual(['more', waiting]);
  });

  test('a huge value goes out in pieces, and what is changed meanwhile goes behind it', () => {
    const made = server(0);
    made.run('RPUSH', 'big', ...Array.from({ length: 30_000 }, (_, i) => `element ${i}`));
    made.run('SET', 'small', 'before');
    const { recorder, snapshot } = begun(made);
    while (recorder.begun === 0) snapshot.step(100);
    made.run('SET', 'small', 'after');
    const held = snapshot.heldBytes;
    recorder.take();
    expect(snapshot.step(20_000)).toBe('more');
    expect(recorder.pendingBytes).toBeLessThan(60_000);
    expect(held).toBeGreaterThan(0);
    made.run('RPUSH', 'big', 'one more'); // now it is written to its end
    expect(recorder.pendingBytes).toBeGreaterThan(100_000);
    expect(snapshot.progress).toMatchObject({ keys: 2, keysAtBegin: 2, keysAhead: 1 });
    restOf(snapshot, recorder, 20_000);
    expect(recorder.content[0]?.get('small')).toBe('string Infinity before');
  });

  test('where all is emitted already, a step ends after so many buckets', () => {
    const made = server(3000);
    const { recorder, snapshot } = begun(made);
    for (let i = 0; i < 3000; i++) made.run('APPEND', `k${i}`, 'x');
    expect(snapshot.progress).toMatchObject({ keys: 3000, keysAtBegin: 3000, keysAhead: 3000 });
    recorder.take();
    let steps = 0;
    while (snapshot.step(1000) === 'more') steps++;
    expect(steps).toBeGreaterThan(10);
  });

  test('behind one that was broken off, marks are tidied up in slices', () => {
    const made = server(5000);
    const snapshot = new Snapshot(made.engine, Recorder.of(made.engine), []);
    snapshot.step(1000);
    snapshot.cancel();
    let slices = 0;
    for (; made.engine.mustSweep; slices++) made.engine.lazyFree.work(() => true);
    expect(slices).toBeGreaterThan(2);
    const moment = contentOf(made.engine);
    expect(taken(made, [], 1000)).toEqual({ emitted: moment, loaded: moment });
  });

  test('keys that are flushed go out all the same, and are freed then', () => {
    const made = server(1000);
    const [moment, before] = [contentOf(made.engine), made.engine.arena.used];
    const { recorder, snapshot } = begun(made);
    snapshot.step(1000);
    recorder.take();
    made.run('FLUSHALL');
    made.run('SET', 'k1', 'new');
    made.engine.lazyFree.work(() => false);
    expect([made.run('DBSIZE'), made.engine.lazyFree.pending]).toEqual([':1\r\n', 1000]);
    restOf(snapshot, recorder, 1000);
    expect(recorder.content).toEqual(moment);
    while (made.engine.lazyFree.work(() => false));
    expect(made.engine.arena.used).toBeLessThan(before);
    expect([made.engine.lazyFree.pending, made.run('GET', 'k1')]).toEqual([0, '$3\r\nnew\r\n']);
  });

  test('a key whose time has come is written, as long as nobody met it', () => {
    const made = server(0);
    made.run('SET', 'k', 'v', 'PX', '10');
    made.now += 100;
    expect(taken(made, [], 1000).emitted[0]?.get('k')).toBe(`string ${made.now - 90} v`);
  });
});

test('any write means any', () => {
  const known = new Set(TEMPLATES.map((template) => template.split(' ')[0]?.toLowerCase()));
  const isKnown = (name: string): boolean => known.has(name) || ELSEWHERE.has(name) || name.includes('|');
  const writing = new CommandTable(GROUPS).commands.filter(({ flags }) => (flags & FLAG.WRITE) !== 0);
  expect(writing.map(({ name }) => name).filter((name) => !isKnown(name))).toEqual([]);
});
