/**
 * Who wins a slot that a node claims in a heartbeat, or that an UPDATE reports of it.
 *
 *   claimed, owned by the claimant already         →  it confirms
 *   claimed, without an owner                      →  the claim wins
 *   claimed, being imported by us                  →  only an operator decides; a newer claim than the owner's is noted
 *   claimed, its owner does not claim it any more  →  the claim wins
 *   claimed with a higher epoch than the owner's   →  the claim wins
 *   owned by the claimant, no longer claimed       →  stays with it, free for the next claim
 *
 * What follows for ourselves: a primary that lost its last slot was replaced, and becomes a replica of the winner; so
 * does a replica whose primary lost its last one. A primary that lost only some has to drop their keys.
 */

import { hasSlot, SLOT_COUNT } from '../slots/slot-set.js';
import type { ClusterState } from './cluster-state.js';
import { updatePacket } from './heartbeat.js';
import { sendTo } from './members/links.js';
import { becomePrimary, becomeReplicaOf } from './members/roles.js';
import type { Node, NodeId } from './node-table.js';
import { NEVER } from './node-table.js';
import type { Turn } from './turn.js';

export type SlotVerdict = 'confirmed' | 'operator-decides' | 'wins' | 'loses';

export interface SlotFacts {
  owner: { id: NodeId; configEpoch: number } | null;
  abandoned: boolean; // the owner stopped claiming it
  importing: boolean; // we are taking it over by hand
}

/** At a tie of epochs the present owner stays, or two nodes would swap slots for ever. */
export function judgeClaim(claimantId: NodeId, claimEpoch: number, slot: SlotFacts): SlotVerdict {
  if (slot.owner?.id === claimantId) return 'confirmed';
  if (slot.owner === null) return 'wins'; // also one that we import, and whose owner was replaced in the meantime
  if (slot.importing) return 'operator-decides';
  if (slot.abandoned) return 'wins';
  return claimEpoch > slot.owner.configEpoch ? 'wins' : 'loses';
}

/** What a claim has changed, for us and for the shard we are in. */
interface Outcome {
  claimed: number;
  won: number;
  wonFromShard: number;
  lostByMe: number[];
}

export function applyClaim(state: ClusterState, claimant: Node, epoch: number, bitmap: Uint8Array, turn: Turn): void {
  if (claimant === state.me) {
    turn.log('warning', 'Discarding UPDATE message about myself.');
    return;
  }
  const shardPrimary = state.table.shardPrimary();
  const outcome = redistribute(state, claimant, epoch, bitmap);
  if (outcome.won > 0) {
    state.healthIsStale = true;
    // What others did among themselves would only be heard again. What was taken from us was taken by a newer claim.
    if (outcome.lostByMe.length > 0 || outcome.wonFromShard > 0) turn.saveWritten('slots changed their owner');
    else turn.save('slots changed their owner');
  }
  if (isReplaced(state, shardPrimary, outcome)) {
    turn.log('warning', `Configuration change detected. Reconfiguring myself as a replica of ${claimant.id}`);
    becomeReplicaOf(state, claimant, claimant.formerPrimaryId === shardPrimary.id ? 'of-shard' : 'none', turn);
  } else if (!leaveSubReplica(state, turn) && outcome.lostByMe.length > 0) {
    turn.emit({ kind: 'SlotsLost', slots: outcome.lostByMe });
  }
}

function redistribute(state: ClusterState, claimant: Node, epoch: number, bitmap: Uint8Array): Outcome {
  const outcome: Outcome = { claimed: 0, won: 0, wonFromShard: 0, lostByMe: [] };
  const shardPrimary = state.table.shardPrimary();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = state.ownerOf(slot);
    if (!hasSlot(bitmap, slot)) {
      if (owner === claimant) state.abandoned.add(slot);
      dropHeir(state, slot, claimant);
      continue;
    }
    outcome.claimed++;
    const importing = state.moves.importingFrom(slot) !== null;
    const verdict = judgeClaim(claimant.id, epoch, { owner, abandoned: state.abandoned.has(slot), importing });
    if (verdict === 'confirmed') state.giveSlot(slot, claimant);
    if (verdict === 'operator-decides' && epoch > owner!.configEpoch) noteHeir(state, slot, claimant);
    if (verdict === 'operator-decides' && epoch <= owner!.configEpoch) dropHeir(state, slot, claimant);
    if (verdict !== 'wins') continue;
    outcome.won++;
    if (owner === state.me) outcome.lostByMe.push(slot);
    if (owner === shardPrimary) outcome.wonFromShard++;
    state.giveSlot(slot, claimant);
  }
  return outcome;
}

