/** Keys that were read from files, in slots that nodes.conf gives to others. */

import { expect, test } from 'vitest';
import { reconcile } from '../../../src/gossip/members/loaded-slots.js';
import { idOf } from '../stage/lone-node.js';
import { sixNodes, storyOf, threePrimaries } from '../stage/scenes.js';

const OWNERS = new Map([
  [1, 'me'],
  [2, 'other'],
  [4, 'other'],
]);
const RECORD = {
  ownerOf: (slot: number) => OWNERS.get(slot) ?? null,
  importingFrom: (slot: number) => (slot === 4 ? 'other' : null),
};

// biome-ignore format: a table
test.each([
  ['ours',                         1, { take: [],  import: [] }],
  ["another's",                    2, { take: [],  import: [{ slot: 2, from: 'other' }] }],
  ["nobody's",                     3, { take: [3], import: [] }],
  ["another's, imported already",  4, { take: [],  import: [] }],
])('a key in a slot that is %s', (_, slot, adoption) => {
  expect(reconcile([slot], 'me', RECORD)).toEqual(adoption);
});

test('a primary adopts them, and says so in the words of Redis', () => {
  const world = threePrimaries(1);
  world.order(7001, { name: 'DELSLOTS', slots: [100] });
  const effects = world.tell(7001, { kind: 'Loaded', populatedSlots: [5, 100, 16000] });
  expect(effects[0]).toMatchObject({ kind: 'Save', care: 'durable' });
  expect(world.cluster(7001).slots.ownerOf(100)).toBe(idOf(7001));
  expect(world.cluster(7001).moves.importingFrom(16000)).toBe(idOf(7003));
  expect(storyOf(world)).toContain('I have keys for unassigned slot 100. Taking responsibility for it.');
  expect(storyOf(world)).toContain(
    'I have keys for slot 16000, but the slot is assigned to another node. Setting it to importing state.',
  );
});

test('a replica does not', () => {
  const world = sixNodes(1);
  expect(world.tell(7004, { kind: 'Loaded', populatedSlots: [16000] })).toEqual([]);
});
