/** A node falls silent, is suspected, is failed by a majority, and comes back. */

import { expect, test } from 'vitest';
import { silenceOf } from '../../src/gossip/members/failure.js';
import { NEVER } from '../../src/gossip/node-table.js';
import { idOf } from './stage/lone-node.js';
import { agree, healthOf, isOk, NODE_TIMEOUT, PRIMARIES, SEEDS, storyOf, threePrimaries } from './stage/scenes.js';

test.each([
  // ping sent   heard    silence at 10,000
  [NEVER, NEVER, 0], //     nothing was asked
  [NEVER, 1000, 0],
  [9000, NEVER, 1000], //   asked, never heard
  [4000, 2000, 6000], //    the ping is what counts…
  [4000, 9500, 500], //     …unless anything else came meanwhile
])('ping at %s, heard at %s: silent for %i ms', (pingSentAt, heardAt, silence) => {
  expect(silenceOf({ pingSentAt, heardAt }, 10_000)).toBe(silence);
});

test('story 2: a node fails, and comes back', async () => {
  const world = threePrimaries(7);
  world.kill(7003);
  world.run(5000);
  world.ask('why do you not serve?', 7001, 7002);
  world.restart(7003);
  world.run(8000);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/02-a-node-fails.txt');
});

test.each(SEEDS)('seed %i: a dead node is failed everywhere, by words of a majority', (seed) => {
  const world = threePrimaries(seed);
  const others = [7001, 7002];
  const said = new Set<string>();
  world.onStep = (port) => others.includes(port) && said.add(healthOf(world, port, 7003));
  world.kill(7003);
  expect(world.runUntil(() => others.every((port) => healthOf(world, port, 7003) === 'failed'), 4000)).toBe(true);
  expect([...said]).toEqual(['ok', 'suspected', 'failed']);
  expect(storyOf(world)).toContain('Marking node ‹7003› as failing (quorum reached).');
  expect(others.some((port) => isOk(world, port))).toBe(false);

  world.restart(7003);
  expect(world.runUntil(() => agree(world, PRIMARIES), 10_000)).toBe(true);
  const cleared =
    'Clear FAIL state for node ‹7003›: is reachable again and nobody is serving its slots after some time.';
  expect(storyOf(world)).toContain(cleared);
});

test.each(SEEDS)(
  'seed %i: a node behind a pulled cable is failed, too, within 1.5 node timeouts and a second',
  (seed) => {
    const world = threePrimaries(seed);
    world.plug(7003, false);
    const failed = () => [7001, 7002].every((port) => healthOf(world, port, 7003) === 'failed');
    expect(world.runUntil(failed, NODE_TIMEOUT * 1.5 + 1500)).toBe(true);
    world.plug(7003, true);
    expect(world.runUntil(() => agree(world, PRIMARIES), 10_000)).toBe(true);
  },
);

test.each(SEEDS)('seed %i: a pause shorter than the node timeout makes nobody fail', (seed) => {
  const world = threePrimaries(seed);
  world.plug(7003, false);
  world.run(NODE_TIMEOUT * 0.9);
  world.plug(7003, true);
  world.run(4000);
  expect(storyOf(world)).not.toContain('as failing');
  expect(agree(world, PRIMARIES)).toBe(true);
});

test('one opinion of three is not a majority', () => {
  const world = threePrimaries(2);
  world.divide([7001], [7003]); // 7002 hears both
  world.run(10_000);
  expect(healthOf(world, 7001, 7003)).toBe('suspected');
  expect(world.cluster(7001).failureReportCount(idOf(7003), world.clocks())).toBe(0);
  expect(healthOf(world, 7002, 7003)).toBe('ok');
  expect(world.cluster(7002).failureReportCount(idOf(7003), world.clocks())).toBe(1);
});

test('a link that breaks again and again does not make a node fail', () => {
  const world = threePrimaries(3, { linkBreakRate: 0 });
  world.linkBreakRate = 0.03;
  world.run(60_000);
  expect(storyOf(world)).not.toContain('as failing');
});
