/** Lines are split and quoted as `sdssplitargs` and `sdscatrepr` of Redis 7.0.15 do. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { needsQuotes, quote, splitArguments } from '../../src/base/quoting.js';
import { tries } from '../support/tries.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const split = (line: string): string[] | null =>
  splitArguments(bytes(line))?.map((word) => word.toString('latin1')) ?? null;

test('350 answers of the C functions', () => {
  const table = readFileSync(new URL('../golden/quoting/sdssplitargs-7.0.15.txt', import.meta.url), 'latin1');
  const rows = table.trim().split('\n');
  expect(rows).toHaveLength(350);
  const ours = rows.map((row) => {
    const line = Buffer.from(row.split(' ')[0]!.slice(1), 'hex');
    const words = splitArguments(line);
    const told = words ? [words.length, ...words.map((word) => `.${word.toString('hex')}`)].join(' ') : 'null';
    const quoted = bytes(quote(line)).toString('hex');
    return `.${line.toString('hex')} | ${told} | ${quoted} ${line.length > 0 && needsQuotes(line) ? 1 : 0}`;
  });
  expect(ours).toEqual(rows);
});

// biome-ignore format: a table
test.each<[string, string[] | null]>([
  ['',                     []],
  ['   ',                  []],
  ['set a b',              ['set', 'a', 'b']],
  ['  set\ta\r\n',         ['set', 'a']],
  ['a "b c" d',            ['a', 'b c', 'd']],
  ['""',                   ['']],
  ["'' x",                 ['', 'x']],
  ['"\\x41\\n\\"\\q"',     ['A\n"q']],
  ['"\\xg1"',              ['xg1']],
  ["'\\x41\\''",           ["\\x41'"]],
  ['foo"bar baz"',         ['foobar baz']],
  ['"foo"bar',             null],
  ["'foo'bar",             null],
  ['"foo',                 null],
  ["'foo\\'",              null],
  ['"foo\\',               null],
  ['a\vb',                 ['a\vb']],
  ['a \v b',               ['a', 'b']],
  ['a\0b',                 ['a']],
])('%j → %j', (line, words) => expect(split(line)).toEqual(words));

test('whatever is quoted comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 }), (words) => {
      const back = splitArguments(bytes(words.map(quote).join(' ')));
      expect(back?.map((word) => [...word])).toEqual(words.map((word) => [...word]));
    }),
    { numRuns: tries(200) },
  );
});

test('what needs no quotes comes back without', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      fc.pre(!needsQuotes(bytes(text)) && !text.includes("'"));
      expect(split(text)).toEqual([text]);
    }),
    { numRuns: tries(200) },
  );
});
