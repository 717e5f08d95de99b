/**
 * The manifest of a multi-part AOF: read and written as redis does, and what a rewrite makes of it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  describeTrouble,
  EMPTY_MANIFEST,
  formatManifest,
  lastIncr,
  type Manifest,
  needsUpgrade,
  parseManifest,
  partsToLoad,
  withHistory,
  withNewBase,
  withNewIncr,
  withOldFile,
  withoutHistory,
} from '../../../src/persistence/aof/manifest.js';

const NAME = 'appendonly.aof';
const BASE = 'file appendonly.aof.2.base.rdb seq 2 type b\n';
const OLD = 'file appendonly.aof.1.incr.aof seq 1 type h\n';
const INCR = 'file appendonly.aof.2.incr.aof seq 2 type i\n';

function parsed(text: string | Buffer): Manifest {
  const result = parseManifest(Buffer.from(text as string, 'latin1'));
  if (!result.ok) throw new Error(describeTrouble(result.trouble).join(''));
  return result.manifest;
}

const HISTORY = 'file a seq 2 type h\nfile b seq 1 type h\n';
/** More digits than 64 bits hold. */
const BIG = '9'.repeat(20);
const LONGEST = `file ${'x'.repeat(1005)} seq 1 type i\n`;

const text = (manifest: Manifest): string => formatManifest(manifest).toString('latin1');

