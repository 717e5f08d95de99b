/**
 * The commands on strings: as Redis answers them, what they announce, and what a golden file is too small for.
 */
import { describe, expect, test } from 'vitest';
import { Commander } from '../support/commander.js';
import { playGolden } from '../support/play-golden.js';

playGolden('strings');

describe('events and changes', () => {
  // biome-ignore format: a table
  test.each<[string, string[], string[], number]>([
    // command                       before                announced                                 changes
    ['SET k v',                      [],                   ['new 0 k', 'set 0 k'],                   1],
    ['SET k v',                      ['SET k old'],        ['set 0 k'],                              1],
    ['SET k v EX 10',                [],                   ['new 0 k', 'set 0 k', 'expire 0 k'],     1],
    ['SET k v NX',                   ['SET k old'],        [],                                       0],
    ['SET k v GET',                  [],                   ['keymiss 0 k', 'new 0 k', 'set 0 k'],    1],
    ['SETEX k 10 v',                 ['SET k old'],        ['set 0 k', 'expire 0 k'],                1],
    ['SETNX k v',                    ['SET k old'],        [],                                       0],
    ['GET k',                        [],                   ['keymiss 0 k'],                          0],
    ['GETEX k',                      ['SET k v'],          [],                                       0],
    ['GETEX k EX 10',                ['SET k v'],          ['expire 0 k'],                           1],
    ['GETEX k PERSIST',              ['SET k v'],          [],                                       0],
    ['GETEX k PERSIST',              ['SET k v EX 5'],     ['persist 0 k'],                          1],
    ['GETEX k PXAT 1',               ['SET k v'],          ['del 0 k'],                              1],
    ['GETDEL k',                     ['SET k v'],          ['del 0 k'],                              1],
    ['GETDEL k',                     [],                   ['keymiss 0 k'],                          0],
    ['GETSET k v',                   ['SET k old'],        ['set 0 k'],                              1],
    ['MSET a 1 b 2',                 ['SET a 0'],          ['set 0 a', 'new 0 b', 'set 0 b'],        2],
    ['MSETNX a 1 b 2',               ['SET b 0'],          [],                                       0],
    ['INCR k',                       [],                   ['new 0 k', 'incrby 0 k'],                1],
    ['DECRBY k 9223372036854775807', ['SET k -1'],         ['incrby 0 k'],                           1],
    ['INCR k',                       ['SET k x'],          [],                                       0],
    ['INCRBYFLOAT k 1.5',            ['SET k 1'],          ['incrbyfloat 0 k'],                      1],
    ['APPEND k ""',                  ['SET k 1'],          ['append 0 k'],                           1],
    ['SETRANGE k 2 x',               [],                   ['new 0 k', 'setrange 0 k'],              1],
    ['SETRANGE k 2 ""',              ['SET k 1'],          [],                                       0],
    ['LCS a b',                      [],                   ['keymiss 0 a', 'keymiss 0 b'],           0],
  ])('%s after %j', (command, before, events, changes) => {
    const server = new Commander();
    for (const line of before) server.run(...line.split(' '));
    const { dirty } = server.engine;
    server.run(...command.split(' ').map((word) => (word === '""' ? '' : word)));
    expect([server.events, server.engine.dirty - dirty]).toEqual([events, changes]);
  });

  test('a dead key is announced before what is written in its place', () => {
    const server = new Commander();
    server.run('SET', 'k', '5', 'PX', '10');
    server.now += 11;
    server.run('INCR', 'k');
    expect(server.events).toEqual(['expired 0 k', 'new 0 k', 'incrby 0 k']);
  });
});

describe('hits and misses', () => {
  // biome-ignore format: a table
  test.each<[string, number, number]>([
    ['GET k',        1, 0],
    ['GET none',     0, 1],
    ['MGET k k x',   2, 1],
    ['SET k w',      0, 0],
    ['SET k w GET',  1, 0],
    ['INCR none',    0, 0],
    ['GETDEL k',     1, 0],
    ['STRLEN none',  0, 1],
    ['EXISTS k x',   1, 1],
    ['TTL none',     0, 1],
    ['DEL none',     0, 0],
    ['OBJECT ENCODING none', 0, 1],
  ])('%s', (command, hits, misses) => {
    const server = new Commander();
    server.run('SET', 'k', '1');
    server.run(...command.split(' '));
    expect([server.engine.hits, server.engine.misses]).toEqual([hits, misses]);
  });
});

describe('large strings', () => {
  test('20 MiB go in and come out', () => {
    const server = new Commander();
    const value = Buffer.alloc(20 << 20, 'abcdefg');
    expect(server.run('SET', 'k', value)).toBe('+OK\r\n');
    expect(server.run('APPEND', 'k', 'tail')).toBe(`:${value.length + 4}\r\n`);
    const reply = server.runBytes(['GET', 'k']);
    expect(reply.subarray(11, -2).equals(Buffer.concat([value, Buffer.from('tail')]))).toBe(true);
    expect(server.run('GETRANGE', 'k', '-6', '-1')).toBe(`$6\r\n${value.subarray(-2)}tail\r\n`);
    expect(server.run('OBJECT', 'ENCODING', 'k')).toBe('$3\r\nraw\r\n');
  });

  test('an offset far behind the end pads with zero bytes, whatever lay in the memory before', () => {
    const server = new Commander();
    server.run('SET', 'junk', 'x'.repeat(1 << 20));
    server.run('DEL', 'junk');
    server.run('SET', 'k', 'ab');
    expect(server.run('SETRANGE', 'k', '1000000', 'z')).toBe(':1000001\r\n');
    const reply = server.runBytes(['GET', 'k']).subarray(10, -2);
    expect([reply.length, reply.subarray(2, -1).every((byte) => byte === 0)]).toEqual([1_000_001, true]);
  });

  test('a string beyond the limit takes no memory before it is refused', () => {
    const server = new Commander();
    server.run('SET', 'k', 'v');
    const { reserved } = server.engine.arena;
    server.run('SETRANGE', 'k', '536870912', 'x');
    server.run('SETRANGE', 'new', '9223372036854775807', 'x');
    expect(server.engine.arena.reserved).toBe(reserved);
  });
});

describe('times beyond what a double counts in ms', () => {
  test('are told to the half second', () => {
    const server = new Commander();
    server.run('SET', 'k', 'v', 'EXAT', '9223372036854775');
    expect(server.run('EXPIRETIME', 'k')).toBe(':9223372036854775\r\n');
    expect(server.run('GET', 'k')).toBe('$1\r\nv\r\n');
    server.run('PEXPIREAT', 'k', '9007199254740991');
    expect(server.run('PEXPIRETIME', 'k')).toBe(':9007199254740991\r\n');
  });
});
