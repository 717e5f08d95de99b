/**
 * A whole cluster that goes and comes back: asked to shut down, or killed, amid writes and in any order. The same nodes
 * are there then, with the same slots, and every key whose write was acknowledged.
 *
 * Nodes go at once and come one by one, each when the one before it reads its clients. So whoever comes first finds
 * nobody, and a replica that comes before its primary must not take its place: it does not know what it has missed.
 *
 * Who is asked writes what waits before it goes. Who is killed has promised no more than its `appendfsync` does: with
 * `everysec` a write waits for a sync under way, two seconds at most, so there `always` is set.
 */
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Connection } from '../../src/kit/connection.js';
import { type NodeProcess, sendSignal, serverCommand, shutDown, startNode, whenReady } from '../../src/kit/launch.js';
import { fieldOf, type ManagedNode, verdictOf } from '../../src/kit/manager.js';
import { LOCALHOST } from '../../src/kit/ports.js';
import type { Topology } from '../../src/kit/topology.js';
import { until } from '../../src/kit/wait.js';
import { Random } from '../../src/sim/random.js';
import { ROOT, type SixProcesses, startSixProcesses } from './six-processes.js';

const ORDERS = [1, 2, 3];
const KEYS_AT_FIRST = 400;
/** As many as are acknowledged before the nodes go, while more are on their way. */
const KEYS_EACH_TIME = 100;
const ON_THEIR_WAY = 20;
/** A cluster takes two seconds until it serves again, and a machine that does much else takes more. */
const PATIENCE = { everyMs: 20, atMostMs: 30_000 };

let six: SixProcesses;
let running: readonly NodeProcess[] = [];
let lastSeen: Topology;
let written = 0;
const acknowledged = new Set<string>();

beforeAll(async () => {
  six = await startSixProcesses(['appendonly', 'yes'], ['cluster-node-timeout', '2000']);
  running = six.cluster.processes;
  lastSeen = six.cluster.topology;
  process.once('exit', killAll);
  const writer = openReader();
  await write(writer, KEYS_AT_FIRST);
  writer.disconnect();
});

afterAll(async () => {
  killAll();
  await Promise.all(running.map(({ ended }) => ended));
  process.off('exit', killAll);
  await six.stop();
});

function killAll(): void {
  for (const { pid, ending } of running) if (pid > 0 && ending() === null) sendSignal(pid, 'SIGKILL');
}

/** Finds its way from one node, and gives up what was on its way when it is closed. */
function openReader(): Cluster {
  const reader = new Cluster([{ host: LOCALHOST, port: six.ports[0]! }], { clusterRetryStrategy: () => null });
  reader.on('error', () => {}); // the commands tell it, too
  return reader;
}

/** Until so many more are acknowledged. */
async function write(writer: Cluster, count: number): Promise<void> {
  const enough = acknowledged.size + count;
  while (acknowledged.size < enough) await Promise.all(Array.from({ length: ON_THEIR_WAY }, () => writeOne(writer)));
}

async function writeOne(writer: Cluster): Promise<void> {
  const key = `key:${written++}`;
  if ((await writer.set(key, `value of ${key}`)) === 'OK') acknowledged.add(key);
}

/** Writes go on until nobody is there to take them. */
async function endAmidWrites(end: () => Promise<void>): Promise<void> {
  const writer = openReader();
  await write(writer, KEYS_EACH_TIME);
  let goesOn = true;
  const goOn = async (): Promise<void> => {
    while (goesOn) await writeOne(writer);
  };
  for (let i = 0; i < ON_THEIR_WAY; i++) goOn().catch(() => {}); // not acknowledged; some never hear of it
  await end();
  await Promise.all(running.map(({ ended }) => ended));
  goesOn = false;
  writer.disconnect();
}