describe('reading', () => {
  test('base, history and what was written since', () => {
    const manifest = parsed(BASE + OLD + INCR);
    expect(manifest).toEqual({
      base: { name: 'appendonly.aof.2.base.rdb', seq: 2n },
      history: [{ name: 'appendonly.aof.1.incr.aof', seq: 1n }],
      incrs: [{ name: 'appendonly.aof.2.incr.aof', seq: 2n }],
      lastIncrSeq: 2n,
    });
    expect(text(manifest)).toBe(BASE + OLD + INCR);
    expect(partsToLoad(manifest).map(({ seq }) => seq)).toEqual([2n, 2n]);
  });

  // biome-ignore format: a table
  test.each<[string, string, string]>([
    ['a comment',                            `# a comment\n${INCR}`,                          INCR],
    ['a comment without a line feed at last', `${INCR}# and that is all`,                     INCR],
    ['nothing but a comment',                '#\n',                                           ''],
    ['blanks around a line',                 ` \t${INCR.trim()} \r\n`,                         INCR],
    ['other fields, in any order and case',  'TYPE i Seq 3 later 1 FILE x\n',                 'file x seq 3 type i\n'],
    ['more letters of a type',               'file x seq 3 type incremental\n',               'file x seq 3 type i\n'],
    ['more behind a number',                 'file x seq 3x type i\n',                        'file x seq 3 type i\n'],
    ['a number with a plus and blanks',      'file x seq " +3" type i\n',                     'file x seq 3 type i\n'],
    ['a number that is too big', `file x seq ${BIG} type i\n`, 'file x seq 9223372036854775807 type i\n'],
    ['a base below zero',                    'file x seq -3 type b\n',                        'file x seq -3 type b\n'],
    ['a base far below zero', `file x seq -${BIG} type b\n`, 'file x seq -9223372036854775808 type b\n'],
    ['a name in quotes', 'file "a b\\"\\x01" seq 1 type i\n', 'file "a b\\"\\x01" seq 1 type i\n'],
    ['a name in single quotes', "file 'a b' seq 1 type i\n", 'file "a b" seq 1 type i\n'],
    ['a name of no characters',              'file "" seq 1 type i\n',                        'file "" seq 1 type i\n'],
    ['a name with a single quote',           'file "it\'s" seq 1 type i\n', 'file "it\'s" seq 1 type i\n'],
    ['a name with a zero byte',              'file "ab\\x00c" seq 1 type i\n',                'file ab seq 1 type i\n'],
    ['a name beyond ASCII', 'file \xe9 seq 1 type i\n', 'file "\\xe9" seq 1 type i\n'],
    ['a field twice: the last one counts',   'file a file b seq 1 type i\n',                  'file b seq 1 type i\n'],
    ['history in no order',           HISTORY,                          HISTORY],
    ['the base at the end',                  INCR + BASE,                                     BASE + INCR],
    ['a line of 1024 bytes',          LONGEST,                          LONGEST],
  ])('%s', (_, manifest, canonical) => expect(text(parsed(manifest))).toBe(canonical));

  // biome-ignore format: a table
  test.each<[string, string, string]>([
    ['no byte at all',                '',                                             'empty'],
    ['a line without end',            BASE.trim(),                                    'longLine'],
    ['a line that is too long',       `file ${'x'.repeat(1006)} seq 1 type i\n`,      'longLine'],
    ['a comment that is too long',    `#${'x'.repeat(1024)}\n`,                       'format 2 x'],
    ['a zero byte',                   'file a\0b seq 1 type i\n',                     'longLine'],
    ['an empty line',                 `${INCR}\n`,                                    'format 2 '],
    ['a line of blanks',              ' \t \n',                                       'format 1 '],
    ['a word that is missing',        'file a seq 1 type\n',                          'format 1 file a seq 1 type'],
    ['an odd number of words', 'file a seq 1 type i more\n', 'format 1 file a seq 1 type i more'],
    ['quotes that do not close',      'file "a seq 1 type i\n',                       'format 1 file "a seq 1 type i'],
    ['no name',                       'fiel a seq 1 type i\n',                        'format 1 fiel a seq 1 type i'],
    ['no number',                     'file a sqe 1 type i\n',                        'format 1 file a sqe 1 type i'],
    ['a number that is none',         'file a seq x type i\n',                        'format 1 file a seq x type i'],
    ['number zero',                   'file a seq 0 type i\n',                        'format 1 file a seq 0 type i'],
    ['a type of no characters',       'file a seq 1 type ""\n',                       'format 1 file a seq 1 type ""'],
    ['a path', 'file /etc/passwd seq 1 type i\n', 'path 1 file /etc/passwd seq 1 type i'],
    ['a path of another kind',        'file a\\b seq 1 type i\n',                     'path 1 file a\\b seq 1 type i'],
    ['a path, and no number',         'file a/b what 1 type i\n',                     'path 1 file a/b what 1 type i'],
    ['two bases',                     BASE + BASE,                                    `secondBase 2 ${BASE.trim()}`],
    ['the same number twice',         INCR + INCR,                                    `order 2 ${INCR.trim()}`],
    ['a number below zero',           'file a seq -1 type i\n',                       'order 1 file a seq -1 type i'],
    ['a lower number, behind a comment', `${INCR}#\nfile a seq 1 type i\n`,           'order 3 file a seq 1 type i'],
    ['a type nobody knows',           'file a seq 1 type x\n',                        'type 1 file a seq 1 type x'],
  ])('%s', (_, manifest, trouble) => {
    const result = parseManifest(Buffer.from(manifest, 'latin1'));
    if (result.ok) throw new Error('was read');
    const { why, lineNumber, line } = result.trouble;
    expect(line === null ? why : `${why} ${lineNumber} ${line}`).toBe(trouble);
  });

  test('what the log says', () => {
    expect(describeTrouble({ why: 'empty', lineNumber: 0, line: null })).toEqual([
      '\n*** FATAL AOF MANIFEST FILE ERROR ***\n',
      'Found an empty AOF manifest\n',
    ]);
    expect(describeTrouble({ why: 'type', lineNumber: 3, line: 'file a seq 1 type x' })).toEqual([
      '\n*** FATAL AOF MANIFEST FILE ERROR ***\n',
      'Reading the manifest file, at line 3\n',
      ">>> 'file a seq 1 type x'\n",
      'Unknown AOF file type\n',
    ]);
  });
});

