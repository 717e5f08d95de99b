/**
 * Loading RDB files: those of redis-server in any split, what is refused and in which words, and broken bytes.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachKey } from '../../src/keyspace/scan.js';
import { holdingOf } from './content.js';
import { feedAll, fileOf, goldenFile, handMade, NOW, quietServer, startLoading } from './files.js';
import { tries } from '../support/tries.js';

const KEY_A = [0, 1, 97, 1, 120]; // the string x under the key a

describe('a file of redis-server 7.0.15', () => {
  const { bytes, digest } = goldenFile('seven.rdb');

  test.each([1, 2, 7, 64, 1000, 1 << 20])('fed by %i bytes', (size) => {
    const { server, loader } = startLoading();
    expect(feedAll(loader, bytes, size)).toEqual({ kind: 'done', rest: 0 });
    expect(server.run('DEBUG', 'DIGEST')).toBe(digest);
    expect([loader.keysLoaded, loader.bytesLoaded, loader.aux.get('redis-ver')]).toEqual([26, bytes.length, '7.0.15']);
  });

  test('says how many bytes are behind it', () => {
    const { loader } = startLoading();
    expect(loader.feed(Buffer.concat([bytes, Buffer.from('PING\r\n')]))).toEqual({ kind: 'done', rest: 6 });
  });

  test('cut off anywhere it is not complete, and what waits is let go', () => {
    const server = quietServer();
    for (let end = 0; end < bytes.length; end += 997) {
      const { loader } = startLoading({}, server);
      expect(feedAll(loader, bytes.subarray(0, end), 5000).kind).toBe('more');
      loader.abandon();
      expect(loader.feed(Buffer.from('x')).kind).toBe('broken');
    }
  }, 60_000);

  test('one bit turned, and the checksum or something before it says so', () => {
    const server = quietServer();
    for (let at = 0; at < bytes.length; at += 487) {
      const spoilt = Buffer.from(bytes);
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (at % 8));
      expect(feedAll(startLoading({}, server).loader, spoilt, 100_000).kind, `byte ${at}`).not.toBe('done');
    }
  }, 60_000);

  test('any bytes turned, without a checksum: nothing is thrown, and what was loaded can be walked', () => {
    const byte = fc.nat(bytes.length - 1);
    const server = quietServer();
    fc.assert(
      fc.property(fc.array(fc.tuple(byte, fc.nat(255)), { minLength: 1, maxLength: 4 }), (turns) => {
        const spoilt = Buffer.from(bytes);
        for (const [at, value] of turns) spoilt[at] = value;
        const { loader } = startLoading({ checksum: false }, server);
        feedAll(loader, spoilt, 5000);
        loader.abandon();
        for (const index of [0, 9]) {
          const db = server.engine.database(index);
          eachKey(db, (e) => expect(holdingOf(db, e)).toContain(' '));
        }
      }),
      { numRuns: tries(80) },
    );
  }, 60_000);

  test('how often keys were used comes with them', () => {
    const { server, loader } = startLoading();
    server.engine.usage = 'lfu';
    expect(feedAll(loader, goldenFile('lfu.rdb').bytes, 999).kind).toBe('done');
    expect(server.run('DEBUG', 'DIGEST')).toBe(digest);
    expect(server.run('OBJECT', 'FREQ', 'text')).toBe(':5\r\n');
  });
});

/** Each form that 2.6 to 6.2 gave a value and 7.0 does not: made byte by byte, the digest is redis-server's. */
describe.each([
  ['of-2.6.rdb', 21],
  ['of-3.2.rdb', 2],
])('a file of an older version: %s', (name, keys) => {
  const { bytes, digest } = goldenFile(name);

  test.each([1, 7, 1000, 1 << 20])('fed by %i bytes', (size) => {
    const { server, loader } = startLoading();
    expect(feedAll(loader, bytes, size)).toEqual({ kind: 'done', rest: 0 });
    expect([loader.keysLoaded, server.run('DEBUG', 'DIGEST')]).toEqual([keys, digest]);
  });

  test('cut off anywhere it is not complete', () => {
    const server = quietServer();
    for (let end = 0; end < bytes.length; end += bytes.length > 1000 ? 97 : 1) {
      const { loader } = startLoading({}, server);
      expect(loader.feed(bytes.subarray(0, end))).toEqual({ kind: 'more' });
      loader.abandon();
    }
  });
});

