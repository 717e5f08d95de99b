/**
 * Writing RDB files: what redis-server wrote is written to the byte, in pieces as in one go, and can be loaded again.
 */
import { describe, expect, test } from 'vitest';
import { HASH_TABLE, SET_TABLE } from '../../src/keyspace/entry.js';
import { eachKey } from '../../src/keyspace/scan.js';
import { RdbWriter } from '../../src/persistence/rdb-writer.js';
import { keyOf } from './content.js';
import { feedAll, fileOf, goldenFile, goldenServer, quietServer, startLoading } from './files.js';

const PLAIN = { compress: true, checksum: true, usage: 'none' } as const;

test('each key stands in the file of redis-server as it is written here, but for what has no order', () => {
  const server = goldenServer();
  const { bytes } = goldenFile('seven.rdb');
  let compared = 0;
  for (const index of [0, 9]) {
    const db = server.engine.database(index);
    eachKey(db, (e) => {
      if (db.kind(e) === SET_TABLE || db.kind(e) === HASH_TABLE) return;
      if (keyOf(db, e) === 'longlist') return; // our nodes are a few bytes shorter: DIFFERENCES.md
      const writer = new RdbWriter(PLAIN);
      writer.entry(db, e);
      expect(bytes.includes(Buffer.from(writer.take())), keyOf(db, e)).toBe(true);
      compared++;
    });
  }
  expect(compared).toBe(21);
});

describe('a file of all types', () => {
  const server = goldenServer();
  const { digest } = goldenFile('seven.rdb');

  test.each([1, 100, 1e9])('in pieces of %i bytes', (bytes) => {
    const file = fileOf(server, bytes);
    expect(file).toEqual(fileOf(server, 1e9));
    const { server: other, loader } = startLoading();
    expect(feedAll(loader, file, 4096)).toEqual({ kind: 'done', rest: 0 });
    expect(other.run('DEBUG', 'DIGEST')).toBe(digest);
  });
});

test('aux fields, databases and the end are written as redis does', () => {
  const writer = new RdbWriter(PLAIN);
  writer.begin([
    ['redis-ver', '7.0.15'],
    ['redis-bits', '64'],
    ['ctime', '1700000000'],
  ]);
  writer.selectDatabase(3, 70, 2);
  writer.end();
  const text = Buffer.from(writer.take()).toString('latin1');
  expect(text.slice(0, -8)).toBe(
    'REDIS0010\xfa\x09redis-ver\x067.0.15\xfa\x0aredis-bits\xc0@\xfa\x05ctime\xc2\x00\xf1Se\xfe\x03\xfb@F\x02\xff',
  );
});

test('without a checksum the file ends in zeros', () => {
  const writer = new RdbWriter({ ...PLAIN, checksum: false });
  writer.begin([]);
  writer.end();
  expect(Buffer.from(writer.take()).toString('latin1')).toBe(`REDIS0010\xff${'\0'.repeat(8)}`);
});

test('how often, or when, a key was used goes in front of it', () => {
  const server = quietServer();
  server.run('SET', 'k', 'v');
  server.now += 5000;
  const db = server.engine.database(0);
  const written = (usage: 'lru' | 'lfu'): string => {
    const writer = new RdbWriter({ ...PLAIN, usage });
    eachKey(db, (e) => writer.entry(db, e));
    return Buffer.from(writer.take()).toString('hex');
  };
  expect(written('lru')).toBe('f805' + '00016b0176');
  server.engine.usage = 'lfu';
  server.run('RESTORE', 'k', '0', payloadOf(server), 'REPLACE', 'FREQ', '77');
  expect(written('lfu')).toBe('f94d' + '00016b0176');
});

function payloadOf(server: ReturnType<typeof quietServer>): Buffer {
  const reply = server.runBytes(['DUMP', 'k']);
  return reply.subarray(reply.indexOf('\r\n') + 2, reply.length - 2);
}

test('a string of 3 MiB goes out in pieces, as it is', () => {
  const server = quietServer();
  server.run('SET', 'k', Buffer.alloc(3 << 20, 'ab'));
  const db = server.engine.database(0);
  const writer = new RdbWriter(PLAIN);
  const sizes: number[] = [];
  eachKey(db, (e) => {
    expect(writer.isHuge(db, e)).toBe(true);
    const pieces = writer.startEntry(db, e);
    do sizes.push(writer.take().length);
    while (!pieces.piece(1 << 18));
  });
  expect(Math.max(...sizes)).toBe(1 << 18);
  expect(sizes.length).toBeGreaterThan(11);
});
