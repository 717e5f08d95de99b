/**
 * SHA-1, for DEBUG DIGEST and the names of scripts: a name for bytes, no protection of anything.
 *
 *   message ▸ padded to blocks of 64 bytes ▸ 80 words of schedule each ▸ 80 rounds over five words ▸ 20 bytes
 */

const BLOCK = 64;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
/** One for each quarter of the rounds: the square roots of 2, 3, 5 and 10, in 30 bits. */
const ROUNDS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

const turn = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** The message, a bit, zeros, and its length in bits. */
function padded(message: Uint8Array): DataView {
  const length = Math.ceil((message.length + 9) / BLOCK) * BLOCK;
  const bytes = new Uint8Array(length);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(length - 8, Math.floor(message.length / 0x2000_0000));
  view.setUint32(length - 4, (message.length << 3) >>> 0);
  return view;
}

function schedule(view: DataView, block: number, words: Int32Array): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + i * 4);
  for (let i = 16; i < 80; i++) words[i] = turn(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
}

function choose(quarter: number, b: number, c: number, d: number): number {
  if (quarter === 0) return (b & c) | (~b & d);
  return quarter === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
}

function mix(state: Int32Array, words: Int32Array): void {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  for (let i = 0; i < 80; i++) {
    const quarter = (i / 20) | 0;
    const next = (turn(a, 5) + choose(quarter, b, c, d) + e + ROUNDS[quarter] + words[i]) | 0;
    e = d;
    d = c;
    c = turn(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

/** The 20 bytes of the digest. */
export function sha1(message: Uint8Array): Buffer {
  const view = padded(message);
  const state = Int32Array.from(START);
  const words = new Int32Array(80);
  for (let block = 0; block < view.byteLength; block += BLOCK) {
    schedule(view, block, words);
    mix(state, words);
  }
  const digest = Buffer.allocUnsafe(20);
  for (let i = 0; i < 5; i++) digest.writeInt32BE(state[i], i * 4);
  return digest;
}
