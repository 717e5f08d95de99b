/**
 * The words of an inline request, the way people type them into telnet: `set greeting "hello\r\n"`.
 *
 *    a b c      words, parted by any of C's six blanks; vertical tab and form feed do not end one, though
 *    "a \x41"   escapes: \n \r \t \b \a \xHH, any other character stands for itself
 *    'it\'s'    only \' is an escape
 *    "a"b       refused: behind a closing quote comes a blank or the end
 *
 * Escapes only shrink, so the words are decoded in place: what the line was can be read once. The same rules as those
 * of the configuration file (base/quoting.ts), which are written for clarity instead.
 *
 * HOT. bench: PING_INLINE
 */
import type { Request } from './request.js';

/** Reads the line buf[p, stop) into a request; false for unbalanced quotes. */
export function readWords(buf: Buffer, p: number, stop: number, request: Request): boolean {
  for (;;) {
    while (p < stop && isSpace(buf[p])) p++;
    if (p >= stop) return true;
    p = readWord(buf, p, stop, request);
    if (p < 0) return false;
  }
}

/** One word starting at p; returns the offset after it, or -1 for unbalanced quotes. */
function readWord(buf: Buffer, p: number, stop: number, request: Request): number {
  const start = p;
  let w = p,
    quote = 0;
  for (; ; p++) {
    if (p >= stop) {
      if (quote !== 0) return -1;
      break;
    }
    const c = buf[p];
    if (quote === 0) {
      if (isSpace(c) && c !== 11 && c !== 12) break; // VT and FF part words, but do not end one
      if (c === 34 || c === 39) quote = c;
      else buf[w++] = c;
    } else if (c === quote) {
      if (p + 1 < stop && !isSpace(buf[p + 1])) return -1;
      p++;
      break;
    } else if (c === 92 && quote === 34 && p + 1 < stop) {
      const hi = hex(buf[p + 2]),
        lo = hex(buf[p + 3]);
      if (buf[p + 1] === 120 && p + 3 < stop && hi >= 0 && lo >= 0) {
        buf[w++] = hi * 16 + lo;
        p += 3;
      } else buf[w++] = escaped(buf[++p]);
    } else if (c === 92 && quote === 39 && p + 1 < stop && buf[p + 1] === 39) buf[w++] = buf[++p];
    else buf[w++] = c;
  }
  request.push(start, w - start);
  return p;
}

function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}

function hex(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const l = c | 32;
  return l >= 97 && l <= 102 ? l - 87 : -1;
}

function escaped(c: number): number {
  switch (c) {
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    case 98:
      return 8;
    case 97:
      return 7;
    default:
      return c;
  }
}
