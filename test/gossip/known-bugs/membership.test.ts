/** Known bugs about who is in the cluster, and about clocks: the number is that of the list of reports. */

import { expect, test } from 'vitest';
import { Cluster } from '../../../src/gossip/cluster.js';
import { decodePacket, encodePacket, type Packet } from '../../../src/gossip/packet-codec.js';
import { FLAG } from '../../../src/gossip/packet-layout.js';
import { emptyBitmap } from '../../../src/slots/slot-set.js';
import { defaultOptions, idOf, loneNode } from '../stage/lone-node.js';
import type { World } from '../stage/mini-world.js';
import { accept, agree, FEW_SEEDS, knows, PRIMARIES, sixNodes, SIX, storyOf, threePrimaries } from '../stage/scenes.js';

const namesAt = (world: World, port: number) =>
  world
    .view(port)
    .nodes.filter((node) => !node.inHandshake)
    .map(({ id }) => id.slice(0, 4))
    .sort();

test.each(FEW_SEEDS)(
  '14, seed %i: a node of another cluster at a known address merges nothing (redis #6174, #2472)',
  (seed) => {
    const world = threePrimaries(seed);
    for (const port of [7101, 7102]) world.addNode(port);
    world.meet(7101, 7102);
    world.run(2000);
    world.kill(7003);
    world.kill(7102);
    world.restart(7102, { port: 7003, busPort: 17003 }); // the address of 7003, where 7001 and 7002 look for it
    world.run(15_000);
    for (const port of [7001, 7002]) expect(namesAt(world, port)).toEqual(['7001', '7002', '7003']);
    for (const port of [7101, 7003]) expect(namesAt(world, port)).toEqual(['7101', '7102']);
  },
);

test.each(FEW_SEEDS)(
  '15, seed %i: a forgotten node stays away for a minute, and for good if all forgot it (redis #3948)',
  (seed) => {
    const world = sixNodes(seed);
    world.kill(7006);
    accept(world.order(7001, { name: 'FORGET', nodeId: idOf(7006) }));
    world.run(59_000); // the others gossip of it all the while
    expect(namesAt(world, 7001)).not.toContain('7006');
    const others = SIX.filter((port) => port !== 7006);
    for (const port of others) world.order(port, { name: 'FORGET', nodeId: idOf(7006) });
    world.run(90_000);
    for (const port of others) expect(namesAt(world, port)).not.toContain('7006');
  },
  60_000,
);

test('15: a node that lives and was forgotten by one alone is back after a minute (as in 7.0.15)', () => {
  const world = threePrimaries(1);
  accept(world.order(7001, { name: 'FORGET', nodeId: idOf(7003) }));
  world.run(50_000);
  expect(namesAt(world, 7001)).not.toContain('7003');
  world.run(20_000);
  expect(namesAt(world, 7001)).toContain('7003');
}, 60_000);

test('16: a node that is forgotten twice, and met in between (redis #12701)', () => {
  const world = threePrimaries(2);
  const forget = () => world.order(7001, { name: 'FORGET', nodeId: idOf(7003) });
  accept(forget());
  expect(forget()).toEqual({ ok: false, refusal: { why: 'node-unknown', nodeId: idOf(7003) } });
  world.meet(7001, 7003);
  expect(world.runUntil(() => knows(world, 7001, 3), 3000)).toBe(true); // an operator's MEET comes before the ban
  accept(forget());
  world.run(1000);
  expect(namesAt(world, 7001)).toEqual(['7001', '7002']);
});

test('18: a wall clock that is set back by an hour changes nothing (redis #6416)', () => {
  let nowMs = 10_000;
  let wallMs = 1_700_000_000_000;
  const clocks = () => ({ nowMs, wallMs });
  const node = new Cluster(defaultOptions(7001, 2000), loneNode(7001), () => 0.5, clocks());
  node.step({ kind: 'Start' }, clocks());
  const slots = Array.from({ length: 16_384 }, (_, i) => i);
  node.step({ kind: 'Order', order: { name: 'ADDSLOTS', slots } }, clocks());
  const pass = (ms: number) => {
    for (let i = 0; i < ms; i += 100) {
      nowMs += 100;
      wallMs += 100;
      node.step({ kind: 'Tick' }, clocks());
    }
  };
  pass(3000);
  expect(node.health.state).toBe('ok');
  wallMs -= 3_600_000;
  pass(3000);
  expect(node.health.state).toBe('ok');
  wallMs += 7_200_000;
  pass(3000);
  expect(node.health.state).toBe('ok');
});

test.each(FEW_SEEDS)(
  '25, seed %i: a MEET whose links keep breaking is carried out in the end (valkey #461)',
  (seed) => {
    const world = threePrimaries(seed);
    world.addNode(7009);
    world.linkBreakRate = 0.6;
    for (let i = 0; i < 3; i++) {
      world.meet(7001, 7009);
      world.run(3000);
    }
    world.linkBreakRate = 0;
    if (knows(world, 7001, 4) || knows(world, 7009, 4)) {
      // Whoever knows the other one is known by it: nobody is half a member for long.
      expect(world.runUntil(() => [...PRIMARIES, 7009].every((port) => knows(world, port, 4)), 15_000)).toBe(true);
    }
  },
);

test('25: a node that answers, and does not know us, is met again', () => {
  const world = threePrimaries(3);
  world.addNode(7009);
  world.meet(7001, 7009);
  expect(world.runUntil(() => knows(world, 7001, 4), 3000)).toBe(true);
  accept(world.order(7009, { name: 'RESET', hard: false, holdsKeys: false })); // it gave up its side, soon after
  expect(world.runUntil(() => knows(world, 7009, 4), 15_000)).toBe(true);
  expect(storyOf(world)).toContain('7001  Sending MEET packet to node ‹7009› because there is no inbound link for it');
});

test('26: an extension that names its own sender as forgotten is carried past (valkey #4675)', () => {
  const world = threePrimaries(4);
  const forgottenNode = {
    kind: 'unknown',
    type: 2,
    bytes: Buffer.from(`${idOf(7002)}\0\0\0\0\0\0\0\x3c`, 'latin1'),
  } as const;
  const packet: Packet = {
    type: 'PING',
    sender: {
      ip: '',
      port: 7002,
      plainPort: 0,
      busPort: 17002,
      senderId: idOf(7002),
      primaryId: '',
      flags: FLAG.primary,
      currentEpoch: 3,
      configEpoch: 2,
      slots: emptyBitmap(),
      replOffset: 0,
      clusterState: 0,
      messageFlags: 4,
    },
    body: { kind: 'gossip', entries: [], extensions: [forgottenNode] },
  };
  const decoded = decodePacket(encodePacket(packet));
  if (!decoded.ok) throw new Error(decoded.malformed.why);
  const link = world
    .cluster(7001)
    .describeLinks(world.clocks())
    .find(({ nodeId, direction }) => {
      return nodeId === idOf(7002) && direction === 'from';
    });
  world.tell(7001, { kind: 'Received', link: link!.link, packet: decoded.packet, byteCount: 2400 });
  expect(storyOf(world)).toContain('Received unknown extension type 2');
  expect(namesAt(world, 7001)).toEqual(['7001', '7002', '7003']);
  expect(world.runUntil(() => agree(world, PRIMARIES), 5000)).toBe(true);
});
