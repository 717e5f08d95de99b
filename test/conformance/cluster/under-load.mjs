/**
 * Slots move under live traffic: `node test/conformance/cluster/under-load.mjs [--slots 2000] [--writers 4] [--kills]`.
 *
 *   4 writers (ioredis, cluster clients)  ──▶  A B C       2,000 slots go from A to B by redis-cli, and back again
 *   each counts up keys of its own             │ │ │       nothing written may be lost, no error may reach a writer
 *                                              a b c       replicas; with --kills a random primary dies every 5 s
 *
 * Each writer owns its keys (writers.mjs): it alone knows what was acknowledged, and what it reads back must be that,
 * or what was sent behind it and never answered. With `--kills` only what a replica has acknowledged counts, by WAIT,
 * since a failover may lose what the dead primary alone had. A dead primary comes back, empty, when its replica has
 * taken over, and nobody is killed before it is in sync. `--server real` puts redis-server in our place. The last line
 * is `lost N, errors N`.
 */
import { parseArgs } from 'node:util';
import { stopAll } from '../../../bench/servers.mjs';
import { until } from './checks.mjs';
import { converse, expectClean, manage, manageWell, place, slotCounts } from './managed.mjs';
import { cli, inFolder, startNodes, untilOk } from './nodes.mjs';
import { Counter, WaitingWriter } from './writers.mjs';

const { values: options } = parseArgs({
  options: {
    slots: { type: 'string', default: '2000' },
    writers: { type: 'string', default: '4' },
    keys: { type: 'string', default: '2000' },
    server: { type: 'string', default: 'ours' },
    kills: { type: 'boolean', default: false },
    timeout: { type: 'string', default: '2000' },
  },
});

const OK_LIMIT_MS = 60_000;
const KILL_EVERY_MS = 5_000;
/** Whatever fix asks. */
const FIX = Array(4).fill(["(type 'yes' to accept): ", 'yes']);
/** A replica takes over after the node timeout and a second or two; on a busy machine it may take longer. */
const DEAD_LIMIT_MS = 30_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** From one to the other, by redis-cli; the seconds that it took. */
async function moveAll(from, to) {
  const begunAt = performance.now();
  const words = ['--cluster-from', from.id, '--cluster-to', to.id, '--cluster-slots', options.slots];
  await manageWell(['reshard', place(to), ...words, '--cluster-yes']);
  return (performance.now() - begunAt) / 1000;
}

/** The same while primaries die: from and to whoever serves now. A move that died half-way is mended, and goes on. */
async function moveOn(nodes) {
  const begunAt = performance.now();
  for (let moved = 0; moved < Number(options.slots); ) {
    const witness = await anyUp(nodes);
    const counts = [...(await slotCounts(witness))].filter(([, count]) => count > 0).sort((x, y) => y[1] - x[1]);
    const words = ['--cluster-from', counts[0][0], '--cluster-to', counts.at(-1)[0]];
    const slots = String(Number(options.slots) - moved);
    const { code, all } = await manage([
      'reshard',
      place(witness),
      ...words,
      '--cluster-slots',
      slots,
      '--cluster-yes',
    ]);
    moved += Math.max(0, (all.match(/^Moving slot \d+ from/gm)?.length ?? 0) - (code === 0 ? 0 : 1));
    if (code === 0) continue;
    await sleep(KILL_EVERY_MS / 2);
    await converse(['fix', place(await anyUp(nodes))], FIX);
  }
  return (performance.now() - begunAt) / 1000;
}

async function anyUp(nodes) {
  for (let i = 0; ; i++) {
    const node = nodes[i % nodes.length];
    if ((await cli(node.port, 'ping')) === 'PONG') return node;
    await sleep(100);
  }
}

/**
 * Every few seconds a primary dies that has a replica in sync, and comes back when that has taken over. Who dies with
 * a slot of which its replica had not heard yet comes back as a primary with it, in Redis too.
 */
async function killPrimaries(nodes, goesOn) {
  let kills = 0;
  while (goesOn()) {
    await sleep(KILL_EVERY_MS);
    await adopt(nodes);
    const { pairs } = await rolesOf(nodes);
    if (pairs.length === 0) continue;
    const [victim, heir] = pairs[kills++ % pairs.length];
    const story = () => storyOf(nodes, `${victim.name} was killed`, heir);
    await victim.kill();
    await until(DEAD_LIMIT_MS, async () => ((await slotCounts(heir)).get(heir.id) ?? 0) > 0, story);
    await victim.start();
    await cli(victim.port, 'config', 'set', 'repl-diskless-sync-delay', '0');
    await until(DEAD_LIMIT_MS, async () => (await rolesOf(nodes)).areInSync, story);
  }
  return kills;
}

