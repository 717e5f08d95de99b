/** Known bugs about who owns a slot, each replayed: the number is that of the list of reports. */

import { expect, test } from 'vitest';
import { idOf } from '../stage/lone-node.js';
import type { World } from '../stage/mini-world.js';
import {
  accept,
  agree,
  FEW_SEEDS,
  follow,
  isOk,
  NODE_TIMEOUT,
  PRIMARIES,
  SIX,
  sixNodes,
  threePrimaries,
} from '../stage/scenes.js';

const ownerAt = (world: World, observer: number, slot: number) => world.cluster(observer).slots.ownerOf(slot);

function startMove(world: World, slot: number, from: number, to: number): void {
  accept(world.order(to, { name: 'SETSLOT', slot, move: { to: 'importing', nodeId: idOf(from) } }));
  accept(world.order(from, { name: 'SETSLOT', slot, move: { to: 'migrating', nodeId: idOf(to) } }));
}

const assign = (world: World, at: number, slot: number, to: number) =>
  accept(world.order(at, { name: 'SETSLOT', slot, move: { to: 'node', nodeId: idOf(to), keysInSlot: 0 } }));

test.each(FEW_SEEDS)(
  '1, seed %i: two primaries that claim one slot in one epoch do not keep it both (redis #1799)',
  (seed) => {
    const world = threePrimaries(seed);
    world.divide([7001], [7002, 7003]);
    // Each side bumps its epoch alone and takes the slot: the same epoch, twice.
    for (const port of [7001, 7002]) {
      accept(world.order(port, { name: 'DELSLOTS', slots: [12_000] }));
      accept(world.order(port, { name: 'ADDSLOTS', slots: [12_000] }));
      accept(world.order(port, { name: 'BUMPEPOCH' }));
    }
    const epochOf = (port: number) => world.view(port).myEpoch;
    expect(epochOf(7001)).toBe(epochOf(7002));
    world.heal();
    expect(world.runUntil(() => agree(world, PRIMARIES), 20_000)).toBe(true);
    expect(new Set(PRIMARIES.map(epochOf)).size).toBe(3);
    expect(new Set(PRIMARIES.map((port) => ownerAt(world, port, 12_000))).size).toBe(1);
  },
);

test.each(FEW_SEEDS)('2, seed %i: a move that was closed at one end only converges (redis #3776, #6339)', (seed) => {
  const world = sixNodes(seed);
  startMove(world, 7, 7001, 7002);
  assign(world, 7002, 7, 7002); // the operator's tool died here: 7001 never heard its SETSLOT NODE
  expect(world.runUntil(() => agree(world, SIX), 10_000)).toBe(true);
  for (const port of SIX) expect(ownerAt(world, port, 7)).toBe(idOf(7002));
});

test.each(FEW_SEEDS)('2, seed %i: a primary that dies amid SETSLOT leaves one owner behind (redis #6339)', (seed) => {
  const world = sixNodes(seed);
  startMove(world, 7, 7001, 7002);
  assign(world, 7002, 7, 7002);
  world.kill(7002); // at once: only its own disk knows for sure
  expect(world.runUntil(() => world.cluster(7005).role === 'primary', 12_000)).toBe(true);
  world.restart(7002);
  expect(world.runUntil(() => agree(world, SIX), 20_000)).toBe(true);
  expect(new Set(SIX.map((port) => ownerAt(world, port, 7))).size).toBe(1);
});

test.each(FEW_SEEDS)(
  '2, seed %i: the target of a half-moved slot serves while the replaced source stays dead',
  (seed) => {
    const world = sixNodes(seed);
    startMove(world, 7, 7001, 7002);
    world.kill(7001);
    expect(world.runUntil(() => world.cluster(7004).role === 'primary', 12_000)).toBe(true);
    expect(world.runUntil(() => isOk(world, 7002), 2000)).toBe(true);
    expect(ownerAt(world, 7002, 7)).toBe(idOf(7001)); // only an operator decides
    const told = world.cluster(7002).explainSubject({ kind: 'slot', slot: 7 }, world.clocks());
    expect(told instanceof Map && told.get('reason')).toBe('owner-replaced');
    world.run(2 * NODE_TIMEOUT);
    expect(isOk(world, 7002)).toBe(true);
    world.kill(7004); // the heir: now nobody serves slot 7, nor the others of its shard
    expect(world.runUntil(() => !isOk(world, 7002), 3 * NODE_TIMEOUT)).toBe(true);
  },
);

