/**
 * Numbers as Redis reads and prints them: integers of 64 bits, doubles as C's strtod takes them and %.17g gives them.
 *
 *   parseInteger    "-12"            → -12        canonical only: no "+", no leading zero, no "-0", no space
 *                   "9007199254740993" → Infinity  fits 64 bits but no double: ask parseInt64 for the BigInt
 *                   "1.5"            → NaN
 *   parseDouble     "3.0e3" "-inf" "0x1p4" ".5"   → a number; NaN refuses ("nan", " 1", "1 ", "", "1e400", "1e-400")
 *   formatScore     0.1              → 0.10000000000000001
 *
 * HOT up to fifteen digits; the rest may make strings and BigInts. What is looked at are `len` bytes of `u8` from
 * `off` on. bench: INCR, ZADD
 */
import { type NumberForm, readForm } from './number-form.js';

const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const ZERO = 48;
/** Integers of up to so many digits are exact in a double, and so is each step on the way to them. */
const SAFE_DIGITS = 15;
/** -9223372036854775808 has 20 characters. */
const INT64_CHARS = 20;
export const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** From here on %.17g turns to exponents. */
const SCORE_DIGITS = 17;

const POWERS_OF_TEN = Float64Array.from({ length: SAFE_DIGITS + 8 }, (_, i) => 10 ** i);

// ── integers ────────────────────────────────────────────────────────────────

/** A canonical 64-bit integer; ±Infinity if it is one that a double cannot hold for sure, NaN if it is none. */
export function parseInteger(u8: Uint8Array, off: number, len: number): number {
  if (len === 0 || len > INT64_CHARS) return Number.NaN;
  const negative = u8[off] === MINUS;
  let p = negative ? off + 1 : off;
  const end = off + len;
  if (p === end) return Number.NaN;
  let n = u8[p] - ZERO;
  if (!(n >= 0 && n <= 9) || (n === 0 && len > 1)) return Number.NaN;
  if (end - p > SAFE_DIGITS) return parseLongInteger(u8, off, len);
  for (p++; p < end; p++) {
    const d = u8[p] - ZERO;
    if (!(d >= 0 && d <= 9)) return Number.NaN;
    n = n * 10 + d;
  }
  return negative ? -n : n;
}

