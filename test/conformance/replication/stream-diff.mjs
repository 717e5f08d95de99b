/**
 * Random commands to a redis-server and to ours: the same stream to their replicas?
 *
 *   node test/conformance/replication/stream-diff.mjs [--cases 100] [--length 300] [--seed 1] [--mortal]
 *
 * What may be said is that of the differential run (../differential). No key dies meanwhile. With `--mortal` many do,
 * between two groups of commands: within one, two clocks would see them die at different places. (Two streams that once
 * differed by a few commands, and were not replayed, did so for that reason: with deaths at any moment, as many cases
 * differ as not; with deaths between groups, none.) Moments in the stream may differ by what a busy machine lets pass.
 * Ends with `N passed, N failed`, where N counts cases; what was too slow to tell counts for neither.
 */
import { parseArgs } from 'node:util';
import { stopAll } from '../../../bench/servers.mjs';
import { LINES, POOLS } from '../differential/commands.mjs';
import { makeRequest, parseLine, Random } from '../differential/grammar.mjs';
import { Listener } from '../../golden/propagation/listener.mjs';
import { until } from '../cluster/checks.mjs';
import { encode, Peer } from './servers.mjs';

const CONFIG = { 'repl-diskless-sync': 'no', 'repl-timeout': '3600' };
const CLOCKS_MS = 3000;
const PATIENCE_MS = 20_000;
const SHOWN = 15;
const AROUND = 4;
/** Said before each request, so that the stream tells which one is to blame. */
const BEFORE = 'before request';
const CLOCK_TICK_MS = 150;
/** Behind each piece: a transaction, or another protocol, would hide where the replies end. */
const CLEAN = [encode('DISCARD'), encode('HELLO', '2')];
/** Of `--mortal`: commands in a group, the life of its keys, and the time in which it must be through. */
const GROUP = 30;
const LIFE_MS = 500;
const IN_TIME_MS = 350;
const MORTAL_LINES = [
  '(PEXPIRE key | PEXPIRE string) life',
  'SET string value PX life',
  'GETEX string PX life',
  'PSETEX string life value',
  '(PEXPIRE key | PEXPIRE list | PEXPIRE hash | PEXPIRE zset | PEXPIRE set) life',
];
const MORTAL_POOLS = { life: () => Buffer.from(String(LIFE_MS)) };

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '100' },
    length: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    mortal: { type: 'boolean', default: false },
  },
});

/** Of `--mortal` not: who meets dead keys by chance, or in the order of a table, and WATCH, which removes them here. */
const UNSTEADY = /^(RANDOMKEY|SCAN|KEYS|WATCH)\b/;
const STEADY_LINES = options.mortal ? LINES.filter((line) => !UNSTEADY.test(line)) : LINES;
const trees = [...STEADY_LINES, ...(options.mortal ? [...MORTAL_LINES, ...MORTAL_LINES, ...MORTAL_LINES] : [])].map(
  parseLine,
);
const pools = { ...POOLS, ...MORTAL_POOLS };

function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(what)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function commandsIn(bytes) {
  const commands = [];
  for (let at = 0; at < bytes.length; ) {
    const number = () => {
      const end = bytes.indexOf('\r\n', at);
      const n = Number(bytes.toString('latin1', at + 1, end));
      at = end + 2;
      return n;
    };
    const words = [];
    for (let count = number(); count > 0; count--) {
      const length = number();
      words.push(bytes.toString('latin1', at, at + length));
      at += length + 2;
    }
    commands.push(words);
  }
  return commands;
}

function areAlike(a, b) {
  return a?.length === b?.length && a.every((word, i) => word === b[i] || areNear(word, b[i]));
}

function areNear(a, b) {
  return /^\d{13,19}$/.test(a) && /^\d{13,19}$/.test(b) && Math.abs(Number(a) - Number(b)) <= CLOCKS_MS;
}

const shown = (words) =>
  words === undefined ? '(the end)' : JSON.stringify(words.map((word) => word.slice(0, 60))).slice(0, 400);

class Side {
  static async of(peer) {
    const side = new Side();
    side.peer = peer;
    side.listener = await inTime(Listener.attach(peer.port), 'no snapshot');
    return side;
  }

  async run(requests, seed) {
    const mark = ['SET', `mark-${seed}`, 'x'];
    const size = options.mortal ? GROUP : requests.length;
    let slowestMs = 0;
    for (let at = 0; at < requests.length; at += size) {
      const since = performance.now();
      await this.peer.send(Buffer.concat([...requests.slice(at, at + size), ...CLEAN]));
      slowestMs = Math.max(slowestMs, performance.now() - since);
      if (options.mortal) await new Promise((done) => setTimeout(done, LIFE_MS + CLOCK_TICK_MS));
    }
    await this.peer.ask('RESET');
    await this.peer.ask('SELECT', '15');
    await this.peer.ask(...mark);
    const stream = await inTime(this.listener.take(encode(...mark)), `no ${mark[1]} in the stream`);
    await this.peer.ask('SELECT', '0');
    return { commands: commandsIn(stream), slowestMs };
  }
}

let passed = 0;
let failed = 0;

async function runCase(sides, seed) {
  const random = new Random(seed);
  const made = Array.from({ length: Number(options.length) }, () => makeRequest(random.pick(trees), random, pools));
  const requests = [['FLUSHALL'], ...made].map((args, i) =>
    Buffer.concat([encode('PUBLISH', BEFORE, String(i)), encode(...args.map((arg) => arg.toString('latin1')))]),
  );
  const [real, own] = await Promise.all(sides.map((side) => side.run(requests, seed)));
  if (options.mortal && Math.max(real.slowestMs, own.slowestMs) > IN_TIME_MS) return;
  const [theirs, ours] = [real.commands, own.commands];
  const at = theirs.findIndex((words, i) => !areAlike(words, ours[i]));
  if (at < 0 && theirs.length === ours.length) return void passed++;
  failed++;
  if (failed > SHOWN) return;
  const place = at < 0 ? theirs.length : at;
  const [, , number] = theirs.slice(0, place).findLast(([name, to]) => name === 'PUBLISH' && to === BEFORE) ?? [];
  const said = made.slice(Math.max(0, number - 1), Number(number) + 1).map((args) => shown(args.map(String)));
  console.log(`\nseed ${seed}: the streams part at ${said.join(' or ')}`);
  for (let i = Math.max(0, place - AROUND); i < place; i++) console.log(`        ${shown(theirs[i])}`);
  for (let i = place; i < place + AROUND; i++) {
    console.log(`  redis ${shown(theirs[i])}`);
    console.log(`  ours  ${shown(ours[i])}`);
  }
}

try {
  const peers = await Promise.all(['real', 'ours'].map((kind) => Peer.start(kind, CONFIG)));
  for (const peer of peers) await peer.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
  const sides = await Promise.all(peers.map(Side.of));
  for (const peer of peers)
    await until(PATIENCE_MS, async () => (await peer.field('slave0', 'replication')).includes('online'));
  for (let i = 0; i < Number(options.cases); i++) await runCase(sides, Number(options.seed) + i);
  console.log(`${passed} passed, ${failed} failed`);
} finally {
  await stopAll();
}
process.exitCode = failed === 0 ? 0 : 1;
process.exit();
