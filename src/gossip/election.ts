/**
 * The candidate's side: may this replica replace its primary, and what is next?
 *
 *                       schedule              ask                 promote
 *   primary is FAIL ──▶ delay of ──────────▶ epoch + 1, ────────▶ quorum of
 *                       0.5–1 s              ask every node       votes: take
 *                       + 1 s per rank            │               the slots
 *                            ▲                    │ no quorum in time
 *                            └── after the retry ─┴─ time
 *
 * The rank is the number of fellow replicas with more data, so the freshest one asks first and usually wins before the
 * next one starts. A manual failover goes the same way, without the delay and without a failed primary.
 *
 * `judgeCandidacy` looks and never acts: failover/candidate.ts does what it says next, and `explain` repeats what it
 * says is missing.
 */

import type { Health, Millis, NodeId, Role } from './node-table.js';

export const ELECTION = {
  settleMs: 500, // lets the FAIL packet reach the voters before our request does
  jitterMs: 500, // keeps replicas of equal rank apart
  perRankMs: 1000,
  minTimeoutMs: 2000,
  timeoutFactor: 2, // × node timeout: how long votes count
  retryFactor: 2, // × election timeout: pause until the next attempt
} as const;

export interface Election {
  startsAt: Millis;
  rank: number;
  epoch: number | null; // null until votes were asked for
  readonly votes: Set<NodeId>; // a set, so that a repeated ACK is not a second vote
}

export interface Candidacy {
  role: Role;
  noFailover: boolean;
  primary: { health: Health; slotCount: number } | null;
  /** `agreed`: an operator wants it, and our data is complete or need not be. */
  manual: 'none' | 'wanted' | 'agreed';
  dataAgeMs: Millis;
  dataAgeLimitMs: Millis;
  election: Election | null;
  rank: number;
  quorum: number;
  nodeTimeoutMs: Millis;
}

export type NotPromoted =
  | { why: 'not-a-replica' }
  | { why: 'primary-unknown' }
  | { why: 'primary-is-up' }
  | { why: 'failover-switched-off' }
  | { why: 'primary-has-no-slots' }
  | { why: 'data-too-old'; ageMs: Millis; limitMs: Millis }
  | { why: 'waiting-for-delay'; leftMs: Millis; rank: number }
  | { why: 'waiting-for-votes'; votes: number; quorum: number }
  | { why: 'election-expired'; votes: number; quorum: number; retryInMs: Millis };

export type Judgement =
  | { next: 'wait'; because: NotPromoted }
  | { next: 'schedule' }
  | { next: 'yield'; rank: number; delayMs: Millis } // fellow replicas turned out to have more data
  | { next: 'ask' }
  | { next: 'promote'; epoch: number };

export function judgeCandidacy(c: Candidacy, now: Millis): Judgement {
  const unfit = unfitness(c);
  if (unfit) return wait(unfit);

  const { election, quorum } = c;
  const timeoutMs = Math.max(c.nodeTimeoutMs * ELECTION.timeoutFactor, ELECTION.minTimeoutMs);
  const retryMs = timeoutMs * ELECTION.retryFactor;
  if (election === null || now - election.startsAt > retryMs) return { next: 'schedule' };

  const { startsAt, rank, epoch, votes: voters } = election;
  const votes = voters.size;
  if (epoch === null && c.manual === 'none' && c.rank > rank) {
    return { next: 'yield', rank: c.rank, delayMs: (c.rank - rank) * ELECTION.perRankMs };
  }
  if (now < startsAt) return wait({ why: 'waiting-for-delay', leftMs: startsAt - now, rank });
  if (now - startsAt > timeoutMs) {
    return wait({ why: 'election-expired', votes, quorum, retryInMs: startsAt + retryMs - now });
  }
  if (epoch === null) return { next: 'ask' };
  return votes >= quorum ? { next: 'promote', epoch } : wait({ why: 'waiting-for-votes', votes, quorum });
}

function unfitness(c: Candidacy): NotPromoted | null {
  const agreed = c.manual === 'agreed';
  if (c.role !== 'replica') return { why: 'not-a-replica' };
  if (c.primary === null) return { why: 'primary-unknown' };
  if (c.primary.health !== 'failed' && !agreed) return { why: 'primary-is-up' };
  if (c.noFailover && !agreed) return { why: 'failover-switched-off' };
  if (c.primary.slotCount === 0) return { why: 'primary-has-no-slots' };
  const { dataAgeMs: ageMs, dataAgeLimitMs: limitMs } = c;
  return ageMs > limitMs && !agreed ? { why: 'data-too-old', ageMs, limitMs } : null;
}

/** For `explain`: a sentence with the numbers in it, because the numbers are the lesson. */
export function describeNotPromoted(reason: NotPromoted): string {
  switch (reason.why) {
    case 'not-a-replica':
      return 'I am a primary already';
    case 'primary-unknown':
      return 'I do not know my primary yet';
    case 'primary-is-up':
      return 'my primary is not marked FAIL by a majority';
    case 'failover-switched-off':
      return 'cluster-replica-no-failover is set';
    case 'primary-has-no-slots':
      return 'my primary serves no slots';
    case 'data-too-old':
      return `my data is ${reason.ageMs} ms old, the limit is ${reason.limitMs} ms`;
    case 'waiting-for-delay':
      return `I ask for votes in ${reason.leftMs} ms (rank ${reason.rank})`;
    case 'waiting-for-votes':
      return `I have ${reason.votes} of ${reason.quorum} votes`;
    case 'election-expired':
      return `${reason.votes} of ${reason.quorum} votes came in time, next try in ${reason.retryInMs} ms`;
  }
}

/** What Redis logs of it after "Currently unable to failover: "; null where it says nothing. */
export function complaintOf(reason: NotPromoted): string | null {
  switch (reason.why) {
    case 'data-too-old':
      return (
        'Disconnected from master for longer than allowed. ' +
        "Please check the 'cluster-replica-validity-factor' configuration option."
      );
    case 'waiting-for-delay':
      return 'Waiting the delay before I can start a new failover.';
    case 'election-expired':
      return 'Failover attempt expired.';
    case 'waiting-for-votes':
      return 'Waiting for votes, but majority still not reached.';
    default:
      return null;
  }
}

function wait(because: NotPromoted): Judgement {
  return { next: 'wait', because };
}
