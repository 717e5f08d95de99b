/**
 * The long double of C on x86-64: what INCRBYFLOAT and HINCRBYFLOAT compute with, and GEOPOS prints.
 *
 *   value = ± m × 2^e      m < 2^64, e ≥ −16445        80 bits there, a BigInt and a number here
 *
 * 64 bits of mantissa hold most decimals of people closely enough that the 17 places which Redis prints ("%.17Lf",
 * then without the zeros at the end) look as they were typed: 0.1 + 0.2 gives 0.3. Doubles would not do, so the sum
 * is computed exactly and rounded once, as the processor does it. COLD: BigInts and strings.
 */
import { type NumberForm, readForm } from './number-form.js';
import { isSpace, shiftHalfEven } from './numbers.js';

const MANTISSA_BITS = 64;
/** Exponents of the last bit: of the smallest number, and of the greatest. */
const MIN_EXPONENT = -16_445;
const MAX_EXPONENT = 16_320;
/** Decimal exponents beyond it are out of range at either end, however many digits stand in front. */
const MAX_DECIMAL_EXPONENT = 12_000;
/** Redis reads no longer text as a long double. */
const MAX_TEXT = 5 * 1024;
const PLACES = 17;
const SCALE = 10n ** BigInt(PLACES);

/** m carries the sign; `infinite` is that of an infinite value, else 0. */
export interface LongDouble {
  readonly m: bigint;
  readonly e: number;
  readonly infinite: -1 | 0 | 1;
}

const INFINITE: LongDouble = { m: 0n, e: 0, infinite: 1 };
const MINUS_INFINITE: LongDouble = { m: 0n, e: 0, infinite: -1 };
const NOUGHT: LongDouble = { m: 0n, e: 0, infinite: 0 };

/** What strtold reads, if it is all there is and lies in range; else null. */
export function parseLongDouble(u8: Uint8Array, off: number, len: number): LongDouble | null {
  if (len === 0 || len >= MAX_TEXT || isSpace(u8[off])) return null;
  const form = readForm(Buffer.from(u8.buffer, u8.byteOffset + off, len).toString('latin1'));
  if (form === null) return null;
  if (form.shape === 'infinite') return form.negative ? MINUS_INFINITE : INFINITE;
  const x = form.shape === 'hex' ? fromHex(form) : fromDecimal(form);
  if (x.infinite !== 0 || (x.m === 0n && !form.nought)) return null;
  return form.negative ? { ...x, m: -x.m } : x;
}

function fromHex(form: NumberForm): LongDouble {
  const m = BigInt(`0x${form.digits}`);
  const exponent = form.exponent - form.places * 4;
  return exponent > MAX_EXPONENT * 2 && m !== 0n ? INFINITE : rounded(m, Math.max(exponent, MIN_EXPONENT * 4), false);
}

function fromDecimal(form: NumberForm): LongDouble {
  const m = BigInt(form.digits);
  const exponent = form.exponent - form.places;
  if (m === 0n) return NOUGHT;
  if (exponent > MAX_DECIMAL_EXPONENT) return INFINITE;
  if (exponent < -MAX_DECIMAL_EXPONENT) return NOUGHT;
  if (exponent >= 0) return rounded(m * 10n ** BigInt(exponent), 0, false);
  // Enough bits in front of the quotient, and one behind it that says whether it came out even.
  const divisor = 10n ** BigInt(-exponent);
  const shift = Math.max(0, bitLength(divisor) - bitLength(m) + MANTISSA_BITS + 2);
  const scaled = m << BigInt(shift);
  return rounded(scaled / divisor, -shift, scaled % divisor !== 0n);
}

/** m × 2^e to 64 bits, half to even; `more` says that something smaller than the last bit was cut off before. */
function rounded(m: bigint, e: number, more: boolean): LongDouble {
  if (m === 0n) return NOUGHT;
  const negative = m < 0n;
  let size = ((negative ? -m : m) << 1n) | (more ? 1n : 0n);
  let exponent = e - 1;
  const drop = Math.max(bitLength(size) - MANTISSA_BITS, MIN_EXPONENT - exponent);
  if (drop > 0) {
    size = drop > bitLength(size) + 1 ? 0n : shiftHalfEven(size, drop);
    exponent += drop;
  }
  if (size !== 0n && exponent + bitLength(size) > MAX_EXPONENT + MANTISSA_BITS)
    return negative ? MINUS_INFINITE : INFINITE;
  return { m: negative ? -size : size, e: exponent, infinite: 0 };
}

function bitLength(m: bigint): number {
  return m === 0n ? 0 : m.toString(2).length;
}

/** a + b; null where C's result is infinite or not a number. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble | null {
  if (a.infinite !== 0 || b.infinite !== 0) return null;
  const e = Math.min(a.e, b.e);
  const sum = (a.m << BigInt(a.e - e)) + (b.m << BigInt(b.e - e));
  const x = rounded(sum, e, false);
  return x.infinite === 0 ? x : null;
}

/** %.17Lf without the zeros at its end: how results and coordinates are printed. */
export function formatLongDouble(x: LongDouble): string {
  if (x.infinite !== 0) return x.infinite > 0 ? 'inf' : '-inf';
  const negative = x.m < 0n;
  const scaled = (negative ? -x.m : x.m) * SCALE;
  const units = x.e >= 0 ? scaled << BigInt(x.e) : shiftHalfEven(scaled, -x.e);
  if (units === 0n) return '0';
  const digits = units.toString().padStart(PLACES + 1, '0');
  let end = digits.length;
  while (end > digits.length - PLACES && digits[end - 1] === '0') end--;
  const dot = digits.length - PLACES;
  const text = end === dot ? digits.slice(0, dot) : `${digits.slice(0, dot)}.${digits.slice(dot, end)}`;
  return negative ? `-${text}` : text;
}

/** A double in the same form. */
export function formatHuman(x: number): string {
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (Number.isSafeInteger(x)) return String(x);
  let e = 0;
  let m = x;
  for (; !Number.isInteger(m); e--) m *= 2;
  return formatLongDouble({ m: BigInt(m), e, infinite: 0 });
}
