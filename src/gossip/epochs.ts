/**
 * Epochs: the cluster's logical clock, and the age of claims.
 *
 *   currentEpoch   one a node: the highest heard of. Only an election, a collision or an operator raises it.
 *   configEpoch    one a primary: the currentEpoch at which it won its slots. The higher claim to a slot wins.
 *
 * An election makes a new epoch with the agreement of a majority, so it is unique. A finished resharding and a
 * takeover make one without asking, so two primaries may come to the same one. Then the one with the smaller id moves
 * on; the greatest id never does, so all end up apart.
 */

import type { ClusterState } from './cluster-state.js';
import type { Node } from './node-table.js';
import type { Turn } from './turn.js';

export function highestEpoch(state: ClusterState): number {
  return state.table.all().reduce((highest, node) => Math.max(highest, node.configEpoch), state.currentEpoch);
}

/** What a member says of epochs is taken up: the maximum of both clocks, and its newer claim. */
export function adoptEpochs(
  state: ClusterState,
  sender: Node,
  said: { currentEpoch: number; configEpoch: number },
  turn: Turn,
): void {
  state.currentEpoch = Math.max(state.currentEpoch, said.currentEpoch);
  if (said.configEpoch <= sender.configEpoch) return;
  sender.configEpoch = said.configEpoch;
  // Only the epoch of an owner of slots decides anything; a cluster that forms would wait for the disk many times.
  if (state.isVoter(sender)) turn.saveDurably('a newer config epoch');
  else turn.save('a newer config epoch');
}

/** A new epoch of our own without asking. False where ours is the newest claim already. */
export function bumpEpochAlone(state: ClusterState, turn: Turn): boolean {
  const { me } = state;
  if (me.configEpoch !== 0 && me.configEpoch === highestEpoch(state)) return false;
  state.currentEpoch++;
  me.configEpoch = state.currentEpoch;
  turn.saveDurably('a new config epoch of mine');
  turn.log('warning', `New configEpoch set to ${me.configEpoch}`);
  return true;
}

/** True where two primaries have one epoch and it is on us to move: the smaller id does. */
export function mustMoveOn(me: Claimant, other: Claimant): boolean {
  const collide = me.role === 'primary' && other.role === 'primary' && me.configEpoch === other.configEpoch;
  return collide && me.id < other.id;
}

type Claimant = Pick<Node, 'id' | 'role' | 'configEpoch'>;

export function resolveCollision(state: ClusterState, sender: Node, turn: Turn): void {
  if (!mustMoveOn(state.me, sender)) return;
  state.currentEpoch++;
  state.me.configEpoch = state.currentEpoch;
  turn.saveDurably('a config epoch collision');
  const words = `WARNING: configEpoch collision with node ${sender.id}. configEpoch set to ${state.me.configEpoch}`;
  turn.log('verbose', words);
}
