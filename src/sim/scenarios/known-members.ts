/**
 * Bugs that Redis or Valkey had with membership and with nodes.conf, as scenarios (see known-bug.ts).
 * Who is in the table is a matter of who was heard, and of what the disk kept.
 */
import type { Machine } from '../world/machine.js';
import { CONF } from '../setting.js';
import { addMachines, formCluster } from '../world/formation.js';
import type { KnownBug } from './known-bug.js';
import { EXTENSION_OF_7_2, type Stage } from './stage.js';

/** A node of another cluster gets the address of a node that has died: nobody takes it for the old one. */
function addressIsReused(stage: Stage): void {
  const { world } = stage;
  stage.say('A second cluster, of three. One of its nodes gets the address of 7006.');
  world.machine('7006').losePower();
  const shape = { primaries: 3, replicasEach: 0, firstPort: 7011, conf: CONF };
  const strangers: Machine[] = addMachines(world, shape);
  for (const machine of strangers) machine.cluster = 'theirs';
  if (!formCluster(world, strangers, shape)) throw new Error('the second cluster does not form');
  const impostor = world.addMachine(7006, CONF, world.machine('7006').address);
  impostor.cluster = 'theirs';
  impostor.boot();
  impostor.command('CLUSTER', 'MEET', strangers[0]?.address ?? '', '7011');
  stage.pass(20_000);
  const names = (machine: Machine) => new Set(machine.node?.membership?.cluster.facts.table.all().map(({ id }) => id));
  const mine = names(world.machine('7001'));
  const theirs = names(strangers[0] as Machine);
  stage.must(
    'no node is in both clusters',
    [...mine].every((id) => !theirs.has(id)),
  );
}

/** All forget a node: it does not come back by gossip of those who forgot it last. */
function forgottenStaysAway(stage: Stage): void {
  const id = stage.id('7006');
  stage.kill('7006', 10_000_000);
  stage.pass(3000);
  for (const name of ['7001', '7002', '7003', '7004', '7005']) {
    stage.at(name, 'CLUSTER', 'FORGET', id);
    stage.pass(700);
  }
  stage.pass(90_000);
  stage.allSay('7006', 'unknown', ({ table }) => (table.get(id) === null ? 'unknown' : 'known'));
}

/** Forgotten and met again and again, also while the ban lasts. */
function forgottenTwice(stage: Stage): void {
  const { address, port } = stage.world.machine('7006');
  for (let round = 0; round < 3; round++) {
    for (const name of ['7001', '7002', '7003', '7004', '7005']) stage.at(name, 'CLUSTER', 'FORGET', stage.id('7006'));
    stage.at('7001', 'CLUSTER', 'MEET', address, String(port));
    stage.pass(2000);
  }
  stage.pass(61_000);
  stage.at('7001', 'CLUSTER', 'MEET', address, String(port));
  stage.pass(5000);
  stage.allSay('7006', 'known', ({ table }) => (table.get(stage.id('7006')) === null ? 'unknown' : 'known'));
}

/** The link breaks while a MEET is on its way: both sides know each other in the end, or neither. */
function meetIsLost(stage: Stage): void {
  const { world } = stage;
  const fresh = world.addMachine(7007, CONF);
  fresh.boot();
  stage.pass(200);
  for (let i = 0; i < 10; i++) stage.fault({ kind: 'reset', atMs: 95 + i, a: '7001', b: '7007' });
  stage.at('7001', 'CLUSTER', 'MEET', fresh.address, '7007');
  stage.pass(10_000);
  stage.allSay('seven nodes', '7', ({ table }) => String(table.size));
}

/** The disk is full when nodes.conf is saved: the old file stays whole, and the node comes back with it. */
function diskIsFull(stage: Stage): void {
  stage.fault({ kind: 'full', atMs: 0, machine: '7001', forMs: 3000, room: 0 });
  stage.pass(100);
  stage.at('7001', 'CLUSTER', 'BUMPEPOCH');
  stage.pass(12_000);
  stage.must('7001 is back', stage.world.machine('7001').isRunning);
  stage.allAgree(8000);
}

/** The power fails at each step of saving nodes.conf: what is found afterwards is whole. */
function powerFailsWhileSaving(stage: Stage): void {
  for (let steps = 1; steps <= 6; steps++) {
    stage.fault({ kind: 'crash', atMs: 0, machine: '7001', steps, power: true });
    stage.pass(50);
    stage.at('7001', 'CLUSTER', 'BUMPEPOCH');
    stage.at('7001', 'CLUSTER', 'SAVECONFIG');
    stage.pass(9000);
    stage.must('7001 is back', stage.world.machine('7001').isRunning);
  }
  stage.allAgree(8000);
}

/** Later versions tell whom they were told to forget. One names itself: nobody forgets it, and nobody crashes. */
function forgetsItself(stage: Stage): void {
  const seconds = Buffer.from('000000000000003c', 'hex');
  stage.speakLater(['7002', '7006'], (senderId) => ({
    type: EXTENSION_OF_7_2.forgottenNode,
    bytes: Buffer.concat([Buffer.from(senderId), seconds]),
  }));
  stage.pass(5000);
  stage.kill('7001', 6000);
  stage.serves('7004', 6000);
  stage.follows('7001', 12_000);
  stage.allAgree(8000);
  stage.allSay('six nodes', '6', ({ table }) => String(table.size));
}

// biome-ignore format: a table
export const KNOWN_MEMBER_BUGS: readonly KnownBug[] = [
  [14, 'redis-6174',   'two clusters merge when an address is used again',    addressIsReused],
  [15, 'redis-3948',   'forgotten nodes come back',                           forgottenStaysAway],
  [16, 'redis-12701',  'a node that is forgotten twice crashes the others',   forgottenTwice],
  [21, 'redis-1604',   'a full disk leaves an empty file',                    diskIsFull],
  [22, 'redis-3599',   'nodes.conf is damaged by a crash',                    powerFailsWhileSaving],
  [25, 'valkey-461',   'a MEET that is lost leaves half-known nodes',         meetIsLost],
  [26, 'valkey-4675',  'a node that tells others to forget it crashes them',  forgetsItself],
];
