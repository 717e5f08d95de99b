/**
 * The snapshot over the link, in pieces of any size.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BulkReader } from '../../src/replication/bulk-reader.js';

const MARK = `${'m'.repeat(39)}!`;

/** What the reader says of these bytes, cut where `sizes` says; then what it left for the stream. */
function read(text: string, sizes: readonly number[]): string[] {
  const said: string[] = [];
  let body = '';
  const reader = new BulkReader({
    onHeader: (size) => said.push(`header ${size}`),
    onBody: (bytes) => (body += bytes.toString('latin1')),
    onEnd: () => said.push(`end of ${body}`),
    onRefused: (line) => said.push(`refused: ${line}`),
  });
  const bytes = Buffer.from(text, 'latin1');
  let rest = '';
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const chunk = bytes.subarray(at, at + (sizes[i % sizes.length] ?? 1));
    at += chunk.length;
    rest += chunk.subarray(reader.feed(chunk)).toString('latin1');
  }
  return rest === '' ? said : [...said, `rest ${rest}`];
}

describe('in one piece, and byte by byte', () => {
  // biome-ignore format: a table
  test.each<[string, string, string[]]>([
    ['a known size',           '$5\r\nhelloPING',               ['header 5', 'end of hello', 'rest PING']],
    ['signs of life before',   '\n\n\n$2\r\nhi',                ['header 2', 'end of hi']],
    ['a mark',                 `$EOF:${MARK}\r\nhello${MARK}`,  ['header null', 'end of hello']],
    ['a mark, and nothing',    `$EOF:${MARK}\r\n${MARK}`,       ['header null', 'end of ']],
    ['half a mark within',     `$EOF:${MARK}\r\n${'m'.repeat(60)}${MARK}`, ['header null', `end of ${'m'.repeat(60)}`]],
    ['nothing at all',         '$0\r\nPING',                    ['header 0', 'end of ', 'rest PING']],
    ['an error',               '-NOAUTH no\r\n',                ['refused: -NOAUTH no']],
    ['something else',         'HTTP/1.1 400\r\n',              ['refused: HTTP/1.1 400']],
    ['a size that is none',    '$x\r\n',                        ['refused: $x']],
  ])('%s', (_, text, expected) => {
    expect(read(text, [100_000])).toEqual(expected);
    expect(read(text, [1])).toEqual(expected);
  });
});

test('a size of 0 ends with its line, whoever speaks next', () => {
  expect(read('$0\r\n', [100])).toEqual(['header 0', 'end of ']);
});

test('in any pieces', () => {
  const body = fc.string({ minLength: 0, maxLength: 300, unit: fc.constantFrom('m', '!', '\n', 'x') });
  const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 });
  fc.assert(
    fc.property(
      body.filter((text) => !text.includes(MARK)),
      sizes,
      (text, cuts) => {
        expect(read(`\n$EOF:${MARK}\r\n${text}${MARK}`, cuts)).toEqual(['header null', `end of ${text}`]);
        const sized = [`header ${text.length}`, `end of ${text}`, 'rest *1\r\n'];
        expect(read(`$${text.length}\r\n${text}*1\r\n`, cuts)).toEqual(sized);
      },
    ),
  );
});
