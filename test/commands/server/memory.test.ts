/**
 * MEMORY: as Redis answers it, and whether the figures add up.
 */
import { describe, expect, test } from 'vitest';
import { type Reply, ReplyReader } from '../../../src/resp/reply-reader.js';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';
import { playOnNode } from '../../support/play-on-node.js';

playOnNode('memory');

/** The names of MEMORY STATS in 7.0.15, with one database. */
const STATS = [
  'peak.allocated total.allocated startup.allocated replication.backlog clients.slaves clients.normal cluster.links',
  'aof.buffer lua.caches functions.caches db.0 overhead.total keys.count keys.bytes-per-key dataset.bytes',
  'dataset.percentage peak.percentage allocator.allocated allocator.active allocator.resident',
  'allocator-fragmentation.ratio allocator-fragmentation.bytes allocator-rss.ratio allocator-rss.bytes',
  'rss-overhead.ratio rss-overhead.bytes fragmentation fragmentation.bytes',
].join(' ');

function parsed(bytes: Buffer): Reply {
  const replies: Reply[] = [];
  new ReplyReader({ onReply: (reply) => replies.push(reply), onGarbage: (reason) => expect.fail(reason) }).feed(bytes);
  return replies[0] ?? null;
}

function statsOf(client: TestConnection): Map<string, Reply> {
  const flat = parsed(client.runBytes(['MEMORY', 'STATS']));
  const stats = new Map<string, Reply>();
  if (Array.isArray(flat)) for (let i = 0; i < flat.length; i += 2) stats.set(String(flat[i]), flat[i + 1] ?? null);
  return stats;
}

function usage(client: TestConnection, key: string): number {
  return Number(client.say(`MEMORY USAGE ${key}`).slice(1));
}

describe('MEMORY STATS', () => {
  test('has the names of 7.0.15, and figures that add up', () => {
    const client = new LoneNode().connect();
    for (let i = 0; i < 100; i++) client.run('SET', `k${i}`, 'x'.repeat(1000));
    const stats = statsOf(client);
    expect([...stats.keys()].join(' ')).toBe(STATS);
    const figure = (name: string): number => Number(stats.get(name));
    expect(figure('keys.count')).toBe(100);
    expect(figure('dataset.bytes')).toBeGreaterThan(100_000);
    expect(figure('overhead.total') + figure('dataset.bytes')).toBe(figure('total.allocated'));
    expect(figure('peak.allocated')).toBeGreaterThanOrEqual(figure('total.allocated'));
  });

  test('is a map of maps in RESP3', () => {
    const client = new LoneNode().connect();
    client.say('HELLO 3');
    client.say('SET k v');
    const reply = client.say('MEMORY STATS');
    expect(reply.startsWith('%28\r\n$14\r\npeak.allocated\r\n:')).toBe(true);
    expect(reply).toContain('$4\r\ndb.0\r\n%3\r\n$23\r\noverhead.hashtable.main\r\n:');
    expect(reply).toContain('$18\r\ndataset.percentage\r\n,');
  });
});

describe('MEMORY USAGE', () => {
  test('of a dead key is what it takes until somebody looks, and USAGE does not', () => {
    const server = new LoneNode();
    const client = server.connect();
    client.say('DEBUG SET-ACTIVE-EXPIRE 0');
    client.say('SET k v PX 5');
    const alive = usage(client, 'k');
    server.pass(10);
    expect([usage(client, 'k'), client.say('DBSIZE'), client.say('EXISTS k')]).toEqual([alive, ':1\r\n', ':0\r\n']);
    expect(client.say('MEMORY USAGE k')).toBe('$-1\r\n');
  });

  test('of a string is the block it lies in', () => {
    const client = new LoneNode().connect();
    client.say('SET k v');
    expect(usage(client, 'k')).toBeLessThanOrEqual(24);
    client.run('SET', 'k', 'x'.repeat(10_000));
    expect(usage(client, 'k')).toBeGreaterThan(10_000);
    expect(usage(client, 'k')).toBeLessThan(13_000);
  });

  test('of a collection has all of its elements in it', () => {
    const client = new LoneNode().connect();
    for (let i = 0; i < 1000; i++) client.run('ZADD', 'z', `${i}`, `member number ${i}`);
    expect(usage(client, 'z')).toBeGreaterThan(1000 * 16);
  });
});

describe('MEMORY DOCTOR', () => {
  test('has nothing to say of an empty server', () => {
    expect(new LoneNode().connect().say('MEMORY DOCTOR')).toContain('hardly any data');
  });

  test('sees a peak that is over', () => {
    const client = new LoneNode().connect();
    client.run('SET', 'big', 'x'.repeat(20_000_000));
    client.run('SET', 'small', 'x'.repeat(7_000_000));
    client.say('INFO memory');
    client.say('DEL big');
    expect(client.say('MEMORY DOCTOR')).toContain(' * Peak:');
  });

  test('finds nothing odd about a server that is well', () => {
    const server = new LoneNode();
    const client = server.connect();
    client.run('SET', 'k', 'x'.repeat(20_000_000));
    expect(client.say('MEMORY DOCTOR')).toContain('Nothing odd');
  });
});

describe('what is emptied rests, in case that somebody needs it again', () => {
  const MIB = 1 << 20;

  function emptied(): { server: LoneNode; client: TestConnection; held: () => number } {
    const server = new LoneNode();
    const client = server.connect();
    for (let i = 0; i < 20; i++) client.run('SET', `k${i}`, Buffer.alloc(2 * MIB));
    client.run('FLUSHALL');
    return { server, client, held: () => server.node.engine.arena.held / MIB };
  }

  test('for ten to twenty seconds', () => {
    const { server, held } = emptied();
    server.pass(9000);
    expect(held()).toBe(48);
    server.pass(11_000);
    expect(held()).toBe(0);
  });

  test('or until MEMORY PURGE', () => {
    const { client, held } = emptied();
    expect(held()).toBe(48);
    expect(client.say('MEMORY PURGE')).toBe('+OK\r\n');
    expect(held()).toBe(0);
  });
});
