/** Sorted sets against a sorted array: scores with many ties, infinities, both forms, and ranges of all kinds. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Slice } from '../../../src/base/slice.js';
import { ZSET_PACK, ZSET_TREE } from '../../../src/keyspace/entry.js';
import { LEFT, RIGHT } from '../../../src/keyspace/types/door.js';
import { kindOf, recordOf } from '../../../src/keyspace/types/record.js';
import { ADDED, BEHIND, FROM, SAME, ScoreCursor, UPDATED } from '../../../src/keyspace/types/sorted-set.js';
import { freeValue, newEntry, newParts, slice } from './helpers.js';
import { seeds, tries } from '../../support/tries.js';

function world(seed = 1) {
  const parts = newParts(seed);
  const { tree, sortedSets: zset } = parts.values;
  return { ...parts, tree, zset, e: newEntry(parts.arena, ZSET_PACK) };
}

type World = ReturnType<typeof world>;
type Pair = [member: string, score: number];

function contents({ zset, e }: World, towards: typeof LEFT | typeof RIGHT): Pair[] {
  const all: Pair[] = [];
  const cursor = new ScoreCursor();
  const first = towards === RIGHT ? 0 : zset.count(e) - 1;
  for (let more = zset.seek(e, first, cursor); more; more = zset.step(cursor, towards)) {
    all.push([cursor.member.toString(), cursor.score]);
  }
  return all;
}

const inOrder = (a: Pair, b: Pair): number => (a[1] !== b[1] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1);

class Scored {
  readonly all: Pair[] = [];
  scored(member: Slice, score: number): void {
    this.all.push([member.toString(), score]);
  }
}

/** Everything that can be asked, of a model in order. */
function checkAll(w: World, model: Map<string, number>, bounds: number[], texts: string[]): void {
  const { zset, e } = w;
  const order = [...model].sort(inOrder);
  expect(contents(w, RIGHT)).toEqual(order);
  expect(contents(w, LEFT)).toEqual([...order].reverse());
  for (const [rank, [member]] of order.entries()) if (rank % 7 === 0) expect(zset.rank(e, slice(member))).toBe(rank);
  for (const x of bounds) {
    expect(zset.countScores(e, x, FROM)).toBe(order.filter(([, score]) => score < x).length);
    expect(zset.countScores(e, x, BEHIND)).toBe(order.filter(([, score]) => score <= x).length);
  }
  const equal = order.every(([, score]) => score === order[0]?.[1]);
  for (const text of equal ? texts : []) {
    expect(zset.countBytes(e, slice(text), FROM)).toBe(order.filter(([member]) => member < text).length);
    expect(zset.countBytes(e, slice(text), BEHIND)).toBe(order.filter(([member]) => member <= text).length);
  }
  expect(zset.seek(e, order.length, new ScoreCursor())).toBe(false);
}

const score = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1, -2.5, 1e300, 5e-324, 2 ** 53, 2 ** 60, 1.5),
);
const member = fc.oneof(
  fc.stringMatching(/^[ab]{0,6}$/),
  fc.integer({ min: 0, max: 300 }).map(String),
  fc.constant('x'.repeat(300)),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('put' as const), member, score }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('delete' as const), member, score }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('pop' as const), member, score }) },
);

describe.each([
  ['small', 10_000, ZSET_PACK],
  ['growing', 40, null],
  ['a tree', 0, ZSET_TREE],
])('a sorted set that is %s', (_, entries, kind) => {
  test('agrees with an array (seed 31)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const w = world();
        w.limits.zsetMaxListpackEntries = entries;
        w.limits.zsetMaxListpackValue = kind === ZSET_PACK ? 1000 : 64;
        const { zset, e } = w;
        const model = new Map<string, number>();
        for (const { what, member: name, score: x } of steps) {
          const before = model.get(name);
          if (what === 'put') {
            expect(zset.put(e, slice(name), x)).toBe(before === undefined ? ADDED : before === x ? SAME : UPDATED);
            model.set(name, x);
            expect(zset.score(e, slice(name))).toBe(x);
          } else if (what === 'delete') {
            expect(zset.delete(e, slice(name))).toBe(model.delete(name));
            expect(zset.score(e, slice(name))).toBe(Number.NaN);
            expect(zset.rank(e, slice(name))).toBe(-1);
          } else if (model.size > 0) {
            const side = x > 0 ? RIGHT : LEFT;
            const out = new Scored();
            const end = [...model].sort(inOrder).at(side === LEFT ? 0 : -1) as Pair;
            zset.pop(e, side, out);
            expect(out.all).toEqual([end]);
            model.delete(end[0]);
          }
          expect(zset.count(e)).toBe(model.size);
        }
        checkAll(w, model, [-1, 0, 0.1, 5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], []);
        if (kind !== null && model.size > 0) expect(kindOf(w.arena, e)).toBe(kind);
        const other = newEntry(w.arena, kindOf(w.arena, e));
        zset.copy(kindOf(w.arena, e), recordOf(w.arena, e), recordOf(w.arena, other));
        checkAll({ ...w, e: other }, model, [0], []);
      }),
      { seed: 31, numRuns: tries(40) },
    );
  });

  test('orders by bytes where scores are equal (seed 32)', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary-ascii', maxLength: 9 }), { maxLength: 120 }), (names) => {
        const w = world();
        w.limits.zsetMaxListpackEntries = entries;
        for (const name of names) w.zset.put(w.e, slice(name), 0);
        checkAll(w, new Map(names.map((name) => [name, 0])), [0], [...names.slice(0, 5), '', 'a', 'zz']);
      }),
      { seed: 32, numRuns: tries(40) },
    );
  });
});

