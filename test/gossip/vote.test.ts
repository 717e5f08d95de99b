/** Truth table of the voter: one fair request, and what one change to it does. */

import { expect, test } from 'vitest';
import { NEVER } from '../../src/gossip/node-table.js';
import { type Ballot, decideVote, describeRefusal, type VoteRefusal } from '../../src/gossip/vote.js';

/** Granted as it stands. Each row below spoils it in one way. */
const FAIR: Ballot = {
  voter: { role: 'primary', slotCount: 5461, currentEpoch: 7, lastVoteEpoch: 6 },
  candidate: { id: 'c'.repeat(40), role: 'replica' },
  primary: { failed: true, votedAgoMs: 60_000 },
  request: { currentEpoch: 7, configEpoch: 3, forced: false },
  newerOwner: null,
  nodeTimeoutMs: 5000,
};
const but = (change: Partial<Ballot>): Ballot => ({ ...FAIR, ...change });
const voter = (change: Partial<Ballot['voter']>) => ({ voter: { ...FAIR.voter, ...change } });
const request = (change: Partial<Ballot['request']>) => ({ request: { ...FAIR.request, ...change } });
const primary = (failed: boolean, votedAgoMs: number) => ({ primary: { failed, votedAgoMs } });
const candidate = (role: Ballot['candidate']['role']) => ({ candidate: { ...FAIR.candidate, role } });

// biome-ignore format: a table
test.each<[string, Ballot, string]>([
  // what is special                   ballot                                              verdict
  ['nothing',                          FAIR,                                               'granted'],
  ['voter is a replica',               but(voter({ role: 'replica' })),                    'voter-has-no-vote'],
  ['voter serves no slots',            but(voter({ slotCount: 0 })),                       'voter-has-no-vote'],
  ['request from a past epoch',        but(request({ currentEpoch: 6 })),                  'request-is-old'],
  ['second request in one epoch',      but(voter({ lastVoteEpoch: 7 })),                   'already-voted'],
  ['a vote saved by a later self',     but(voter({ lastVoteEpoch: 8 })),                   'already-voted'],
  ['candidate calls itself primary',   but(candidate('primary')),                          'candidate-is-primary'],
  ['candidate of an unknown primary',  but({ primary: null }),                             'primary-unknown'],
  ['candidate of unknown role',        but({ ...candidate('unknown'), primary: null }),    'primary-unknown'],
  ['primary is up',                    but(primary(false, 60_000)),                        'primary-is-up'],
  ['primary is up, but forced',        but({ ...primary(false, 60_000), ...request({ forced: true }) }), 'granted'],
  ['voted for a sibling 9.999 s ago',  but(primary(true, 9_999)),                          'voted-recently'],
  ['voted for a sibling 10 s ago',     but(primary(true, 10_000)),                         'granted'],
  ['never voted for a sibling',        but(primary(true, -NEVER)),                         'granted'],
  ['a slot has a newer owner',         but({ newerOwner: { slot: 42, configEpoch: 5 } }),  'slot-claim-is-old'],
  // precedence: the reason that is given when several hold
  ['already voted, and primary up',    but({ ...voter({ lastVoteEpoch: 7 }), ...primary(false, 0) }), 'already-voted'],
  ['primary up, and voted recently',   but(primary(false, 0)),                             'primary-is-up'],
])('%s', (_, ballot, expected) => {
  const verdict = decideVote(ballot);
  expect(verdict.granted ? 'granted' : verdict.refusal.why).toBe(expected);
});

// biome-ignore format: a table
test.each<[VoteRefusal, string]>([
  [{ why: 'request-is-old', requestEpoch: 6, currentEpoch: 7 },               'reqEpoch (6) < curEpoch(7)'],
  [{ why: 'already-voted', epoch: 7 },                                        'already voted for epoch 7'],
  [{ why: 'candidate-is-primary' },                                           'it is a master node'],
  [{ why: 'primary-unknown' },                                                "I don't know its master"],
  [{ why: 'primary-is-up' },                                                  'its master is up'],
  [{ why: 'voted-recently', waitMs: 312 },        "can't vote about this master before 312 milliseconds"],
  [{ why: 'slot-claim-is-old', slot: 42, ownerEpoch: 5, requestEpoch: 3 },    'slot 42 epoch (5) > reqEpoch (3)'],
])('%o is logged in the words of Redis', (refusal, words) => {
  expect(describeRefusal(refusal)).toBe(words);
});
