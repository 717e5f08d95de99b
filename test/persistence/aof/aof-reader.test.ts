/**
 * The reader of append-only files: what it gives, how far a file is sound, and what it says of the first damage.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AofDamage, AofReader, type Damage, isRdb } from '../../../src/persistence/aof/aof-reader.js';
import { aof, readAof, record } from './files.js';

interface Reading {
  readonly commands: string[];
  readonly annotations: string[];
  readonly damage: AofDamage | null;
  readonly validUpTo: number;
  readonly validBeforeMulti: number;
  readonly soundUpTo: number;
}

/** Reads a file in pieces of the given size, from an offset on. */
function read(text: string | Buffer, piece: number, offset = 0): Reading {
  const bytes = Buffer.from(text);
  const reader = new AofReader(offset);
  const commands: string[] = [];
  const annotations: string[] = [];
  reader.onAnnotation = (line, at) => annotations.push(`${at} ${line}`);
  for (let at = 0; at < bytes.length; at += piece) {
    reader.feed(bytes.subarray(at, at + piece));
    for (let one = reader.next(); one !== null; one = reader.next())
      commands.push(Array.from({ length: one.argc }, (_, i) => one.text(i)).join(' '));
  }
  const damage = reader.end();
  const { validUpTo, validBeforeMulti, soundUpTo } = reader;
  return { commands, annotations, damage, validUpTo, validBeforeMulti, soundUpTo };
}

const SET = aof('SET k v');
const WHOLE = aof('#TS:1700000000', 'SELECT 0', 'SET k v', 'MULTI', 'SET a b', 'EXEC', '#TS:1700000001', 'DEL a');

const NO_LINE: Damage = { why: 'truncated', missing: 'line', found: null };
const HALF_A_LINE: Damage = { why: 'truncated', missing: 'line', found: [0, 0] };
const short = (expected: number, got: number): Damage => ({ why: 'truncated', missing: 'bytes', expected, got });

