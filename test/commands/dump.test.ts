/**
 * DUMP and RESTORE: as Redis answers them, to the byte, and what they announce and tell to replicas.
 */
import { describe, expect, test } from 'vitest';
import { Propagation } from '../../src/commands/propagation.js';
import { Request } from '../../src/resp/request.js';
import { Commander } from '../support/commander.js';
import { playGolden } from '../support/play-golden.js';
import { commandsIn } from '../support/stream-text.js';

playGolden('dump');

function payloadOf(server: Commander, key: string): Buffer {
  const reply = server.runBytes(['DUMP', key]);
  return reply.subarray(reply.indexOf('\r\n') + 2, reply.length - 2);
}

function serverWith(...lines: string[]): { server: Commander; payload: Buffer } {
  const server = new Commander();
  server.run('SET', 'p', 'v');
  const payload = payloadOf(server, 'p');
  for (const line of lines) server.run(...line.split(' '));
  return { server, payload };
}

const PAST = '1000';
const FUTURE = '1700000100000';
const LATER = '1700000000500';
const MADE = ['new 0 k', 'restore 0 k'];

describe('what RESTORE announces, how many changes it counts, and what replicas are told', () => {
  // biome-ignore format: a table
  test.each<[before: string, ttl: string, options: string, events: string[], changes: number, told: string]>([
    ['PING',    '0',    '',               MADE,        1, 'RESTORE k 0 …'],
    ['PING',    '500',  '',               MADE,        1, `RESTORE k ${LATER} … ABSTTL`],
    ['PING',    '500',  'IDLETIME 7',     MADE,        1, `RESTORE k ${LATER} … IDLETIME 7 ABSTTL`],
    ['PING',    FUTURE, 'ABSTTL',         MADE,        1, `RESTORE k ${FUTURE} … ABSTTL`],
    ['SET k w', '0',    'REPLACE',        MADE,        1, 'RESTORE k 0 … REPLACE'],
    ['SET k w', PAST,   'REPLACE ABSTTL', ['del 0 k'], 1, 'DEL k'],
    ['PING',    PAST,   'ABSTTL',         [],          0, ''],
    ['SET k w', '0',    '',               [],          0, ''],
  ])('after %s: RESTORE k %s … %s', (before, ttl, options, events, changes, told) => {
    const { server, payload } = serverWith(before);
    const sent: string[] = [];
    const propagation = new Propagation(server.engine);
    propagation.setSink('stream', {
      append: (bytes, from, to) => void sent.push(Buffer.from(bytes.subarray(from, to)).toString('latin1')),
    });
    const args = ['RESTORE', 'k', ttl, payload, ...options.split(' ').filter((word) => word !== '')];
    const { dirty } = server.engine;
    propagation.inCommand = true;
    server.run(...args);
    propagation.ranAlone(Request.of(...args), 0, server.engine.dirty > dirty, false);
    expect([server.events, server.engine.dirty - dirty]).toEqual([events, changes]);
    const commands = commandsIn(Buffer.from(sent.join(''), 'latin1')).filter((words) => String(words[0]) !== 'SELECT');
    const lines = commands.map((words) => words.map((word) => (word.equals(payload) ? '…' : word)).join(' '));
    expect(lines.join('\n')).toBe(told);
  });
});

test.each<[string, string[]]>([
  ['0', ['new 0 k', 'restore 0 k']],
  [PAST, ['del 0 k']],
])('REPLACE does not look whether what it replaces is dead: ttl %s', (ttl, events) => {
  const { server, payload } = serverWith('SET k w PX 5');
  server.now += 6;
  server.run('RESTORE', 'k', ttl, payload, 'REPLACE', 'ABSTTL');
  expect(server.events).toEqual(events);
});

test('a replica keeps what is dead already, until its primary says otherwise', () => {
  const { server, payload } = serverWith();
  server.engine.mayExpire = false;
  expect(server.run('RESTORE', 'k', PAST, payload, 'ABSTTL')).toBe('+OK\r\n');
  expect([server.run('DBSIZE'), server.run('GET', 'k')]).toEqual([':2\r\n', '$-1\r\n']);
});

test('a sorted set out of order is refused, whatever sanitize-dump-payload says', () => {
  const { server } = serverWith('ZADD z 1 a 2 b');
  server.run('DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', '1');
  const payload = payloadOf(server, 'z');
  const at = payload.indexOf('a');
  payload.write('c', at);
  expect(server.run('RESTORE', 'y', '0', payload)).toBe('+OK\r\n');
  payload[at + 2] = 3; // the score of the first one
  expect(server.run('RESTORE', 'x', '0', payload)).toBe('-ERR Bad data format\r\n');
});

test('a short element that stood alone is packed when it goes out again', () => {
  const { server } = serverWith('DEBUG SET-SKIP-CHECKSUM-VALIDATION 1');
  const body = Buffer.from('\x12\x01\x01\x05plain', 'latin1');
  server.run('RESTORE', 'l', '0', Buffer.concat([body, Buffer.from([10, 0]), Buffer.alloc(8)]));
  expect(server.run('LRANGE', 'l', '0', '-1')).toBe('*1\r\n$5\r\nplain\r\n');
  expect(payloadOf(server, 'l').toString('latin1')).toContain(
    '\x12\x01\x02\x0e\x0e\x00\x00\x00\x01\x00\x85plain\x06\xff',
  );
});
