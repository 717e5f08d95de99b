/**
 * Six whole nodes in one process, on a network in memory and in virtual time: they form a cluster and serve it.
 */
import { describe, expect, test } from 'vitest';
import { seeds } from '../support/tries.js';
import { sixNodes } from '../support/six-nodes.js';

describe.each(seeds(5))('seed %i', (seed) => {
  test('six nodes agree on slots and roles, and serve', () => {
    const world = sixNodes(seed);
    for (const node of world.nodes) {
      expect(node.text('CLUSTER', 'INFO')).toMatch(/^cluster_state:ok\r\ncluster_slots_assigned:16384\r\n/);
      expect(node.text('CLUSTER', 'NODES').match(/ (myself,)?slave /g)).toHaveLength(3);
    }
    expect(world.node(2).run('SET', 'foo', 'bar')).toBe('+OK\r\n');
    expect(world.node(0).run('GET', 'foo')).toBe('-MOVED 12182 127.0.0.1:7002\r\n');
    expect(world.node(5).run('GET', 'foo')).toBe('-MOVED 12182 127.0.0.1:7002\r\n');
    expect(world.node(2).run('MSET', 'foo', '1', 'bar', '2')).toMatch(/^-CROSSSLOT /);
  });

  test('a primary that dies is found out by all', () => {
    const world = sixNodes(seed);
    world.node(1).isUp = false;
    world.pass(8000);
    for (const node of world.nodes.filter(({ isUp }) => isUp)) {
      expect(node.text('CLUSTER', 'NODES')).toMatch(/127\.0\.0\.1:7001@17001 master,fail /);
    }
    const marked = world.nodes.filter(({ log }) => log.some((line) => line.includes('(quorum reached)')));
    expect(marked.length).toBeGreaterThan(0);
  });
});

test('the same seed gives the same logs, byte for byte', () => {
  const logsOf = (seed: number): string => JSON.stringify(sixNodes(seed).nodes.map(({ log }) => log));
  expect(logsOf(7)).toBe(logsOf(7));
});
