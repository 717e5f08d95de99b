/** Lists against a plain array: random operations of every kind, for each way to limit a node. */
import { describe, expect, test } from 'vitest';
import { Slice } from '../../../src/base/slice.js';
import type { Arena } from '../../../src/keyspace/arena.js';
import { LIST } from '../../../src/keyspace/entry.js';
import type { TypeLimits } from '../../../src/keyspace/types/limits.js';
import type { ListType } from '../../../src/keyspace/types/list.js';
import { LEFT, RIGHT } from '../../../src/keyspace/types/door.js';
import { ListCursor } from '../../../src/keyspace/types/structures/quicklist.js';
import { recordOf } from '../../../src/keyspace/types/record.js';
import type { TypeValues } from '../../../src/keyspace/types/values.js';
import { Collected, freeValue, newEntry, newParts, slice } from './helpers.js';
import { seeded } from '../../golden/chance.mjs';
import { seeds } from '../../support/tries.js';

interface World {
  arena: Arena;
  values: TypeValues;
  list: ListType;
  limits: TypeLimits;
  e: number;
  model: string[];
}

function world(fill: number): World {
  const { arena, limits, values } = newParts();
  limits.listMaxListpackSize = fill;
  return { arena, limits, values, list: values.lists, e: newEntry(arena, LIST), model: [] };
}

function contents({ list, e }: World): string[] {
  const out = new Collected();
  list.range(e, 0, list.length(e), RIGHT, out);
  return out.all;
}

/** The chain as a whole: links both ways, counts, and the limits of each node. */
function checkChain({ list, e, arena, limits }: World): void {
  const r = recordOf(arena, e);
  const { nodes } = list.lists;
  let prev = 0;
  let count = 0;
  let nodeCount = 0;
  for (let node = nodes.end(r, LEFT); node !== 0; node = nodes.beside(node, RIGHT)) {
    expect(nodes.beside(node, LEFT)).toBe(prev);
    const n = nodes.count(node);
    expect(n).toBeGreaterThan(0);
    let p = nodes.start(node);
    for (let k = 0; k < n; k++) p = nodes.skip(node, p);
    expect(p).toBe(nodes.stop(node));
    if (n > 1 && limits.listMaxListpackSize < 0)
      expect(nodes.bytes(node) + 7).toBeLessThanOrEqual(4096 << (-limits.listMaxListpackSize - 1));
    if (n > 1 && limits.listMaxListpackSize >= 0) expect(n).toBeLessThanOrEqual(limits.listMaxListpackSize);
    prev = node;
    count += n;
    nodeCount++;
  }
  expect(nodes.end(r, RIGHT)).toBe(prev);
  expect(count).toBe(list.length(e));
  expect(nodeCount).toBe(nodes.nodeCount(r));
}

function randomValue(chance: () => number, big: number): string {
  const kind = chance();
  if (kind < 0.4) return String(Math.floor((chance() - 0.5) * 10 ** Math.floor(chance() * 16)));
  if (kind < 0.9) return 'abcdefgh'.repeat(Math.floor(chance() * 12)).slice(0, Math.floor(chance() * 80));
  return 'x'.repeat(Math.floor(chance() * big));
}

function removeFromModel(model: string[], value: string, from: number, limit: number): number {
  let removed = 0;
  const step = from === LEFT ? 1 : -1;
  for (let i = from === LEFT ? 0 : model.length - 1; i >= 0 && i < model.length && removed < limit; ) {
    if (model[i] !== value) i += step;
    else {
      model.splice(i, 1);
      removed++;
      if (from !== LEFT) i--;
    }
  }
  return removed;
}

type Step = (w: World, chance: () => number) => void;
const pick = (model: string[], chance: () => number): string => model[Math.floor(chance() * model.length)] ?? 'none';
const STEPS: Step[] = [
  (w, chance) => {
    const side = chance() < 0.5 ? LEFT : RIGHT;
    for (let n = chance() * 30; n > 0; n--) {
      const value = randomValue(chance, 10_000);
      w.list.push(w.e, side, slice(value));
      if (side === LEFT) w.model.unshift(value);
      else w.model.push(value);
    }
  },
  (w, chance) => {
    const side = chance() < 0.5 ? LEFT : RIGHT;
    for (let n = chance() * 20; n > 0 && w.model.length > 0; n--) {
      const out = new Collected();
      w.list.pop(w.e, side, out);
      expect(out.all[0]).toBe(side === LEFT ? w.model.shift() : w.model.pop());
    }
  },
  (w, chance) => {
    const index = Math.floor(chance() * (w.model.length + 2));
    const out = new Slice();
    expect(w.list.at(w.e, index, out)).toBe(index < w.model.length);
    if (index < w.model.length) expect(out.toString()).toBe(w.model[index]);
  },
  (w, chance) => {
    const index = Math.floor(chance() * (w.model.length + 1));
    const value = randomValue(chance, 20_000);
    expect(w.list.set(w.e, index, slice(value))).toBe(index < w.model.length);
    if (index < w.model.length) w.model[index] = value;
  },
  (w, chance) => {
    const pivot = pick(w.model, chance);
    const value = randomValue(chance, 10_000);
    const side = chance() < 0.5 ? LEFT : RIGHT;
    const at = w.model.indexOf(pivot);
    expect(w.list.insert(w.e, side, slice(pivot), slice(value))).toBe(at >= 0);
    if (at >= 0) w.model.splice(side === LEFT ? at : at + 1, 0, value);
  },
  (w, chance) => {
    const value = pick(w.model, chance);
    const from = chance() < 0.5 ? LEFT : RIGHT;
    const limit = chance() < 0.5 ? 1 : 1_000_000;
    expect(w.list.remove(w.e, slice(value), from, limit)).toBe(removeFromModel(w.model, value, from, limit));
  },
  (w, chance) => {
    if (chance() < 0.7) return;
    const atHead = Math.floor((chance() * w.model.length) / 3);
    const atTail = Math.floor((chance() * w.model.length) / 3);
    w.list.trim(w.e, atHead, atTail);
    w.model.splice(0, atHead);
    w.model.length -= atTail;
  },
  (w, chance) => {
    const value = pick(w.model, chance);
    const from = chance() < 0.5 ? LEFT : RIGHT;
    const looks = chance() < 0.5 ? 1_000_000 : Math.floor(chance() * w.model.length);
    const found: number[] = [];
    w.list.search(w.e, slice(value), from, looks);
    for (let at = w.list.nextFound(); at >= 0; at = w.list.nextFound()) found.push(at);
    const order = w.model.map((text, index) => ({ text, index }));
    if (from !== LEFT) order.reverse();
    expect(found).toEqual(
      order
        .slice(0, looks)
        .filter(({ text }) => text === value)
        .map(({ index }) => index),
    );
  },
  (w, chance) => {
    const from = Math.floor(chance() * w.model.length);
    const out = new Collected();
    w.list.range(w.e, from, Math.min(from + 1, 20), LEFT, out);
    expect(out.all).toEqual(
      w.model
        .slice(0, from + 1)
        .reverse()
        .slice(0, 20),
    );
  },
];

