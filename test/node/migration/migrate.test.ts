/**
 * MIGRATE between two nodes: what the client hears, where the keys are then, and what a network does to it. The texts
 * are those of redis-server 7.0.15 in the same situations.
 */
import { describe, expect, test } from 'vitest';
import type { ChangeSink } from '../../../src/commands/propagation.js';
import type { Node } from '../../../src/node/node.js';
import { Pair, THERE } from './pair.js';

const OK = '+OK\r\n';
const CONNECTING = '-IOERR error or timeout connecting to the client\r\n';
const WRITING = '-IOERR error or timeout writing to target instance\r\n';
const READING = '-IOERR error or timeout reading to target instance\r\n';

function said(text: string): string {
  return `-ERR Target instance replied with error: ${text}\r\n`;
}

function withKeys(...keys: readonly string[]): Pair {
  const pair = new Pair();
  for (const key of keys) pair.a.say(`SET ${key} here`);
  return pair;
}

// biome-ignore format: a table
describe('what is asked, what is heard, and where the keys are then', () => {
  test.each<[string, string, string, string]>([
    // what                            here, there        request                          heard and kept
    ['one key',                        'a b|',            'a',                             `${OK}b | a`],
    ['a key that is not here',         'a|',              'x',                             '+NOKEY\r\na | '],
    ['several keys',                   'a b c|',          '"" KEYS a c x',                 `${OK}b | a c`],
    ['the same key twice',             'a|',              '"" REPLACE KEYS a a',           `${OK} | a`],
    ['a copy',                         'a|',              'a COPY',                        `${OK}a | a`],
    ['a key that is there',            'a|a',             'a',                             `${said('BUSYKEY Target key name already exists.')}a | a`],
    ['the same, to be replaced',       'a|a',             'a REPLACE',                     `${OK} | a`],
    ['one of three is there',          'a b c|b',         '"" KEYS a b c',                 `${said('BUSYKEY Target key name already exists.')}b | a b c`],
    ['a password nobody asked for',    'a|',              'a AUTH x',                      `${said('ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?')}a | `],
    ['a user nobody knows',            'a|',              'a AUTH2 x y',                   `${said('WRONGPASS invalid username-password pair or user is disabled.')}a | `],
    ['an option that is none',         'a|',              'a NOW',                         '-ERR syntax error\r\na | '],
    ['AUTH without a password',        'a|',              'a AUTH',                        '-ERR syntax error\r\na | '],
    ['AUTH2 without a password',       'a|',              'a AUTH2 x',                     '-ERR syntax error\r\na | '],
    ['KEYS beside a key',              'a|',              'a KEYS a',                      '-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string\r\na | '],
    ['KEYS of none',                   'a|',              '"" KEYS',                       '+NOKEY\r\na | '],
  ])('%s', (_, keys, request, expected) => {
    const pair = new Pair();
    const [here, there] = keys.split('|').map((side) => side.split(' ').filter((key) => key !== ''));
    for (const key of here ?? []) pair.a.say(`SET ${key} here`);
    for (const key of there ?? []) pair.b.say(`SET ${key} there`);
    expect(pair.migrate(request) + pair.keys()).toBe(expected);
  });
});

test.each<[string, string, string, string]>([
  ['a timeout that is no number', '0', 'x', '-ERR value is not an integer or out of range\r\n'],
  ['a database that is no number', 'x', '10', '-ERR value is not an integer or out of range\r\n'],
  ['a database that is not there', '99', '10', said('ERR DB index is out of range')],
  ['another database', '3', '10', OK],
  ['no time at all is a second', '0', '0', OK],
])('%s', (_, database, timeout, expected) => {
  const pair = withKeys('a');
  pair.a.tell(['MIGRATE', ...THERE, 'a', database, timeout]);
  pair.pass(100);
  expect(pair.a.take()).toBe(expected);
  if (database === '3') expect(pair.b.say('SELECT 3') + pair.b.say('GET a')).toBe(`${OK}$4\r\nhere\r\n`);
});

