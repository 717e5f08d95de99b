/**
 * A library of functions as it is kept: its code, and what the first line of that says.
 *
 *   #!lua name=mylib                  engine and name, words as in a config file; nothing else may stand there
 *   redis.register_function(…)        bytes, which nobody looks at here
 *
 * Nothing is run, so nobody knows which functions there are in it. What is wrong is said in redis' words.
 */
import { splitArguments } from '../../base/quoting.js';

export interface Library {
  /** latin1: letters, digits and underscores. */
  readonly name: string;
  /** All of it, the first line included. */
  readonly code: Uint8Array;
}

export type LibraryVerdict = { readonly ok: true; readonly library: Library } | { readonly ok: false; why: string };

const LF = 10;
const MARK = '#!';
const NAME = 'name=';
/** The only one that there is. */
const ENGINE = 'lua';
const NO_TEXT = 'Missing library metadata';
const BAD_LINE = 'Invalid library metadata';
const BAD_NAME =
  'Library names can only contain letters, numbers, or underscores(_) and must be at least one character long';

/** `code` is kept as it is: it must be the caller's own to give away. */
export function readLibrary(code: Uint8Array): LibraryVerdict {
  if (Buffer.from(code.subarray(0, MARK.length)).toString('latin1') !== MARK) return wrong(NO_TEXT);
  const end = code.indexOf(LF);
  const zero = code.indexOf(0);
  if (end < 0 || (zero >= 0 && zero < end)) return wrong(BAD_LINE);
  const words = splitArguments(code.subarray(0, end))?.map((word) => word.toString('latin1'));
  if (words === undefined) return wrong(BAD_LINE);
  const [first = '', ...facts] = words;
  const name = nameAmong(facts);
  if (!name.ok) return name;
  const engine = first.slice(MARK.length);
  if (!isName(name.text)) return wrong(BAD_NAME);
  if (engine.toLowerCase() !== ENGINE) return wrong(`Engine '${engine}' not found`);
  return { ok: true, library: { name: name.text, code } };
}

function nameAmong(facts: readonly string[]): { ok: true; text: string } | { ok: false; why: string } {
  let name: string | null = null;
  for (const fact of facts) {
    if (fact.slice(0, NAME.length).toLowerCase() !== NAME) return wrong(`Invalid metadata value given: ${fact}`);
    if (name !== null) return wrong('Invalid metadata value, name argument was given multiple times');
    name = fact.slice(NAME.length);
  }
  return name === null ? wrong('Library name was not given') : { ok: true, text: name };
}

function wrong(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}

function isName(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isOfName(text.charCodeAt(i))) return false;
  return text !== '';
}

function isOfName(c: number): boolean {
  const letter = c | 32;
  return (letter >= 97 && letter <= 122) || (c >= 48 && c <= 57) || c === 95;
}
