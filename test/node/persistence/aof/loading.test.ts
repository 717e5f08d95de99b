/**
 * What a start finds of an append-only file, whole, torn, damaged or old, and what it says of it.
 */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/sim/random.js';
import { Disk } from '../../../../src/sim/world/disk.js';
import { INCR, type LogServer, MANIFEST, serverWithLog, textOf, written } from './server-with-log.js';

const SECOND = 'appendonlydir/appendonly.aof.2.incr.aof';
const TWO_INCRS = 'file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n';

function diskWith(pages: Readonly<Record<string, string>>): Disk {
  const disk = new Disk(new Random(1, 1));
  if (Object.keys(pages).some((path) => path.startsWith('appendonlydir/'))) disk.makeFolder('appendonlydir');
  for (const [path, text] of Object.entries(pages)) disk.replace(path, Buffer.from(text, 'latin1'));
  return disk;
}

/** One incremental file, as its manifest says. */
function incrOnly(text: string): Disk {
  return diskWith({ [MANIFEST]: 'file appendonly.aof.1.incr.aof seq 1 type i\n', [INCR]: text });
}

const warnings = (server: LogServer): string[] => server.log.filter((line) => line.startsWith('warning'));
const SET_AB = written('SELECT 0') + written('SET a 1') + written('SET b 2');

test('a first start makes a base, an incremental file and a manifest', () => {
  const server = serverWithLog();
  expect(server.disk.paths().sort()).toEqual(['appendonlydir/appendonly.aof.1.base.rdb', INCR, MANIFEST]);
  expect(textOf(server.disk, MANIFEST)).toBe(
    'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
  );
  expect(server.log).toEqual([
    'notice: Creating AOF base file appendonly.aof.1.base.rdb on server start',
    'notice: Creating AOF incr file appendonly.aof.1.incr.aof on server start',
  ]);
  expect(server.field('aof_enabled')).toBe('1');
});

test('what was written is there again, with what dies later and what died meanwhile', () => {
  const server = serverWithLog();
  for (const line of ['SET a 1', 'PEXPIRE a 100000', 'SET soon 1', 'PEXPIRE soon 5', 'SELECT 3', 'RPUSH l x y'])
    server.connect().say(line);
  const client = server.connect();
  for (const line of ['SELECT 3', 'RPUSH l x y', 'MULTI', 'INCR n', 'SADD s 1 2', 'EXEC']) client.say(line);
  server.pass(300);
  const digest = server.say('DEBUG DIGEST');
  const next = serverWithLog([], server.disk);
  expect(next.isReady).toBe(true);
  next.pass(1000);
  expect(next.say('DEBUG DIGEST')).toBe(digest);
  expect(next.say('EXISTS soon')).toBe(':0\r\n');
  expect(next.log.slice(-3)).toEqual([
    expect.stringMatching(/^notice: DB loaded from incr file appendonly\.aof\.1\.incr\.aof: 0\.\d{3} seconds$/),
    expect.stringMatching(/^notice: DB loaded from append only file: 0\.\d{3} seconds$/),
    'notice: Opening AOF incr file appendonly.aof.1.incr.aof on server start',
  ]);
});

