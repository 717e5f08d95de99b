/**
 * A server under writers is killed again and again: what was acknowledged is there when it comes back.
 *
 *    node test/conformance/aof/kills.mjs [--rounds 20] [--fsync always|everysec] [--server ours|real]
 *
 *    writers ── RPUSH list n, a few at a time ──▶ server, BGREWRITEAOF now and then ── kill -9 ──▶ start ──▶ each list
 *
 * Each writer counts upwards in a list of its own. Afterwards a list must be 1, 2, 3 … without a gap, and with `always`
 * as long as was acknowledged, at least. With `everysec` a write waits while a sync runs, so up to two seconds may be
 * missing: the worst is printed. Exit code 0 only if all of it held.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pause, startServer, stopAll } from '../../../bench/servers.mjs';
import { Line } from '../line.mjs';

const WRITERS = 8;
const IN_FLIGHT = 4;
const LEAST_MS = 50;
const MOST_MS = 1500;
const ALLOWED_LOSS_MS = 2000;
const READY_LIMIT_MS = 30_000;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    fsync: { type: 'string', default: 'always' },
    server: { type: 'string', default: 'ours' },
  },
});

/** Counts upwards until its line ends; remembers when each number was acknowledged. */
class Writer {
  constructor(port, name) {
    this.line = new Line(port);
    this.name = name;
    this.acknowledgedAt = [];
    this.next = 1;
    this.ended = Promise.all(Array.from({ length: IN_FLIGHT }, () => this.run()));
  }

  async run() {
    for (;;) {
      const number = this.next++;
      const reply = await this.line.say('RPUSH', this.name, number).catch(() => null);
      if (reply !== number) return;
      this.acknowledgedAt[number] = performance.now();
    }
  }

  get acknowledged() {
    return Math.max(0, this.acknowledgedAt.length - 1);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sextet-kills-'));
const config = {
  appendonly: 'yes',
  appendfsync: options.fsync,
  'auto-aof-rewrite-percentage': '100',
  'auto-aof-rewrite-min-size': '200kb',
  loglevel: 'notice',
};
const start = () => startServer({ kind: options.server, folder, config });

async function untilLoaded(line) {
  for (const limit = performance.now() + READY_LIMIT_MS; performance.now() < limit; await pause(10))
    if ((await line.say('DBSIZE')) >= 0) return;
  throw new Error('it does not come to the end of loading');
}

/** One life of the server; how long ago, when it was killed, the oldest write that is missing was acknowledged. */
async function round(number) {
  const server = await start();
  const operator = new Line(server.port);
  await untilLoaded(operator);
  await operator.say('FLUSHALL');
  const writers = Array.from({ length: WRITERS }, (_, i) => new Writer(server.port, `list:${i}`));
  const life = LEAST_MS + Math.random() * (MOST_MS - LEAST_MS);
  if (number % 2 === 0) setTimeout(() => operator.say('BGREWRITEAOF').catch(() => {}), Math.random() * life);
  await pause(life);
  const killedAt = performance.now();
  process.kill(server.pid, 'SIGKILL');
  await Promise.all(writers.map((writer) => writer.ended));
  operator.end();
  await server.stop();
  return check(writers, killedAt);
}

async function check(writers, killedAt) {
  const server = await start();
  const line = new Line(server.port);
  await untilLoaded(line);
  const outcome = { acknowledged: 0, missing: 0, lossMs: 0, gaps: 0 };
  for (const { name, acknowledged, acknowledgedAt } of writers) {
    const found = await line.say('LRANGE', name, '0', '-1');
    if (found.some((each, i) => Number(each) !== i + 1)) outcome.gaps++;
    outcome.acknowledged += acknowledged;
    if (found.length >= acknowledged) continue;
    outcome.missing += acknowledged - found.length;
    outcome.lossMs = Math.max(outcome.lossMs, killedAt - acknowledgedAt[found.length + 1]);
  }
  line.end();
  process.kill(server.pid, 'SIGKILL'); // what it had loaded is there again as well
  await server.stop();
  return outcome;
}

const total = { acknowledged: 0, missing: 0, lossMs: 0, gaps: 0 };
try {
  for (let number = 1; number <= Number(options.rounds); number++) {
    const { acknowledged, missing, lossMs, gaps } = await round(number);
    total.acknowledged += acknowledged;
    total.missing += missing;
    total.gaps += gaps;
    total.lossMs = Math.max(total.lossMs, lossMs);
    if (missing > 0 || gaps > 0) console.log(`round ${number}: ${missing} missing, ${gaps} lists with gaps`);
  }
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
const { acknowledged, missing, lossMs, gaps } = total;
const isKept = gaps === 0 && (options.fsync === 'always' ? missing === 0 : lossMs <= ALLOWED_LOSS_MS);
console.log(
  `${options.server}, ${options.fsync}: ${options.rounds} kills, ${acknowledged} writes acknowledged, ${missing} missing, ` +
    `the oldest ${(lossMs / 1000).toFixed(3)} s before the kill, ${gaps} lists with gaps`,
);
process.exitCode = isKept ? 0 : 1;
