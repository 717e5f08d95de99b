/**
 * One seed is one run: a cluster is formed, things go wrong, then nothing goes wrong any more and all must be well.
 *
 *   form ──▶ chaos: faults as drawn, clients write ──▶ heal ──▶ converge in time ──▶ every acknowledged write is there
 *            safety rules hold after every event                liveness rules hold at the end
 */
import { Random } from './random.js';
import { describeFault, type Fault } from './faults/fault.js';
import { SimClient } from './clients/client.js';
import { Ledger } from './clients/ledger.js';
import { Mover } from './clients/mover.js';
import { Performer } from './faults/perform.js';
import { drawFaults } from './faults/plan.js';
import { watchRules } from './rules/all.js';
import type { DataWatch } from './rules/data.js';
import { checkQuiet } from './rules/quiet.js';
import { addMachines, agree, formCluster, pictureOf, type Shape } from './world/formation.js';
import type { Machine } from './world/machine.js';
import { type Violation, World } from './world/world.js';

export interface RunOptions {
  readonly seed: number;
  readonly primaries: number;
  readonly replicasEach: number;
  readonly chaosMs: number;
  /** Instead of those that the seed would draw. */
  readonly faults?: readonly Fault[];
  readonly isTold: boolean;
  readonly isThorough?: boolean;
}

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly faults: readonly Fault[];
  readonly checksum: string;
  readonly story: readonly string[];
  readonly virtualMs: number;
  readonly events: number;
  readonly writes: Ledger['counts'];
}

export const USUAL = { primaries: 3, replicasEach: 1, chaosMs: 25_000 } as const;

/** Most worlds are small; some have a second replica to choose from, or enough primaries to lose two at once. */
// biome-ignore format: a table
const SHAPES: readonly (readonly [share: number, primaries: number, replicasEach: number])[] = [
  [0.76, 3, 1],
  [0.10, 3, 2],
  [0.10, 5, 1],
  [0.04, 4, 1],
];

/** What a seed is run with if nobody says otherwise. */
export function usualFor(seed: number): Omit<RunOptions, 'isTold'> {
  let left = new Random(seed, 3).next();
  for (const [share, primaries, replicasEach] of SHAPES) {
    left -= share;
    if (left < 0) return { ...USUAL, seed, primaries, replicasEach };
  }
  return { ...USUAL, seed };
}
export const NODE_TIMEOUT_MS = 1000;
/** As much shorter than the defaults as the node timeout is; replicas need not wait for each other. */
export const CONF: readonly string[] = [
  `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
  'repl-timeout 4',
  'repl-ping-replica-period 1',
  'repl-diskless-sync-delay 0',
];
const FIRST_PORT = 7001;
const CLIENTS = 3;
const SETTLE_MS = 3000;
const MOVES_MS = 30_000;

/** Rule 37: two node timeouts and five seconds for one dead primary, two seconds for each further one. */
function convergenceMs(primaries: number): number {
  return 2 * NODE_TIMEOUT_MS + 5000 + 2000 * (primaries - 1);
}

export function run(options: RunOptions): Outcome {
  const world = new World(options.seed);
  world.story.isTold = options.isTold;
  world.story.isThorough = options.isThorough ?? false;
  const shape: Shape = {
    primaries: options.primaries,
    replicasEach: options.replicasEach,
    firstPort: FIRST_PORT,
    conf: CONF,
  };
  const ledger = new Ledger();
  const mover = new Mover(world, ledger);
  const data = watchRules(world, ledger, mover, { nodeTimeoutMs: NODE_TIMEOUT_MS });
  const machines = addMachines(world, shape);
  if (!formCluster(world, machines, shape)) world.violate('37: a cluster forms', 'the nodes do not agree');
  world.story.note('the cluster is formed');
  const clients = Array.from({ length: CLIENTS }, (_, i) => makeClient(world, i, ledger, data, options.replicasEach));
  for (const client of clients) client.start();
  const ground = {
    machines: machines.map(({ name }) => name),
    others: [...clients.map(({ name }) => name), mover.name],
    primaries: machines.slice(0, shape.primaries).map(({ name }) => name),
    chaosMs: options.chaosMs,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
  };
  const faults = options.faults ?? drawFaults(new Random(options.seed, 2), ground);
  const performer = new Performer(world);
  performer.onReshard = (slots, from, to) => mover.move(slots, world.machine(from), world.machine(to));
  performer.schedule(faults);
  world.pass(options.chaosMs);
  performer.heal();
  world.story.note('nothing goes wrong from now on');
  const isWell = world.passUntil(() => agree(machines), convergenceMs(options.primaries));
  if (!isWell) world.violate('37: all agree in time', whyNot(machines));
  mover.finish();
  if (!world.passUntil(() => mover.isIdle, MOVES_MS)) world.violate('37: slots can be moved', 'a move does not end');
  for (const client of clients) client.stop();
  if (!world.passUntil(() => clients.every((client) => client.isIdle), SETTLE_MS))
    world.violate('37: clients are answered', 'a client waits for ever');
  world.pass(SETTLE_MS);
  data.checkAll();
  checkQuiet(world, ledger);
  return {
    seed: options.seed,
    violation: world.violation,
    faults,
    checksum: world.story.checksum,
    story: world.story.lines,
    virtualMs: world.clock.now,
    events: world.events,
    writes: ledger.counts,
  };
}

function makeClient(world: World, index: number, ledger: Ledger, data: DataWatch, waitFor: number): SimClient {
  const replicasOf = (name: string): number => {
    const facts = world.machine(name).node?.membership?.cluster.facts;
    return facts === undefined ? 0 : facts.table.replicasOf(facts.me).length;
  };
  return new SimClient(world, `client-${index + 1}`, index, ledger, {
    waitFor,
    replicasOf,
    onWaited: (write, count, askedAtMs) => data.waited(write, count, askedAtMs),
  });
}

/** What each node makes of the cluster, where they differ. */
function whyNot(machines: readonly Machine[]): string {
  const words = machines.map((machine) => {
    const health = machine.node?.membership?.cluster.health;
    const state = health === undefined ? 'down' : health.state === 'ok' ? 'ok' : `fail (${health.why})`;
    return `${machine.name}: ${state}\n${pictureOf(machine) ?? ''}`;
  });
  return words.join('\n');
}

export function describeFaults(faults: readonly Fault[]): string[] {
  return faults.map((fault) => `${(fault.atMs / 1000).toFixed(3).padStart(8)}  ${describeFault(fault)}`);
}