describe.each([1, 2, 7, 64, 10_000])('in pieces of %i bytes', (piece) => {
  test('a whole file', () => {
    const reading = read(WHOLE, piece);
    expect(reading.commands).toEqual(['SELECT 0', 'SET k v', 'MULTI', 'SET a b', 'EXEC', 'DEL a']);
    expect(reading.annotations[0]).toBe('0 #TS:1700000000\r');
    expect(reading.damage).toBeNull();
    expect(reading.validUpTo).toBe(WHOLE.length);
    expect(reading.validBeforeMulti).toBe(WHOLE.length);
    expect(reading.soundUpTo).toBe(WHOLE.length);
  });

  test('a transaction without its end', () => {
    const before = aof('SET k v', '#TS:1');
    const reading = read(before + aof('MULTI', 'SET a b'), piece);
    expect(reading.damage).toEqual({
      why: 'truncated',
      missing: 'exec',
      at: before.length + aof('MULTI', 'SET a b').length - 'b\r\n'.length,
    });
    expect(reading.validUpTo).toBe(before.length + aof('MULTI', 'SET a b').length);
    expect(reading.validBeforeMulti).toBe(SET.length);
    expect(reading.soundUpTo).toBe(before.length);
  });

  // biome-ignore format: a table
  test.each<[string, string, number, Damage]>([
    ['no record',                     'hello\r\n',                   0,    { why: 'no-record', found: 0x68 }],
    ['an inline command',             'PING\r\n',                    0,    { why: 'no-record', found: 0x50 }],
    ['an empty line',                 '\r\n',                        0,    { why: 'no-record', found: 13 }],
    ['no arguments',                  '*0\r\n',                      0,    { why: 'wrong-count', stated: 0 }],
    ['less than none',                '*-1\r\n',                     0,    { why: 'wrong-count', stated: -1 }],
    ['too many arguments',            '*2147483648\r\n',             0,    { why: 'wrong-count', stated: 2 ** 31 }],
    ['no number',                     '*x\r\n',                      0,    { why: 'no-line-end', found: [0x78, 13] }],
    ['a line feed alone',             '*1\n$4\r\nPING\r\n',          0,    { why: 'no-line-end', found: [10, 0] }],
    ['no dollar',                     '*1\r\nPING\r\n',              4,    { why: 'wrong-prefix', found: 0x50 }],
    ['a length below zero',           '*1\r\n$-1\r\n',               4,    { why: 'wrong-length', stated: -1 }],
    ['a length far below zero', '*1\r\n$-9999999999\r\n', 4, { why: 'wrong-length', stated: -0x3fffffff }],
    ['a length beyond memory',        '*1\r\n$1073741824\r\n',       4,    { why: 'wrong-length', stated: 0x40000000 }],
    ['a length that is wrong',        '*1\r\n$3\r\nPING\r\n',        8,    { why: 'no-line-end', found: [0x47, 13] }],
    ['MULTI in MULTI',                aof('MULTI', 'multi'),         23,   { why: 'nested-multi' }],
    ['EXEC alone',                    aof('exec'),                   8,    { why: 'stray-exec' }],
    ['half of a first line',          '*',                           0,    HALF_A_LINE],
    ['a first line but its end', '*3\r', 0, { why: 'truncated', missing: 'line', found: [13, 0] }],
    ['a first line alone',            '*1\r\n',                      4,    NO_LINE],
    ['half of a second line',         '*1\r\n$4',                    4,    HALF_A_LINE],
    ['no argument',                   '*1\r\n$4\r\n',                8,    short(6, 0)],
    ['half of an argument',           '*1\r\n$4\r\nPI',              8,    short(6, 2)],
    ['an argument but its end',       '*1\r\n$4\r\nPING\r',          8,    short(6, 5)],
    ['an argument too few',           '*2\r\n$4\r\nPING\r\n',        14,   NO_LINE],
    ['half of an annotation',         '#TS:17',                      0,    { why: 'truncated', missing: 'annotation' }],
    ['an annotation that is too long',`#${'x'.repeat(1023)}\n`,      1023, { why: 'no-record', found: 0x78 }],
    ['a line that ends in a letter',  '*1x',                         0,    { why: 'no-line-end', found: [0x78, 0] }],
    ['digits without end',            `*${'1'.repeat(200)}`,         0,    { why: 'no-line-end', found: [0x31, 0x31] }],
  ])('%s', (_, tail, behind, damage) => {
    const reading = read(SET + tail, piece);
    expect(reading.commands[0]).toBe('SET k v');
    expect(reading.damage).toEqual({ ...damage, at: SET.length + behind });
    expect(reading.validBeforeMulti).toBe(SET.length);
  });

  test('behind an RDB preamble, offsets go on', () => {
    expect(read(`${SET}*`, piece, 1000)).toMatchObject({
      validUpTo: 1000 + SET.length,
      damage: { at: 1000 + SET.length },
    });
  });
});

test('a preamble is known by its first five bytes', () => {
  expect(isRdb(Buffer.from('REDIS0010'))).toBe(true);
  expect(isRdb(Buffer.from('REDIS'))).toBe(true);
  expect(isRdb(Buffer.from('REDI'))).toBe(false);
  expect(isRdb(Buffer.from('*2\r\n$6'))).toBe(false);
});

test.each([[[60, 100_000]], [[25, 20_000]], [[100]]])('by %j bytes: the buffer grows within a command', (sizes) => {
  const long = (n: number): Buffer => Buffer.alloc(n, `${n} `);
  const commands = [
    ['DEL', 'a'],
    ['MSET', 'b', long(7000), 'c', long(90_000)],
    ['SET', 'a', long(30_000)],
    ['GET', 'b'],
  ];
  const bytes = Buffer.concat(commands.map(record));
  const reading = readAof(bytes, sizes);
  expect([reading.damage, reading.commands.length]).toEqual([null, commands.length]);
  expect(Buffer.concat(reading.commands.map(record)).equals(bytes)).toBe(true);
});

test('any commands, in any split, are given as they were written', () => {
  const word = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const command = fc.array(word, { minLength: 1, maxLength: 20 });
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), sizes, (commands, split) => {
      const bytes = Buffer.concat(commands.map(record));
      const reading = readAof(bytes, split);
      expect(reading.damage).toBeNull();
      expect(reading.commands).toEqual(commands);
      expect(reading.reader.validUpTo).toBe(bytes.length);
    }),
  );
});
