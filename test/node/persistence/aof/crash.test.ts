/**
 * Power fails, or the process dies, at each I/O step of an append-only file: while it is begun, written, rewritten,
 * turned on. What is left loads to a dataset between what was acknowledged and what was asked, never to a mix.
 */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/sim/random.js';
import { Disk } from '../../../../src/sim/world/disk.js';
import { Life, numberAt, startsOn } from './one-life.js';
import type { LogServer } from './server-with-log.js';

const SEEDS = 2;

/** Says INCR n as often as the plan has a number, and all else as it stands. */
const PLAN = ['3', 'BGREWRITEAOF', '2', 'pass', '2', 'BGREWRITEAOF', 'pass', '1'];

interface Outcome {
  /** The highest number that was answered, and the highest that was asked for. */
  readonly acknowledged: number;
  readonly asked: number;
  readonly found: number;
  readonly steps: number;
}

function perform(server: LogServer, counts: { acknowledged: number; asked: number }): void {
  for (const order of PLAN) {
    if (order === 'pass') server.pass(200);
    else if (order.startsWith('B')) server.say(order);
    else
      for (let i = Number(order); i > 0; i--) {
        counts.asked++;
        const reply = server.say('INCR n');
        if (reply.startsWith(':')) counts.acknowledged = Number(reply.slice(1));
      }
  }
}

/** Runs the plan up to an I/O step, and starts anew on what is left. */
function crashAt(step: number, seed: number, conf: readonly string[], takesPower: boolean): Outcome {
  const disk = new Disk(new Random(seed, 1));
  const counts = { acknowledged: 0, asked: 0 };
  const life = new Life(step);
  life.spend(conf, disk, (server) => perform(server, counts));
  if (takesPower) disk.losePower();
  const next = startsOn(disk, conf);
  expect(next.log.join('\n')).not.toContain('FATAL');
  return { ...counts, found: numberAt((line) => next.say(line), 'n'), steps: life.steps };
}

const stepsOf = (conf: readonly string[]): number => crashAt(Number.POSITIVE_INFINITY, 0, conf, false).steps;

const ALWAYS = ['appendfsync always'];

describe.each<[string, readonly string[]]>([
  ['RDB', ALWAYS],
  ['commands', [...ALWAYS, 'aof-use-rdb-preamble no']],
])('always, with a base of %s', (_, conf) => {
  const steps = stepsOf(conf);

  test('the process is killed at any step', () => {
    for (let step = 1; step <= steps; step++) {
      const { acknowledged, asked, found } = crashAt(step, 0, conf, false);
      expect(found, `step ${step}`).toBeGreaterThanOrEqual(acknowledged);
      expect(found, `step ${step}`).toBeLessThanOrEqual(asked);
    }
  });

  test('power fails at any step', () => {
    for (let step = 1; step <= steps; step++)
      for (let seed = 0; seed < SEEDS; seed++) {
        const { acknowledged, asked, found } = crashAt(step, seed, conf, true);
        expect(found, `step ${step}, seed ${seed}`).toBeGreaterThanOrEqual(acknowledged);
        expect(found, `step ${step}, seed ${seed}`).toBeLessThanOrEqual(asked);
      }
  });
});

test('everysec: power leaves a beginning of what was done', () => {
  const steps = stepsOf([]);
  for (let step = 1; step <= steps; step++) {
    const { asked, found } = crashAt(step, step, [], true);
    expect(found).toBeLessThanOrEqual(asked);
  }
});
