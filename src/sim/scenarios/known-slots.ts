/**
 * Bugs that Redis or Valkey had with slots and epochs, as scenarios: each begins with what went wrong there, and ends
 * with what must be true here. The numbers are those of the list of known bugs.
 */
import type { ClusterState } from '../../gossip/cluster-state.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';
import { readDirectly } from '../rules/found.js';
import { EXTENSION_OF_7_2, type Stage } from './stage.js';
import type { KnownBug } from './known-bug.js';

const ownerOf =
  (slot: number) =>
  ({ slots }: Readonly<ClusterState>): string =>
    slots.ownerOf(slot) ?? 'nobody';

const LEFT = ['7001', '7004'];

function moveSlot(stage: Stage, slot: number, from: string, to: string): void {
  const [fromId, toId] = [stage.id(from), stage.id(to)];
  stage.at(to, 'CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', fromId);
  stage.at(from, 'CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', toId);
  stage.at(to, 'CLUSTER', 'SETSLOT', String(slot), 'NODE', toId);
  stage.at(from, 'CLUSTER', 'SETSLOT', String(slot), 'NODE', toId);
}

/** Both claim a slot, in the same epoch, and neither hears of the other. */
function twoOwners(stage: Stage): void {
  stage.cutOff(LEFT, 700);
  stage.pass(50);
  stage.at('7001', 'CLUSTER', 'BUMPEPOCH');
  stage.at('7002', 'CLUSTER', 'DELSLOTS', '7');
  stage.at('7002', 'CLUSTER', 'ADDSLOTS', '7');
  stage.at('7002', 'CLUSTER', 'BUMPEPOCH');
  stage.pass(1000);
  stage.allAgree(6000);
  stage.allSay('slot 7', stage.facts('7003').slots.ownerOf(7) ?? '', ownerOf(7));
}

/** Only the new owner was told, and dies before it could tell anybody. */
function crashInSetslot(stage: Stage): void {
  const [fromId, toId] = [stage.id('7001'), stage.id('7002')];
  stage.at('7002', 'CLUSTER', 'SETSLOT', '7', 'IMPORTING', fromId);
  stage.at('7001', 'CLUSTER', 'SETSLOT', '7', 'MIGRATING', toId);
  stage.at('7002', 'CLUSTER', 'SETSLOT', '7', 'NODE', toId);
  stage.kill('7002', 300);
  stage.pass(3000);
  stage.allAgree(6000);
  stage.allSay('slot 7', toId, ownerOf(7));
}

/** Half moved, and the source fails over: the target must not go without an owner for the slot until somebody helps. */
function failoverWithinMove(stage: Stage): void {
  stage.at('7002', 'CLUSTER', 'SETSLOT', '7', 'IMPORTING', stage.id('7001'));
  stage.at('7001', 'CLUSTER', 'SETSLOT', '7', 'MIGRATING', stage.id('7002'));
  stage.kill('7001', 12_000);
  stage.serves('7004', 6000);
  stage.until('7002 serves', () => stage.isOk('7002'), 2000);
  stage.pass(4000);
  stage.must('7002 still serves', stage.isOk('7002') && !stage.world.machine('7001').isRunning);
  stage.must('slot 7 waits for the operator', stage.facts('7002').slots.ownerOf(7) !== stage.id('7004'));
  stage.follows('7001', 12_000);
  stage.allAgree(8000);
  stage.allSay('slot 7', stage.id('7004'), ownerOf(7));
}

/**
 * Half moved, and the source is replaced by a replica that has not heard that a key has left. Its copy is older than
 * the one at the target: whoever begins the move anew must not put it there. redis-cli refuses to, and asks somebody.
 */
