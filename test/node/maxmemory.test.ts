/**
 * maxmemory on a whole node: what is refused, what is evicted, and what clients see of it.
 *
 * Which key goes is a matter of test/keyspace/.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode, type TestConnection } from '../support/lone-node.js';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
/** A server without keys takes 1 MB by its own account, and the slots of a database 256 KB. */
const LIMIT = 2 * 1024 * 1024;
const VALUE = 'v'.repeat(1000);

function serverOf(policy: string) {
  const server = new LoneNode(`maxmemory ${LIMIT}`, `maxmemory-policy ${policy}`);
  return { server, client: server.connect() };
}

function used(client: TestConnection): number {
  return Number(/used_memory:(\d+)/.exec(client.say('INFO memory'))?.[1]);
}

/** Writes until nothing more is taken, or 2000 keys were written. How many that were. */
function fill(client: TestConnection, ...how: readonly string[]): number {
  for (let i = 0; i < 2000; i++) if (client.run('SET', `key:${i}`, VALUE, ...how) === OOM) return i;
  return 2000;
}

describe('noeviction', () => {
  test('refuses what needs memory, and nothing else', () => {
    const { client } = serverOf('noeviction');
    expect(fill(client)).toBeLessThan(1000);
    expect(client.say('LPUSH l a')).toBe(OOM);
    expect(client.say('GET nothing')).toBe('$-1\r\n');
    expect(client.say('MULTI')).toBe('+OK\r\n');
    expect(client.say('SET k v')).toBe(OOM);
    expect(client.say('EXEC')).toContain('-EXECABORT');
    expect(client.say('DEL key:0 key:1 key:2 key:3')).toBe(':4\r\n');
    expect(client.say('SET k v')).toBe('+OK\r\n');
  });

  // biome-ignore format: a table
  test.each<[string, string]>([
    ['GET k',   OOM],
    ['MULTI',   OOM],
    ['WATCH k', OOM],
    ['EXEC',    '*1\r\n+PONG\r\n'],
    ['DISCARD', '+OK\r\n'],
    ['RESET',   '+RESET\r\n'],
    ['QUIT',    '+OK\r\n'],
  ])('keeps a queue from growing: %s', (said, answer) => {
    const { server, client } = serverOf('noeviction');
    const other = server.connect();
    other.say('MULTI');
    expect(other.say('PING')).toBe('+QUEUED\r\n');
    fill(client);
    expect(other.say(said)).toBe(answer);
  });
});

describe('eviction', () => {
  test.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])('%s keeps to the limit', (policy) => {
    const { client } = serverOf(policy);
    expect(fill(client)).toBe(2000);
    expect(used(client)).toBeLessThan(LIMIT + 4096);
    expect(client.say('INFO stats')).toMatch(/evicted_keys:[1-9]/);
  });

  test.each(['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'])(
    '%s takes keys that die anyway, and refuses when there are none',
    (policy) => {
      const { client } = serverOf(policy);
      client.say('SET immortal v');
      expect(fill(client, 'EX', '10000')).toBe(2000);
      expect(client.say('EXISTS immortal')).toBe(':1\r\n');
      expect(used(client)).toBeLessThan(LIMIT + 4096);
      client.say('FLUSHALL');
      expect(fill(client)).toBeLessThan(1000);
    },
  );
});

describe('small integers', () => {
  test.each([
    ['0', 'allkeys-lru', 2147483647],
    ['1gb', 'noeviction', 2147483647],
    ['1gb', 'allkeys-random', 2147483647],
    ['1gb', 'volatile-ttl', 2147483647],
    ['1gb', 'allkeys-lru', 1],
    ['1gb', 'volatile-lfu', 1],
  ])('with maxmemory %s and %s are shared or not', (maxmemory, policy, count) => {
    const client = new LoneNode(`maxmemory ${maxmemory}`, `maxmemory-policy ${policy}`).connect();
    client.say('SET a 1');
    expect(client.say('OBJECT REFCOUNT a')).toBe(`:${count}\r\n`);
  });
});
