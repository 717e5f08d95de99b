/**
 * Bugs that Redis or Valkey had with elections, roles and replication, as scenarios (see known-bug.ts). Most of them
 * lost data quietly, so most of these end by looking for a write.
 */
import type { KnownBug } from './known-bug.js';
import type { Stage } from './stage.js';

/** Half of all primaries die at once: their replicas win one after the other, none is left behind. */
function manyDieAtOnce(stage: Stage): void {
  const dead = ['7001', '7002'];
  for (const machine of dead) stage.kill(machine, 60_000);
  const heirs = ['7006', '7007'];
  stage.until('both shards are served', () => heirs.every((name) => stage.isPrimary(name)), 20_000);
  stage.allAgree(8000);
}

/** Two failovers of the same shard: the votes of the first do not count for the second. */
function votesAreCountedAnew(stage: Stage): void {
  for (const [dying, heir] of [
    ['7001', '7004'],
    ['7004', '7001'],
  ] as const) {
    stage.kill(dying, 6000);
    stage.serves(heir, 6000);
    stage.follows(dying, 12_000);
    stage.allAgree(8000);
    stage.pass(2000);
  }
}

/** Links of a pair overtake each other while roles change back and forth. */
function overtakenHeartbeats(stage: Stage): void {
  for (const [a, b] of [
    ['7001', '7004'],
    ['7001', '7002'],
    ['7004', '7002'],
    ['7004', '7003'],
    ['7001', '7003'],
  ] as const)
    stage.fault({ kind: 'skew', atMs: 0, forMs: 25_000, a, b, maxMs: 400 });
  stage.pass(1000);
  for (const heir of ['7004', '7001', '7004', '7001']) {
    stage.client('7002', 'SET', '{b}', heir);
    stage.at(heir, 'CLUSTER', 'FAILOVER', 'TAKEOVER');
    stage.pass(4000);
  }
  stage.pass(10_000);
  stage.allAgree(8000);
}

/** Two nodes are told to follow each other, before they hear of it: nobody crashes or loops. */
function followEachOther(stage: Stage): void {
  const ids = new Map(['7001', '7004'].map((name) => [name, stage.id(name)]));
  stage.at('7001', 'CLUSTER', 'FLUSHSLOTS');
  stage.cutOff(['7001'], 800, ['7004']);
  stage.at('7004', 'CLUSTER', 'FAILOVER', 'TAKEOVER');
  stage.pass(50);
  stage.at('7004', 'CLUSTER', 'FLUSHSLOTS');
  stage.at('7004', 'CLUSTER', 'REPLICATE', ids.get('7001') ?? '');
  stage.at('7001', 'CLUSTER', 'REPLICATE', ids.get('7004') ?? '');
  stage.pass(15_000);
}

/** The fresher of two replicas wins, whatever offset the other one has from another primary's stream. */
function oldHistoryLoses(stage: Stage): void {
  for (let i = 0; i < 50; i++) stage.world.machine('7002').command('SET', '{user:1}', 'x'.repeat(100)); // a long stream
  stage.client('7001', 'SET', '{b}', 'kept');
  stage.pass(1000);
  stage.say('7005 is to follow 7001, but cannot reach it: its data and its offset are those of another shard.');
  stage.cutOff(['7005'], 20_000, ['7001']);
  stage.at('7005', 'CLUSTER', 'REPLICATE', stage.id('7001'));
  stage.pass(1500);
  stage.kill('7001', 60_000);
  stage.serves('7004', 12_000, '7002');
  stage.holds('{b}', 'kept');
}

/** A replica that never had the data stands back for the one that has it. */
function neverSyncedLoses(stage: Stage): void {
  stage.client('7001', 'SET', '{b}', 'kept');
  stage.pass(1000);
  stage.cutOff(['7007'], 60_000, ['7001']);
  stage.fault({ kind: 'kill', atMs: 100, machine: '7007', downMs: 200 });
  stage.pass(3000);
  stage.say('7007 came back with nothing, and cannot reach its primary.');
  stage.kill('7001', 60_000);
  stage.serves('7004', 15_000, '7002');
  stage.holds('{b}', 'kept');
}