describe('a life', () => {
  test('of a file that is rewritten twice', () => {
    let manifest = withNewIncr(withNewBase(EMPTY_MANIFEST, NAME, 'rdb'), NAME);
    expect(text(manifest)).toBe(
      'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    manifest = withNewIncr(manifest, NAME);
    expect(lastIncr(manifest)).toEqual({ name: 'appendonly.aof.2.incr.aof', seq: 2n });
    manifest = withHistory(withNewBase(manifest, NAME, 'aof'), 'last');
    expect(text(manifest)).toBe(
      'file appendonly.aof.2.base.aof seq 2 type b\n' +
        'file appendonly.aof.1.incr.aof seq 1 type h\n' +
        'file appendonly.aof.1.base.rdb seq 1 type h\n' +
        'file appendonly.aof.2.incr.aof seq 2 type i\n',
    );
    const cleaned = withoutHistory(manifest);
    expect(cleaned.history).toEqual([]);
    expect(withoutHistory(cleaned)).toBe(cleaned);
  });

  test('of one whose rewrites failed: all its files become history in their order', () => {
    let manifest = parsed('file b seq 1 type b\nfile x seq 1 type i\nfile y seq 2 type i\nfile z seq 3 type i\n');
    manifest = withHistory(withNewBase(manifest, NAME, 'rdb'), 'last');
    expect(manifest.history.map(({ name }) => name)).toEqual(['x', 'y', 'b']);
    expect(manifest.incrs.map(({ name }) => name)).toEqual(['z']);
  });

  test('of one that is switched off: no number comes twice', () => {
    const manifest = withHistory(withNewBase(parsed(BASE + INCR), NAME, 'rdb'), 'none');
    expect(manifest.incrs).toEqual([]);
    expect(lastIncr(manifest)).toBeNull();
    expect(lastIncr(withNewIncr(manifest, NAME))?.seq).toBe(3n);
  });

  test('nothing to be rewritten leaves it as it is', () => {
    const manifest = parsed(INCR);
    expect(withHistory(manifest, 'last')).toBe(manifest);
    expect(withHistory(EMPTY_MANIFEST, 'none')).toBe(EMPTY_MANIFEST);
    expect(withHistory(EMPTY_MANIFEST, 'last')).toBe(EMPTY_MANIFEST);
  });

  test('of a file from the time before manifests', () => {
    expect(text(withOldFile(EMPTY_MANIFEST, NAME))).toBe('file appendonly.aof seq 1 type b\n');
  });
});

describe('an old file becomes the base', () => {
  const FAIR = { oldFile: true, folder: true, oldFileInFolder: false };
  const HALF_WAY = withOldFile(EMPTY_MANIFEST, NAME);

  // biome-ignore format: a table
  test.each<[string, Manifest, typeof FAIR, boolean]>([
    ['no manifest',                          EMPTY_MANIFEST,  FAIR,                               true],
    ['no old file',                          EMPTY_MANIFEST,  { ...FAIR, oldFile: false },        false],
    ['no folder',                            EMPTY_MANIFEST,  { ...FAIR, folder: false },         true],
    ['a manifest of something else',         parsed(BASE),    FAIR,                               false],
    ['a manifest without a base',            parsed(INCR),    FAIR,                               false],
    ['a crash before it was moved',          HALF_WAY,        FAIR,                               true],
    ['a crash after it was moved, and another file', HALF_WAY, { ...FAIR, oldFileInFolder: true }, false],
    ['a manifest that went on since',        withNewIncr(HALF_WAY, NAME), FAIR,                   false],
  ])('%s', (_, manifest, found, expected) => expect(needsUpgrade(manifest, NAME, found)).toBe(expected));
});

describe('properties', () => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
    .filter((one) => !['/', '\\', '\0'].some((bad) => one.includes(bad)));
  const seq = fc.bigInt({ min: 1n, max: 0x7fff_ffff_ffff_ffffn });
  const part = fc.record({ name, seq });
  const incrs = fc
    .uniqueArray(part, { selector: (one) => one.seq, maxLength: 5 })
    .map((parts) => parts.sort((a, b) => (a.seq < b.seq ? -1 : 1)));

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.option(part), fc.array(part, { maxLength: 5 }), incrs, (base, history, since) => {
        const manifest = { base, history, incrs: since, lastIncrSeq: since.at(-1)?.seq ?? 0n };
        fc.pre(formatManifest(manifest).length > 0);
        expect(parseManifest(formatManifest(manifest))).toEqual({ ok: true, manifest });
      }),
    );
  });
});
