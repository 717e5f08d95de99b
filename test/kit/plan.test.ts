/** Who is to own which slots: in the cut of redis-cli --cluster create. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countSlots,
  formatRanges,
  divideSlots,
  plannedPrimaryOf,
  primaryCountOf,
  SLOT_COUNT,
} from '../../src/kit/plan.js';

test.each<[number, string]>([
  [1, '0-16383'],
  [2, '0-8191 8192-16383'],
  [3, '0-5460 5461-10922 10923-16383'],
  [4, '0-4095 4096-8191 8192-12287 12288-16383'],
  [5, '0-3276 3277-6553 6554-9829 9830-13106 13107-16383'],
  [6, '0-2730 2731-5460 5461-8191 8192-10922 10923-13652 13653-16383'],
  [7, '0-2340 2341-4680 4681-7021 7022-9361 9362-11702 11703-14042 14043-16383'],
])('%i primaries', (primaries, expected) => {
  expect(formatRanges(divideSlots(primaries))).toBe(expected);
});

test('every slot has one owner, and no share is larger than another by more than one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (primaries) => {
      const ranges = divideSlots(primaries);
      expect(ranges).toHaveLength(primaries);
      expect(ranges[0]?.from).toBe(0);
      expect(ranges.at(-1)?.to).toBe(SLOT_COUNT - 1);
      const ends = ranges.slice(0, -1).map(({ to }) => to + 1);
      expect(ranges.slice(1).map(({ from }) => from)).toEqual(ends);
      const sizes = ranges.map((range) => countSlots([range]));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

describe('primaries and replicas', () => {
  test.each<[number, number, number]>([
    [6, 1, 3],
    [3, 0, 3],
    [9, 2, 3],
    [7, 1, 3], // one primary gets a second replica
    [1, 0, 1],
  ])('%i nodes with %i replicas each make %i primaries', (nodes, replicas, primaries) => {
    expect(primaryCountOf({ nodes, replicas })).toBe(primaries);
  });

  test('too few nodes are refused with what to do', () => {
    expect(() => primaryCountOf({ nodes: 2, replicas: 2 })).toThrow('give --nodes 3 or more');
  });

  test('replicas are dealt out in turn', () => {
    const places = [0, 1, 2, 3, 4, 5, 6];
    expect(places.map((place) => plannedPrimaryOf(place, 3))).toEqual([null, null, null, 0, 1, 2, 0]);
  });
});