/** One by one; all of them answer when it returns. */
async function comeBack(order: readonly NodeProcess[]): Promise<ManagedNode[]> {
  const server = serverCommand(ROOT, {});
  const nodes: ManagedNode[] = [];
  running = [];
  for (const { member } of order) {
    const node = startNode(six.cluster.folder, member, server);
    running = [...running, node];
    nodes.push({ ...member, connection: await whenReady(node, null) });
  }
  return nodes;
}

/** When all nodes say that all is well, and each copy follows. */
async function settled(nodes: readonly ManagedNode[]): Promise<Topology> {
  let open: readonly string[] = [];
  const found = await until(async () => {
    const verdict = await verdictOf(nodes);
    const links = await Promise.all(nodes.map(({ connection }) => connection.text('INFO', 'replication')));
    const down = links.filter((info) => fieldOf(info, 'master_link_status') === 'down').length;
    open = down > 0 ? [...verdict.open, `${down} copies do not follow`] : verdict.open;
    return open.length === 0 ? verdict.topology : null;
  }, PATIENCE);
  if (found === null) throw new Error(`not well again: ${open.join(', ')}`);
  return found;
}

/** The ids of each shard, and its slots: a copy may have taken its primary's place, but not another's. */
function shardsOf(topology: Topology): unknown {
  const members = [...topology.members.values()];
  return members
    .filter(({ role }) => role === 'primary')
    .map(({ id, slots }) => ({
      ids: [id, ...members.filter(({ primaryId }) => primaryId === id).map((one) => one.id)].sort(),
      slots,
    }))
    .sort((a, b) => (a.slots[0]?.from ?? 0) - (b.slots[0]?.from ?? 0));
}

function rolesOf({ members }: Topology): unknown {
  return [...members.values()].map(({ id, primaryId, slots }) => ({ id, primaryId, slots })).sort(byId);
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

/** Every key, through a client that finds its way; those that are not there, or not what was written. */
async function missing(): Promise<string[]> {
  const reader = openReader();
  try {
    const keys = [...acknowledged];
    const values = await Promise.all(keys.map((key) => reader.get(key)));
    return keys.filter((key, i) => values[i] !== `value of ${key}`);
  } finally {
    reader.disconnect();
  }
}

async function expectAllIsThere(order: readonly NodeProcess[]): Promise<Topology> {
  const nodes = await comeBack(order);
  try {
    const topology = await settled(nodes);
    lastSeen = topology;
    expect(topology.slotsCovered).toBe(16_384);
    expect(topology.strangers).toEqual([]);
    expect(shardsOf(topology)).toEqual(shardsOf(six.cluster.topology));
    expect(await missing()).toEqual([]);
    return topology;
  } finally {
    for (const { connection } of nodes) connection.close();
  }
}

function openAll(nodes: readonly NodeProcess[]): Promise<Connection[]> {
  return Promise.all(nodes.map(({ member }) => Connection.open({ host: LOCALHOST, port: member.port }, null)));
}

async function syncEachWrite(nodes: readonly NodeProcess[]): Promise<void> {
  for (const connection of await openAll(nodes)) {
    expect(await connection.text('CONFIG', 'SET', 'appendfsync', 'always')).toBe('OK');
    connection.close();
  }
}

test.each(ORDERS)('all are shut down amid writes and started, in order %i', async (seed) => {
  const dice = new Random(seed);
  const order = dice.shuffle(running);
  await endAmidWrites(async () => {
    await Promise.all((await openAll(order)).map(shutDown));
  });
  await expectAllIsThere(dice.shuffle(running));
});

test.each(ORDERS)('all are killed amid writes and started, in order %i: nobody is replaced', async (seed) => {
  const dice = new Random(seed);
  const before = rolesOf(lastSeen);
  await syncEachWrite(running);
  await endAmidWrites(async () => {
    for (const { pid } of dice.shuffle(running)) sendSignal(pid, 'SIGKILL');
  });
  expect(rolesOf(await expectAllIsThere(dice.shuffle(running)))).toEqual(before);
});
