/**
 * Who is primary, who is replica of whom: for others as they say, for ourselves as events demand.
 *
 * A role is firsthand knowledge: only a node's own heartbeat, or a newer claim to slots in its name, changes it here.
 */

import type { ClusterState } from '../cluster-state.js';
import { endManualFailover } from '../failover/manual-failover.js';
import type { Node, NodeId } from '../node-table.js';
import { NEVER } from '../node-table.js';
import type { Turn } from '../turn.js';

/** A node acts as a primary now. */
export function becomePrimary(state: ClusterState, node: Node, turn: Turn): void {
  if (node.role === 'primary') return;
  state.table.setPrimaryOf(node, null);
  node.primarySince = turn.now;
  state.healthIsStale = true;
  turn.save('a node became primary');
}

/**
 * We follow another primary, and serve nothing of our own any more. `data` is what ours is worth until the first sync:
 * `of-shard` where the primary is the heir of the one we followed, or were.
 */
export function becomeReplicaOf(state: ClusterState, primary: Node, data: 'of-shard' | 'none', turn: Turn): void {
  const { me } = state;
  if (primary === me) throw new Error('a node cannot copy itself');
  state.takeSlots(me); // none is left, unless an operator gave slots to a replica
  if (me.role === 'primary') {
    state.moves.closeAll();
    state.ledUntil = turn.now;
  }
  state.table.setPrimaryOf(me, primary);
  state.election = null;
  state.rescue = null;
  state.stall = null;
  state.syncedWith = null;
  state.subReplicaAt = NEVER;
  state.data = state.data === 'none' ? 'none' : data;
  state.healthIsStale = true;
  turn.saveDurably('I follow another primary');
  followPrimary(state, primary, turn);
  endManualFailover(state, turn); // last: writers that were paused must find a replica
}

/** Tells replication whom to copy, again after each change of address. */
export function followPrimary(state: ClusterState, primary: Node, turn: Turn): void {
  const { ip, port } = primary.address;
  state.following = { id: primary.id, ip, port };
  turn.emit({ kind: 'RoleChanged', role: 'replica', primary: { id: primary.id, ip, port } });
}

/** After a restart, or when our primary's address was not known: as soon as there is somewhere to connect to. */
export function followWhenPossible(state: ClusterState, turn: Turn): void {
  const primary = state.me.role === 'replica' ? state.table.primaryOf(state.me) : null;
  if (!primary || state.following !== null || primary.noAddress || primary.address.ip === '') return;
  followPrimary(state, primary, turn);
}

/** What a heartbeat says of its sender's role. A primary that became a replica has no slots any more. */
export function followRole(state: ClusterState, sender: Node, primaryId: NodeId | '', turn: Turn): void {
  if (primaryId === '') return becomePrimary(state, sender, turn);
  if (sender.role !== 'replica') {
    state.takeSlots(sender);
    sender.role = 'replica';
    sender.canBeOrphaned = false;
    state.healthIsStale = true;
    turn.save('a node became replica');
  }
  const primary = state.table.get(primaryId);
  if (!primary || primary === sender || sender.primaryId === primaryId) return;
  state.table.setPrimaryOf(sender, primary);
  turn.save('a replica follows another primary');
}
