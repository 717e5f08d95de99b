/**
 * The commands about the server: as Redis answers them, and what the golden file cannot show.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode } from '../../support/lone-node.js';
import { playOnNode } from '../../support/play-on-node.js';

playOnNode('server');

describe('LOLWUT', () => {
  test.each([[[]], [['VERSION', '5', '1', '1']], [['VERSION', '6', '2000', '3']], [['VERSION', '7']]])(
    'draws, and ends with the version: %j',
    (args) => {
      const reply = new LoneNode().connect().run('LOLWUT', ...args);
      expect(reply).toMatch(/^\$\d+\r\n[ .@o\n]*[@o][ .@o\n]*\nRedis ver\. 7\.0\.15\n\r\n$/);
      expect(Math.max(...reply.split('\n').map((line) => line.length))).toBeLessThanOrEqual(1000);
    },
  );

  test('draws another picture each time', () => {
    const client = new LoneNode().connect();
    expect(client.run('LOLWUT')).not.toBe(client.run('LOLWUT'));
  });
});

test('TIME is the wall clock in two parts', () => {
  const server = new LoneNode();
  server.pass(1234);
  expect(server.connect().run('TIME')).toBe('*2\r\n$10\r\n1700000001\r\n$6\r\n234000\r\n');
});

test('LASTSAVE is the start of a server that never saved', () => {
  const server = new LoneNode();
  server.pass(5000);
  expect(server.connect().run('LASTSAVE')).toBe(':1700000000\r\n');
});

describe('EXEC behind a watched key', () => {
  const TOUCHED = '*-1\r\n';
  const UNTOUCHED = '*1\r\n+PONG\r\n';

  // biome-ignore format: a table
  test.each<[what: string, before: string, watching: string, command: string, outcome: string]>([
    ['flushed',                          'SET k 1', 'WATCH k', 'FLUSHDB',    TOUCHED],
    ['flushed with all others',          'SET k 1', 'WATCH k', 'FLUSHALL',   TOUCHED],
    ['that was not there',               'PING',    'WATCH k', 'FLUSHDB',    UNTOUCHED],
    ['that was not there, flush of all', 'PING',    'WATCH k', 'FLUSHALL',   UNTOUCHED],
    ['swapped away',                     'SET k 1', 'WATCH k', 'SWAPDB 0 3', TOUCHED],
    ['swapped in from elsewhere',        'SET k 1', 'WATCH k', 'SWAPDB 3 0', TOUCHED],
    ['on neither side of a swap',        'PING',    'WATCH k', 'SWAPDB 0 3', UNTOUCHED],
    ['of a third database',              'SET k 1', 'WATCH k', 'SWAPDB 2 3', UNTOUCHED],
  ])('%s', (_, before, watching, command, outcome) => {
    const client = new LoneNode().connect();
    for (const line of [before, watching, command, 'MULTI', 'PING']) client.say(line);
    expect(client.say('EXEC')).toBe(outcome);
  });

  test('of another database than the one flushed', () => {
    const client = new LoneNode().connect();
    for (const line of ['SET k 1', 'WATCH k', 'SELECT 1', 'SET k 2', 'FLUSHDB', 'MULTI', 'PING']) client.say(line);
    expect(client.say('EXEC')).toBe(UNTOUCHED);
  });
});
