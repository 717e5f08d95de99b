/**
 * The keyspace against a plain Map: random commands, and after each the same answer; at the end the same keys, values,
 * times of death and counts, and not one byte left behind.
 *
 * The keys of a run come from a small pool of awkward ones (empty, of 255 bytes and more, of one slot, of bytes that
 * are no text), so that they meet often. The seed stands in the title of each test.
 */
import { describe, expect, test } from 'vitest';
import { SLOT_COUNT } from '../../src/slots/slot-set.js';
import { HEADER_BYTES, IMMORTAL, LONG_KEY, LONG_VALUE, NONE, STRING, STRING_RAW } from '../../src/keyspace/entry.js';
import { keySlot } from '../../src/slots/key-slot.js';
import { seeded } from '../golden/chance.mjs';
import { newEngine, request, START, textOf, Twin } from './twin.js';
import { seeds } from '../support/tries.js';

const LONG = 'L'.repeat(LONG_KEY);
const KEYS = [
  ...['', 'a', 'b', '{', '{}', '\0', '\xff\xfe', 'k'.repeat(254), LONG, `${LONG}x`, 'y'.repeat(5000)],
  ...Array.from({ length: 30 }, (_, i) => `{tag}${i}`),
  ...Array.from({ length: 20 }, (_, i) => `user:${i}`),
];
const LENGTHS = [0, 1, 2, 3, 4, 7, 8, 20, 44, 45, 64, 100, 191, 192, 255, 1000, 5000, 16_000, 40_000];

function play(seed: number, steps: number): void {
  const chance = seeded(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)]!;
  const engine = newEngine(seed);
  const twins = [0, 1].map((index) => new Twin(engine, engine.database(index)));
  const text = () => String.fromCharCode(97 + Math.floor(chance() * 26)).repeat(pick(LENGTHS));
  const moment = () => engine.now + Math.floor(chance() * 200) - 20;
  const operations: ((twin: Twin) => void)[] = [
    (twin) => twin.get(pick(KEYS)),
    (twin) => twin.set(pick(KEYS), text(), IMMORTAL),
    (twin) => twin.set(pick(KEYS), text(), moment()),
    (twin) => twin.incr(pick(KEYS), Math.floor((chance() - 0.5) * 10 ** Math.floor(chance() * 16))),
    (twin) => twin.append(pick(KEYS), text()),
    (twin) => twin.cut(pick(KEYS), pick(LENGTHS)),
    (twin) => twin.remove(pick(KEYS)),
    (twin) => twin.expire(pick(KEYS), moment()),
    (twin) => twin.expire(pick(KEYS), IMMORTAL),
    (twin) => twin.rename(pick(KEYS), pick(KEYS), twin),
    (twin) => twin.rename(pick(KEYS), pick(KEYS), pick(twins)),
    (twin) => twin.copy(pick(KEYS), pick(KEYS), pick(twins)),
  ];
  for (let step = 0; step < steps; step++) {
    pick(operations)(pick(twins));
    if (step % 10 === 0) engine.setClock(engine.now + Math.floor(chance() * 10));
    if (step % 197 !== 0) continue;
    for (const twin of twins) twin.compareCounts();
    for (const twin of twins) twin.compare();
  }
  for (const twin of twins) for (const key of KEYS) twin.remove(key);
  for (const twin of twins) twin.compareCounts();
  const kept = engine.arena.used;
  const fresh = newEngine(seed);
  for (const index of [0, 1]) {
    const twin = new Twin(fresh, fresh.database(index));
    twin.set('a', 'b', IMMORTAL);
    twin.remove('a');
  }
  expect(kept, 'bytes left behind').toBe(fresh.arena.used);
}

describe('random commands agree with a Map', () => {
  test.each(seeds(4))('seed %i', (seed) => play(seed, 3000));
});

