/**
 * Keys as the commands that make them: to the byte as redis-server rewrites them, in pieces as in one go, and a
 * snapshot of them is that of its moment.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HASH_TABLE, SET_TABLE, STRING_EMBSTR, ZSET_TREE } from '../../../src/keyspace/entry.js';
import type { Database } from '../../../src/keyspace/keyspace.js';
import { eachKey } from '../../../src/keyspace/scan.js';
import { AofWriter, timestampAnnotation } from '../../../src/persistence/aof/aof-writer.js';
import type { KeyWriter } from '../../../src/persistence/key-writer.js';
import { Snapshot } from '../../../src/persistence/snapshot.js';
import { Commander } from '../../support/commander.js';
import { aDraw, anyWrite, aTurn, isFlush } from '../any-write.js';
import { contentOf, keyOf } from '../content.js';
import { goldenServer, quietServer, writtenBy } from '../files.js';
import { golden, goldenDigest, readAof, serverOf } from './files.js';

const UNORDERED = [SET_TABLE, HASH_TABLE, ZSET_TREE];

/** All keys of a server as the commands that make them. */
function written(server: Commander): string {
  const writer = new AofWriter(null);
  eachKey(server.db, (e) => writer.entry(server.db, e));
  return Buffer.from(writer.take()).toString('latin1');
}

describe('what redis-server wrote', () => {
  test('is what is written here, but for what has no order', () => {
    const { engine } = goldenServer();
    const bytes = golden('base.aof');
    let compared = 0;
    for (const index of [0, 9]) {
      const db = engine.database(index);
      eachKey(db, (e) => {
        if (UNORDERED.includes(db.kind(e))) return;
        const writer = new AofWriter(null);
        writer.entry(db, e);
        expect(bytes.includes(Buffer.from(writer.take())), keyOf(db, e)).toBe(true);
        compared++;
      });
    }
    expect(compared).toBe(20);
  });

  test('has as many commands and bytes as what is written here', () => {
    const sorted = (bytes: Uint8Array) =>
      readAof(bytes, [1000])
        .commands.map(([name, key, ...rest]) => `${name} ${key} ${rest.length}`)
        .sort();
    const ours = writtenBy(new AofWriter(1_700_000_000), goldenServer(), 1e9);
    expect(sorted(ours)).toEqual(sorted(golden('base.aof')));
    expect(ours.length).toBe(golden('base.aof').length);
  });

  test('can be run', () => {
    expect(serverOf(golden('base.aof')).run('DEBUG', 'DIGEST')).toBe(goldenDigest('base.aof'));
    expect(serverOf(golden('first.aof')).run('DEBUG', 'DIGEST')).toBe(goldenDigest('base.aof'));
    expect(serverOf(golden('base.aof'), golden('incr.aof')).run('DEBUG', 'DIGEST')).toBe(goldenDigest('incr.aof'));
  });
});

describe('a file of all types', () => {
  const server = goldenServer();

  test.each([1, 100, 1e9])('in pieces of %i bytes', (bytes) => {
    const file = writtenBy(new AofWriter(null), server, bytes);
    expect(file.equals(writtenBy(new AofWriter(null), server, 1e9))).toBe(true);
    expect(serverOf(file).run('DEBUG', 'DIGEST')).toBe(server.run('DEBUG', 'DIGEST'));
  });
});

const DEATH = 1_800_000_000_123;
const DIES = `*3 $9 PEXPIREAT $1 k $13 ${DEATH}`;

// biome-ignore format: a table
test.each<[string, string[], string]>([
  ['a string',             ['SET k v'],                       '*3 $3 SET $1 k $1 v'],
  ['an integer',           ['SET k 12345'],                   '*3 $3 SET $1 k $5 12345'],
  ['one that will die',    [`SET k v PXAT ${DEATH}`],         `*3 $3 SET $1 k $1 v ${DIES}`],
  ['a list',               ['RPUSH k a 1 b'],                 '*5 $5 RPUSH $1 k $1 a $1 1 $1 b'],
  ['a set of integers',    ['SADD k 300 -5'],                 '*4 $4 SADD $1 k $2 -5 $3 300'],
  ['a set',                ['SADD k a'],                      '*3 $4 SADD $1 k $1 a'],
  ['a hash',               ['HSET k f v g 2'],                '*6 $5 HMSET $1 k $1 f $1 v $1 g $1 2'],
  ['a sorted set',         ['ZADD k 0.5 a -inf b'],           '*6 $4 ZADD $1 k $4 -inf $1 b $3 0.5 $1 a'],
  ['an odd score',         ['ZADD k 0.1 a'],                  '*4 $4 ZADD $1 k $19 0.10000000000000001 $1 a'],
  ['a list that will die', ['RPUSH k a', `PEXPIREAT k ${DEATH}`], `*3 $5 RPUSH $1 k $1 a ${DIES}`],
])('%s', (_, commands, expected) => {
  const server = quietServer();
  for (const command of commands) server.run(...command.split(' '));
  expect(written(server)).toBe(`${expected} `.replaceAll(' ', '\r\n'));
});

