/** Tables, colours and progress, as they arrive at a terminal and at a pipe. */
import { expect, test } from 'vitest';
import { clusterTable } from '../../src/cli/cluster-table.js';
import { Terminal, wantsColour } from '../../src/cli/terminal.js';
import { parseView } from '../../src/kit/topology.js';
import { Paper } from './paper.js';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
const view = parseView(
  [
    `${A} 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 8192-16383`,
    `${B} 127.0.0.1:7001@17001 slave ${C} 0 0 2 connected`,
    `${C} 127.0.0.1:7002@17002 master - 0 0 2 connected 0-100 200-8191\n`,
  ].join('\n'),
);
const shown = [A, B, C].map((id, i) => ({
  member: { name: `node-${i + 1}`, port: 7000 + i },
  pid: 100 + i,
  line: view.lines.get(id) ?? null,
}));

test('a table of a cluster: by slots, each replica under its primary, who does not answer last', () => {
  const terminal = new Terminal(new Paper(false), new Paper(false), {});
  const silent = { member: { name: 'node-4', port: 7003 }, pid: null, line: null };
  expect(`\n${clusterTable(terminal, [silent, ...shown])}\n`).toBe(`
  node    address         role               slots           id        pid
  node-3  127.0.0.1:7002  primary            0-100 200-8191  cccccccc  102
  node-2  127.0.0.1:7001  replica of node-3                  bbbbbbbb  101
  node-1  127.0.0.1:7000  primary            8192-16383      aaaaaaaa  100
  node-4  127.0.0.1:7003  does not answer
`);
});

test('colours do not move the columns', () => {
  const plain = new Terminal(new Paper(false), new Paper(false), {});
  const colourful = new Terminal(new Paper(true), new Paper(false), {});
  const painted = clusterTable(colourful, shown);
  expect(painted).not.toBe(clusterTable(plain, shown));
  const lines = painted.replaceAll(/\x1b\[\d+m/g, '').split('\n');
  expect(lines.map((line) => line.trimEnd())).toEqual(clusterTable(plain, shown).split('\n'));
});

test.each<[string, boolean, NodeJS.ProcessEnv, boolean]>([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['a terminal and NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['a pipe and FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['a terminal and FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
])('colour: %s', (_, isTTY, environment, expected) => {
  expect(wantsColour(new Paper(isTTY), environment)).toBe(expected);
});

test('progress in a pipe: one line a step, without what changes in it', () => {
  const err = new Paper(false);
  const progress = new Terminal(new Paper(false), err, {}).progress();
  progress.step('starting 6 nodes');
  progress.step('waiting: 7000');
  progress.step('waiting: 7001');
  progress.note('Port 7000 is taken.');
  progress.done();
  expect(err.text).toBe('starting 6 nodes\nwaiting\nPort 7000 is taken.\n');
});

test('progress on a terminal: one line that is gone at the end, notes stay', () => {
  const err = new Paper(true);
  const progress = new Terminal(new Paper(false), err, {}).progress();
  progress.step('starting');
  progress.note('Port 7000 is taken.');
  progress.done();
  const CLEAR = '\r\x1b[2K';
  expect(err.text).toBe(`${CLEAR}⠙ starting${CLEAR}Port 7000 is taken.\n${CLEAR}⠹ starting${CLEAR}`);
});
