/**
 * How long a full sync of many keys takes, and what a client feels meanwhile: ours and redis-server in the same run.
 *
 *   node test/conformance/replication/measure.mjs [keys = 2000000]
 *
 * A client asks the primary for keys, one at a time, before and during the sync, and the replica while it loads.
 */
import { Peer } from './servers.mjs';
import { stopAll } from '../../../bench/servers.mjs';
import { dice } from './traffic.mjs';

const KEYS = Number(process.argv[2] ?? 2_000_000);
const VALUE_BYTES = 32;
const CONFIG = { 'repl-timeout': '600', save: '""' };

// biome-ignore format: primary and replica
const PAIRS = [['real', 'real'], ['ours', 'real'], ['real', 'ours'], ['ours', 'ours']];

async function main() {
  console.log(`${KEYS} keys of ${VALUE_BYTES} bytes; times in ms, of one client that asks without a pause\n`);
  console.log(
    'primary  replica  sync s   GET at the primary: p50    p99  p99.9    max   before: p99.9    max   PING at the replica: max',
  );
  for (const [a, b] of PAIRS) await measure(a, b);
}

async function measure(a, b) {
  const [primary, replica] = await Promise.all([Peer.start(a, CONFIG), Peer.start(b, CONFIG)]);
  const [getter, pinger] = await Promise.all([Peer.join(primary), Peer.join(replica)]);
  try {
    await primary.ask('DEBUG', 'POPULATE', String(KEYS), 'key', String(VALUE_BYTES));
    const r = dice(1);
    const get = () => getter.ask('GET', `key:${r(KEYS)}`);
    const before = await feel(get, (at) => at > 3000);
    const begunAt = performance.now();
    let isUp = false;
    await replica.follow(primary);
    const watching = watch(replica, KEYS).then(() => (isUp = true));
    const [during, pings] = await Promise.all([
      feel(get, () => isUp),
      feel(
        () => pinger.ask('PING'),
        () => isUp,
      ),
    ]);
    await watching;
    const seconds = (performance.now() - begunAt) / 1000;
    const row = [
      a.padEnd(8),
      b.padEnd(8),
      seconds.toFixed(2).padStart(6),
      ' '.repeat(20),
      ...[0.5, 0.99, 0.999, 1].map((share) => at(during, share).toFixed(2).padStart(6)),
      ' '.repeat(7),
      ...[0.999, 1].map((share) => at(before, share).toFixed(2).padStart(6)),
      ' '.repeat(20),
      at(pings, 1).toFixed(2).padStart(6),
    ];
    console.log(row.join(' '));
  } finally {
    await Promise.all([primary.stop(), replica.stop()]);
  }
}

/** How long each question took, in order of length. */
async function feel(ask, isOver) {
  const times = [];
  const begunAt = performance.now();
  for (let now = begunAt; !isOver(now - begunAt); ) {
    await ask();
    const then = performance.now();
    times.push(then - now);
    now = then;
  }
  return Float64Array.from(times).sort();
}

function at(times, share) {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

async function watch(replica, keys) {
  for (;;) {
    await new Promise((done) => setTimeout(done, 20));
    const size = await replica.ask('DBSIZE');
    if (size === String(keys) && (await replica.field('master_link_status', 'replication')) === 'up') return;
  }
}

try {
  await main();
} finally {
  await stopAll();
}
