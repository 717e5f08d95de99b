/** Hashes against a Map: random fields, values from nothing to long ones, in both forms and across the change. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slice } from '../../../src/base/slice.js';
import { HASH_PACK, HASH_TABLE } from '../../../src/keyspace/entry.js';
import { HashCursor } from '../../../src/keyspace/types/hash.js';
import { kindOf, recordOf } from '../../../src/keyspace/types/record.js';
import { freeValue, newEntry, newParts, slice } from './helpers.js';
import { tries } from '../../support/tries.js';

function world(seed = 1) {
  const parts = newParts(seed);
  return { ...parts, hash: parts.values.hashes, e: newEntry(parts.arena, HASH_PACK) };
}

type World = ReturnType<typeof world>;

function contents({ hash, e }: World): Map<string, string> {
  const all = new Map<string, string>();
  const cursor = new HashCursor();
  for (hash.start(e, cursor); hash.next(cursor); ) {
    expect(all.has(cursor.field.toString())).toBe(false);
    all.set(cursor.field.toString(), cursor.value.toString());
  }
  return all;
}

const sorted = (map: Map<string, string>): [string, string][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const field = fc.oneof(fc.integer({ min: -20, max: 20 }).map(String), fc.stringMatching(/^[a-d]{0,2}$/));
const value = fc.oneof(
  fc.integer().map(String),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
  fc.integer({ min: 0, max: 400 }).map((n) => 'v'.repeat(n)),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('set' as const), field, value) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('delete' as const), field, fc.constant('')) },
);

describe.each([
  ['small', 1000, 1000, HASH_PACK],
  ['big', 0, 0, HASH_TABLE],
  ['growing by count', 8, 1000, null],
  ['growing by length', 1000, 64, null],
])('a hash that is %s', (_, entries, length, kind) => {
  test('agrees with a Map (seed 11)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const w = world();
        w.limits.hashMaxListpackEntries = entries;
        w.limits.hashMaxListpackValue = length;
        const model = new Map<string, string>();
        const out = new Slice();
        for (const [what, name, text] of steps) {
          if (what === 'set') {
            expect(w.hash.set(w.e, slice(name), slice(text))).toBe(!model.has(name));
            model.set(name, text);
          } else expect(w.hash.delete(w.e, slice(name))).toBe(model.delete(name));
          expect(w.hash.count(w.e)).toBe(model.size);
          expect(w.hash.has(w.e, slice(name))).toBe(what === 'set');
          expect(w.hash.get(w.e, slice(name), out)).toBe(what === 'set');
          if (what === 'set') expect(out.toString()).toBe(text);
        }
        expect(sorted(contents(w))).toEqual(sorted(model));
        if (kind !== null && steps.some(([what]) => what === 'set')) expect(kindOf(w.arena, w.e)).toBe(kind);
        const r = recordOf(w.arena, w.e);
        const other = newEntry(w.arena, kindOf(w.arena, w.e));
        w.hash.copy(kindOf(w.arena, w.e), r, recordOf(w.arena, other));
        expect(sorted(contents({ ...w, e: other }))).toEqual(sorted(model));
      }),
      { seed: 11, numRuns: tries(40) },
    );
  });
});

test('it grows where redis says so', () => {
  const w = world();
  for (let n = 0; n < 512; n++) w.hash.set(w.e, slice(`f${n}`), slice('v'.repeat(64)));
  expect(kindOf(w.arena, w.e)).toBe(HASH_PACK);
  w.hash.set(w.e, slice('f512'), slice(''));
  expect(kindOf(w.arena, w.e)).toBe(HASH_TABLE);
  const long = world();
  long.hash.expect(long.e, 64);
  expect(kindOf(long.arena, long.e)).toBe(HASH_PACK);
  long.hash.expect(long.e, 65);
  expect(kindOf(long.arena, long.e)).toBe(HASH_TABLE);
});

test('long fields, and values around the 24 bits of the short form', () => {
  const w = world();
  const out = new Slice();
  const names = ['k'.repeat(254), 'k'.repeat(255), 'k'.repeat(256), 'k'.repeat(70_000)];
  for (const name of names) w.hash.set(w.e, slice(name), slice(name.slice(1)));
  for (const size of [10, (1 << 24) - 1, 1 << 24, (1 << 24) + 5, 3]) {
    const text = Buffer.alloc(size, 'z');
    expect(w.hash.set(w.e, slice('f'), slice(text))).toBe(size === 10);
    expect(w.hash.get(w.e, slice('f'), out)).toBe(true);
    expect(out.len).toBe(size);
    expect(out.copy().equals(text)).toBe(true);
  }
  for (const name of names) {
    w.hash.get(w.e, slice(name), out);
    expect(out.toString()).toBe(name.slice(1));
  }
});

test.each([
  [20, 'small'],
  [3000, 'big'],
])('walks, scans and samples of %d fields (%s)', (n) => {
  const w = world(7);
  const names = Array.from({ length: n }, (_, i) => `field ${i}`);
  for (const name of names) w.hash.set(w.e, slice(name), slice(name));
  const seen = new Set<string>();
  const sink = {
    pair: (name: Slice, text: Slice) => expect(seen.add(name.toString()).has(text.toString())).toBe(true),
  };
  let cursor = 0;
  let calls = 0;
  do {
    cursor = w.hash.scan(w.e, cursor, 10, sink);
    calls++;
  } while (cursor !== 0);
  expect(seen.size).toBe(n);
  expect(calls).toBeGreaterThan(n > 512 ? 100 : 0);
  for (const size of [1, 5, Math.floor(n / 2), n]) {
    seen.clear();
    w.hash.sample(w.e, size, w.chance, sink);
    expect(seen.size).toBe(size);
  }
});

test.each([[12], [600]])('random fields of %d are evenly drawn (seed 5)', (n) => {
  const w = world(5);
  for (let i = 0; i < n; i++) w.hash.set(w.e, slice(`f${i}`), slice('x'));
  if (n === 12) expect(kindOf(w.arena, w.e)).toBe(HASH_PACK);
  const drawn = new Map<string, number>();
  const cursor = new HashCursor();
  for (let k = 0; k < n * 200; k++) {
    w.hash.random(w.e, w.chance, cursor);
    drawn.set(cursor.field.toString(), (drawn.get(cursor.field.toString()) ?? 0) + 1);
  }
  expect(drawn.size).toBe(n);
  // Expected are 200 with a deviation of 14.
  expect(Math.max(...drawn.values())).toBeLessThan(260);
  expect(Math.min(...drawn.values())).toBeGreaterThan(140);
});

test('nothing is left behind', () => {
  const w = world();
  const before = w.arena.used;
  for (const entries of [1000, 2]) {
    w.limits.hashMaxListpackEntries = entries;
    const e = newEntry(w.arena, HASH_PACK);
    for (let n = 0; n < 50; n++) w.hash.set(e, slice(`f${n}`), slice('v'.repeat(n)));
    freeValue(w.arena, w.values, e);
    w.arena.free(e);
    expect(w.arena.used).toBe(before);
  }
});
