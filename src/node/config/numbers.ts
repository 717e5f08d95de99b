/**
 * Numbers as configuration lines write them, in the five ways Redis reads them. Whole ones come out as bigints, which
 * wrap where C's 64 bits wrap: what `CONFIG SET maxmemory 99999999999gb` means is decided there.
 *
 *   wholeNumber    "-12"        strict: no blanks, no plus, no leading zero
 *   memory         "64mb"       digits and a unit: k, m, g count in thousands, kb, mb, gb in 1024
 *   octal          "0755"       as strtoll reads it in base 8: leading blanks, a sign, and even nothing at all
 *   looseNumber    " +12"       the same in base 10, cut off at the limits
 *   decimal        "99.9"       a double
 */

const LLONG_MIN = -(2n ** 63n);
const LLONG_MAX = 2n ** 63n - 1n;
const ULLONG_MAX = 2n ** 64n - 1n;

const UNITS = new Map<string, bigint>([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1024n],
  ['m', 1_000_000n],
  ['mb', 1_048_576n],
  ['g', 1_000_000_000n],
  ['gb', 1_073_741_824n],
]);

/** Units that CONFIG REWRITE prefers, the largest first. */
const ROUND_UNITS: readonly (readonly [bigint, string])[] = [
  [1_073_741_824n, 'gb'],
  [1_048_576n, 'mb'],
  [1024n, 'kb'],
];

const DIGITS_MAX = 127;

function countDigits(text: string, from: number, base: number): number {
  let at = from;
  const last = String(base - 1);
  while (at < text.length && text[at]! >= '0' && text[at]! <= last) at++;
  return at - from;
}

export function wholeNumber(text: string): bigint | null {
  const digits = text.startsWith('-') ? text.slice(1) : text;
  if (text === '0') return 0n;
  if (digits.length === 0 || digits.length > 20 || digits[0] === '0') return null;
  if (countDigits(digits, 0, 10) !== digits.length) return null;
  const value = BigInt(text);
  return value < LLONG_MIN || value > LLONG_MAX ? null : value;
}

export function memory(text: string): bigint | null {
  const digits = countDigits(text, 0, 10);
  const unit = UNITS.get(text.slice(digits).toLowerCase());
  if (unit === undefined || digits > DIGITS_MAX) return null;
  const count = BigInt(text.slice(0, digits)); // BigInt('') is 0, as strtoull has it
  return BigInt.asUintN(64, (count > ULLONG_MAX ? ULLONG_MAX : count) * unit);
}

/** Whole text, as `*end == '\0'` asks; null where something is left over. Out of range: `cut` to the limit, or null. */
function strtoll(text: string, base: 8 | 10): { value: bigint; cut: boolean } | null {
  let at = 0;
  while (at < text.length && ' \t\n\v\f\r'.includes(text[at]!)) at++;
  const negative = text[at] === '-';
  const start = negative || text[at] === '+' ? at + 1 : at;
  const digits = countDigits(text, start, base);
  if (digits === 0) return text === '' ? { value: 0n, cut: false } : null;
  if (start + digits !== text.length) return null;
  const size = BigInt(base === 8 ? `0o${text.slice(start)}` : text.slice(start));
  const value = negative ? -size : size;
  if (value < LLONG_MIN) return { value: LLONG_MIN, cut: true };
  if (value > LLONG_MAX) return { value: LLONG_MAX, cut: true };
  return { value, cut: false };
}

export function octal(text: string): bigint | null {
  const read = strtoll(text, 8);
  return read === null || read.cut ? null : read.value;
}

export function looseNumber(text: string): bigint | null {
  return strtoll(text, 10)?.value ?? null;
}

/** `1`, `.5`, `1e3`, `inf`; nothing around it, not nan. Hexadecimal, which C would take, is left out. */
export function decimal(text: string): number | null {
  const sign = text.startsWith('-') ? -1 : 1;
  const size = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text;
  if (size.toLowerCase() === 'inf' || size.toLowerCase() === 'infinity') return sign * Infinity;
  const first = size[0] === '.' ? size[1] : size[0];
  const isPlain = first !== undefined && countDigits(first, 0, 10) === 1 && !'xXoObB'.includes(size[1] ?? '-');
  const value = isPlain ? Number(size) : Number.NaN;
  return Number.isNaN(value) || size.trim() !== size ? null : sign * value;
}

/** Six places, without the zeros at the end. */
export function shortDecimal(value: number): string {
  let text = value.toFixed(6);
  while (text.endsWith('0')) text = text.slice(0, -1);
  return text.endsWith('.') ? text.slice(0, -1) : text;
}

/** As CONFIG REWRITE writes memory: with the largest unit that divides it. */
export function roundMemory(bytes: bigint): string {
  const signed = BigInt.asIntN(64, bytes);
  if (signed === 0n) return '0';
  for (const [unit, name] of ROUND_UNITS) if (signed % unit === 0n) return `${signed / unit}${name}`;
  return `${signed}`;
}
