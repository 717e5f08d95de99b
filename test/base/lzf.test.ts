/**
 * LZF: there and back, what cannot be shortened, and broken bytes. That the bytes are those of the C library show the
 * golden payloads of DUMP (test/commands/dump.test.ts).
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LZF_MOST, LzfCompressor, lzfDecompress } from '../../src/base/lzf.js';
import { tries } from '../support/tries.js';

const compressor = new LzfCompressor();
const repetitive = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'ab', 'abc', 'lorem ipsum ', '\0'), fc.integer({ min: 1, max: 300 })), {
    maxLength: 20,
  })
  .map((parts) => Buffer.from(parts.map(([text, n]) => text.repeat(n)).join('')));

function there(bytes: Uint8Array): Uint8Array | null {
  const n = compressor.compress(bytes, 0, bytes.length, bytes.length - 4);
  return n === 0 ? null : compressor.out.slice(0, n);
}

test('there and back', () => {
  fc.assert(
    fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 600 })), (bytes) => {
      const packed = there(bytes);
      if (packed === null) return;
      const back = new Uint8Array(bytes.length);
      expect(packed.length).toBeLessThanOrEqual(bytes.length - 4);
      expect(bytes.length).toBeLessThanOrEqual(packed.length * LZF_MOST);
      expect(lzfDecompress(packed, 0, packed.length, back, back.length)).toBe(true);
      expect(Buffer.compare(back, bytes)).toBe(0);
    }),
    { numRuns: tries(500) },
  );
});

test('a long repetition takes three bytes for each 264', () =>
  expect(there(Buffer.alloc(26_401, 'x'))?.length).toBe(306));
test('what does not get shorter is left', () => expect(there(Buffer.from('abcdefghijklmnopqrstuvwxyz'))).toBeNull());

test('places of former texts are no places of the next one', () => {
  const fresh = new LzfCompressor();
  const text = Buffer.from('abcabcabcabcabcabcabcabcabcabc');
  const n = fresh.compress(text, 0, text.length, 26);
  const expected = fresh.out.slice(0, n);
  for (let i = 0; i < 5; i++) expect(there(text)).toEqual(expected);
});

test('broken bytes are refused, never more is written than there is room', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(300), (bytes, length) => {
      const room = new Uint8Array(length + 8).fill(7);
      lzfDecompress(bytes, 0, bytes.length, room, length);
      expect(room.subarray(length).every((byte) => byte === 7)).toBe(true);
    }),
    { numRuns: tries(2000) },
  );
  const packed = there(Buffer.alloc(100, 'x')) ?? new Uint8Array(0);
  for (const length of [0, 99, 101])
    expect(lzfDecompress(packed, 0, packed.length, new Uint8Array(200), length)).toBe(false);
});
