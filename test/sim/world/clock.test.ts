/** Virtual time: order is all there is. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/sim/random.js';
import { Clock } from '../../../src/sim/world/clock.js';

const never = (): boolean => false;

test('entries run by time, those of one moment in the order in which they were made', () => {
  const clock = new Clock();
  const dice = new Random(1);
  const expected: [number, number][] = [];
  const ran: [number, number][] = [];
  for (let i = 0; i < 500; i++) {
    const at = dice.below(50);
    expected.push([at, i]);
    clock.at(at, () => ran.push([clock.now, i]));
  }
  clock.runUntil(1000, never);
  expect(ran).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
  expect(clock.now).toBe(1000);
});

test('what is due later waits, what is due in the past runs now', () => {
  const clock = new Clock();
  const ran: string[] = [];
  clock.at(20, () => ran.push('later'));
  clock.at(5, () => clock.at(1, () => ran.push(`at ${clock.now}`)));
  clock.runUntil(10, never);
  expect(ran).toEqual(['at 5']);
});
