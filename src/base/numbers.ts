/**
 * Numbers as Redis reads and prints them.
 *
 * A score is printed as printf's "%.17g" does it: the shortest of fixed and exponential form, 17 digits.
 */

/** A double as redis 7.0 prints scores. */
export function formatScore(x: number): string {
  if (x === Infinity) return 'inf';
  if (x === -Infinity) return '-inf';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [mantissa, e] = x.toExponential(16).split('e');
  const exponent = Number(e);
  if (exponent < -4 || exponent >= 17) {
    const digits = withoutTrailingZeros(mantissa);
    return digits + (exponent < 0 ? 'e-' : 'e+') + String(Math.abs(exponent)).padStart(2, '0');
  }
  const fixed = x.toPrecision(17);
  return withoutTrailingZeros(fixed.includes('e') ? x.toFixed(16 - exponent) : fixed);
}

function withoutTrailingZeros(digits: string): string {
  if (!digits.includes('.')) return digits;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  if (digits.charCodeAt(end - 1) === 46) end--;
  return digits.slice(0, end);
}
