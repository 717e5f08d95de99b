/** CLUSTER EXPLAIN: the verdicts that decide, told with their reasons. */

import { expect, test } from 'vitest';
import type { ExplainSubject, Told } from '../../src/gossip/operator/explain.js';
import { idOf } from './stage/lone-node.js';
import type { World } from './stage/mini-world.js';
import { accept, follow, healthOf, sixNodes, threePrimaries } from './stage/scenes.js';

/** Maps as objects: they are easier to compare. */
function plain(told: Told): unknown {
  if (told instanceof Map) return Object.fromEntries([...told].map(([name, value]) => [name, plain(value)]));
  return Array.isArray(told) ? told.map(plain) : told;
}

const ask = (world: World, port: number, subject: ExplainSubject = { kind: 'cluster' }): unknown =>
  plain(world.cluster(port).explainSubject(subject, world.clocks()));
const node = (port: number): ExplainSubject => ({ kind: 'node', id: idOf(port) });

/** 7001 fails; 7004 and 7005 are its replicas, 7004 with more data; nobody else can vote but 7002 and 7003. */
function failing(seed: number): World {
  const world = sixNodes(seed);
  follow(world, 7005, 7001);
  for (const key of 'abc') world.writeKey(7001, key);
  world.run(2000);
  world.copy(7005).held = true;
  world.writeKey(7001, 'd');
  world.run(1000);
  world.kill(7001);
  expect(world.runUntil(() => [7002, 7004, 7005].every((port) => healthOf(world, port, 7001) === 'failed'), 6000)).toBe(
    true,
  );
  return world;
}

test('a cluster that is well', () => {
  expect(ask(threePrimaries(1), 7001)).toMatchObject({
    node: idOf(7001),
    role: 'primary',
    state: 'ok',
    reason: 'served',
    ailing: [],
    failover: null,
    migration: null,
    votes: [],
  });
});

test('why it is down, and who ails', () => {
  const told = ask(failing(2), 7002);
  expect(told).toMatchObject({
    state: 'fail',
    reason: 'slot-owner-failed',
    ailing: [{ node: idOf(7001), health: 'failed' }],
  });
  expect(JSON.stringify(told)).toMatch(
    /for \d+ ms: (a majority of primaries reported it|7\d{39} said so); silent for \d+ ms/,
  );
});

test('why a replica is no primary yet: its delay, and its rank', () => {
  const world = failing(2);
  world.run(200);
  expect(ask(world, 7004)).toMatchObject({
    failover: { next: 'wait', reason: 'waiting-for-delay', rank: 0, data: 'synced' },
  });
  expect(ask(world, 7005)).toMatchObject({
    failover: { next: 'wait', reason: 'waiting-for-delay', rank: 1, offset: 42 },
  });
});

test('who has voted, who is silent, and why', () => {
  const world = failing(3);
  world.kill(7002);
  world.runUntil(() => healthOf(world, 7004, 7002) === 'suspected', 8000);
  world.runUntil(
    () => (ask(world, 7004) as { failover: { reason: string } }).failover.reason === 'waiting-for-votes',
    8000,
  );
  world.run(100);
  expect(ask(world, 7004)).toMatchObject({
    failover: {
      reason: 'waiting-for-votes',
      quorum: 2,
      'granted-by': [idOf(7003)],
      silent: expect.arrayContaining([
        expect.objectContaining({ node: idOf(7001), reason: 'voter-failed' }),
        expect.objectContaining({ node: idOf(7002), reason: expect.stringMatching(/^voter-/) }),
      ]),
    },
  });
  expect(ask(world, 7003)).toMatchObject({
    votes: expect.arrayContaining([
      expect.objectContaining({ candidate: idOf(7004), verdict: 'granted', words: 'it has my vote' }),
    ]),
  });
});

test('a vote that was refused, with the reason', () => {
  const world = sixNodes(4);
  follow(world, 7005, 7001);
  world.run(2000);
  world.divide([7004], [7001, 7002]);
  accept(world.order(7004, { name: 'FAILOVER', how: 'forced' }));
  world.run(500); // 7003 alone has heard it
  accept(world.order(7005, { name: 'FAILOVER', how: 'forced' }));
  world.run(100);
  const [first, second] = (ask(world, 7003) as { votes: unknown[] }).votes;
  expect(first).toMatchObject({ candidate: idOf(7004), verdict: 'granted' });
  expect(second).toMatchObject({ candidate: idOf(7005), verdict: 'refused', reason: 'voted-recently' });
  expect(ask(world, 7003, node(7005))).toMatchObject({ vote: { verdict: 'refused', reason: 'voted-recently' } });
});

test('a node: why it is suspected, who agrees, and what holds its replicas up', () => {
  const world = failing(5);
  world.configure(7004, { noFailover: true });
  world.run(100);
  world.plug(7003, false);
  expect(world.runUntil(() => healthOf(world, 7002, 7003) === 'suspected', 8000)).toBe(true);
  expect(ask(world, 7002, node(7003))).toMatchObject({ health: 'suspected', reason: 'silent', 'reports-needed': 2 });
  expect(ask(world, 7002, node(7001))).toMatchObject({
    role: 'primary',
    health: 'failed',
    slots: 5461,
    replicas: [
      { node: idOf(7004), rank: 0, offset: 56, reason: 'failover-switched-off' },
      { node: idOf(7005), rank: 0, offset: 42, reason: 'candidate' },
    ],
  });
  expect(ask(world, 7004, node(7004))).toMatchObject({
    reason: 'myself',
    failover: { reason: 'failover-switched-off' },
  });
});

test('a slot: who serves it, and if nobody, why', () => {
  const world = threePrimaries(6);
  const slot = (n: number): ExplainSubject => ({ kind: 'slot', slot: n });
  expect(ask(world, 7001, slot(0))).toMatchObject({ slot: 0, owner: idOf(7001), reason: 'served', 'config-epoch': 1 });
  expect(ask(world, 7001, slot(16_000))).toMatchObject({ owner: idOf(7003), reason: 'moved' });
  accept(world.order(7001, { name: 'SETSLOT', slot: 1, move: { to: 'migrating', nodeId: idOf(7002) } }));
  expect(ask(world, 7001, slot(1))).toMatchObject({ reason: 'migrating', 'migrating-to': idOf(7002) });
  accept(world.order(7001, { name: 'DELSLOTS', slots: [2] }));
  expect(ask(world, 7001, slot(2))).toMatchObject({ owner: null, reason: 'slot-unbound', 'config-epoch': null });
  expect(ask(world, 7001, slot(0))).toMatchObject({
    reason: 'cluster-down',
    words: expect.stringContaining('1 slots have no owner'),
  });
});

test('a node nobody knows', () => {
  expect(ask(threePrimaries(7), 7001, { kind: 'node', id: 'f'.repeat(40) })).toBeNull();
});
