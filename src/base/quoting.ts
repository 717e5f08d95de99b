/**
 * Lines of arguments, as config files, inline requests and nodes.conf have them.
 *
 *    set "a b" c              words are parted by blanks
 *    "\x00\n\"" 'a\'b'        double quotes know escapes, single quotes only \'
 *    foo"bar baz"             a quote may open inside a word; behind the closing one the word ends, or the line is bad
 *
 * `quote` writes what `splitArguments` reads. A zero byte ends the line, as it does for Redis.
 */
import { isSpace } from './numbers.js';

const DOUBLE = 0x22;
const SINGLE = 0x27;
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;

/** \n \r \t \b \a: letter → byte. */
const ESCAPES = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

const ESCAPED = new Map([...ESCAPES].map(([letter, byte]) => [byte, letter]));

/** The words of a line, each in memory of its own; null where quotes are not balanced or not followed by a blank. */
export function splitArguments(line: Uint8Array): Buffer[] | null {
  const zero = line.indexOf(0);
  const end = zero < 0 ? line.length : zero;
  const word = Buffer.alloc(end); // no word is longer than the line
  const words: Buffer[] = [];
  for (let at = 0; ; ) {
    while (at < end && isSpace(line[at])) at++;
    if (at === end) return words;
    const scanner = new WordScanner(line, at, end, word);
    if (!scanner.scan()) return null;
    words.push(Buffer.from(word.subarray(0, scanner.length)));
    at = scanner.at;
  }
}

class WordScanner {
  length = 0;

  constructor(
    private readonly line: Uint8Array,
    public at: number,
    private readonly end: number,
    private readonly word: Buffer,
  ) {}

  /** Reads one word; false where its quotes are wrong. */
  scan(): boolean {
    for (; this.at < this.end; this.at++) {
      const byte = this.line[this.at];
      if (byte === DOUBLE) return this.scanQuoted(() => this.escapeInDouble(), DOUBLE);
      if (byte === SINGLE) return this.scanQuoted(() => this.escapeInSingle(), SINGLE);
      if (endsWord(byte)) return true;
      this.put(byte);
    }
    return true;
  }

  /** From the opening quote to behind the closing one, where the word must end. */
  private scanQuoted(readEscape: () => boolean, quote: number): boolean {
    for (this.at++; this.at < this.end; this.at++) {
      const byte = this.line[this.at];
      if (byte === quote) {
        this.at++;
        return this.at === this.end || isSpace(this.line[this.at]);
      }
      if (byte !== BACKSLASH || !readEscape()) this.put(byte);
    }
    return false;
  }

  private escapeInDouble(): boolean {
    const { line, at, end } = this;
    if (at + 1 >= end) return false;
    if (line[at + 1] === LETTER_X && at + 3 < end) {
      const byte = hexDigit(line[at + 2]) * 16 + hexDigit(line[at + 3]);
      if (byte >= 0) {
        this.put(byte);
        this.at += 3;
        return true;
      }
    }
    this.put(ESCAPES.get(line[at + 1]) ?? line[at + 1]);
    this.at++;
    return true;
  }

  private escapeInSingle(): boolean {
    if (this.at + 1 >= this.end || this.line[this.at + 1] !== SINGLE) return false;
    this.put(SINGLE);
    this.at++;
    return true;
  }

  private put(byte: number): void {
    this.word[this.length++] = byte;
  }
}

/** In double quotes, everything that does not print as an escape. */
export function quote(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const letter = ESCAPED.get(byte);
    if (byte === BACKSLASH || byte === DOUBLE) text += `\\${String.fromCharCode(byte)}`;
    else if (letter !== undefined) text += `\\${String.fromCharCode(letter)}`;
    else if (isPrintable(byte)) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `${text}"`;
}

/** Would the bytes, written as they are, be read back as something else? The empty word needs quotes, too. */
export function needsQuotes(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  return bytes.some((byte) => byte === BACKSLASH || byte === DOUBLE || !isPrintable(byte) || isSpace(byte));
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

/** Vertical tab and form feed part words, but do not end one: Redis has two lists of blanks. */
function endsWord(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Below −15 × 16 where it is none, so that no sum of two digits hides it. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1000;
}