describe('keys whose time has come', () => {
  const file = handMade([252, ...moment(NOW - 1), ...KEY_A], [252, ...moment(NOW)], [0, 1, 98, 1, 120]);

  test('are dropped by a primary; the present moment is still theirs', () => {
    const { server, loader } = startLoading();
    expect(loader.feed(file).kind).toBe('done');
    expect([loader.keysLoaded, loader.keysExpired, server.run('DBSIZE')]).toEqual([1, 1, ':1\r\n']);
  });

  test('are kept by a replica', () => {
    const { server, loader } = startLoading({ isPrimary: false });
    loader.feed(file);
    expect([loader.keysLoaded, loader.keysExpired, server.run('DBSIZE')]).toEqual([2, 0, ':2\r\n']);
  });

  test('in seconds, as Redis 2.4 wrote them', () => {
    const { server, loader } = startLoading();
    loader.feed(handMade([253, 0, 0, 0, 0x70, ...KEY_A]));
    expect(server.run('PEXPIRETIME', 'a')).toBe(`:${0x70000000 * 1000}\r\n`);
  });
});

/** A set in the form of a listpack, under the key s. */
function smallSet(...members: string[]): Buffer {
  const entries = members.flatMap((text) => [0x80 + text.length, ...Buffer.from(text), text.length + 1]);
  const size = entries.length + 7;
  return handMade([20, 1, 115, size, size, 0, 0, 0, members.length, 0, ...entries, 255]);
}

function codeOf(x: number | string): number {
  return typeof x === 'number' ? x : x.charCodeAt(0);
}

function moment(ms: number): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(ms));
  return [...bytes];
}

describe('refuses', () => {
  const cases: [string, Buffer, string][] = [
    ['no RDB file', Buffer.from('RUBIS0010'), 'Wrong signature trying to load DB from file'],
    ['a later version', Buffer.from('REDIS0012'), "Can't handle RDB format version 12"],
    ['a version with a turned bit', Buffer.from('REDIS001\xb0', 'latin1'), "Can't handle RDB format version 1"],
    ['no version', Buffer.from('REDISabcd'), "Can't handle RDB format version 0"],
    ['a key twice', handMade(KEY_A, KEY_A), "RDB has duplicated key 'a' in DB 0"],
    ['an encoded length', handMade([254, 0xc0, 1]), 'Invalid length.'],
    ['a library without a first line', handMade([245, 1, 120]), 'Failed loading library, Missing library metadata'],
    ['a stream', handMade([19, 1, 97, 0]), "Values of type 19 (stream) cannot be loaded. (key 'a' in DB 0, type 19)"],
    ['an unknown type', handMade([33, 1, 97, 0]), "Unknown RDB encoding type 33 (key 'a' in DB 0, type 33)"],
    [
      'too many databases',
      handMade([254, 16]),
      'FATAL: Data file was created with a Redis server configured to handle more than 16 databases. Exiting',
    ],
    [
      'a module',
      handMade([247, 0x81, ...Buffer.from('00100000000ffc01', 'hex'), 2, 2, 0]),
      "The RDB file contains AUX module data I can't load: no matching module 'ABAAAAAP_'",
    ],
    ['a set with a member twice', handMade([2, 1, 97, 2, 1, 120, 1, 120]), 'Duplicate set members detected'],
    ['a small set with a member twice', smallSet('a', 'a'), 'Set listpack integrity check failed.'],
    ['a broken small set', handMade([20, 1, 97, 1, 2]), 'Set listpack integrity check failed.'],
    ['a broken list', handMade([18, 1, 97, 1, 2, 1, 120]), 'Listpack integrity check failed.'],
    ['a broken list, in another database', handMade([254, 3, 18, 1, 97, 1, 2, 1, 120]), "(key 'a' in DB 3, type 18)"],
    ['a string that unpacks to less', handMade([0, 1, 97, 0xc3, 2, 4, 0, 97]), 'Invalid length or string.'],
    ['a string that cannot be so long', handMade([0, 1, 97, 0xc3, 1, 0x44, 0]), 'Invalid length or string.'],
    ['a string of an unknown form', handMade([0, 1, 97, 0xff]), 'Invalid length or string.'],
    ['a string beyond all bounds', handMade([0, 1, 97, 0x81, 1, 0, 0, 0, 0, 0, 0, 0]), 'Invalid length or string.'],
    [
      'a long key with odd bytes',
      handMade([33, 0x40, 200, 10, ...'a'.repeat(199)].map(codeOf)),
      `(key '\\n${'a'.repeat(127)}' in`,
    ],
    ['a wrong checksum', Buffer.from('REDIS0010\xff12345678', 'latin1'), 'Wrong RDB checksum expected: ('],
  ];

  test.each(cases)('%s', (_, file, reason) => {
    for (const size of [1, 1000]) {
      const { server, loader } = startLoading();
      const fed = feedAll(loader, file, size);
      expect(fed).toEqual({ kind: 'broken', reason: expect.stringContaining(reason) });
      expect(server.engine.size).toBeLessThanOrEqual(1);
    }
  });
});

