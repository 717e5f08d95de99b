/** Seeded chance: the same numbers everywhere, others for other seeds, spread evenly. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/sim/random.js';

const numbers = (dice: Random, count = 5): number[] => Array.from({ length: count }, () => dice.next());

describe('random', () => {
  test('a seed and its dice say what comes, on every machine', () => {
    const dice = new Random(42, 1);
    expect(Array.from({ length: 8 }, () => dice.below(1000))).toMatchInlineSnapshot(`
      [
        665,
        712,
        334,
        85,
        790,
        637,
        42,
        713,
      ]
    `);
  });

  test.each([
    ['another seed', new Random(2, 1)],
    ['other dice', new Random(1, 2)],
  ])('%s, other numbers', (_, other) => {
    expect(numbers(other)).not.toEqual(numbers(new Random(1, 1)));
  });

  test('all tenths come up about equally often', () => {
    const counts = new Array<number>(10).fill(0);
    const dice = new Random(7);
    for (let i = 0; i < 100_000; i++) counts[dice.below(10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('shuffle keeps every item, and does not change what it was given', () => {
    const items = [1, 2, 3, 4, 5, 6, 7];
    const mixed = new Random(3).shuffle(items);
    expect(mixed).not.toEqual(items);
    expect([...mixed].sort()).toEqual(items);
  });
});
