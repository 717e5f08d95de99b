/**
 * The texts that C's strtod and strtold take for a number, taken apart.
 *
 *   "-12.5e3"   → decimal  negative  digits "125"  places 1  exponent 3
 *   "0x1.8p4"   → hex                digits "18"   places 1  exponent 4     exponents of hex numbers are powers of 2
 *   "+Infinity" → infinite
 *
 * Both digits and dots are optional, but for one digit; "nan" is known to strtod too, and refused by all callers. COLD.
 */

export interface NumberForm {
  readonly shape: 'decimal' | 'hex' | 'infinite';
  readonly negative: boolean;
  /** All digits, without the dot. */
  readonly digits: string;
  /** How many of them stand behind the dot. */
  readonly places: number;
  /** What stands behind e or p, at most a million either way: no range reaches so far. */
  readonly exponent: number;
  /** No digit but 0. */
  readonly nought: boolean;
}

const MAX_EXPONENT = 1_000_000;

/** Takes a text apart that is a number from its first character to its last; else null. */
export function readForm(text: string): NumberForm | null {
  const lower = text.toLowerCase();
  const negative = lower[0] === '-';
  const at = negative || lower[0] === '+' ? 1 : 0;
  const rest = lower.slice(at);
  if (rest === 'inf' || rest === 'infinity') {
    return { shape: 'infinite', negative, digits: '', places: 0, exponent: 0, nought: false };
  }
  return rest.startsWith('0x') ? readDigits(rest.slice(2), 'hex', negative) : readDigits(rest, 'decimal', negative);
}

function readDigits(text: string, shape: 'decimal' | 'hex', negative: boolean): NumberForm | null {
  let dot = -1;
  let nought = true;
  let p = 0;
  for (; p < text.length; p++) {
    const c = text.charCodeAt(p);
    const digit = (c >= 48 && c <= 57) || (shape === 'hex' && c >= 97 && c <= 102);
    if (digit) nought &&= c === 48;
    else if (c === 46 && dot < 0) dot = p;
    else break;
  }
  const whole = dot < 0 ? text.slice(0, p) : text.slice(0, dot);
  const fraction = dot < 0 ? '' : text.slice(dot + 1, p);
  if (whole.length + fraction.length === 0) return null;
  const exponent = readExponent(text.slice(p), shape === 'hex' ? 'p' : 'e');
  if (exponent === null) return null;
  return { shape, negative, digits: whole + fraction, places: fraction.length, exponent, nought };
}

/** 0 for nothing, null for anything but a mark, a sign and digits. */
function readExponent(text: string, mark: string): number | null {
  if (text === '') return 0;
  if (text[0] !== mark) return null;
  const negative = text[1] === '-';
  let p = negative || text[1] === '+' ? 2 : 1;
  if (p === text.length) return null;
  let n = 0;
  for (; p < text.length; p++) {
    const d = text.charCodeAt(p) - 48;
    if (!(d >= 0 && d <= 9)) return null;
    n = Math.min(MAX_EXPONENT, n * 10 + d);
  }
  return negative ? -n : n;
}
