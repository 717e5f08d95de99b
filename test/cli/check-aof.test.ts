/** `sextet check-aof`: what it prints of files that are sound or damaged, and what it leaves of them. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkAof } from '../../src/cli/aof/check-aof.js';
import { describeDamage } from '../../src/cli/aof/aof-words.js';
import { parseArguments, UsageError } from '../../src/cli/arguments.js';
import { Terminal } from '../../src/cli/terminal.js';
import { AofFile, type Request } from '../../src/kit/aof-file.js';
import { Trouble } from '../../src/kit/trouble.js';
import type { Damage } from '../../src/persistence/aof/aof-reader.js';
import { aof } from '../persistence/aof/files.js';
import { handMade } from '../persistence/files.js';
import { Nobody, Paper } from './paper.js';

const folder = mkdtempSync(join(tmpdir(), 'aof-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly lines: string[];
  /** What the file looks like afterwards. */
  left(name: string): string;
}

/** Writes the files, and checks the first of them; the folder in what is printed is FOLDER. */
async function check(files: Record<string, string | Uint8Array>, args: string[] = [], answer = 'y'): Promise<Outcome> {
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const [out, err] = [new Paper(false), new Paper(false)];
  const path = join(folder, Object.keys(files)[0] ?? 'missing');
  const ask = (question: string): Promise<string> => {
    out.write(question);
    return Promise.resolve(answer);
  };
  const code = await checkAof(parseArguments('check-aof', [...args, path], {}), new Terminal(out, err, {}), ask);
  const lines = out.text.replaceAll(folder, 'FOLDER').split('\n').slice(0, -1);
  return { code, lines, left: (name) => readFileSync(join(folder, name), 'latin1') };
}

const GOOD = aof('SELECT 0', 'SET k v');
const STAMPED = aof('#TS:100', 'SET k v', '#TS:200', 'SET k w', '#TS:300', 'DEL k');

const MANIFEST = 'file base seq 1 type b\nfile one seq 1 type i\nfile two seq 2 type i\n';

/** A key of 256 KiB for an RDB file. */
const longKey = (_: unknown, i: number): string => `\x00\x01${i}\x80\x00\x04\x00\x00${'v'.repeat(1 << 18)}`;

/** What is said, without the table. */
const said = ({ lines }: Outcome): string[] => (lines.includes('') ? lines.slice(0, lines.indexOf('')) : lines);

