/** `sextet check-rdb` and `sextet rdb`: what they print of files that are sound, damaged, and full of odd keys. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parseArguments, UsageError } from '../../src/cli/arguments.js';
import { runCheckRdb } from '../../src/cli/check-rdb.js';
import { walk } from '../../src/cli/file-walk.js';
import { csvKey, jsonKey, printable, shownKey } from '../../src/cli/key-text.js';
import { runRdb } from '../../src/cli/rdb.js';
import { Terminal } from '../../src/cli/terminal.js';
import { splitArguments } from '../../src/base/quoting.js';
import { Trouble } from '../../src/kit/trouble.js';
import { goldenFile, handMade } from '../persistence/files.js';
import { tries } from '../support/tries.js';
import { Nobody, Paper } from './paper.js';

const folder = mkdtempSync(join(tmpdir(), 'rdb-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command over these bytes, as a file; its name in what is printed is FILE. */
async function run(command: 'check-rdb' | 'rdb', bytes: Uint8Array, ...args: string[]) {
  const path = join(folder, 'dump.rdb');
  writeFileSync(path, bytes);
  const [out, err] = [new Paper(false), new Paper(false)];
  const told = parseArguments(command, [path, ...args], {});
  const code = await (command === 'rdb' ? runRdb : runCheckRdb)(told, new Terminal(out, err, {}));
  return { code, lines: out.text.replaceAll(path, 'FILE').split('\n').slice(0, -1), notes: err.text };
}

const seven = goldenFile('seven.rdb').bytes;

describe('check-rdb', () => {
  test('a sound file, in the words of redis-check-rdb, and what it holds', async () => {
    const { code, lines } = await run('check-rdb', goldenFile('strange.rdb').bytes);
    expect(code).toBe(0);
    expect(lines).toEqual([
      '[offset 0] Checking RDB file FILE',
      "[offset 27] AUX FIELD redis-ver = '7.0.15'",
      "[offset 41] AUX FIELD redis-bits = '64'",
      expect.stringContaining('[offset 53] AUX FIELD ctime = '),
      expect.stringContaining('[offset 68] AUX FIELD used-mem = '),
      "[offset 80] AUX FIELD aof-base = '0'",
      '[offset 155] FUNCTION LIBRARY tools',
      '[offset 157] Selecting DB ID 0',
      '[offset 428] Selecting DB ID 9',
      '[offset 449] Checksum OK',
      '[offset 449] \\o/ RDB looks OK! \\o/',
      '[info] 4 keys read',
      '[info] 1 expires',
      '[info] 0 already expired',
      '[info] 1 libraries of functions',
      '',
      '  database  type    encoding  form in the file  keys  expiring  length  bytes  memory',
      '  0         stream  -         stream-v2         2     1         2       256    -',
      '  0         string  int       string            1     0         1       10     24',
      '  9         string  int       string            1     0         1       9      24',
    ]);
  });

  test('a file that was cut off', async () => {
    const { code, lines } = await run('check-rdb', seven.subarray(0, 5000));
    expect(code).toBe(1);
    expect(lines.slice(7, 15)).toEqual([
      '--- RDB ERROR DETECTED ---',
      '[offset 5000] Unexpected EOF reading RDB file',
      '[additional info] While doing: read-object-value',
      "[additional info] Reading key 'bigset'",
      '[additional info] Reading type 2 (set-hashtable)',
      '[additional info] All before offset 4983, where this key begins, was read',
      '[info] 11 keys read',
      '[info] 1 expires',
    ]);
  });

  // biome-ignore format: a table
  test.each<[string, Uint8Array, string[]]>([
    ['nothing',           Buffer.alloc(0),                  ['[offset 0] Unexpected EOF reading RDB file', 'start']],
    ['no RDB file',       Buffer.from('RUBIS0010 and more'), ['[offset 0] Wrong signature trying to load DB from file', 'start']],
    ['a later version',   Buffer.from('REDIS0099'),         ["[offset 0] Can't handle RDB format version 99", 'start']],
    ['a wrong checksum',  turned(seven, seven.length - 1),  [`[offset ${seven.length - 8}] RDB CRC error`, 'check-sum']],
    ['a broken value',    handMade([16, 2, 10, 98, 1, 2]),  ["[offset 15] Hash listpack integrity check failed. (key '\\nb' in DB 0, type 16)", 'read-object-value']],
  ])('%s', async (_, bytes, [damage, doing]) => {
    const { code, lines } = await run('check-rdb', bytes);
    const at = lines.indexOf('--- RDB ERROR DETECTED ---');
    expect([code, lines.slice(at + 1, at + 3)]).toEqual([1, [damage, `[additional info] While doing: ${doing}`]]);
  });

  test('what is odd, but no damage', async () => {
    const file = Buffer.concat([
      handMade([250, 1, 27, 1, 97], [2, 1, 98, 0], [253, 1, 0, 0, 0, 0, 1, 97, 1, 98]),
      Buffer.from('PING'),
    ]);
    const { code, lines } = await run('check-rdb', file);
    expect([code, lines]).toEqual([
      0,
      expect.arrayContaining([
        "[offset 14] AUX FIELD \\x1b = 'a'",
        '[offset 37] RDB file was saved with checksum disabled: no check performed.',
        '[info] 1 keys read',
        '[info] 1 already expired',
        '[info] 1 empty keys, which loading leaves out',
        '[info] 4 bytes behind the end of the RDB file',
      ]),
    ]);
  });
});