test('what AUTH or SELECT is refused for is not there after all', () => {
  const pair = withKeys('a');
  for (const words of ['a AUTH x', 'a AUTH2 x y']) expect(pair.migrate(words)).toContain('-ERR Target');
  pair.a.tell(['MIGRATE', ...THERE, 'a', '99', '1000']);
  pair.pass(20);
  expect(pair.a.take() + pair.keys()).toBe(`${said('ERR DB index is out of range')}a | `);
});

describe('with a password there', () => {
  test.each<[string, string]>([
    ['', `${said('NOAUTH Authentication required.')}`],
    ['AUTH wrong', said('WRONGPASS invalid username-password pair or user is disabled.')],
    ['AUTH secret', OK],
    ['AUTH2 default secret', OK],
  ])('"%s"', (login, expected) => {
    const pair = new Pair(['requirepass secret']);
    pair.a.say('SET a here');
    expect(pair.migrate('a', login)).toBe(expected);
    expect(pair.a.say('EXISTS a')).toBe(expected === OK ? ':0\r\n' : ':1\r\n');
  });
});

test('a password that was changed there is asked for again, on the same connection', () => {
  const pair = new Pair(['requirepass secret']);
  pair.a.say('SET a here');
  expect(pair.migrate('a', 'AUTH secret')).toBe(OK);
  pair.b.say('AUTH secret');
  pair.b.say('CONFIG SET requirepass other');
  pair.a.say('SET b here');
  expect(pair.migrate('b', 'AUTH secret')).toContain('WRONGPASS');
  expect(pair.network.opened).toBe(1);
});

test('values and times of death go along', () => {
  const pair = new Pair();
  pair.a.say('RPUSH l 1 2 3');
  pair.a.say('PEXPIRE l 5000');
  expect(pair.migrate('l')).toBe(OK);
  expect(pair.b.say('LRANGE l 0 -1')).toBe('*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n');
  const left = Number(pair.b.say('PTTL l').slice(1));
  expect(left).toBeGreaterThan(3400);
  expect(left).toBeLessThanOrEqual(5000);
});

describe('what a network does', () => {
  test('nobody listens there', () => {
    const pair = withKeys('a');
    pair.there.isUp = false;
    expect(pair.migrate('a') + pair.keys()).toBe(`${WRITING}a | `);
  });

  test('nobody answers there: after the time that was given', () => {
    const pair = withKeys('a');
    pair.network.silent.add('10.0.0.9');
    pair.a.tell(['MIGRATE', '10.0.0.9', '7001', 'a', '0', '50']);
    pair.pass(45);
    expect(pair.a.take()).toBe('');
    pair.pass(10);
    expect(pair.a.take() + pair.keys()).toBe(`${CONNECTING}a | `);
  });

  test('a port beyond all ports', () => {
    const pair = withKeys('a');
    pair.a.tell(['MIGRATE', '127.0.0.1', '70000', 'a', '0', '50']);
    pair.pass(10);
    expect(pair.a.take() + pair.keys()).toBe(`${CONNECTING}a | `);
  });

  test('nothing is taken', () => {
    const pair = withKeys('a');
    pair.network.isClogged = true;
    expect(pair.migrate('a') + pair.keys()).toBe(`${WRITING}a | `);
  });

  test('nothing comes back: the key is in both places, in none never', () => {
    const pair = withKeys('a', 'b');
    pair.migrate('b');
    pair.network.isMute = true;
    expect(pair.migrate('a') + pair.keys()).toBe(`${READING}a | a b`);
  });

  test.each<[number, string]>([
    [0, `${READING}a b c | `], // SELECT is not answered; tried once more, and cut again
    [1, `${READING}a b c | a b c`],
    [2, `${READING}b c | a b c`],
    [3, `${READING}c | a b c`],
  ])('it breaks behind %i replies: what was acknowledged has left, what was not stays', (cutAfter, expected) => {
    const pair = withKeys('a', 'b', 'c');
    pair.network.cutAfter = cutAfter;
    expect(pair.migrate('"" REPLACE KEYS a b c') + pair.keys()).toBe(expected);
  });

  test('it breaks behind an error: the error is what counts', () => {
    const pair = withKeys('a', 'b');
    pair.b.say('SET a there');
    pair.network.cutAfter = 2;
    expect(pair.migrate('"" KEYS a b')).toBe(said('BUSYKEY Target key name already exists.'));
  });

  test('it breaks once: the second attempt brings the keys', () => {
    const pair = withKeys('a');
    pair.network.cutAfter = 0;
    pair.a.tell(['MIGRATE', ...THERE, 'a', '0', '1000', 'REPLACE']);
    pair.pass(3);
    pair.network.cutAfter = null;
    pair.pass(50);
    expect(pair.a.take() + pair.keys()).toBe(`${OK} | a`);
    expect(pair.network.opened).toBe(2);
  });
});

