/**
 * The commands on keys of any type: as Redis answers them, what they announce, and what depends on the clock.
 */
import { describe, expect, test } from 'vitest';
import type { ConfigDoor } from '../../src/commands/server/config.js';
import { Commander, stubOf } from '../support/commander.js';
import { playGolden } from '../support/play-golden.js';

playGolden('keys');

describe('events and changes', () => {
  // biome-ignore format: a table
  test.each<[string, string[], string[], number]>([
    // command             before                            announced                                      changes
    ['DEL a none b',       ['MSET a 1 b 2'],                 ['del 0 a', 'del 0 b'],                        2],
    ['UNLINK a',           ['SET a 1'],                      ['del 0 a'],                                   1],
    ['EXISTS a none',      ['SET a 1'],                      ['keymiss 0 none'],                            0],
    ['TYPE none',          [],                               ['keymiss 0 none'],                            0],
    ['TTL none',           [],                               ['keymiss 0 none'],                            0],
    ['OBJECT FREQ none',   [],                               [],                                            0],
    ['EXPIRE a 10',        ['SET a 1'],                      ['expire 0 a'],                                1],
    ['EXPIRE a 10 XX',     ['SET a 1'],                      [],                                            0],
    ['EXPIRE a -1',        ['SET a 1'],                      ['del 0 a'],                                   1],
    ['EXPIRE none 10',     [],                               [],                                            0],
    ['PERSIST a',          ['SET a 1 EX 5'],                 ['persist 0 a'],                               1],
    ['PERSIST a',          ['SET a 1'],                      [],                                            0],
    ['RENAME a b',         ['SET a 1'],                      ['new 0 b', 'rename_from 0 a', 'rename_to 0 b'], 1],
    ['RENAME a a',         ['SET a 1'],                      [],                                            0],
    ['RENAMENX a b',       ['MSET a 1 b 2'],                 [],                                            0],
    ['COPY a b DB 1',      ['SET a 1'],                      ['new 1 b', 'copy_to 1 b'],                    1],
    ['COPY none b',        [],                               ['keymiss 0 none'],                            0],
    ['SUNIONSTORE a b',    ['SET a 1', 'SADD b x'],          ['sunionstore 0 a'],                           1],
    ['MOVE a 1',           ['SET a 1'],                      ['new 1 a', 'move_from 0 a', 'move_to 1 a'],   1],
  ])('%s after %j', (command, before, events, changes) => {
    const server = new Commander();
    for (const line of before) server.run(...line.split(' '));
    const { dirty } = server.engine;
    server.run(...command.split(' '));
    expect([server.events, server.engine.dirty - dirty]).toEqual([events, changes]);
  });
});

describe('time', () => {
  test('TTL rounds half up, PTTL is exact, and both are 0 in the last moment', () => {
    const server = new Commander();
    server.run('SET', 'k', 'v', 'PX', '2000');
    const told: string[] = [];
    for (const ms of [0, 499, 1, 1, 1499]) {
      server.now += ms;
      told.push(server.run('TTL', 'k') + server.run('PTTL', 'k'));
    }
    expect(told.join('').split('\r\n').join(' ')).toBe(':2 :2000 :2 :1501 :2 :1500 :1 :1499 :0 :0 ');
    server.now += 1;
    expect(server.run('TTL', 'k')).toBe(':-2\r\n');
  });

  test('EXPIRE of the present moment deletes, GETEX PXAT as well, SET PXAT does not yet', () => {
    const server = new Commander();
    const now = String(server.now);
    server.run('MSET', 'a', '1', 'b', '2');
    server.run('PEXPIREAT', 'a', now);
    server.run('GETEX', 'b', 'PXAT', now);
    server.run('SET', 'c', '3', 'PXAT', now);
    expect(server.run('EXISTS', 'a', 'b', 'c')).toBe(':1\r\n');
    server.now += 1;
    expect(server.run('EXISTS', 'c')).toBe(':0\r\n');
  });

  // biome-ignore format: a table
  test.each<[string, string, number]>([
    // command                     what its key hears of         changes
    ['SINTERSTORE dead none',      'del 0 dead',                 1],
    ['SUNIONSTORE dead none',      'del 0 dead',                 1],
    ['SDIFFSTORE dead none',       'del 0 dead',                 1],
    ['ZUNIONSTORE dead 1 none',    'del 0 dead',                 1],
    ['ZINTERSTORE dead 2 z none',  'del 0 dead',                 1],
    ['ZDIFFSTORE dead 1 none',     'del 0 dead',                 1],
    ['ZRANGESTORE dead z 5 6',     'del 0 dead',                 1],
    ['ZRANGESTORE dead z 0 6',     'expired 0 dead',             1], // what is stored looks at its key first
    ['ZRANGESTORE dead dead 0 6',  'expired 0 dead',             0], // as does a source
  ])('an empty result removes its key unseen, dead or not: %s', (command, event, changes) => {
    const server = new Commander();
    server.run('ZADD', 'z', '1', 'a');
    server.run('SET', 'dead', 'v', 'PX', '5');
    server.now += 6;
    const { dirty } = server.engine;
    server.events.length = 0;
    server.run(...command.split(' '));
    const heard = server.events.find((told) => told.endsWith(' dead'));
    expect([heard, server.engine.dirty - dirty]).toEqual([event, changes]);
  });

  test('SMOVE lets a dead target go, even if there is nothing to move', () => {
    const server = new Commander();
    server.run('SET', 'target', 'v', 'PX', '5');
    server.now += 6;
    expect(server.run('SMOVE', 'none', 'target', 'x')).toBe(':0\r\n');
    expect(server.events).toEqual(['expired 0 target']);
  });

  test('a replica keeps what its primary lets die, and hides it', () => {
    const server = new Commander();
    server.engine.mayExpire = false;
    server.run('SET', 'k', 'v');
    expect(server.run('PEXPIRE', 'k', '-5')).toBe(':1\r\n');
    expect(server.run('EXISTS', 'k')).toBe(':0\r\n');
    expect(server.db.size).toBe(1);
  });

  test('OBJECT IDLETIME counts seconds since the last use, and asking is none', () => {
    const server = new Commander();
    server.run('SET', 'k', 'v');
    server.now += 5000;
    for (const command of ['TTL', 'TYPE', 'EXISTS']) server.run(command, 'k');
    expect(server.run('OBJECT', 'IDLETIME', 'k')).toBe(':5\r\n');
    server.run('TOUCH', 'k');
    expect(server.run('OBJECT', 'IDLETIME', 'k')).toBe(':0\r\n');
  });

  test('OBJECT FREQ decays by the minute', () => {
    const server = new Commander();
    server.engine.usage = 'lfu';
    server.now += 0;
    server.run('SET', 'k', 'v');
    expect(server.run('OBJECT', 'FREQ', 'k')).toBe(':5\r\n');
    server.now += 180_000;
    expect(server.run('OBJECT', 'FREQ', 'k')).toBe(':2\r\n');
  });
});

