/** The long double of C. The table was answered by redis-server 7.0.15 on x86-64. */
import { expect, test } from 'vitest';
import { addLongDouble, formatHuman, formatLongDouble, parseLongDouble } from '../../src/base/long-double.js';

/** SET key a, INCRBYFLOAT key b. */
function increased(a: string, b: string): string {
  const x = parseLongDouble(Buffer.from(a, 'latin1'), 0, a.length);
  const y = parseLongDouble(Buffer.from(b, 'latin1'), 0, b.length);
  if (x === null || y === null) return 'refused';
  const sum = addLongDouble(x, y);
  return sum === null ? 'NaN or Infinity' : formatLongDouble(sum);
}

// biome-ignore format: a table
test.each([
  ['0.1',                                   '0.2',                    '0.3'],
  ['10.5',                                  '0.1',                    '10.6'],
  ['5.0e3',                                 '2.0e2',                  '5200'],
  ['3',                                     '1.1',                    '4.1'],
  ['1',                                     '-1.1',                   '-0.1'],
  ['0',                                     '-0.0000000000000000001', '0'],
  ['17179869184',                           '1.5',                    '17179869185.5'],
  ['1.5',                                   '17179869184',            '17179869185.5'],
  ['9223372036854775807',                   '1',                      '9223372036854775808'],
  ['18446744073709551615',                  '1',                      '18446744073709551616'],
  ['18446744073709551616',                  '1',                      '18446744073709551616'],
  ['1e20',                                  '1',                      '100000000000000000000'],
  ['1e4932',                                '1e4932',                 'NaN or Infinity'],
  ['1e5000',                                '1',                      'refused'],
  ['1e-5000',                               '1',                      'refused'],
  ['inf',                                   '1',                      'NaN or Infinity'],
  ['1',                                     'inf',                    'NaN or Infinity'],
  ['-inf',                                  'inf',                    'NaN or Infinity'],
  ['nan',                                   '1',                      'refused'],
  ['0x10',                                  '1',                      '17'],
  ['0x1.8p1',                               '0',                      '3'],
  ['0x1p-16445',                            '0',                      '0'],
  ['0x1p-16446',                            '0',                      'refused'],
  ['0x1p16384',                             '0',                      'refused'],
  ['0x1p16383',                             '0x1p16383',              'NaN or Infinity'],
  [' 1',                                    '1',                      'refused'],
  ['1 ',                                    '1',                      'refused'],
  ['',                                      '1',                      'refused'],
  ['abc',                                   '1',                      'refused'],
  ['1',                                     'abc',                    'refused'],
  ['0.1',                                   '0',                      '0.1'],
  ['0.3',                                   '0',                      '0.3'],
  ['1.1',                                   '2.2',                    '3.3'],
  ['100',                                   '-99.99',                 '0.01'],
  ['123456789.123456789',                   '0.000000001',            '123456789.12345678999554366'],
  ['3.14159265358979323846264338327950288', '0',                      '3.14159265358979324'],
  ['2.00000000000000001',                   '0',                      '2.00000000000000001'],
  ['1.000000000000000005',                  '0',                      '1'],
  ['1.00000000000000001',                   '0.00000000000000001',    '1.00000000000000002'],
  ['0.00000000000000001',                   '0',                      '0.00000000000000001'],
  ['0.000000000000000005',                  '0',                      '0'],
  ['0.000000000000000004',                  '0',                      '0'],
  ['-3',                                    '3',                      '0'],
  ['5',                                     '-5.0',                   '0'],
  ['1e17',                                  '0.3',                    '100000000000000000.296875'],
  ['1e19',                                  '0.3',                    '10000000000000000000'],
  ['9007199254740993',                      '0.25',                   '9007199254740993.25'],
  ['33333333333333333333.3',                '0.1',                    '33333333333333333334'],
  ['.5',                                    '5.',                     '5.5'],
  ['1e5',                                   '1E-5',                   '100000.00001000000000317'],
  ['79228162514264337593543950336',         '1',                      '79228162514264337593543950336'],
])('%j + %j = %s', (a, b, sum) => expect(increased(a, b)).toBe(sum));

test('sums of hundreds of digits', () => {
  expect(increased('1e300', '1')).toHaveLength(301);
  expect(increased('1e300', '1').slice(0, 40)).toBe('1000000000000000000008997324079559193870');
  expect(increased('1e4000', '1').slice(0, 40)).toBe('9999999999999999999965463873099623784932');
  expect(increased('1'.repeat(5119), '1')).toBe('refused');
  expect(increased('1'.repeat(4000), '1')).toHaveLength(4000);
  expect(increased(`0.${'0'.repeat(4000)}1`, '1')).toBe('1');
  expect(increased('1'.repeat(5120), '1')).toBe('refused');
});

// GEOPOS prints doubles in this form.
// biome-ignore format: a table
test.each([
  [0.1,                 '0.10000000000000001'],
  [13.361389338970184,  '13.36138933897018433'],
  [-5e-10,              '-0.0000000005'],
  [-1e-20,              '0'],
  [-0,                  '0'],
  [3,                   '3'],
  [2 ** 60,             '1152921504606846976'],
  [1e22,                '10000000000000000000000'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
])('%d is printed as %s', (x, text) => expect(formatHuman(x)).toBe(text));