test.each(seeds(2))('a tree of thousands stays right while it grows and shrinks (seed %d)', (seed) => {
  const w = world(seed);
  const { zset, e, chance } = w;
  const model = new Map<string, number>();
  const empty = w.arena.used;
  for (const [rounds, growth] of [
    [12_000, 0.9],
    [14_000, 0.15],
    [4000, 0.5],
    [6000, 0],
  ] as const) {
    for (let n = 0; n < rounds; n++) {
      const name = `member ${Math.floor(chance() * 9000)}`;
      const x = Math.floor(chance() * 50) / 4;
      if (chance() < growth) {
        zset.put(e, slice(name), x);
        model.set(name, x);
      } else if (chance() < 0.5) expect(zset.delete(e, slice(name))).toBe(model.delete(name));
      else if (model.size > 100 && n % 50 === 0) {
        const rank = Math.floor(chance() * (model.size - 60));
        const gone = [...model].sort(inOrder).slice(rank, rank + 60);
        zset.deleteRange(e, rank, 60);
        for (const [member] of gone) model.delete(member);
      }
    }
    checkAll(w, model, [0, 3.25, 3.3, 12.5], []);
    // No more than a quarter of what nodes hold is in use, at the worst, plus a path of near-empty ones.
    const r = recordOf(w.arena, e);
    expect(w.tree.memory(r)).toBeLessThan((model.size / 10 + 10) * 1024);
  }
  zset.deleteRange(e, 0, zset.count(e));
  expect(zset.count(e)).toBe(0);
  freeValue(w.arena, w.values, e);
  expect(w.arena.used).toBe(empty);
});

test('ascending and descending scores fill the nodes', () => {
  for (const sign of [1, -1]) {
    const w = world();
    for (let n = 0; n < 5000; n++) w.zset.put(w.e, slice(`m${n}`), sign * n);
    expect(w.tree.memory(recordOf(w.arena, w.e)) / 1024).toBeLessThan(sign > 0 ? 5000 / 84 + 5 : 5000 / 42 + 8);
    const expected = Array.from({ length: 5000 }, (_, n) => (sign > 0 ? n : n - 4999));
    expect(contents(w, RIGHT).map(([, score]) => score + 0)).toEqual(expected);
  }
});

test('members of all lengths around the short form', () => {
  const w = world();
  const model = new Map<string, number>();
  for (const n of [0, 1, 3, 4, 5, 63, 64, 65, 253, 254, 255, 256, 257, 70_000]) {
    for (const end of ['', 'a', '\u0000']) {
      w.zset.put(w.e, slice('k'.repeat(n) + end), 1);
      model.set('k'.repeat(n) + end, 1);
    }
  }
  expect(kindOf(w.arena, w.e)).toBe(ZSET_TREE);
  checkAll(w, model, [1], ['k'.repeat(254), 'k'.repeat(255), 'kkl', 'k'.repeat(70_001)]);
});

test('it grows where redis says so', () => {
  const w = world();
  for (let n = 0; n < 128; n++) w.zset.put(w.e, slice('m'.repeat(61) + n), n);
  expect(kindOf(w.arena, w.e)).toBe(ZSET_PACK);
  w.zset.put(w.e, slice(`${'m'.repeat(61)}5`), 99);
  expect(kindOf(w.arena, w.e)).toBe(ZSET_PACK);
  w.zset.put(w.e, slice('one more'), 0);
  expect(kindOf(w.arena, w.e)).toBe(ZSET_TREE);
});

test('minus nought is kept by trees and lost by packs, as in redis', () => {
  for (const entries of [0, 128]) {
    const w = world();
    w.limits.zsetMaxListpackEntries = entries;
    w.zset.put(w.e, slice('a'), -0);
    expect(Object.is(w.zset.score(w.e, slice('a')), -0)).toBe(entries === 0);
    expect(w.zset.put(w.e, slice('a'), 0)).toBe(SAME);
  }
});

test.each([
  [100, 128],
  [2000, 128],
])('samples and scans of %d members', (n, entries) => {
  const w = world(3);
  w.limits.zsetMaxListpackEntries = entries;
  for (let k = 0; k < n; k++) w.zset.put(w.e, slice(`m${k}`), k % 10);
  for (const size of [0, 1, 20, n - 1, n]) {
    const out = new Scored();
    w.zset.sample(w.e, size, w.chance, out);
    expect(new Set(out.all.map(([name]) => name)).size).toBe(size);
    expect(out.all.length).toBe(size);
  }
  const out = new Scored();
  let cursor = 0;
  do cursor = w.zset.scan(w.e, cursor, 10, out);
  while (cursor !== 0);
  expect(new Map(out.all).size).toBe(n);
  const one = new ScoreCursor();
  w.zset.random(w.e, w.chance, one);
  expect(w.zset.score(w.e, one.member)).toBe(one.score);
});
