import { defineConfig } from 'vitest/config';

/**
 * `unit` needs nothing but this process; `sim` too, but its 200 worlds, known bugs and crashes take minutes; `world`
 * starts servers of our own and npm clients against them. Limits of time are for a machine that does much else as well.
 *
 * Files of `unit` share workers and what these have loaded: nothing in src/ keeps state in a module, and loading it
 * anew for each file took as long as the tests did (205 s of CPU, and 118 s so). With `--mode quick`, which is
 * `npm run check`, tests of chance make fewer tries (`test/support/tries.ts`).
 */
const LONG = ['test/sim/**/*.test.ts', 'test/node/persistence/**/crash*.test.ts'];

export default defineConfig(({ mode }) => ({
  test: {
    maxWorkers: '100%', // of two cores vitest would leave one alone
    projects: [
      {
        test: {
          name: 'unit',
          pool: 'threads',
          isolate: false,
          testTimeout: 30_000,
          env: mode === 'quick' ? { SEXTET_QUICK: 'yes' } : {},
          include: ['test/**/*.test.ts'],
          exclude: ['test/world/**', 'test/conformance/**', ...LONG],
        },
      },
      { test: { name: 'sim', testTimeout: 60_000, include: LONG } },
      {
        test: {
          name: 'world',
          include: ['test/world/**/*.test.ts'],
          globalSetup: ['test/world/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
}));
