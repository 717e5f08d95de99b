/**
 * CRC64 against its check value, and in pieces against the whole.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf } from '../../src/base/bytes.js';
import { Crc64 } from '../../src/base/crc64.js';

function crcOf(bytes: Uint8Array, ...cuts: number[]): string {
  const crc = new Crc64();
  let from = 0;
  for (const to of [...cuts.sort((a, b) => a - b), bytes.length]) {
    crc.update(bytes, viewOf(bytes), from, to - from);
    from = to;
  }
  return crc.toString();
}

/** The definition: bit by bit. */
function plain(bytes: Uint8Array): string {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  return crc.toString(16).padStart(16, '0');
}

test('123456789', () => expect(crcOf(Buffer.from('123456789'))).toBe('e9c6d914c4b8d9ca'));

test('any bytes, in any pieces', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.array(fc.nat(100), { maxLength: 3 }), (bytes, cuts) => {
      const inside = cuts.filter((cut) => cut <= bytes.length);
      expect(crcOf(bytes, ...inside)).toBe(plain(bytes));
    }),
  );
});

test('is written where it is read', () => {
  const crc = new Crc64();
  const bytes = Buffer.from('123456789');
  crc.update(bytes, viewOf(bytes), 0, 9);
  const view = new DataView(new ArrayBuffer(10));
  crc.write(view, 1);
  expect([crc.isAt(view, 1), crc.isAt(view, 0), view.getBigUint64(1, true)]).toEqual([
    true,
    false,
    0xe9c6d914c4b8d9can,
  ]);
});
