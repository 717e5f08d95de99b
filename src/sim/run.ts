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
import { confFor, NODE_TIMEOUT_MS, type Outline } from './setting.js';
import { addMachines, agree, formCluster, pictureOf, type Shape } from './world/formation.js';
import type { Machine } from './world/machine.js';
import { type Violation, World } from './world/world.js';

export interface RunOptions extends Outline {
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

const FIRST_PORT = 7001;
const CLIENTS = 3;
const SETTLE_MS = 3000;
const MOVES_MS = 30_000;
/** Until the dead are marked FAIL, 5 s of being orphaned, and some ticks and heartbeats. */
const ADOPTION_MS = 2.5 * NODE_TIMEOUT_MS + 5000 + 1000;
/** How many runs end with one. */
const LAST_STAND = 0.25;

/** Rule 37: two node timeouts and five seconds for one dead primary, two seconds for each further one. */
function convergenceMs(primaries: number): number {
  return 2 * NODE_TIMEOUT_MS + 5000 + 2000 * (primaries - 1);
}

export function run(options: RunOptions): Outcome {
  const world = new World(options.seed);
  world.story.isTold = options.isTold;
  world.story.isThorough = options.isThorough ?? false;
  const ledger = new Ledger();
  const mover = new Mover(world, ledger);
  const data = watchRules(world, ledger, mover, { nodeTimeoutMs: NODE_TIMEOUT_MS });
  const machines = formed(world, options);
  const clients = Array.from({ length: CLIENTS }, (_, i) => makeClient(world, i, ledger, data, options.replicasEach));
  for (const client of clients) client.start();
  const performer = new Performer(world);
  performer.onReshard = (slots, from, to) => mover.move(slots, world.machine(from), world.machine(to));
  const ground = {
    machines: machines.map(({ name }) => name),
    others: [...clients.map(({ name }) => name), mover.name],
    primaries: machines.slice(0, options.primaries).map(({ name }) => name),
    chaosMs: options.chaosMs,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
    keepsLog: confFor(options.seed).includes('appendonly yes'),
  };
  const faults = options.faults ?? drawFaults(new Random(options.seed, 2), ground);
  performer.schedule(faults);
  world.pass(options.chaosMs);
  performer.heal();
  world.story.note('nothing goes wrong from now on');
  const isWell = world.passUntil(() => agree(machines), convergenceMs(options.primaries));
  if (!isWell) world.violate('37: all agree in time', whyNot(machines));
  comeToRest(world, mover, clients);
  data.checkAll();
  checkQuiet(world, ledger);
  if (options.replicasEach > 1) orphan(world, performer);
  else if (new Random(options.seed, 5).chance(LAST_STAND)) lastStand(world, performer, ledger, data);
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

function formed(world: World, { seed, primaries, replicasEach }: RunOptions): Machine[] {
  const shape: Shape = { primaries, replicasEach, firstPort: FIRST_PORT, conf: confFor(seed) };
  const machines = addMachines(world, shape);
  if (!formCluster(world, machines, shape)) world.violate('37: a cluster forms', 'the nodes do not agree');
  world.story.note('the cluster is formed');
  return machines;
}

function comeToRest(world: World, mover: Mover, clients: readonly SimClient[]): void {
  mover.finish();
  if (!world.passUntil(() => mover.isIdle, MOVES_MS)) world.violate('37: slots can be moved', 'a move does not end');
  for (const client of clients) client.stop();
  if (!world.passUntil(() => clients.every((client) => client.isIdle), SETTLE_MS))
    world.violate('37: clients are answered', 'a client waits for ever');
  world.pass(SETTLE_MS);
}

/** Rule 39: all replicas of a primary die. Once they are marked FAIL, one of another primary's moves within 5 s. */
function orphan(world: World, performer: Performer): void {
  const [primary, ...others] = world.running.filter((machine) => replicasOf(machine).length > 1);
  if (world.violation !== null || primary === undefined || others.length === 0) return;
  const dying = replicasOf(primary).flatMap((id) => world.machineOf(id) ?? []);
  world.story.note(`${dying.map(({ name }) => name).join(' ')} die: ${primary.name} has no replica left`);
  performer.bury(dying);
  const hasAnother = (): boolean => replicasOf(primary).some((id) => world.machineOf(id)?.isRunning);
  if (!world.passUntil(hasAnother, ADOPTION_MS)) world.violate('39: an orphan is adopted', `${primary.name} is not`);
}

/** By its own word; nobody where it is no primary. */
function replicasOf({ node }: Machine): string[] {
  const facts = node?.membership?.cluster.facts;
  return facts?.me.role === 'primary' ? facts.table.replicasOf(facts.me).map(({ id }) => id) : [];
}

/** Rule 40: as many primaries die at once as can be missed. Their replicas have all there is, and replace them. */
function lastStand(world: World, performer: Performer, ledger: Ledger, data: DataWatch): void {
  if (world.violation !== null) return;
  const owners = world.running.filter(({ node }) => {
    const facts = node?.membership?.cluster.facts;
    return facts !== undefined && facts.me.role === 'primary' && facts.slots.countOf(facts.me.id) > 0;
  });
  const dying = owners
    .filter((machine) => replicasOf(machine).length > 0)
    .slice(0, Math.floor((owners.length - 1) / 2));
  if (dying.length === 0) return;
  world.story.note(`a last stand: ${dying.map(({ name }) => name).join(' ')} die, and do not come back`);
  const { excused } = ledger.counts;
  performer.bury(dying);
  const isWell = world.passUntil(() => agree(world.running), convergenceMs(dying.length));
  if (!isWell) world.violate('40: the dead are replaced in time', whyNot(world.running));
  data.checkAll();
  const lost = ledger.counts.excused - excused;
  if (lost > 0) world.violate('28: what replicas have is not lost', `${lost} writes are gone`);
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
    onRead: (key, found) => data.read(key, found),
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
