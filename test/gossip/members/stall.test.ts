/** A node that stood still takes no write before it knows that nobody took its place. */

import { expect, test } from 'vitest';
import { idOf } from '../stage/lone-node.js';
import type { World } from '../stage/mini-world.js';
import {
  accept,
  agree,
  FEW_SEEDS,
  healthOf,
  isOk,
  NODE_TIMEOUT,
  SIX,
  sixNodes,
  storyOf,
  threePrimaries,
} from '../stage/scenes.js';
import { hear, heartbeatOf } from '../stage/words.js';

/** Whether 7001 would have taken a write at any moment of its first seconds back. */
function writesAfter(world: ReturnType<typeof sixNodes>, ms: number): number[] {
  const moments: number[] = [];
  for (let at = 0; at < ms; at++) {
    if (world.writeKey(7001, `late${at}`)) moments.push(at);
    world.run(1);
  }
  return moments;
}

test.each(FEW_SEEDS)('seed %i: stopped until it was replaced: not one write is taken after it goes on', (seed) => {
  const world = sixNodes(seed);
  world.writeKey(7001, 'a');
  world.run(1000);
  world.stop(7001);
  expect(world.runUntil(() => world.cluster(7004).role === 'primary', 12_000)).toBe(true);
  world.run(seed * 300);
  let first = true;
  world.goOn(7001, () => (first = world.writeKey(7001, 'first')));
  expect(first).toBe(false);
  expect(writesAfter(world, 3000)).toEqual([]);
  expect(world.runUntil(() => agree(world, SIX), 10_000)).toBe(true);
  expect(world.cluster(7001).role).toBe('replica');
});

test.each(FEW_SEEDS)('seed %i: stopped for most of the node timeout: writes go on after one round trip', (seed) => {
  const world = sixNodes(seed);
  world.stop(7001);
  world.run(NODE_TIMEOUT * 0.75);
  world.goOn(7001);
  const moments = writesAfter(world, 400);
  expect(moments[0]).toBeGreaterThanOrEqual(1);
  expect(moments[0]).toBeLessThan(200);
  world.run(3000);
  expect(storyOf(world)).not.toContain('Marking node');
});

test('a stall shorter than half of the node timeout costs nothing', () => {
  const world = threePrimaries(1);
  world.stop(7001);
  world.run(NODE_TIMEOUT / 2 - 200);
  world.goOn(7001);
  expect(world.cluster(7001).health.state).toBe('ok');
});

test.each([1, 50, 100])('a node timeout of %i ms: the time between two ticks is no stall', (nodeTimeoutMs) => {
  const world = threePrimaries(3);
  for (const port of [7001, 7002, 7003]) world.configure(port, { nodeTimeoutMs });
  for (let ms = 0; ms < 2000; ms++) {
    world.run(1);
    expect(world.cluster(7001).health).not.toMatchObject({ why: 'stalled' });
  }
});

test('a node timeout of 500 ms: four ticks that are missing are a stall', () => {
  const world = threePrimaries(3);
  for (const port of [7001, 7002, 7003]) world.configure(port, { nodeTimeoutMs: 500 });
  world.stop(7001);
  world.divide([7001], [7002, 7003]);
  world.run(400);
  world.goOn(7001);
  world.run(50);
  expect(world.cluster(7001).health).toMatchObject({ why: 'stalled', heard: 1, quorum: 2 });
});

test('the reason is told, with its numbers', () => {
  const world = threePrimaries(2);
  world.stop(7001);
  world.divide([7001], [7002, 7003]);
  world.run(1500);
  world.goOn(7001);
  world.run(150);
  expect(world.cluster(7001).health).toMatchObject({ state: 'fail', why: 'stalled', heard: 1, quorum: 2 });
  expect(world.cluster(7001).explain(world.clocks())[0]).toMatch(
    /^Not serving: I stood still for 1\d\d\d ms, and may have been replaced: 1 of 2 primaries were heard since\.$/,
  );
  world.heal();
  expect(world.runUntil(() => isOk(world, 7001), 3000)).toBe(true);
});

