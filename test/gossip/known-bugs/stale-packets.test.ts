/** Known bugs about packets that come late, and about who follows whom: the number is that of the list of reports. */

import { expect, test } from 'vitest';
import type { Packet, Sender } from '../../../src/gossip/packet-codec.js';
import { FLAG } from '../../../src/gossip/packet-layout.js';
import { bitmapOf } from '../../../src/slots/slot-set.js';
import { idOf } from '../stage/lone-node.js';
import type { World } from '../stage/mini-world.js';
import { hear, heartbeatOf } from '../stage/words.js';
import {
  accept,
  agree,
  FEW_SEEDS,
  NODE_TIMEOUT,
  SIX,
  sixNodes,
  slotsFrom,
  storyOf,
  twoReplicas,
} from '../stage/scenes.js';

/** What 7001 said before it was replaced, in the epoch of then. */
function oldWords(type: 'PING' | 'PONG', changes: Partial<Sender> = {}): Packet {
  return heartbeatOf(7001, type, { currentEpoch: 6, configEpoch: 1, slots: bitmapOf(slotsFrom(0, 5460)), ...changes });
}

test.each(FEW_SEEDS)(
  '9, seed %i: words of before a failover, heard after it, take nothing back (valkey #2811)',
  (seed) => {
    const world = sixNodes(seed);
    accept(world.order(7004, { name: 'FAILOVER', how: 'agreed' }));
    world.run(4000);
    expect(agree(world, SIX)).toBe(true);
    world.story.length = 0;
    for (const at of SIX.filter((port) => port !== 7001)) {
      for (const type of ['PING', 'PONG'] as const) hear(world, at, oldWords(type));
      expect(world.cluster(at).node(idOf(7001))?.role).toBe('replica');
      expect(world.cluster(at).slots.ownerOf(0)).toBe(idOf(7004));
    }
    world.run(3000);
    expect(agree(world, SIX)).toBe(true);
    expect(storyOf(world)).not.toMatch(/Reconfiguring|sub-replica|ROLE/);
  },
);

test.each(FEW_SEEDS)(
  '9, seed %i: what a winner said while it asked for votes, heard after its win, leaves no slot without an owner',
  (seed) => {
    const world = sixNodes(seed);
    accept(world.order(7004, { name: 'FAILOVER', how: 'agreed' }));
    const hasWon = () => world.cluster(7002).node(idOf(7004))?.role === 'primary';
    expect(world.runUntil(hasWon, 4000)).toBe(true);
    const claim = { configEpoch: 1, slots: bitmapOf(slotsFrom(0, 5460)) };
    const asking = { ...claim, currentEpoch: 7, flags: FLAG.replica, primaryId: idOf(7001) };
    for (const type of ['PING', 'PONG'] as const) hear(world, 7002, heartbeatOf(7004, type, asking));
    expect(hasWon()).toBe(true);
    expect(world.cluster(7002).slots.ownerOf(0)).toBe(idOf(7004));
    world.run(NODE_TIMEOUT); // then it is no echo
    hear(world, 7002, heartbeatOf(7004, 'PONG', asking));
    expect(hasWon()).toBe(false);
  },
);

test.each(FEW_SEEDS)(
  '9, seed %i: links that break amid failovers leave no replica of a replica (valkey #3084)',
  (seed) => {
    const world = twoReplicas(seed);
    world.linkBreakRate = 0.1;
    for (const port of [7004, 7005, 7001]) {
      world.order(port, { name: 'FAILOVER', how: 'forced' });
      world.run(6000);
    }
    world.linkBreakRate = 0;
    expect(world.runUntil(() => agree(world, SIX), 20_000)).toBe(true);
    expectForest(world);
  },
);

function expectForest(world: World): void {
  for (const port of SIX) {
    const { nodes } = world.view(port);
    for (const { primaryId } of nodes) {
      if (primaryId !== null) expect(nodes.find(({ id }) => id === primaryId)?.role).toBe('primary');
    }
  }
}

test.each(FEW_SEEDS)(
  '10, seed %i: two TAKEOVERs at once, each in its own half, end without a circle (redis #11263)',
  (seed) => {
    const world = twoReplicas(seed);
    const half = [7004, 7002];
    world.divide(
      half,
      SIX.filter((port) => !half.includes(port)),
    );
    accept(world.order(7004, { name: 'FAILOVER', how: 'takeover' }));
    accept(world.order(7005, { name: 'FAILOVER', how: 'takeover' }));
    world.run(500);
    world.heal();
    expect(world.runUntil(() => agree(world, SIX), 20_000)).toBe(true);
    expectForest(world);
  },
);

test('10: a primary that says it follows its own replica stops nobody (valkey #609)', () => {
  const world = sixNodes(5);
  // 7004 follows 7001, which follows 7004.
  hear(world, 7004, oldWords('PING', { primaryId: idOf(7004), flags: FLAG.replica, slots: bitmapOf([]) }));
  world.run(100);
  expect(world.cluster(7004).role).toBe('replica');
  expect(world.runUntil(() => agree(world, SIX), 20_000)).toBe(true);
  expectForest(world);
});