describe('size', () => {
  function roundTrip(key: string, text: string): void {
    const engine = newEngine();
    const twin = new Twin(engine, engine.database(0));
    const before = engine.arena.used;
    twin.set(key, 'small', IMMORTAL);
    twin.set(key, text, IMMORTAL);
    twin.get(key);
    twin.append(key, 'tail');
    twin.expire(key, START + 1000);
    twin.get(key);
    twin.rename(key, 'other', twin);
    twin.get('other');
    twin.copy('other', key, twin);
    twin.cut(key, 3);
    twin.get(key);
    twin.compare();
    twin.set(key, 'small again', IMMORTAL);
    twin.remove(key);
    twin.remove('other');
    twin.compareCounts();
    expect(engine.arena.used - before).toBe(SLOT_COUNT * 16);
  }

  test('a value of 16 MiB less one byte, exactly, and more', () => {
    for (const n of [LONG_VALUE - 1, LONG_VALUE, LONG_VALUE + 5]) roundTrip('big', 'v'.repeat(n));
  });

  test('a key of 254, 255 and 256 bytes', () => {
    for (const n of [LONG_KEY - 1, LONG_KEY, LONG_KEY + 1]) roundTrip('k'.repeat(n), 'value');
  });

  test('a key and a value of 17 MiB', () => roundTrip('k'.repeat(17 << 20), 'v'.repeat(17 << 20)));

  test('a collection under a key of 17 MiB keeps its record when it gets a time of death', () => {
    const engine = newEngine();
    const db = engine.database(0);
    const push = request('LPUSH', 'k'.repeat(17 << 20));
    const e = db.create(push, 1, 3, 0);
    const record = (at: number) => (db.arena.i32[at >>> 21] ?? new Int32Array(0)).subarray((at & 0x1fffff) << 1);
    expect([...record(db.record(e)).subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    record(db.record(e)).set([11, 12, 13, 14]);
    const moved = db.setExpire(e, START + 5);
    expect(moved).not.toBe(e);
    expect([...record(db.record(moved)).subarray(0, 4)]).toEqual([11, 12, 13, 14]);
    expect(db.find(push, 1)).toBe(moved);
  });

  test('appending byte by byte moves the entry a few times only', () => {
    const engine = newEngine();
    const db = engine.database(0);
    const append = request('APPEND', 'k', 'x');
    let e = db.setString(NONE, append, 1, 2, IMMORTAL);
    let moves = 0;
    for (let n = 2; n < 100_000; n++) {
      const to = db.resize(e, n);
      if (to !== e) moves++;
      e = to;
    }
    expect(moves).toBeLessThan(25);
  });

  test('a string that shrinks gives its memory back', () => {
    const engine = newEngine();
    const twin = new Twin(engine, engine.database(0));
    twin.set('k', 'x'.repeat(10_000), IMMORTAL);
    const before = engine.arena.used;
    twin.set('k', 'x', IMMORTAL);
    expect(engine.arena.used).toBeLessThan(before - 9000);
    expect(HEADER_BYTES).toBe(16);
  });
});

describe('death', () => {
  test('a key lives through its last millisecond', () => {
    const engine = newEngine();
    const twin = new Twin(engine, engine.database(0));
    twin.set('k', 'v', START + 5);
    engine.setClock(START + 5);
    expect(engine.database(0).peek(request('GET', 'k'), 1)).not.toBe(NONE);
    engine.setClock(START + 6);
    expect(engine.database(0).peek(request('GET', 'k'), 1)).toBe(NONE);
    expect([engine.expiredKeys, engine.size]).toEqual([1, 0]);
  });

  test('where another node decides, a dead key is hidden, and a write replaces it', () => {
    const engine = newEngine();
    const db = engine.database(0);
    new Twin(engine, db).set('k', 'old', START + 5);
    engine.setClock(START + 10);
    engine.mayExpire = false;
    expect(db.lookup(request('GET', 'k'), 1)).toBe(NONE);
    expect([engine.expiredKeys, db.size, engine.misses]).toEqual([0, 1, 1]);
    const set = request('SET', 'k', 'new');
    db.setString(db.find(set, 1), set, 1, 2, IMMORTAL);
    expect(db.size).toBe(1);
    expect(textOf(db, db.find(set, 1))).toBe('new');
  });

  test('a move keeps the clock of last use', () => {
    const engine = newEngine();
    const db = engine.database(0);
    const set = request('SET', 'k', 'v', 'to');
    const e = db.setString(NONE, set, 1, 2, IMMORTAL);
    const bits = db.meta(e) >>> 8;
    engine.setClock(START + 100_000);
    const moved = db.setExpire(e, START + 1e6);
    expect(db.meta(moved) >>> 8).toBe(bits);
    db.unlink(moved, db.tableOf(moved));
    expect(db.meta(db.adopt(moved, set, 3, IMMORTAL)) >>> 8).toBe(bits);
    expect(db.meta(db.lookup(set, 3)) >>> 8).toBe(bits + 100);
  });
});

describe('databases', () => {
  test('exchange all they have', () => {
    const engine = newEngine();
    const [a, b] = [new Twin(engine, engine.database(0)), new Twin(engine, engine.database(1))];
    for (let i = 0; i < 100; i++) a.set(`a${i}`, `${i}`, i % 3 === 0 ? START + 50 : IMMORTAL);
    b.set('b', '1', IMMORTAL);
    engine.swap(0, 1);
    expect([engine.database(0).size, engine.database(1).size, engine.database(1).mortalCount]).toEqual([1, 100, 34]);
    const swapped = new Twin(engine, engine.database(1));
    for (const [key, value] of a.model.keys) swapped.model.keys.set(key, value);
    swapped.compare();
    swapped.compareCounts();
    engine.swap(1, 1);
    swapped.compareCounts();
    engine.swap(0, 2);
    expect([engine.database(0).size, engine.database(2).size]).toEqual([0, 1]);
    new Twin(engine, engine.database(0)).set('c', '1', START + 5);
    expect(engine.database(0).mortalCount).toBe(1);
  });

  test('forget all when the arena does', () => {
    const engine = newEngine();
    const twin = new Twin(engine, engine.database(0));
    for (let i = 0; i < 1000; i++) twin.set(`k${i}`, 'v'.repeat(i * 20), i % 2 === 0 ? START + 50 : IMMORTAL);
    engine.flushAll();
    expect([engine.size, engine.arena.used, engine.arena.reserved]).toEqual([0, 0, 0]);
    const again = new Twin(engine, engine.database(0));
    again.get('k1');
    again.set('k1', 'x', START + 1);
    again.compare();
    again.compareCounts();
  });

  test('a kind is changed in place', () => {
    const engine = newEngine();
    const db = engine.database(0);
    const set = request('SET', 'k', '1');
    const e = db.setString(NONE, set, 1, 2, START + 5);
    db.setKind(e, STRING_RAW);
    expect([db.kind(e), db.expireAt(e)]).toEqual([STRING_RAW, START + 5]);
    expect(db.kind(db.setInteger(e, set, 1, 12345))).toBe(STRING);
  });
});

describe('many keys at once', () => {
  const fill = (twin: Twin): void => {
    for (let i = 0; i < 500; i++)
      twin.set(i % 2 === 0 ? `{tag}${i}` : `k${i}`, 'v'.repeat(i), i % 3 ? IMMORTAL : START);
  };

  test('a database that is cleared is as good as new', () => {
    const engine = newEngine();
    const twin = new Twin(engine, engine.database(0));
    new Twin(engine, engine.database(1)).set('elsewhere', 'v', IMMORTAL);
    const before = engine.arena.used;
    fill(twin);
    engine.database(0).clear();
    expect([engine.database(0).size, engine.database(0).mortalCount, engine.arena.used]).toEqual([0, 0, before]);
    twin.model.keys.clear();
    twin.compare();
    fill(twin);
    twin.compare();
    twin.compareCounts();
  });

  test('a slot that is dropped takes its keys alone', () => {
    const engine = newEngine();
    const twin = new Twin(engine, engine.database(0));
    fill(twin);
    engine.dropSlot(keySlot(Buffer.from('{tag}'), 0, 5));
    for (const key of [...twin.model.keys.keys()]) if (key.startsWith('{tag}')) twin.model.keys.delete(key);
    twin.compare();
    twin.compareCounts();
    expect(engine.size).toBe(250);
  });
});
