/**
 * The process dies, or power fails, at each I/O step of a history of transactions; what a start makes of the rest is
 * the result of the first k of them, whole. k is no less than what the setting promised, and what is written behind it
 * is there at the next start as well. So it is while the log is written, rewritten, turned on, turned off, taken over
 * from an old version, and while a start after a crash is cut short by another one.
 */
import { afterAll, expect, test } from 'vitest';
import { Random } from '../../../../src/sim/random.js';
import { Disk } from '../../../../src/sim/world/disk.js';
import type { TestConnection } from '../../../support/lone-node.js';
import { tries } from '../../../support/tries.js';
import { Life, numberAt, startsOn } from './one-life.js';
import { type LogServer, written } from './server-with-log.js';

/** Fewer databases start faster. */
const SMALL = ['databases 4'];

const SEEDS = 4;
/** Of each scenario, spread over all its crashes; SEXTET_CRASHES=10000 tries all of them, and says how many. */
const STATES = Number(process.env.SEXTET_CRASHES ?? tries(8));
let states = 0;
afterAll(() => process.env.SEXTET_CRASHES && console.log(`${states} crash states`));

/** Transaction i, in words. All of it or nothing must be found. */
const transaction = (i: number): string[] => [
  'MULTI',
  'INCR n',
  `RPUSH l ${i}`,
  `HSET h f${i} ${'v'.repeat(40)}`,
  'SELECT 3',
  `SADD s ${i}`,
  'SELECT 0',
  'EXEC',
];

/** What is known outside of how far the history got. */
class Witness {
  acknowledged = 0;
  /** How many were acknowledged when, and how many there are in any case. */
  readonly times: [atMs: number, acknowledged: number][] = [];
  floor = 0;

  /** `asked`: so many were there before. */
  constructor(
    public asked: number,
    private readonly life: Life,
  ) {}

  perform(server: LogServer, client: TestConnection): void {
    const i = ++this.asked;
    const reply = transaction(i)
      .map((line) => client.say(line))
      .join('');
    this.life.goOn();
    expect(reply).toContain(`:${i}\r\n`);
    this.acknowledged = i;
    this.times.push([server.host.nowMs, i]);
  }

  acknowledgedUntil(ms: number): number {
    return this.times.findLast(([atMs]) => atMs <= ms)?.[1] ?? 0;
  }
}

/** How many transactions a server has; fails where it has a mix. */
function found(server: LogServer): number {
  const client = server.connect();
  const k = numberAt((line) => client.say(line), 'n');
  const list = client
    .say('LRANGE l 0 -1')
    .split('\r\n')
    .filter((_, i) => i > 0 && i % 2 === 0);
  expect(list).toEqual(Array.from({ length: k }, (_, i) => String(i + 1)));
  expect(client.say('HLEN h')).toBe(`:${k}\r\n`);
  expect(client.say('SELECT 3')).toBe('+OK\r\n');
  expect(client.say('SCARD s')).toBe(`:${k}\r\n`);
  return k;
}

type History = (server: LogServer, witness: Witness) => void;

/** Orders: a number of transactions, a while in ms (`200ms`), or a command. */
function history(...orders: readonly (number | string)[]): History {
  return (server, witness) => {
    const client = server.connect();
    for (const order of orders) {
      if (typeof order === 'number') for (let i = 0; i < order; i++) witness.perform(server, client);
      else if (order.endsWith('ms')) server.pass(Number(order.slice(0, -2)));
      else if (order === 'kept') witness.floor = witness.acknowledged;
      else client.say(order);
    }
  };
}

interface Scenario {
  readonly conf: readonly string[];
  readonly history: History;
  /** What is on the disk before, and how many transactions that is. */
  readonly already?: number;
  readonly before?: (disk: Disk) => void;
  /** The configuration of the starts that follow, where it is another one. */
  readonly later?: readonly string[];
  /** How many transactions must be there, given what is known and when it happened. */
  readonly atLeast: (witness: Witness, crashedAtMs: number, how: How) => number;
}

type How = 'killed' | 'power';

/** Runs until the step; what is left on the disk. */
function runTo(step: number, disk: Disk, scenario: Scenario): Run {
  const life = new Life(step);
  const witness = new Witness(scenario.already ?? 0, life);
  life.spend([...scenario.conf, ...SMALL], disk, (server) => scenario.history(server, witness));
  return { witness, life };
}

interface Run {
  readonly witness: Witness;
  readonly life: Life;
}

const stepsOf = (scenario: Scenario): number => {
  const disk = new Disk(new Random(0, 1));
  scenario.before?.(disk);
  return runTo(Number.POSITIVE_INFINITY, disk, scenario).life.steps;
};

