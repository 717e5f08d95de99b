/** Truth table of `cluster_state`: one fair case, and what each single change does to it; then a partition. */

import { expect, test } from 'vitest';
import { type Circumstances, describeNotServing, judgeHealth } from '../../src/gossip/members/coverage.js';
import { agree, isOk, NODE_TIMEOUT, PRIMARIES, SEEDS, storyOf, threePrimaries } from './stage/scenes.js';

const FAIR: Circumstances = {
  role: 'primary',
  before: 'fail',
  sinceStartMs: 60_000,
  sinceMinorityMs: 60_000,
  requireFullCoverage: true,
  unassignedSlots: 0,
  failedOwner: null,
  reachableVoters: 3,
  voters: 3,
  nodeTimeoutMs: 15_000,
  stall: null,
};
const but = (change: Partial<Circumstances>): Circumstances => ({ ...FAIR, ...change });
const REPLICA = { role: 'replica' } as const;
const LAX = { requireFullCoverage: false } as const;

// biome-ignore format: a table
test.each<[string, Circumstances, string]>([
  // what is special                         circumstances                                      verdict
  ['nothing',                                FAIR,                                              'ok'],
  ['a slot without owner',                   but({ unassignedSlots: 1 }),                       'slots-unassigned'],
  ['the same, but full coverage is waived',  but({ unassignedSlots: 1, ...LAX }),               'ok'],
  ['an owner has failed',                    but({ failedOwner: 'a' }),                         'slot-owner-failed'],
  ['the same, but full coverage is waived',  but({ failedOwner: 'a', ...LAX }),                 'ok'],
  ['two of three reachable',                 but({ reachableVoters: 2 }),                       'ok'],
  ['one of three reachable',                 but({ reachableVoters: 1 }),                       'in-minority'],
  ['two of four: half is no majority',       but({ reachableVoters: 2, voters: 4 }),            'in-minority'],
  ['minority, full coverage waived',         but({ reachableVoters: 1, ...LAX }),               'in-minority'],
  ['nobody has a slot',                      but({ reachableVoters: 0, voters: 0 }),            'no-voters'],
  ['1,999 ms after the start',               but({ sinceStartMs: 1999 }),                       'just-started'],
  ['2,000 ms after the start',               but({ sinceStartMs: 2000 }),                       'ok'],
  ['just started, but a replica',            but({ sinceStartMs: 0, ...REPLICA }),              'ok'],
  ['just started, and ok already',           but({ sinceStartMs: 0, before: 'ok' }),            'ok'],
  ['minority left 4,999 ms ago',             but({ sinceMinorityMs: 4999 }),                    'minority-just-left'],
  ['minority left 5,000 ms ago',             but({ sinceMinorityMs: 5000 }),                    'ok'],
  ['node timeout 1 s, left 999 ms ago',      but({ sinceMinorityMs: 999, nodeTimeoutMs: 1000 }), 'minority-just-left'],
  ['node timeout 1 s, left 1,000 ms ago',    but({ sinceMinorityMs: 1000, nodeTimeoutMs: 1000 }), 'ok'],
  ['node timeout 1 ms, left 499 ms ago',     but({ sinceMinorityMs: 499, nodeTimeoutMs: 1 }),   'minority-just-left'],
  ['node timeout 1 ms, left 500 ms ago',     but({ sinceMinorityMs: 500, nodeTimeoutMs: 1 }),   'ok'],
  ['minority just left, but a replica',      but({ sinceMinorityMs: 0, ...REPLICA }),           'ok'],
])('%s', (_, circumstances, expected) => {
  const health = judgeHealth(circumstances);
  expect(health.state === 'ok' ? 'ok' : health.why).toBe(expected);
});

test('a reason tells its numbers', () => {
  const health = judgeHealth(but({ reachableVoters: 1 }));
  expect(health.state === 'fail' && describeNotServing(health)).toBe(
    'I reach 1 primaries with slots, a majority would be 2',
  );
});

test('story 6: a minority stops, and returns after a while', async () => {
  const world = threePrimaries(7);
  world.divide([7003], [7001, 7002]);
  world.run(6000);
  world.ask('why do you not serve?', 7003, 7001);
  world.heal();
  world.run(8000);
  await expect(storyOf(world)).toMatchFileSnapshot('../stories/06-a-minority-stops.txt');
});

test.each(SEEDS)(
  'seed %i: the minority stops in 1.5 node timeouts and 200 ms, and waits before it serves again',
  (seed) => {
    const world = threePrimaries(seed);
    world.divide([7003], [7001, 7002]);
    expect(world.runUntil(() => !isOk(world, 7003), NODE_TIMEOUT * 1.5 + 200)).toBe(true);
    world.run(3000);
    world.heal();
    const reachable = () => world.view(7003).nodes.every((node) => node.health === 'ok');
    expect(world.runUntil(reachable, 5000)).toBe(true);
    expect(isOk(world, 7003)).toBe(false);
    world.run(NODE_TIMEOUT - 300);
    expect(isOk(world, 7003)).toBe(false);
    expect(world.runUntil(() => agree(world, PRIMARIES), 8000)).toBe(true);
  },
);

test('without full coverage the majority goes on serving', () => {
  const world = threePrimaries(5);
  for (const port of PRIMARIES) {
    world.configure(port, { requireFullCoverage: false });
  }
  world.kill(7003);
  world.run(8000);
  expect(PRIMARIES.slice(0, 2).map((port) => isOk(world, port))).toEqual([true, true]);
});
