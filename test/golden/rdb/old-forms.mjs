/**
 * A file of version 6, as Redis 2.6 to 3.0 wrote it, and one of version 7 (3.2 to 4.0): each form of a value that 7.0
 * reads and no longer writes. Byte by byte, from the description of the format; record.mjs has redis-server read them.
 */
import { little, ziplist } from './ziplist.mjs';

const WIDE = 'w'.repeat(300);
const LONG = 'l'.repeat(20_000);

function length(n) {
  if (n < 64) return Buffer.of(n);
  if (n < 16_384) return Buffer.of(0x40 | (n >> 8), n & 255);
  const bytes = Buffer.of(0x80, 0, 0, 0, 0);
  bytes.writeUInt32BE(n, 1);
  return bytes;
}

const string = (bytes) => Buffer.concat([length(Buffer.byteLength(bytes)), Buffer.from(bytes)]);
const strings = (...texts) => Buffer.concat(texts.map(string));
const key = (type, name, ...value) => Buffer.concat([Buffer.of(type), string(name), ...value]);

/** A run of "abcab": five letters as they are, then copies of what stands five back. 200 bytes of it. */
const packedRepeated = Buffer.from([0xc3, 9, 0x40, 200, 4, ...Buffer.from('abcab'), 0xe0, 186, 4]);

/** count, then (length, field), (length, bytes that are free, value, these bytes), 255. */
function zipmap(...pairs) {
  const size = (text) => (text.length < 254 ? Buffer.of(text.length) : little(254, text.length));
  const parts = pairs.flatMap(([field, value, free]) => [
    size(field),
    Buffer.from(field),
    size(value),
    Buffer.of(free),
    Buffer.from(value),
    Buffer.alloc(free, 0x2e),
  ]);
  return Buffer.concat([Buffer.of(pairs.length), ...parts, Buffer.of(255)]);
}

function intset(size, ...numbers) {
  const bytes = Buffer.alloc(8 + size * numbers.length);
  bytes.writeUInt32LE(size, 0);
  bytes.writeUInt32LE(numbers.length, 4);
  numbers.forEach((n, i) => {
    const eight = Buffer.alloc(8);
    eight.writeBigInt64LE(n);
    eight.copy(bytes, 8 + i * size, 0, size);
  });
  return bytes;
}

const INTEGERS = [0n, 12n, 13n, -1n, 127n, -129n, 32_767n, -32_769n, 8_388_607n, -8_388_609n, 2_147_483_648n];

const OF_2_6 = [
  key(0, 'integer of 8 bits', Buffer.of(0xc0, 0xfe)),
  key(0, 'integer of 16 bits', Buffer.of(0xc1, 0x39, 0x30)),
  key(0, 'integer of 32 bits', Buffer.of(0xc2, 0, 0, 0, 0x80)),
  key(0, 'packed', packedRepeated),
  key(0, 'long', string(LONG)),
  key(1, 'list', length(4), strings('a', '', WIDE), Buffer.of(0xc0, 7)),
  key(2, 'set', length(3), strings('a', 'b', 'c')),
  key(2, 'set of numbers', length(2), strings('1', '2')),
  key(3, 'scores', length(4), strings('a', '1.5', 'b', '17'), string('c'), Buffer.of(254), string('d'), Buffer.of(255)),
  key(4, 'hash', length(2), strings('f', 'v', 'g', WIDE)),
  key(9, 'zipmap', string(zipmap(['f', 'v', 0], ['g', 'value', 3], ['h', WIDE, 0], ['', '', 1]))),
  key(10, 'ziplist', string(ziplist('a', '', ...INTEGERS, WIDE, 'behind a wide one'))),
  key(10, 'ziplist of long ones', string(ziplist(LONG, 'b'))),
  key(11, 'intset of 16 bits', string(intset(2, -32_768n, 0n, 5n))),
  key(11, 'intset of 32 bits', string(intset(4, -70_000n, 70_000n))),
  key(11, 'intset of 64 bits', string(intset(8, -(2n ** 63n), 2n ** 40n))),
  key(12, 'ziplist of scores', string(ziplist('a', -2n, 'b', '0.25', 'c', 300n))),
  key(13, 'ziplist of fields', string(ziplist('f', 'v', 'g', 12n, 'h', WIDE))),
  Buffer.concat([Buffer.of(253), little(0, 0x7fffffff).subarray(1), key(0, 'dies, in seconds', string('x'))]),
  Buffer.concat([Buffer.of(252), Buffer.from('0028d52dbb030000', 'hex'), key(0, 'dies', string('x'))]),
  Buffer.of(254, 9),
  key(0, 'of another database', string('x')),
];

const OF_3_2 = [
  Buffer.concat([Buffer.of(250), strings('redis-ver', '3.2.100')]),
  Buffer.of(254, 0, 251, 2, 0),
  key(14, 'quicklist', length(3), string(ziplist('a', 5n)), string(ziplist(WIDE)), string(ziplist('', 'z'))),
  key(14, 'quicklist of one', length(1), string(ziplist(...INTEGERS))),
];

/** No checksum was computed: eight zeros. */
const file = (version, selected, parts) =>
  Buffer.concat([Buffer.from(`REDIS000${version}`), selected, ...parts, Buffer.of(255), Buffer.alloc(8)]);

export const OLD_FILES = [
  ['of-2.6.rdb', file(6, Buffer.of(254, 0), OF_2_6)],
  ['of-3.2.rdb', file(7, Buffer.alloc(0), OF_3_2)],
];
