/** SHA-1 against the examples of its standard, and against Node's. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha1 } from '../../src/base/sha1.js';

test.each([
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
])('%j', (text, digest) => expect(sha1(Buffer.from(text)).toString('hex')).toBe(digest));

test('any bytes, around the ends of blocks too', () => {
  const hash = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
  for (let n = 50; n < 140; n++) {
    const bytes = new Uint8Array(n).fill(n);
    expect(sha1(bytes).toString('hex')).toBe(hash(bytes));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(sha1(bytes).toString('hex')).toBe(hash(bytes));
    }),
  );
});
