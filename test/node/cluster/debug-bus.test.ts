/**
 * DEBUG DROP-CLUSTER-PACKET-FILTER and CLUSTERLINK KILL, between two nodes.
 * The texts are those of 7.0.15.
 */
import { expect, test } from 'vitest';
import { LittleWorld } from '../../support/little-world.js';

const PING_PACKET = '0';

function two(): LittleWorld {
  const world = new LittleWorld(2, 1, 'cluster-node-timeout 2000\nenable-debug-command yes');
  world.node(0).run('CLUSTER', 'MEET', '127.0.0.1', '7001');
  world.pass(3000);
  return world;
}

/** When the node was last answered, as CLUSTER NODES tells it. */
function lastPong(text: string): number {
  return Number(/7001@17001 \S+ - \d+ (\d+)/.exec(text)?.[1]);
}

test('pings of a dropped type go unanswered, until the filter is off', () => {
  const world = two();
  const [a, b] = [world.node(0), world.node(1)];
  expect(b.run('DEBUG', 'DROP-CLUSTER-PACKET-FILTER', PING_PACKET)).toBe('+OK\r\n');
  world.pass(1000);
  const heard = lastPong(a.text('CLUSTER', 'NODES'));
  world.pass(6000);
  expect(lastPong(a.text('CLUSTER', 'NODES'))).toBe(heard);
  expect(b.log.some((line) => line.includes('Dropping packet that matches debug drop filter'))).toBe(true);
  expect(b.run('DEBUG', 'DROP-CLUSTER-PACKET-FILTER', '-1')).toBe('+OK\r\n');
  world.pass(6000);
  expect(lastPong(a.text('CLUSTER', 'NODES'))).toBeGreaterThan(heard);
  expect(b.run('DEBUG', 'DROP-CLUSTER-PACKET-FILTER', 'x')).toBe('-ERR value is not an integer or out of range\r\n');
});

test('links that are killed are made anew', () => {
  const world = two();
  const [a, b] = [world.node(0), world.node(1)];
  const created = () => [...a.text('CLUSTER', 'LINKS').matchAll(/create-time\r\n:(\d+)/g)].map((match) => match[1]);
  const before = created();
  expect(before).toHaveLength(2);
  expect(a.run('DEBUG', 'CLUSTERLINK', 'KILL', 'all', b.text('CLUSTER', 'MYID'))).toBe('+OK\r\n');
  world.pass(3000);
  const after = created();
  expect(after).toHaveLength(2);
  expect(after.filter((time) => before.includes(time))).toEqual([]);
});

test('what cannot be killed', () => {
  const a = two().node(0);
  const id = a.text('CLUSTER', 'MYID');
  expect(a.run('DEBUG', 'CLUSTERLINK', 'KILL', 'all', 'nobody')).toBe('-ERR Unknown node nobody\r\n');
  expect(a.run('DEBUG', 'CLUSTERLINK', 'KILL', 'up', id)).toBe('-ERR Unknown direction up\r\n+OK\r\n');
});