describe('a last file that breaks off', () => {
  const MULTI = written('MULTI') + written('SET c 3');

  test.each<[string, string, number]>([
    ['inside a command', SET_AB + written('SET c 3').slice(0, -4), 2],
    ['inside a line', `${SET_AB}*3\r\n$`, 2],
    ['inside a transaction', SET_AB + MULTI, 2],
    ['with zeros behind it', SET_AB + '\0'.repeat(10_000), 2],
    ['in zeros inside a command', `${SET_AB}${written('SET c 3').slice(0, 20)}\0\0\0`, 2],
    ['inside a command in a transaction', `${SET_AB}${MULTI}*3\r\n$3\r\nSE`, 2],
  ])('%s: is cut to what is whole', (_, text, keys) => {
    const server = serverWithLog([], incrOnly(text));
    expect(server.exits).toEqual([]);
    expect(server.say('DBSIZE')).toBe(`:${keys}\r\n`);
    expect(textOf(server.disk, INCR)).toBe(SET_AB);
    expect(warnings(server)).toContain(
      `warning: !!! Truncating the AOF appendonly.aof.1.incr.aof at offset ${SET_AB.length} !!!`,
    );
    server.say('SET d 4');
    expect(textOf(server.disk, INCR)).toBe(SET_AB + written('SELECT 0') + written('SET d 4'));
  });

  test.each<[string, readonly string[], string, RegExp]>([
    [
      'inside a command',
      ['aof-load-truncated no'],
      SET_AB.slice(0, -3),
      /Unexpected end of file reading the append only/,
    ],
    [
      'inside a transaction',
      ['aof-load-truncated no'],
      SET_AB + MULTI,
      /Unexpected end of file reading the append only/,
    ],
    [
      'in an annotation',
      ['aof-load-truncated no'],
      `${SET_AB}#TS:17`,
      /Unexpected end of file reading the append only/,
    ],
  ])('%s: ends the start where it may not be cut', (_, conf, text, line) => {
    const server = serverWithLog(conf, incrOnly(text));
    expect(server.exits).toEqual([1]);
    expect(warnings(server).at(-1)).toMatch(line);
    expect(textOf(server.disk, INCR)).toBe(text);
  });
});

describe('damage ends the start, and the files stay as they are', () => {
  const first = SET_AB.slice(0, -3);

  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'no command',
      { [INCR]: `${SET_AB}hello\r\n` },
      'Bad file format reading the append only file appendonly.aof.1.incr.aof: make a',
    ],
    [
      'an unknown command',
      { [INCR]: SET_AB + written('NOSUCH a') },
      "Unknown command 'NOSUCH' reading the append only file appendonly.aof.1.incr.aof",
    ],
    [
      'a command with too few arguments',
      { [INCR]: SET_AB + written('SET a') },
      "Unknown command 'SET' reading the append only file appendonly.aof.1.incr.aof",
    ],
    [
      'a first file that breaks off',
      { [MANIFEST]: TWO_INCRS, [INCR]: first, [SECOND]: SET_AB },
      'Fatal error: the truncated file is not the last file',
    ],
    [
      'a file that is missing',
      { [MANIFEST]: TWO_INCRS, [INCR]: SET_AB },
      'Unable to obtain the AOF file appendonly.aof.2.incr.aof length. stat: No such file or directory',
    ],
    ['a manifest without lines', { [MANIFEST]: '' }, 'Found an empty AOF manifest'],
    ['a manifest of nonsense', { [MANIFEST]: 'nonsense\n' }, 'Invalid AOF manifest file format'],
    ['an RDB that breaks off', { [INCR]: 'REDIS0010' }, 'Terminating server after rdb file reading failure.'],
  ])('%s', (_, pages, line) => {
    const disk = diskWith({ [MANIFEST]: 'file appendonly.aof.1.incr.aof seq 1 type i\n', ...pages });
    const before = disk.paths().map((path) => [path, textOf(disk, path)]);
    const server = serverWithLog([], disk);
    expect(server.exits[0]).toBe(1);
    expect(server.isReady).toBe(false);
    expect(warnings(server).at(-1)?.trim()).toContain(line);
    expect(disk.paths().map((path) => [path, textOf(disk, path)])).toEqual(before);
  });
});

