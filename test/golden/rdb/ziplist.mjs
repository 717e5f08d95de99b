/**
 * A ziplist as Redis 2.6 to 6.2 wrote it, byte by byte. An entry is a text, or a bigint, which is kept as an integer.
 *
 *   head (bytes, last entry, count) │ size of the entry before, entry │ … │ 255
 */
export function ziplist(...entries) {
  const parts = [];
  let [before, at, last] = [0, 10, 10];
  for (const entry of entries) {
    const whole = Buffer.concat([before < 254 ? Buffer.of(before) : little(254, before), zipped(entry)]);
    parts.push(whole);
    last = at;
    at += before = whole.length;
  }
  const head = Buffer.alloc(10);
  head.writeUInt32LE(at + 1, 0);
  head.writeUInt32LE(last, 4);
  head.writeUInt16LE(entries.length, 8);
  return Buffer.concat([head, ...parts, Buffer.of(255)]);
}

/** A byte, and a number in four. */
export function little(first, n) {
  const bytes = Buffer.of(first, 0, 0, 0, 0);
  bytes.writeUInt32LE(n, 1);
  return bytes;
}

function zipped(entry) {
  if (typeof entry === 'bigint') return zippedInteger(entry);
  const bytes = Buffer.from(entry);
  if (bytes.length < 64) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  if (bytes.length < 16_384) return Buffer.concat([Buffer.of(0x40 | (bytes.length >> 8), bytes.length & 255), bytes]);
  const head = Buffer.of(0x80, 0, 0, 0, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function zippedInteger(n) {
  if (n >= 0n && n <= 12n) return Buffer.of(0xf1 + Number(n));
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(n);
  const [mark, size] = [
    [0xfe, 1],
    [0xc0, 2],
    [0xf0, 3],
    [0xd0, 4],
    [0xe0, 8],
  ].find(([, bytesOf]) => BigInt.asIntN(8 * bytesOf, n) === n);
  return Buffer.concat([Buffer.of(mark), bytes.subarray(0, size)]);
}