test('check-rdb: what stands behind the end is counted, however much it is', async () => {
  const { code, lines } = await run('check-rdb', Buffer.concat([handMade([0, 1, 97, 1, 98]), Buffer.alloc(3 << 20)]));
  expect([code, lines.at(-1)]).toEqual([0, `[info] ${3 << 20} bytes behind the end of the RDB file`]);
});

describe('rdb', () => {
  test('--json: an object a line', async () => {
    const { code, lines } = await run('rdb', goldenFile('strange.rdb').bytes, '--json');
    expect(code).toBe(0);
    expect(lines.map((line) => JSON.parse(line)).slice(0, 3)).toMatchObject([
      {
        key: 'stream',
        database: 0,
        slot: 1386,
        type: 'stream',
        encoding: null,
        form: 'stream-v2',
        length: 2,
        bytes: 239,
        memory: null,
        expireAt: 4102444800000,
        offset: 160,
      },
      { key: 'empty', length: 0 },
      {
        key: 'before',
        type: 'string',
        encoding: 'int',
        form: 'string',
        length: 1,
        bytes: 10,
        expireAt: null,
        idleSeconds: null,
        frequency: null,
      },
    ]);
  });

  test('--stats: libraries of functions are counted', async () => {
    const { lines } = await run('rdb', goldenFile('libraries.rdb').bytes, '--stats');
    expect(lines[0]).toMatch(/^2 keys, /);
    expect(lines.at(-1)).toBe('libraries of functions: 3');
  });

  test('--json: how often keys were used', async () => {
    const { lines } = await run('rdb', goldenFile('lfu.rdb').bytes, '--json');
    expect(lines).toHaveLength(26);
    expect(lines.every((line) => JSON.parse(line).frequency >= 5)).toBe(true);
  });

  test('--csv: names, then a line a key', async () => {
    const { lines } = await run('rdb', handMade([254, 3], [0, 3, 61, 34, 255, 1, 98]), '--csv');
    expect(lines).toEqual([
      'database,slot,type,encoding,form,length,bytes,memory,expireAt,idleSeconds,frequency,offset,key',
      expect.stringMatching(/^3,\d+,string,embstr,string,1,7,24,,,,11,"\\x3d""\\xff"$/),
    ]);
  });

  test('--stats: the kinds of keys, the largest, and what makes them many', async () => {
    const { code, lines } = await run('rdb', seven, '--top', '2');
    expect([code, lines[0]]).toEqual([0, '26 keys, 19035 bytes in the file, 74256 in memory; 3 expire, 0 have']);
    expect(lines.filter((line) => !line.startsWith(' ') && line !== '').slice(1)).toEqual([
      'the largest keys',
      'by the beginning of the name',
      'by when they expire',
      'the largest slots',
    ]);
    const at = lines.indexOf('the largest keys');
    expect(lines.slice(at + 2, at + 5)).toEqual([
      '  21720   6500   600     set   hashtable  0         9875   bigset',
      '  18472   4573   900     list  quicklist  0         13388  longlist',
      '',
    ]);
  });

  test('--stats: names are counted by what stands before the first colon', async () => {
    const keys = ['user:1', 'user:2', 'cart:1', 'none'].map((key) => [0, key.length, ...Buffer.from(key), 1, 120]);
    const { lines } = await run('rdb', handMade(...keys));
    const at = lines.indexOf('by the beginning of the name');
    expect(lines.slice(at + 2, at + 5)).toEqual([
      expect.stringContaining('50.0 %  2     user:'),
      expect.stringContaining('25.0 %  1     cart:'),
      expect.stringContaining('25.0 %  1     (no colon)'),
    ]);
  });

  test('--stats of nothing', async () => {
    expect((await run('rdb', handMade())).lines).toEqual([
      '0 keys, 0 bytes in the file, 0 in memory; 0 expire, 0 have',
    ]);
  });

  test('a damaged file is listed up to the damage', async () => {
    const { code, lines, notes } = await run('rdb', seven.subarray(0, 5000), '--json');
    expect([code, lines.length]).toEqual([1, 11]);
    expect(notes).toContain('damaged at offset 5000: Unexpected EOF reading RDB file');
  });

  test('a file of another kind is not called damaged', async () => {
    const { code, notes } = await run('rdb', Buffer.from('*1\r\n$4\r\nPING\r\n'), '--csv');
    expect(code).toBe(1);
    expect(notes).toContain('This is no RDB file: it does not begin with REDIS. "sextet check-aof" reads logs.');
    expect((await run('rdb', Buffer.alloc(0))).notes).toContain('damaged at offset 0: Unexpected EOF');
  });

  test('told wrongly', async () => {
    await expect(run('rdb', seven, '--json', '--csv')).rejects.toThrow(UsageError);
    await expect(run('rdb', seven, 'other.rdb')).rejects.toThrow('one file at a time');
    const nowhere = parseArguments('rdb', [join(folder, 'nowhere.rdb')], {});
    await expect(runRdb(nowhere, new Terminal(new Paper(false), new Paper(false), {}))).rejects.toThrow(Trouble);
    await expect(
      runRdb(parseArguments('rdb', [], {}), new Terminal(new Paper(false), new Paper(false), {})),
    ).rejects.toThrow('it needs the name of a file');
  });
});

