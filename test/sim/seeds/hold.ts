/** A test for each seed: no rule is broken, and if one is, the failure is the command that tells its story. */
import { expect, test } from 'vitest';
import { run } from '../../../src/sim/run.js';
import { usualFor } from '../../../src/sim/setting.js';

const TIMEOUT_MS = 60_000; // of a busy machine; a run takes half a second

export function holdForSeeds(from: number, to: number): void {
  const seeds = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  test.each(seeds)(
    'seed %i',
    (seed) => {
      const { violation } = run({ ...usualFor(seed), isTold: false });
      const found = violation === null ? '' : `npm run sim -- --seed ${seed}\n${violation.rule}: ${violation.what}`;
      expect(found).toBe('');
    },
    TIMEOUT_MS,
  );
}
