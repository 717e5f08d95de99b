/**
 * maxmemory-clients: who has to go when all clients together hold too much, and who may stay.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode, type TestConnection } from '../support/lone-node.js';

const KB = 1024;
const MB = 1024 * KB;

/** Begins an argument of so many bytes, and does not end it. */
function hold(client: TestConnection, bytes: number): TestConnection {
  client.send(Buffer.from(`*1\r\n$${bytes}\r\n${'v'.repeat(bytes - 10)}`));
  return client;
}

function evictedBy(client: TestConnection): number {
  return Number(/evicted_clients:(\d+)/.exec(client.say('INFO stats'))?.[1]);
}

/** Clients that hold so much, by size in KB, and one that looks at them. */
function crowd(sizes: readonly number[], ...conf: readonly string[]) {
  const server = new LoneNode(...conf);
  const holders = sizes.map((kb) => hold(server.connect(), kb * KB));
  const watcher = server.connect();
  return { server, watcher, holders, open: () => holders.map((holder) => holder.open) };
}

describe('who goes', () => {
  test('nobody, without a limit', () => {
    const { open } = crowd([4000, 4000]);
    expect(open()).toEqual([true, true]);
  });

  test('the one that passes the limit alone', () => {
    const { server, open, watcher } = crowd([500, 3000], 'maxmemory-clients 2mb');
    expect(open()).toEqual([true, false]);
    expect(evictedBy(watcher)).toBe(1);
    expect(server.log.find((line) => line.includes('Evicting'))).toMatch(
      /^notice: Evicting client: id=2 addr=127\.0\.0\.1:50001 .* resp=2$/,
    );
    watcher.say('CONFIG RESETSTAT');
    expect(evictedBy(watcher)).toBe(0);
  });

  test('the biggest first, until the rest fits', () => {
    const { open, watcher } = crowd([200, 1600, 400, 800]);
    expect(watcher.say('CONFIG SET maxmemory-clients 2mb')).toBe('+OK\r\n');
    expect(open()).toEqual([true, false, true, true]);
    watcher.say('CONFIG SET maxmemory-clients 600kb');
    expect(open()).toEqual([true, false, false, false]);
  });

  test('a percentage of maxmemory is a limit as well', () => {
    const { open, watcher } = crowd([300, 300]);
    watcher.say('CONFIG SET maxmemory-clients 5%');
    expect(open()).toEqual([true, true]); // of no maxmemory
    watcher.say('CONFIG SET maxmemory 10mb');
    expect(open().filter((isOpen) => isOpen)).toHaveLength(1);
  });

  test('no limit is so small that nobody could say anything', () => {
    const { watcher, open } = crowd([20], 'maxmemory-clients 1');
    expect(watcher.say('PING')).toBe('+PONG\r\n');
    expect(open()).toEqual([true]);
  });
});

describe('what counts', () => {
  test.each<[string, (client: TestConnection) => void]>([
    [
      'queued commands',
      (client) => {
        client.say('MULTI');
        for (let i = 0; i < 5 && client.open; i++) client.run('SET', 'k', 'v'.repeat(100 * KB));
      },
    ],
    [
      'watched keys',
      (client) => {
        for (let i = 0; i < 3000 && client.open; i++) client.say(`WATCH ${i}`);
      },
    ],
  ])('%s', (_, fill) => {
    const server = new LoneNode('maxmemory-clients 200kb');
    const client = server.connect();
    fill(client);
    expect(client.open).toBe(false);
  });

  test('not what was held once and is no more', () => {
    const server = new LoneNode('maxmemory-clients 1mb');
    const client = server.connect();
    for (let i = 0; i < 20; i++) expect(client.run('SET', 'k', 'v'.repeat(300 * KB))).toBe('+OK\r\n');
    expect(evictedBy(client)).toBe(0);
  });
});

describe('who stays', () => {
  test('a client that said NO-EVICT, and the log says what is left to be done', () => {
    const server = new LoneNode('maxmemory-clients 1mb');
    const client = server.connect();
    client.say('CLIENT NO-EVICT ON');
    hold(client, 2 * MB);
    expect(client.open).toBe(true);
    server.pass(1000);
    const complaint = 'warning: Over client maxmemory after evicting all evictable clients';
    expect(server.log.filter((line) => line === complaint)).toHaveLength(1);
  });

  test('keys, as long as clients can go', () => {
    const server = new LoneNode('maxmemory 10mb', 'maxmemory-policy allkeys-lru', 'maxmemory-clients 4mb');
    const watcher = server.connect();
    for (let i = 0; i < 50; i++) watcher.run('SET', `${i}`, 'v'.repeat(100 * KB));
    for (let i = 0; i < 10; i++) hold(server.connect(), MB);
    expect(watcher.say('DBSIZE')).toBe(':50\r\n');
    expect(evictedBy(watcher)).toBeGreaterThan(0);
  });
});