describe.each([-1, -2, -5, 1, 3, 128])('list-max-listpack-size %d', (fill) => {
  test.each(seeds(2))('random operations agree with an array (seed %d)', (seed) => {
    const w = world(fill);
    const chance = seeded(seed * 100 + fill);
    const empty = w.arena.used;
    for (let n = 0; n < 250; n++) {
      STEPS[Math.floor(chance() * STEPS.length)]?.(w, chance);
      expect(w.list.length(w.e)).toBe(w.model.length);
      if (n % 20 === 0) {
        expect(contents(w)).toEqual(w.model);
        checkChain(w);
      }
    }
    expect(contents(w)).toEqual(w.model);
    freeValue(w.arena, w.values, w.e);
    expect(w.arena.used).toBe(empty);
  });
});

test('elements of megabytes stand in nodes of their own', () => {
  const w = world(-2);
  const big = 'y'.repeat(5 * 1024 * 1024);
  for (const value of ['a', big, 'b', big + big]) {
    w.list.push(w.e, RIGHT, slice(value));
    w.model.push(value);
  }
  w.list.insert(w.e, LEFT, slice('b'), slice(big));
  w.model.splice(2, 0, big);
  w.list.set(w.e, 0, slice(big));
  w.model[0] = big;
  checkChain(w);
  expect(contents(w).map((text) => text.length)).toEqual(w.model.map((text) => text.length));
  expect(w.list.remove(w.e, slice(big), LEFT, 9)).toBe(3);
  expect(contents(w).map((text) => text.length)).toEqual([1, big.length * 2]);
});

test('a node is full where redis says so', () => {
  const w = world(-1);
  for (let n = 0; n < 100; n++) w.list.push(w.e, RIGHT, slice('x'.repeat(100)));
  const { nodes } = w.list.lists;
  const first = nodes.end(recordOf(w.arena, w.e), LEFT);
  // Entries of 103 bytes. The 39th is let in at 38 × 103 = 3,914 (+ 7 + 100 + 8 ≤ 4,096), the 40th at 4,017 is not.
  expect(nodes.count(first)).toBe(39);
});

test('a queue that is pushed and popped stays small', () => {
  const w = world(-2);
  for (let n = 0; n < 10; n++) w.list.push(w.e, RIGHT, slice('job'));
  for (let n = 0; n < 10_000; n++) {
    w.list.push(w.e, RIGHT, slice(`job ${n}`));
    w.list.dropEnd(w.e, LEFT);
  }
  expect(w.list.length(w.e)).toBe(10);
  expect(w.list.memory(recordOf(w.arena, w.e))).toBeLessThan(1024);
});

test('a list that loses most of its elements gives their memory back', () => {
  const w = world(-2);
  for (let n = 0; n < 20_000; n++) w.list.push(w.e, RIGHT, slice(n % 20 === 0 ? `stays ${n}` : 'goes'));
  const before = w.list.memory(recordOf(w.arena, w.e));
  expect(w.list.remove(w.e, slice('goes'), LEFT, 20_000)).toBe(19_000);
  expect(w.list.memory(recordOf(w.arena, w.e))).toBeLessThan(before / 4);
  checkChain(w);
});

test('a cursor walks both ways and a copy is equal', () => {
  const w = world(2);
  for (const value of ['a', '1', 'b', '2', 'c']) w.list.push(w.e, RIGHT, slice(value));
  const cursor = new ListCursor();
  const out = new Slice();
  const seen: string[] = [];
  for (let more = w.list.seek(w.e, 4, cursor); more; more = w.list.step(cursor, LEFT)) {
    w.list.read(cursor, out);
    seen.push(`${cursor.index}${out.toString()}`);
  }
  expect(seen).toEqual(['4c', '32', '2b', '11', '0a']);
  const other = newEntry(w.arena, LIST, 300);
  w.arena.i32[other >>> 21]![((other & 0x1fffff) << 1) + 3] = 40; // a key of 40 bytes
  w.list.copy(recordOf(w.arena, w.e), recordOf(w.arena, other));
  expect(contents({ ...w, e: other })).toEqual(['a', '1', 'b', '2', 'c']);
});
