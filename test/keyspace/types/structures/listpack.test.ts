/** Listpack entries: golden bytes from 7.0.15's listpack.c rules, and a round trip over all sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../../../src/base/bytes.js';
import { Slice } from '../../../../src/base/slice.js';
import {
  backlenBytes,
  checkListpack,
  entryBefore,
  entryNumber,
  isText,
  Packed,
  readEntry,
  skipEntry,
  writeListpackHeader,
} from '../../../../src/keyspace/types/structures/listpack.js';
import { tries } from '../../../support/tries.js';

function encode(value: string | Uint8Array): Buffer {
  const packed = new Packed();
  const out = Buffer.alloc(packed.measure(Slice.of(value)));
  expect(packed.write(out, viewOf(out), 0)).toBe(out.length);
  return out;
}

// biome-ignore format: a table
test.each([
  ['0',                    '0001'],
  ['127',                  '7f01'],
  ['128',                  'c08002'],
  ['-1',                   'dfff02'],
  ['-4096',                'd00002'],
  ['4095',                 'cfff02'],
  ['4096',                 'f1001003'],
  ['-32768',               'f1008003'],
  ['32768',                'f200800004'],
  ['-8388608',             'f200008004'],
  ['8388608',              'f30000800005'],
  ['-2147483648',          'f30000008005'],
  ['2147483648',           'f4000000800000000009'],
  ['-2147483649',          'f4ffffff7fffffffff09'],
  ['9007199254740993',     'f4010000000000200009'],
  ['9223372036854775807',  'f4ffffffffffffff7f09'],
  ['-9223372036854775808', 'f4000000000000008009'],
  ['9223372036854775808',  '9339323233333732303336383534373735383038' + '14'],
  ['-9223372036854775809', '942d39323233333732303336383534373735383039' + '15'],
  ['',                     '8001'],
  ['-',                    '812d02'],
  ['-0',                   '822d3003'],
  ['00',                   '82303003'],
  ['+1',                   '822b3103'],
  ['1a',                   '82316103'],
  ['hello',                '8568656c6c6f06'],
])('%s is stored as %s', (text, hex) => {
  const entry = encode(text);
  expect(entry.toString('hex')).toBe(hex);
  const out = new Slice();
  expect(readEntry(entry, viewOf(entry), 0, out)).toBe(entry.length);
  expect(out.toString()).toBe(text);
  expect(isText(entry, 0)).toBe(hex[0] === '8' || hex[0] === '9');
  const number = entryNumber(entry, viewOf(entry), 0);
  expect(number).toBe(isText(entry, 0) ? Number.NaN : Number(text));
});

test.each([
  0, 1, 63, 64, 125, 126, 127, 128, 4095, 4096, 16376, 16377, 16378, 16379, 2097144, 2097145, 2097146, 2097147,
])('a text of %d bytes is walked over from both ends', (length) => {
  const text = Buffer.alloc(length, 'x');
  const entry = encode(text);
  const buf = Buffer.concat([Buffer.from('0001', 'hex'), entry, Buffer.from('7f01', 'hex')]);
  expect(skipEntry(buf, viewOf(buf), 2)).toBe(2 + entry.length);
  expect(entryBefore(buf, 2 + entry.length)).toBe(2);
  const out = new Slice();
  expect(readEntry(buf, viewOf(buf), 2, out)).toBe(2 + entry.length);
  expect(out.copy().equals(text)).toBe(true);
  const packed = new Packed();
  packed.measure(Slice.of(text));
  expect(packed.equals(buf, viewOf(buf), 2)).toBe(true);
  expect(packed.equals(buf, viewOf(buf), 0)).toBe(false);
});

test.each([
  [127, 1],
  [128, 2],
  [16_382, 2],
  [16_383, 3],
  [2_097_150, 3],
  [2_097_151, 4],
  [268_435_454, 4],
  [268_435_455, 5],
])('the backlen of %d bytes takes %d', (n, bytes) => expect(backlenBytes(n)).toBe(bytes));

const value = fc.oneof(
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.integer({ min: -70_000, max: 70_000 }).map(String),
  fc.string({ maxLength: 300 }),
);

describe('a whole listpack', () => {
  test('values come back, are found, and the frame is checked (seed 3)', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), (values) => {
        const entries = values.map(encode);
        const body = Buffer.concat(entries);
        const whole = Buffer.concat([Buffer.alloc(6), body, Buffer.alloc(1)]);
        writeListpackHeader(whole, viewOf(whole), body.length, values.length);
        expect(checkListpack(whole, viewOf(whole), 0, whole.length)).toBe(values.length);
        const out = new Slice();
        const packed = new Packed();
        let p = 6;
        for (const text of values) {
          packed.measure(Slice.of(text));
          expect(packed.equals(whole, viewOf(whole), p)).toBe(true);
          p = readEntry(whole, viewOf(whole), p, out);
          expect(out.copy().toString()).toBe(text);
        }
        for (let i = values.length - 1, q = p; i >= 0; i--) {
          q = entryBefore(whole, q);
          packed.measure(Slice.of(values[i] ?? ''));
          expect(packed.equals(whole, viewOf(whole), q)).toBe(true);
        }
      }),
      { seed: 3, numRuns: tries(100) },
    );
  });

  test('damaged ones are refused, never overrun (seed 4)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const whole = Buffer.concat([Buffer.alloc(6), bytes, Buffer.from([255])]);
        whole.writeUInt32LE(whole.length, 0);
        whole.writeUInt16LE(65_535, 4);
        const count = checkListpack(whole, viewOf(whole), 0, whole.length);
        expect(count).toBeGreaterThanOrEqual(-1);
      }),
      { seed: 4, numRuns: tries(500) },
    );
    const good = Buffer.concat([
      Buffer.from('0b0000000200', 'hex'),
      Buffer.from('0001', 'hex'),
      Buffer.from('7f01ff', 'hex'),
    ]);
    expect(checkListpack(good, viewOf(good), 0, good.length)).toBe(2);
    for (const [at, byte] of [
      [0, 9],
      [4, 3],
      [7, 2],
      [6, 0xf5],
      [10, 0xfe],
    ] as const) {
      const bad = Buffer.from(good);
      bad[at] = byte;
      expect(checkListpack(bad, viewOf(bad), 0, bad.length), `byte ${at}`).toBe(-1);
    }
  });
});
