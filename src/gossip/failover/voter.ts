/**
 * A request for our vote: the ballot is filled in, vote.ts decides, the vote is saved, then sent.
 *
 * A refusal is logged and kept for `explain`, never sent: the candidate sees silence, and tries again later. Only where
 * its claim is older than what we know is it told the news, by an UPDATE.
 */

import { slotsIn } from '../../slots/slot-set.js';
import type { ClusterState } from '../cluster-state.js';
import { packetFrom, updatePacket } from '../heartbeat.js';
import { sendTo } from '../members/links.js';
import { noteProgress } from './candidate.js';
import type { Millis, Node } from '../node-table.js';
import type { Packet } from '../packet-codec.js';
import { MESSAGE_FLAG } from '../packet-layout.js';
import type { Turn } from '../turn.js';
import { type Ballot, decideVote, describeRefusal, type VoteRefusal } from '../vote.js';

export function onVoteRequest(state: ClusterState, candidate: Node, packet: Packet, turn: Turn): void {
  if (candidate.primaryId !== state.me.primaryId) noteProgress(state, turn);
  const ballot = ballotFor(state, candidate, packet, turn.now);
  const verdict = decideVote(ballot);
  state.verdicts.set(candidate.id, { verdict, epoch: packet.sender.currentEpoch, at: turn.now });
  if (!verdict.granted) return denyVote(state, candidate, verdict.refusal, turn);
  state.lastVoteEpoch = verdict.epoch;
  state.table.primaryOf(candidate)!.votedAt = turn.now; // without a primary there is no vote
  turn.saveDurably(`a vote in epoch ${verdict.epoch}`);
  sendTo(state, [candidate], packetFrom(state, 'FAILOVER_AUTH_ACK', { kind: 'empty' }), turn);
  turn.log('warning', `Failover auth granted to ${candidate.id} for epoch ${verdict.epoch}`);
}

/** Who claims slots by an old epoch may have missed the news: then no attempt of its would ever succeed. */
function denyVote(state: ClusterState, candidate: Node, refusal: VoteRefusal, turn: Turn): void {
  if (refusal.why === 'voter-has-no-vote') return;
  turn.log('warning', `Failover auth denied to ${candidate.id}: ${describeRefusal(refusal)}`);
  const owner = refusal.why === 'slot-claim-is-old' ? state.ownerOf(refusal.slot) : null;
  if (owner !== null) sendTo(state, [candidate], updatePacket(state, owner), turn);
}

function ballotFor(state: ClusterState, candidate: Node, { sender: request }: Packet, now: Millis): Ballot {
  const { me, currentEpoch, lastVoteEpoch } = state;
  const primary = state.table.primaryOf(candidate);
  return {
    voter: { role: me.role, slotCount: state.slotCount(me), currentEpoch, lastVoteEpoch },
    candidate,
    primary: primary && { failed: primary.health === 'failed', votedAgoMs: now - primary.votedAt },
    request: { ...request, forced: (request.messageFlags & MESSAGE_FLAG.forceAck) !== 0 },
    newerOwner: newerOwnerOf(state, request.slots, request.configEpoch),
    nodeTimeoutMs: state.options.nodeTimeoutMs,
  };
}

function newerOwnerOf(state: ClusterState, claimed: Uint8Array, configEpoch: number): Ballot['newerOwner'] {
  for (const slot of slotsIn(claimed)) {
    const owner = state.isUnclaimed(slot) ? null : state.ownerOf(slot);
    if (owner && owner.configEpoch > configEpoch) return { slot, configEpoch: owner.configEpoch };
  }
  return null;
}
