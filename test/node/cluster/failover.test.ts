/** Whole nodes with their data: what a failover, a stall and an empty primary mean to clients. */

import { expect, test } from 'vitest';
import { libraryOf } from '../../persistence/functions/samples.js';
import { LittleWorld } from '../../support/little-world.js';

const SLOTS = [
  ['0', '5460'],
  ['5461', '10922'],
  ['10923', '16383'],
] as const;

/** Three primaries; node 3 is the replica of node 0. */
function fourNodes(...conf: string[]): LittleWorld {
  const world = new LittleWorld(4, 1, 'cluster-node-timeout 1000', 'repl-diskless-sync-delay 0', ...conf);
  for (let i = 1; i < 4; i++) world.node(0).run('CLUSTER', 'MEET', '127.0.0.1', String(7000 + i));
  for (const [i, [from, to]] of SLOTS.entries()) {
    world.node(i).run('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
    world.node(i).run('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  world.pass(3000);
  expect(world.node(3).run('CLUSTER', 'REPLICATE', world.node(0).text('CLUSTER', 'MYID'))).toBe('+OK\r\n');
  world.pass(3000);
  expect(world.node(3).text('INFO', 'replication')).toContain('master_link_status:up');
  return world;
}

const set = (world: LittleWorld, i: number, key: string) => world.node(i).run('SET', `{3}${key}`, 'v'); // slot 1584

test('CLUSTER FAILOVER: every write that was acknowledged is there, and the old primary has it, too', () => {
  const world = fourNodes();
  for (let i = 0; i < 20; i++) expect(set(world, 0, `a${i}`)).toBe('+OK\r\n');
  expect(world.node(3).run('CLUSTER', 'FAILOVER')).toBe('+OK\r\n');
  let acknowledged = 20;
  const writer = world.node(0).connect();
  for (let i = 0; i < 200; i++) {
    if (writer.run('SET', `{3}b${i}`, 'v') === '+OK\r\n') acknowledged++;
    world.pass(2);
  }
  world.pass(3000);
  expect(world.node(3).text('INFO', 'replication')).toContain('role:master');
  expect(world.node(0).text('INFO', 'replication')).toContain('master_link_status:up');
  for (const i of [0, 3]) expect(Number(world.node(i).run('DBSIZE').slice(1))).toBeGreaterThanOrEqual(acknowledged);
  expect(world.node(0).run('DBSIZE')).toBe(world.node(3).run('DBSIZE'));
  expect(set(world, 0, 'c')).toMatch(/^-MOVED 1584 127.0.0.1:7003/);
});

test('a client that comes first after a stall is told that the cluster is down, and served a moment later', () => {
  const world = fourNodes();
  expect(set(world, 0, 'a')).toBe('+OK\r\n');
  world.node(0).host.nowMs += 700; // more than half of the node timeout
  expect(set(world, 0, 'b')).toBe('-CLUSTERDOWN The cluster is down\r\n');
  expect(world.node(0).text('CLUSTER', 'INFO')).toContain('cluster_state:fail');
  expect(world.node(0).run('CLUSTER', 'EXPLAIN')).toContain('stalled');
  world.pass(20);
  expect(set(world, 0, 'b')).toBe('+OK\r\n');
});

test('CLUSTER EXPLAIN is a map, in RESP2 a flat one', () => {
  const world = fourNodes();
  const me = world.node(0).text('CLUSTER', 'MYID');
  const head = `$4\r\nnode\r\n$40\r\n${me}\r\n$4\r\nrole\r\n$7\r\nprimary\r\n$5\r\nstate\r\n$2\r\nok\r\n`;
  expect(world.node(0).run('CLUSTER', 'EXPLAIN').startsWith(`*20\r\n${head}`)).toBe(true);
  expect(world.node(0).run('CLUSTER', 'EXPLAIN', '7').startsWith('*14\r\n$4\r\nslot\r\n:7\r\n')).toBe(true);
  expect(world.node(0).run('CLUSTER', 'EXPLAIN', me).startsWith('*28\r\n')).toBe(true);
  expect(world.node(0).run('CLUSTER', 'EXPLAIN', '99999')).toBe('-ERR Unknown node 99999\r\n');
  expect(world.node(0).run('CLUSTER', 'EXPLAIN', 'a', 'b')).toMatch(/^-ERR unknown subcommand or wrong number/);
  world.node(0).run('HELLO', '3');
  expect(world.node(0).run('CLUSTER', 'EXPLAIN').startsWith(`%10\r\n${head}`)).toBe(true);
});

test.each([10, 200_000])('a primary that lost its keys gives none, though it has a library of %d bytes', (bytes) => {
  const world = fourNodes('rdbcompression no');
  const [primary, replica] = [world.node(0), world.node(3)];
  expect(set(world, 0, 'a')).toBe('+OK\r\n');
  world.pass(100);
  primary.node.engine.flushAll();
  primary.node.server.libraries.load(libraryOf('a', 'x'.repeat(bytes)), 'append');
  primary.node.replication.beginNewHistory();
  world.pass(100);
  expect(primary.log.join('\n')).toContain('Synchronization with replica');
  expect(replica.node.server.libraries.size).toBe(0);
  expect(replica.node.engine.size).toBe(1);
});
