/** Types of ratchet.mjs for the tests that are written in TypeScript. */

export type Counts = Map<string, number>;
export function countNames(unit: string, names: string[]): Counts;
export function compare(list: Counts, passing: Counts, units: string[]): { left: string[]; fresh: string[] };
export function grown(list: Counts, passing: Counts): Counts;
export function readList(path: string): Counts;
export function writeList(path: string, counts: Counts, head: string[]): void;
export function readSkips(path: string): { unit: string; name: string; reason: string }[];
export function unexplained(
  result: { unit: string; failed: { name: string }[] },
  list: Counts,
  reasons: { unit: string; name: string; reason: string }[],
): string[];
export interface Run {
  unit: string;
  passed: string[];
  ending: string;
  seconds: number;
  again?: string;
  unsteady?: string[];
}
export function runSteadily(list: Counts, run: () => Promise<Run>): Promise<Run>;
