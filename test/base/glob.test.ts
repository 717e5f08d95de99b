/** Patterns match as `stringmatchlen` of Redis 7.0.15 does, oddities included. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Glob } from '../../src/base/glob.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const matches = (pattern: string, text: string): boolean => new Glob(bytes(pattern)).matches(bytes(text));

test('800 answers of the C function', () => {
  const table = readFileSync(new URL('../golden/glob/stringmatchlen-7.0.15.txt', import.meta.url), 'latin1');
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  expect(rows).toHaveLength(800);
  const ours = rows.map(([pattern, text, casing]) => {
    const glob = new Glob(Buffer.from(pattern!, 'hex'), casing as 'exact' | 'any-case');
    return [pattern, text, casing, glob.matches(Buffer.from(text!, 'hex')) ? '1' : '0'];
  });
  expect(ours).toEqual(rows);
});

// biome-ignore format: a table
test.each<[string, string, boolean]>([
  ['',            '',         true],
  ['',            'a',        false],
  ['*',           '',         false],
  ['*',           'a',        true],
  ['a*',          'a',        true],
  ['a**',         'a',        true],
  ['h?llo',       'hello',    true],
  ['h?llo',       'hllo',     false],
  ['h*llo',       'heeeello', true],
  ['*lo*wo*',     'hello world', true],
  ['*lo*wx*',     'hello world', false],
  ['h[ae]llo',    'hallo',    true],
  ['h[^e]llo',    'hello',    false],
  ['h[a-c]llo',   'hbllo',    true],
  ['h[c-a]llo',   'hbllo',    true],
  ['h[ae',        'ha',       true],
  ['a\\*',        'a*',       true],
  ['a\\*',        'ab',       false],
  ['a\\',         'a\\',      true],
  ['a?',          'a',        false],
  ['[\\]]',       ']',        true],
  ['[]',          'a',        false],
  ['[^]',         'a',        true],
])('%j and %j: %s', (pattern, text, expected) => expect(matches(pattern, text)).toBe(expected));

describe('a part of a larger buffer', () => {
  test('is looked at alone', () => {
    const buffer = bytes('xxhelloyy');
    expect(new Glob(bytes('h*o')).matches(buffer, 2, 5)).toBe(true);
    expect(new Glob(bytes('h*oy')).matches(buffer, 2, 5)).toBe(false);
    expect(new Glob(bytes('*o')).matches(buffer, 2, 6)).toBe(false);
    expect(new Glob(bytes('')).matches(buffer, 2, 0)).toBe(true);
  });
});

test('crafted patterns take pattern × text steps: with backtracking they would not end', () => {
  const text = `${'a'.repeat(20_000)}b`;
  expect(matches(`${'a*'.repeat(200)}c`, text)).toBe(false);
  expect(matches(`${'*a'.repeat(200)}*b`, text)).toBe(true);
  expect(matches(`${'[a-z]*'.repeat(200)}c`, text)).toBe(false);
});

test('above a thousand stars nothing matches', () => {
  expect(matches(`${'*a'.repeat(1000)}`, 'a'.repeat(2000))).toBe(true);
  expect(matches(`${'*a'.repeat(1001)}`, 'a'.repeat(2000))).toBe(false);
});
