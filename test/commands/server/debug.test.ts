/**
 * DEBUG: as Redis answers it, and what it does to a node.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode } from '../../support/lone-node.js';
import { playOnNode } from '../../support/play-on-node.js';

playOnNode('debug');

function testServer(): LoneNode {
  return new LoneNode('enable-debug-command yes');
}

test('is not for everybody', () => {
  const reply = new LoneNode().connect().say('DEBUG DIGEST');
  expect(reply).toMatch(/^-ERR DEBUG command not allowed\. If the enable-debug-command option is set to "local"/);
});

test('SLEEP blocks the process', () => {
  const server = testServer();
  const blocked: number[] = [];
  server.node.server.machine = { block: (ms) => blocked.push(ms), crash: () => {}, tidy: () => {}, exit: () => {} };
  const client = server.connect();
  expect(client.say('DEBUG SLEEP 0.25')).toBe('+OK\r\n');
  client.say('DEBUG SLEEP -1');
  expect(blocked).toEqual([250, 0]);
});

test('LOG writes a line', () => {
  const server = testServer();
  server.connect().run('DEBUG', 'LOG', 'hear, hear');
  expect(server.log).toContain('warning: DEBUG LOG: hear, hear');
});

test.each([['PANIC'], ['SEGFAULT'], ['ASSERT']])('%s ends the process', (how) => {
  const server = testServer();
  const ends: string[] = [];
  server.node.server.machine = { block: () => {}, crash: (what) => ends.push(what), tidy: () => {}, exit: () => {} };
  server.connect().say(`DEBUG ${how}`);
  expect(ends).toHaveLength(1);
});

test('SET-ACTIVE-EXPIRE leaves dead keys where they are until somebody asks', () => {
  const server = testServer();
  const client = server.connect();
  client.say('DEBUG SET-ACTIVE-EXPIRE 0');
  client.say('SET k v PX 10');
  server.pass(1000);
  expect(client.say('DBSIZE')).toBe(':1\r\n');
  client.say('DEBUG SET-ACTIVE-EXPIRE 1');
  server.pass(1000);
  expect(client.say('DBSIZE')).toBe(':0\r\n');
});

test('PAUSE-CRON stops what runs regularly', () => {
  const server = testServer();
  const client = server.connect();
  client.say('DEBUG PAUSE-CRON 1');
  client.say('SET k v PX 10');
  server.pass(1000);
  expect(client.say('DBSIZE')).toBe(':1\r\n');
  client.say('DEBUG PAUSE-CRON 0');
  server.pass(1000);
  expect(client.say('DBSIZE')).toBe(':0\r\n');
});

describe('DEBUG OBJECT', () => {
  // biome-ignore format: a table
  test.each<[made: string, line: RegExp]>([
    ['SET k v',          /^\+Value at:0x[0-9a-f]+ refcount:1 encoding:embstr serializedlength:2 /],
    ['SET k v',          / lru:\d+ lru_seconds_idle:0\r\n$/],
    ['SET k 1',          / refcount:2147483647 encoding:int serializedlength:2 /],
    ['SET k 10000',      / refcount:1 encoding:int serializedlength:3 /],
    ['SET k -300',       / encoding:int serializedlength:3 /],
    ['SET k 100000',     / encoding:int serializedlength:5 /],
    ['SET k 5000000000', / encoding:int serializedlength:11 /],
    ['ZADD k 1 a',       / encoding:listpack serializedlength:13 /],
  ])('%s', (made, line) => {
    const client = testServer().connect();
    client.say(made);
    expect(client.say('DEBUG OBJECT k')).toMatch(line);
  });

  test('a counter stays in its place', () => {
    const client = testServer().connect();
    client.say('SET k 20000');
    const before = client.say('DEBUG OBJECT k').split(' ')[1];
    client.say('INCR k');
    expect(client.say('DEBUG OBJECT k').split(' ')[1]).toBe(before);
  });
});

describe('DEBUG HTSTATS', () => {
  test('adds the tables of all slots up', () => {
    const client = testServer().connect();
    client.say('DEBUG POPULATE 1000');
    client.say('EXPIRE key:7 100');
    const text = client.say('DEBUG HTSTATS 0');
    const [, dictionary = '', expires = ''] = text.split(/\[[A-Z][a-z]+ HT\]\n/);
    expect(dictionary).toContain(' number of elements: 1000\n');
    expect(expires).toContain(' number of elements: 1\n different slots: 1\n max chain length: 1\n');
    expect(dictionary).toMatch(/ Chain length distribution:\n {3}0: \d+ \(\d+\.\d\d%\)\n/);
  });

  test('of one big collection', () => {
    const client = testServer().connect();
    client.say('CONFIG SET zset-max-listpack-entries 0');
    client.say('ZADD z 1 a 2 b 3 c');
    expect(client.say('DEBUG HTSTATS-KEY z')).toContain(' number of elements: 3\n');
  });
});

test('STRINGMATCH-TEST ends', () => {
  expect(testServer().connect().say('DEBUG STRINGMATCH-TEST')).toBe('+Apparently Redis did not crash: test passed\r\n');
});