describe('in cluster mode there is one database', () => {
  const configuration = stubOf<ConfigDoor>('CONFIG', { show: () => [['databases', '16']] });

  test.each([
    ['MOVE k 1', '-ERR MOVE is not allowed in cluster mode\r\n'],
    ['MOVE k x', '-ERR MOVE is not allowed in cluster mode\r\n'],
    ['COPY k b DB 1', '-ERR Copying to another database is not allowed in cluster mode\r\n'],
    ['COPY k b DB 0', ':1\r\n'],
    ['COPY k b DB 99', '-ERR DB index is out of range\r\n'],
  ])('%s', (command, reply) => {
    const server = new Commander(1, { isCluster: true, configuration });
    server.run('SET', 'k', 'v');
    expect(server.run(...command.split(' '))).toBe(reply);
  });
});

describe('walks', () => {
  test('SCAN that asks for a type counts a hit for each key that matches', () => {
    const server = new Commander();
    server.run('MSET', 'a1', '1', 'a2', '2', 'b1', '3');
    const { hits } = server.engine;
    server.run('SCAN', '0', 'MATCH', 'a*', 'COUNT', '100');
    expect(server.engine.hits - hits).toBe(0);
    server.run('SCAN', '0', 'MATCH', 'a*', 'COUNT', '100', 'TYPE', 'list');
    expect(server.engine.hits - hits).toBe(2);
  });

  test('SCAN misses and removes dead keys that it looks at, and leaves those that do not match', () => {
    const server = new Commander();
    server.run('SET', 'a1', '1', 'PX', '5');
    server.run('SET', 'b1', '1', 'PX', '5');
    server.now += 10;
    const { misses } = server.engine;
    expect(server.run('SCAN', '0', 'MATCH', 'a*', 'COUNT', '100', 'TYPE', 'string')).toBe('*2\r\n$1\r\n0\r\n*0\r\n');
    expect([server.engine.misses - misses, server.db.size, server.events]).toEqual([
      1,
      1,
      ['expired 0 a1', 'keymiss 0 a1'],
    ]);
  });

  test('SCAN gives all keys of a type that match, over any number of calls', () => {
    const server = new Commander();
    for (let i = 0; i < 300; i++) server.run(...(i % 3 === 0 ? ['LPUSH', `l${i}`, 'x'] : ['SET', `s${i}`, 'x']));
    const met: string[] = [];
    let cursor = '0';
    do {
      const lines = server.run('SCAN', cursor, 'MATCH', '*1*', 'TYPE', 'list', 'COUNT', '7').split('\r\n');
      cursor = lines[2] ?? '0';
      met.push(...lines.slice(4).filter((line) => line.startsWith('l')));
    } while (cursor !== '0');
    const expected = Array.from({ length: 300 }, (_, i) => `l${i}`).filter(
      (key, i) => i % 3 === 0 && key.includes('1'),
    );
    expect(met.sort()).toEqual(expected.sort());
  });

  test('RANDOMKEY of keys that are all dead is nil', () => {
    const server = new Commander();
    for (let i = 0; i < 50; i++) server.run('SET', `k${i}`, 'v', 'PX', '5');
    server.now += 10;
    expect(server.run('RANDOMKEY')).toBe('$-1\r\n');
    expect(server.db.size).toBe(0);
  });
});
