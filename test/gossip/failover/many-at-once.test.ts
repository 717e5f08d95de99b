/** Half of all primaries die in the same moment: their replicas go one after the other, and nobody waits for long. */

import { expect, test } from 'vitest';
import { bigCluster } from '../stage/big-cluster.js';
import { FEW_SEEDS, isOk, storyOf } from '../stage/scenes.js';

/** `SHARDS=128 npx vitest run test/gossip/failover/many-at-once` for the size of the known report. */
const SHARDS = Number(process.env.SHARDS ?? 10);
const NODE_TIMEOUT = 5000;

test.each(FEW_SEEDS)(
  'seed %i: all shards are served again, each after one election',
  (seed) => {
    const { world, primaries, replicas } = bigCluster(seed, SHARDS, NODE_TIMEOUT);
    expect(world.runUntil(() => [...primaries, ...replicas].every((port) => isOk(world, port)), 20_000)).toBe(true);
    const dying = primaries.filter((_, i) => i % 2 === 0).slice(0, Math.ceil(SHARDS / 2) - 1);
    const living = [...primaries.filter((port) => !dying.includes(port)), ...replicas];
    for (const port of primaries) world.writeKey(port, 'k');
    world.run(1500);
    world.story.length = 0;
    const before = world.clocks().nowMs;
    for (const port of dying) world.kill(port);
    const wins = () => storyOf(world).match(/Failover election won/g)?.length ?? 0;
    const isServed = () => wins() >= dying.length && living.every((port) => isOk(world, port));
    expect(world.runUntil(isServed, 120_000), `${wins()} of ${dying.length} won`).toBe(true);
    const tookMs = world.clocks().nowMs - before;
    const elections = storyOf(world).match(/Starting a failover election/g)?.length ?? 0;
    expect(wins()).toBe(dying.length);
    if (process.env.SHARDS) console.log({ seed, tookMs, elections, dying: dying.length });
    expect(elections).toBeLessThanOrEqual(dying.length + 1);
    expect(tookMs).toBeLessThan(NODE_TIMEOUT * 1.5 + 2000 + dying.length * 500);
  },
  3_000_000,
);
