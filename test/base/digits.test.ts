/**
 * Decimal digits: the length and the text that String() gives, for every safe integer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalLength, writeDigits } from '../../src/base/bytes.js';

const EDGES = Array.from({ length: 16 }, (_, k) => 10 ** k).flatMap((n) => [n - 1, n, n + 1]);

function written(n: number): string {
  const bytes = Buffer.alloc(40, 0x2e);
  const end = writeDigits(bytes, 3, n);
  expect(end - 3).toBe(decimalLength(n));
  expect(bytes.toString('latin1', end)).toBe('.'.repeat(40 - end));
  return bytes.toString('latin1', 3, end);
}

test.each([...EDGES, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER])('%i and its opposite', (n) => {
  expect(written(n)).toBe(String(n));
  expect(written(-n)).toBe(String(n === 0 ? 0 : -n));
});

test('any safe integer', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (n) => written(n) === String(n)));
});