test.each(FEW_SEEDS)('2, seed %i: nor does it stop when the source comes back, as a replica', (seed) => {
  const world = sixNodes(seed);
  startMove(world, 7, 7001, 7002);
  world.kill(7001);
  expect(world.runUntil(() => world.cluster(7004).role === 'primary' && isOk(world, 7002), 15_000)).toBe(true);
  const said: string[] = [];
  world.onStep = (port, effects) => {
    if (port === 7002) for (const effect of effects) if (effect.kind === 'StateChanged') said.push(effect.state);
  };
  world.restart(7001);
  expect(world.runUntil(() => agree(world, SIX), 10_000)).toBe(true);
  expect(ownerAt(world, 7002, 7)).toBe(idOf(7004)); // the old owner gave it up, and the import is still open
  expect(said).toEqual([]);
});

test('2: once the import is given up, the slot is with the heir', () => {
  const world = sixNodes(3);
  startMove(world, 7, 7001, 7002);
  world.kill(7001);
  expect(world.runUntil(() => world.cluster(7004).role === 'primary' && isOk(world, 7002), 15_000)).toBe(true);
  accept(world.order(7002, { name: 'SETSLOT', slot: 7, move: { to: 'stable' } }));
  expect(isOk(world, 7002)).toBe(true);
  expect(world.runUntil(() => ownerAt(world, 7002, 7) === idOf(7004), 2 * NODE_TIMEOUT)).toBe(true);
  expect(isOk(world, 7002)).toBe(true);
});

test.each(FEW_SEEDS)(
  '3, seed %i: a slot that was moved does not go back with a failover of its old owner (redis #12344)',
  (seed) => {
    const world = sixNodes(seed);
    startMove(world, 7, 7001, 7002);
    assign(world, 7002, 7, 7002);
    assign(world, 7001, 7, 7002);
    world.kill(7001);
    expect(world.runUntil(() => world.cluster(7004).role === 'primary', 12_000)).toBe(true);
    world.restart(7001);
    expect(world.runUntil(() => agree(world, SIX), 20_000)).toBe(true);
    for (const port of SIX) expect(ownerAt(world, port, 7)).toBe(idOf(7002));
  },
);

test.each(FEW_SEEDS)('3, seed %i: nor by a third node that hears later words of the old owner first', (seed) => {
  const world = sixNodes(seed);
  world.divide([7002], [7003]);
  startMove(world, 7, 7001, 7002);
  assign(world, 7002, 7, 7002);
  assign(world, 7001, 7, 7002);
  world.run(500);
  accept(world.order(7001, { name: 'BUMPEPOCH' })); // its epoch is above that of the move now
  world.run(700);
  world.heal();
  expect(world.runUntil(() => agree(world, SIX), 20_000)).toBe(true);
  for (const port of SIX) expect(ownerAt(world, port, 7)).toBe(idOf(7002));
});

test('3: nor when a node joins that knows the old owner only (redis #12344)', () => {
  const world = threePrimaries(5);
  startMove(world, 7, 7001, 7002);
  assign(world, 7002, 7, 7002);
  assign(world, 7001, 7, 7002);
  world.addNode(7007);
  world.meet(7007, 7003);
  world.run(5000);
  for (const port of [...PRIMARIES, 7007]) expect(ownerAt(world, port, 7)).toBe(idOf(7002));
});

test.each([true, false])(
  '4: a primary that gives its last slot away, migration allowed: %s (redis #3083)',
  (allowed) => {
    const world = sixNodes(3);
    for (const port of SIX) world.configure(port, { allowReplicaMigration: allowed });
    accept(world.order(7001, { name: 'DELSLOTS', slots: Array.from({ length: 5460 }, (_, i) => i) }));
    for (const port of SIX) world.configure(port, { requireFullCoverage: false });
    world.run(2000);
    startMove(world, 5460, 7001, 7002);
    assign(world, 7002, 5460, 7002);
    world.run(3000);
    // As configured, and as 7.0.15 does it: only who may migrate follows the new owner.
    expect(world.cluster(7001).role).toBe(allowed ? 'replica' : 'primary');
    expect(world.cluster(7004).shardPrimaryId).toBe(idOf(allowed ? 7002 : 7001));
  },
);

test('27: forgetting the node that imports a slot leaves the slot where it is (garnet #494)', () => {
  const world = sixNodes(4);
  startMove(world, 7, 7001, 7002);
  follow(world, 7005, 7001);
  world.run(1500);
  accept(world.order(7001, { name: 'FORGET', nodeId: idOf(7002) }));
  expect(ownerAt(world, 7001, 7)).toBe(idOf(7001));
  expect(world.cluster(7001).moves.migratingTo(7)).toBeNull();
  expect(world.cluster(7001).slots.isMine(7)).toBe(true);
});

test('27: and so does forgetting the node it comes from', () => {
  const world = threePrimaries(4);
  startMove(world, 7, 7001, 7002);
  accept(world.order(7002, { name: 'FORGET', nodeId: idOf(7001) }));
  expect(world.cluster(7002).moves.importingFrom(7)).toBeNull();
  expect(ownerAt(world, 7002, 7)).toBeNull(); // its owner is gone, nobody else took it
  expect(isOk(world, 7002)).toBe(false);
});
