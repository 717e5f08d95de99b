/**
 * `npm run conformance`: Redis' own test suite of 7.0.15 against our server, and the ratchet over its passing tests.
 *
 * The suite runs in its external mode: each unit gets a fresh server and a limit, and what passed is compared with
 * `passing.txt` beside this file. A unit from which a name left is run a second time before it counts, because some
 * of the tests measure time; a line `again` says so, and why. Ends with `N passed, N failed`: failed are the names that
 * left, not the tests that never passed; those are in the table. A whole run also proves clusters against redis-cli and
 * redis-server (cluster/run.mjs). `docs` of the harness: suite.mjs, unit.mjs; of the lists: ratchet.mjs.
 *
 *    --unit a,b        only these            --server real|ours   real: Debian's redis-server, for the count beside
 *    --jobs n          units side by side    --limit s            seconds for a unit, default 120
 *    --cluster-mode    one node, all slots   --update             adds what is new to the list
 *    --spawned         the harness starts its servers itself: replication, restarts, config files, signals. What
 *                      fails there without a reason in `missing-spawned.txt` is named
 *    --cluster         only `./runtest-cluster`, with ours and with both kinds alternately (instances.mjs)
 *    --json            the results as JSON   --failures           prints each failed test with its reason
 *    --causes          prints the failures grouped by what they have in common
 *    --desk n          the first desk, default 0: two runs side by side need two
 *    --no-skip         also runs the tests of skip.txt            --command "node x.js {conf}"   another server
 *
 * SIGTERM ends what runs and begins nothing more; what was not run has left.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask, freePort, startServer, stopAll } from '../../bench/servers.mjs';
import { Missing } from '../../scripts/apt.mjs';
import { endRuns, finish } from './harness.mjs';
import { layServer } from './product.mjs';
import { compare, countNames, grown, readList, readSkips, runSteadily, unexplained, writeList } from './ratchet.mjs';
import { getSuite, layDesk, unitsOf } from './suite.mjs';
import { printCauses, printFailures, printTable } from './table.mjs';
import { runUnit } from './unit.mjs';

const HERE = import.meta.dirname;

/** What the anchors' own workflow gives a server that stands outside of the harness. */
const CONFIG = {
  'enable-protected-configs': 'yes',
  'enable-debug-command': 'yes',
  'enable-module-command': 'yes',
};
const CLUSTER_CONFIG = { 'cluster-enabled': 'yes', 'cluster-config-file': 'nodes.conf' };
const ALL_SLOTS = 'CLUSTER ADDSLOTSRANGE 0 16383\r\n';

/** Seconds at least, for units that wait for one sync after the other, or digest millions of keys. */
const LONG_UNITS = { 'integration/replication': 1000, 'integration/replication-psync': 500, 'unit/aofrw': 400 };
/** Desks of spawned mode: each takes 2,000 ports, and the harness wants those 10,000 above them to be there. */
const SPAWNED_DESKS = 16;
const CLUSTERS_LIMIT_MS = 300_000;
const INSTANCES_LIMIT_MS = 2_400_000;
/** More names than this say no more than their number. */
const SHOWN = 60;