test('all of its time, and its failure, are its own in the statistics', () => {
  const pair = withKeys('a', 'b');
  pair.b.say('SET b there');
  pair.a.say('CONFIG RESETSTAT');
  pair.migrate('a');
  pair.migrate('b');
  const told = /cmdstat_migrate:calls=2,usec=(\d+),.*failed_calls=(\d+)/.exec(pair.a.say('INFO commandstats'));
  expect(Number(told?.[1])).toBeGreaterThan(2000); // a millisecond each way, twice at least
  expect(told?.[2]).toBe('1');
  pair.network.isMute = true;
  pair.a.say('CONFIG SET slowlog-log-slower-than 500000');
  expect(pair.migrate('b REPLACE')).toBe(READING);
  expect(pair.a.say('SLOWLOG LEN')).toBe(':1\r\n');
  expect(pair.a.say('SLOWLOG GET')).toContain('MIGRATE\r\n');
});

describe('connections', () => {
  test('are kept for ten seconds after their last use', () => {
    const pair = withKeys('a', 'b', 'c');
    pair.migrate('a');
    pair.pass(7000);
    pair.migrate('b');
    expect(pair.network.opened).toBe(1);
    pair.pass(8000);
    expect(pair.a.say('INFO stats')).toContain('\r\nmigrate_cached_sockets:1\r\n');
    pair.pass(1500);
    expect(pair.here.node.migration.targets.count).toBe(0);
    expect(pair.migrate('c')).toBe(OK);
    expect(pair.network.opened).toBe(2);
  });

  test('are no more than 64', () => {
    const pair = withKeys(...Array.from({ length: 70 }, (_, i) => `k${i}`));
    for (let i = 0; i < 70; i++) {
      pair.network.servers.set(8000 + i, pair.there);
      pair.a.tell(['MIGRATE', '127.0.0.1', `${8000 + i}`, `k${i}`, '0', '1000']);
      pair.pass(10);
      expect(pair.a.take()).toBe(OK);
    }
    expect(pair.here.node.migration.targets.count).toBe(64);
  });

  test('know which database is selected there, and forget it after an error', () => {
    const pair = withKeys('a', 'b', 'c', 'd');
    const ran = (): string => /cmdstat_select:calls=(\d+)/.exec(pair.b.say('INFO commandstats'))?.[1] ?? '0';
    pair.migrate('a');
    pair.migrate('b');
    expect(ran()).toBe('1');
    pair.b.say('SET c there');
    pair.migrate('c');
    pair.migrate('d');
    expect(ran()).toBe('2');
  });
});

