/**
 * A primary without any replica that works gets one from where there are two or more.
 *
 *      A ── a1 a2      B ── b1 (failed)          B is orphaned. After five seconds the replica with the smallest id
 *           │                                    of those that can be spared goes there: a1.
 *           └────────▶ a1
 *
 * Spared is nobody whose primary would keep fewer replicas than `cluster-migration-barrier`, and nobody but a replica
 * of a primary with the most of them. The five seconds are for replicas that are only on their way, as after a
 * failover. Only a primary that has, had or should have replicas is orphaned (`canBeOrphaned`).
 *
 * In 7.0 a failed replica with the smallest id of all keeps everybody else from going; here those that work are
 * compared.
 */

import type { ClusterState } from '../cluster-state.js';
import { becomeReplicaOf } from '../members/roles.js';
import type { Millis, Node, NodeId } from '../node-table.js';
import { NEVER } from '../node-table.js';
import type { Turn } from '../turn.js';

/** Replicas on their way to this primary announce themselves within a heartbeat or two. */
const ORPHANED_FOR_MS = 5000;

/** With fewer of them a primary would be left without any. */
const ENOUGH_TO_SHARE = 2;

/** Replicas that work, by primary; nobody has an empty team. */
type Teams = ReadonlyMap<NodeId, readonly Node[]>;

const NOBODY: readonly Node[] = [];

export interface Migration {
  myId: NodeId;
  isReplica: boolean;
  isAllowed: boolean;
  clusterIsOk: boolean;
  barrier: number;
  /** Replicas that work, of my primary, and of whoever has the most. */
  fellows: number;
  mostFellows: number;
  /** The smallest id among the working replicas of primaries with the most. */
  firstId: NodeId | null;
  orphan: { id: NodeId; forMs: Millis } | null;
}

export type NotMigrating =
  | { why: 'not-a-replica' | 'nobody-is-orphaned' | 'switched-off' | 'cluster-is-down' | 'nobody-to-spare' }
  | { why: 'others-have-more'; fellows: number; mostFellows: number }
  | { why: 'too-few-would-stay'; fellows: number; barrier: number }
  | { why: 'another-goes'; nodeId: NodeId | null }
  | { why: 'not-orphaned-for-long'; nodeId: NodeId; leftMs: Millis };

export type MigrationVerdict = { go: true; to: NodeId } | { go: false; because: NotMigrating };

export function judgeMigration(m: Migration): MigrationVerdict {
  if (!m.isReplica) return stay({ why: 'not-a-replica' });
  if (m.orphan === null) return stay({ why: 'nobody-is-orphaned' });
  if (!m.isAllowed) return stay({ why: 'switched-off' });
  const { fellows, mostFellows, barrier } = m;
  if (mostFellows < ENOUGH_TO_SHARE) return stay({ why: 'nobody-to-spare' });
  if (fellows < mostFellows) return stay({ why: 'others-have-more', fellows, mostFellows });
  if (!m.clusterIsOk) return stay({ why: 'cluster-is-down' });
  if (fellows <= barrier) return stay({ why: 'too-few-would-stay', fellows, barrier });
  if (m.firstId !== m.myId) return stay({ why: 'another-goes', nodeId: m.firstId });
  const leftMs = ORPHANED_FOR_MS - m.orphan.forMs;
  if (leftMs >= 0) return stay({ why: 'not-orphaned-for-long', nodeId: m.orphan.id, leftMs });
  return { go: true, to: m.orphan.id };
}

export function describeNotMigrating(reason: NotMigrating): string {
  switch (reason.why) {
    case 'not-a-replica':
      return 'I am a primary';
    case 'nobody-is-orphaned':
      return 'every primary that should have a replica has one that works';
    case 'switched-off':
      return 'cluster-allow-replica-migration is off';
    case 'cluster-is-down':
      return 'the cluster is down';
    case 'nobody-to-spare':
      return 'no primary has two replicas that work';
    case 'others-have-more':
      return `my primary has ${reason.fellows} replicas that work, another one has ${reason.mostFellows}`;
    case 'too-few-would-stay':
      return `my primary has ${reason.fellows} replicas that work, and cluster-migration-barrier is ${reason.barrier}`;
    case 'another-goes':
      return `replica ${reason.nodeId} is first`;
    case 'not-orphaned-for-long':
      return `primary ${reason.nodeId} has no replica, I go there in ${reason.leftMs} ms`;
  }
}

/** On every tick of a replica. */
export function migrateIfNeeded(state: ClusterState, turn: Turn): void {
  const verdict = judgeMigration(migration(state, turn.now));
  if (!verdict.go) return;
  turn.log('warning', `Migrating to orphaned master ${verdict.to}`);
  becomeReplicaOf(state, state.table.get(verdict.to)!, 'none', turn); // it was found in the table just now
}

/** Notes since when each primary is orphaned. */
export function noteOrphans(state: ClusterState, turn: Turn): void {
  const working = workingReplicas(state);
  for (const node of state.table.all()) {
    if (!isOrphaned(state, node, working)) node.orphanedAt = NEVER;
    else if (node.orphanedAt === NEVER) node.orphanedAt = turn.now;
  }
}

export function migration(state: ClusterState, now: Millis): Migration {
  const { me, options, table } = state;
  const working = workingReplicas(state);
  const primaries = table.members().filter((node) => node.role === 'primary' && node.health !== 'failed');
  const teams = primaries.map((primary) => working.get(primary.id) ?? NOBODY);
  const mostFellows = teams.reduce((most, { length }) => Math.max(most, length), 0);
  const candidates = teams.filter(({ length }) => length === mostFellows).flat();
  const ids = candidates.map(({ id }) => id).sort();
  const mine = table.primaryOf(me);
  const orphan = primaries.find((node) => isOrphaned(state, node, working));
  return {
    myId: me.id,
    isReplica: me.role === 'replica',
    isAllowed: options.allowReplicaMigration,
    clusterIsOk: state.health.state === 'ok',
    barrier: options.migrationBarrier,
    fellows: mine === null || mine.health === 'failed' ? 0 : (working.get(mine.id) ?? NOBODY).length,
    mostFellows,
    firstId: ids[0] ?? null,
    orphan: orphan ? { id: orphan.id, forMs: orphan.orphanedAt === NEVER ? 0 : now - orphan.orphanedAt } : null,
  };
}

function isOrphaned(state: ClusterState, node: Node, working: Teams): boolean {
  const serves = node.role === 'primary' && node.health !== 'failed' && state.slotCount(node) > 0;
  return serves && node.canBeOrphaned && !working.has(node.id);
}

/** By primary, for all of them in one pass: it is made on every tick, and a cluster may have a thousand nodes. */
function workingReplicas(state: ClusterState): Teams {
  const teams = new Map<NodeId, Node[]>();
  for (const node of state.table.all()) {
    if (node.primaryId === null || node.health === 'failed') continue;
    const team = teams.get(node.primaryId);
    if (team === undefined) teams.set(node.primaryId, [node]);
    else team.push(node);
  }
  return teams;
}

function stay(because: NotMigrating): MigrationVerdict {
  return { go: false, because };
}