test('where nobody reads any more it is left off, and the file is closed', async () => {
  const seen: string[] = [];
  const steps = {
    step(): boolean {
      seen.push('step');
      return true;
    },
    close: () => void seen.push('close'),
  };
  const terminal = new Terminal(new Nobody(), new Paper(false), {});
  expect(terminal.isGone).toBe(false);
  terminal.say('a line');
  expect(await walk(steps, terminal)).toBe(false);
  expect(seen).toEqual(['step', 'close']);
});

describe('names of any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text))),
  );

  test('JSON gives them back, and is one line of what prints', () => {
    fc.assert(
      fc.property(bytes, (key) => {
        const text = `{${jsonKey(key)}}`;
        const { key: name, keyBase64 } = JSON.parse(text);
        expect(Buffer.from(name ?? keyBase64, name === null ? 'base64' : 'utf8')).toEqual(Buffer.from(key));
        expect(
          [...text].some((unit) => unit < ' ' || (unit >= '\x7f' && unit <= '\x9f') || /[\u2028\u2029]/.test(unit)),
        ).toBe(false);
      }),
      { numRuns: tries(2000) },
    );
  });

  test('CSV gives them back', () => {
    fc.assert(
      fc.property(bytes, (key) => {
        const cell = csvKey(key);
        const text = cell.slice(1, -1).replaceAll('""', '"');
        expect(cell).toMatch(/^"([\x20-\x21\x23-\x7e]|"")*"$/);
        expect(text).not.toMatch(/^[=+@-]/);
        const [back] = splitArguments(Buffer.from(`"${text.replaceAll('"', '\\"')}"`)) ?? [];
        expect(back).toEqual(Buffer.from(key));
      }),
      { numRuns: tries(2000) },
    );
  });

  test('what comes along as text has an escape for each unit that does not print', () => {
    expect(printable('a\x1b[\xe9~\u65e5')).toBe('a\\x1b[\\xe9~\\u65e5');
  });

  test('tables cut what is long', () => {
    expect(shownKey(Buffer.from('abc'), 3)).toBe('abc');
    expect(shownKey(Buffer.from('abcd'), 3)).toBe('abc…');
    expect(shownKey(Buffer.from([27, 27]), 5)).toBe('\\x1b\\…');
    expect(shownKey(Buffer.from('"'), 5)).toBe('"');
  });
});

function turned(bytes: Uint8Array, at: number): Uint8Array {
  const spoilt = Uint8Array.from(bytes);
  spoilt[at] = (spoilt[at] ?? 0) ^ 1;
  return spoilt;
}
