/** SHA-256 against the examples of its standard, and against Node's. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/base/sha256.js';

test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('%j', (text, digest) => expect(sha256(Buffer.from(text))).toBe(digest));

test('any bytes, around the ends of blocks too', () => {
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  for (let n = 50; n < 140; n++) expect(sha256(new Uint8Array(n).fill(n))).toBe(hash(new Uint8Array(n).fill(n)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(sha256(bytes)).toBe(hash(bytes));
    }),
  );
});
