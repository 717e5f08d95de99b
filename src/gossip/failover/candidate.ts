/**
 * A replica on its way to be primary: election.ts says what is next, here it is done.
 *
 *   wait ── complain, seldom     schedule ── tell the fellow replicas our offset     yield ── wait longer
 *   ask ── epoch + 1, Save, AUTH_REQUEST to all     promote ── take the slots, Save, RoleChanged, PONG to all
 */

import type { ClusterState } from '../cluster-state.js';
import { type Candidacy, complaintOf, ELECTION, judgeCandidacy, type NotPromoted } from '../election.js';
import { packetFrom, tell } from '../heartbeat.js';
import { reviewHealth } from '../members/health.js';
import { sendTo } from '../members/links.js';
import type { Millis, Node } from '../node-table.js';
import { MESSAGE_FLAG } from '../packet-layout.js';
import type { Turn } from '../turn.js';
import { endManualFailover } from './manual-failover.js';

/** The same complaint is not repeated sooner, and none is made while a failover may still be quick. */
const COMPLAINT_PAUSE_MS = 5 * 60_000;
const COMPLAINT_GRACE_MS = 5000; // + node timeout, after the failure

/** A failover by order is scheduled and asked for in one go, all others get on by one step a tick or a vote. */
export function pursueElection(state: ClusterState, turn: Turn): void {
  for (;;) {
    const judgement = judgeCandidacy(candidacy(state, turn.now), turn.now);
    switch (judgement.next) {
      case 'wait':
        return complain(state, judgement.because, turn);
      case 'schedule':
        scheduleElection(state, turn);
        if (state.manualFailover === null) return;
        break;
      case 'yield':
        yieldTo(state, judgement.rank, judgement.delayMs, turn);
        break;
      case 'ask':
        return askForVotes(state, turn);
      case 'promote':
        return promoteByVotes(state, judgement.epoch, turn);
    }
  }
}

export function candidacy(state: ClusterState, now: Millis): Candidacy {
  const { me, options, election, manualFailover } = state;
  const { nodeTimeoutMs, replicaValidityFactor, replicaPingPeriodMs } = options;
  const primary = state.table.primaryOf(me);
  const silentMs = now - state.replicatedAt;
  return {
    role: me.role,
    noFailover: options.noFailover,
    primary: primary && { health: primary.health, slotCount: state.slotCount(primary) },
    manual: manualFailover === null ? 'none' : manualFailover.agreed ? 'agreed' : 'wanted',
    // Until the failure was seen, silence was nobody's fault: that much of it is not counted.
    dataAgeMs: silentMs > nodeTimeoutMs ? silentMs - nodeTimeoutMs : silentMs,
    dataAgeLimitMs:
      replicaValidityFactor === 0
        ? Number.POSITIVE_INFINITY
        : replicaPingPeriodMs + nodeTimeoutMs * replicaValidityFactor,
    election,
    rank: rankOf(state),
    quorum: state.quorum(),
    nodeTimeoutMs,
  };
}

function scheduleElection(state: ClusterState, turn: Turn): void {
  const manual = state.manualFailover !== null;
  const rank = manual ? 0 : rankOf(state);
  const chanceMs = Math.floor(state.random() * ELECTION.jitterMs);
  const delayMs = manual ? 0 : ELECTION.settleMs + chanceMs + rank * ELECTION.perRankMs;
  state.election = { startsAt: turn.now + delayMs, rank, epoch: null, votes: new Set() };
  const { replOffset } = state.me;
  turn.log('warning', `Start of election delayed for ${delayMs} milliseconds (rank #${rank}, offset ${replOffset}).`);
  tell(state, fellowReplicas(state), turn); // our offset, hence their rank
}

function yieldTo(state: ClusterState, rank: number, delayMs: Millis, turn: Turn): void {
  state.election!.startsAt += delayMs;
  state.election!.rank = rank;
  turn.log('warning', `Replica rank updated to #${rank}, added ${delayMs} milliseconds of delay.`);
}

function askForVotes(state: ClusterState, turn: Turn): void {
  state.currentEpoch++;
  state.election!.epoch = state.currentEpoch;
  turn.saveDurably(`a candidacy in epoch ${state.currentEpoch}`);
  turn.log('warning', `Starting a failover election for epoch ${state.currentEpoch}.`);
  const request = packetFrom(state, 'FAILOVER_AUTH_REQUEST', { kind: 'empty' });
  if (state.manualFailover !== null) request.sender.messageFlags |= MESSAGE_FLAG.forceAck;
  sendTo(state, state.table.members(), request, turn);
}

/** A voter sends its vote within the step that grants it: its epoch is the one it voted in, ours or no vote for us. */
export function onVote(state: ClusterState, voter: Node, epochOfVoter: number, turn: Turn): void {
  const epoch = state.election?.epoch ?? null;
  if (epoch === null || !state.isVoter(voter) || epochOfVoter !== epoch) return;
  state.election!.votes.add(voter.id);
  pursueElection(state, turn);
}

function promoteByVotes(state: ClusterState, epoch: number, turn: Turn): void {
  turn.log('warning', "Failover election won: I'm the new master.");
  if (state.me.configEpoch < epoch) {
    state.me.configEpoch = epoch;
    turn.log('warning', `configEpoch set to ${epoch} after successful failover`);
  }
  replacePrimary(state, turn);
}

/** Whoever calls has seen to a config epoch that wins. */
export function replacePrimary(state: ClusterState, turn: Turn): void {
  const { me } = state;
  const old = state.table.primaryOf(me);
  if (me.role === 'primary' || old === null) return;
  state.table.setPrimaryOf(me, null);
  state.following = null;
  state.election = null;
  for (const slot of state.slots.slotsOf(old.id)) state.giveSlot(slot, me);
  turn.saveDurably(`primary in epoch ${me.configEpoch}`);
  turn.emit({ kind: 'RoleChanged', role: 'primary' });
  reviewHealth(state, turn); // before the PONGs: they carry the state
  tell(state, state.table.members(), turn);
  endManualFailover(state, turn);
}

function fellowReplicas(state: ClusterState): Node[] {
  const primary = state.table.primaryOf(state.me);
  return primary === null ? [] : state.table.replicasOf(primary).filter((node) => node !== state.me);
}

function rankOf(state: ClusterState): number {
  const { replOffset } = state.me;
  return fellowReplicas(state).filter((node) => !node.noFailover && node.replOffset > replOffset).length;
}

function complain(state: ClusterState, because: NotPromoted, turn: Turn): void {
  const words = complaintOf(because);
  const primary = state.table.primaryOf(state.me);
  if (words === null || primary === null) {
    state.lastComplaint = null;
    return;
  }
  const { lastComplaint } = state;
  if (lastComplaint?.why === because.why && turn.now - lastComplaint.at < COMPLAINT_PAUSE_MS) return;
  const failedForMs = turn.now - primary.failedAt;
  if (primary.health === 'failed' && failedForMs < state.options.nodeTimeoutMs + COMPLAINT_GRACE_MS) return;
  state.lastComplaint = { why: because.why, at: turn.now };
  turn.log('warning', `Currently unable to failover: ${words}`);
}
