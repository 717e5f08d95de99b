/**
 * Libraries of functions in RDB files, in the base of an append-only file, and in what FUNCTION DUMP gives.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { splitArguments } from '../../../src/base/quoting.js';
import { Slice } from '../../../src/base/slice.js';
import { eachKey } from '../../../src/keyspace/scan.js';
import { AofWriter } from '../../../src/persistence/aof/aof-writer.js';
import { Dumps } from '../../../src/persistence/dump.js';
import { Libraries } from '../../../src/persistence/functions/libraries.js';
import { contentOf } from '../../../src/persistence/rdb-peek.js';
import { RdbWriter } from '../../../src/persistence/rdb-writer.js';
import { feedAll, goldenFile, handMade, quietServer, startLoading } from '../files.js';
import { libraryOf } from './samples.js';

const SIZES = [1, 7, 1000];
const golden = goldenFile('libraries.rdb');
/** The code of the libraries in the golden file. */
const CODES = readFileSync(new URL('../../golden/rdb/libraries.txt', import.meta.url))
  .toString('latin1')
  .split('\n')
  .filter((line) => line.startsWith('FUNCTION'))
  .map((line) => splitArguments(Buffer.from(line, 'latin1'))?.[2] as Buffer);

const codesOf = (libraries: Libraries): string[] =>
  [...libraries.all].map(({ code }) => Buffer.from(code).toString('latin1'));

function text(bytes: string): number[] {
  return [bytes.length, ...Buffer.from(bytes, 'latin1')];
}

describe('a file of redis-server 7.0.15', () => {
  test.each(SIZES)('is loaded in pieces of %d, and written back to the byte', (size) => {
    const { server, loader } = startLoading();
    expect(feedAll(loader, golden.bytes, size).kind).toBe('done');
    expect(codesOf(loader.libraries).sort()).toEqual(CODES.map((code) => code.toString('latin1')).sort());
    expect(server.run('DEBUG', 'DIGEST')).toBe(golden.digest);
    const writer = new RdbWriter({ compress: true, checksum: true, usage: 'none' });
    writer.begin([...loader.aux]);
    for (const { code } of loader.libraries.all) writer.library(code);
    for (const index of [0, 3]) {
      const db = server.engine.database(index);
      writer.selectDatabase(index, db.size, 0);
      eachKey(db, (e) => writer.entry(db, e));
    }
    writer.end();
    expect(Buffer.from(writer.take())).toEqual(golden.bytes);
  });

  test('has keys, whatever stands in front of them', () => expect(contentOf(golden.bytes)).toBe('keys'));
});

describe('a file of a release candidate', () => {
  const name = text('mylib');
  const engine = text('LUA');
  const code = text('redis.register');
  test.each([
    ['without a description', [246, ...name, ...engine, 0, ...code]],
    ['with one', [246, ...name, ...engine, 1, ...text('told of at length'), ...code]],
  ])('%s', (_, bytes) => {
    for (const size of SIZES) {
      const { loader } = startLoading();
      expect(feedAll(loader, handMade(bytes), size).kind).toBe('done');
      expect(codesOf(loader.libraries)).toEqual(['#!LUA name=mylib\nredis.register']);
    }
  });
});

describe('refused', () => {
  const twice = [245, ...text('#!lua name=a\n'), 245, ...text('#!lua name=a\nx')];
  // biome-ignore format: a table
  const cases: [string, number[], string][] = [
    ['no first line',     [245, ...text('f')],                                 'Missing library metadata'],
    ['another language',  [246, ...text('a'), ...text('js'), 0, ...text('f')], "Engine 'js' not found"],
    ['one twice',         twice,                                               "Library 'a' already exists"],
    ['no string',         [245, 0x82],                                         'Invalid length.'],
    ['no length',         [246, ...text('a'), ...text('lua'), 0xc0, 1],        'Invalid length.'],
  ];

  test.each(cases)('%s', (_, bytes, reason) => {
    const said = reason === 'Invalid length.' ? reason : `Failed loading library, ${reason}`;
    for (const size of SIZES)
      expect(feedAll(startLoading().loader, handMade(bytes), size)).toEqual({ kind: 'broken', reason: said });
  });

  test('but where what is loaded replaces what is there, the last one counts', () => {
    const { loader } = startLoading({ replaces: true });
    expect(feedAll(loader, handMade(twice), 1).kind).toBe('done');
    expect(codesOf(loader.libraries)).toEqual(['#!lua name=a\nx']);
  });
});

test('as commands: FUNCTION LOAD, in front of all keys', () => {
  const writer = new AofWriter(1_700_000_000);
  writer.begin();
  writer.library(Buffer.from('#!lua name=a\n\xff', 'latin1'));
  writer.selectDatabase(0);
  expect(Buffer.from(writer.take()).toString('latin1')).toBe(
    '#TS:1700000000\r\n*3\r\n$8\r\nFUNCTION\r\n$4\r\nLOAD\r\n$14\r\n#!lua name=a\n\xff\r\n' +
      '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n',
  );
});

describe('a payload', () => {
  const dumps = new Dumps(quietServer().engine, { rdbcompression: true });
  const libraries = new Libraries();
  for (const name of ['one', 'two']) libraries.load(libraryOf(name), 'append');
  const payload = dumps.payloadOfLibraries(libraries);

  test('has the libraries of the file between its opcodes and a footer', () => {
    expect(dumps.verify(Slice.of(Buffer.from(payload)))).toBe(true);
    const back = dumps.librariesOf(Slice.of(Buffer.from(payload)));
    if (typeof back === 'string') throw new Error(back);
    expect(codesOf(back)).toEqual(codesOf(libraries));
  });

  test.each([
    ['a value', [0, 1, 97], 'given type is not a function'],
    ['a part', [245, 5, 35], 'Failed loading library payload'],
    ['a wrong one', [245, 1, 35], 'Missing library metadata'],
    ['one twice', [245, ...text('#!lua name=a\n'), 245, ...text('#!lua name=a\n')], "Library 'a' already exists"],
  ])('of %s is none', (_, bytes, why) => {
    expect(dumps.librariesOf(Slice.of(Buffer.from([...bytes, ...Array<number>(10).fill(0)])))).toBe(why);
  });
});
