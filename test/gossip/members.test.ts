/** Who belongs to the cluster, and where: forgetting, moving, names, starting over. */

import { expect, test } from 'vitest';
import { idOf } from './stage/lone-node.js';
import {
  accept,
  agree,
  isOk,
  knows,
  PRIMARIES,
  SEEDS,
  SIX,
  sixNodes,
  storyOf,
  threePrimaries,
} from './stage/scenes.js';

test('story 7: a forgotten node stays away for a minute, and comes back where somebody remembers it', async () => {
  const world = sixNodes(7);
  const nodeId = idOf(7006);
  for (const port of [7001, 7002]) accept(world.order(port, { name: 'FORGET', nodeId }));
  world.note(7001, 'and 7002 forget ‹7006›, the others do not');
  world.run(59_000);
  expect([7001, 7002, 7003].map((port) => knows(world, port, 6))).toEqual([false, false, true]);
  world.run(6000);
  expect(SIX.every((port) => knows(world, port, 6))).toBe(true);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/07-a-forgotten-node.txt');
});

test.each(SEEDS)('seed %i: a node that all forget within a minute is gone for good', (seed) => {
  const world = sixNodes(seed);
  const rest = SIX.filter((port) => port !== 7006);
  world.kill(7006);
  for (const port of rest) {
    world.run(1000);
    accept(world.order(port, { name: 'FORGET', nodeId: idOf(7006) }));
  }
  world.run(90_000);
  expect(rest.every((port) => knows(world, port, 5))).toBe(true);
  expect(agree(world, rest)).toBe(true);
});

test('what cannot be forgotten', () => {
  const world = sixNodes(1);
  const forget = (port: number, nodeId: string) => {
    const answer = world.order(port, { name: 'FORGET', nodeId });
    return answer.ok ? 'forgotten' : answer.refusal.why;
  };
  expect(forget(7001, idOf(7001))).toBe('forget-myself');
  expect(forget(7004, idOf(7001))).toBe('forget-my-primary');
  expect(forget(7004, idOf(9999))).toBe('node-unknown');
});

test('story 8: a node comes back under another port, and is found again', async () => {
  const world = threePrimaries(7);
  world.kill(7003);
  world.run(1000);
  world.restart(7003, { port: 7103, busPort: 17103 });
  world.run(4000);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/08-another-address.txt');
});

test.each(SEEDS)('seed %i: a node under another port is found by all, and serves', (seed) => {
  const world = threePrimaries(seed);
  world.kill(7003);
  world.run(1000 + seed * 100); // some have not noticed, some have suspected, some have failed it
  world.restart(7003, { port: 7103, busPort: 17103 });
  expect(world.runUntil(() => agree(world, [7001, 7002, 7103]), 15_000)).toBe(true);
  for (const port of [7001, 7002]) {
    const found = world.view(port).nodes.find((node) => node.id === idOf(7003));
    expect(found?.address).toMatchObject({ port: 7103, busPort: 17103 });
  }
});

test('replication follows its primary to the new address', () => {
  const world = sixNodes(3);
  world.kill(7001);
  world.restart(7001, { port: 7101, busPort: 17101 });
  world.run(3000);
  expect(storyOf(world)).toContain('7004  ROLE replica of 7101');
});

test('a node whose address another one took is without an address until it is heard', () => {
  const world = threePrimaries(4);
  world.kill(7003);
  world.addNode(7009, { port: 7003, busPort: 17003 }); // a stranger at the old place
  world.run(1500);
  const lost = world.view(7001).nodes.find((node) => node.id === idOf(7003));
  expect(lost).toMatchObject({ noAddress: true, address: { ip: '', port: 0, busPort: 0 } });
  expect(world.view(7001).nodes).toHaveLength(3); // the stranger did not become a member by being there
});

test('host names travel by heartbeats, and are taken back', () => {
  const world = threePrimaries(5);
  const nameAt = (observer: number) => world.view(observer).nodes.find((node) => node.id === idOf(7002))?.hostname;
  world.configure(7002, { hostname: 'two.example.org' });
  world.run(3000);
  expect([nameAt(7001), nameAt(7003)]).toEqual(['two.example.org', 'two.example.org']);
  world.configure(7002, { hostname: '' });
  world.run(3000);
  expect([nameAt(7001), nameAt(7003)]).toEqual(['', '']);
});

test('an announced address is what the others use', () => {
  const world = threePrimaries(5);
  world.configure(7002, { announceIp: '10.9.8.7' });
  world.run(3000);
  expect(world.view(7001).nodes.find((node) => node.id === idOf(7002))?.address.ip).toBe('10.9.8.7');
});

test('a soft reset forgets all, a hard one is a new node', () => {
  const world = sixNodes(6);
  accept(world.order(7004, { name: 'RESET', hard: false, holdsKeys: true }));
  expect(world.view(7004)).toMatchObject({ myId: idOf(7004), nodes: [{ role: 'primary', slots: [] }] });
  expect(storyOf(world)).toContain('7004  ROLE primary');

  accept(world.order(7005, { name: 'RESET', hard: true, holdsKeys: true }));
  const reborn = world.view(7005);
  expect(reborn).toMatchObject({ currentEpoch: 0, lastVoteEpoch: 0, nodes: [{ role: 'primary', configEpoch: 0 }] });
  expect(reborn.myId).not.toBe(idOf(7005));
  expect(storyOf(world)).toContain(`Node hard reset, now I'm ${reborn.myId}`);

  const refused = world.order(7001, { name: 'RESET', hard: true, holdsKeys: true });
  expect(refused).toEqual({ ok: false, refusal: { why: 'reset-with-keys' } });
});

test('a restart knows the cluster again', () => {
  const world = sixNodes(8);
  world.kill(7001);
  world.kill(7005);
  world.restart(7001);
  world.restart(7005);
  expect(isOk(world, 7001)).toBe(false);
  expect(world.runUntil(() => agree(world, SIX), 15_000)).toBe(true);
  expect(world.cluster(7001).role).toBe('primary');
  expect(world.cluster(7005).role).toBe('replica');
});

test('only names that were heard are saved: a node in handshake is not', () => {
  const world = threePrimaries(9);
  world.meet(7001, 7001);
  accept(world.order(7001, { name: 'SAVECONFIG' }));
  expect(
    world
      .saved(7001)
      ?.nodes.map((node) => node.id)
      .sort(),
  ).toEqual(PRIMARIES.map(idOf));
});
