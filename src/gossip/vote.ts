/**
 * Does this primary give its vote to a replica that asks for it?
 *
 *    replica                                    primary (voter)
 *       │  FAILOVER_AUTH_REQUEST, epoch e            │
 *       ├───────────────────────────────────────────▶│ decideVote
 *       │                                            │ granted? Save, then
 *       │◀───────────────────────────────────────────┤ FAILOVER_AUTH_ACK
 *       │                                            │ refused? say nothing
 *
 * A refusal is never sent, so a lost election looks like silence from outside.
 * That is why it is a value here: the same refusal decides, is logged in the
 * words of Redis, and answers `explain`.
 *
 * Pure: everything the decision needs is on the ballot.
 */

import type { Millis, NodeId, Role } from './node-table.js';

export interface Ballot {
  voter: { role: Role; slotCount: number; currentEpoch: number; lastVoteEpoch: number };
  candidate: { id: NodeId; role: Role };
  /** The primary to be replaced, as the voter knows it. */
  primary: { failed: boolean; votedAgoMs: Millis } | null;
  request: { currentEpoch: number; configEpoch: number; forced: boolean };
  /** A slot the candidate claims, whose owner's claim is newer than its own. */
  newerOwner: { slot: number; configEpoch: number } | null;
  nodeTimeoutMs: Millis;
}

export type VoteRefusal =
  | { why: 'voter-has-no-vote' }
  | { why: 'request-is-old'; requestEpoch: number; currentEpoch: number }
  | { why: 'already-voted'; epoch: number }
  | { why: 'candidate-is-primary' }
  | { why: 'primary-unknown' }
  | { why: 'primary-is-up' }
  | { why: 'voted-recently'; waitMs: Millis }
  | { why: 'slot-claim-is-old'; slot: number; ownerEpoch: number; requestEpoch: number };

export type VoteVerdict = { granted: true; epoch: number } | { granted: false; refusal: VoteRefusal };

/** After a vote for one replica of a primary, its others wait this many node timeouts. */
const REVOTE_PAUSE = 2;

/**
 * The order of the checks is part of the behaviour: it decides which reason is
 * given when several hold. `already-voted` is the one safety rests on (one vote
 * per epoch, so one winner per epoch); `voted-recently` only calms the traffic.
 */
export function decideVote(ballot: Ballot): VoteVerdict {
  const { voter, candidate, primary, request, newerOwner } = ballot;

  if (voter.role === 'replica' || voter.slotCount === 0) return refuse({ why: 'voter-has-no-vote' });
  if (request.currentEpoch < voter.currentEpoch) {
    return refuse({ why: 'request-is-old', requestEpoch: request.currentEpoch, currentEpoch: voter.currentEpoch });
  }
  if (voter.lastVoteEpoch >= voter.currentEpoch) return refuse({ why: 'already-voted', epoch: voter.currentEpoch });

  if (candidate.role === 'primary') return refuse({ why: 'candidate-is-primary' });
  if (primary === null) return refuse({ why: 'primary-unknown' });
  if (!primary.failed && !request.forced) return refuse({ why: 'primary-is-up' });

  const waitMs = ballot.nodeTimeoutMs * REVOTE_PAUSE - primary.votedAgoMs;
  if (waitMs > 0) return refuse({ why: 'voted-recently', waitMs });
  if (newerOwner !== null) {
    return refuse({
      why: 'slot-claim-is-old',
      slot: newerOwner.slot,
      ownerEpoch: newerOwner.configEpoch,
      requestEpoch: request.configEpoch,
    });
  }
  return { granted: true, epoch: voter.currentEpoch };
}

/** The words Redis logs after "Failover auth denied to <id>: ". It is silent about the first. */
export function describeRefusal(refusal: VoteRefusal): string {
  switch (refusal.why) {
    case 'voter-has-no-vote':
      return 'I am not a primary with slots';
    case 'request-is-old':
      return `reqEpoch (${refusal.requestEpoch}) < curEpoch(${refusal.currentEpoch})`;
    case 'already-voted':
      return `already voted for epoch ${refusal.epoch}`;
    case 'candidate-is-primary':
      return 'it is a master node';
    case 'primary-unknown':
      return "I don't know its master";
    case 'primary-is-up':
      return 'its master is up';
    case 'voted-recently':
      return `can't vote about this master before ${refusal.waitMs} milliseconds`;
    case 'slot-claim-is-old':
      return `slot ${refusal.slot} epoch (${refusal.ownerEpoch}) > reqEpoch (${refusal.requestEpoch})`;
  }
}

function refuse(refusal: VoteRefusal): VoteVerdict {
  return { granted: false, refusal };
}
