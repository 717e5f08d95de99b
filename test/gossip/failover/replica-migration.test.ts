/** Replicas that move: the truth table of who goes, then orphans in the mini world. */

import { expect, test } from 'vitest';
import {
  describeNotMigrating,
  judgeMigration,
  type Migration,
} from '../../../src/gossip/failover/replica-migration.js';
import { idOf } from '../stage/lone-node.js';
import type { World } from '../stage/mini-world.js';
import { follow, healthOf, FEW_SEEDS, sixNodes, storyOf } from '../stage/scenes.js';

const FAIR: Migration = {
  myId: 'c',
  isReplica: true,
  isAllowed: true,
  clusterIsOk: true,
  barrier: 1,
  fellows: 2,
  mostFellows: 2,
  firstId: 'c',
  orphan: { id: 'p', forMs: 5001 },
};
const but = (change: Partial<Migration>): Migration => ({ ...FAIR, ...change });

// biome-ignore format: a table
test.each<[string, Migration, string]>([
  // what is special                       facts                                        verdict
  ['nothing',                              FAIR,                                        'go'],
  ['I am a primary',                       but({ isReplica: false }),                   'not-a-replica'],
  ['everybody has a replica',              but({ orphan: null }),                       'nobody-is-orphaned'],
  ['switched off',                         but({ isAllowed: false }),                   'switched-off'],
  ['the cluster is down',                  but({ clusterIsOk: false }),                 'cluster-is-down'],
  ['one replica each at most',             but({ fellows: 1, mostFellows: 1 }),         'nobody-to-spare'],
  ['another primary has more',             but({ mostFellows: 3 }),                     'others-have-more'],
  ['the barrier is two',                   but({ barrier: 2 }),                         'too-few-would-stay'],
  ['the barrier is two, and three work',   but({ barrier: 2, fellows: 3, mostFellows: 3 }), 'go'],
  ['a fellow has a smaller id',            but({ firstId: 'b' }),                       'another-goes'],
  ['orphaned for five seconds',            but({ orphan: { id: 'p', forMs: 5000 } }),   'not-orphaned-for-long'],
])('%s', (_, facts, expected) => {
  const verdict = judgeMigration(facts);
  expect(verdict.go ? 'go' : verdict.because.why).toBe(expected);
  if (!verdict.go) expect(describeNotMigrating(verdict.because)).not.toBe('');
});

function primaryOf(world: World, observer: number, port: number): string | null | undefined {
  return world.view(observer).nodes.find((node) => node.id === idOf(port))?.primaryId;
}

/** 7001 has 7004 and 7005, 7002 has none, as after a loss; 7003 has 7006. */
function withOrphan(seed: number, allowReplicaMigration = true): World {
  const world = sixNodes(seed);
  for (const key of 'abc') world.writeKey(7001, key);
  for (const key of 'xy') world.writeKey(7002, key);
  world.kill(7005); // it was the replica of 7002
  world.run(8000);
  for (const port of [7004, 7006]) world.configure(port, { allowReplicaMigration });
  world.addNode(7007, { allowReplicaMigration });
  world.meet(7007, 7001);
  world.run(2000);
  follow(world, 7007, 7001);
  world.run(1000);
  return world;
}

test.each(FEW_SEEDS)('seed %i: an orphan gets the replica with the smallest id, and its data', (seed) => {
  const world = withOrphan(seed);
  expect(world.runUntil(() => primaryOf(world, 7004, 7004) === idOf(7002), 9000)).toBe(true);
  world.run(2000);
  expect(storyOf(world)).toContain('7004  Migrating to orphaned master ‹7002›');
  expect(storyOf(world)).not.toContain('7007  Migrating');
  expect(world.copy(7004).writes.join('')).toBe('xy');
  for (const port of [7001, 7002, 7003, 7006, 7007]) expect(primaryOf(world, port, 7004)).toBe(idOf(7002));
});

test('story 11: a replica migrates to an orphaned primary', async () => {
  const world = sixNodes(2);
  follow(world, 7005, 7001);
  world.run(3000);
  follow(world, 7005, 7002);
  follow(world, 7006, 7001); // 7003 let its replica go of its own will: nobody owes it another one
  world.run(3000);
  world.story.length = 0;
  world.kill(7005);
  world.runUntil(() => healthOf(world, 7004, 7005) === 'failed', 6000);
  world.ask('who goes?', 7004, 7006);
  world.run(7000);
  await expect(storyOf(world)).toMatchFileSnapshot('../../stories/11-replica-migration.txt');
  expect(storyOf(world)).toContain('7004  Migrating to orphaned master ‹7002›');
});

test('where it is switched off nobody goes', () => {
  const world = withOrphan(1, false);
  world.run(10_000);
  expect(storyOf(world)).not.toContain('Migrating');
});

test('a dead replica with the smallest id holds nobody up', () => {
  const world = withOrphan(3);
  world.addNode(7008);
  world.meet(7008, 7001);
  world.run(2000);
  follow(world, 7008, 7001);
  world.kill(7004);
  expect(world.runUntil(() => storyOf(world).includes('7007  Migrating to orphaned master ‹7002›'), 15_000)).toBe(true);
});
