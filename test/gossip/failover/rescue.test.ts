/** A primary comes back without its data: the truth table of the refused sync, then the rescue. */

import { expect, test } from 'vitest';
import { judgeResync, type ResyncFacts } from '../../../src/gossip/failover/rescue.js';
import { agree, follow, FEW_SEEDS, SIX, sixNodes, storyOf } from '../stage/scenes.js';

const P = { id: 'p', slotCount: 5461, failed: false };
const FAILED = { ...P, failed: true };
const EMPTY: ResyncFacts = {
  history: 'unknown',
  keysOffered: 0,
  keysHeld: 100,
  offsetOffered: 0,
  offsetHeld: 5000,
  primary: P,
  syncedWith: 'p',
  data: 'synced',
  noFailover: false,
};
/** It replaced us, or our primary, and we were never in step with it. */
const HEIR: ResyncFacts = { ...EMPTY, syncedWith: null, data: 'of-shard' };
const but = (change: Partial<ResyncFacts>): ResyncFacts => ({ ...EMPTY, ...change });

// biome-ignore format: a table
test.each<[string, ResyncFacts, string]>([
  // what is special                              facts                                         verdict
  ['an empty primary',                            EMPTY,                                        'primary-is-empty'],
  ['I am no replica',                             but({ primary: null }),                       'not-a-replica'],
  ['its history is ours: it was flushed',         but({ history: 'shared' }),                   'history-shared'],
  ['it has one key: it loaded a file',            but({ keysOffered: 1 }),                      'keys-offered'],
  ['we have no key either',                       but({ keysHeld: 0 }),                         'nothing-to-lose'],
  ['it was elected meanwhile',                    but({ syncedWith: 'q' }),                     'another-primary'],
  ['an operator told us to follow it',            but({ syncedWith: null }),                    'another-primary'],
  ['an empty heir of ours',                       HEIR,                                         'primary-is-empty'],
  ['an heir, it goes on from where we were',      { ...HEIR, offsetOffered: 5000 },             'another-primary'],
  ['an heir with an older file',                  { ...HEIR, keysOffered: 1 },                  'keys-offered'],
  ['an heir that failed, with an older file',     { ...HEIR, primary: FAILED, keysOffered: 1 }, 'another-primary'],
  ['an empty heir that failed',                   { ...HEIR, primary: FAILED },                 'primary-has-failed'],
  ['a primary of another shard',                  { ...HEIR, data: 'none' },                    'another-primary'],
  ['it serves no slot: it was reset',             but({ primary: { ...P, slotCount: 0 } }),     'primary-has-no-slots'],
  ['we may not be elected',                       but({ noFailover: true }),                    'failover-switched-off'],
  ['it failed, and has an older file',            but({ primary: FAILED, keysOffered: 1 }),     'primary-has-failed'],
  ['it failed, but its history goes on',          but({ primary: FAILED, history: 'shared' }),  'history-shared'],
  ['it failed, and we have nothing',              but({ primary: FAILED, keysOffered: 1, keysHeld: 0 }), 'nothing-to-lose'],
  ['it failed, and we may not be elected',        but({ primary: FAILED, keysOffered: 1, noFailover: true }), 'failover-switched-off'],
])('%s', (_, facts, expected) => {
  const verdict = judgeResync(facts);
  expect(verdict.may ? verdict.because : verdict.why).toBe(expected);
});

test.each(FEW_SEEDS)('seed %i: an empty restarted primary does not wipe its replica', (seed) => {
  const world = sixNodes(seed);
  for (const key of 'abc') expect(world.writeKey(7001, key)).toBe(true);
  world.run(1000);
  world.kill(7001);
  world.run(200); // long before anybody suspects it
  world.restart(7001);
  expect(world.runUntil(() => world.cluster(7004).role === 'primary' && agree(world, SIX), 15_000)).toBe(true);
  world.run(500);
  expect(world.copy(7004).writes.join('')).toBe('abc');
  expect(world.copy(7001).writes.join('')).toBe('abc'); // it has them back
  expect(storyOf(world)).not.toContain('Marking node');
});

test.each(FEW_SEEDS)('seed %i: an empty heir does not wipe the primary it replaced', (seed) => {
  const world = sixNodes(seed);
  for (const key of 'abc') expect(world.writeKey(7001, key)).toBe(true);
  world.run(1000);
  world.divide(
    [7001],
    SIX.filter((port) => port !== 7001),
  );
  expect(world.runUntil(() => world.cluster(7004).role === 'primary', 15_000)).toBe(true);
  expect(world.writeKey(7004, 'd')).toBe(true); // nobody else has it
  world.run(1000);
  world.kill(7004);
  world.run(200);
  world.heal();
  expect(world.runUntil(() => world.cluster(7001).role === 'replica', 1000)).toBe(true);
  world.restart(7004);
  expect(world.runUntil(() => world.cluster(7001).role === 'primary' && agree(world, SIX), 15_000)).toBe(true);
  world.run(500);
  for (const port of [7001, 7004]) expect(world.copy(port).writes.join('')).toBe('abc');
});

test('story 13: a primary comes back without its data', async () => {
  const world = sixNodes(2);
  for (const key of 'abc') world.writeKey(7001, key);
  world.run(1000);
  world.story.length = 0;
  world.kill(7001);
  world.run(200);
  world.restart(7001);
  world.run(700);
  world.ask('what now?', 7004);
  world.run(2500);
  world.note(7001, `has now: ${world.copy(7001).writes.join(' ')}`);
  await expect(storyOf(world)).toMatchFileSnapshot('../../stories/13-an-empty-primary.txt');
});

test('of two replicas the one with more data is elected, and the other one follows it', () => {
  const world = sixNodes(5);
  follow(world, 7005, 7001);
  world.writeKey(7001, 'a');
  world.run(2000);
  world.copy(7005).held = true;
  world.writeKey(7001, 'b');
  world.run(1500);
  world.kill(7001);
  world.restart(7001);
  world.copy(7005).held = false;
  expect(world.runUntil(() => world.cluster(7004).role === 'primary' && agree(world, SIX), 15_000)).toBe(true);
  world.run(1000);
  for (const port of [7001, 7004, 7005]) expect(world.copy(port).writes.join('')).toBe('ab');
});

test('an operator who wants the emptiness says REPLICATE once more', () => {
  const world = sixNodes(6);
  world.writeKey(7001, 'a');
  world.run(1000);
  world.kill(7001);
  world.restart(7001);
  follow(world, 7004, 7001);
  world.run(5000);
  expect(world.cluster(7004).role).toBe('replica');
  expect(world.copy(7004).writes).toEqual([]);
});

test('a FLUSHALL that a replica missed is not a loss', () => {
  const world = sixNodes(7);
  world.writeKey(7001, 'a');
  world.run(1000);
  world.copy(7001).writes.length = 0; // the same history goes on
  world.run(3000);
  expect(world.cluster(7004).role).toBe('replica');
  expect(world.copy(7004).writes).toEqual([]);
});
