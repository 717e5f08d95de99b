/** How strangers become a cluster: by MEET, by gossip, and under every order of events the seeds bring. */

import { expect, test } from 'vitest';
import { World } from './stage/mini-world.js';
import {
  accept,
  agree,
  follow,
  giveShares,
  knows,
  meetInAChain,
  NODE_TIMEOUT,
  numberEpochs,
  PRIMARIES,
  picture,
  SEEDS,
  SIX,
  sixNodes,
  storyOf,
} from './stage/scenes.js';

test('story 1: two nodes meet, and a third comes to know both', async () => {
  const world = new World(7, { nodeTimeoutMs: NODE_TIMEOUT });
  world.showHeartbeats = true;
  for (const port of PRIMARIES) world.addNode(port);
  world.meet(7001, 7002);
  world.run(500);
  world.meet(7002, 7003);
  world.run(900);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/01-meet-and-handshake.txt');
});

test.each(SEEDS)('seed %i: six nodes met in a chain agree on slots, roles and epochs', (seed) => {
  const world = sixNodes(seed);
  expect(picture(world, 7006)).toBe(
    [
      '7001 primary - 1 ok 0-5460',
      '7002 primary - 2 ok 5461-10922',
      '7003 primary - 3 ok 10923-16383',
      '7004 replica 7001 1 ok',
      '7005 replica 7002 2 ok',
      '7006 replica 7003 3 ok',
    ].join('\n'),
  );
});

test.each(SEEDS)('seed %i: nodes that all start in epoch 0 end up in different ones', (seed) => {
  const world = new World(seed, { nodeTimeoutMs: NODE_TIMEOUT });
  for (const port of SIX) world.addNode(port);
  giveShares(world);
  meetInAChain(world, SIX);
  world.run(8000);
  const epochs = world.view(7004).nodes.map((node) => node.configEpoch);
  expect(new Set(epochs).size).toBe(SIX.length);
  expect(agree(world, SIX)).toBe(true);
});

test.each(SEEDS)('seed %i: nodes without a past that all meet each other serve within half a second', (seed) => {
  const world = new World(seed, { nodeTimeoutMs: 15_000 });
  for (const port of SIX) world.addNewNode(port);
  giveShares(world);
  numberEpochs(world, SIX);
  for (const one of SIX) for (const other of SIX) if (one < other) world.meet(one, other);
  expect(world.runUntil(() => agree(world, SIX), 500)).toBe(true);
});

test('a replica is taken in only when it has nothing of its own', () => {
  const world = new World(1, { nodeTimeoutMs: NODE_TIMEOUT });
  for (const port of SIX) world.addNode(port);
  giveShares(world);
  meetInAChain(world, SIX);
  world.runUntil(() => knows(world, 7001, 6), 5000);
  const nodeId = world.view(7002).myId;
  expect(world.order(7001, { name: 'REPLICATE', nodeId, holdsKeys: false })).toEqual({
    ok: false,
    refusal: { why: 'replicate-with-data' },
  });
  accept(world.order(7004, { name: 'REPLICATE', nodeId, holdsKeys: false }));
  follow(world, 7004, 7001); // a replica may change its mind
});

test('a handshake with nobody is given up after the node timeout', () => {
  const world = new World(3, { nodeTimeoutMs: NODE_TIMEOUT });
  world.addNode(7001);
  world.addNode(7002);
  world.kill(7002);
  world.meet(7001, 7002);
  world.run(1500);
  expect(world.view(7001).nodes.map((node) => node.inHandshake)).toEqual([false, true]);
  world.run(1000);
  expect(world.view(7001).nodes).toHaveLength(1);
});

test('a node that meets itself stays alone, and learns its address', () => {
  const world = new World(4, { nodeTimeoutMs: NODE_TIMEOUT });
  world.addNode(7001);
  world.meet(7001, 7001);
  world.run(1000);
  expect(world.view(7001).nodes).toMatchObject([{ address: { ip: '127.0.0.1', port: 7001 } }]);
});

test('the same seed tells the same story', () => {
  const tell = (): string => {
    const world = new World(5, { nodeTimeoutMs: NODE_TIMEOUT });
    world.showHeartbeats = true;
    for (const port of PRIMARIES) world.addNode(port);
    meetInAChain(world, PRIMARIES);
    world.run(3000);
    return storyOf(world);
  };
  expect(tell()).toBe(tell());
});
