/**
 * Looking through RDB files: what redis-server wrote in any split, values that are only passed over, and at what it
 * was when the bytes turned out to be broken or too few.
 */
import { describe, expect, test, vi } from 'vitest';
import { type FoundKey, RdbInspector, type Visitor } from '../../../src/persistence/inspect/inspector.js';
import { RdbInput } from '../../../src/persistence/rdb-input.js';
import type { Database } from '../../../src/keyspace/keyspace.js';
import { feedAll, goldenFile, handMade } from '../files.js';

const KEY_A = [0, 1, 97, 1, 120]; // the string x under the key a
const MODULE_ID = [0x81, ...Buffer.from('00100000000ffc01', 'hex')]; // of ABAAAAAP_

/** Writes down what it is shown, a line each. */
class Notes implements Visitor {
  readonly lines: string[] = [];
  readonly found: FoundKey[] = [];

  aux(name: string, value: string, offset: number): void {
    this.lines.push(`${offset} aux ${name}=${value}`);
  }
  database(index: number, offset: number): void {
    this.lines.push(`${offset} database ${index}`);
  }
  key(found: FoundKey, _db?: Database): void {
    this.note('key', found);
  }
  foreignKey(found: FoundKey, { type, entries }: { type: string; entries: number | null }): void {
    this.note(`${type} of ${entries},`, found);
  }
  emptyKey(found: FoundKey): void {
    this.note('empty', found);
  }
  extra(what: string, name: string, offset: number): void {
    this.lines.push(`${offset} ${what} ${name}`);
  }

  private note(what: string, found: FoundKey): void {
    const { database, key, rdbType, offset, bytes, expireAt, idleSeconds, frequency } = found;
    const said = [expireAt, idleSeconds, frequency].join(' ').trim();
    this.found.push({ ...found, key: Uint8Array.from(key) });
    this.lines.push(`${offset}+${bytes} ${what} ${database} ${Buffer.from(key).toString('latin1')} ${rdbType} ${said}`);
  }
}

function inspect(bytes: Uint8Array, size = 1 << 20) {
  const notes = new Notes();
  const inspector = new RdbInspector(notes, true);
  const fed = feedAll(inspector, bytes, size);
  return { notes, inspector, fed };
}

describe.each(['seven.rdb', 'lfu.rdb', 'strange.rdb', 'libraries.rdb'])('%s of redis-server 7.0.15', (name) => {
  const { bytes } = goldenFile(name);
  const whole = inspect(bytes);

  test.each([1, 2, 7, 64, 1000])('fed by %i bytes', (size) => {
    const { notes, inspector, fed } = inspect(bytes, size);
    expect(fed).toEqual({ kind: 'done', rest: 0 });
    expect(notes.lines).toEqual(whole.notes.lines);
    expect(inspector.bytesLoaded).toBe(bytes.length);
  });

  test('keys follow one another without a gap, but for what stands between', () => {
    const { found } = whole.notes;
    const gaps = found.slice(1).map(({ offset }, i) => offset - found[i]!.offset - found[i]!.bytes);
    expect(gaps.filter((gap) => gap !== 0).every((gap) => gap >= 5)).toBe(true); // SELECTDB n RESIZEDB n n
    expect(gaps.filter((gap) => gap !== 0)).toHaveLength(1);
  });
});

test('streams and functions are told by name', () => {
  expect(inspect(goldenFile('strange.rdb').bytes).notes.lines.slice(5)).toEqual([
    '155 function tools',
    '157 database 0',
    '160+239 stream of 2, 0 stream 19 4102444800000',
    '399+17 stream of 0, 0 empty 19 ',
    '416+10 key 0 before 0 ',
    '428 database 9',
    '431+9 key 9 after 0 ',
  ]);
});

describe('passed over', () => {
  const id = [1, 2];
  const pending = [...Array<number>(16).fill(9), ...Array<number>(8).fill(8), 1];
  const consumer = (times: number) => [
    3,
    98,
    111,
    98,
    ...Array<number>(times * 8).fill(7),
    1,
    ...Array<number>(16).fill(9),
  ];
  const nodes = [2, 1, 110, 1, 108, 1, 110, 1, 108];
  const text = [5, 3, 97, 98, 99];
  // biome-ignore format: a table
  const cases: [string, number[], string][] = [
    ['a stream of 5.0',           [15, 1, 115, ...nodes, 7, ...id, 1, 1, 103, ...id, 1, ...pending, 1, ...consumer(1)],                                        'stream of 7, 0 s 15'],
    ['a stream of 7.0',           [19, 1, 115, ...nodes, 7, ...id, ...id, ...id, 9, 1, 1, 103, ...id, 5, 1, ...pending, 1, ...consumer(1)],                    'stream of 7, 0 s 19'],
    ['a stream of 7.2',           [21, 1, 115, ...nodes, 7, ...id, ...id, ...id, 9, 1, 1, 103, ...id, 5, 1, ...pending, 1, ...consumer(2)],                    'stream of 7, 0 s 21'],
    ['a stream of nothing',       [19, 1, 115, 0, 0, ...id, ...id, ...id, 0, 0],                                                                               'stream of 0, 0 s 19'],
    ['a module\'s value',         [7, 1, 115, ...MODULE_ID, 1, 5, 2, 0x41, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, ...text, 0],                           'ABAAAAAP_ of null, 0 s 7'],
    ['a module\'s value of none', [7, 1, 115, ...MODULE_ID, 0],                                                                                                'ABAAAAAP_ of null, 0 s 7'],
    ['what a module keeps aside', [247, ...MODULE_ID, 2, 2, ...text, 0],                                                                                       'module ABAAAAAP_'],
    ['functions',                 [245, 16, ...Buffer.from('#!lua name=mine\n')],                                                                              'function mine'],
    ['functions of old',          [246, 4, ...Buffer.from('mine'), 3, ...Buffer.from('lua'), 1, 1, 100, 1, 120],                                               'function mine'],
  ];

  test.each(cases)('%s', (_, bytes, line) => {
    for (const size of [1, 3, 1000]) {
      const { notes, fed } = inspect(handMade(bytes, KEY_A), size);
      expect(fed.kind).toBe('done');
      expect(notes.lines[0]).toContain(line);
      expect(notes.lines[1]).toContain('key 0 a 0');
    }
  });
});

