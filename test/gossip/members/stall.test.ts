/** A node that stood still takes no write before it knows that nobody took its place. */

import { expect, test } from 'vitest';
import {
  accept,
  agree,
  isOk,
  NODE_TIMEOUT,
  FEW_SEEDS,
  SIX,
  sixNodes,
  storyOf,
  threePrimaries,
} from '../stage/scenes.js';

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
  world.goOn(7001);
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
  expect(storyOf(world)).not.toMatch(/Marking node|possibly failing/); // its stall is not the silence of the others
});

test('a stall shorter than half of the node timeout costs nothing', () => {
  const world = threePrimaries(1);
  world.stop(7001);
  world.run(NODE_TIMEOUT / 2 - 200);
  world.goOn(7001);
  expect(world.cluster(7001).health.state).toBe('ok');
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

test('answers of before the stall prove nothing', () => {
  const world = threePrimaries(3);
  world.run(1000);
  world.stop(7001);
  world.run(30); // pings of its last tick are answered into its buffers
  world.divide([7001], [7002, 7003]);
  world.run(1500);
  world.goOn(7001);
  world.run(900);
  expect(isOk(world, 7001)).toBe(false);
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
  world.goOn(7001);
  clientWrites('d');
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
