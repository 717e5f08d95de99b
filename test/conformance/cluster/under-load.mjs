/**
 * Slots move under live traffic: `node test/conformance/cluster/under-load.mjs [--slots 2000] [--writers 4] [--kills]`.
 *
 *   4 writers (ioredis, cluster clients)  ──▶  A B C       2,000 slots go from A to B by redis-cli, and back again
 *   each counts up keys of its own             │ │ │       nothing written may be lost, no error may reach a writer
 *                                              a b c       replicas; with --kills a random primary dies every 5 s
 *
 * Each writer owns its keys: it alone knows what was acknowledged, and what it reads back must be that, or the one
 * write whose answer never came. INCR shows a write that was done twice, too. With `--kills` each write is followed by
 * WAIT on the same connection, since a failover may lose what only the dead primary had; the dead one comes back after
 * two seconds. `--server real` puts redis-server in our place. The last line is `lost N, errors N`.
 */
import { parseArgs } from 'node:util';
import { Cluster } from 'ioredis';
import { stopAll } from '../../../bench/servers.mjs';
import { expectClean, manage, manageWell, place, slotCounts } from './managed.mjs';
import { inFolder, startNodes, untilOk } from './nodes.mjs';

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
const DEAD_FOR_MS = 2_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One client that counts keys of its own up, one command at a time, and knows how far it came. */
class Writer {
  acknowledged = new Map();
  /** Keys whose last write was not answered: it may have been done. */
  open = new Set();
  /** Keys that an error was heard of: what they were before is not known. */
  doubtful = new Set();
  writes = 0;
  errors = [];
  latencies = [];
  isRunning = true;

  constructor(number, ports) {
    this.number = number;
    this.client = new Cluster(
      ports.map((port) => ({ host: '127.0.0.1', port })),
      { clusterRetryStrategy: (times) => Math.min(100 * times, 1000), maxRedirections: 200, slotsRefreshTimeout: 2000 },
    );
    this.client.on('error', () => {}); // what matters is what a command hears
  }

  async run(keys) {
    for (let i = 0; this.isRunning; i++) {
      const key = `w${this.number}:${i % keys}`;
      const begunAt = performance.now();
      try {
        this.open.add(key);
        const count = await this.client.incr(key);
        const expected = (this.acknowledged.get(key) ?? 0) + 1;
        if (count !== expected && !this.doubtful.has(key)) this.errors.push(`${key}: ${count} after ${expected - 1}`);
        this.acknowledged.set(key, count);
        this.open.delete(key);
        this.writes++;
      } catch (error) {
        this.errors.push(`INCR ${key}: ${error.message}`);
        this.doubtful.add(key);
      }
      this.latencies.push(performance.now() - begunAt);
    }
  }

  /** Keys that are not what was acknowledged. */
  async lost() {
    const missing = [];
    for (const [key, count] of this.acknowledged) {
      const found = Number(await this.client.get(key));
      if (found < count || (found > count && !this.open.has(key))) missing.push(`${key}: ${found}, not ${count}`);
    }
    return missing;
  }
}

async function moveAll(from, to) {
  const words = ['reshard', place(to), '--cluster-from', from.id, '--cluster-to', to.id];
  for (let attempt = 0; ; attempt++) {
    const begunAt = performance.now();
    const { code, all } = await manage([...words, '--cluster-slots', options.slots, '--cluster-yes']);
    if (code === 0) return (performance.now() - begunAt) / 1000;
    if (!options.kills || attempt === 5) throw new Error(`the reshard ended with ${code}\n${all.slice(-2000)}`);
    await sleep(KILL_EVERY_MS); // somebody died under it: mend, and go on
    await manage(['fix', place(to), '--cluster-yes']);
  }
}

/** Every few seconds a primary dies, and comes back a little later. */
async function killPrimaries(nodes, goesOn) {
  let kills = 0;
  while (goesOn()) {
    await sleep(KILL_EVERY_MS);
    const counts = await slotCounts(nodes.find((node) => node.server !== null));
    const primaries = nodes.filter((node) => (counts.get(node.id) ?? 0) > 0);
    const victim = primaries[kills++ % primaries.length];
    await victim.kill();
    await sleep(DEAD_FOR_MS);
    await victim.start();
  }
  return kills;
}

function percentile(values, share) {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

async function prove(nodes) {
  const replicas = options.kills ? ['--cluster-replicas', '1'] : [];
  await manageWell(['create', ...nodes.map(place), ...replicas, '--cluster-yes']);
  await untilOk(nodes, OK_LIMIT_MS);
  const [a, b] = nodes;
  const ports = nodes.map(({ port }) => port);
  const writers = Array.from({ length: Number(options.writers) }, (_, i) => new Writer(i, ports));
  const running = writers.map((writer) => writer.run(Number(options.keys)));
  let isMoving = true;
  const killing = options.kills ? killPrimaries(nodes, () => isMoving) : Promise.resolve(0);
  await sleep(1000);
  const seconds = [await moveAll(a, b), await moveAll(b, a)];
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
  for (const writer of writers) writer.client.disconnect();
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
