/**
 * Throughput, CPU per request and p99.9 of redis-benchmark's default tests, ours beside redis-server.
 *
 * Both servers stay up; each test runs on one and then on the other, and the rounds take turns in who goes first. So a
 * machine that is busy for a while hits both, and the median of the rounds' ratios says more than any single value.
 * CPU time is of all threads of a server, ours with its compiler and collector; it holds even on a busy machine.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fixed, geoMean, median, sum, thousands } from './numbers.mjs';
import { ask, cpuTicks } from './servers.mjs';

/** The order is redis-benchmark's own: what pushes comes before what pops. */
export const TESTS = (
  'PING_INLINE PING_MBULK SET GET INCR LPUSH RPUSH LPOP RPOP SADD HSET SPOP ZADD ZPOPMIN ' +
  'LRANGE_100 LRANGE_300 LRANGE_500 LRANGE_600 MSET'
).split(' ');

/**
 * 100,000 at depth 1 is what redis-benchmark does by itself. Fifty clients connect and send their first batch while the
 * clock runs: in a short run these are the p99.9, and nothing is learned of the requests behind them.
 */
const REQUESTS = { 1: 100_000, 16: 1_600_000, 64: 1_600_000 };
const SLOWER = { LRANGE_100: 0.15, LRANGE_300: 0.06, LRANGE_500: 0.06, LRANGE_600: 0.06, MSET: 0.3 };
const CLIENTS = 50;
const RUN_LIMIT_MS = 300_000;

/**
 * @param {{ ours: object, real: object, depths: number[], tests: string[], rounds: number, scale: number }} plan
 * @param {import('./bars.mjs').Verdicts} verdicts
 */
export async function measureThroughput(plan, verdicts) {
  for (const server of [plan.ours, plan.real]) {
    for (const test of plan.tests) await runTest(server, test, 16, plan.scale); // warm: the compiler has seen each path
  }
  const result = {};
  for (const depth of plan.depths) {
    const rows = await runRounds(plan, depth);
    printDepth(plan, depth, rows, verdicts);
    result[`P=${depth}`] = rows;
  }
  return result;
}

async function runRounds({ ours, real, tests, rounds, scale }, depth) {
  const samples = new Map(tests.map((test) => [test, []]));
  for (let round = 0; round < rounds; round++) {
    for (const server of [ours, real]) await ask(server.port, 'FLUSHALL\r\n');
    for (const test of tests) {
      const sample = {};
      for (const server of round % 2 === 0 ? [ours, real] : [real, ours]) {
        sample[server.kind] = await runTest(server, test, depth, scale);
      }
      samples.get(test).push(sample);
    }
    process.stderr.write(`P=${depth}: round ${round + 1} of ${rounds}\n`);
  }
  return [...samples].map(([test, taken]) => summarize(test, taken));
}

function summarize(test, taken) {
  const ratios = taken.map(({ ours, real }) => ours.perSecond / real.perSecond);
  const cpuOf = (kind) => sum(taken.map((sample) => sample[kind].cpuUs)) / sum(taken.map((s) => s[kind].requests));
  return {
    test,
    ours: median(taken.map(({ ours }) => ours.perSecond)),
    real: median(taken.map(({ real }) => real.perSecond)),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    cpuOursUs: cpuOf('ours'),
    cpuRealUs: cpuOf('real'),
    cpu: cpuOf('ours') / cpuOf('real'),
    tail: median(taken.map(({ ours, real }) => ours.tailMs / real.tailMs)),
    tailOursMs: median(taken.map(({ ours }) => ours.tailMs)),
    tailRealMs: median(taken.map(({ real }) => real.tailMs)),
  };
}

/** One test on one server: requests per second, CPU of the server, and the latency that 99.9 % stay below. */
async function runTest(server, test, depth, scale) {
  const requests = Math.max(2000, Math.round((REQUESTS[depth] ?? 400_000) * (SLOWER[test] ?? 1) * scale));
  const before = cpuUs(server.pid);
  const words = ['-p', server.port, '-P', depth, '-c', CLIENTS, '-n', requests, '-r', 1_000_000, '--precision', 3];
  const text = await run('redis-benchmark', [...words.map(String), '-t', test.toLowerCase()]);
  const cpu = cpuUs(server.pid) - before;
  // `-t lrange_100` first fills the list: the last block is the test itself
  const block = text.slice(text.lastIndexOf('====== '));
  const perSecond = Number(/throughput summary: ([\d.]+)/.exec(block)?.[1]);
  const steps = [...block.matchAll(/([\d.]+)% <= ([\d.]+) milliseconds \(cumulative/g)];
  const tailMs = Number(steps.find(([, percent]) => Number(percent) >= 99.9)?.[2]);
  if (!(perSecond > 0) || !(tailMs >= 0)) throw new Error(`redis-benchmark ${test} on ${server.kind} says:\n${text}`);
  return { perSecond, tailMs: Math.max(tailMs, 0.001), cpuUs: cpu, requests };
}

/** CPU microseconds of all threads: exact where the kernel keeps it, else in ticks of 10 ms. */
function cpuUs(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanos = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]));
    if (sum(nanos) > 0) return sum(nanos) / 1000;
  } catch {
    // a thread may end between the two reads, and not every kernel has schedstat
  }
  return cpuTicks(pid) * 10_000;
}

function run(program, args) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 26, timeout: RUN_LIMIT_MS }, (error, out, err) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${err}`));
      else resolve(out);
    });
  });
}

function printDepth({ rounds, depths }, depth, rows, verdicts) {
  console.log(`\nP=${depth}, ${CLIENTS} clients, ${rounds} rounds (of ${depths.map((d) => `P=${d}`).join(', ')})`);
  console.log(
    'test           ours req/s  redis req/s  ratio  range        cpu us, redis, ratio   p99.9 ms, redis, ratio',
  );
  for (const row of rows) {
    const bars = [verdicts.judge(`P=${depth} each test`, row.test, row.ratio)];
    bars.push(verdicts.judge(`P=${depth} cpu`, row.test, row.cpu));
    const verdict = bars.includes('short') ? 'short' : (bars[0] ?? '');
    console.log(
      `${row.test.padEnd(13)}${thousands(row.ours).padStart(12)}${thousands(row.real).padStart(13)}` +
        `${fixed(row.ratio).padStart(7)}  ${`${fixed(row.lowest)}-${fixed(row.highest)}`.padEnd(11)}` +
        `${fixed(row.cpuOursUs).padStart(8)}${fixed(row.cpuRealUs).padStart(7)}${fixed(row.cpu).padStart(7)}` +
        `${fixed(row.tailOursMs, 3).padStart(11)}${fixed(row.tailRealMs, 3).padStart(8)}${fixed(row.tail).padStart(7)}` +
        `  ${verdict}`,
    );
  }
  const means = { ratio: geoMean(rows.map((r) => r.ratio)), cpu: geoMean(rows.map((r) => r.cpu)) };
  const tail = geoMean(rows.map((r) => r.tail));
  const verdict = verdicts.judge(`P=${depth} geo-mean`, '', means.ratio);
  const tailVerdict = verdicts.judge('p99.9', `P=${depth}`, tail);
  const rest = `cpu ${fixed(means.cpu)}, p99.9 ${fixed(tail)} ${tailVerdict}`;
  console.log(`geo-mean: throughput ${fixed(means.ratio)} ${verdict}, ${rest}`);
}