describe('one file', () => {
  test('that is sound, and what stands in it', async () => {
    const commands = ['SELECT 0', 'set k v', 'MULTI', 'SET a b', 'EXEC', 'SELECT 3', 'DEL k'];
    const { code, lines } = await check({ log: aof(...commands) });
    expect(code).toBe(0);
    expect(lines).toEqual([
      'Start checking Old-Style AOF',
      'AOF analyzed: filename=FOLDER/log, size=149, ok_up_to=149, ok_up_to_line=36, diff=0',
      'AOF FOLDER/log is valid',
      '',
      '  file  database  command  times  bytes',
      '  log   0         SELECT   1      23',
      '  log   0         SET      2      54',
      '  log   0         MULTI    1      15',
      '  log   0         EXEC     1      14',
      '  log   3         SELECT   1      23',
      '  log   3         DEL      1      20',
    ]);
  });

  test('that is empty', async () => {
    const outcome = await check({ log: '' });
    expect(outcome).toMatchObject({ code: 0, lines: ['Start checking Old-Style AOF', 'AOF FOLDER/log is empty'] });
  });

  test('that is no log', async () => {
    const outcome = await check({ log: 'hello\n' });
    expect(outcome.code).toBe(1);
    expect(outcome.lines).toEqual([
      'Start checking Old-Style AOF',
      'AOF FOLDER/log format error',
      'AOF analyzed: filename=FOLDER/log, size=6, ok_up_to=0, ok_up_to_line=1, diff=6',
      'AOF FOLDER/log is not valid. Use the --fix option to try fixing it.',
    ]);
  });

  test('that is not there', async () => {
    await expect(check({})).rejects.toThrow(Trouble);
    await expect(check({})).rejects.toThrow(/^Cannot open file .*missing: No such file or directory$/);
    const aFolder = parseArguments('check-aof', [folder], {});
    const reading = checkAof(aFolder, new Terminal(new Paper(false), new Paper(false), {}), () => Promise.resolve('y'));
    await expect(reading).rejects.toThrow(/^Cannot open file .*: Is a directory$/);
  });

  test('that begins with an RDB file', async () => {
    const rdb = handMade('\xfe\x00', '\x00\x01k\x01v');
    const outcome = await check({ log: Buffer.concat([rdb, Buffer.from(GOOD)]) });
    expect(outcome.code).toBe(0);
    expect(outcome.lines).toContain('RDB preamble is OK, proceeding with AOF tail...');
    expect(outcome.lines).toContain('[info] 1 keys read');
    expect(outcome.lines).toContain('AOF FOLDER/log is valid');
    const broken = await check({ log: Buffer.concat([rdb.subarray(0, 12), Buffer.from(GOOD)]) });
    expect(broken.code).toBe(1);
    expect(broken.lines).toContain('RDB preamble of AOF file is not sane, aborting.');
  });

  test('that is written on meanwhile: it counts as it was', () => {
    const path = join(folder, 'log');
    writeFileSync(path, GOOD);
    const seen: string[] = [];
    const command = (request: Request): void => {
      seen.push(request.text(0));
      appendFileSync(path, '*3\r\n$3\r\nSE');
    };
    const file = new AofFile(path, 0, { command, annotation: () => {} });
    while (file.step());
    expect([seen, file.bytes, file.soundUpTo, file.damage]).toEqual([
      ['SELECT', 'SET'],
      GOOD.length,
      GOOD.length,
      null,
    ]);
  });

  test('whose names of commands are no names', async () => {
    const odd = Array.from({ length: 300 }, (_, i) => aof(`\x1b[31m${i}`)).join('');
    const { lines } = await check({ log: Buffer.from(odd, 'latin1') });
    expect(lines.join('')).not.toContain('\x1b');
    expect(lines.at(-1)).toMatch(/… +100 /);
    expect(lines.length).toBeLessThan(220);
  });
});

describe('--fix', () => {
  const TORN = `${GOOD}${aof('MULTI', 'SET k w')}*2\r\n$3\r\n`;
  test.each(['y', 'Y', 'yes'])('cuts a file in front of what is broken, after %s', async (answer) => {
    const outcome = await check({ log: `${GOOD}${aof('MULTI')}*` }, ['--fix'], answer);
    expect(outcome.code).toBe(0);
    expect(outcome.left('log')).toBe(GOOD);
  });

  test('says what it does', async () => {
    const outcome = await check({ log: TORN }, ['--fix']);
    expect(said(outcome)).toEqual([
      'Start checking Old-Style AOF',
      '0x              64: Expected to read 5 bytes, got 0 bytes',
      'AOF analyzed: filename=FOLDER/log, size=100, ok_up_to=50, ok_up_to_line=25, diff=50',
      'This will shrink the AOF FOLDER/log from 100 bytes, with 50 bytes, to 50 bytes',
      'Continue? [y/N]: Successfully truncated AOF FOLDER/log',
    ]);
  });

  test.each(['', 'n', 'no', ' y'])('leaves it as it is after "%s"', async (answer) => {
    const outcome = await check({ log: TORN }, ['--fix'], answer);
    expect(outcome.code).toBe(1);
    expect(said(outcome).at(-1)).toBe('Continue? [y/N]: Aborting...');
    expect(outcome.left('log')).toBe(TORN);
  });

  // biome-ignore format: a table
  test.each([
    ['a file of commands',            ''],
    ['one that begins with an RDB',   handMade('\xfe\x00', ...Array.from({ length: 9 }, longKey)).toString('latin1')],
  ])('where nobody listens any more, a sound file is left as it is: %s', async (_, head) => {
    const path = join(folder, 'log');
    const log = Buffer.from(`${head}${GOOD.repeat(50_000)}`, 'latin1');
    writeFileSync(path, log);
    const nobody = new Terminal(new Nobody(), new Paper(false), {});
    const ask = (): Promise<string> => Promise.resolve('y');
    expect(await checkAof(parseArguments('check-aof', ['--fix', path], {}), nobody, ask)).toBe(1);
    expect(readFileSync(path).equals(log)).toBe(true);
  });

  test('a sound file is not asked about', async () => {
    expect(said(await check({ log: GOOD }, ['--fix'])).at(-1)).toBe('AOF FOLDER/log is valid');
  });
});

