/** Numbers as Redis takes and gives them. The tables were answered by redis-server 7.0.15. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addInt64, formatScore, parseBound, parseDouble, parseInt64, parseInteger } from '../../src/base/numbers.js';
import { tries } from '../support/tries.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const printed = (x: number): string | null => (Number.isNaN(x) ? null : formatScore(x));

// INCRBY key 0 on a string
// biome-ignore format: a table
const INTEGERS: [text: string, value: string | null][] = [
  ['0',                     '0'],
  ['-0',                    null],
  ['00',                    null],
  ['1',                     '1'],
  ['-1',                    '-1'],
  ['+1',                    null],
  ['',                      null],
  ['-',                     null],
  [' 1',                    null],
  ['1 ',                    null],
  ['1.0',                   null],
  ['9007199254740991',      '9007199254740991'],
  ['9007199254740992',      '9007199254740992'],
  ['9007199254740993',      '9007199254740993'],
  ['-9007199254740993',     '-9007199254740993'],
  ['9223372036854775807',   '9223372036854775807'],
  ['9223372036854775808',   null],
  ['-9223372036854775808',  '-9223372036854775808'],
  ['-9223372036854775809',  null],
  ['999999999999999',       '999999999999999'],
  ['1000000000000000',      '1000000000000000'],
  ['9999999999999999999',   null],
  ['18446744073709551616',  null],
  ['123456789012345678901', null],
  ['1a',                    null],
  ['a',                     null],
  ['1\x00',                 null],
  ['-01',                   null],
  ['--1',                   null],
  ['012',                   null],
];

test.each(INTEGERS)('integer %j is %j', (text, value) => {
  const exact = parseInt64(bytes(text), 0, text.length);
  expect(exact === null ? null : String(exact)).toBe(value);
  const n = parseInteger(bytes(text), 0, text.length);
  if (value === null) expect(n).toBe(Number.NaN);
  else if (Number.isSafeInteger(Number(value))) expect(n).toBe(Number(value));
  else expect(n).toBe(value.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
});

// ZADD key <text> member, then ZSCORE: how it is read and how it is printed (-0 by a skiplist)
// biome-ignore format: a table
const SCORES: [text: string, printed: string | null][] = [
  ['0',                      '0'],
  ['-0',                     '-0'],
  ['1',                      '1'],
  ['+1',                     '1'],
  ['-1',                     '-1'],
  ['01',                     '1'],
  ['1.5',                    '1.5'],
  ['.5',                     '0.5'],
  ['5.',                     '5'],
  ['.',                      null],
  ['',                       null],
  ['-',                      null],
  ['+',                      null],
  ['e5',                     null],
  ['1e5',                    '100000'],
  ['1E+5',                   '100000'],
  ['1e-5',                   '1.0000000000000001e-05'],
  ['1e',                     null],
  ['1e+',                    null],
  ['1e400',                  null],
  ['-1e400',                 null],
  ['1e-400',                 null],
  ['0e-400',                 '0'],
  ['1e-320',                 '9.9998886718268301e-321'],
  ['1e308',                  '1e+308'],
  ['1.7976931348623159e308', null],
  ['inf',                    'inf'],
  ['+inf',                   'inf'],
  ['-inf',                   '-inf'],
  ['INF',                    'inf'],
  ['Infinity',               'inf'],
  ['-infinity',              '-inf'],
  ['infin',                  null],
  ['nan',                    null],
  ['NaN',                    null],
  ['nan(1)',                 null],
  [' 1',                     null],
  ['1 ',                     null],
  ['\t1',                    null],
  ['1\x00',                  null],
  ['0x10',                   '16'],
  ['0X1F',                   '31'],
  ['-0x1',                   '-1'],
  ['0x',                     null],
  ['0x.8',                   '0.5'],
  ['0x1.8p1',                '3'],
  ['0x1p',                   null],
  ['0x1p-1074',              '4.9406564584124654e-324'],
  ['0x1p-1075',              null],
  ['0x1.8p-1075',            '4.9406564584124654e-324'],
  ['0x1p-1080',              null],
  ['0x1p1024',               null],
  ['0x1p1023',               '8.9884656743115795e+307'],
  ['0x1.fffffffffffff7p0',   '1.9999999999999998'],
  ['0x1.fffffffffffff8p0',   '2'],
  ['0.1',                    '0.10000000000000001'],
  ['0.2',                    '0.20000000000000001'],
  ['3.141592653589793',      '3.1415926535897931'],
  ['123456789.123456789',    '123456789.12345679'],
  ['1e16',                   '10000000000000000'],
  ['1e17',                   '1e+17'],
  ['12345678901234567890',   '1.2345678901234567e+19'],
  ['9007199254740993',       '9007199254740992'],
  ['1.00000762939453125',    '1.0000076293945312'],
  ['1.00003814697265625',    '1.0000381469726562'],
  ['2.5e-7',                 '2.4999999999999999e-07'],
  ['1e23',                   '9.9999999999999992e+22'],
  ['4.35',                   '4.3499999999999996'],
  ['0.000123',               '0.00012300000000000001'],
  ['1,5',                    null],
  ['1_0',                    null],
  ['0b1',                    null],
  ['1.2.3',                  null],
  ['1e5.5',                  null],
  ['--1',                    null],
  ['1f',                     null],
  ['1d',                     null],
];

test.each(SCORES)('double %j prints as %j', (text, expected) => {
  expect(printed(parseDouble(bytes(text), 0, text.length))).toBe(expected);
});

// ZCOUNT key -inf <text>: the bounds of ranges are read more kindly
// biome-ignore format: a table
const BOUNDS: [text: string, printed: string | null][] = [
  ['',         '0'],
  ['\t1',      '1'],
  [' 2',       '2'],
  ['  ',       null],
  ['\t',       null],
  [' \x00',    null],
  ['1\x00zz',  '1'],
  ['\x001',    '0'],
  [' inf',     'inf'],
  ['1 ',       null],
  ['0x1f ',    null],
  ['1e400',    'inf'],
  ['-1e999',   '-inf'],
  ['1e-400',   '0'],
  ['0x1p1024', 'inf'],
  ['nan',      null],
  ['(1',       null],
  ['-',        null],
];

test.each(BOUNDS)('bound %j is %j', (text, expected) => {
  expect(printed(parseBound(bytes(text), 0, text.length))).toBe(expected);
});

describe('what is printed is read again', () => {
  test('doubles (seed 41)', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        const text = formatScore(x);
        expect(parseDouble(bytes(text), 0, text.length)).toBe(x);
        expect(parseBound(bytes(text), 0, text.length)).toBe(x);
      }),
      { seed: 41, numRuns: tries(2000) },
    );
  });

  test('integers, with anything around them (seed 42)', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), fc.string({ maxLength: 3 }), (n, around) => {
        const text = String(n);
        const buf = Buffer.from(around + text + around);
        const off = Buffer.byteLength(around);
        const fits = n >= -(2n ** 63n) && n < 2n ** 63n;
        expect(parseInt64(buf, off, text.length)).toBe(fits ? n : null);
        const safe = n > -(2n ** 53n) && n < 2n ** 53n;
        const rounded = n < 0n ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
        expect(parseInteger(buf, off, text.length)).toBe(safe ? Number(n) : fits ? rounded : Number.NaN);
      }),
      { seed: 42, numRuns: tries(1000) },
    );
  });

  test('decimals of fifteen digits and more are those of JavaScript (seed 43)', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[+-]?[0-9]{0,20}\.?[0-9]{0,20}$/), (text) => {
        const valid = /[0-9]/.test(text);
        expect(parseDouble(bytes(text), 0, text.length)).toBe(valid ? Number(text) : Number.NaN);
      }),
      { seed: 43, numRuns: tries(2000) },
    );
  });
});

test('sums stay within 64 bits', () => {
  expect(addInt64(2n ** 63n - 2n, 1n)).toBe(2n ** 63n - 1n);
  expect(addInt64(2n ** 63n - 1n, 1n)).toBe(null);
  expect(addInt64(-(2n ** 63n), -1n)).toBe(null);
  expect(addInt64(-(2n ** 63n) + 1n, -1n)).toBe(-(2n ** 63n));
});
