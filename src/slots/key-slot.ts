/**
 * The slot of a key: CRC16 of its bytes, modulo 16,384.
 *
 *    user:{42}:name        only what is between the first '{' and the next '}' counts,
 *          ▔▔              so that keys can be kept together
 *    {}:name  {42:name     nothing between them, or no '}': the whole key counts
 *
 * HOT. bench: SET, GET (keys of MULTI, and of commands with several keys)
 */

import { crc16 } from '../base/crc16.js';
import { SLOT_COUNT } from './slot-set.js';

const OPEN = 0x7b; // {
const CLOSE = 0x7d; // }

export function keySlot(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length;
  const open = indexOf(bytes, OPEN, at, end);
  if (open < end) {
    const close = indexOf(bytes, CLOSE, open + 1, end);
    if (close < end && close > open + 1) return crc16(bytes, open + 1, close - open - 1) % SLOT_COUNT;
  }
  return crc16(bytes, at, length) % SLOT_COUNT;
}

/** `end` where there is none. A loop: keys are short, and the native search does not stop at `end`. */
function indexOf(bytes: Uint8Array, wanted: number, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== wanted) i++;
  return i;
}
