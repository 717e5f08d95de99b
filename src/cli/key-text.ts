/**
 * Names of keys in what the toolbox prints: any bytes, in a form that neither breaks a table nor a program that reads
 * it, nor reaches the terminal as a command.
 *
 *   JSON    "key": "größe"                       where the bytes are UTF-8
 *           "key": null, "keyBase64": "/wA="     where they are not
 *   CSV     "k\xff ""a"""                        escapes of redis, then quotes of CSV
 *   tables  k\xff                                escapes of redis, cut where it is long
 */
import { quote } from '../base/quoting.js';

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const CUT_MARK = '…';
const FORMULA_BEGINS = new Set('=+-@');

/** The members of a JSON object that name a key. */
export function jsonKey(key: Uint8Array): string {
  const text = asText(key);
  if (text !== null) return `"key":${jsonText(text)}`;
  return `"key":null,"keyBase64":"${Buffer.from(key.buffer, key.byteOffset, key.length).toString('base64')}"`;
}

/** JSON leaves DEL, C1 controls and Unicode's line ends as they are; terminals and readers of lines act on them. */
export function jsonText(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, escapeUnit);
}

/** Latin1 text that a file brought along, or its name, without what would move the cursor. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => (unit > '\xff' ? escapeUnit(unit) : escapeByte(unit)));
}

function escapeByte(unit: string): string {
  return `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function asText(bytes: Uint8Array): string | null {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return null;
  }
}

/** A cell that is a key. One that would begin a formula gets its first letter escaped, which says the same. */
export function csvKey(key: Uint8Array): string {
  const text = escaped(key);
  const first = text.charAt(0);
  const harmless = FORMULA_BEGINS.has(first) ? `\\x${first.charCodeAt(0).toString(16)}${text.slice(1)}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

export function shownKey(key: Uint8Array, most: number): string {
  const text = escaped(key.subarray(0, most + 1));
  return text.length <= most && key.length <= most ? text : `${text.slice(0, most)}${CUT_MARK}`;
}

/** As redis-cli shows bytes, without the quotes around them, so that quotes within need no escape. */
function escaped(key: Uint8Array): string {
  return quote(key).slice(1, -1).replaceAll('\\"', '"');
}