function parseLongInteger(u8: Uint8Array, off: number, len: number): number {
  const exact = parseInt64(u8, off, len);
  if (exact === null) return Number.NaN;
  const n = Number(exact);
  if (Number.isSafeInteger(n)) return n;
  return n > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

/** The same, exact over all 64 bits; null if it is none. */
export function parseInt64(u8: Uint8Array, off: number, len: number): bigint | null {
  if (len === 0 || len > INT64_CHARS) return null;
  let p = u8[off] === MINUS ? off + 1 : off;
  const end = off + len;
  if (p === end || (u8[p] === ZERO && len > 1)) return null;
  for (const first = p; p < end; p++) {
    const d = u8[p] - ZERO;
    if (!(d >= 0 && d <= 9) || p - first > 18) return null;
  }
  const n = BigInt(textOf(u8, off, len));
  return n >= INT64_MIN && n <= INT64_MAX ? n : null;
}

/** a + b, or null where 64 bits do not hold it. */
export function addInt64(a: bigint, b: bigint): bigint | null {
  const sum = a + b;
  return sum >= INT64_MIN && sum <= INT64_MAX ? sum : null;
}

// ── doubles ─────────────────────────────────────────────────────────────────

/** A double as strtod reads it, if it is all there is and lies in range; else NaN. Never NaN by itself. */
export function parseDouble(u8: Uint8Array, off: number, len: number): number {
  const x = parsePlainDecimal(u8, off, len);
  if (!Number.isNaN(x) || len === 0 || isSpace(u8[off])) return x;
  return parseRareDouble(textOf(u8, off, len));
}

/** A bound of ZRANGEBYSCORE: strtod again, but spaces may stand in front, nothing at all is 0, and 1e999 is inf. */
export function parseBound(u8: Uint8Array, off: number, len: number): number {
  const x = parsePlainDecimal(u8, off, len);
  if (!Number.isNaN(x)) return x;
  let p = off;
  while (p < off + len && isSpace(u8[p])) p++;
  let n = 0;
  while (p + n < off + len && u8[p + n] !== 0) n++; // to C the text ends at its first NUL
  if (n === 0) return p === off ? 0 : Number.NaN;
  const text = textOf(u8, p, n);
  const form = readForm(text);
  return form === null ? Number.NaN : doubleOf(text, form);
}

/** Digits with or without a dot, at most fifteen: both parts are exact doubles, so the one division rounds right. */
function parsePlainDecimal(u8: Uint8Array, off: number, len: number): number {
  let p = off;
  const end = off + len;
  const first = u8[p];
  const signed = len > 0 && (first === MINUS || first === PLUS);
  if (signed) p++;
  let n = 0;
  let digits = 0;
  let fraction = -1;
  for (; p < end; p++) {
    const d = u8[p] - ZERO;
    if (d >= 0 && d <= 9) {
      n = n * 10 + d;
      digits++;
      if (fraction >= 0) fraction++;
    } else if (d === DOT - ZERO && fraction < 0) fraction = 0;
    else return Number.NaN;
  }
  if (digits === 0 || digits > SAFE_DIGITS) return Number.NaN;
  const x = fraction > 0 ? n / POWERS_OF_TEN[fraction] : n;
  return signed && first === MINUS ? -x : x;
}

function parseRareDouble(text: string): number {
  const form = readForm(text);
  if (form === null) return Number.NaN;
  const x = doubleOf(text, form);
  // Out of range is refused at both ends: infinite, or nought although a digit is not.
  const inRange = form.shape === 'infinite' || (Number.isFinite(x) && (x !== 0 || form.nought));
  return inRange ? x : Number.NaN;
}

function doubleOf(text: string, form: NumberForm): number {
  if (form.shape === 'decimal') return Number(text);
  const x =
    form.shape === 'infinite'
      ? Number.POSITIVE_INFINITY
      : scaleToDouble(BigInt(`0x${form.digits}`), form.exponent - form.places * 4);
  return form.negative ? -x : x;
}

/** m × 2^exponent, rounded once, half to even. */
function scaleToDouble(m: bigint, exponent: number): number {
  if (m === 0n) return 0;
  const bits = m.toString(2).length;
  // A subnormal keeps fewer bits: none below 2^-1074.
  const drop = Math.max(bits - 53, -1074 - exponent);
  if (drop <= 0) return exponent > 2000 ? Number.POSITIVE_INFINITY : Number(m) * 2 ** exponent;
  if (drop > bits + 1) return 0;
  const rounded = Number(shiftHalfEven(m, drop));
  const rest = exponent + drop;
  if (rest > 2000) return Number.POSITIVE_INFINITY;
  return rest < -1000 ? rounded * 2 ** -1000 * 2 ** (rest + 1000) : rounded * 2 ** rest;
}

/** m / 2^bits, rounded half to even. */
export function shiftHalfEven(m: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const q = m >> shift;
  const rest = m - (q << shift);
  const half = 1n << (shift - 1n);
  return rest > half || (rest === half && (q & 1n) === 1n) ? q + 1n : q;
}

// ── printing ────────────────────────────────────────────────────────────────

/** A double as C prints it with %.17g: scores, and all doubles in RESP3. */
export function formatScore(x: number): string {
  if (Number.isSafeInteger(x)) return Object.is(x, -0) ? '-0' : String(x);
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : x < 0 ? '-inf' : 'nan';
  const scientific = x.toExponential(SCORE_DIGITS - 1);
  const at = scientific.indexOf('e');
  const exponent = Number(scientific.slice(at + 1));
  const digits = halfToEven(x, exponent, scientific.slice(x < 0 ? 1 : 0, at).replace('.', ''));
  const sign = x < 0 ? '-' : '';
  if (exponent < -4 || exponent >= SCORE_DIGITS) {
    const size = Math.abs(exponent);
    return `${sign}${trimmed(digits.slice(0, 1), digits.slice(1))}e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`;
  }
  if (exponent < 0) return sign + trimmed('0', '0'.repeat(-exponent - 1) + digits);
  return sign + trimmed(digits.slice(0, exponent + 1), digits.slice(exponent + 1));
}

/**
 * JavaScript rounds a tie of the 17th digit up, C to even. A tie has exactly 18 digits and ends in 5, so `places` of
 * them stand behind the dot; and a double with exactly so many decimal places has exactly so many binary ones.
 */
function halfToEven(x: number, exponent: number, digits: string): string {
  const places = SCORE_DIGITS - exponent;
  if (places <= 0 || places > 1000 || Math.abs(x * 2 ** places) % 2 !== 1) return digits;
  const last = digits.charCodeAt(SCORE_DIGITS - 1) - ZERO;
  return last % 2 === 0 ? digits : digits.slice(0, -1) + String(last - 1);
}

function trimmed(whole: string, fraction: string): string {
  let n = fraction.length;
  while (n > 0 && fraction.charCodeAt(n - 1) === ZERO) n--;
  return n === 0 ? whole : `${whole}.${fraction.slice(0, n)}`;
}

// ── text ────────────────────────────────────────────────────────────────────

function textOf(u8: Uint8Array, off: number, len: number): string {
  return Buffer.from(u8.buffer, u8.byteOffset + off, len).toString('latin1');
}

/** C's isspace: tab to carriage return, and the blank. */
export function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
