/** What an operator may not ask, and the words for it. */

import { expect, test } from 'vitest';
import { normalIp } from '../../src/gossip/operator/ip-address.js';
import {
  describeOrderRefusal,
  type Order,
  type OrderRefusal,
  type SlotOrder,
} from '../../src/gossip/operator/order.js';
import type { Care } from '../../src/gossip/turn.js';
import { idOf } from './stage/lone-node.js';
import type { World } from './stage/mini-world.js';
import { sixNodes, slotsFrom } from './stage/scenes.js';

const STRANGER = 'f'.repeat(40);
const meet = (ip: string, port: number, busPort = port + 10000): Order => ({
  name: 'MEET',
  ip,
  port,
  busPort,
  given: { ip, port: String(port) },
});
const setSlot = (slot: number, move: Extract<Order, { name: 'SETSLOT' }>['move']): Order => ({
  name: 'SETSLOT',
  slot,
  move,
});
const replicate = (nodeId: string, holdsKeys = false): Order => ({ name: 'REPLICATE', nodeId, holdsKeys });
const one = idOf(7001);
const two = idOf(7002);
const four = idOf(7004);

const to: Record<'migrating' | 'importing', (nodeId: string) => SlotOrder> & {
  stable: SlotOrder;
  node(nodeId: string, keysInSlot?: number): SlotOrder;
} = {
  stable: { to: 'stable' },
  migrating: (nodeId) => ({ to: 'migrating', nodeId }),
  importing: (nodeId) => ({ to: 'importing', nodeId }),
  node: (nodeId, keysInSlot = 0) => ({ to: 'node', nodeId, keysInSlot }),
};

// biome-ignore format: a table
test.each<[string, number, Order, string]>([
  // what                                  at    order                                              answer
  ['meet somebody',                        7001, meet('10.0.0.9', 7009),                            'OK'],
  ['meet a name',                          7001, meet('example.org', 7009),                         'bad-address'],
  ['meet port 0',                          7001, meet('10.0.0.9', 0, 10000),                        'bad-address'],
  ['meet a port whose bus is too high',    7001, meet('10.0.0.9', 60000),                           'bad-address'],
  ['add a slot of my own',                 7001, { name: 'ADDSLOTS', slots: [3] },                  'slot-busy'],
  ['add a slot of another',                7001, { name: 'ADDSLOTS', slots: [6000] },               'slot-busy'],
  ['delete a slot twice',                  7001, { name: 'DELSLOTS', slots: [3, 3] },               'slot-repeated'],
  ['flush with keys',                      7001, { name: 'FLUSHSLOTS', holdsKeys: true },           'flush-with-keys'],
  ['set a slot at a replica',              7004, setSlot(3, to.stable), 'setslot-on-replica'],
  ['migrate what is not mine',             7001, setSlot(6000, to.migrating(two)),                  'not-slot-owner'],
  ['migrate to nobody',                    7001, setSlot(3, to.migrating(STRANGER)), 'node-not-heard-of'],
  ['migrate to a replica',                 7001, setSlot(3, to.migrating(four)), 'target-not-primary'],
  ['import what is mine',                  7001, setSlot(3, to.importing(two)), 'already-slot-owner'],
  ['import from nobody',                   7001, setSlot(6000, to.importing(STRANGER)), 'node-not-heard-of'],
  ['give to nobody',                       7001, setSlot(3, to.node(STRANGER)),                     'node-unknown'],
  ['give to a replica',                    7001, setSlot(3, to.node(four)), 'target-not-primary'],
  ['give a slot with keys',                7001, setSlot(3, to.node(two, 1)),                       'slot-holds-keys'],
  ["take another one's slot, keys here",   7001, setSlot(6000, to.node(one, 1)),                    'OK'],
  ['copy nobody',                          7004, replicate(STRANGER),                               'node-unknown'],
  ['copy myself',                          7004, replicate(four),                                   'replicate-myself'],
  ['copy a replica',                       7005, replicate(four), 'replicate-a-replica'],
  ['copy, with slots',                     7001, replicate(two), 'replicate-with-data'],
  ['copy another, as a replica with keys', 7004, replicate(two, true),                              'OK'],
  ['an epoch among others',                7001, { name: 'SET-CONFIG-EPOCH', epoch: 9 }, 'epoch-among-others'],
  ['reset with keys',                      7001, { name: 'RESET', hard: false, holdsKeys: true },   'reset-with-keys'],
  ['forget myself',                        7001, { name: 'FORGET', nodeId: one },                   'forget-myself'],
  ['fail over at a primary',               7001, { name: 'FAILOVER', how: 'forced' }, 'failover-on-primary'],
])('%s', (_, port, order, expected) => {
  const answer = sixNodes(1).order(port, order);
  expect(answer.ok ? answer.text : answer.refusal.why).toBe(expected);
});

// biome-ignore format: a table
test.each<[OrderRefusal, string]>([
  [{ why: 'bad-address', ip: 'a.b', port: '7' },      'Invalid node address specified: a.b:7'],
  [{ why: 'node-unknown', nodeId: 'abc' },            'Unknown node abc'],
  [{ why: 'node-not-heard-of', nodeId: 'abc' },       "I don't know about node abc"],
  [{ why: 'slot-busy', slot: 3, ownerId: 'abc' },     'Slot 3 is already busy'],
  [{ why: 'slot-unassigned', slot: 3 },               'Slot 3 is already unassigned'],
  [{ why: 'slot-repeated', slot: 3 },                 'Slot 3 specified multiple times'],
  [{ why: 'not-slot-owner', slot: 3 },                "I'm not the owner of hash slot 3"],
  [{ why: 'already-slot-owner', slot: 3 },            "I'm already the owner of hash slot 3"],
  [{ why: 'epoch-negative', epoch: -4 },              'Invalid config epoch specified: -4'],
  [{ why: 'flush-with-keys' },                        'DB must be empty to perform CLUSTER FLUSHSLOTS.'],
  [{ why: 'forget-myself' },                          "I tried hard but I can't forget myself..."],
  [{ why: 'failover-primary-down' },                  'Master is down or failed, please use CLUSTER FAILOVER FORCE'],
])('%o is refused in the words of Redis', (refusal, words) => {
  expect(describeOrderRefusal(refusal)).toBe(words);
});

