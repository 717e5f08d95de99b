/** A primary is lost and replaced; what must never happen on the way is looked at after every step. */

import { expect, test } from 'vitest';
import type { Effect } from '../../src/gossip/turn.js';
import { idOf } from './stage/lone-node.js';
import type { World } from './stage/mini-world.js';
import {
  accept,
  agree,
  follow,
  healthOf,
  isOk,
  NODE_TIMEOUT,
  picture,
  SEEDS,
  SIX,
  sixNodes,
  storyOf,
} from './stage/scenes.js';

/** 7001 has two replicas: 7004, and 7005 with less data. */
function twoCandidates(seed: number): World {
  const world = sixNodes(seed);
  follow(world, 7005, 7001);
  for (const key of 'abcdefg') expect(world.writeKey(7001, key)).toBe(true);
  expect(world.runUntil(() => agree(world, SIX) && world.copy(7005).writes.length === 7, 5000)).toBe(true);
  world.copy(7005).held = true;
  for (const key of 'hij') expect(world.writeKey(7001, key)).toBe(true);
  world.run(1000);
  world.story.length = 0;
  return world;
}

/** Invariants of every step: votes and candidacies are durable before they are visible, and no clock runs back. */
function watch(world: World): void {
  const epochs = new Map<number, number>();
  world.onStep = (port, effects) => {
    const sends = effects.filter((effect) => effect.kind === 'Send');
    const visible = sends.find(({ packet }) => packet.type.startsWith('FAILOVER_AUTH'));
    if (visible) expect(effects[0]).toMatchObject({ kind: 'Save', care: 'durable' });
    for (const effect of effects) {
      if (effect.kind !== 'Save') continue;
      const { currentEpoch, lastVoteEpoch, nodes } = effect.state;
      expect(currentEpoch).toBeGreaterThanOrEqual(epochs.get(port) ?? 0);
      expect(lastVoteEpoch).toBeLessThanOrEqual(currentEpoch);
      expect(nodes.find((node) => node.myself)?.configEpoch).toBeLessThanOrEqual(currentEpoch);
      epochs.set(port, currentEpoch);
    }
  };
}

test('story 5: a primary fails, the fresher of its replicas is elected, the old primary follows it', async () => {
  const world = twoCandidates(7);
  world.plug(7001, false);
  world.runUntil(() => healthOf(world, 7004, 7001) === 'failed', 6000);
  world.run(300);
  world.ask('why are you not promoted?', 7004, 7005);
  world.run(2500);
  world.ask('how did you vote?', 7003, 7006);
  world.plug(7001, true);
  world.run(6000);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/05-failover.txt');
});

test.each(SEEDS)('seed %i: one winner, and the lost primary follows it', (seed) => {
  const world = twoCandidates(seed);
  watch(world);
  world.plug(7001, false);
  const rest = SIX.filter((port) => port !== 7001);
  expect(world.runUntil(() => rest.every((port) => isOk(world, port)) && elected(world), 12_000)).toBe(true);
  world.plug(7001, true);
  expect(world.runUntil(() => agree(world, SIX), 10_000)).toBe(true);
  expect(storyOf(world).match(/Failover election won/g)).toHaveLength(1);
  expect(picture(world, 7006)).toContain('7004 primary - 7 ok 0-5460');
  expect(picture(world, 7006)).toContain('7001 replica 7004 7 ok');
});

function elected(world: World): boolean {
  return world.cluster(7004).role === 'primary' || world.cluster(7005).role === 'primary';
}

test.each(SEEDS)(
  'seed %i: links that keep breaking: never two winners in one epoch, and they agree in the end',
  (seed) => {
    const world = twoCandidates(seed);
    watch(world);
    world.linkBreakRate = 0.15;
    world.plug(7001, false);
    world.run(20_000);
    world.linkBreakRate = 0;
    world.plug(7001, true);
    expect(world.runUntil(() => agree(world, SIX), 40_000)).toBe(true);
    const epochs = [...storyOf(world).matchAll(/primary in epoch (\d+)/g)].map((match) => match[1]);
    expect(epochs).toEqual([...new Set(epochs)]);
  },
);

test.each(SEEDS)('seed %i: a killed primary comes back after its replacement, and follows', (seed) => {
  const world = twoCandidates(seed);
  watch(world);
  world.kill(7001);
  world.run(NODE_TIMEOUT * 2 + 3000);
  world.restart(7001);
  expect(world.runUntil(() => agree(world, SIX) && world.cluster(7001).role === 'replica', 15_000)).toBe(true);
});

test('a vote is saved before it is sent, and a second one is not given', () => {
  const world = twoCandidates(7);
  const voting: Effect[][] = [];
  world.onStep = (_, effects) => {
    if (effects.some((effect) => effect.kind === 'Send' && effect.packet.type === 'FAILOVER_AUTH_ACK')) {
      voting.push(effects);
    }
  };
  world.plug(7001, false);
  world.run(8000);
  expect(voting).toHaveLength(2); // 7002 and 7003
  for (const effects of voting) {
    expect(effects.map((effect) => effect.kind)).toEqual(['Save', 'Send', 'Log']);
    expect(effects[0]).toMatchObject({ care: 'durable', state: { lastVoteEpoch: 7 } });
  }
});

