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
    const facts = candidacy(state, turn.now);
    if (state.election !== null && facts.ahead < state.election.ahead) noteProgress(state, turn);
    if (state.election !== null) state.election.ahead = facts.ahead;
    const judgement = judgeCandidacy(facts, turn.now);
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
        return stand(state, turn);
      case 'ask-again':
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
  const silentMs = now - (state.rescue?.dataAt ?? state.replicatedAt);
  return {
    role: me.role,
    noFailover: options.noFailover,
    primary: primary && {
      health: primary.health,
      slotCount: state.slotCount(primary),
      configEpoch: primary.configEpoch,
    },
    rescue: state.rescue !== null,
    data: state.data,
    betterFellow: state.data === 'synced' ? null : betterFellow(state, now),
    ahead: primariesAhead(state, primary),
    currentEpoch: state.currentEpoch,
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

/** One of those before us is on its way: we wait for it anew. */
export function noteProgress(state: ClusterState, turn: Turn): void {
  if (state.election !== null) state.election.progressAt = turn.now;
}

function scheduleElection(state: ClusterState, turn: Turn): void {
  const manual = state.manualFailover !== null;
  const rank = manual ? 0 : rankOf(state);
  const chanceMs = Math.floor(state.random() * ELECTION.jitterMs);
  const delayMs = manual ? 0 : ELECTION.settleMs + chanceMs + rank * ELECTION.perRankMs;
  const ahead = primariesAhead(state, state.table.primaryOf(state.me));
  const startsAt = turn.now + delayMs;
  state.election = { startsAt, rank, ahead, progressAt: turn.now, epoch: null, claimEpoch: 0, votes: new Set() };
  const { replOffset } = state.me;
  turn.log('warning', `Start of election delayed for ${delayMs} milliseconds (rank #${rank}, offset ${replOffset}).`);
  tell(state, fellowReplicas(state), turn); // our offset, hence their rank
}

function yieldTo(state: ClusterState, rank: number, delayMs: Millis, turn: Turn): void {
  state.election!.startsAt += delayMs;
  state.election!.rank = rank;
  turn.log('warning', `Replica rank updated to #${rank}, added ${delayMs} milliseconds of delay.`);
}

/** Votes count from the moment they are asked for, however long others went first. */
function stand(state: ClusterState, turn: Turn): void {
  state.currentEpoch++;
  state.election!.epoch = state.currentEpoch;
  state.election!.startsAt = turn.now;
  turn.saveDurably(`a candidacy in epoch ${state.currentEpoch}`);
  turn.log('warning', `Starting a failover election for epoch ${state.currentEpoch}.`);
  askForVotes(state, turn);
}

function askForVotes(state: ClusterState, turn: Turn): void {
  const request = packetFrom(state, 'FAILOVER_AUTH_REQUEST', { kind: 'empty' });
  state.election!.claimEpoch = request.sender.configEpoch;
  if (state.manualFailover !== null || state.rescue !== null) request.sender.messageFlags |= MESSAGE_FLAG.forceAck;
  sendTo(state, state.table.members(), request, turn);
}

/** A voter sends its vote within the step that grants it: its epoch is the one it voted in, ours or no vote for us. */
export function onVote(state: ClusterState, voter: Node, epochOfVoter: number, turn: Turn): void {
  const epoch = state.election?.epoch ?? null;
  if (epoch === null || !state.isVoter(voter) || epochOfVoter !== epoch) return;
  state.election!.votes.add(voter.id);
  pursueElection(state, turn);
}

/** The winner's own vote of this epoch was for itself: as a voter it has none left for another candidate. */
function promoteByVotes(state: ClusterState, epoch: number, turn: Turn): void {
  state.lastVoteEpoch = Math.max(state.lastVoteEpoch, epoch);
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
  state.election = null; // with it the votes: the next failover counts anew
  state.rescue = null;
  state.data = 'synced';
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

/** As our fellows see it: data that is not in step with our primary's counts for nothing. */
function rankOf(state: ClusterState): number {
  const offset = state.announcedOffset();
  return fellowReplicas(state).filter((node) => !node.noFailover && node.replOffset > offset).length;
}

function betterFellow(state: ClusterState, now: Millis): Candidacy['betterFellow'] {
  const fits = (node: Node): boolean => node.health === 'ok' && !node.noFailover && node.replOffset > 0;
  const fellow = fellowReplicas(state).find(fits);
  const failedAt = state.rescue?.since ?? state.table.primaryOf(state.me)?.failedAt ?? now;
  return fellow ? { id: fellow.id, offset: fellow.replOffset, failedForMs: now - failedAt } : null;
}

/** Primaries with a smaller id than ours that somebody is about to replace. The suspected ones fail in a moment. */
function primariesAhead(state: ClusterState, mine: Node | null): number {
  if (mine === null) return 0;
  const isAhead = (node: Node): boolean => node.health !== 'ok' && node.id < mine.id && state.isVoter(node);
  const canStand = (node: Node): boolean => node.health === 'ok' && !node.noFailover;
  return state.table.all().filter((node) => isAhead(node) && state.table.replicasOf(node).some(canStand)).length;
}

function complain(state: ClusterState, because: NotPromoted, turn: Turn): void {
  const words = complaintOf(because);
  const primary = state.table.primaryOf(state.me);
  const isNews = state.complaint !== words;
  state.complaint = words;
  if (words === null || primary === null) return;
  if (!isNews && turn.now - state.complainedAt < COMPLAINT_PAUSE_MS) return;
  const failedForMs = turn.now - primary.failedAt;
  if (primary.health === 'failed' && failedForMs < state.options.nodeTimeoutMs + COMPLAINT_GRACE_MS) return;
  state.complainedAt = turn.now;
  turn.log('warning', `Currently unable to failover: ${words}`);
}