function answerTo(world: World, port: number, order: Order): string {
  const answer = world.order(port, order);
  return answer.ok ? answer.text : describeOrderRefusal(answer.refusal);
}

test('an order about several slots is carried out as a whole or not at all', () => {
  const world = sixNodes(1);
  expect(answerTo(world, 7001, { name: 'DELSLOTS', slots: [0, 1, 2] })).toBe('OK');
  expect(answerTo(world, 7001, { name: 'ADDSLOTS', slots: [0, 1, 6000] })).toBe('Slot 6000 is already busy');
  expect(world.cluster(7001).slots.countOf(one)).toBe(5458);
  expect(answerTo(world, 7001, { name: 'DELSLOTS', slots: [3, 0] })).toBe('Slot 0 is already unassigned');
  expect(world.cluster(7001).slots.countOf(one)).toBe(5458);
});

test('every order is answered once, and a change is saved before the answer', () => {
  const world = sixNodes(1);
  const effects = world.tell(7001, { kind: 'Order', order: { name: 'DELSLOTS', slots: [5] } });
  expect(effects.map((effect) => effect.kind)).toEqual(['Save', 'Answer', 'Log', 'StateChanged']);
  expect(effects[0]).toMatchObject({ care: 'written' });
});

// biome-ignore format: a table
test.each<[string, Order, Care]>([
  ['slots of nobody become ours',       { name: 'ADDSLOTS', slots: [5] },                                 'durable'],
  ['a slot of another one becomes ours', setSlot(6000, to.node(one)),            'durable'],
  ['a slot is given away',              setSlot(0, to.node(two)),               'written'],
  ['a slot will come',                  setSlot(6000, to.importing(two)),       'written'],
  ['a slot will go',                    setSlot(0, to.migrating(two)),          'written'],
  ['a node is forgotten',               { name: 'FORGET', nodeId: idOf(7006) },                           'written'],
  ['all is begun anew',                 { name: 'RESET', hard: false, holdsKeys: false },                 'durable'],
])('a claim is on disk before anybody hears of it, all else in the file: %s', (_, order, care) => {
  const world = sixNodes(1);
  answerTo(world, 7001, { name: 'DELSLOTS', slots: [5] });
  const saves = world.tell(7001, { kind: 'Order', order }).filter(({ kind }) => kind === 'Save');
  expect(saves).toMatchObject([{ care }]);
});

test('giving away the last slot makes a replica of a primary', () => {
  const world = sixNodes(1);
  answerTo(world, 7001, { name: 'DELSLOTS', slots: slotsFrom(1, 5460) });
  answerTo(world, 7001, setSlot(0, { to: 'node', nodeId: two, keysInSlot: 0 }));
  expect(world.cluster(7001).role).toBe('replica');
  expect(world.cluster(7001).shardPrimaryId).toBe(two);
});

test('stable ends a move, and a move knows both ends', () => {
  const world = sixNodes(1);
  answerTo(world, 7001, setSlot(3, { to: 'migrating', nodeId: two }));
  answerTo(world, 7001, setSlot(6000, { to: 'importing', nodeId: two }));
  expect(world.view(7001)).toMatchObject({
    migrating: [{ slot: 3, with: two }],
    importing: [{ slot: 6000, with: two }],
  });
  answerTo(world, 7001, setSlot(3, { to: 'stable' }));
  expect(world.view(7001).migrating).toEqual([]);
});

// biome-ignore format: a table
test.each([
  ['127.0.0.1',                   '127.0.0.1'],
  ['256.0.0.1',                   null],
  ['1.2.3',                       null],
  ['1.2.3.04',                    null],
  ['1.2.3.4.5',                   null],
  ['localhost',                   null],
  ['',                            null],
  ['::1',                         '::1'],
  ['::',                          '::'],
  ['0:0:0:0:0:0:0:1',             '::1'],
  ['2001:DB8:0:0:1:0:0:1',        '2001:db8::1:0:0:1'],
  ['2001:db8::',                  '2001:db8::'],
  ['fe80:0:1::',                  'fe80:0:1::'],
  ['1:2:3:4:5:6:7:8',             '1:2:3:4:5:6:7:8'],
  ['1:0:3:4:5:6:7:8',             '1:0:3:4:5:6:7:8'],
  ['::ffff:10.0.0.1',             '::ffff:10.0.0.1'],
  ['::FFFF:0a00:0001',            '::ffff:10.0.0.1'],
  ['::10.0.0.1',                  '::10.0.0.1'],
  ['1:2:3:4:5:6:7',               null],
  ['1:2:3:4:5:6:7:8:9',           null],
  ['1::2::3',                     null],
  ['1:2:3:4:5:6:7::8',            null],
  [':1',                          null],
  ['12345::',                     null],
  ['g::',                         null],
])('the address %s is %s', (text, expected) => {
  expect(normalIp(text)).toBe(expected);
});
