/**
 * What a run is made of where nobody says otherwise: how many nodes, how they are configured, how long things go wrong.
 *
 * All of it is drawn from the seed, each with dice of its own: another configuration leaves the faults as they were.
 */
import { Random } from './random.js';

export const NODE_TIMEOUT_MS = 1000;
/** As much shorter than the defaults as the node timeout is; replicas need not wait for each other. */
export const CONF: readonly string[] = [
  `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
  'repl-timeout 4',
  'repl-ping-replica-period 1',
  'repl-diskless-sync-delay 0',
];

export interface Outline {
  readonly seed: number;
  readonly primaries: number;
  readonly replicasEach: number;
  readonly chaosMs: number;
}

export const USUAL = { primaries: 3, replicasEach: 1, chaosMs: 25_000 } as const;

/** Most worlds are small; some have a second replica to choose from, or enough primaries to lose two at once. */
// biome-ignore format: a table
const SHAPES: readonly (readonly [share: number, shape: { primaries: number; replicasEach: number }])[] = [
  [0.74, { primaries: 3, replicasEach: 1 }],
  [0.12, { primaries: 3, replicasEach: 2 }],
  [0.10, { primaries: 5, replicasEach: 1 }],
  [0.04, { primaries: 4, replicasEach: 1 }],
];

export function usualFor(seed: number): Outline {
  return { ...USUAL, seed, ...drawn(SHAPES, new Random(seed, 3)) };
}

/** A run writes some ten KiB. */
const REWRITTEN_OFTEN = ['auto-aof-rewrite-min-size 4kb', 'auto-aof-rewrite-percentage 50'];

/** How the nodes of a world keep their data: the first half of all worlds has an append-only file. */
// biome-ignore format: a table
const FILES: readonly (readonly [share: number, lines: readonly string[]])[] = [
  [0.25, ['appendonly yes', 'appendfsync always', ...REWRITTEN_OFTEN]],
  [0.25, ['appendonly yes', 'appendfsync everysec', ...REWRITTEN_OFTEN]],
  [0.30, ['save 1 1']],                           // a restart finds the data of a moment ago, or of many
  [0.20, []],
];

/** How likely a world is to have a line in its configuration: which, and the lines. */
// biome-ignore format: a table
const CLIMATES: readonly (readonly [share: number, lines: readonly string[]])[] = [
  [0.40, ['cluster-replica-validity-factor 2']],  // three seconds: data can be too old within a run
  [0.15, ['repl-diskless-sync no']],              // a full sync goes through a file
  [0.15, ['repl-diskless-load swapdb']],          // and is loaded beside what was there
];

/** What the nodes of this seed are configured with, all alike. */
export function confFor(seed: number): string[] {
  const dice = new Random(seed, 4);
  const files = drawn(FILES, dice);
  return [...CONF, ...files, ...CLIMATES.flatMap(([share, lines]) => (dice.chance(share) ? lines : []))];
}

function drawn<T>(table: readonly (readonly [share: number, row: T])[], dice: Random): T {
  let left = dice.next();
  const row = table.find(([share]) => (left -= share) < 0) ?? table[0];
  if (row === undefined) throw new Error('an empty table');
  return row[1];
}
