/**
 * Bytes in typed arrays: views, copies, comparisons, digits.
 *
 * HOT. Every function works in place on (array, offset, length) and allocates nothing, except where a head says so.
 * bench: SET, GET
 */

/** Up to here a loop of four bytes a step beats the fixed cost of a native copy. */
const NATIVE_COPY_FROM = 192;

/** The same bytes as a DataView, for unaligned 16- and 32-bit access. Allocates. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Copies n bytes from `src` at s to `dst` at d; the ranges must not overlap. */
export function copyBytes(
  dst: Uint8Array,
  dv: DataView,
  d: number,
  src: Uint8Array,
  sv: DataView,
  s: number,
  n: number,
): void {
  if (n >= NATIVE_COPY_FROM) {
    dst.set(src.subarray(s, s + n), d);
    return;
  }
  const stop = s + (n & ~3);
  for (; s < stop; s += 4, d += 4) dv.setInt32(d, sv.getInt32(s, true), true);
  for (let k = n & 3; k > 0; k--) dst[d++] = src[s++];
}

export function sameBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, n: number): boolean {
  for (let i = 0; i < n; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** memcmp, then the length: below zero, zero or above, as `a` sorts before, with or after `b`. */
export function compareBytes(
  a: Uint8Array,
  aAt: number,
  aLen: number,
  b: Uint8Array,
  bAt: number,
  bLen: number,
): number {
  const n = aLen < bLen ? aLen : bLen;
  for (let i = 0; i < n; i++) {
    const d = a[aAt + i] - b[bAt + i];
    if (d !== 0) return d;
  }
  return aLen - bLen;
}

/** How many characters a safe integer takes in decimal, the sign included. */
export function decimalLength(n: number): number {
  if (n < 0) return 1 + decimalLength(-n);
  if (n < 10) return 1;
  if (n < 100) return 2;
  if (n < 1000) return 3;
  if (n < 10_000) return 4;
  if (n < 100_000) return 5;
  if (n < 1_000_000) return 6;
  if (n < 10_000_000) return 7;
  if (n < 100_000_000) return 8;
  let length = 9;
  for (let bound = 1_000_000_000; n >= bound; bound *= 10) length++;
  return length;
}

/** Writes a safe integer in decimal at p; returns the offset after it. */
export function writeDigits(dst: Uint8Array, p: number, n: number): number {
  const stop = p + decimalLength(n);
  if (n < 0) {
    dst[p] = 45;
    n = -n;
  }
  let i = stop - 1;
  while (n > 0x7fffffff) {
    const q = Math.floor(n / 10); // above int32 the division is one of doubles
    dst[i--] = 48 + (n - q * 10);
    n = q;
  }
  let k = n | 0;
  while (k >= 100) {
    const q = (k / 100) | 0; // two digits a step: half as many divisions wait for each other
    const pair = k - q * 100;
    const ten = (pair / 10) | 0;
    dst[i--] = 48 + (pair - ten * 10);
    dst[i--] = 48 + ten;
    k = q;
  }
  if (k >= 10) {
    const ten = (k / 10) | 0;
    dst[i--] = 48 + (k - ten * 10);
    k = ten;
  }
  dst[i] = 48 + k;
  return stop;
}
