/** What a replica's data is worth in an election: never synced, of another shard, of the primary before. */

import { expect, test } from 'vitest';
import type { World } from '../stage/mini-world.js';
import { accept, follow, healthOf, FEW_SEEDS, sixNodes, storyOf } from '../stage/scenes.js';

/** 7005 was told to follow 7001, and cannot get its data: it still has the much longer history of 7002. */
function withForeignData(seed: number): World {
  const world = sixNodes(seed);
  for (const key of 'abc') world.writeKey(7001, key);
  for (const key of 'defghijklm') world.writeKey(7002, key);
  world.run(1500);
  world.copy(7005).held = true;
  follow(world, 7005, 7001);
  world.run(3000);
  return world;
}

test.each(FEW_SEEDS)('seed %i: who holds another history does not beat who has the data', (seed) => {
  const world = withForeignData(seed);
  expect(world.copy(7005).offset).toBeGreaterThan(world.copy(7004).offset);
  world.kill(7001);
  expect(world.runUntil(() => world.cluster(7004).role === 'primary', 10_000)).toBe(true);
  expect(world.copy(7004).writes.join('')).toBe('abc');
});

test('who was never in step is not elected, even alone', () => {
  const world = withForeignData(1);
  world.kill(7004);
  world.kill(7001);
  expect(world.runUntil(() => healthOf(world, 7005, 7001) === 'failed', 10_000)).toBe(true);
  world.run(15_000);
  expect(world.cluster(7005).role).toBe('replica');
  expect(world.cluster(7005).explain(world.clocks()).join()).toContain('I have never had the data of my primary');
  expect(storyOf(world)).toContain('Currently unable to failover: Disconnected from master for longer than allowed.');
});

test('a validity factor of 0 lets anybody stand, behind those with data', () => {
  const world = withForeignData(2);
  world.configure(7005, { replicaValidityFactor: 0 });
  world.kill(7001);
  expect(world.runUntil(() => world.cluster(7004).role === 'primary', 10_000)).toBe(true);
  world.kill(7004); // 7005 is alone now
  world.copy(7005).held = true;
  expect(world.runUntil(() => world.cluster(7005).role === 'primary', 20_000)).toBe(true);
});

test('a replica whose new primary fails before the first sync still has the data of the shard', () => {
  const world = sixNodes(3);
  follow(world, 7005, 7001);
  for (const key of 'abc') world.writeKey(7001, key);
  world.run(3000);
  world.kill(7001);
  world.onStep = (port, effects) => {
    const won = port !== 7001 && effects.some((effect) => effect.kind === 'RoleChanged' && effect.role === 'primary');
    if (won) for (const other of [7004, 7005]) if (other !== port) world.copy(other).held = true;
  };
  expect(world.runUntil(() => [7004, 7005].some((port) => world.cluster(port).role === 'primary'), 10_000)).toBe(true);
  world.run(1000);
  const winner = world.cluster(7004).role === 'primary' ? 7004 : 7005;
  const other = winner === 7004 ? 7005 : 7004;
  expect(world.cluster(other).explain(world.clocks()).join()).toContain('my primary is not marked FAIL');
  world.kill(winner);
  expect(world.runUntil(() => world.cluster(other).role === 'primary', 15_000)).toBe(true);
  expect(world.copy(other).writes.join('')).toBe('abc');
});

test('a failover by order waits until the data is in step', () => {
  const world = withForeignData(4);
  accept(world.order(7005, { name: 'FAILOVER', how: 'agreed' }));
  world.run(3000);
  expect(world.cluster(7005).role).toBe('replica');
  expect(storyOf(world)).toContain('7001  PAUSE writes');
});