function olderCopyComesBack(stage: Stage): void {
  const [source, target] = [stage.world.machine('7001'), stage.world.machine('7002')];
  stage.client('7001', 'SET', '{b}', 'old'); // slot 3300 is 7001's
  stage.pass(500);
  stage.at('7002', 'CLUSTER', 'SETSLOT', '3300', 'IMPORTING', stage.id('7001'));
  stage.at('7001', 'CLUSTER', 'SETSLOT', '3300', 'MIGRATING', stage.id('7002'));
  stage.cutOff(['7004'], 4000, ['7001']);
  stage.at('7001', 'MIGRATE', target.address, '7002', '{b}', '0', '1000');
  stage.until('the key has left', () => source.node?.engine.size === 0, 1000);
  stage.must('7002 takes a newer value', stage.client('7001', 'SET', '{b}', 'newer').includes('OK'));
  stage.kill('7001', 5000);
  stage.serves('7004', 6000);
  stage.follows('7001', 8000);
  stage.allAgree(8000);
  stage.say('The operator begins anew, from 7004. It has another value, and nothing is put over the newer one.');
  stage.mover.move([3300], stage.world.machine('7004'), target);
  stage.until('the operator gives up', () => stage.mover.isIdle, 10_000);
  stage.must('both are kept', ['7004', '7002'].map((name) => valueAt(stage, name)).join() === 'old,newer');
  stage.say('Somebody looks at both.');
  stage.at('7004', 'DEL', '{b}');
  stage.mover.finish();
  stage.until('the move ends', () => stage.mover.isIdle, 5000);
  stage.allAgree(6000);
  stage.allSay('slot 3300', stage.id('7002'), ownerOf(3300));
  stage.holds('{b}', 'newer');
}

function valueAt(stage: Stage, name: string): string | null {
  const { node } = stage.world.machine(name);
  return node === null ? null : readDirectly(node, '{b}');
}

/** The slot has moved; the old owner's replica, promoted later, must not take it back. */
function moveSurvivesFailover(stage: Stage): void {
  moveSlot(stage, 7, '7001', '7002');
  stage.pass(1000);
  stage.kill('7001', 8000);
  stage.serves('7004', 6000);
  stage.until('7001 is back', () => stage.world.machine('7001').isRunning, 9000);
  stage.pass(2000);
  stage.allAgree(6000);
  stage.allSay('slot 7', stage.id('7002'), ownerOf(7));
}

/** An old owner gives its last slot away: without leave to migrate it stays a primary. */
function lastSlotLeaves(stage: Stage): void {
  for (const name of ['7001', '7004']) stage.at(name, 'CONFIG', 'SET', 'cluster-allow-replica-migration', 'no');
  stage.at('7002', 'CLUSTER', 'DELSLOTSRANGE', '0', '5460');
  stage.at('7002', 'CLUSTER', 'ADDSLOTSRANGE', '0', '5460');
  stage.at('7002', 'CLUSTER', 'BUMPEPOCH');
  stage.pass(2000);
  stage.must('7001 stays a primary', stage.isPrimary('7001'));
  stage.must('7001 has no slots', stage.facts('7001').slots.countOf(stage.id('7001')) === 0);
  stage.allAgree(6000);
}

/** After CLUSTER FAILOVER all know the new primary's epoch, replicas as well. */
function epochAfterFailover(stage: Stage): void {
  stage.at('7004', 'CLUSTER', 'FAILOVER');
  stage.serves('7004', 5000);
  stage.allAgree(6000);
  const epoch = String(stage.facts('7004').me.configEpoch);
  stage.allSay('the epoch of 7004', epoch, ({ table }) => String(table.get(stage.id('7004'))?.configEpoch));
}

/** Its primary's epoch rose while it was away, and the primary died: it must learn the epoch, ask again, and win. */
function staleCandidate(stage: Stage): void {
  stage.cutOff(['7004'], 600);
  stage.pass(50);
  stage.at('7001', 'CLUSTER', 'BUMPEPOCH');
  stage.pass(400);
  stage.kill('7001', 30_000);
  stage.serves('7004', 15_000);
}

/** The target of a move is forgotten: the slot stays where it is, and points nowhere else. */
function forgottenTarget(stage: Stage): void {
  stage.at('7001', 'CLUSTER', 'SETSLOT', '7', 'MIGRATING', stage.id('7002'));
  stage.at('7001', 'CLUSTER', 'FORGET', stage.id('7002'));
  const { slots, moves } = stage.facts('7001');
  stage.must('slot 7 is still here', slots.ownerOf(7) === stage.id('7001'));
  stage.must('slot 7 goes nowhere', moves.migratingTo(7) === null);
}

