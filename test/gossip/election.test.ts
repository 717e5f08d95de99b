/** Truth table of the candidate: a replica whose primary failed, and what each single change does to it. */

import { expect, test } from 'vitest';
import { type Candidacy, complaintOf, type Election, judgeCandidacy } from '../../src/gossip/election.js';
import type { Health } from '../../src/gossip/node-table.js';

const NOW = 100_000;
const FRESH: Candidacy = {
  role: 'replica',
  noFailover: false,
  primary: { health: 'failed', slotCount: 5461, configEpoch: 3 },
  rescue: false,
  data: 'synced',
  betterFellow: null,
  ahead: 0,
  currentEpoch: 8,
  manual: 'none',
  dataAgeMs: 1000,
  dataAgeLimitMs: 60_000,
  election: null,
  rank: 0,
  quorum: 2,
  nodeTimeoutMs: 5000,
};
const but = (change: Partial<Candidacy>): Candidacy => ({ ...FRESH, ...change });

/** An election whose delay ended `agoMs` ago. */
function since(agoMs: number, epoch: number | null = null, voters: string[] = []): { election: Election } {
  return {
    election: {
      startsAt: NOW - agoMs,
      rank: 0,
      ahead: 0,
      progressAt: NOW - agoMs,
      epoch,
      claimEpoch: 3,
      votes: new Set(voters),
    },
  };
}
const primary = (health: Health, slotCount: number, configEpoch = 3) => ({
  primary: { health, slotCount, configEpoch },
});
const fellow = (failedForMs: number) => ({ id: 'f', offset: 42, failedForMs });
const JUST_NOW = { election: { ...since(1000).election, progressAt: NOW } };
const FELLOW = 'fellow-has-data';
const ANY_AGE = { dataAgeMs: 1e9, dataAgeLimitMs: Number.POSITIVE_INFINITY };
const UP = primary('ok', 5461);
const SHORT = { nodeTimeoutMs: 100 };

// biome-ignore format: a table
test.each<[string, Candidacy, string]>([
  // what is special                         candidacy                                            what is next
  ['nothing',                                FRESH,                                             'schedule'],
  ['I am a primary',                         but({ role: 'primary' }),                          'not-a-replica'],
  ['my primary is unknown',                  but({ primary: null }),                            'primary-unknown'],
  ['my primary is up',                       but(UP),                                           'primary-is-up'],
  ['my primary is only suspected',           but(primary('suspected', 1)),                      'primary-is-up'],
  ['my primary has no slots',                but(primary('failed', 0)),                         'primary-has-no-slots'],
  ['failover is switched off',               but({ noFailover: true }),                         'failover-switched-off'],
  ['data too old',                           but({ dataAgeMs: 60_001 }),                        'data-too-old'],
  ['data just not too old',                  but({ dataAgeMs: 60_000 }),                        'schedule'],
  ['in the delay',                           but(since(-1)),                                    'waiting-for-delay'],
  ['delay over',                             but(since(0)),                                     'ask'],
  ['a fellow replica has more data',         but({ ...since(-1), rank: 1 }),                    'yield'],
  ['the same, but we have asked already',    but({ ...since(100, 8), rank: 1 }),                'waiting-for-votes'],
  ['asked, one vote of two',                 but(since(100, 8, ['a'])),                         'waiting-for-votes'],
  ['asked, two votes of two',                but(since(100, 8, ['a', 'b'])),                    'promote'],
  ['votes came too late',                    but(since(10_001, 8, ['a', 'b'])),                 'election-expired'],
  ['asked too long ago: again',              but(since(20_001, 8, ['a'])),                      'schedule'],
  ['short node timeout, 2 s after the delay', but({ ...since(2000, 8, ['a', 'b']), ...SHORT }),     'promote'],
  ['short node timeout, 2.001 s after it',   but({ ...since(2001, 8, ['a', 'b']), ...SHORT }),      'election-expired'],
  // data that is not in step
  ['never synced',                           but({ data: 'none' }),                             'never-synced'],
  ['never synced, but age does not matter',  but({ data: 'none', ...ANY_AGE }),                 'schedule'],
  ['data of the primary before',             but({ data: 'of-shard' }),                         'schedule'],
  ['the same, and a fellow tells of data',   but({ data: 'of-shard', betterFellow: fellow(0) }), 'fellow-has-data'],
  ['a fellow tells of data, at any age',     but({ ...ANY_AGE, data: 'none', betterFellow: fellow(1) }), FELLOW],
  ['the fellow had its time',                but({ data: 'of-shard', betterFellow: fellow(20_000) }), 'schedule'],
  // many primaries failed
  ['two are before us, for a second',        but({ ...since(0), ahead: 2 }),                    'others-go-first'],
  ['the second is over',                     but({ ...since(1000), ahead: 2 }),                 'ask'],
  ['the same, but another asked just now',   but({ ...JUST_NOW, ahead: 2 }),                    'others-go-first'],
  ['the last one before us was replaced',    but({ ...since(10), ahead: 0 }),                   'ask'],
  ['another epoch began',                    but({ ...since(100, 8, ['a']), currentEpoch: 9 }), 'election-overtaken'],
  ['another began, but we have the votes',   but({ ...since(100, 8, ['a', 'b']), currentEpoch: 9 }), 'promote'],
  ['overtaken: again after the timeout',     but({ ...since(10_001, 8, ['a']), currentEpoch: 9 }), 'schedule'],
  ['our claim was outdated',                 but({ ...since(100, 8), ...primary('failed', 1, 4) }), 'ask-again'],
  // the primary lives, and is empty
  ['rescue',                                 but({ ...UP, rescue: true }),                      'schedule'],
  ['rescue, but switched off',               but({ ...UP, rescue: true, noFailover: true }),    'failover-switched-off'],
  // by order of an operator
  ['agreed, and the primary is up',          but({ ...UP, manual: 'agreed' }),                  'schedule'],
  ['wanted, but not agreed yet',             but({ ...UP, manual: 'wanted' }),                  'primary-is-up'],
  ['agreed, although switched off',          but({ manual: 'agreed', noFailover: true }),       'schedule'],
  ['agreed, although data is old',           but({ manual: 'agreed', dataAgeMs: 60_001 }),      'schedule'],
  ['agreed, although never synced',          but({ manual: 'agreed', data: 'none' }),           'schedule'],
  ['agreed: nobody goes first',              but({ ...since(0), manual: 'agreed', ahead: 9 }),  'ask'],
  ['agreed: no yielding',                    but({ ...since(0), manual: 'agreed', rank: 1 }),   'ask'],
])('%s', (_, candidacy, expected) => {
  const judgement = judgeCandidacy(candidacy, NOW);
  expect(judgement.next === 'wait' ? judgement.because.why : judgement.next).toBe(expected);
});

test('yielding costs a second for each rank fallen', () => {
  expect(judgeCandidacy(but({ ...since(-1), rank: 2 }), NOW)).toEqual({ next: 'yield', rank: 2, delayMs: 2000 });
});

test('what Redis logs of a candidacy that does not get on', () => {
  expect(complaintOf({ why: 'election-expired', votes: 1, quorum: 2, retryInMs: 10 })).toBe(
    'Failover attempt expired.',
  );
  expect(complaintOf({ why: 'primary-is-up' })).toBeNull();
});
