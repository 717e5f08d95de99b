/**
 * The commands on lists, hashes and sets: as Redis answers them, and what the golden files cannot show.
 *
 * What is announced was compared with what redis-server 7.0.15 announces under `notify-keyspace-events KEAn`.
 */
import { describe, expect, test } from 'vitest';
import { Commander } from '../support/commander.js';
import { playOnNode } from '../support/play-on-node.js';

playOnNode('lists');
playOnNode('hashes');
playOnNode('sets');

describe('what is announced, and how many changes are counted', () => {
  // biome-ignore format: a table
  test.each<[before: string, line: string, changes: number, events: string[]]>([
    ['PING',             'RPUSH l a b',                 2, ['new 0 l', 'rpush 0 l']],
    ['RPUSH l a',        'LPUSH l b',                   1, ['lpush 0 l']],
    ['PING',             'LPUSHX l b',                  0, []],
    ['RPUSH l a b',      'LPOP l',                      1, ['lpop 0 l']],
    ['RPUSH l a b',      'RPOP l 5',                    2, ['rpop 0 l', 'del 0 l']],
    ['RPUSH l a b',      'LPOP l 0',                    0, []],
    ['RPUSH l a b',      'LMPOP 2 x l LEFT COUNT 2',    2, ['lpop 0 l', 'del 0 l']],
    ['RPUSH l a b',      'LMOVE l m LEFT RIGHT',        1, ['new 0 m', 'rpush 0 m', 'lpop 0 l']],
    ['RPUSH l a',        'RPOPLPUSH l l',               1, ['lpush 0 l', 'rpop 0 l']],
    ['RPUSH l a',        'LMOVE l m RIGHT LEFT',        1, ['new 0 m', 'lpush 0 m', 'rpop 0 l', 'del 0 l']],
    ['RPUSH l a b',      'LSET l 0 x',                  1, ['lset 0 l']],
    ['RPUSH l a b',      'LINSERT l BEFORE b x',        1, ['linsert 0 l']],
    ['RPUSH l a b',      'LINSERT l BEFORE q x',        0, []],
    ['RPUSH l a b a',    'LREM l 0 a',                  2, ['lrem 0 l']],
    ['RPUSH l a a',      'LREM l 0 a',                  2, ['lrem 0 l', 'del 0 l']],
    ['RPUSH l a b c',    'LTRIM l 1 1',                 2, ['ltrim 0 l']],
    ['RPUSH l a b c',    'LTRIM l 5 6',                 3, ['ltrim 0 l', 'del 0 l']],
    ['RPUSH l a',        'LTRIM l 0 -1',                0, ['ltrim 0 l']],
    ['PING',             'HSET h a 1 b 2',              2, ['new 0 h', 'hset 0 h']],
    ['HSET h a 1',       'HSET h a 1',                  1, ['hset 0 h']],
    ['HSET h a 1',       'HSETNX h a 2',                0, []],
    ['HSET h a 1',       'HSETNX h b 2',                1, ['hset 0 h']],
    ['HSET h a 1 b 2',   'HDEL h a x',                  1, ['hdel 0 h']],
    ['HSET h a 1',       'HDEL h a a',                  1, ['hdel 0 h', 'del 0 h']],
    ['HSET h a 1',       'HINCRBY h a 1',               1, ['hincrby 0 h']],
    ['HSET h a 1',       'HINCRBYFLOAT h a 1.5',        1, ['hincrbyfloat 0 h']],
    ['PING',             'SADD s a b a',                2, ['new 0 s', 'sadd 0 s']],
    ['SADD s a',         'SADD s a',                    0, []],
    ['SADD s a b',       'SREM s a x',                  1, ['srem 0 s']],
    ['SADD s a b',       'SREM s a b',                  2, ['srem 0 s', 'del 0 s']],
    ['SADD s a',         'SMOVE s t a',                 2, ['srem 0 s', 'del 0 s', 'new 0 t', 'sadd 0 t']],
    ['SADD s a',         'SMOVE s s a',                 0, []],
    ['SADD s a',         'SMOVE s t b',                 0, []],
    ['SADD s a',         'SPOP s',                      1, ['spop 0 s', 'del 0 s']],
    ['SADD s a b',       'SPOP s 5',                    2, ['spop 0 s', 'del 0 s']],
    ['SADD s a b',       'SPOP s 1',                    1, ['spop 0 s']],
    ['SADD s a b',       'SUNIONSTORE t s',             1, ['new 0 t', 'sunionstore 0 t']],
    ['SADD s a b',       'SINTERSTORE t s',             1, ['new 0 t', 'sinterstore 0 t']],
    ['SADD s a b',       'SDIFFSTORE t s',              1, ['new 0 t', 'sdiffstore 0 t']],
    ['SADD s a b',       'SDIFFSTORE s s s',            1, ['del 0 s']],
    ['SADD s a b',       'SDIFFSTORE t s s',            0, []],
  ])('%s · %s', (before, line, changes, events) => {
    const server = new Commander();
    server.run(...before.split(' '));
    const dirty = server.engine.dirty;
    server.run(...line.split(' '));
    expect(server.events).toEqual(events);
    expect(server.engine.dirty - dirty).toBe(changes);
  });
});
