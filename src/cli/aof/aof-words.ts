/**
 * What is wrong with an append-only file, in the words of redis-check-aof where it has any.
 *
 *   0x              1f: Expected \r\n, got: 6162          the offset, then what was there
 */
import type { AofDamage } from '../../kit/aof-file.js';
import { printable } from '../key-text.js';

/** The longest integer of C. */
const LONG_MAX = 0x7fff_ffff_ffff_ffffn;

const NO_EXEC = 'Reached EOF before reading EXEC for MULTI';

export interface Damaged {
  readonly name: string;
  readonly path: string;
  /** A transaction is open where it ends. */
  readonly isInMulti: boolean;
}

/** Null where redis-check-aof says no more than how far the file is sound: it ends in front of an argument. */
export function describeDamage(damage: AofDamage, part: Damaged): string | null {
  if (damage.why === 'no-record') return `AOF ${part.name} format error`;
  const words = wordsOf(damage, part);
  return words === null ? null : `0x${damage.at.toString(16).padStart(16)}: ${words}`;
}

function wordsOf(damage: Exclude<AofDamage, { why: 'no-record' }>, { path, isInMulti }: Damaged): string | null {
  switch (damage.why) {
    case 'truncated':
      return missingWords(damage, isInMulti);
    case 'wrong-prefix':
      return `Expected prefix '$', got: '${printable(String.fromCharCode(damage.found))}'`;
    case 'no-line-end':
      return lineEndWords(damage.found);
    case 'wrong-length':
      return `Expected to read string of ${integer(damage.stated)} bytes, which is not in the suitable range`;
    case 'wrong-count':
      return `Expected a command of at least one argument, got ${integer(damage.stated)}`;
    case 'nested-multi':
      return `Unexpected MULTI in AOF ${path}`;
    case 'stray-exec':
      return `Unexpected EXEC in AOF ${path}`;
  }
}

function missingWords(damage: Extract<AofDamage, { why: 'truncated' }>, isInMulti: boolean): string | null {
  switch (damage.missing) {
    case 'exec':
      return NO_EXEC;
    case 'annotation':
      return 'Reached EOF before the end of an annotation';
    case 'bytes':
      return `Expected to read ${damage.expected} bytes, got ${damage.got} bytes`;
    case 'line':
      if (damage.found !== null) return lineEndWords(damage.found);
      return isInMulti ? NO_EXEC : null; // what ends between two lines has no other words
  }
}

function lineEndWords(found: readonly [number, number]): string {
  return `Expected \\r\\n, got: ${found.map(signedHex).join('')}`;
}

/** %02x of a signed char: from 0x80 on it is a negative number of 32 bits. */
function signedHex(byte: number): string {
  return byte < 0x80 ? byte.toString(16).padStart(2, '0') : `ffffff${byte.toString(16)}`;
}

function integer(stated: number): string {
  return Math.abs(stated) > Number(LONG_MAX) ? `${LONG_MAX}` : `${BigInt(stated)}`;
}
