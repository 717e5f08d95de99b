/** Slices: what they look at, and the digits they hold themselves. */
import { expect, test } from 'vitest';
import { Slice } from '../../src/base/slice.js';
import { Request } from '../../src/resp/request.js';

// biome-ignore format: a table
test.each([
  [0, 0, '0'],
  [0, 1, '1'],
  [-1, -1, '-1'],
  [-1, 0, '-4294967296'],
  [0, -1, '4294967295'],
  [0x1fffff, -1, '9007199254740991'],
  [0x200000, 1, '9007199254740993'],
  [0x7fffffff, -1, '9223372036854775807'],
  [-0x80000000, 0, '-9223372036854775808'],
])('halves %d and %d are %s', (hi, lo, text) => expect(new Slice().int64(hi, lo).toString()).toBe(text));

test('an argument, a copy, and what is the same', () => {
  const buf = Buffer.from('xxkeyxx');
  const request = {
    buf,
    view: new DataView(buf.buffer, buf.byteOffset, 7),
    off: Int32Array.of(2),
    len: Int32Array.of(3),
    memberArg: 0,
    memberHash: 0,
  };
  const a = new Slice().argument(request, 0);
  expect(a.toString()).toBe('key');
  expect(a.equals(Slice.of('key'))).toBe(true);
  expect(a.equals(Slice.of('kex'))).toBe(false);
  expect(a.equals(Slice.of('ke'))).toBe(false);
  const copy = a.copy();
  buf.fill('y');
  expect(copy.toString()).toBe('key');
  expect(new Slice().same(a).toString()).toBe('yyy');
});

test('an argument that was hashed ahead keeps its hash until the slice is set again', () => {
  const request = Request.of('SADD', 'k', 'm', 'n');
  request.memberArg = 2;
  request.memberHash = 77;
  const a = new Slice().argument(request, 2);
  expect([a.hashed, a.hash]).toEqual([true, 77]);
  expect(a.argument(request, 3).hashed).toBe(false);
  expect(a.argument(request, 2).integer(5).hashed).toBe(false);
  expect(new Slice().same(a.argument(request, 2)).hashed).toBe(false);
});

test('digits of its own survive when the slice they came from is used again', () => {
  const a = new Slice().integer(-12);
  const b = new Slice().same(a);
  a.integer(345);
  expect(b.toString()).toBe('-12');
  expect(a.toString()).toBe('345');
  expect(new Slice().text('x'.repeat(40)).toString()).toBe('x'.repeat(40));
});
