/**
 * WAIT on whole nodes: for what, and when it ends.
 */
import { describe, expect, test } from 'vitest';
import { family } from '../../support/copies.js';
import type { LittleNode } from '../../support/little-world.js';

describe('WAIT', () => {
  test('is answered when the replicas have it', () => {
    const { all, nodes } = family(3);
    const [primary] = nodes as [LittleNode];
    primary.run('SET', 'k', 'x');
    expect(primary.run('WAIT', '2', '0')).toBe('');
    all.pass(10);
    expect(primary.take()).toBe(':2\r\n');
    expect(primary.run('WAIT', '2', '0')).toBe(':2\r\n');
  });

  test('is answered when its time is over', () => {
    const { all, nodes } = family(3);
    const [primary, , other] = nodes as [LittleNode, LittleNode, LittleNode];
    other.isUp = false;
    primary.run('SET', 'k', 'x');
    expect(primary.run('WAIT', '2', '500')).toBe('');
    all.pass(450);
    expect(primary.take()).toBe('');
    all.pass(100);
    expect(primary.take()).toBe(':1\r\n');
  });

  test('who has read waits for what it may have read', () => {
    const { all, nodes } = family(2);
    const [primary] = nodes as [LittleNode];
    const reader = primary.connect();
    primary.run('SET', 'k', 'x');
    expect(reader.run('GET', 'k') + reader.run('WAIT', '1', '0')).toBe('$1\r\nx\r\n');
    all.pass(10);
    expect(reader.take()).toBe(':1\r\n');
    primary.run('SET', 'k', 'y');
    reader.send(Buffer.from('GET k\r\nWAIT 1 0\r\n'));
    expect(reader.take()).toBe('$1\r\ny\r\n');
    all.pass(10);
    expect(reader.take()).toBe(':1\r\n');
    primary.run('SET', 'k', 'z');
    expect(reader.run('WAIT', '1', '0')).toBe(':1\r\n');
  });

  test('who said nothing does not wait', () => {
    const { nodes } = family(2);
    nodes[0]?.run('SET', 'k', 'x');
    const reader = nodes[0]?.connect();
    expect(reader?.run('WAIT', '1', '0')).toBe(':1\r\n');
  });

  test('ends with the role', () => {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    replica.isUp = false;
    primary.run('SET', 'k', 'x');
    primary.run('WAIT', '1', '0');
    primary.connect().run('REPLICAOF', '127.0.0.1', '7001');
    all.pass(5);
    expect(primary.take()).toMatch(/^-UNBLOCKED force unblock from blocking operation/);
  });

  test('makes no sense at a replica', () => {
    expect(family(2).nodes[1]?.run('WAIT', '1', '0')).toMatch(/^-ERR WAIT cannot be used with replica instances/);
  });
});
