/**
 * How often a test of chance tries. `npm test` does as many as the test says; `npm run check`, which people run at
 * each change, a quarter of them (`vitest --mode quick`, see vitest.config.ts).
 */
const SHARE = process.env.SEXTET_QUICK ? 1 / 4 : 1;

export function tries(full: number): number {
  return Math.ceil(full * SHARE);
}

/** Seeds from 1 on. */
export function seeds(full: number): number[] {
  return Array.from({ length: tries(full) }, (_, i) => i + 1);
}

/** Of cases that differ little, all, or each fourth. */
export function some<T>(cases: readonly T[]): T[] {
  return cases.filter((_, i) => i % (1 / SHARE) === 0);
}
