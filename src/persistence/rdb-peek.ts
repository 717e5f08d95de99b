/**
 * Whether an RDB file has any key in it, by a look at its first bytes.
 *
 *   REDIS0010 ▸ AUX name value ▸ AUX … ▸ FUNCTION2 code ▸ …     passed over
 *                                         EOF                   no key
 *                                         anything else         keys
 */
import { OPCODE } from './rdb-layout.js';

const HEADER_BYTES = 'REDIS0010'.length;
const FORM = { short: 0, long: 1, wide: 2, special: 3 };
const WIDE_64 = 0x81;
/** Special forms of strings: integers of 1, 2 and 4 bytes, and compressed ones. */
const INTEGER_BYTES = [1, 2, 4];

export type Content = 'keys' | 'none' | 'not-known-yet';

/** `head`: the first bytes of the file; where they do not suffice, that is not known yet. */
export function contentOf(head: Uint8Array): Content {
  let p = HEADER_BYTES;
  while (p < head.length) {
    const opcode = head[p++];
    if (opcode === OPCODE.EOF) return 'none';
    const strings = opcode === OPCODE.AUX ? 2 : opcode === OPCODE.FUNCTION2 ? 1 : 0;
    if (strings === 0) return 'keys';
    for (let i = 0; i < strings && p <= head.length; i++) p = behindString(head, p);
  }
  return 'not-known-yet';
}

/** Where the string at p ends, or somewhere behind the bytes. */
function behindString(head: Uint8Array, p: number): number {
  const first = head[p];
  if (first >> 6 !== FORM.special) return behindLength(head, p) + lengthAt(head, p);
  const form = first & 0x3f;
  if (form < INTEGER_BYTES.length) return p + 1 + INTEGER_BYTES[form];
  return behindLength(head, behindLength(head, p + 1)) + lengthAt(head, p + 1);
}

function behindLength(head: Uint8Array, p: number): number {
  const form = head[p] >> 6;
  if (form === FORM.short) return p + 1;
  if (form === FORM.long) return p + 2;
  return p + (head[p] === WIDE_64 ? 9 : 5);
}

function lengthAt(head: Uint8Array, p: number): number {
  const form = head[p] >> 6;
  if (form === FORM.short) return head[p] & 0x3f;
  if (form === FORM.long) return ((head[p] & 0x3f) << 8) | head[p + 1];
  let n = 0;
  for (let i = 1; i <= (head[p] === WIDE_64 ? 8 : 4); i++) n = n * 256 + head[p + i];
  return n;
}