test('a small set as Redis 7.2 writes it', () => {
  const { server, loader } = startLoading();
  const file = smallSet('a', '12', 'bc');
  file.write('0011', 5);
  expect(loader.feed(file).kind).toBe('done');
  server.run('SADD', 'same', 'bc', '12', 'a');
  expect(server.run('SDIFF', 's', 'same')).toBe('*0\r\n');
  expect([server.run('SCARD', 's'), server.run('OBJECT', 'ENCODING', 's')]).toEqual([':3\r\n', '$9\r\nhashtable\r\n']);
  expect(startLoading().loader.feed(smallSet()).kind).toBe('done');
});

test('an empty collection is skipped and counted', () => {
  const { server, loader } = startLoading();
  expect(loader.feed(handMade([2, 1, 98, 0], KEY_A)).kind).toBe('done');
  expect([loader.emptyKeysSkipped, loader.keysLoaded, server.run('DBSIZE')]).toEqual([1, 1, ':1\r\n']);
});

test('a file without a checksum is taken, and says so', () => {
  const { loader } = startLoading();
  expect(loader.feed(handMade(KEY_A)).kind).toBe('done');
  expect(loader.checksumMissing).toBe(true);
});

test('a long string is taken over as it arrives', () => {
  const from = quietServer();
  const value = Buffer.from(Array.from({ length: (1 << 20) + 5 }, (_, i) => (i * 7919) & 255));
  from.run('SET', 'before', 'x');
  from.run('SET', 'long', value);
  from.run('PEXPIREAT', 'long', '4102444800000');
  const file = fileOf(from, 1e9);
  for (const size of [7000, 70_000, 1 << 20, 1 << 23]) {
    const { server, loader } = startLoading();
    expect(feedAll(loader, file, size)).toEqual({ kind: 'done', rest: 0 });
    expect(server.run('DEBUG', 'DIGEST')).toBe(from.run('DEBUG', 'DIGEST'));
  }
  const { server, loader } = startLoading();
  const { used } = server.engine.arena;
  feedAll(loader, file.subarray(0, 1 << 19), 50_000);
  loader.abandon();
  server.run('DEL', 'before');
  expect(server.engine.arena.used - used).toBeLessThan(1 << 19);
});

test('what bytes promise is not reserved: a key of a GiB, a set of 2^60 members', () => {
  const promises: number[][] = [
    [0, 0x80, 0x40, 0, 0, 0, 97],
    [2, 1, 97, 0x81, 16, 0, 0, 0, 0, 0, 0, 0, 1, 120],
    [0, 1, 97, 0x80, 0x7f, 0, 0, 0, 120],
  ];
  for (const promise of promises) {
    const { server, loader } = startLoading();
    const before = server.engine.arena.reserved;
    expect(loader.feed(Buffer.concat([Buffer.from('REDIS0010'), Buffer.from(promise)])).kind).toBe('more');
    expect(server.engine.arena.reserved - before).toBeLessThanOrEqual(1 << 24);
  }
});
