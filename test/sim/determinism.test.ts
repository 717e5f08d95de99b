/** One seed is one run: the same bytes in the same order, told or not, and another seed is another run. */
import { expect, test } from 'vitest';
import { run } from '../../src/sim/run.js';
import { USUAL } from '../../src/sim/setting.js';

const options = { ...USUAL, chaosMs: 6000, isThorough: true };

test.each([1, 2])(
  'seed %i: twice the same story, byte for byte',
  (seed) => {
    const once = run({ ...options, seed, isTold: true });
    const again = run({ ...options, seed, isTold: true });
    expect(again.story).toEqual(once.story);
    expect(again.checksum).toBe(once.checksum);
    expect(again.events).toBe(once.events);
  },
  60_000,
);

test('whoever listens to the story changes nothing', () => {
  const quiet = run({ ...options, seed: 4, isTold: false });
  const told = run({ ...options, seed: 4, isTold: true });
  expect(quiet.story).toEqual([]);
  expect(told.checksum).toBe(quiet.checksum);
}, 60_000);

test('another seed is another run', () => {
  expect(run({ ...options, seed: 5, isTold: false }).checksum).not.toBe(
    run({ ...options, seed: 6, isTold: false }).checksum,
  );
}, 60_000);
