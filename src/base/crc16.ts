/**
 * CRC16 as Redis Cluster uses it: XMODEM, polynomial 0x1021, starting at zero, no reflection. "123456789" gives 0x31C3.
 *
 * HOT where a key has a hash tag; other keys are hashed and slotted in one pass by `keyspace/hash.ts`.
 */

const POLYNOMIAL = 0x1021;

/** TABLE[b]: the CRC of the one byte b. */
const TABLE = new Uint16Array(256);
for (let b = 0; b < 256; b++) {
  let crc = b << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  TABLE[b] = crc;
}

export function crc16(bytes: Uint8Array, at: number, length: number): number {
  let crc = 0;
  for (let i = at; i < at + length; i++) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ bytes[i]];
  return crc;
}
