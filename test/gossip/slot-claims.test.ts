/** Who serves a slot that two nodes claim: the truth table, then the ways in which a newer claim gets around. */

import { expect, test } from 'vitest';
import type { Effect } from '../../src/gossip/turn.js';
import { judgeClaim, type SlotFacts } from '../../src/gossip/slot-claims.js';
import { idOf } from './stage/lone-node.js';
import { accept, agree, isOk, PRIMARIES, picture, SEEDS, storyOf, threePrimaries } from './stage/scenes.js';

const FACTS: SlotFacts = { owner: { id: 'owner', configEpoch: 3 }, abandoned: false, importing: false };

// biome-ignore format: a table
test.each<[string, number, Partial<SlotFacts>, string]>([
  // what is special                       epoch  facts                                        verdict
  ['nobody owned it',                          1, { owner: null },                             'wins'],
  ['the winner of a later election',           4, {},                                          'wins'],
  ['a tie: two would swap slots for ever',     3, {},                                          'loses'],
  ['it slept through its own replacement',     2, {},                                          'loses'],
  ['the owner gave it up',                     1, { abandoned: true },                         'wins'],
  ['it owns the slot already',                 1, { owner: { id: 'claimant', configEpoch: 1 } }, 'confirmed'],
  ['we are taking it over by hand',            9, { importing: true },                         'operator-decides'],
  ['the same, and its owner was replaced',     9, { importing: true, owner: null },            'wins'],
])('%s', (_, epoch, facts, verdict) => {
  expect(judgeClaim('claimant', epoch, { ...FACTS, ...facts })).toBe(verdict);
});

/** 7001 gives slot 0 to 7002 by hand, while 7003 is cut off from 7002. */
function moveSlotZero(seed: number) {
  const world = threePrimaries(seed);
  world.divide([7002], [7003]);
  const [source, target] = [idOf(7001), idOf(7002)];
  const set = (port: number, move: Parameters<typeof world.order>[1]) => accept(world.order(port, move));
  set(7002, { name: 'SETSLOT', slot: 0, move: { to: 'importing', nodeId: source } });
  set(7001, { name: 'SETSLOT', slot: 0, move: { to: 'migrating', nodeId: target } });
  set(7002, { name: 'SETSLOT', slot: 0, move: { to: 'node', nodeId: target, keysInSlot: 5 } });
  set(7001, { name: 'SETSLOT', slot: 0, move: { to: 'node', nodeId: target, keysInSlot: 0 } });
  return world;
}

test('story 4: a slot changes its owner, and UPDATE tells the one who cannot hear it', async () => {
  const world = threePrimaries(7);
  world.divide([7002], [7003]);
  const target = idOf(7002);
  accept(world.order(7002, { name: 'SETSLOT', slot: 0, move: { to: 'importing', nodeId: idOf(7001) } }));
  accept(world.order(7001, { name: 'SETSLOT', slot: 0, move: { to: 'migrating', nodeId: target } }));
  world.run(300);
  accept(world.order(7002, { name: 'SETSLOT', slot: 0, move: { to: 'node', nodeId: target, keysInSlot: 5 } }));
  world.run(1500);
  // 7003 still thinks that 7001 has the slot, and so far nobody may say otherwise: 7001 does. Now 7003 claims it.
  accept(world.order(7003, { name: 'SETSLOT', slot: 0, move: { to: 'node', nodeId: idOf(7003), keysInSlot: 0 } }));
  world.run(3000);
  world.heal();
  world.run(6000);
  expect(agree(world, PRIMARIES)).toBe(true);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/04-slots-change-owner-by-update.txt');
});

test.each(SEEDS)('seed %i: a slot moved by hand has its new owner everywhere', (seed) => {
  const world = moveSlotZero(seed);
  world.run(3000);
  world.heal();
  expect(world.runUntil(() => agree(world, PRIMARIES), 10_000)).toBe(true);
  expect(picture(world, 7003)).toContain('7001 primary - 1 ok 1-5460');
  expect(picture(world, 7003)).toContain('7002 primary - 4 ok 0-0 5461-10922');
});

test('a primary that loses slots to a newer claim, and keeps others, drops their keys', () => {
  const world = threePrimaries(9);
  const lost: Effect[] = [];
  world.onStep = (port, effects) => {
    if (port === 7001) lost.push(...effects.filter((effect) => effect.kind === 'SlotsLost'));
  };
  accept(world.order(7002, { name: 'SETSLOT', slot: 5, move: { to: 'importing', nodeId: idOf(7001) } }));
  accept(world.order(7002, { name: 'SETSLOT', slot: 5, move: { to: 'node', nodeId: idOf(7002), keysInSlot: 0 } }));
  world.run(2000);
  expect(lost).toEqual([{ kind: 'SlotsLost', slots: [5] }]);
  expect(isOk(world, 7001)).toBe(true);
});

test('a primary that loses its last slot becomes a replica of the winner', () => {
  const world = threePrimaries(9);
  accept(world.order(7003, { name: 'DELSLOTS', slots: range(10924, 16383) }));
  accept(world.order(7002, { name: 'SETSLOT', slot: 10923, move: { to: 'importing', nodeId: idOf(7003) } }));
  accept(world.order(7002, { name: 'SETSLOT', slot: 10923, move: { to: 'node', nodeId: idOf(7002), keysInSlot: 0 } }));
  world.run(2000);
  expect(storyOf(world)).toContain('Configuration change detected. Reconfiguring myself as a replica of ‹7002›');
  expect(world.cluster(7003).role).toBe('replica');
});

test('…unless it may not migrate, and the winner is more than the heir of its shard', () => {
  const world = threePrimaries(9);
  world.configure(7003, { allowReplicaMigration: false });
  accept(world.order(7003, { name: 'DELSLOTS', slots: range(10924, 16383) }));
  accept(world.order(7002, { name: 'SETSLOT', slot: 10923, move: { to: 'importing', nodeId: idOf(7003) } }));
  accept(world.order(7002, { name: 'SETSLOT', slot: 10923, move: { to: 'node', nodeId: idOf(7002), keysInSlot: 0 } }));
  world.run(2000);
  expect(world.cluster(7003).role).toBe('primary');
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test('what others do among themselves waits for the next tick, what is taken from us does not', () => {
  const world = threePrimaries(11);
  const take = (slot: number, from: number): void => {
    accept(world.order(7002, { name: 'SETSLOT', slot, move: { to: 'importing', nodeId: idOf(from) } }));
    accept(world.order(7002, { name: 'SETSLOT', slot, move: { to: 'node', nodeId: idOf(7002), keysInSlot: 0 } }));
    world.run(2000);
  };
  take(5, 7001); // has the greatest epoch now: the next claims of 7002 bring no new one
  const saves: string[] = [];
  world.onStep = (port, effects) => {
    for (const effect of effects)
      if (effect.kind === 'Save' && effect.reasons.includes('slots changed their owner'))
        saves.push(`${port} ${effect.care}`);
  };
  take(6, 7001);
  expect(saves.sort()).toEqual(['7001 written', '7003 soon']);
});