/** A primary that comes back with nothing, before anybody missed it, does not empty its replica. */
function emptyPrimary(stage: Stage): void {
  stage.client('7001', 'SET', '{b}', 'kept');
  stage.pass(1000);
  stage.kill('7001', 200);
  stage.pass(8000);
  stage.allAgree(8000);
  stage.holds('{b}', 'kept');
}

/** The same, but the replica is cut off, and meanwhile the primary takes new writes: the replica takes its data after
 *  all, and then has no reason any more to stand for election against a primary that is well. */
function rescueComesTooLate(stage: Stage): void {
  stage.client('7001', 'SET', '{b}', 'old');
  stage.pass(1000);
  stage.kill('7001', 200);
  stage.until('7004 keeps its keys', () => stage.facts('7004').rescue !== null, 4000);
  stage.cutOff(['7004'], 2800);
  stage.pass(2500);
  stage.must('7001 takes a write', stage.client('7002', 'SET', '{b}2', 'new').includes('OK'));
  stage.pass(12_000);
  stage.must('7001 is still primary', stage.isPrimary('7001') && !stage.isPrimary('7004'));
  stage.holds('{b}2', 'new');
  stage.allAgree(5000);
}

/**
 * A primary that has failed comes back with an older file while its replica stands for election: that wins with what
 * it has, and not with what it could copy.
 */
function olderFile(stage: Stage): void {
  const failed = stage.id('7001');
  stage.client('7001', 'SET', '{b}', 'saved');
  stage.at('7001', 'SAVE');
  stage.client('7001', 'SET', '{b}', 'newer');
  stage.pass(500);
  stage.kill('7001', 60_000);
  stage.until('7001 has failed', () => stage.facts('7004').table.get(failed)?.health === 'failed', 4000);
  stage.world.machine('7001').boot();
  stage.serves('7004', 6000, '7002');
  stage.allAgree(6000);
  stage.holds('{b}', 'newer');
}

/**
 * A primary is cut off, and its heir comes back with nothing just as the network heals: the old primary has everything
 * still, and never was in step with the heir. It does not copy the emptiness, but takes its place again.
 */
function emptyHeir(stage: Stage): void {
  heirDies(stage, 400);
  stage.pass(9000);
  stage.allAgree(8000);
  stage.holds('{b}', 'kept');
}

function heirDies(stage: Stage, downMs: number): void {
  stage.client('7001', 'SET', '{b}', 'kept');
  stage.pass(1000);
  stage.cutOff(['7001'], 5000);
  stage.pass(4900);
  stage.must('7004 has replaced 7001', stage.isPrimary('7004'));
  stage.kill('7004', downMs);
}

/**
 * The limit of that: the heir is gone for longer than data may be old. The old primary keeps what it has for an
 * operator, but may not be elected; and the first key that the heir is given ends it, as nobody can know that this is
 * not all there should be.
 */
function emptyHeirComesLate(stage: Stage): void {
  heirDies(stage, 5000);
  stage.pass(9000);
  stage.must('7001 may not be elected', !stage.isPrimary('7001') && stage.facts('7001').rescue !== null);
  stage.must('7001 has its key', stage.world.machine('7001').node?.engine.size === 1);
  stage.client('7002', 'SET', '{b}2', 'new');
  stage.pass(3000);
  stage.must('7001 follows', stage.facts('7001').rescue === null && stage.facts('7001').data === 'synced');
  stage.must('{b} is gone', stage.client('7002', 'GET', '{b}').endsWith('$-1'));
  stage.holds('{b}2', 'new');
  stage.allAgree(5000);
}

