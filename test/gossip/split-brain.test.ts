/** The network is cut in two, and both halves have a primary for some slots: for how long, and who gives way. */

import { expect, test } from 'vitest';
import type { World } from './stage/mini-world.js';
import { agree, FEW_SEEDS, isOk, NODE_TIMEOUT, SIX, sixNodes, storyOf } from './stage/scenes.js';

const MINORITY = [7001, 7005];
const MAJORITY = SIX.filter((port) => !MINORITY.includes(port));

/** When each side took a write for a slot of 7001's shard, as long as the cut lasts. */
function writesWhileCut(world: World, ms: number): { old: number[]; heir: number[] } {
  const taken = { old: [] as number[], heir: [] as number[] };
  for (let at = 0; at < ms; at += 20) {
    if (world.writeKey(7001, `old${at}`)) taken.old.push(at);
    if (world.writeKey(7004, `heir${at}`)) taken.heir.push(at);
    world.run(20);
  }
  return taken;
}

test.each(FEW_SEEDS)('seed %i: the minority stops in time, and never do both sides write after that', (seed) => {
  const world = sixNodes(seed);
  world.divide(MINORITY, MAJORITY);
  const { old, heir } = writesWhileCut(world, 10_000);
  expect(old.at(-1)).toBeLessThanOrEqual(NODE_TIMEOUT * 1.5 + 200); // the last contact was before the cut
  expect(heir[0]).toBeGreaterThan(old.at(-1)!);
  world.heal();
  const after = writesWhileCut(world, 4000);
  expect(after.old).toEqual([]);
  expect(world.runUntil(() => agree(world, SIX), 10_000)).toBe(true);
  world.run(500);
  // What the minority took in its window is gone, and nothing else.
  expect(world.copy(7001).writes).toEqual(world.copy(7004).writes);
  expect(world.copy(7004).writes.filter((key) => key.startsWith('heir'))).toHaveLength(heir.length + after.heir.length);
});

test('story 10: a split brain, and how it ends', async () => {
  const world = sixNodes(4);
  const write = (port: number, key: string) =>
    world.note(port, `a client writes ${key}: ${world.writeKey(port, key) ? 'taken' : 'refused'}`);
  write(7001, 'a');
  world.run(500);
  world.divide(MINORITY, MAJORITY);
  world.run(1000);
  write(7001, 'b, which is going to be lost');
  world.runUntil(() => !isOk(world, 7001), 5000);
  write(7001, 'c');
  world.ask('why not?', 7001);
  world.runUntil(() => world.cluster(7004).role === 'primary', 8000);
  write(7004, 'd');
  world.run(1000);
  world.heal();
  world.run(600);
  write(7001, 'e');
  world.runUntil(() => agree(world, SIX), 8000);
  world.run(300);
  world.note(7001, `has now: ${world.copy(7001).writes.join(', ')}`);
  expect(world.copy(7001).writes).toEqual(['a', 'd']);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/10-split-brain.txt');
});
