/** All types behind one door: what goes by kind and record. */
import { expect, test } from 'vitest';
import { Arena } from '../../../src/keyspace/arena.js';
import { HASH_PACK, LIST, SET_INTSET, ZSET_PACK } from '../../../src/keyspace/entry.js';
import { KeyHasher } from '../../../src/keyspace/hash.js';
import { TableOps } from '../../../src/keyspace/slot-table.js';
import { RIGHT } from '../../../src/keyspace/types/door.js';
import { kindOf, recordOf } from '../../../src/keyspace/types/record.js';
import { TypeValues } from '../../../src/keyspace/types/values.js';
import { newEntry, slice } from './helpers.js';

type Fill = (values: TypeValues, e: number, n: number) => void;

// biome-ignore format: a table
test.each<[string, number, string, string, Fill]>([
  ['list',       LIST,       'quicklist', 'quicklist', (v, e, n) => v.lists.push(e, RIGHT, slice(`element ${n}`))],
  ['hash',       HASH_PACK,  'listpack',  'hashtable', (v, e, n) => v.hashes.set(e, slice(`f${n}`), slice(`v${n}`))],
  ['set',        SET_INTSET, 'intset',    'hashtable', (v, e, n) => v.sets.add(e, slice(String(n)))],
  ['sorted set', ZSET_PACK,  'listpack',  'skiplist',  (v, e, n) => v.sortedSets.put(e, slice(`m${n}`), n)],
])('a %s is counted, copied, measured and freed', (_, kind, small, big, fill) => {
  const arena = new Arena();
  arena.alloc(8);
  const values = new TypeValues(arena, new TableOps(arena), new KeyHasher(1, 2));
  for (const n of [5, 1000]) {
    const e = newEntry(arena, kind);
    const before = arena.used;
    for (let k = 0; k < n; k++) fill(values, e, k);
    const now = kindOf(arena, e);
    const r = recordOf(arena, e);
    expect(values.count(now, r)).toBe(n);
    expect(values.encoding(now)).toBe(n === 5 ? small : big);
    expect(values.memory(now, r)).toBe(arena.used - before);
    const other = newEntry(arena, now);
    values.copy(now, r, recordOf(arena, other));
    expect(values.count(now, recordOf(arena, other))).toBe(n);
    values.free(now, recordOf(arena, other));
    let slices = 1;
    for (const effort = values.freeEffort(now, r); !values.freeSome(now, r, 100); slices++) {
      expect(slices).toBeLessThan(effort / 20 + 3);
    }
    if (n > 5 && kind !== LIST) expect(slices).toBeGreaterThan(5);
    expect(values.count(now, r)).toBe(0);
    arena.free(other);
    expect(arena.used).toBe(before);
  }
});
