/**
 * A cluster as nodes.conf remembers it.
 *
 * A node that is only named there, as a primary or as the other end of a slot's move, is known without an address until
 * gossip brings one. What was failed is failed anew from now on; no ping is open, and no link is up.
 */

import { announcedAddress, type ClusterOptions, ClusterState } from '../cluster-state.js';
import { highestEpoch } from '../epochs.js';
import type { Millis, NodeId, SavedCluster, SavedNode } from '../node-table.js';
import { newNode } from '../node-table.js';

export function restore(saved: SavedCluster, options: ClusterOptions, random: () => number, now: Millis): ClusterState {
  const myself = saved.nodes.find((node) => node.myself);
  if (!myself) throw new Error('a saved cluster without ourselves');
  const state = new ClusterState(options, myself.id, random, now);
  for (const node of saved.nodes) restoreNode(state, node, now);
  for (const { primaryId } of saved.nodes) if (primaryId !== null) know(state, primaryId, now);
  for (const node of saved.nodes) restoreRole(state, node);
  for (const { id, slots } of saved.nodes) {
    for (const { from, to } of slots)
      for (let slot = from; slot <= to; slot++) state.giveSlot(slot, know(state, id, now));
  }
  for (const { slot, with: to } of saved.migrating) state.moves.migrate(slot, know(state, to, now).id);
  for (const { slot, with: from } of saved.importing) state.moves.import(slot, know(state, from, now).id);
  state.lastVoteEpoch = saved.lastVoteEpoch;
  state.currentEpoch = saved.currentEpoch;
  state.currentEpoch = highestEpoch(state); // the file may have been edited by hand
  return state;
}

function restoreNode(state: ClusterState, saved: SavedNode, now: Millis): void {
  const node = know(state, saved.id, now);
  node.address = saved.myself ? announcedAddress(state.options, saved.address.ip) : { ...saved.address };
  node.hostname = saved.myself ? state.options.hostname : saved.hostname;
  node.noFailover = saved.myself ? state.options.noFailover : saved.noFailover;
  node.noAddress = saved.noAddress;
  node.health = saved.health;
  if (saved.health === 'failed') node.failedAt = now;
  node.configEpoch = saved.role === 'replica' && saved.primaryId !== null ? 0 : saved.configEpoch;
  if (saved.pongReceivedMs > 0) node.pongReceivedAt = now;
}

function restoreRole(state: ClusterState, { id, role, primaryId }: SavedNode): void {
  const node = state.table.get(id)!;
  const primary = primaryId === null ? null : state.table.get(primaryId);
  node.role = role;
  if (primary && primary !== node) state.table.setPrimaryOf(node, primary);
}

function know(state: ClusterState, id: NodeId, now: Millis) {
  return state.table.get(id) ?? state.table.add(newNode(id, { ip: '', port: 0, busPort: 0, plainPort: 0 }, now));
}
