/**
 * `npm run bench`: ours against Debian's redis-server 7.0.15, side by side on this machine, judged by the bars.
 *
 * Parts: throughput (redis-benchmark, 50 clients, 1,000,000 keys), start (first PONG), connections (10,000 idle),
 * cluster (npm start, six idle nodes), memory and saving (4,000,000 keys). Ratios are ours / redis. Ends with code 1
 * if a bar is missed or redis-server cannot be had: there is no pass by skipping. A busy machine shows in wide ranges.
 *
 *    --quick            fewer rounds, requests and keys: a smoke test, not a figure
 *    --p 1,16,64        pipeline depths       --only SET,GET     these tests
 *    --rounds 5         an odd number         --parts a,b        these parts (--memory: memory alone)
 *    --keys 4000000     for memory and saving --json             the figures as JSON on the last line
 *    --command "node x.js {port}"             another server in our place
 */
import { parseArgs } from 'node:util';
import { Missing, needPrograms } from '../scripts/apt.mjs';
import { Verdicts } from './bars.mjs';
import { measureCluster } from './cluster.mjs';
import { measureConnections, measureKeys, measureStart } from './memory.mjs';
import { measureSaving } from './saving.mjs';
import { startServer, stopAll } from './servers.mjs';
import { measureThroughput, TESTS } from './throughput.mjs';

const PARTS = ['throughput', 'start', 'connections', 'cluster', 'memory', 'saving'];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    p: { type: 'string', default: '1,16,64' },
    only: { type: 'string', default: TESTS.join(',') },
    rounds: { type: 'string' },
    parts: { type: 'string' },
    memory: { type: 'boolean', default: false },
    keys: { type: 'string' },
    json: { type: 'boolean', default: false },
    command: { type: 'string' },
  },
});

/** What is measured how long. Quick figures scatter; they only show that everything runs. */
const size = options.quick
  ? { rounds: 1, scale: 0.2, keys: 400_000, connections: 2_000, starts: 2, idleMs: 3_000 }
  : { rounds: 5, scale: 1, keys: 4_000_000, connections: 10_000, starts: 5, idleMs: 20_000 };

function start(kind, config, folder) {
  return startServer({ kind, config, folder, command: kind === 'ours' ? options.command?.split(' ') : undefined });
}

async function throughput(verdicts) {
  const [ours, real] = [await start('ours'), await start('real')];
  const tests = options.only.split(',');
  const strange = tests.filter((test) => !TESTS.includes(test));
  if (strange.length > 0) throw new Missing(`redis-benchmark has no default test ${strange.join(', ')}`);
  const rounds = Number(options.rounds ?? size.rounds);
  const result = await measureThroughput(
    { ours, real, depths: options.p.split(',').map(Number), tests, rounds, scale: size.scale },
    verdicts,
  );
  await Promise.all([ours.stop(), real.stop()]);
  return result;
}

const measure = {
  throughput,
  start: (verdicts) => measureStart({ rounds: size.starts, start }, verdicts),
  connections: (verdicts) => measureConnections({ count: size.connections, start }, verdicts),
  cluster: (verdicts) => measureCluster({ idleMs: size.idleMs }, verdicts),
  memory: (verdicts) => measureKeys({ keys: Number(options.keys ?? size.keys), start }, verdicts),
  saving: (verdicts) => measureSaving({ keys: Number(options.keys ?? size.keys), start }, verdicts),
};

async function main() {
  needPrograms('redis-server', 'redis-benchmark');
  const parts = options.memory ? ['memory'] : (options.parts?.split(',') ?? PARTS);
  const verdicts = new Verdicts();
  const figures = {};
  for (const part of parts) {
    if (!PARTS.includes(part)) throw new Missing(`no part ${part}: ${PARTS.join(', ')}`);
    figures[part] = await measure[part](verdicts);
  }
  verdicts.print();
  if (options.json) console.log(JSON.stringify({ figures, bars: verdicts.rows }));
  return verdicts.short.length === 0 ? 0 : 1;
}

process.once('SIGINT', () => stopAll().then(() => process.exit(130)));
try {
  process.exitCode = await main();
} catch (failure) {
  console.error(failure instanceof Missing ? `bench: ${failure.message}` : failure);
  process.exitCode = 1;
} finally {
  await stopAll();
}
