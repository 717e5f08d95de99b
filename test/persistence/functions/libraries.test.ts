/**
 * What the first line of a library may say, in the words of redis-server 7.0.15 (test/conformance/rdb/libraries.ts asks
 * it), and a collection of libraries.
 */
import { describe, expect, test } from 'vitest';
import { Libraries } from '../../../src/persistence/functions/libraries.js';
import { readLibrary } from '../../../src/persistence/functions/library.js';
import { FIRST_LINES, libraryOf } from './samples.js';

describe('the first line', () => {
  test.each(FIRST_LINES)('%j', (code, expected) => {
    const read = readLibrary(Buffer.from(code, 'latin1'));
    expect(read.ok ? `+${read.library.name}` : `-${read.why}`).toBe(expected);
  });
});

const namesOf = (libraries: Libraries): string[] => [...libraries.all].map(({ name }) => name);

function some(...names: readonly string[]): Libraries {
  const libraries = new Libraries();
  for (const name of names) libraries.load(libraryOf(name), 'append');
  return libraries;
}

describe('libraries', () => {
  test('stand in the order in which they came, and what they take is counted', () => {
    const libraries = some('b', 'a', 'c');
    expect(namesOf(libraries)).toEqual(['b', 'a', 'c']);
    expect(libraries.size).toBe(3);
    expect(libraries.bytes).toBe(3 * (1 + libraryOf('a').length));
    expect(libraries.delete('a')).toBe(true);
    expect(libraries.delete('a')).toBe(false);
    expect(libraries.bytes).toBe(2 * (1 + libraryOf('a').length));
    libraries.clear();
    expect([libraries.size, libraries.bytes]).toEqual([0, 0]);
  });

  test('of one name there is one: letters count as they are', () => {
    const libraries = some('a');
    const other = libraryOf('a', 'other');
    expect(libraries.load(other, 'append')).toEqual({ ok: false, why: "Library 'a' already exists" });
    expect([...libraries.all][0]?.code).toEqual(libraryOf('a'));
    expect(libraries.load(libraryOf('A'), 'append')).toEqual({ ok: true, name: 'A' });
    expect(libraries.load(other, 'replace')).toEqual({ ok: true, name: 'a' });
    expect([...libraries.all].map(({ code }) => code)).toEqual([libraryOf('A'), other]);
    expect(libraries.bytes).toBe(2 + libraryOf('A').length + other.length);
  });

  test('what is wrong replaces nothing', () => {
    const libraries = some('a');
    expect(libraries.load(Buffer.from('#!lua name=a'), 'replace').ok).toBe(false);
    expect(namesOf(libraries)).toEqual(['a']);
  });

  test('join: all of them or none', () => {
    const libraries = some('a', 'b');
    expect(libraries.join(some('c', 'b'), 'append')).toBe('Library b already exists');
    expect(namesOf(libraries)).toEqual(['a', 'b']);
    expect(libraries.join(some('c', 'b'), 'replace')).toBe(null);
    expect(namesOf(libraries)).toEqual(['a', 'c', 'b']);
    libraries.adopt(some('d'));
    expect(namesOf(libraries)).toEqual(['d']);
  });
});