describe('while keys are on their way', () => {
  test('others wait, and see them gone', () => {
    const pair = withKeys('a');
    const other = pair.here.connect();
    pair.a.tell(['MIGRATE', ...THERE, 'a', '0', '1000']);
    other.tell(['GET', 'a']);
    expect(other.take()).toBe('');
    pair.pass(20);
    expect(other.take()).toBe('$-1\r\n');
    expect(pair.a.take()).toBe(OK);
  });

  test('two MIGRATE of two clients follow one another', () => {
    const pair = withKeys('a', 'b');
    const other = pair.here.connect();
    pair.a.tell(['MIGRATE', ...THERE, 'a', '0', '1000']);
    other.tell(['MIGRATE', ...THERE, 'b', '0', '1000']);
    pair.pass(50);
    expect(pair.a.take() + other.take() + pair.keys()).toBe(`${OK}${OK} | a b`);
  });

  test('what its client sends behind it waits for its answer', () => {
    const pair = withKeys('a');
    pair.a.send(Buffer.from(`MIGRATE ${THERE.join(' ')} a 0 1000\r\nEXISTS a\r\nPING\r\n`));
    pair.pass(20);
    expect(pair.a.take()).toBe(`${OK}:0\r\n+PONG\r\n`);
  });

  test('a node that moves keys to itself waits for itself, as long as it was told to', () => {
    const pair = withKeys('a');
    pair.a.tell(['MIGRATE', '127.0.0.1', '7000', 'a', '0', '200']);
    pair.pass(500);
    expect(pair.a.take()).toBe(READING);
    expect(pair.a.say('EXISTS a')).toBe(':1\r\n');
  });

  test('its client may leave: the keys go all the same', () => {
    const pair = withKeys('a');
    pair.a.tell(['MIGRATE', ...THERE, 'a', '0', '1000']);
    pair.a.close();
    pair.pass(50);
    expect(pair.here.connect().say('EXISTS a') + pair.b.say('EXISTS a')).toBe(':0\r\n:1\r\n');
  });

  test('a key does not die: it goes with what it has left', () => {
    const pair = new Pair();
    pair.a.say('SET a here PX 30');
    pair.network.isMute = true;
    pair.a.tell(['MIGRATE', ...THERE, 'a', '0', '100']);
    pair.pass(20);
    expect(pair.here.node.engine.expiredKeys).toBe(0);
    pair.pass(200);
    expect(pair.a.take()).toBe(READING);
    expect(pair.a.say('EXISTS a')).toBe(':0\r\n');
  });

  test.each<[string, (node: Node) => void, string]>([
    ['a change of role ends it', (node) => node.migration.abandon(), READING],
    ['so does a failover by hand: replicas would not hear of its DEL', (node) => node.writesPaused(1), READING],
    ['slots that go do not', (node) => node.slotsLost([0]), ''],
  ])('%s', (_, change, expected) => {
    const pair = withKeys('a');
    pair.network.isMute = true;
    pair.a.tell(['MIGRATE', ...THERE, 'a', '0', '1000']);
    pair.pass(20);
    change(pair.here.node);
    pair.pass(5);
    expect(pair.a.take()).toBe(expected);
  });
});

test('CLIENT REPLY SKIP skips its answer, and no other one', () => {
  const pair = withKeys('a');
  pair.a.say('CLIENT REPLY SKIP');
  pair.a.send(Buffer.from(`MIGRATE ${THERE.join(' ')} a 0 1000\r\nPING\r\n`));
  pair.pass(20);
  expect(pair.a.take()).toBe('+PONG\r\n');
});

test('replicas are told of the keys that went, in one DEL', () => {
  const pair = withKeys('a', 'b', 'c');
  const stream: string[] = [];
  const sink: ChangeSink = {
    append: (bytes, from, to) => void stream.push(Buffer.from(bytes.subarray(from, to)).toString()),
  };
  pair.here.node.dispatcher.propagation.setSink('stream', sink);
  pair.b.say('SET b there');
  pair.migrate('"" KEYS a b c');
  pair.a.say('SET d 1');
  expect(stream.join('').replaceAll('\r\n', ' ')).toBe('*2 $6 SELECT $1 0 *3 $3 DEL $1 a $1 c *3 $3 SET $1 d $1 1 ');
});

test('a key that is watched is gone for EXEC, and events tell of it', () => {
  const pair = withKeys('a');
  const watcher = pair.here.connect();
  const listener = pair.here.connect();
  pair.a.say('CONFIG SET notify-keyspace-events Kg');
  listener.say('PSUBSCRIBE *');
  watcher.say('WATCH a');
  watcher.say('MULTI');
  pair.migrate('a');
  expect(watcher.say('EXEC')).toBe('*-1\r\n');
  expect(listener.take()).toContain('__keyspace@0__:a\r\n$3\r\ndel\r\n');
});
