/** Known bugs about epochs and votes, each replayed: the number is that of the list of reports. */

import { expect, test } from 'vitest';
import { idOf } from '../stage/lone-node.js';
import type { World } from '../stage/mini-world.js';
import { accept, agree, follow, healthOf, NODE_TIMEOUT, FEW_SEEDS, SIX, sixNodes, storyOf } from '../stage/scenes.js';

test.each(FEW_SEEDS)(
  '5, seed %i: after CLUSTER FAILOVER all have one view of all epochs, replicas too (redis #4335)',
  (seed) => {
    const world = sixNodes(seed);
    accept(world.order(7004, { name: 'FAILOVER', how: 'agreed' }));
    expect(world.runUntil(() => world.cluster(7004).role === 'primary', 3000)).toBe(true);
    world.run(4000);
    expect(agree(world, SIX)).toBe(true);
    const epochs = SIX.map((port) =>
      world
        .view(port)
        .nodes.map(({ id, configEpoch }) => `${id} ${configEpoch}`)
        .sort(),
    );
    for (const seen of epochs) expect(seen).toEqual(epochs[0]);
  },
);

test.each(FEW_SEEDS)(
  '6, seed %i: two primaries die at once, and both are replaced soon (redis #5857, valkey #1018)',
  (seed) => {
    const world = fivePrimaries(seed);
    world.kill(7001);
    world.kill(7002);
    const both = () => world.cluster(7004).role === 'primary' && world.cluster(7005).role === 'primary';
    expect(world.runUntil(both, NODE_TIMEOUT * 1.5 + 4000)).toBe(true);
    const epochs = [...storyOf(world).matchAll(/Starting a failover election for epoch (\d+)/g)].map(
      ([, epoch]) => epoch,
    );
    expect(new Set(epochs).size).toBe(epochs.length);
  },
);

/** A candidate that has missed its primary's last change of epoch: nobody votes for its old claim. */
function withStaleReplica(seed: number): World {
  const world = sixNodes(seed);
  world.writeKey(7001, 'a');
  world.run(1500);
  world.divide(
    [7004],
    SIX.filter((port) => port !== 7004),
  );
  for (let i = 0; i < 3; i++) {
    accept(world.order(7002, { name: 'BUMPEPOCH' }));
    accept(world.order(7001, { name: 'BUMPEPOCH' }));
    world.run(300);
  }
  world.kill(7001);
  world.run(200);
  world.heal();
  return world;
}

test.each(FEW_SEEDS)(
  '7, seed %i: a replica with an outdated claim is told, and wins in the same epoch (redis #9548)',
  (seed) => {
    const world = withStaleReplica(seed);
    expect(world.runUntil(() => world.cluster(7004).role === 'primary', NODE_TIMEOUT * 2 + 4000)).toBe(true);
    expect(world.runUntil(() => agree(world, SIX.slice(1)), 8000) || healthOf(world, 7002, 7001) === 'failed').toBe(
      true,
    );
  },
);

test('8: votes of one failover do not count for the next (redis #8753)', () => {
  const world = sixNodes(1);
  accept(world.order(7004, { name: 'FAILOVER', how: 'agreed' }));
  world.run(3000);
  expect(world.cluster(7004).role).toBe('primary');
  accept(world.order(7001, { name: 'FAILOVER', how: 'agreed' }));
  world.run(3000);
  expect(world.cluster(7001).role).toBe('primary');
  // Now 7004, whose three votes of before would be enough, without anybody to vote.
  world.run(NODE_TIMEOUT * 2);
  world.divide([7004], [7002, 7003]);
  accept(world.order(7004, { name: 'FAILOVER', how: 'forced' }));
  world.run(2000);
  expect(world.cluster(7004).role).toBe('replica');
  expect(world.cluster(7004).explain(world.clocks()).join()).toMatch(/I have [01] of 2 votes/);
});

function fivePrimaries(seed: number): World {
  const world = sixNodes(seed);
  for (const port of [7008, 7009]) world.addNode(port);
  world.meet(7008, 7003);
  world.meet(7009, 7003);
  world.run(3000);
  for (const [slot, port] of [
    [10_923, 7008],
    [10_924, 7009],
  ] as const) {
    for (const at of [port, 7003]) {
      accept(world.order(at, { name: 'SETSLOT', slot, move: { to: 'node', nodeId: idOf(port), keysInSlot: 0 } }));
    }
    accept(world.order(port, { name: 'BUMPEPOCH' }));
  }
  follow(world, 7006, 7003);
  expect(world.runUntil(() => agree(world, [...SIX, 7008, 7009]), 10_000)).toBe(true);
  world.story.length = 0;
  return world;
}
