/**
 * Redis' own cluster suite (`./runtest-cluster`): twenty servers that it starts, kills and restarts itself.
 *
 *    node test/conformance/instances.mjs [--unit 02,10] [--server ours|real|alternate] [--update] [--show] [--keep]
 *
 * Without `--unit` it runs what the list names, with `--update` all. Each unit runs alone with twenty fresh servers
 * and a limit, because a failed check makes the harness leave the unit, and a server that was lost would fail all units
 * behind it. A check that has passed once must pass again: the list is
 * `passing-runtest-cluster.txt`, `…-alternate.txt` for a cluster of both kinds. `npm run conformance -- --cluster`
 * calls it. Ends with `N passed, N failed`; failed are the names that left the list.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Missing, needPrograms } from '../../scripts/apt.mjs';
import { endRuns, finish, runTcl } from './harness.mjs';
import { layServer, WRAPPERS } from './product.mjs';
import { compare, countNames, grown, leftIn, readList, whyAgain, writeList } from './ratchet.mjs';
import { getSuite, layDesk } from './suite.mjs';
import { readInstances } from './unit.mjs';

const HERE = import.meta.dirname;
const DESK = 20;
const LIMIT_MS = 400_000;

const { values: options } = parseArgs({
  options: {
    unit: { type: 'string', default: '' },
    server: { type: 'string', default: 'ours' },
    desk: { type: 'string', default: String(DESK) },
    update: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

/** Unit 03 draws whom it kills: what has a node in its name differs from run to run, and stays out of the lists. */
const isDrawn = (unit, name) => unit === 'cluster/03-failover-loop' && name.includes('#');

/** `tests/cluster` becomes a folder of links with a `tmp` of its own. */
function layInstances(tests, number, kind) {
  const desk = layDesk(tests, number);
  const cluster = join(desk, 'tests/cluster');
  rmSync(cluster, { force: true });
  mkdirSync(join(cluster, 'tmp'), { recursive: true });
  for (const name of readdirSync(join(tests, 'cluster')))
    if (name !== 'tmp') symlinkSync(join(tests, 'cluster', name), join(cluster, name));
  layServer(desk, kind);
  return desk;
}

async function runUnit(desk, unit) {
  const args = ['tests/cluster/run.tcl', '--single', `${unit}.tcl`, ...(options.keep ? ['--dont-clean'] : [])];
  const hear = options.show ? (chunk) => process.stderr.write(chunk) : undefined;
  const { text, seconds } = await runTcl(args, { cwd: desk, limitMs: LIMIT_MS, hear });
  return { unit: `cluster/${unit}`, ...readInstances(text), seconds };
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    endRuns();
    process.exit(1);
  });

async function main() {
  if (!WRAPPERS.includes(options.server)) throw new Missing(`--server is one of ${WRAPPERS.join(', ')}`);
  needPrograms('redis-server', 'redis-cli', 'tclsh');
  const tests = getSuite();
  const known = readdirSync(join(tests, 'cluster/tests'))
    .filter((name) => name.endsWith('.tcl'))
    .map((name) => name.slice(0, -'.tcl'.length))
    .sort();
  const path = join(HERE, `passing-runtest-cluster${options.server === 'alternate' ? '-alternate' : ''}.txt`);
  const list = options.server === 'real' ? new Map() : readList(path);
  const listed = (unit) => [...list.keys()].some((name) => name.startsWith(`cluster/${unit} :: `));
  const wanted = (unit) => options.unit.split(',').some((prefix) => unit.startsWith(prefix));
  const units = known.filter(options.unit !== '' ? wanted : options.update ? () => true : listed);
  const results = [];
  for (const unit of units) {
    const run = () => runUnit(layInstances(tests, Number(options.desk), options.server), unit);
    let result = await run();
    const lost = leftIn(list, result);
    if (lost.length > 0) {
      console.log(`again      ${whyAgain(result, lost)}`);
      result = await run();
    }
    results.push(result);
    const { failed, passed, seconds } = result;
    console.log(`${result.unit.padEnd(44)} ${passed.length} passed, ${failed.length} failed, ${seconds.toFixed(0)} s`);
    for (const { name, why } of failed)
      console.log(`    ${name}\n        ${why.trim().split('\n').slice(-6).join('\n        ')}`);
  }
  const kept = ({ unit, passed }) => passed.filter((name) => !isDrawn(unit, name));
  const passing = new Map(results.flatMap((result) => [...countNames(result.unit, kept(result))]));
  const { left } = compare(
    list,
    passing,
    results.map(({ unit }) => unit),
  );
  for (const name of left) console.log(`left       ${name}`);
  if (options.update && options.server !== 'real')
    writeList(path, grown(list, passing), ['Checks of the official cluster suite that pass.']);
  const count = results.reduce((sum, { passed }) => sum + passed.length, 0);
  console.log(`${count} passed, ${left.length} failed`);
  return left.length === 0 ? 0 : 1;
}

if (!existsSync(join(HERE, '../../dist'))) throw new Error('build first: npm run build');
await finish(main);