describe('a manifest', () => {
  test('with all its files', async () => {
    const outcome = await check({ manifest: MANIFEST, base: GOOD, one: '', two: GOOD });
    expect(outcome.code).toBe(0);
    expect(said(outcome)).toEqual([
      'Start checking Multi Part AOF',
      'Start to check BASE AOF (RESP format).',
      'AOF analyzed: filename=base, size=50, ok_up_to=50, ok_up_to_line=13, diff=0',
      'BASE AOF base is valid',
      'Start to check INCR files.',
      'INCR AOF one is empty',
      'AOF analyzed: filename=two, size=50, ok_up_to=50, ok_up_to_line=13, diff=0',
      'INCR AOF two is valid',
      'All AOF files and manifest are valid',
    ]);
  });

  test('whose last file is torn', async () => {
    const outcome = await check({ manifest: MANIFEST, base: GOOD, one: GOOD, two: `${GOOD}*` }, ['--fix']);
    expect(outcome.code).toBe(0);
    expect(outcome.left('two')).toBe(GOOD);
    expect(said(outcome).slice(-2)).toEqual([
      'Continue? [y/N]: Successfully truncated AOF two',
      'All AOF files and manifest are valid',
    ]);
  });

  test('whose other files are torn: they are never cut', async () => {
    const outcome = await check({ manifest: MANIFEST, base: GOOD, one: `${GOOD}*`, two: GOOD }, ['--fix']);
    expect(outcome.code).toBe(1);
    expect(outcome.left('one')).toBe(`${GOOD}*`);
    expect(said(outcome).at(-1)).toBe('Failed to truncate AOF one because it is not the last file');
  });

  test('that is wrong', async () => {
    const outcome = await check({ manifest: 'file a seq 1 type x\n' });
    expect(outcome.code).toBe(1);
    expect(outcome.lines.filter((line) => line !== '')).toEqual([
      'Start checking Multi Part AOF',
      '*** FATAL AOF MANIFEST FILE ERROR ***',
      'Reading the manifest file, at line 1',
      ">>> 'file a seq 1 type x'",
      'Unknown AOF file type',
    ]);
  });

  test('is known by its first line, not by what stands in a value', async () => {
    const outcome = await check({ log: aof('SET k file') });
    expect(said(outcome)[0]).toBe('Start checking Old-Style AOF');
    const behindComment = await check({ manifest: `# a comment\n${MANIFEST}`, base: GOOD, one: GOOD, two: GOOD });
    expect(said(behindComment)[0]).toBe('Start checking Multi Part AOF');
  });
});

test('a transaction that ends between two lines of a command lacks its EXEC', async () => {
  const outcome = await check({ log: `${GOOD}${aof('MULTI')}*3\r\n` });
  const at = (GOOD.length + aof('MULTI').length + 4).toString(16).padStart(16);
  expect(said(outcome)).toContain(`0x${at}: Reached EOF before reading EXEC for MULTI`);
  expect((await check({ log: `${GOOD}*3\r\n` })).lines.join()).not.toContain('EXEC');
});

