/**
 * SHA-1, for DEBUG DIGEST and the names of scripts: a name for bytes, no protection of anything.
 *
 *   message ▸ padded to blocks of 64 bytes ▸ 80 words of schedule each ▸ 80 rounds over five words ▸ 20 bytes
 *
 * All calls share what they compute in: a digest of two million keys takes fourteen million of them.
 */

const BLOCK = 64;
/** Behind the message stand a bit, zeros, and its length in eight bytes. */
const LENGTH_BYTES = 8;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

const state = new Int32Array(5);
const words = new Int32Array(80);
/** The end of the message, in one block or two. */
const tail = new Uint8Array(2 * BLOCK);

/** The 20 bytes of the digest. */
export function sha1(message: Uint8Array): Buffer {
  const { length } = message;
  const whole = length - (length % BLOCK);
  state.set(START);
  for (let at = 0; at < whole; at += BLOCK) mix(message, at);
  const end = putTail(message, whole);
  for (let at = 0; at < end; at += BLOCK) mix(tail, at);
  const digest = Buffer.allocUnsafe(20);
  for (let i = 0; i < 5; i++) digest.writeInt32BE(state[i], i * 4);
  return digest;
}

/** How many bytes the tail has. */
function putTail(message: Uint8Array, from: number): number {
  const { length } = message;
  const rest = length - from;
  const end = rest + 1 + LENGTH_BYTES <= BLOCK ? BLOCK : 2 * BLOCK;
  for (let i = 0; i < rest; i++) tail[i] = message[from + i];
  tail[rest] = 0x80;
  tail.fill(0, rest + 1, end);
  putWord(end - 8, Math.floor(length / 0x2000_0000));
  putWord(end - 4, length << 3);
  return end;
}

function putWord(at: number, word: number): void {
  for (let i = 0; i < 4; i++) tail[at + i] = word >>> (24 - 8 * i);
}

function schedule(bytes: Uint8Array, at: number): void {
  for (let i = 0, k = at; i < 16; i++, k += 4)
    words[i] = (bytes[k] << 24) | (bytes[k + 1] << 16) | (bytes[k + 2] << 8) | bytes[k + 3];
  for (let i = 16; i < 80; i++) {
    const word = words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16];
    words[i] = (word << 1) | (word >>> 31);
  }
}

/** One block. Each sum is cut to 32 bits at once, so that V8 takes it for a whole number. */
function mix(bytes: Uint8Array, at: number): void {
  schedule(bytes, at);
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  for (let i = 0; i < 80; i++) {
    let next = (((a << 5) | (a >>> 27)) + e) | 0;
    next = (next + words[i]) | 0;
    // each quarter of the rounds has its function and its constant: the roots of 2, 3, 5 and 10, in 30 bits
    if (i < 20) next = (next + ((b & c) | (~b & d)) + 0x5a827999) | 0;
    else if (i < 40) next = (next + (b ^ c ^ d) + 0x6ed9eba1) | 0;
    else if (i < 60) next = (next + ((b & c) | (b & d) | (c & d)) - 0x70e44324) | 0;
    else next = (next + (b ^ c ^ d) - 0x359d3e2a) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}