test('a winner has no vote left in its epoch', () => {
  const world = sixNodes(5);
  world.kill(7001);
  expect(world.runUntil(() => world.cluster(7004).role === 'primary', 10_000)).toBe(true);
  const { lastVoteEpoch, me } = world.cluster(7004).facts;
  expect(lastVoteEpoch).toBe(me.configEpoch);
  expect(world.saved(7004)?.lastVoteEpoch).toBe(me.configEpoch);
});

test('without a majority nobody is elected', () => {
  const world = twoCandidates(3);
  world.kill(7001);
  world.kill(7002);
  world.run(20_000);
  expect(elected(world)).toBe(false);
  expect(isOk(world, 7003)).toBe(false);
});

test('a replica that is told to stay one does not ask', () => {
  const world = sixNodes(4);
  world.configure(7004, { noFailover: true });
  world.kill(7001);
  world.run(10_000);
  expect(world.cluster(7004).role).toBe('replica');
  expect(world.cluster(7004).explain(world.clocks()).join()).toContain('cluster-replica-no-failover is set');
});

test('data that is too old is not promoted', () => {
  const world = sixNodes(4);
  world.divide([7001], [7004]); // replication alone could not be cut off
  world.run(40_000);
  world.kill(7001);
  world.run(20_000);
  expect(world.cluster(7004).role).toBe('replica');
  expect(storyOf(world)).toContain('Currently unable to failover: Disconnected from master for longer than allowed.');
});

test('story 9: a failover by order loses nothing, and needs no failure', async () => {
  const world = twoCandidates(7);
  expect(world.writeKey(7001, 'last')).toBe(true); // on its way when the order comes
  accept(world.order(7004, { name: 'FAILOVER', how: 'agreed' }));
  world.run(3000);
  expect(agree(world, SIX)).toBe(true);
  expect(picture(world, 7006)).toContain('7004 primary - 7 ok 0-5460');
  expect(world.copy(7004).writes.join('')).toBe('abcdefghijlast');
  expect(world.copy(7001).writes.join('')).toBe('abcdefghijlast');
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/09-failover-by-order.txt');
});

test('a replica that does not catch up gives up after five seconds, and the writers go on', () => {
  const world = twoCandidates(8);
  expect(world.copy(7005).offset).toBe(98); // it lags behind
  accept(world.order(7005, { name: 'FAILOVER', how: 'agreed' }));
  world.run(5500);
  expect(world.cluster(7005).role).toBe('replica');
  expect(storyOf(world).match(/Manual failover timed out/g)).toHaveLength(2);
  expect(storyOf(world)).toContain('7001  RESUME writes');
});

test('who has become a replica this moment is heard: by its primary, and by those who vote', () => {
  const world = sixNodes(9);
  accept(world.order(7004, { name: 'FAILOVER', how: 'agreed' }));
  const follows = () => world.cluster(7001).role === 'replica';
  expect(world.runUntil(follows, 3000)).toBe(true);
  expect(world.view(7004).nodes.find(({ id }) => id === idOf(7001))?.role).toBe('primary'); // it has not heard yet
  accept(world.order(7001, { name: 'FAILOVER', how: 'agreed' }));
  world.run(3000);
  expect(storyOf(world)).toContain('7004  Manual failover requested by replica ‹7001›.');
  expect(world.cluster(7001).role).toBe('primary');
  expect(agree(world, SIX)).toBe(true);
});

test.each([
  ['forced', 'Forced failover user request accepted.'],
  ['takeover', 'Taking over the master (user request).'],
] as const)('a %s failover works while the primary is gone', (how, words) => {
  const world = sixNodes(9);
  world.kill(7001);
  accept(world.order(7004, { name: 'FAILOVER', how }));
  world.run(3000);
  expect(world.cluster(7004).role).toBe('primary');
  expect(storyOf(world)).toContain(words);
  expect(picture(world, 7003)).toContain(`${idOf(7004).slice(0, 4)} primary - 7 ok 0-5460`);
});

test('a failover by order is not held up by an attempt of before', () => {
  const world = sixNodes(9);
  world.divide([7004], [7002, 7003]);
  accept(world.order(7004, { name: 'FAILOVER', how: 'forced' }));
  world.run(3500); // nobody can vote
  world.heal();
  world.run(3000);
  expect(world.cluster(7004).role).toBe('replica');
  accept(world.order(7004, { name: 'FAILOVER', how: 'forced' }));
  world.run(500);
  expect(world.cluster(7004).role).toBe('primary');
});

test('who may be ordered to fail over', () => {
  const world = sixNodes(9);
  const order = (port: number) => world.order(port, { name: 'FAILOVER', how: 'agreed' });
  expect(order(7001)).toEqual({ ok: false, refusal: { why: 'failover-on-primary' } });
  world.kill(7001);
  world.run(300);
  expect(order(7004)).toEqual({ ok: false, refusal: { why: 'failover-primary-down' } });
});