describe('--truncate-to-timestamp', () => {
  const until = (seconds: number): string[] => ['--truncate-to-timestamp', String(seconds)];
  const [second, third] = [STAMPED.indexOf('#TS:200'), STAMPED.indexOf('#TS:300')];

  // biome-ignore format: a table
  test.each<[string, number, number, number, string]>([
    ['everything is older',   300, 0, STAMPED.length, 'AOF FOLDER/log is valid'],
    ['some of it is older',   199, 0, second,         'Successfully truncated AOF FOLDER/log to timestamp 199'],
    ['just as old',           200, 0, third,          'Successfully truncated AOF FOLDER/log to timestamp 200'],
    ['nothing is older',      99,  1, STAMPED.length, 'AOF FOLDER/log has nothing before timestamp 99, aborting...'],
  ])('%s', async (_, seconds, code, bytes, words) => {
    const outcome = await check({ log: STAMPED }, until(seconds));
    expect(outcome.code).toBe(code);
    expect(outcome.left('log').length).toBe(bytes);
    expect(said(outcome).at(-1)).toBe(words);
  });

  test('an annotation that cannot be read', async () => {
    const outcome = await check({ log: `${GOOD}#TS:x\r\n` }, until(1));
    expect([outcome.code, said(outcome).at(-1)]).toEqual([1, 'Invalid timestamp annotation']);
  });

  test('only the last file is cut', async () => {
    const outcome = await check({ manifest: MANIFEST, base: GOOD, one: STAMPED, two: STAMPED }, until(150));
    expect(outcome.code).toBe(1);
    expect(outcome.left('one')).toBe(STAMPED);
    expect(said(outcome).at(-2)).toBe(
      `Failed to truncate AOF FOLDER/one to timestamp 150 to offset ${second} because it is not the last file.`,
    );
  });

  test('not together with --fix', async () => {
    await expect(check({ log: GOOD }, ['--fix', ...until(1)])).rejects.toThrow(UsageError);
  });
});

const RANGE = 'which is not in the suitable range';

// biome-ignore format: a table
test.each<[Damage, string | null]>([
  [{ why: 'no-line-end', found: [0x61, 0x62] }, 'Expected \\r\\n, got: 6162'],
  [{ why: 'no-line-end', found: [0xff, 0x0a] }, 'Expected \\r\\n, got: ffffffff0a'],
  [{ why: 'wrong-prefix', found: 0x50 }, "Expected prefix '$', got: 'P'"],
  [{ why: 'wrong-prefix', found: 0x1b }, "Expected prefix '$', got: '\\x1b'"],
  [{ why: 'wrong-length', stated: -1 }, `Expected to read string of -1 bytes, ${RANGE}`],
  [{ why: 'wrong-length', stated: 1e30 }, `Expected to read string of 9223372036854775807 bytes, ${RANGE}`],
  [{ why: 'wrong-count', stated: 0 }, 'Expected a command of at least one argument, got 0'],
  [{ why: 'nested-multi' }, 'Unexpected MULTI in AOF /log'],
  [{ why: 'stray-exec' }, 'Unexpected EXEC in AOF /log'],
  [{ why: 'truncated', missing: 'exec' }, 'Reached EOF before reading EXEC for MULTI'],
  [{ why: 'truncated', missing: 'annotation' }, 'Reached EOF before the end of an annotation'],
  [{ why: 'truncated', missing: 'bytes', expected: 6, got: 2 }, 'Expected to read 6 bytes, got 2 bytes'],
  [{ why: 'truncated', missing: 'line', found: [13, 0] }, 'Expected \\r\\n, got: 0d00'],
  [{ why: 'truncated', missing: 'line', found: null }, null],
  [{ why: 'no-record', found: 0x68 }, 'AOF log format error'],
])('%o', (damage, words) => {
  const described = describeDamage({ ...damage, at: 31 }, { name: 'log', path: '/log', isInMulti: false });
  if (damage.why === 'no-record') expect(described).toBe(words);
  else expect(described).toBe(words === null ? null : `0x              1f: ${words}`);
});
