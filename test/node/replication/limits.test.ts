/**
 * What a primary keeps for its replicas, and for how long; and what it shows of them.
 */
import { expect, test } from 'vitest';
import { expectSame, family, field, pair } from '../../support/copies.js';
import type { LittleNode } from '../../support/little-world.js';

const FREED = 'notice: Replication backlog freed after 3 seconds without connected replicas.';

test('repl-backlog-ttl: the backlog goes some time after the last replica, and with it the history', () => {
  const { all, primary, replica } = pair('repl-backlog-ttl 3');
  const id = field(primary, 'master_replid');
  replica.isUp = false;
  all.breakLinks();
  all.pass(2500);
  expect([field(primary, 'repl_backlog_active'), field(primary, 'master_replid')]).toEqual(['1', id]);
  all.pass(2500);
  expect(primary.log).toContain(FREED);
  expect(field(primary, 'repl_backlog_active')).toBe('0');
  expect(field(primary, 'master_replid')).not.toBe(id);
  primary.run('SET', 'unheard', 'v');
  replica.isUp = true;
  all.pass(1500);
  expect(field(primary, 'sync_partial_ok')).toBe('0');
  expectSame(primary, replica);
});

test('repl-backlog-ttl 0: it stays for good', () => {
  const { all, primary, replica } = pair('repl-backlog-ttl 0');
  replica.isUp = false;
  all.breakLinks();
  all.pass(8000);
  expect(field(primary, 'connected_slaves')).toBe('0');
  expect(field(primary, 'repl_backlog_active')).toBe('1');
});

test('repl-backlog-ttl: the backlog of who has a replica, or is one, stays', () => {
  const { all, nodes } = family(3, 'repl-backlog-ttl 3');
  const [primary, replica, other] = nodes as [LittleNode, LittleNode, LittleNode];
  other.isUp = false;
  all.pass(8000);
  for (const node of [primary, replica]) expect(field(node, 'repl_backlog_active')).toBe('1');
});

test('client-output-buffer-limit replica: who lags by more is sent away, and comes back', () => {
  const { all, primary, replica } = pair('client-output-buffer-limit replica 2mb 0 0', 'repl-backlog-size 16kb');
  const [client] = primary.node.replication.replicas.clients;
  const isFull = 2 ** 20;
  Object.assign(client?.link ?? {}, { queuedBytes: () => isFull });
  const write = (): void => {
    for (let i = 0; i < 8; i++) primary.run('SET', 'big', 'x'.repeat(100_000));
    all.pass(5);
  };
  const sentAway = (): string[] => primary.log.filter((line) => line.includes('overcoming of output buffer limits'));
  write();
  expect(sentAway()).toEqual([]);
  write();
  expect(sentAway()).toHaveLength(1);
  all.pass(1500);
  expect(field(primary, 'connected_slaves')).toBe('1');
  expectSame(primary, replica);
});

test('replica-announce-ip, -port, replica-announced, replica-priority: what others are told of a replica', () => {
  const announced = ['replica-announce-ip 10.9.8.7', 'replica-announce-port 7777', 'replica-announced no'];
  const { primary, replica } = pair(...announced, 'replica-priority 7');
  expect(field(primary, 'slave0')).toMatch(/^ip=10\.9\.8\.7,port=7777,state=online,/);
  expect(primary.run('ROLE')).toContain('$8\r\n10.9.8.7\r\n$4\r\n7777\r\n');
  expect([field(replica, 'replica_announced'), field(replica, 'slave_priority')]).toEqual(['0', '7']);
});
