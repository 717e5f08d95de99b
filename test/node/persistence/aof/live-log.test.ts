/**
 * What is done is in the file before it is answered, in the bytes of a real redis-server, and in one write a turn.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../../src/base/host.js';
import { splitArguments } from '../../../../src/base/quoting.js';
import { INCR, noteReplies, serverWithLog, textOf, written } from './server-with-log.js';

const SELECT = written('SELECT 0');
const MISCONF = '-MISCONF Errors writing to the AOF file: No space left on device\r\n';

test('the bytes are those of redis-server after the same commands', () => {
  const golden = (name: string): string => readFileSync(new URL(name, import.meta.url), 'latin1');
  const server = serverWithLog(['appendfsync no']);
  const client = server.connect();
  for (const line of golden('../../../golden/rdb/commands.txt').split('\n'))
    if (line !== '' && !line.startsWith('#')) client.runBytes(splitArguments(Buffer.from(line, 'latin1')) ?? []);
  const lines = golden('../../../golden/aof/first.aof').split('\r\n');
  const withoutTimes = lines.filter((line) => !line.startsWith('#TS:')).join('\r\n');
  expect(textOf(server.disk, INCR)).toBe(withoutTimes);
});

describe('one write a turn, ahead of its replies', () => {
  test('of two clients', () => {
    const server = serverWithLog(['appendfsync no']);
    const [a, b] = [server.connect(), server.connect()];
    noteReplies(server, a);
    noteReplies(server, b);
    server.steps.length = 0;
    const { node } = server;
    for (const client of [a, b]) {
      const bytes = Buffer.from(written('INCR n') + written('INCR n'));
      if (client.client !== null) node.received(client.client, bytes.copy(node.intake.shared));
    }
    server.host.finishTurn();
    expect(server.steps).toEqual([`append to the log ${INCR}`, 'reply :1\r\n:2', 'reply :3\r\n:4']);
  });

  test('of a client who is answered at once, being alone', () => {
    const server = serverWithLog(['appendfsync no']);
    const client = server.connect();
    for (let i = 0; i < 100; i++) client.say('INCR n'); // by now replies do not wait for the end of the turn
    noteReplies(server, client);
    server.steps.length = 0;
    for (let i = 0; i < 70; i++) client.say('INCR n');
    expect(server.steps).toHaveLength(140);
    expect(server.steps.map((step) => step.slice(0, 5))).toEqual(
      Array.from({ length: 140 }, (_, i) => (i % 2 === 0 ? 'appen' : 'reply')),
    );
  });

  test('and nothing is written for what changes nothing', () => {
    const server = serverWithLog();
    server.steps.length = 0;
    server.say('GET k');
    server.say('PING');
    server.say('PUBLISH c m');
    expect(server.steps).toEqual([]);
  });

  test('of a client who hears nothing, at the end of the turn', () => {
    const server = serverWithLog();
    const client = server.connect();
    client.say('CLIENT REPLY OFF');
    client.say('SET k v');
    expect(textOf(server.disk, INCR)).toBe(SELECT + written('SET k v'));
  });

  test('which is slower by what DEBUG AOF-FLUSH-SLEEP says, in microseconds', () => {
    const server = serverWithLog();
    const slept: number[] = [];
    const { machine } = server.node.server;
    server.node.server.machine = { ...machine, block: (ms) => void slept.push(ms) };
    for (const line of [
      'SET k 1',
      'DEBUG AOF-FLUSH-SLEEP 2500',
      'SET k 2',
      'GET k',
      'DEBUG AOF-FLUSH-SLEEP x',
      'SET k 3',
    ])
      expect(server.say(line)[0]).not.toBe('-');
    expect(slept).toEqual([2.5]);
  });
});

describe('appendfsync always', () => {
  test('a reply leaves when its change is durable', () => {
    const server = serverWithLog(['appendfsync always']);
    const client = server.connect();
    noteReplies(server, client);
    server.steps.length = 0;
    client.say('SET k v');
    expect(server.steps).toEqual([`append to the log ${INCR}`, `sync the log ${INCR}`, 'reply +OK']);
    expect(Buffer.from(server.disk.durable(INCR) ?? []).toString()).toBe(SELECT + written('SET k v'));
  });

  test.each<[string, readonly string[], string, readonly string[]]>([
    ['a client who waited is served', ['BLPOP l 0'], 'RPUSH l x', ['*2\r\n$1\r\nl\r\n$1\r\nx', ':1']],
    ['a key that is watched is told of', ['SUBSCRIBE __keyevent@0__:set'], 'SET k v', ['message', '+OK']],
    ['a message follows in a transaction', ['SUBSCRIBE c'], 'MULTI|SET k v|PUBLISH c m|EXEC', ['message', ':1']],
    ['a monitor sees it', ['MONITOR'], 'SET k v', ['"SET" "k" "v"', '+OK']],
  ])('nobody hears of a change before: %s', (_, asked, lines, heard) => {
    const server = serverWithLog(['appendfsync always', 'notify-keyspace-events EA']);
    const [other, client] = [server.connect(), server.connect()];
    for (const line of asked) other.say(line);
    const orders = lines.split('|');
    for (const line of orders.slice(0, -1)) client.say(line);
    noteReplies(server, other);
    noteReplies(server, client);
    server.steps.length = 0;
    client.say(orders.at(-1) ?? '');
    const replies = server.steps.filter((step) => step.startsWith('reply'));
    expect(server.steps.slice(0, 2)).toEqual([`append to the log ${INCR}`, `sync the log ${INCR}`]);
    expect(server.steps.slice(2)).toEqual(replies);
    expect(replies).toHaveLength(2);
    for (const words of heard) expect(replies.join()).toContain(words);
  });

  test('a disk that is full ends the process', () => {
    const server = serverWithLog(['appendfsync always']);
    server.disk.isFull = true;
    server.say('SET k v');
    expect(server.exits).toEqual([1]);
    expect(server.log.slice(-2)).toEqual([
      'warning: Error writing to the AOF file: No space left on device',
      "warning: Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
    ]);
  });
});

describe('appendfsync everysec', () => {
  const syncs = (steps: readonly string[]): number => steps.filter((step) => step.startsWith('sync the log')).length;

  test('is synced once a second, also when nobody writes any more', () => {
    const server = serverWithLog();
    server.pass(2000);
    server.steps.length = 0;
    for (let i = 0; i < 9; i++) {
      server.say('INCR n');
      server.pass(100);
    }
    expect(syncs(server.steps)).toBe(1);
    server.pass(2000);
    expect(syncs(server.steps)).toBe(2);
    server.pass(5000);
    expect(syncs(server.steps)).toBe(2);
    expect(server.disk.durable(INCR)).toEqual(server.disk.page(INCR)?.bytes);
  });

  test('writes wait for a sync that takes long, but no longer than two seconds', () => {
    const server = serverWithLog();
    server.pass(2000);
    server.disk.syncMs = 6000;
    server.say('SET first 1');
    expect(textOf(server.disk, INCR)).toContain('first');
    server.say('SET second 2');
    expect(textOf(server.disk, INCR)).not.toContain('second');
    expect(server.field('aof_buffer_length')).toBe(String(written('SET second 2').length));
    server.pass(1000);
    expect(textOf(server.disk, INCR)).not.toContain('second');
    server.pass(1200);
    expect(textOf(server.disk, INCR)).toContain('second');
    expect(server.field('aof_delayed_fsync')).toBe('1');
    expect(server.log.at(-1)).toMatch(
      /^notice: Asynchronous AOF fsync is taking too long \(disk is busy\?\)\. Writing/,
    );
    server.pass(10_000);
    expect(server.field('aof_pending_bio_fsync')).toBe('0');
  });

  test('what has waited is written when the sync has ended', () => {
    const server = serverWithLog();
    server.pass(2000);
    server.disk.syncMs = 500;
    server.say('SET first 1');
    server.say('SET second 2');
    expect(textOf(server.disk, INCR)).not.toContain('second');
    server.pass(500);
    expect(textOf(server.disk, INCR)).toContain('second');
    expect(server.field('aof_delayed_fsync')).toBe('0');
  });
});

describe('a disk without room', () => {
  test('writes are refused until there is some, and the file is cut back meanwhile', () => {
    const server = serverWithLog();
    server.say('SET k 1');
    server.pass(10);
    const before = textOf(server.disk, INCR);
    server.disk.room = 10;
    expect(server.say('SET k 2')).toBe('+OK\r\n'); // as in redis: it is answered, and what follows is not
    expect(textOf(server.disk, INCR)).toBe(before);
    expect(server.log.at(-1)).toBe(
      `warning: Short write while writing to the AOF file: (nwritten=10, expected=${written('SET k 2').length})`,
    );
    expect(server.say('SET k 3')).toBe(MISCONF);
    expect(server.say('PING')).toBe(MISCONF);
    expect(server.say('GET k')).toBe('$1\r\n2\r\n');
    expect(server.field('aof_last_write_status')).toBe('err');
    server.pass(1100);
    expect(server.say('SET k 3')).toBe(MISCONF);
    server.disk.room = null;
    server.pass(1100);
    expect(server.log.at(-1)).toBe('warning: AOF write error looks solved, Redis can write again.');
    expect(server.say('SET k 3')).toBe('+OK\r\n');
    expect(server.field('aof_last_write_status')).toBe('ok');
    expect(textOf(server.disk, INCR)).toBe(before + written('SET k 2') + written('SET k 3'));
  });

  test('and does not let itself be cut back either: the rest of the command follows', () => {
    let isStubborn = false;
    const server = serverWithLog([], undefined, (step) => {
      if (isStubborn && step.startsWith('truncate')) throw new FileError('EPERM', 'Operation not permitted');
    });
    server.say('SET k 1');
    server.pass(10);
    isStubborn = true;
    server.disk.room = 10;
    server.say('SET k 2');
    expect(textOf(server.disk, INCR)).toBe(SELECT + written('SET k 1') + written('SET k 2').slice(0, 10));
    expect(server.log.at(-1)).toBe(
      'warning: Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next ' +
        'time it starts.  ftruncate: Operation not permitted',
    );
    expect(server.say('SET k 3')).toBe(MISCONF);
    server.disk.room = null;
    server.pass(1100);
    expect(server.say('SET k 3')).toBe('+OK\r\n');
    expect(textOf(server.disk, INCR)).toBe(SELECT + ['1', '2', '3'].map((n) => written(`SET k ${n}`)).join(''));
  });

  test('is told of once in thirty seconds', () => {
    const server = serverWithLog();
    server.disk.isFull = true;
    server.say('SET k 1');
    server.pass(29_000);
    const told = (): number => server.log.filter((line) => line.includes('Error writing to the AOF file')).length;
    expect(told()).toBe(1);
    server.pass(3000);
    expect(told()).toBe(2);
  });
});

describe('beside a snapshot', () => {
  test.each<[string, number]>([
    ['no', 1],
    ['yes', 0],
  ])('no-appendfsync-on-rewrite %s', (value, expected) => {
    const server = serverWithLog([
      `no-appendfsync-on-rewrite ${value}`,
      'appendfsync always',
      'rdb-key-save-delay 900000',
    ]);
    server.say('SET a 1');
    server.say('BGSAVE');
    server.steps.length = 0;
    server.say('SET b 1');
    expect(server.steps.filter((step) => step.startsWith('sync the log'))).toHaveLength(expected);
  });
});

test('timestamps stand in front of the first command of a second', () => {
  const server = serverWithLog(['aof-timestamp-enabled yes']);
  const second = (): number => Math.floor(server.host.wallMs() / 1000);
  const first = second();
  server.say('SET a 1');
  server.say('SET b 1');
  server.pass(1500);
  const later = second();
  server.say('SET c 1');
  expect(textOf(server.disk, INCR)).toBe(
    `#TS:${first}\r\n${SELECT}${written('SET a 1')}${written('SET b 1')}#TS:${later}\r\n${written('SET c 1')}`,
  );
});
