/**
 * How long a full sync holds the event loop of either end, in every way of sending and loading it.
 *
 *   node test/conformance/replication/stalls.mjs [keys = 500000]
 *
 * The replica has as many old keys to let go, except where it has to be empty. Both loops are measured from inside
 * (loop-delay.cjs), first while nothing happens: what the machine itself takes away. Figures are in ms. No turn is to
 * take more than 20 ms, in CPU time on a busy machine; that work is cut that small whatever the machine is shown by
 * test/node/replication/slices.test.ts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopAll } from '../../../bench/servers.mjs';
import { until } from '../cluster/checks.mjs';
import { Peer } from './servers.mjs';

const KEYS = process.argv[2] ?? '500000';
const VALUE_BYTES = '32';
const LIMIT_MS = 120_000;
const IDLE_MS = 3000;
/** Old keys are let go, and garbage is collected, for a while after the link is up. */
const AFTER_MS = 2000;

// biome-ignore format: a table
const WAYS = [
  // repl-diskless-sync  repl-diskless-load
  ['yes',                'disabled'],
  ['yes',                'on-empty-db'],
  ['yes',                'swapdb'],
  ['no',                 'disabled'],
];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const folder = mkdtempSync(join(tmpdir(), 'stalls-'));

async function start(name, config) {
  process.env.NODE_OPTIONS = `--require ${join(import.meta.dirname, 'loop-delay.cjs')}`;
  process.env.LOOP_DELAY_FILE = join(folder, name);
  const peer = await Peer.start('ours', { 'repl-timeout': '600', ...config });
  return { peer, file: process.env.LOOP_DELAY_FILE, pid: Number(await peer.field('process_id', 'server')) };
}

/** What was seen since the last look. */
async function look({ file, pid }) {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  let text = '';
  await until(LIMIT_MS, async () => {
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      text = '';
    }
    return text !== '';
  });
  return text
    .split(' ')
    .map((figure) => figure.padStart(7))
    .join('');
}

async function measure(sending, loading) {
  const [primary, replica] = [
    await start('primary', { 'repl-diskless-sync': sending }),
    await start('replica', { 'repl-diskless-load': loading }),
  ];
  try {
    await primary.peer.ask('DEBUG', 'POPULATE', KEYS, 'key', VALUE_BYTES);
    if (loading !== 'on-empty-db') await replica.peer.ask('DEBUG', 'POPULATE', KEYS, 'old', VALUE_BYTES);
    await Promise.all([look(primary), look(replica)]);
    await sleep(IDLE_MS);
    const idle = await Promise.all([look(primary), look(replica)]);
    await replica.peer.follow(primary.peer);
    const isUp = async () => (await replica.peer.field('master_link_status', 'replication')) === 'up';
    await until(LIMIT_MS, isUp);
    await sleep(AFTER_MS);
    const busy = await Promise.all([look(primary), look(replica)]);
    console.log(`${sending.padEnd(8)} ${loading.padEnd(12)} ${busy.join('   ')}     ${idle.join('   ')}`);
  } finally {
    await Promise.all([primary.peer.stop(), replica.peer.stop()]);
  }
}

try {
  console.log('diskless              primary: max   p99.9     gc    cpu   replica                      idle: the same');
  console.log('sync     load');
  for (const [sending, loading] of WAYS) await measure(sending, loading);
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
