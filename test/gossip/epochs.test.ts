/** Epochs: who moves on when two primaries have the same one, and what an operator may make. */

import { expect, test } from 'vitest';
import { mustMoveOn } from '../../src/gossip/epochs.js';
import type { Role } from '../../src/gossip/node-table.js';
import { idOf } from './stage/lone-node.js';
import { World } from './stage/mini-world.js';
import { accept, agree, giveShares, meetInAChain, NODE_TIMEOUT, PRIMARIES, SEEDS, storyOf } from './stage/scenes.js';

const claimant = (id: string, configEpoch: number, role: Role = 'primary') => ({ id, configEpoch, role });

// biome-ignore format: a table
test.each([
  // me                            the other                     I move on
  [claimant('a', 3),               claimant('b', 3),             true],
  [claimant('b', 3),               claimant('a', 3),             false], // the greater id never moves
  [claimant('a', 3),               claimant('b', 4),             false],
  [claimant('a', 0),               claimant('b', 0),             true],  // as all new nodes do
  [claimant('a', 3, 'replica'),    claimant('b', 3),             false], // it only repeats its primary's epoch
  [claimant('a', 3),               claimant('b', 3, 'replica'),  false],
])('%o meets %o: %s', (me, other, moves) => {
  expect(mustMoveOn(me, other)).toBe(moves);
});

function threeInEpochZero(seed: number): World {
  const world = new World(seed, { nodeTimeoutMs: NODE_TIMEOUT });
  for (const port of PRIMARIES) world.addNode(port);
  giveShares(world);
  meetInAChain(world, PRIMARIES);
  return world;
}

test('story 3: three primaries start in epoch 0, and end in three epochs', async () => {
  const world = threeInEpochZero(7);
  world.onStep = (port, effects) => {
    for (const effect of effects) {
      if (effect.kind === 'Log' && effect.level === 'verbose') world.note(port, effect.text);
    }
  };
  world.run(4000);
  expect(agree(world, PRIMARIES)).toBe(true);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/03-epoch-collision.txt');
});

test.each(SEEDS)('seed %i: collisions end, and nobody moves any more', (seed) => {
  const world = threeInEpochZero(seed);
  expect(world.runUntil(() => agree(world, PRIMARIES), 10_000)).toBe(true);
  const epochs = () => PRIMARIES.map((port) => world.view(port).myEpoch);
  const settled = epochs();
  expect(new Set(settled).size).toBe(3);
  world.run(10_000);
  expect(epochs()).toEqual(settled);
});

test('an operator bumps an epoch once: the newest claim stays as it is', () => {
  const world = threeInEpochZero(1);
  world.run(5000);
  const older = PRIMARIES.find((port) => world.view(port).myEpoch < world.view(port).currentEpoch)!;
  const [first, second] = [1, 2].map(() => world.order(older, { name: 'BUMPEPOCH' }));
  const epoch = world.view(older).myEpoch;
  expect([first, second]).toEqual([
    { ok: true, text: `BUMPED ${epoch}` },
    { ok: true, text: `STILL ${epoch}` },
  ]);
  expect(world.view(older).currentEpoch).toBe(epoch);
});

test('an epoch is set by hand only in a node that is alone and has none', () => {
  const world = new World(1, { nodeTimeoutMs: NODE_TIMEOUT });
  for (const port of PRIMARIES) world.addNode(port);
  const set = (port: number, epoch: number) => world.order(port, { name: 'SET-CONFIG-EPOCH', epoch });
  expect(set(7001, -1)).toEqual({ ok: false, refusal: { why: 'epoch-negative', epoch: -1 } });
  accept(set(7001, 5));
  expect(world.view(7001)).toMatchObject({ myEpoch: 5, currentEpoch: 5 });
  expect(set(7001, 6)).toEqual({ ok: false, refusal: { why: 'epoch-already-set' } });
  meetInAChain(world, PRIMARIES);
  world.run(2000);
  expect(set(7002, 6)).toEqual({ ok: false, refusal: { why: 'epoch-among-others' } });
});

test('an epoch that was heard of survives a restart', () => {
  const world = threeInEpochZero(2);
  world.run(5000);
  const before = world.view(7002).currentEpoch;
  world.kill(7002);
  world.restart(7002);
  expect(world.view(7002).currentEpoch).toBe(before);
  expect(world.saved(7002)?.nodes.find((node) => node.id === idOf(7001))?.configEpoch).toBe(world.view(7001).myEpoch);
});
