import { defineConfig } from 'vitest/config';

/**
 * `unit` needs nothing but this process; `sim` too, but its 200 worlds, known bugs and crashes take minutes; `world`
 * starts servers of our own and npm clients against them. Limits of time are for a machine that does much else as well.
 */
const LONG = ['test/sim/**/*.test.ts', 'test/node/persistence/crash.test.ts'];

export default defineConfig({
  test: {
    maxWorkers: '100%', // of two cores vitest would leave one alone
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 30_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/world/**', 'test/conformance/**', ...LONG],
        },
      },
      { test: { name: 'sim', testTimeout: 60_000, include: LONG } },
      {
        test: {
          name: 'world',
          include: ['test/world/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