describe.each([
  ['its value', [7, 1, 115, ...MODULE_ID]],
  ['what it keeps aside', [247, ...MODULE_ID, 2, 2]],
])('%s of a module', (_, head) => {
  test('is read once, however many parts and pieces it has', () => {
    const parts = 20_000;
    const part = [5, 20, ...Buffer.alloc(20, 'x')];
    const file = handMade([...head, ...Array<number[]>(parts).fill(part).flat(), 0], KEY_A);
    const reads = vi.spyOn(RdbInput.prototype, 'length');
    const { fed } = inspect(file, 1000);
    expect(fed.kind).toBe('done');
    expect(reads.mock.calls.length).toBeGreaterThan(parts);
    expect(reads.mock.calls.length).toBeLessThan(1.1 * parts);
    reads.mockRestore();
  });
});

test('a collection without members, and a database that no server has', () => {
  const { notes, fed } = inspect(handMade([254, 0x80, 0, 1, 0, 0], [2, 1, 98, 0], KEY_A));
  expect(fed.kind).toBe('done');
  expect(notes.lines).toEqual(['15 database 65536', '15+4 empty 65536 b 2 ', '19+5 key 65536 a 0 ']);
});

describe('what was being read', () => {
  const MAGIC = Buffer.from('REDIS0010');
  // biome-ignore format: a table
  const cases: [string, number[], 'more' | 'broken', string, string | null, number][] = [
    // the bytes                               ended or broken                        at the key  so much was read
    ['nothing',         [],                              'more',   'read-type',         null, 9],
    ['a time',          [252, 1, 2],                     'more',   'read-expire',       null, 9],
    ['seconds',         [253, 1],                        'more',   'read-expire',       null, 9],
    ['a database',      [254, 0xc0],                     'broken', 'read-len',          null, 11],
    ['sizes',           [251, 1],                        'more',   'read-len',          null, 9],
    ['facts',           [250, 1, 97],                    'more',   'read-aux',          null, 9],
    ['a module aside',  [247, 0x81],                     'more',   'read-module-aux',   null, 9],
    ['more of it',      [247, ...MODULE_ID, 2, 2, 5, 9], 'more',   'read-module-aux',   null, 22],
    ['no such part',    [247, ...MODULE_ID, 2, 2, 9],    'broken', 'read-module-aux',   null, 22],
    ['functions',       [245, 5],                        'more',   'read-functions',    null, 9],
    ['old functions',   [246, 5],                        'more',   'read-functions',    null, 9],
    ['wrong functions', [245, 1, 120],                   'broken', 'read-functions',    null, 12],
    ['a key',           [0, 5, 97],                      'more',   'read-key',          null, 10],
    ['a value',         [0, 1, 97, 5, 98],               'more',   'read-object-value', 'a',  10],
    ['a broken value',  [16, 1, 97, 3, 98, 98, 98],      'broken', 'read-object-value', 'a',  16],
    ['an element',      [2, 1, 97, 2, 1, 98],            'more',   'read-object-value', 'a',  15],
    ['one twice',       [2, 1, 97, 2, 1, 98, 1, 98],     'broken', 'read-object-value', 'a',  17],
    ['a stream',        [15, 1, 97, 0, 0xc0],            'broken', 'read-object-value', 'a',  14],
    ['an old module',   [6, 1, 97, 0],                   'broken', 'read-object-value', 'a',  12],
    ['an unknown type', [99, 1, 97, 0],                  'broken', 'read-type',         null, 10],
    ['a checksum',      [255, 1, 2],                     'more',   'check-sum',         null, 10],
    ['a wrong one',     [255, 1, 2, 3, 4, 5, 6, 7, 8],   'broken', 'check-sum',         null, 10],
  ];

  test.each(cases)('%s', (_, bytes, kind, doing, key, read) => {
    for (const size of [1, 1000]) {
      const { inspector, fed } = inspect(Buffer.concat([MAGIC, Buffer.from(bytes)]), size);
      const at = inspector.present === null ? null : Buffer.from(inspector.present.key).toString();
      expect([fed.kind, inspector.doing, at, inspector.bytesLoaded]).toEqual([kind, doing, key, read]);
      if (key !== null) expect(inspector.present?.offset).toBe(9);
    }
  });

  test('no RDB file at all', () => {
    expect(inspect(Buffer.from('RUBIS0010')).inspector.doing).toBe('start');
  });
});

test('big values leave nothing behind', () => {
  const big = [0, 1, 98, 0x80, 0x00, 0x20, 0, 0]; // 2 MiB
  const value = Buffer.alloc(1 << 21, 'x');
  const file = Buffer.concat([
    Buffer.from('REDIS0010'),
    ...Array.from({ length: 60 }, () => [Buffer.from(big), value]).flat(),
  ]);
  const reserved: number[] = [];
  class Arena extends Notes {
    override key(_found: FoundKey, db?: Database): void {
      reserved.push(db?.engine.arena.reserved ?? 0);
    }
  }
  feedAll(new RdbInspector(new Arena(), true), file, 1 << 20);
  expect(reserved).toHaveLength(60);
  expect(Math.max(...reserved)).toBeLessThan(1 << 27);
});
