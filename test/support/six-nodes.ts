/**
 * A little world of six nodes that form a cluster: three primaries, and a replica of each.
 *
 *   node 0 ◀─ 3   slots 0 … 5460        node 1 ◀─ 4   5461 … 10922        node 2 ◀─ 5   10923 … 16383
 */
import { expect } from 'vitest';
import { LittleWorld } from './little-world.js';

const SHARES = [
  ['0', '5460'],
  ['5461', '10922'],
  ['10923', '16383'],
] as const;

export function sixNodes(seed: number): LittleWorld {
  const world = new LittleWorld(6, seed, 'cluster-node-timeout 2000');
  for (let i = 1; i < 6; i++) expect(world.node(0).run('CLUSTER', 'MEET', '127.0.0.1', `${7000 + i}`)).toBe('+OK\r\n');
  SHARES.forEach(([first, last], i) => {
    expect(world.node(i).run('CLUSTER', 'ADDSLOTSRANGE', first, last)).toBe('+OK\r\n');
  });
  world.pass(5000);
  for (let i = 3; i < 6; i++)
    expect(world.node(i).run('CLUSTER', 'REPLICATE', world.node(i - 3).text('CLUSTER', 'MYID'))).toBe('+OK\r\n');
  world.pass(5000);
  return world;
}
