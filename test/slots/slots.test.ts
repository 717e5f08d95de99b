/** Slots of keys, sets of slots, their owners and their moves. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc16 } from '../../src/base/crc16.js';
import { clientPort, preferredHost } from '../../src/slots/endpoint.js';
import { keySlot } from '../../src/slots/key-slot.js';
import { KeyTally } from '../../src/slots/key-tally.js';
import { SlotMap } from '../../src/slots/slot-map.js';
import { SlotMoves } from '../../src/slots/slot-moves.js';
import * as slotSet from '../../src/slots/slot-set.js';
import { tries } from '../support/tries.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const slotOf = (text: string): number => keySlot(bytes(text), 0, text.length);

describe('key → slot', () => {
  test('the check value of CRC16/XMODEM', () => {
    expect(crc16(bytes('123456789'), 0, 9)).toBe(0x31c3);
    expect(crc16(bytes('xx123456789yy'), 2, 9)).toBe(0x31c3);
  });

  // biome-ignore format: a table; the numbers are the answers of redis-server 7.0.15 to CLUSTER KEYSLOT
  test.each<[string, number]>([
    ['',               0],
    ['foo',            12182],
    ['bar',            5061],
    ['{user1000}.following', 3443],
    ['{user1000}.followers', 3443],
    ['user1000',       3443],
    ['foo{}{bar}',     8363],
    ['foo{{bar}}zap',  4015],
    ['{bar',           4015],
    ['foo{bar}{zap}',  5061],
    ['foo{bar',        15278],
    ['foo}bar{baz}',   4813],
    ['{}',             15257],
    ['\xff\x00\xfe',   434],
  ])('%j', (key, slot) => expect(slotOf(key)).toBe(slot));

  test('a tag is looked for inside the key alone, wherever it lies', () => {
    const around = bytes('{a}foo{b}');
    expect(keySlot(around, 3, 3)).toBe(slotOf('foo'));
    expect(keySlot(around, 2, 6)).toBe(slotOf('}foo{b'));
  });

  test('keys with the same tag share a slot', () => {
    const tag = fc.string({ minLength: 1 }).filter((text) => !/[{}]/.test(text));
    fc.assert(
      fc.property(tag, fc.string(), (name, rest) => slotOf(`{${name}}${rest}`) === slotOf(name)),
      { numRuns: tries(200) },
    );
  });
});

describe('sets', () => {
  const slots = fc.uniqueArray(fc.integer({ min: 0, max: slotSet.SLOT_COUNT - 1 }), { maxLength: 300 });

  test('bitmap, slots and ranges say the same', () => {
    fc.assert(
      fc.property(slots, (members) => {
        const sorted = [...members].sort((a, b) => a - b);
        const bitmap = slotSet.bitmapOf(members);
        expect([...slotSet.slotsIn(bitmap)]).toEqual(sorted);
        expect(slotSet.countSlots(bitmap)).toBe(members.length);
        const unrolled = slotSet.rangesIn(bitmap).flatMap(({ from, to }) => {
          return Array.from({ length: to - from + 1 }, (_, i) => from + i);
        });
        expect(unrolled).toEqual(sorted);
      }),
      { numRuns: tries(100) },
    );
  });

  // biome-ignore format: a table
  test.each<[number[], string]>([
    [[],                        ''],
    [[5],                       '5'],
    [[0, 1, 2],                 '0-2'],
    [[7, 8, 10, 16383, 16382],  '7-8 10 16382-16383'],
  ])('%j is written %j', (members, text) => {
    expect(slotSet.formatRanges(slotSet.rangesIn(slotSet.bitmapOf(members)))).toBe(text);
  });

  test('the first slot is the lowest bit of the first byte', () => {
    expect([...slotSet.bitmapOf([0, 9])].slice(0, 2)).toEqual([1, 2]);
  });
});

test('owners: the three forms agree with a plain Map, whatever happens', () => {
  const change = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom('me', 'b', 'c', null));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const map = new SlotMap('me');
      const model = new Map<number, string | null>();
      for (const [slot, owner] of changes) {
        map.assign(slot, owner);
        model.set(slot, owner);
      }
      for (let slot = 0; slot <= 41; slot++) {
        expect(map.ownerOf(slot)).toBe(model.get(slot) ?? null);
        expect(map.isMine(slot)).toBe(model.get(slot) === 'me');
      }
      const owned = (owner: string) => [...model].filter(([, o]) => o === owner).map(([slot]) => slot);
      for (const owner of ['me', 'b', 'c']) {
        expect(map.slotsOf(owner)).toEqual(owned(owner).sort((a, b) => a - b));
        expect(map.countOf(owner)).toBe(owned(owner).length);
      }
      expect(map.assignedCount).toBe([...model.values()].filter((owner) => owner !== null).length);
      expect([...map.holders].sort()).toEqual(['b', 'c', 'me'].filter((owner) => owned(owner).length > 0));
    }),
    { numRuns: tries(100) },
  );
});

test('owners move as a whole, and change their names', () => {
  const map = new SlotMap('me');
  map.assignRange(0, 9, 'me');
  map.assignRange(10, 19, 'b');
  map.moveAll('b', 'c');
  expect([map.countOf('b'), map.countOf('c')]).toEqual([0, 10]);
  map.rename('me', 'new-me');
  expect([map.isMine(3), map.isMine(13), map.ownerOf(3)]).toEqual([true, false, 'new-me']);
  map.assign(13, 'new-me');
  expect(map.isMine(13)).toBe(true);
  const before = map.version;
  map.assign(13, 'new-me');
  expect(map.version).toBe(before);
  expect(() => map.assign(slotSet.SLOT_COUNT, 'b')).toThrow();
});

test('moves: each half is set and ends on its own', () => {
  const moves = new SlotMoves();
  moves.migrate(9, 'b');
  moves.migrate(7, 'c');
  moves.import(7, 'b');
  expect(moves.migrations()).toEqual([
    { slot: 7, with: 'c' },
    { slot: 9, with: 'b' },
  ]);
  moves.migrate(7, null);
  expect([moves.isMoving(7), moves.isMoving(9), moves.isMoving(8)]).toEqual([true, true, false]);
  moves.close(7);
  expect([moves.importingFrom(7), moves.isMoving(7)]).toEqual([null, false]);
  moves.import(5, 'b');
  moves.rename('b', 'd');
  expect([moves.migratingTo(9), moves.importingFrom(5)]).toEqual(['d', 'd']);
  moves.rename('d', null);
  expect([moves.isEmpty, moves.isMoving(9)]).toEqual([true, false]);
});

// biome-ignore format: a table
test.each<[string[], number, number | 'none', boolean]>([
  [[],                        -1,               'none', false],
  [['foo'],                   12182,            'none', false],
  [['foo', 'foo'],            12182,            'none', false],
  [['{foo}a', '{foo}b'],      12182,            'none', true],
  [['foo', 'bar'],            12182,            5061,   true],
  [['foo', 'foo', 'bar'],     12182,            5061,   true],
  [['foo', 'bar', 'zap'],     12182,            5061,   true],
])('the keys %j together', (keys, slot, otherSlot, severalKeys) => {
  const tally = new KeyTally();
  tally.add(bytes('left over'), 0, 9);
  tally.reset();
  for (const key of keys) tally.add(bytes(`[${key}]`), 1, key.length);
  expect(tally).toMatchObject({ slot, otherSlot: otherSlot === 'none' ? -1 : otherSlot, severalKeys });
});

test('how clients reach a node', () => {
  const node = { address: { ip: '10.0.0.1', port: 7000, plainPort: 0 }, hostname: 'one' };
  const secure = { address: { ip: '10.0.0.1', port: 7000, plainPort: 6000 }, hostname: '' };
  expect(preferredHost(node, 'ip')).toBe('10.0.0.1');
  expect(preferredHost(node, 'hostname')).toBe('one');
  expect(preferredHost(secure, 'hostname')).toBe('?');
  expect(preferredHost(node, 'unknown-endpoint')).toBe('');
  expect([clientPort(node, 'plain'), clientPort(secure, 'plain'), clientPort(secure, 'tls')]).toEqual([
    7000, 6000, 7000,
  ]);
});
