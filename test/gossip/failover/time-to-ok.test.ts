/** Where the time between a death and the heir goes, in virtual time: what is not waited for, step by step. */

import { expect, test } from 'vitest';
import { idOf } from '../stage/lone-node.js';
import type { World } from '../stage/mini-world.js';
import { healthOf, isOk, NODE_TIMEOUT, SEEDS, SIX, sixNodes } from '../stage/scenes.js';

const TICK = 100;
/** A packet of the mini world needs so long at most, in all its pieces. */
const ON_THE_WAY = 50;
const LIVING = SIX.filter((port) => port !== 7002);

interface Times {
  suspectedAt: number; // by the later of the two primaries that live
  failedAt: number; // for the first that marks it
  scheduledAt: number;
  delayMs: number;
  askedAt: number;
  okAt: number; // for the last
}

/** 7002 dies; times count from then. */
function lose7002(seed: number): Times {
  const world = sixNodes(seed);
  for (const port of [7001, 7002, 7003]) world.writeKey(port, 'k');
  world.run(3000 + seed * 137);
  const begun = world.now;
  const suspicions = new Map<number, number>();
  const times: Times = { suspectedAt: 0, failedAt: 0, scheduledAt: 0, delayMs: 0, askedAt: 0, okAt: 0 };
  world.onStep = (port, effects) => {
    const now = world.now - begun;
    if (port < 7004 && healthOf(world, port, 7002) !== 'ok' && !suspicions.has(port)) suspicions.set(port, now);
    for (const effect of effects) {
      if (effect.kind !== 'Log') continue;
      const delay = /^Start of election delayed for (\d+) /.exec(effect.text);
      if (delay !== null) Object.assign(times, { scheduledAt: now, delayMs: Number(delay[1]) });
      if (effect.text.startsWith('Marking node')) times.failedAt ||= now;
      if (effect.text.startsWith('Starting a failover')) times.askedAt = now;
    }
  };
  world.kill(7002);
  while (!isServed(world) && world.now < begun + 20_000) world.run(1);
  times.suspectedAt = Math.max(...suspicions.values());
  times.okAt = world.now - begun;
  return times;
}

function isServed(world: World): boolean {
  return LIVING.every((port) => isOk(world, port) && world.cluster(port).slots.ownerOf(8000) === idOf(7005));
}

test.each(SEEDS)('seed %i: nobody waits for a heartbeat that comes by chance', (seed) => {
  const { suspectedAt, failedAt, scheduledAt, delayMs, askedAt, okAt } = lose7002(seed);
  expect(suspectedAt, 'a refused connection, found on a tick, starts the clock').toBeLessThanOrEqual(
    NODE_TIMEOUT + 2 * TICK + ON_THE_WAY,
  );
  expect(failedAt - suspectedAt, 'suspicions are told at once').toBeLessThanOrEqual(ON_THE_WAY);
  expect(scheduledAt - failedAt, 'FAIL schedules the election').toBeLessThanOrEqual(ON_THE_WAY);
  expect(askedAt - scheduledAt - delayMs, 'it starts with the next tick').toBeLessThanOrEqual(TICK);
  expect(okAt - askedAt, 'votes, promotion, news').toBeLessThanOrEqual(3 * ON_THE_WAY);
});

test.each(SEEDS)('seed %i: a failover by order needs no tick where the data is complete', (seed) => {
  const world = sixNodes(seed);
  world.run(3000);
  world.writeKey(7001, 'k'); // on its way when the order comes
  const begun = world.now;
  world.order(7004, { name: 'FAILOVER', how: 'agreed' });
  while (world.cluster(7004).role !== 'primary' && world.now < begun + 5000) world.run(1);
  expect(world.now - begun).toBeLessThanOrEqual(4 * ON_THE_WAY - TICK);
});