describe('a single file of an older version', () => {
  test('moves into the folder and becomes the base', () => {
    const disk = diskWith({ 'appendonly.aof': SET_AB });
    const server = serverWithLog([], disk);
    expect(server.say('DBSIZE')).toBe(':2\r\n');
    expect(disk.paths().sort()).toEqual(['appendonlydir/appendonly.aof', INCR, MANIFEST]);
    expect(server.log[0]).toBe(
      'notice: Successfully migrated an old-style AOF file (appendonly.aof) into the AOF directory (appendonlydir).',
    );
    const next = serverWithLog([], disk);
    expect(next.say('DBSIZE')).toBe(':2\r\n');
  });

  test('may begin with an RDB', () => {
    const server = serverWithLog(['appendonly no']);
    server.say('SET inside 1');
    server.say('SAVE');
    const disk = diskWith({ 'appendonly.aof': textOf(server.disk, 'dump.rdb') + SET_AB });
    const next = serverWithLog([], disk);
    expect(next.say('DBSIZE')).toBe(':3\r\n');
    expect(next.log).toContain('notice: Reading RDB preamble from AOF file...');
    expect(next.log).toContain('notice: Reading the remaining AOF tail...');
  });

  test.each<[string, string, number]>([
    ['nothing', '', 1],
    ['zeros', '\0'.repeat(10_000), 1],
    ['commands', SET_AB, 3],
    ['commands and zeros', `${SET_AB}\0\0`, 3],
    ['zeros inside a command', `${SET_AB}${written('SET c 3').slice(0, 20)}\0\0\0`, 3],
  ])('may begin with an RDB that ends in zeros, with %s behind it', (_, tail, keys) => {
    const server = serverWithLog(['appendonly no', 'rdbchecksum no']);
    server.say('SET inside 1');
    server.say('SAVE');
    const rdb = textOf(server.disk, 'dump.rdb');
    expect(rdb.endsWith('\0'.repeat(8))).toBe(true);
    const disk = diskWith({ 'appendonly.aof': rdb + tail });
    const next = serverWithLog([], disk);
    expect(next.exits).toEqual([]);
    expect(next.say('DBSIZE')).toBe(`:${keys}\r\n`);
    expect(textOf(disk, 'appendonlydir/appendonly.aof')).toBe(keys === 1 ? rdb : rdb + SET_AB);
  });
});

test('while it is loaded clients are told so, and INFO says how far it is', () => {
  const many = written('SELECT 0') + Array.from({ length: 50 }, (_, i) => written(`SET k${i} 1`)).join('');
  const server = serverWithLog(['key-load-delay 1000'], incrOnly(many));
  server.pass(20);
  expect(server.isReady).toBe(false);
  expect(server.say('GET k1')).toBe('-LOADING Redis is loading the dataset in memory\r\n');
  expect(server.field('loading')).toBe('1');
  expect(Number(server.field('loading_total_bytes'))).toBe(many.length);
  server.pass(1000);
  expect(server.isReady).toBe(true);
  expect(server.say('DBSIZE')).toBe(':50\r\n');
});

test('what fails is told, and the rest is loaded', () => {
  const server = serverWithLog([], incrOnly(SET_AB + written('LPUSH a x') + written('SET c 3')));
  expect(server.say('DBSIZE')).toBe(':3\r\n');
  expect(warnings(server)).toEqual([
    "warning: == CRITICAL == This server is sending an error to its AOF-loading-client: '-WRONGTYPE Operation against " +
      "a key holding the wrong kind of value' after processing the command 'lpush'",
  ]);
});

test('DEBUG LOADAOF puts the files in place of the keys', () => {
  const server = serverWithLog();
  server.say('SET a 1');
  server.pass(10);
  expect(server.say('DEBUG LOADAOF')).toBe('+OK\r\n');
  expect(server.say('DEBUG LOADAOF whatever else')).toBe('+OK\r\n'); // redis counts no arguments here
  expect(server.say('DBSIZE')).toBe(':1\r\n');
  expect(server.field('rdb_changes_since_last_save')).toBe('0');
  server.say('SET b 1');
  expect(textOf(server.disk, INCR)).toBe(written('SELECT 0') + written('SET a 1') + written('SET b 1'));
});