function noteHeir(state: ClusterState, slot: number, heir: Node): void {
  if (state.heirs.get(slot) === heir.id) return;
  state.heirs.set(slot, heir.id);
  state.healthIsStale = true;
}

function dropHeir(state: ClusterState, slot: number, claimant: Node): void {
  if (state.heirs.get(slot) !== claimant.id) return;
  state.heirs.delete(slot);
  state.healthIsStale = true;
}

/** Without leave to migrate, a replica follows only if the claimant is nothing but the heir of its shard. */
function isReplaced(state: ClusterState, shardPrimary: Node, { claimed, wonFromShard }: Outcome): boolean {
  if (wonFromShard === 0 || state.slotCount(shardPrimary) > 0) return false;
  return state.options.allowReplicaMigration || claimed === wonFromShard;
}

/** Our primary follows another one itself, and nobody took slots from it: then nothing else would make us move on. */
function leaveSubReplica(state: ClusterState, turn: Turn): boolean {
  const primary = state.table.primaryOf(state.me);
  const grandPrimary = primary && state.table.primaryOf(primary);
  if (!grandPrimary || grandPrimary === state.me) return false; // a circle is left to the operator
  turn.log('warning', `I'm a sub-replica! Reconfiguring myself as a replica of grandmaster ${grandPrimary.id}`);
  becomeReplicaOf(state, grandPrimary, 'of-shard', turn);
  return true;
}

/** A primary that was told to follow another one loses nothing by it, so no claim follows: we notice it ourselves. */
const SUB_REPLICA_FOR_MS = 1000;

/** On every tick of a replica. A second is enough for the heir of our shard to speak for itself. */
export function noticeSubReplica(state: ClusterState, turn: Turn): void {
  const primary = state.table.primaryOf(state.me);
  const grandPrimary = primary && state.table.primaryOf(primary);
  if (grandPrimary?.role !== 'primary') state.subReplicaAt = NEVER;
  else if (state.subReplicaAt === NEVER) state.subReplicaAt = turn.now;
  else if (turn.now - state.subReplicaAt >= SUB_REPLICA_FOR_MS) leaveSubReplica(state, turn);
}

/**
 * A sender with an outdated claim learns of the newer owner from us: that owner may be cut off from it. One UPDATE a
 * heartbeat; the next heartbeat brings the next.
 */
export function correctOldClaim(
  state: ClusterState,
  sender: Node,
  epoch: number,
  bitmap: Uint8Array,
  turn: Turn,
): void {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (!hasSlot(bitmap, slot) || state.isUnclaimed(slot)) continue;
    const owner = state.ownerOf(slot);
    if (owner === null || owner === sender || owner.configEpoch <= epoch) continue;
    const words = `Node ${sender.id} has old slots configuration, sending an UPDATE message about ${owner.id}`;
    turn.log('verbose', words);
    sendTo(state, [sender], updatePacket(state, owner), turn);
    return;
  }
}

/** News of a third node, from a member: only a newer claim than the known one is news. */
export function hearUpdate(
  state: ClusterState,
  news: { nodeId: NodeId; configEpoch: number; slots: Uint8Array },
  turn: Turn,
): void {
  const node = state.table.get(news.nodeId);
  if (!node || node.inHandshake || node.configEpoch >= news.configEpoch) return;
  if (node === state.me) return turn.log('warning', 'Discarding UPDATE message about myself.');
  if (node.role === 'replica') becomePrimary(state, node, turn);
  node.configEpoch = news.configEpoch;
  turn.saveDurably('a newer config epoch');
  applyClaim(state, node, news.configEpoch, news.slots, turn);
}
