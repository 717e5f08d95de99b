/** One cluster out of what its nodes say: lines as 7.0.15 prints them, and each way in which one may differ. */
import { expect, test } from 'vitest';
import { formatRanges } from '../../src/kit/plan.js';
import { describeDispute, mergeViews, parseView, uncoveredSlots } from '../../src/kit/topology.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);

/** What a healthy node says; `self` gets its flag. */
function viewOf(self: string, change: (line: string) => string = (line) => line): string {
  const lines = [
    `${A} 127.0.0.1:7000@17000 master - 0 1795259968000 1 connected 0-5460 [93-<-${B}]`,
    `${B} 127.0.0.1:7001@17001,host-b master - 0 1795259968202 2 connected 5461-10922 10930 10940-16383`,
    `${C} 127.0.0.1:7002@17002 slave ${A} 0 1795259968202 1 connected`,
  ];
  const marked = lines.map((line) => {
    return line.startsWith(self) ? line.replace(/(master|slave)/, 'myself,$1') : change(line);
  });
  return `${marked.join('\n')}\n`;
}

test('a line of CLUSTER NODES', () => {
  const view = parseView(viewOf(A));
  expect(view.viewer).toBe(A);
  expect(view.lines.get(B)).toEqual({
    id: B,
    host: '127.0.0.1',
    port: 7001,
    busPort: 17001,
    flags: ['master'],
    role: 'primary',
    primaryId: null,
    configEpoch: 2,
    linked: true,
    slots: [
      { from: 5461, to: 10922 },
      { from: 10930, to: 10930 },
      { from: 10940, to: 16383 },
    ],
    moves: [],
  });
  expect(formatRanges(view.lines.get(A)?.slots ?? [])).toBe('0-5460'); // one on its way is not owned
  expect(view.lines.get(A)?.moves).toEqual([{ slot: 93, way: 'from', peerId: B }]);
  expect(parseView(viewOf(A).replace('-<-', '->-')).lines.get(A)?.moves).toEqual([{ slot: 93, way: 'to', peerId: B }]);
  expect(view.lines.get(C)).toMatchObject({ role: 'replica', primaryId: A, slots: [] });
});

test('a node that has not heard its own address, and an IPv6 one', () => {
  expect(parseView(`${A} :7000@17000 myself,master - 0 0 0 connected\n`).lines.get(A)).toMatchObject({
    host: '',
    port: 7000,
  });
  expect(parseView(`${A} ::1:7000@17000 myself,master - 0 0 0 connected\n`).lines.get(A)).toMatchObject({
    host: '::1',
  });
});

test('all see the same', () => {
  const topology = mergeViews([A, B, C].map((self) => parseView(viewOf(self))));
  expect([...topology.members.keys()]).toEqual([A, B, C]);
  expect(topology.disputes).toEqual([]);
  expect(topology.strangers).toEqual([]);
  expect(topology.slotsCovered).toBe(5461 + 5462 + 1 + 5444);
  expect(formatRanges(uncoveredSlots(topology))).toBe('10923-10929 10931-10939');
});

test.each<[string, (line: string) => string, string]>([
  ['it does not know it', (line) => (line.startsWith(B) ? '' : line), '7000 does not know 7001'],
  ['a handshake', (line) => line.replace(/^(b+ \S+) master/, '$1 handshake'), '7000 is still shaking hands with 7001'],
  ['a failure', (line) => line.replace(/^(b+ \S+) master/, '$1 master,fail'), '7000 holds for failed 7001'],
  ['a suspicion', (line) => line.replace(/^(b+ \S+) master/, '$1 master,fail?'), '7000 suspects 7001'],
  ['no link', (line) => line.replace(/^(b.*) connected/, '$1 disconnected'), '7000 has no link to 7001'],
  [
    'another role',
    (line) => line.replace(/^(c+ \S+) slave a+/, '$1 master -'),
    '7000 has not heard of the role of 7002',
  ],
  [
    'another primary',
    (line) => line.replace(/^(c+ \S+) slave a+/, `$1 slave ${B}`),
    '7000 has not heard of the role of 7002',
  ],
  ['other slots', (line) => line.replace('10922 10930', '10922'), '7000 has not heard of the slots of 7001'],
])('a dispute: %s', (_, change, expected) => {
  const topology = mergeViews([parseView(viewOf(A, change)), parseView(viewOf(B)), parseView(viewOf(C))]);
  expect(topology.disputes.map(describeDispute)).toEqual([expected]);
});

test('who is known but was not asked is a stranger, unless it shakes hands', () => {
  const views = [parseView(viewOf(A)), parseView(viewOf(B))];
  expect(mergeViews(views).strangers.map(({ id }) => id)).toEqual([C]);
  const shaking = (line: string) => line.replace(/^(c+ \S+) slave/, '$1 handshake');
  expect(mergeViews([parseView(viewOf(A, shaking)), parseView(viewOf(B, shaking))]).strangers).toEqual([]);
});