/** 7001 is stopped in the moment in which it waits for an answer. */
function stoppedAmidPing(seed: number): World {
  const world = threePrimaries(seed);
  const waits = () => [7002, 7003].some((port) => (world.cluster(7001).node(idOf(port))?.unanswered ?? 0) > 0);
  for (let i = 0; i < 5000 && !waits(); i++) world.run(1);
  expect(waits()).toBe(true);
  world.stop(7001);
  world.run(100); // the answer comes into its buffers
  world.divide([7001], [7002, 7003]);
  return world;
}

test.each(FEW_SEEDS)('seed %i: answers of before the stall prove nothing', (seed) => {
  const world = stoppedAmidPing(seed);
  world.run(1500);
  world.goOn(7001);
  expect(world.cluster(7001).health).toMatchObject({ why: 'stalled', heard: 1 });
  world.run(500);
  expect(isOk(world, 7001)).toBe(false);
});

test.each(FEW_SEEDS)('seed %i: its stall is not the silence of the others', (seed) => {
  const world = stoppedAmidPing(seed);
  world.run(NODE_TIMEOUT * 2);
  world.goOn(7001, () => {
    world.writeKey(7001, 'a');
    for (const port of [7002, 7003]) expect(healthOf(world, 7001, port)).toBe('ok');
  });
});

test.each([
  ['our epoch: nobody was elected', 3, { state: 'ok' }],
  ['a later epoch: somebody may have been', 4, { state: 'fail', why: 'minority-just-left' }],
])('a majority tells %s', (_, currentEpoch, health) => {
  const world = threePrimaries(5);
  world.stop(7001);
  world.divide([7001], [7002, 7003]);
  world.run(1500);
  world.goOn(7001);
  const before = world.cluster(7001).node(idOf(7002))!;
  const answers = heartbeatOf(7002, 'PONG', { currentEpoch, configEpoch: before.configEpoch });
  for (let owed = before.unanswered; owed > 0; owed--) {
    expect(world.cluster(7001).health).toMatchObject({ why: 'stalled', heard: 1, quorum: 2 });
    hear(world, 7001, answers);
  }
  expect(world.cluster(7001).health).toMatchObject(health);
});

test('story 12: a stalled primary', async () => {
  const world = sixNodes(7);
  world.writeKey(7001, 'a');
  world.run(800);
  world.story.length = 0;
  const clientWrites = (key: string) =>
    world.note(7001, `a client writes ${key}: ${world.writeKey(7001, key) ? 'taken' : 'refused'}`);
  world.stop(7001);
  world.run(1500); // nobody has noticed
  world.goOn(7001);
  clientWrites('b');
  world.ask('why not?', 7001);
  world.run(100);
  clientWrites('c');
  world.run(1900);
  world.stop(7001);
  world.run(6500); // long enough to be replaced
  world.goOn(7001, () => clientWrites('d'));
  world.run(1000);
  await expect(storyOf(world)).toMatchFileSnapshot('../../stories/12-a-stalled-primary.txt');
});

test('alone, a primary is its own majority', () => {
  const world = threePrimaries(4);
  accept(world.order(7002, { name: 'RESET', hard: false, holdsKeys: false }));
  accept(world.order(7003, { name: 'RESET', hard: false, holdsKeys: false }));
  for (const port of [7002, 7003]) {
    const id = world.view(7001).nodes.find((node) => node.address.port === port)?.id ?? '';
    accept(world.order(7001, { name: 'FORGET', nodeId: id }));
  }
  world.configure(7001, { requireFullCoverage: false });
  expect(world.runUntil(() => isOk(world, 7001), 8000)).toBe(true);
  world.stop(7001);
  world.run(5000);
  world.goOn(7001);
  expect(isOk(world, 7001)).toBe(true);
});
