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
 * Where many primaries failed at once, their replicas go in the order of the primaries' ids: a voter has one vote an
 * epoch, and candidates that ask in the same moment would split them for minutes. Whoever is next goes as soon as the
 * one before has won, or when nothing has moved for half a second for each that is still before it.
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
  perPrimaryMs: 500, // for each failed primary that is replaced before ours: five ticks, where one round needs two
} as const;

export interface Election {
  startsAt: Millis;
  rank: number;
  ahead: number; // primaries that were to be replaced before ours, when we looked last
  progressAt: Millis; // when there was one less of them, or one of their replicas asked for votes
  epoch: number | null; // null until votes were asked for
  claimEpoch: number; // the config epoch that the request stated
  readonly votes: Set<NodeId>; // a set, so that a repeated ACK is not a second vote
}

/**
 * `synced`: what our primary had, up to our offset. `of-shard`: what the primary had whom ours has replaced.
 * `none`: nothing, or another shard's data.
 */
export type DataKind = 'synced' | 'of-shard' | 'none';

export interface Candidacy {
  role: Role;
  noFailover: boolean;
  primary: { health: Health; slotCount: number; configEpoch: number } | null;
  /** Our primary lives, but has lost all of its data: see failover/rescue.ts. */
  rescue: boolean;
  data: DataKind;
  /** A fellow replica that works and tells of data, while ours is not synced; asked for so long already. */
  betterFellow: { id: NodeId; offset: number; failedForMs: Millis } | null;
  /** Failed primaries that are to be replaced before ours. */
  ahead: number;
  currentEpoch: number;
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
  | { why: 'never-synced' }
  | { why: 'data-too-old'; ageMs: Millis; limitMs: Millis }
  | { why: 'fellow-has-data'; nodeId: NodeId; offset: number; leftMs: Millis }
  | { why: 'waiting-for-delay'; leftMs: Millis; rank: number }
  | { why: 'others-go-first'; ahead: number; leftMs: Millis }
  | { why: 'waiting-for-votes'; votes: number; quorum: number }
  | { why: 'election-overtaken'; epoch: number; currentEpoch: number; votes: number; quorum: number; retryInMs: Millis }
  | { why: 'election-expired'; votes: number; quorum: number; retryInMs: Millis };

export type Judgement =
  | { next: 'wait'; because: NotPromoted }
  | { next: 'schedule' }
  | { next: 'yield'; rank: number; delayMs: Millis } // fellow replicas turned out to have more data
  | { next: 'ask' }
  | { next: 'ask-again' } // in the same epoch, because our claim was refused as outdated, and is not any more
  | { next: 'promote'; epoch: number };

export function judgeCandidacy(c: Candidacy, now: Millis): Judgement {
  const unfit = unfitness(c);
  if (unfit) return wait(unfit);
  const times = electionTimes(c.nodeTimeoutMs);
  const fellow = c.manual === 'agreed' ? null : c.betterFellow;
  if (fellow !== null && fellow.failedForMs < times.retryMs) {
    return wait({
      why: 'fellow-has-data',
      nodeId: fellow.id,
      offset: fellow.offset,
      leftMs: times.retryMs - fellow.failedForMs,
    });
  }
  const { election } = c;
  if (election === null || now - election.startsAt > times.retryMs) return { next: 'schedule' };
  return election.epoch === null ? judgeStart(c, election, now) : judgeVotes(c, election, election.epoch, now);
}

function electionTimes(nodeTimeoutMs: Millis): { timeoutMs: Millis; retryMs: Millis } {
  const timeoutMs = Math.max(nodeTimeoutMs * ELECTION.timeoutFactor, ELECTION.minTimeoutMs);
  return { timeoutMs, retryMs: timeoutMs * ELECTION.retryFactor };
}

/** It is scheduled: is it time? */
function judgeStart(c: Candidacy, { startsAt, rank, progressAt }: Election, now: Millis): Judgement {
  const byOrder = c.manual !== 'none';
  if (!byOrder && c.rank > rank) {
    return { next: 'yield', rank: c.rank, delayMs: (c.rank - rank) * ELECTION.perRankMs };
  }
  if (now < startsAt) return wait({ why: 'waiting-for-delay', leftMs: startsAt - now, rank });
  if (byOrder) return { next: 'ask' };
  const leftMs = Math.max(startsAt, progressAt) + c.ahead * ELECTION.perPrimaryMs - now;
  return c.ahead > 0 && leftMs > 0 ? wait({ why: 'others-go-first', ahead: c.ahead, leftMs }) : { next: 'ask' };
}

/** Votes were asked for: are there enough, and may there still be more? */
function judgeVotes(
  c: Candidacy,
  { startsAt, votes: voters, claimEpoch }: Election,
  epoch: number,
  now: Millis,
): Judgement {
  const { quorum, currentEpoch } = c;
  const { timeoutMs, retryMs } = electionTimes(c.nodeTimeoutMs);
  const votes = voters.size;
  const overtaken = currentEpoch > epoch;
  if (now - startsAt > timeoutMs) {
    if (overtaken && votes < quorum) return { next: 'schedule' };
    return wait({ why: 'election-expired', votes, quorum, retryInMs: startsAt + retryMs - now });
  }
  if (votes >= quorum) return { next: 'promote', epoch };
  if (overtaken) {
    const retryInMs = startsAt + timeoutMs - now;
    return wait({ why: 'election-overtaken', epoch, currentEpoch, votes, quorum, retryInMs });
  }
  if (c.primary !== null && c.primary.configEpoch > claimEpoch) return { next: 'ask-again' };
  return wait({ why: 'waiting-for-votes', votes, quorum });
}

function unfitness(c: Candidacy): NotPromoted | null {
  const agreed = c.manual === 'agreed';
  if (c.role !== 'replica') return { why: 'not-a-replica' };
  if (c.primary === null) return { why: 'primary-unknown' };
  if (c.primary.health !== 'failed' && !agreed && !c.rescue) return { why: 'primary-is-up' };
  if (c.noFailover && !agreed) return { why: 'failover-switched-off' };
  if (c.primary.slotCount === 0) return { why: 'primary-has-no-slots' };
  if (agreed) return null;
  const { dataAgeMs: ageMs, dataAgeLimitMs: limitMs } = c;
  if (c.data === 'none' && limitMs !== Number.POSITIVE_INFINITY) return { why: 'never-synced' };
  return ageMs > limitMs ? { why: 'data-too-old', ageMs, limitMs } : null;
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
    case 'never-synced':
      return 'I have never had the data of my primary';
    case 'fellow-has-data':
      return `my data is not in step, and replica ${reason.nodeId} has data up to ${reason.offset}: it has ${reason.leftMs} ms`;
    case 'others-go-first':
      return `${reason.ahead} failed primaries are replaced before mine, I ask in ${reason.leftMs} ms at the latest`;
    case 'election-overtaken':
      return (
        `${reason.votes} of ${reason.quorum} votes came in epoch ${reason.epoch}, the cluster is in epoch ` +
        `${reason.currentEpoch} already; next try in ${reason.retryInMs} ms`
      );
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
    case 'never-synced':
    case 'data-too-old':
      return (
        'Disconnected from master for longer than allowed. ' +
        "Please check the 'cluster-replica-validity-factor' configuration option."
      );
    case 'waiting-for-delay':
    case 'others-go-first':
    case 'fellow-has-data':
      return 'Waiting the delay before I can start a new failover.';
    case 'election-expired':
      return 'Failover attempt expired.';
    case 'waiting-for-votes':
    case 'election-overtaken':
      return 'Waiting for votes, but majority still not reached.';
    default:
      return null;
  }
}

function wait(because: NotPromoted): Judgement {
  return { next: 'wait', because };
}