/** A crash at a step, and perhaps another one at a step of the start behind it. */
function crash(scenario: Scenario, how: How, step: number, seed: number, again: number | null): void {
  const disk = new Disk(new Random(seed, step));
  scenario.before?.(disk);
  const { witness, life } = runTo(step, disk, scenario);
  if (how === 'power') disk.losePower();
  const conf = scenario.later ?? scenario.conf;
  const starts = (): LogServer => startsOn(disk, [...conf, ...SMALL]);
  if (again !== null) {
    runTo(again, disk, { ...scenario, conf, history: () => {} });
    if (how === 'power') disk.losePower();
  }
  states++;
  const server = starts();
  const k = found(server);
  const where = `${how} at step ${step}, seed ${seed}, again ${again}`;
  expect(k, where).toBeLessThanOrEqual(witness.asked);
  expect(k, where).toBeGreaterThanOrEqual(scenario.atLeast(witness, life.atMs, how));
  new Witness(k, new Life(Number.POSITIVE_INFINITY)).perform(server, server.connect());
  server.pass(2500);
  if (how === 'power' && !conf.includes('appendfsync no')) disk.losePower();
  expect(found(starts()), `${where}, and another start`).toBe(k + 1);
}

const acknowledged: Scenario['atLeast'] = (witness) => witness.acknowledged;
/** While a sync is under way a write waits, though its reply does not: so it is when the process is killed, too. */
const untilTwoSecondsAgo: Scenario['atLeast'] = (witness, atMs) => witness.acknowledgedUntil(atMs - 2000);
const kept: Scenario['atLeast'] = (witness) => witness.floor;

const WRITTEN = history(2, 'BGREWRITEAOF', 2, '200ms', 2, 'BGREWRITEAOF', '200ms', 1);
const SLOWLY = history(1, '700ms', 2, '700ms', 1, 'BGREWRITEAOF', '900ms', 2, '1500ms', 1, '600ms', 1, '900ms');
const TURNED_ON = history(2, 'CONFIG SET appendonly yes', 2, '300ms', 'kept', 1);
const TURNED_OFF_AND_ON = history(
  ...[2, 'kept', 'CONFIG SET appendonly no', 2, 'CONFIG SET appendonly yes', 1, '300ms', 'kept', 1],
);
const OLD_FILE = [1, 2, 3].flatMap((i) => transaction(i).map(written)).join('');

// biome-ignore format: a table
const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['always, bases of RDB',      { conf: ['appendfsync always'], history: WRITTEN, atLeast: acknowledged }],
  ['always, bases of commands', { conf: ['appendfsync always', 'aof-use-rdb-preamble no', 'aof-timestamp-enabled yes'],
                                  history: WRITTEN, atLeast: acknowledged }],
  ['everysec',                  { conf: ['appendfsync everysec'], history: SLOWLY, atLeast: untilTwoSecondsAgo }],
  ['no',                        { conf: ['appendfsync no'], history: SLOWLY,
                                  atLeast: (witness, _, how) => (how === 'killed' ? witness.acknowledged : 0) }],
  ['turned on',                 { conf: ['appendonly no', 'appendfsync always'], later: ['appendfsync always'],
                                  history: TURNED_ON, atLeast: kept }],
  ['turned off and on',         { conf: ['appendfsync always'],
                                  history: TURNED_OFF_AND_ON,
                                  atLeast: kept }],
  ['of an old version',         { conf: ['appendfsync always'], before: (disk) => oldFile(disk),
                                  already: 3,
                                  history: WRITTEN, atLeast: (witness) => Math.max(3, witness.acknowledged) }],
];

function oldFile(disk: Disk): void {
  disk.replace('appendonly.aof', Buffer.from(OLD_FILE));
  disk.sync('appendonly.aof');
  disk.syncNames();
}

/** All crashes that a scenario has. */
function crashes(steps: number): [how: How, step: number, seed: number, again: number | null][] {
  const all: ReturnType<typeof crashes> = [];
  for (let step = 1; step <= steps; step++) {
    all.push(['killed', step, 0, null]);
    for (let seed = 0; seed < SEEDS; seed++) all.push(['power', step, seed, null]);
    for (const again of [1, 2, 3, 5, 8]) all.push([step % 2 === 0 ? 'killed' : 'power', step, again, again]);
  }
  return all;
}

test.each(SCENARIOS)(
  '%s',
  (_, scenario) => {
    const all = crashes(stepsOf(scenario));
    const each = Math.max(1, all.length / STATES);
    for (let i = 0; i < all.length; i += each) crash(scenario, ...(all[Math.floor(i)] as (typeof all)[number]));
    expect(all.length).toBeGreaterThan(100);
  },
  3_600_000,
);