test.each([
  [63, [63]],
  [64, [64]],
  [65, [64, 1]],
  [200, [64, 64, 64, 8]],
])('%i elements are so many commands', (count, expected) => {
  const elements = Array.from({ length: count }, (_, i) => `e${i}`);
  const pairs = elements.flatMap((element, i) => [String(i), element]);
  for (const [width, ...command] of [
    [1, 'RPUSH', 'k', ...elements],
    [1, 'SADD', 'k', ...elements],
    [2, 'HSET', 'k', ...pairs],
    [2, 'ZADD', 'k', ...pairs],
  ] as const) {
    const server = quietServer();
    server.run(...command);
    server.run('PEXPIREAT', 'k', '1800000000000');
    const commands = readAof(Buffer.from(written(server)), [1e6]).commands;
    expect(commands.map(({ length }) => (length - 2) / width).slice(0, -1)).toEqual(expected);
    expect(commands.at(-1)?.join(' ')).toBe('PEXPIREAT k 1800000000000');
  }
});

test('a string of a MiB goes out in pieces, and a writer takes as much as comes', () => {
  const server = quietServer();
  const value = 'x'.repeat(3 << 20);
  server.run('SET', 'k', value);
  server.run('PEXPIREAT', 'k', '1800000000000');
  const writer = new AofWriter(null);
  let pieces = 0;
  eachKey(server.db, (e) => {
    expect(writer.isHuge(server.db, e)).toBe(true);
    const all = writer.startEntry(server.db, e);
    while (!all.piece(1000)) pieces++;
  });
  expect(pieces).toBeGreaterThan(10);
  expect(writer.pendingBytes).toBe(value.length + 78);
  const { commands, damage } = readAof(writer.take(), [1e5]);
  expect(damage).toBeNull();
  expect(commands[0]?.[2]?.toString()).toBe(value);
  expect(writer.pendingBytes).toBe(0);
});

test('a timestamp stands in front where one is wanted', () => {
  expect(timestampAnnotation(1_700_000_000)).toBe('#TS:1700000000\r\n');
  const writer = new AofWriter(1_700_000_000);
  writer.begin();
  writer.selectDatabase(12);
  expect(Buffer.from(writer.take()).toString()).toBe('#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n');
});

// ── snapshots ───────────────────────────────────────────────────────────────

/** So little counts as huge here, that pieces and open values are met often. */
class SmallAofWriter extends AofWriter {
  override readonly openAbove = 6;

  override beside(): KeyWriter {
    return new SmallAofWriter(null);
  }

  override isHuge(db: Database, e: number): boolean {
    const kind = db.kind(e);
    if (kind <= STRING_EMBSTR) return db.valueLength(e) > 40;
    return db.engine.values.count(kind, db.record(e)) > 3;
  }
}

const DATABASES = 3;

test('a snapshot is that of its moment, whatever happens meanwhile', () => {
  const runs = fc.tuple(
    fc.array(aDraw, { minLength: 20, maxLength: 300, size: 'max' }),
    fc.array(aTurn, { minLength: 20, maxLength: 200, size: 'max' }),
    fc.integer({ min: 1, max: 100 }),
  );
  fc.assert(
    fc.property(runs, ([before, turns, bytes]) => {
      const server = new Commander(DATABASES);
      const { limits } = server.engine.values;
      limits.hashMaxListpackEntries = limits.zsetMaxListpackEntries = limits.setMaxIntsetEntries = 4; // more tables
      for (const draw of before) if (!isFlush(draw)) anyWrite(server, draw);
      const expected = contentOf(server.engine);
      const writer = new SmallAofWriter(1_700_000_000);
      const snapshot = new Snapshot(server.engine, writer, []);
      const file: Uint8Array[] = [];
      for (const turn of turns) {
        if (turn !== null) anyWrite(server, turn);
        else if (snapshot.step(bytes) === 'more') file.push(writer.take());
      }
      while (snapshot.step(bytes) === 'more') file.push(writer.take());
      const loaded = serverOf(Buffer.concat([...file, writer.take()]));
      expect(contentOf(loaded.engine).slice(0, DATABASES)).toEqual(expected);
    }),
    { numRuns: 15 },
  );
});
