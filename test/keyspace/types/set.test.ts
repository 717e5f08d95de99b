/** Sets against JavaScript's: integers of all widths, texts, and the change from one form to the other. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slice } from '../../../src/base/slice.js';
import { SET_INTSET, SET_TABLE } from '../../../src/keyspace/entry.js';
import { kindOf, recordOf } from '../../../src/keyspace/types/record.js';
import { SetCursor } from '../../../src/keyspace/types/set.js';
import { Collected, freeValue, newEntry, newParts, slice } from './helpers.js';
import { tries } from '../../support/tries.js';

function world(seed = 1) {
  const parts = newParts(seed);
  const { intsets, sets: set } = parts.values;
  return { ...parts, intsets, set, e: newEntry(parts.arena, SET_INTSET) };
}

type World = ReturnType<typeof world>;

function contents({ set, e }: World): string[] {
  const all: string[] = [];
  const cursor = new SetCursor();
  for (set.start(e, cursor); set.next(cursor); ) all.push(cursor.member.toString());
  return all;
}

const byValue = (a: string, b: string): number => (BigInt(a) < BigInt(b) ? -1 : 1);
const integer = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -40, max: 40 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom('-32768', '32767', '-32769', '32768', '65535', '70000') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('2147483647', '-2147483648', '2147483648', '-2147483649', '9007199254740993'),
  },
  { weight: 1, arbitrary: fc.constantFrom('9223372036854775807', '-9223372036854775808', '4294967296', '-4294967295') },
);
const member = fc.oneof(
  { weight: 4, arbitrary: integer },
  { weight: 1, arbitrary: fc.constantFrom('', 'a', 'b', '01', '-0', '9223372036854775808', 'x'.repeat(300)) },
);

describe.each([
  ['integers', integer, SET_INTSET],
  ['anything', member, null],
])('a set of %s', (_, values, kind) => {
  test('agrees with a Set (seed 21)', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('add', 'add', 'delete'), values), { maxLength: 150 }), (steps) => {
        const w = world();
        w.limits.setMaxIntsetEntries = 60;
        const model = new Set<string>();
        for (const [what, text] of steps) {
          if (what === 'add') {
            expect(w.set.add(w.e, slice(text))).toBe(!model.has(text));
            model.add(text);
          } else expect(w.set.delete(w.e, slice(text))).toBe(model.delete(text));
          expect(w.set.has(w.e, slice(text))).toBe(model.has(text));
          expect(w.set.count(w.e)).toBe(model.size);
        }
        if (kind !== null) {
          expect(kindOf(w.arena, w.e)).toBe(kind);
          expect(contents(w)).toEqual([...model].sort(byValue));
        } else expect(contents(w).sort()).toEqual([...model].sort());
        const other = newEntry(w.arena, kindOf(w.arena, w.e));
        w.set.copy(kindOf(w.arena, w.e), recordOf(w.arena, w.e), recordOf(w.arena, other));
        expect(contents({ ...w, e: other }).sort()).toEqual([...model].sort());
      }),
      { seed: 21, numRuns: tries(80) },
    );
  });
});

// biome-ignore format: a table
test.each([
  [['1', '-32768', '32767'],       2, 14],
  [['1', '32768'],                 4, 16],
  [['1', '-2147483648'],           4, 16],
  [['1', '2147483648', '-7'],      8, 32],
  [['1', '-2147483649'],           8, 24],
])('integers %j are %d bytes wide, %d in all', (values, width, size) => {
  const w = world();
  for (const text of values) w.set.add(w.e, slice(text));
  expect(w.intsets.width(recordOf(w.arena, w.e))).toBe(width);
  expect(w.intsets.size(recordOf(w.arena, w.e))).toBe(size);
});

test('it grows where redis says so', () => {
  const w = world();
  for (let n = 0; n < 512; n++) w.set.add(w.e, slice(String(n)));
  expect(kindOf(w.arena, w.e)).toBe(SET_INTSET);
  w.set.add(w.e, slice('511'));
  expect(kindOf(w.arena, w.e)).toBe(SET_INTSET);
  w.set.add(w.e, slice('512'));
  expect(kindOf(w.arena, w.e)).toBe(SET_TABLE);
  expect(contents(w).sort(byValue)).toEqual(Array.from({ length: 513 }, (_, n) => String(n)));
  w.set.delete(w.e, slice('512'));
  expect(kindOf(w.arena, w.e)).toBe(SET_TABLE);
});

describe.each([
  ['intset', 100, ''],
  ['table', 100, 'member '],
  ['big table', 5000, 'member '],
])('chance and scans: %s', (_, n, prefix) => {
  const filled = (): World => {
    const w = world(9);
    for (let k = 0; k < n; k++) w.set.add(w.e, slice(prefix + k));
    return w;
  };

  test('SSCAN finds all', () => {
    const w = filled();
    const out = new Collected();
    let cursor = 0;
    do cursor = w.set.scan(w.e, cursor, 20, out);
    while (cursor !== 0);
    expect(new Set(out.all).size).toBe(n);
  });

  test('SSCAN misses none that stays while others go', () => {
    const w = filled();
    const out = new Collected();
    let cursor = 0;
    let k = 0;
    do {
      cursor = w.set.scan(w.e, cursor, 5, out);
      for (const stop = Math.min(n, k + 20); k < stop; k++) if (k % 10 !== 0) w.set.delete(w.e, slice(prefix + k));
    } while (cursor !== 0);
    const seen = new Set(out.all);
    for (let stay = 0; stay < n; stay += 10) expect(seen.has(prefix + stay)).toBe(true);
  });

  test('samples are distinct members', () => {
    const w = filled();
    for (const size of [0, 1, 10, n - 1, n]) {
      const out = new Collected();
      w.set.sample(w.e, size, w.chance, out);
      expect(out.all.length).toBe(size);
      expect(new Set(out.all).size).toBe(size);
      for (const text of out.all) expect(w.set.has(w.e, slice(text))).toBe(true);
    }
  });

  test('popping takes all, each once', () => {
    const w = filled();
    const out = new Collected();
    const look = new Slice();
    for (let k = n; k > 0; k--) {
      w.set.random(w.e, w.chance, look);
      expect(w.set.has(w.e, look)).toBe(true);
      w.set.pop(w.e, w.chance, out);
    }
    expect(w.set.count(w.e)).toBe(0);
    expect(new Set(out.all).size).toBe(n);
  });
});

test('nothing is left behind', () => {
  const w = world();
  const before = w.arena.used;
  for (const prefix of ['', 'm']) {
    const e = newEntry(w.arena, SET_INTSET);
    for (let n = 0; n < 300; n++) w.set.add(e, slice(prefix + n * 1000));
    const taken = w.arena.used - before - w.arena.capacity(e);
    expect(w.set.memory(kindOf(w.arena, e), recordOf(w.arena, e))).toBe(taken);
    freeValue(w.arena, w.values, e);
    w.arena.free(e);
    expect(w.arena.used).toBe(before);
  }
});
