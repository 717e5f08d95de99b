/**
 * The documents say nothing that is not there: paths exist, the table of imports is the one that is kept, each
 * difference names a test that has these words, and a directive that is said to do nothing is read by nobody.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DIRECTIVES } from '../../src/node/config-table.js';
import { LAYERS } from '../style/house.js';
import { readFolder } from '../style/source.js';

const ROOT = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const DOCUMENTS = ['README.md', ...readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);

/** The cells of a document's tables, without heads. */
function rowsOf(text: string): string[][] {
  const lines = text.split('\n');
  return lines
    .filter((line, i) => line.startsWith('| ') && !(lines[i + 1] ?? '').startsWith('|--'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

test.each(DOCUMENTS)('%s names files and folders that exist', (path) => {
  const named = [...textOf(path).matchAll(/`((?:src|test|docs|bench|scripts)\/[\w./-]*)`/g)].map(([, name]) => name!);
  expect(named.filter((name) => !existsSync(new URL(name, ROOT)))).toEqual([]);
});

test.each(DOCUMENTS)('%s has lines that fit, but for rows of tables', (path) => {
  const long = textOf(path)
    .split('\n')
    .filter((line) => !line.startsWith('|') && [...line].length > 120);
  expect(long).toEqual([]);
});

test('who may import whom is what the style test keeps', () => {
  const table = rowsOf(textOf('docs/ARCHITECTURE.md'))
    .filter(([folder]) => LAYERS.has(folder ?? ''))
    .map(([folder, mayImport, pure]) => {
      return [folder, mayImport === '–' ? '' : mayImport?.split(', ').sort().join(' '), pure === 'yes'];
    });
  const kept = [...LAYERS].map(([folder, layer]) => [folder, [...layer.mayImport].sort().join(' '), layer.isPure]);
  expect(table).toEqual(kept);
});

describe('each difference', () => {
  const rows = rowsOf(textOf('docs/DIFFERENCES.md'));

  test.each(rows.map((row) => [row[1] ?? '', row] as const))('%s', (_, row) => {
    expect(row).toHaveLength(4);
    const [, path, words] = /^`(test\/[^`]+)` "(.+)"$/.exec(row[3] ?? '') ?? [];
    expect(textOf(path ?? 'the last cell has no `test` "words"')).toContain(words);
  });

  test('there are some', () => expect(rows.length).toBeGreaterThan(30));
});

test('directives without effect are read by nobody', () => {
  const [, list = ''] = /There is nothing here that they act on:([^:]*?)\.\n/.exec(textOf('docs/DIFFERENCES.md')) ?? [];
  const named = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  expect(named.length).toBeGreaterThan(10);
  const known = new Set<string>(DIRECTIVES.map(([name]) => name));
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  const code = readFolder('src', '.ts').filter(({ path }) => !path.startsWith('src/node/config'));
  const field = (name: string): string => name.replace(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
  expect(named.filter((name) => code.some(({ text }) => text.includes(`.${field(name)}`)))).toEqual([]);
});
