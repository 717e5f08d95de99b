/** What an operator may not ask, and the words for it. */

import { expect, test } from 'vitest';
import { normalIp } from '../../src/gossip/operator/ip-address.js';
import { describeOrderRefusal, type Order } from '../../src/gossip/operator/order.js';
import { idOf, type World } from './mini-world.js';
import { sixNodes, slotsFrom } from './scenes.js';

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

// biome-ignore format: a table
test.each<[string, number, Order, string]>([
  // what                                 at    order                                                   answer
  ['meet somebody',                       7001, meet('10.0.0.9', 7009),                                 'OK'],
  ['meet a name',                         7001, meet('example.org', 7009),                              'Invalid node address specified: example.org:7009'],
  ['meet port 0',                         7001, meet('10.0.0.9', 0, 10000),                             'Invalid node address specified: 10.0.0.9:0'],
  ['meet a port whose bus is too high',   7001, meet('10.0.0.9', 60000),                                'Invalid node address specified: 10.0.0.9:60000'],
  ['add a slot of my own',                7001, { name: 'ADDSLOTS', slots: [3] },                       'Slot 3 is already busy'],
  ['add a slot of another',               7001, { name: 'ADDSLOTS', slots: [6000] },                    'Slot 6000 is already busy'],
  ['delete a slot twice',                 7001, { name: 'DELSLOTS', slots: [3, 3] },                    'Slot 3 specified multiple times'],
  ['flush with keys',                     7001, { name: 'FLUSHSLOTS', holdsKeys: true },                'DB must be empty to perform CLUSTER FLUSHSLOTS.'],
  ['set a slot at a replica',             7004, setSlot(3, { to: 'stable' }),                           'Please use SETSLOT only with masters.'],
  ['migrate what is not mine',            7001, setSlot(6000, { to: 'migrating', nodeId: two }),        "I'm not the owner of hash slot 6000"],
  ['migrate to nobody',                   7001, setSlot(3, { to: 'migrating', nodeId: STRANGER }),      `I don't know about node ${STRANGER}`],
  ['migrate to a replica',                7001, setSlot(3, { to: 'migrating', nodeId: four }),          'Target node is not a master'],
  ['import what is mine',                 7001, setSlot(3, { to: 'importing', nodeId: two }),           "I'm already the owner of hash slot 3"],
  ['import from nobody',                  7001, setSlot(6000, { to: 'importing', nodeId: STRANGER }),   `I don't know about node ${STRANGER}`],
  ['give to nobody',                      7001, setSlot(3, { to: 'node', nodeId: STRANGER, keysInSlot: 0 }), `Unknown node ${STRANGER}`],
  ['give to a replica',                   7001, setSlot(3, { to: 'node', nodeId: four, keysInSlot: 0 }), 'Target node is not a master'],
  ['give a slot with keys',               7001, setSlot(3, { to: 'node', nodeId: two, keysInSlot: 1 }), "Can't assign hashslot 3 to a different node while I still hold keys for this hash slot."],
  ['give another one\'s slot, keys here', 7001, setSlot(6000, { to: 'node', nodeId: one, keysInSlot: 1 }), 'OK'],
  ['copy nobody',                         7004, replicate(STRANGER),                                    `Unknown node ${STRANGER}`],
  ['copy myself',                         7004, replicate(four),                                        "Can't replicate myself"],
  ['copy a replica',                      7005, replicate(four),                                        'I can only replicate a master, not a replica.'],
  ['copy, with slots',                    7001, replicate(two),                                         'To set a master the node must be empty and without assigned slots.'],
  ['copy another, as a replica with keys', 7004, replicate(two, true),                                  'OK'],
  ['an epoch among others',               7001, { name: 'SET-CONFIG-EPOCH', epoch: 9 },                 'The user can assign a config epoch only when the node does not know any other node.'],
  ['reset with keys',                     7001, { name: 'RESET', hard: false, holdsKeys: true },        "CLUSTER RESET can't be called with master nodes containing keys"],
  ['forget myself',                       7001, { name: 'FORGET', nodeId: one },                        "I tried hard but I can't forget myself..."],
  ['fail over at a primary',              7001, { name: 'FAILOVER', how: 'forced' },                    'You should send CLUSTER FAILOVER to a replica'],
])('%s', (_, port, order, expected) => {
  expect(answerTo(sixNodes(1), port, order)).toBe(expected);
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
  expect(effects[0]).toMatchObject({ durable: true });
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