const { values: options } = parseArgs({
  options: {
    unit: { type: 'string' },
    server: { type: 'string', default: 'ours' },
    command: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    desk: { type: 'string', default: '0' },
    limit: { type: 'string', default: '120' },
    'cluster-mode': { type: 'boolean', default: false },
    spawned: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    failures: { type: 'boolean', default: false },
    causes: { type: 'boolean', default: false },
    'no-skip': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const isOurs = options.server === 'ours';
const mode = options['cluster-mode'] ? '-cluster' : options.spawned ? '-spawned' : '';
const PASSING = join(HERE, `passing${mode}.txt`);
const REAL = join(HERE, `real${mode}.txt`);

/** Somebody has no more time: what was running is ended, nothing else begins, and the table tells what there is. */
let isOver = false;

/** Runs one unit at a desk: a fresh server, the unit, and the end of the server. */
async function runFresh(unit, desk, number, skips) {
  if (isOver)
    return { unit, passed: [], failed: [], skipped: [], ignored: [], ending: 'SIGTERM came before it', seconds: 0 };
  if (options.spawned) return runSpawned(unit, desk, number, skips);
  const folder = join(desk, 'server');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const config = options['cluster-mode'] ? { ...CONFIG, ...CLUSTER_CONFIG } : CONFIG;
  const server = await startServer({
    kind: isOurs ? 'ours' : 'real',
    port: await freePort(),
    folder,
    config: { ...config, logfile: join(folder, 'log.txt'), loglevel: 'notice' },
    command: options.command?.split(' '),
  });
  try {
    if (options['cluster-mode']) await takeAllSlots(server.port);
    const result = await runUnit({
      desk,
      unit,
      port: server.port,
      basePort: 31_000 + number * 100,
      limitMs: Number(options.limit) * 1000,
      skip: skips.filter((skip) => skip.unit === unit).map((skip) => skip.name),
      flags: options['cluster-mode'] ? ['--cluster-mode'] : [],
    });
    if (server.hasEnded()) result.ending = `the server ended: ${server.lastWords()}\n${result.ending}`;
    return { unit, ...result };
  } finally {
    await server.stop();
  }
}

/** The same where the harness starts the servers: each block of tests its own. */
async function runSpawned(unit, desk, number, skips) {
  const result = await runUnit({
    desk,
    unit,
    port: 0,
    basePort: 24_000 + number * 2_000,
    limitMs: Math.max(Number(options.limit), LONG_UNITS[unit] ?? 0) * 1000,
    skip: skips.filter((skip) => skip.unit === unit).map((skip) => skip.name),
    flags: ['--portcount', '2000', '--clients', '1'],
  });
  return { unit, ...result };
}

/** All results, in the order of the suite. `jobs` desks take the next unit as they become free. */
async function runAll(units, skips, list, tests) {
  const results = new Map();
  const waiting = [...units];
  const expected = isOurs ? list : new Map();
  const desks = Array.from(
    { length: Math.min(Number(options.jobs), units.length) },
    (_, i) => Number(options.desk) + i,
  );
  await Promise.all(
    desks.map(async (number) => {
      const desk = layDesk(tests, number);
      if (options.spawned) layServer(desk, isOurs ? 'ours' : 'real');
      for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
        const result = await runSteadily(expected, () => runFresh(unit, desk, number, skips));
        results.set(unit, result);
        if (!options.json) console.error(`${unit}: ${result.passed.length} passed`);
      }
    }),
  );
  return units.map((unit) => results.get(unit));
}

async function takeAllSlots(port) {
  const answer = await ask(port, ALL_SLOTS);
  if (!answer.startsWith('+OK')) throw new Error(`CLUSTER ADDSLOTSRANGE: ${answer}`);
  for (let tries = 0; tries < 100; tries++) {
    if ((await ask(port, 'CLUSTER INFO\r\n', (text) => text.includes('cluster_slots_ok'))).includes(':ok')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the one-node cluster did not become ok in 5 s');
}

/** `./runtest-cluster` twice: all servers ours, and ours and Debian's in one cluster. */
async function runInstances() {
  let [passed, failed] = [0, 0];
  for (const server of ['ours', 'alternate']) {
    const words = [join(HERE, 'instances.mjs'), '--server', server, ...(options.update ? ['--update'] : [])];
    const result = await proveBy([...words, ...(options.unit ? ['--unit', options.unit] : [])], INSTANCES_LIMIT_MS);
    passed += result.passed;
    failed += result.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function main() {
  if (options.cluster) return runInstances();
  const tests = getSuite();
  const known = unitsOf(tests);
  const list = readList(PASSING);
  const units = options.unit ? options.unit.split(',') : options.spawned ? unitsIn(list) : known;
  const strange = units.filter((unit) => !known.includes(unit));
  if (strange.length > 0) throw new Missing(`the suite has no unit ${strange.join(', ')}`);
  const skips = options['no-skip']
    ? []
    : readSkips(join(HERE, options.spawned ? 'skip-spawned.txt' : 'skip.txt')).filter(
        (skip) => isOurs || skip.reason.startsWith('both:'),
      );
  if (options.spawned && Number(options.desk) + Number(options.jobs) > SPAWNED_DESKS)
    throw new Missing(`spawned mode has the desks 0 to ${SPAWNED_DESKS - 1}: each takes 2,000 ports`);
  const results = await runAll(units, skips, list, tests);
  const passing = new Map(results.flatMap((result) => [...countNames(result.unit, result.passed)]));
  if (options.json) console.log(JSON.stringify(results));
  else printTable(results, readList(REAL));
  if (options.failures) printFailures(results);
  if (options.causes) printCauses(results);
  if (!isOurs) return countReal(results, passing);
  const { left, fresh } = compare(list, passing, units);
  for (const { again } of results) if (again) console.log(`again      ${again}`);
  for (const result of results) for (const name of result.unsteady ?? []) console.log(`unsteady   ${name}`);
  const reasons = options.spawned ? readSkips(join(HERE, 'missing-spawned.txt')) : [];
  if (options.spawned)
    for (const result of results)
      for (const name of unexplained(result, list, reasons)) console.log(`no reason  ${name}`);
  for (const name of left.slice(0, SHOWN)) console.log(`left       ${name}`);
  if (left.length > SHOWN) console.log(`left       and ${left.length - SHOWN} more`);
  console.log(
    `${fresh.length} new${fresh.length > 0 && !options.update ? ' (npm run conformance -- --update adds them)' : ''}`,
  );
  if (options.update) writeList(PASSING, grown(list, passing), ['Tests of the official suite that pass.']);
  const passed = results.reduce((sum, result) => sum + result.passed.length, 0);
  const isWhole = !options.unit && !options.json && mode === '';
  const clusters = isWhole ? await proveClusters() : { passed: 0, failed: 0 };
  const failed = left.length + clusters.failed;
  console.log(`${passed + clusters.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** The units that the list names. */
function unitsIn(list) {
  return [...new Set([...list.keys()].map((name) => name.slice(0, name.indexOf(' :: '))))];
}

/** The checks of cluster/run.mjs, in a process of their own; without their closing line they count as one failure. */
function proveClusters() {
  return proveBy([join(HERE, 'cluster/run.mjs')], CLUSTERS_LIMIT_MS);
}

async function proveBy(words, limitMs) {
  if (isOver) return { passed: 0, failed: 1 };
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGTERM'), limitMs);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(text) ?? [null, 0, 1];
  return { passed: Number(passed), failed: Number(failed) };
}

/** The real server's counts go into `real.txt`, the column beside ours. */
function countReal(results, passing) {
  if (options.update)
    writeList(REAL, grown(readList(REAL), passing), ['Tests of the official suite that pass with redis-server.']);
  const failed = results.reduce((sum, result) => sum + result.failed.length, 0);
  console.log(`${results.reduce((sum, r) => sum + r.passed.length, 0)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.once('SIGINT', () => {
  endRuns();
  void stopAll().then(() => process.exit(130));
});
process.once('SIGTERM', () => {
  isOver = true;
  endRuns();
});
await finish(main, stopAll);
