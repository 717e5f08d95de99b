/** What is left to do: one row for each state in which a handful of nodes can be found. */
import { describe, expect, test } from 'vitest';
import { describeRemaining, isDone, type Remaining, whatIsLeft } from '../../src/kit/remaining.js';
import { formatRanges } from '../../src/kit/plan.js';
import { parseView, type View } from '../../src/kit/topology.js';

const SIX = { nodes: 6, replicas: 1 };
const PORTS = [7000, 7001, 7002, 7003, 7004, 7005];
const SHARES = ['0-5460', '5461-10922', '10923-16383'];

interface Fact {
  slots?: string;
  /** Place of the primary. */
  follows?: number;
  port?: number;
}

const idOf = (place: number) => String(place + 1).repeat(40);

/** All six views of a cluster in which each knows those that `knows` lists. */
function views(facts: Fact[], knows: (viewer: number, other: number) => boolean = () => true): View[] {
  return facts.map((_, viewer) => {
    const lines = facts.flatMap((fact, place) => {
      if (place !== viewer && !knows(viewer, place)) return [];
      const port = fact.port ?? PORTS[place] ?? 0;
      const role = fact.follows === undefined ? 'master -' : `slave ${idOf(fact.follows)}`;
      const flags = place === viewer ? `myself,${role}` : role;
      const epoch = fact.slots ? place + 1 : 0;
      return [
        `${idOf(place)} 127.0.0.1:${port}@${port + 10000} ${flags} 0 0 ${epoch} connected ${fact.slots ?? ''}`.trim(),
      ];
    });
    return parseView(`${lines.join('\n')}\n`);
  });
}

const primary = (slots: string): Fact => ({ slots });
const replica = (follows: number): Fact => ({ follows });
const WHOLE = [...SHARES.map(primary), replica(0), replica(1), replica(2)];
const EMPTY: Fact[] = [{}, {}, {}, {}, {}, {}];
const nobody = () => false;

function inWords(remaining: Remaining): string[] {
  return [
    ...remaining.epochs.map(({ node, epoch }) => `epoch ${epoch} to ${node}`),
    ...remaining.slots.map(({ node, ranges }) => `${formatRanges(ranges)} to ${node}`),
    ...remaining.follows.map((one) => `${one.replica} follows ${one.primary}`),
  ];
}

test('fresh nodes: all of it', () => {
  const remaining = whatIsLeft(views(EMPTY, nobody), PORTS, SIX);
  expect(inWords(remaining)).toEqual([
    ...[0, 1, 2, 3, 4, 5].map((node) => `epoch ${node + 1} to ${node}`),
    ...SHARES.map((share, node) => `${share} to ${node}`),
    '3 follows 0',
    '4 follows 1',
    '5 follows 2',
  ]);
  expect(remaining.meetings).toHaveLength(15);
  expect(describeRemaining(remaining)).toBe('all slots, 15 introductions, 3 replicas');
  const one = {
    ...remaining,
    slots: [],
    meetings: remaining.meetings.slice(0, 1),
    follows: remaining.follows.slice(0, 1),
  };
  expect(describeRemaining(one)).toBe('1 introduction, 1 replica');
});

test('a whole cluster: nothing', () => {
  expect(isDone(whatIsLeft(views(WHOLE), PORTS, SIX))).toBe(true);
});

test('a whole cluster after a failover: nothing, although the plan has it otherwise', () => {
  const facts = [
    replica(3),
    primary(SHARES[1] ?? ''),
    primary(SHARES[2] ?? ''),
    primary(SHARES[0] ?? ''),
    replica(1),
    replica(2),
  ];
  expect(isDone(whatIsLeft(views(facts), PORTS, SIX))).toBe(true);
});

describe('half-made clusters', () => {
  test.each<[string, Fact[], string[]]>([
    ['the replicas are missing', [...SHARES.map(primary), {}, {}, {}], ['3 follows 0', '4 follows 1', '5 follows 2']],
    ['one replica is missing', WHOLE.with(4, {}), ['4 follows 1']],
    ['the last share is missing', WHOLE.with(2, {}), ['10923-16383 to 2']],
    ['part of a share is missing', WHOLE.with(0, primary('0-99 200-5460')), ['100-199 to 0']],
    [
      'a share is missing whose node follows another by now',
      [replica(3), primary(SHARES[1] ?? ''), primary(SHARES[2] ?? ''), primary('0-99'), replica(1), replica(2)],
      ['100-5460 to 1'],
    ],
    [
      'an empty primary goes to who has the fewest replicas',
      [{}, primary(SHARES[1] ?? ''), primary(SHARES[2] ?? ''), primary(SHARES[0] ?? ''), replica(1), replica(2)],
      ['0 follows 3'],
    ],
  ])('%s', (_, facts, expected) => {
    expect(inWords(whatIsLeft(views(facts), PORTS, SIX))).toEqual(expected);
  });

  test('two who have not met are introduced once', () => {
    const apart = (viewer: number, other: number) => !(viewer === 4 && other === 1);
    expect(whatIsLeft(views(WHOLE, apart), PORTS, SIX).meetings).toEqual([{ from: 4, to: 1 }]);
  });

  test('who has moved to other ports is introduced again', () => {
    const moved = PORTS.map((port) => (port === 7005 ? 7105 : port));
    const remaining = whatIsLeft(views(WHOLE), moved, SIX);
    expect(remaining.meetings.map(({ from }) => from)).toEqual([5, 5, 5, 5, 5]);
    expect(inWords(remaining)).toEqual([]);
  });
});

test('a node that was in a cluster before gets no epoch', () => {
  const remaining = whatIsLeft(views(EMPTY), PORTS, SIX); // they know each other
  expect(remaining.epochs).toEqual([]);
  expect(remaining.slots).toHaveLength(3);
});
