/**
 * Bytes that were damaged, by chance that is made of a seed: what a disk, a cable or a stranger may do to them.
 *
 *   turn    1 to 4 bits                      cut       off behind a place
 *   change  bytes to others                  insert, remove
 *   number  4 bytes become an extreme one    splice    a piece of the bytes comes in elsewhere
 */
export type Chance = () => number;

export const upTo = (chance: Chance, n: number): number => Math.floor(chance() * n);

export function pick<T>(chance: Chance, from: readonly T[]): T {
  return from[upTo(chance, from.length)] as T;
}

/** What happens to a file: bits turn, and its end is lost. */
export function damage(bytes: Uint8Array, chance: Chance): Uint8Array {
  const how = upTo(chance, 3);
  const damaged = Uint8Array.from(how === 0 ? bytes : bytes.subarray(0, upTo(chance, bytes.length)));
  if (how !== 1) turnBits(damaged, chance);
  return damaged;
}

function turnBits(bytes: Uint8Array, chance: Chance): void {
  for (let n = 1 + upTo(chance, 4); n > 0 && bytes.length > 0; n--) {
    const at = upTo(chance, bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << upTo(chance, 8));
  }
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const TELLING_BYTES = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xe0, 0xf0, 0xf1, 0xf4, 0xfe, 0xff];

/** What a stranger does to a payload: anything, and several times. */
export function tamper(bytes: Uint8Array, chance: Chance): Uint8Array {
  let body = Uint8Array.from(bytes);
  for (let n = 1 + upTo(chance, 3); n > 0; n--) body = tamperOnce(body, chance);
  return body;
}

function tamperOnce(body: Uint8Array, chance: Chance): Uint8Array<ArrayBuffer> {
  const at = upTo(chance, body.length);
  const copy = Uint8Array.from(body);
  switch (upTo(chance, 8)) {
    case 0:
      turnBits(copy, chance);
      return copy;
    case 1:
      if (copy.length > 0) copy[at] = upTo(chance, 256);
      return copy;
    case 2:
      if (copy.length > 0) copy[at] = pick(chance, TELLING_BYTES);
      return copy;
    case 3:
      if (copy.length >= at + 4) new DataView(copy.buffer).setUint32(at, pick(chance, EXTREMES), chance() < 0.5);
      return copy;
    case 4:
      return copy.slice(0, at);
    case 5:
      return join(copy.slice(0, at), [upTo(chance, 256)], copy.slice(at));
    case 6:
      return join(copy.slice(0, at), [], copy.slice(at + 1 + upTo(chance, 8)));
    default: {
      const from = upTo(chance, copy.length);
      return join(copy.slice(0, at), copy.slice(from, from + upTo(chance, 16)), copy.slice(at));
    }
  }
}

function join(...parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