/** Keys of a slot that has left are gone at the old owner's replica too. */
function keysGoEverywhere(stage: Stage): void {
  stage.client('7001', 'SET', '{b}1', 'x'); // slot 3300 is 7001's
  stage.pass(500);
  stage.at('7002', 'CLUSTER', 'DELSLOTS', '3300');
  stage.at('7002', 'CLUSTER', 'ADDSLOTS', '3300');
  stage.at('7002', 'CLUSTER', 'BUMPEPOCH');
  stage.pass(3000);
  stage.allAgree(6000);
  for (const name of ['7001', '7004'])
    stage.must(`${name} has no key of the slot`, stage.world.machine(name).node?.engine.size === 0);
}

/**
 * Half of the cluster speaks as 7.2 does: each heartbeat tells the id of a shard, and as 7.0 tells none, that of a
 * replica is not its primary's. Shards are counted by primaries here: each slot is in one of them, however often one
 * asks, after slots have moved, after a failover, and after a restart.
 */
function mixedVersions(stage: Stage): void {
  const later = ['7003', '7004', '7005'];
  stage.say(`${later.join(', ')} are of a later version, and tell of shards that nobody else knows.`);
  stage.speakLater(later, (senderId) => ({ type: EXTENSION_OF_7_2.shardId, bytes: Buffer.from(senderId).reverse() }));
  stage.pass(3000);
  shardsAreSound(stage);
  moveSlot(stage, 7, '7001', '7003');
  moveSlot(stage, 16_000, '7003', '7002');
  stage.pass(2000);
  shardsAreSound(stage);
  stage.at('7004', 'CLUSTER', 'FAILOVER');
  stage.serves('7004', 5000);
  stage.allAgree(6000);
  shardsAreSound(stage);
  for (const machine of ['7001', '7004', '7006']) stage.kill(machine, 300);
  stage.pass(6000);
  stage.allAgree(8000);
  shardsAreSound(stage);
  stage.allSay('slot 7', stage.id('7003'), ownerOf(7));
  stage.allSay('slot 16000', stage.id('7002'), ownerOf(16_000));
}

/** Each node tells of three shards with two nodes each, and of all slots once; asked again, it says the same. */
function shardsAreSound(stage: Stage): void {
  for (const machine of stage.world.running)
    for (let again = 0; again < 2; again++) {
      const lines = (machine.command('CLUSTER', 'SHARDS')?.toString('latin1') ?? '').split('\r\n');
      const numbers = lines.flatMap((word, i) => (word === 'slots' ? slotsBehind(lines, i + 1) : []));
      const count = numbers.reduce((sum, slot, i) => sum + (i % 2 === 0 ? 1 - slot : slot), 0);
      const nodes = lines.filter((word) => word === 'health').length;
      const isSound = lines[0] === '*3' && nodes === 6 && count === SLOT_COUNT;
      stage.must(`${machine.name} tells of three shards, ${nodes} nodes, ${count} slots`, isSound);
    }
}

/** `*4`, `:0`, `:6`, `:8`, `:5460`. */
function slotsBehind(lines: readonly string[], at: number): number[] {
  const count = Number(lines[at]?.slice(1));
  return lines.slice(at + 1, at + 1 + count).map((line) => Number(line.slice(1)));
}

// biome-ignore format: a table
export const KNOWN_SLOT_BUGS: readonly KnownBug[] = [
  [1,  'redis-1799',   'two primaries claim one slot in one epoch',            twoOwners],
  [2,  'redis-3776',   'a primary crashes within the move of a slot',          crashInSetslot],
  [2,  'redis-6339',   'the source of a move fails over',                      failoverWithinMove],
  [2,  'older-copy',   'a move begun anew puts an older value over a newer one', olderCopyComesBack],
  [3,  'redis-12344',  'a moved slot comes back after a failover',             moveSurvivesFailover],
  [4,  'redis-3083',   'a primary without slots turns into a replica',         lastSlotLeaves],
  [5,  'redis-4335',   'replicas keep the old epoch after a failover',         epochAfterFailover],
  [7,  'redis-9548',   'a replica with an old epoch can never win',            staleCandidate],
  [17, 'redis-12604',  'nodes of 7.0 and 7.2 in one cluster crash on SHARDS',  mixedVersions],
  [23, 'redis-11084',  'keys of a slot that left stay at a replica',           keysGoEverywhere],
  [27, 'garnet-494',   'forgetting the target of a move re-points the slot',   forgottenTarget],
];