/** All wall clocks jump back by an hour, and then a primary dies: failure detection knows another clock. */
function clockJumpsBack(stage: Stage): void {
  for (const { name } of stage.machines) stage.fault({ kind: 'clock', atMs: 0, machine: name, byMs: -3_600_000 });
  stage.pass(1000);
  stage.kill('7001', 6000);
  stage.serves('7004', 6000);
  stage.pass(6000);
  stage.allAgree(8000);
}

/** Keys expire all the time while a primary hands over: its offset stands still all the same. */
function expiryDuringFailover(stage: Stage): void {
  for (let i = 0; i < 200; i++) stage.world.machine('7001').command('SET', `{b}${i}`, 'x', 'PX', String(100 + 10 * i));
  stage.at('7004', 'CLUSTER', 'FAILOVER');
  stage.serves('7004', 3000);
  stage.allAgree(8000);
}

/** Roles change again and again under writes: replicas go on where they can, and hold the same data at the end. */
function backAndForth(stage: Stage): void {
  for (let round = 0; round < 6; round++) {
    const heir = round % 2 === 0 ? '7004' : '7001';
    for (let i = 0; i < 5; i++) stage.client('7002', 'APPEND', '{b}', `${round}.${i};`);
    stage.at(heir, 'CLUSTER', 'FAILOVER');
    stage.serves(heir, 5000, '7002');
    stage.pass(1500);
  }
  stage.allAgree(8000);
  const expected = Array.from({ length: 30 }, (_, i) => `${Math.floor(i / 5)}.${i % 5};`).join('');
  stage.must('every write is there', stage.client('7002', 'GET', '{b}').endsWith(expected));
}

/** The link breaks amid a full sync: it begins again, and ends. */
function syncIsCut(stage: Stage): void {
  stage.client('7001', 'SET', '{b}', 'kept');
  for (let i = 0; i < 12; i++) stage.fault({ kind: 'reset', atMs: 1000 + 7 * i, a: '7001', b: '7004' });
  stage.kill('7004', 990);
  stage.pass(8000);
  const replica = stage.world.machine('7004').node;
  stage.must('7004 is in step', replica?.replication.upstream.stream != null && replica.engine.size === 1);
}

const TWO_EACH = { replicasEach: 2 };
const SHORT_LIVED = { conf: ['cluster-replica-validity-factor 2'] };

// biome-ignore format: a table
export const KNOWN_ELECTION_BUGS: readonly KnownBug[] = [
  [6,  'redis-5857',   'elections at the same time block each other',              manyDieAtOnce, { primaries: 5 }],
  [8,  'redis-8753',   'votes of an election won count for the next one',          votesAreCountedAnew],
  [9,  'valkey-3084',  'heartbeats that overtake each other turn back roles',      overtakenHeartbeats],
  [10, 'redis-11263',  'two nodes that follow each other crash',                   followEachOther],
  [11, 'valkey-885',   'the offset of another history wins an election',           oldHistoryLoses],
  [12, 'valkey-4317',  'a replica that never had the data wins',                   neverSyncedLoses, TWO_EACH],
  [13, 'valkey-579',   'a primary that restarts empty empties its replicas',       emptyPrimary],
  [13, 'late-rescue',  'a replica that took the new data goes on with its election', rescueComesTooLate],
  [13, 'older-file',   'a primary that failed comes back with an older file, and is copied', olderFile],
  [13, 'empty-heir',   'an heir that restarts empty empties the old primary',      emptyHeir],
  [13, 'late-heir',    'the same, when the data is too old: where it ends',        emptyHeirComesLate, SHORT_LIVED],
  [18, 'redis-6416',   'clocks that jump back keep the cluster down',              clockJumpsBack],
  [19, 'redis-4027',   'expiring keys keep a failover from catching up',           expiryDuringFailover],
  [20, 'redis-4268',   'offsets go wrong when roles change often',                 backAndForth],
  [24, 'redis-11296',  'a sync that breaks off leaves a replica hanging',          syncIsCut],
];