/** Primaries with slots, each with a replica that is in sync; whether all replicas are; and those who have nobody. */
async function rolesOf(nodes) {
  const infos = await Promise.all(nodes.map(({ port }) => cli(port, 'info', 'replication')));
  const counts = await slotCounts(nodes[infos.findIndex((info) => info.includes('role:'))]);
  const replicas = nodes.filter((_, i) => infos[i].includes('role:slave'));
  const inSync = nodes.filter((_, i) => infos[i].includes('master_link_status:up'));
  const heirOf = ({ port }) => inSync.find((node) => infos[nodes.indexOf(node)].includes(`master_port:${port}\r`));
  const primaries = nodes.filter((node) => !replicas.includes(node));
  const serving = primaries.filter(({ id }) => (counts.get(id) ?? 0) > 0);
  return {
    pairs: serving.map((node) => [node, heirOf(node)]).filter(([, heir]) => heir !== undefined),
    areInSync: infos.every((info) => info.includes('role:')) && inSync.length === replicas.length,
    alone: serving.filter((node) => heirOf(node) === undefined),
    idle: primaries.filter((node) => !serving.includes(node)),
  };
}

/** A primary without slots becomes a replica of one that has none: nobody but an operator does that. */
async function adopt(nodes) {
  const { alone, idle } = await rolesOf(nodes);
  for (const [i, node] of idle.entries()) if (alone[i]) await cli(node.port, 'cluster', 'replicate', alone[i].id);
}

/** What is known when something did not happen in time. */
async function storyOf(nodes, what, witness) {
  const logs = nodes.map((node) => `${node.name} ${node.id}\n${node.log().split('\n').slice(-12).join('\n')}`);
  return [what, await cli(witness.port, 'cluster', 'nodes'), ...logs].join('\n');
}

function percentile(values, share) {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

async function prove(nodes) {
  const replicas = options.kills ? ['--cluster-replicas', '1'] : [];
  await manageWell(['create', ...nodes.map(place), ...replicas, '--cluster-yes']);
  await untilOk(nodes, OK_LIMIT_MS);
  for (const { port } of nodes) await cli(port, 'config', 'set', 'repl-diskless-sync-delay', '0');
  if (options.kills) await until(OK_LIMIT_MS, async () => (await rolesOf(nodes)).pairs.length === nodes.length / 2);
  const [a, b] = nodes;
  const ports = nodes.map(({ port }) => port);
  const writers = Array.from({ length: Number(options.writers) }, (_, i) =>
    options.kills ? new WaitingWriter(i, ports) : new Counter(i, ports),
  );
  const running = writers.map((writer) => writer.run(Number(options.keys)));
  let isMoving = true;
  const killing = options.kills ? killPrimaries(nodes, () => isMoving) : Promise.resolve(0);
  await sleep(1000);
  const move = (from, to) => (options.kills ? moveOn(nodes) : moveAll(from, to));
  const seconds = [await move(a, b), await move(b, a)];
  isMoving = false;
  const kills = await killing;
  await sleep(500);
  for (const writer of writers) writer.isRunning = false;
  await Promise.all(running);
  await untilOk(nodes, OK_LIMIT_MS);
  if (!options.kills) await expectClean(nodes);
  const lost = (await Promise.all(writers.map((writer) => writer.lost()))).flat();
  const errors = writers.flatMap((writer) => writer.errors);
  for (const line of [...lost, ...errors].slice(0, 20)) console.log(`  ${line}`);
  const latencies = writers.flatMap((writer) => writer.latencies);
  const writes = writers.reduce((sum, writer) => sum + writer.writes, 0);
  const [median, p99, most] = [0.5, 0.99, 1].map((share) => percentile(latencies, share).toFixed(1));
  console.log(
    `${options.slots} slots there and back: ${seconds.map((s) => s.toFixed(1)).join(' s and ')} s, ${kills} kills`,
  );
  console.log(`${writes} writes, median ${median} ms, p99 ${p99} ms, longest ${most} ms`);
  console.log(`lost ${lost.length}, errors ${errors.length}`);
  for (const writer of writers) writer.end();
  return lost.length + errors.length === 0;
}

let isProven = false;
try {
  await inFolder(async (folder) => {
    const nodes = await startNodes(Array(options.kills ? 6 : 3).fill(options.server), folder, Number(options.timeout));
    try {
      isProven = await prove(nodes);
    } finally {
      await Promise.all(nodes.map((node) => node.server.stop()));
    }
  });
} finally {
  await stopAll();
}
process.exitCode = isProven ? 0 : 1;
