/**
 * How the append-only file is begun anew: its files, its figures, and what becomes of a rewrite that fails.
 */
import { describe, expect, test } from 'vitest';
import type { FileWriter, WriterEnd, WriterOrder } from '../../../../src/base/host.js';
import { RewriteLimit } from '../../../../src/node/persistence/aof/rewrite-limit.js';
import { INCR, type LogServer, MANIFEST, serverWithLog, textOf, written } from './server-with-log.js';

const FOLDER = 'appendonlydir/';
const SECOND = `${FOLDER}appendonly.aof.2.incr.aof`;
const STARTED = '+Background append only file rewriting started\r\n';
const SCHEDULED = '+Background append only file rewriting scheduled\r\n';

const manifestOf = (server: LogServer): string[] => textOf(server.disk, MANIFEST).trimEnd().split('\n');

/** The same data after a restart. */
function expectSameAfterStart(server: LogServer): void {
  server.pass(10);
  const next = serverWithLog([], server.disk);
  expect(next.exits).toEqual([]);
  expect(next.say('DEBUG DIGEST')).toBe(server.say('DEBUG DIGEST'));
}

function filled(conf: readonly string[] = []): LogServer {
  const server = serverWithLog(conf);
  const lines = ['SET s 1', 'RPUSH l a b c', 'SADD t x y', 'ZADD z 1 a', 'HSET h f v', 'SET dies 1 PX 500000'];
  for (const line of lines) server.say(line);
  server.pass(10);
  return server;
}

describe('BGREWRITEAOF', () => {
  test.each(['yes', 'no'])('with an RDB in front: %s', (preamble) => {
    const server = filled([`aof-use-rdb-preamble ${preamble}`]);
    const form = preamble === 'yes' ? 'rdb' : 'aof';
    expect(server.say('BGREWRITEAOF')).toBe(STARTED);
    server.pass(200);
    expect(manifestOf(server)).toEqual([
      `file appendonly.aof.2.base.${form} seq 2 type b`,
      'file appendonly.aof.2.incr.aof seq 2 type i',
    ]);
    expect(server.disk.paths().sort()).toEqual([`${FOLDER}appendonly.aof.2.base.${form}`, SECOND, MANIFEST]);
    expect(textOf(server.disk, `${FOLDER}appendonly.aof.2.base.${form}`).startsWith('REDIS')).toBe(form === 'rdb');
    const temp = 'temp-rewriteaof-bg-4711.aof';
    expect(server.log.slice(-6)).toEqual([
      `notice: Successfully created the temporary AOF base file ${temp}`,
      'notice: Background AOF rewrite terminated with success',
      `notice: Successfully renamed the temporary AOF base file ${temp} into appendonly.aof.2.base.${form}`,
      'notice: Removing the history file appendonly.aof.1.incr.aof in the background',
      `notice: Removing the history file appendonly.aof.1.base.${form} in the background`,
      'notice: Background AOF rewrite finished successfully',
    ]);
    expectSameAfterStart(server);
  });

  test('what is done while it runs stands in the file behind the base, and only there', () => {
    const server = filled(['rdb-key-save-delay 20000', 'appendfsync no']);
    expect(server.say('BGREWRITEAOF')).toBe(STARTED);
    expect(server.field('aof_rewrite_in_progress')).toBe('1');
    expect(server.say('BGREWRITEAOF')).toMatch(/^-ERR Background append only file rewriting already in progress/);
    expect(server.say('BGSAVE')).toMatch(/^-ERR Another child process is active \(AOF\?\): can't BGSAVE right now\./);
    expect(server.say('BGSAVE SCHEDULE')).toBe('+Background saving scheduled\r\n');
    expect(server.say('SAVE')).toBe('+OK\r\n'); // that is another file, and needs no snapshot
    const before = textOf(server.disk, INCR);
    server.say('SET during 1');
    server.say('DEL s');
    expect(textOf(server.disk, INCR)).toBe(before);
    expect(textOf(server.disk, SECOND)).toBe(written('SELECT 0') + written('SET during 1') + written('DEL s'));
    server.pass(1000);
    expect(server.field('aof_rewrite_in_progress')).toBe('0');
    expectSameAfterStart(server);
  });

  test('behind a BGSAVE, or in a transaction, it is scheduled', () => {
    const server = filled(['rdb-key-save-delay 20000']);
    server.say('BGSAVE');
    expect(server.say('BGREWRITEAOF')).toBe(SCHEDULED);
    expect(server.field('aof_rewrite_scheduled')).toBe('1');
    server.pass(1000);
    expect(server.field('aof_rewrites')).toBe('1');
    const client = server.connect();
    client.say('MULTI');
    client.say('BGREWRITEAOF');
    expect(client.say('EXEC')).toBe(`*1\r\n${SCHEDULED}`);
    server.pass(1000);
    expect(server.field('aof_rewrites')).toBe('2');
  });

  test('with no append-only file it makes a base all the same', () => {
    const server = serverWithLog(['appendonly no']);
    server.say('SET k 1');
    server.say('BGREWRITEAOF');
    server.pass(200);
    expect(manifestOf(server)).toEqual(['file appendonly.aof.1.base.rdb seq 1 type b']);
    expect(server.say('DEBUG LOADAOF')).toBe('+OK\r\n');
    expect(server.say('GET k')).toBe('$1\r\n1\r\n');
  });

  test('aof-disable-auto-gc keeps what was replaced', () => {
    const server = filled(['aof-disable-auto-gc yes']);
    server.say('BGREWRITEAOF');
    server.pass(200);
    expect(manifestOf(server)).toEqual([
      'file appendonly.aof.2.base.rdb seq 2 type b',
      'file appendonly.aof.1.incr.aof seq 1 type h',
      'file appendonly.aof.1.base.rdb seq 1 type h',
      'file appendonly.aof.2.incr.aof seq 2 type i',
    ]);
    server.say('CONFIG SET aof-disable-auto-gc no');
    expect(manifestOf(server)).toHaveLength(2);
    expect(server.disk.page(INCR)).toBeNull();
  });
});

describe('by itself', () => {
  test('when the files have grown by so much', () => {
    const server = serverWithLog(['auto-aof-rewrite-min-size 100', 'auto-aof-rewrite-percentage 100']);
    for (let i = 0; i < 20; i++) server.say('INCR n');
    server.pass(300);
    expect(server.field('aof_rewrites')).toBe('1');
    expect(server.log.some((line) => /Starting automatic rewriting of AOF on \d+% growth/.test(line))).toBe(true);
    server.pass(1000);
    expect(server.field('aof_rewrites')).toBe('1');
  });

  test('not while the base of another one is being brought to disk', () => {
    const server = serverWithLog(['auto-aof-rewrite-min-size 1', 'auto-aof-rewrite-percentage 1', 'appendfsync no']);
    const { host, disk } = server;
    const path = 'temp-rewriteaof-bg-99.aof';
    Object.assign(host, {
      startWriter: (_order: WriterOrder, ended: (end: WriterEnd) => void): FileWriter => ({
        pid: 99,
        path,
        write: (bytes) => disk.append(path, bytes),
        queuedBytes: () => 0,
        finish: () => void host.after(2000, () => ended({ kind: 'done' })),
        kill: () => {},
      }),
    });
    for (let i = 0; i < 30; i++) {
      for (let n = 0; n < 10; n++) server.say('INCR n');
      server.pass(100);
    }
    expect(Number(server.field('aof_rewrites'))).toBeLessThan(3);
    const next = serverWithLog([], disk);
    expect(next.say('GET n')).toBe('$3\r\n300\r\n');
  });

  test.each(['auto-aof-rewrite-min-size 1mb', 'auto-aof-rewrite-percentage 0'])('not with %s', (line) => {
    const server = serverWithLog(['auto-aof-rewrite-min-size 100', line]);
    for (let i = 0; i < 20; i++) server.say('INCR n');
    server.pass(1000);
    expect(server.field('aof_rewrites')).toBe('0');
  });
});

describe('CONFIG SET appendonly', () => {
  test('yes: it is on once there is a base; until then what is done waits under another name', () => {
    const server = serverWithLog(['appendonly no', 'rdb-key-save-delay 20000', 'appendfsync no']);
    for (const key of ['a', 'b', 'c']) server.say(`SET ${key} 1`);
    expect(server.say('CONFIG SET appendonly yes')).toBe('+OK\r\n');
    expect(server.field('aof_enabled')).toBe('1');
    server.say('SET d 1');
    expect(textOf(server.disk, `${FOLDER}temp-appendonly.aof.incr`)).toBe(written('SELECT 0') + written('SET d 1'));
    expect(server.disk.page(MANIFEST)).toBeNull();
    server.pass(1000);
    expect(manifestOf(server)).toHaveLength(2);
    expect(textOf(server.disk, INCR)).toBe(written('SELECT 0') + written('SET d 1'));
    expectSameAfterStart(server);
  });

  test('no: nothing is written any more, and a rewrite is ended', () => {
    const server = filled(['rdb-key-save-delay 20000', 'appendfsync no']);
    server.say('BGREWRITEAOF');
    expect(server.say('CONFIG SET appendonly no')).toBe('+OK\r\n');
    const before = textOf(server.disk, SECOND);
    server.say('SET late 1');
    server.pass(1000);
    expect(textOf(server.disk, SECOND)).toBe(before);
    expect(server.disk.paths().filter((path) => path.startsWith('temp'))).toEqual([]);
    expect(server.field('aof_enabled')).toBe('0');
    expect(server.log).toContain('notice: Killing running AOF rewrite child: 4711');
  });

  test.each<[string, readonly string[], string]>([
    ['in a transaction', ['MULTI', 'CONFIG SET appendonly yes', 'EXEC'], 'during a transaction'],
    ['behind a BGSAVE', ['BGSAVE', 'CONFIG SET appendonly yes'], 'but there is already another background operation'],
    ['behind a rewrite', ['BGREWRITEAOF', 'CONFIG SET appendonly yes'], 'but there is already an AOF rewriting in'],
  ])('yes, %s: it begins as soon as it can', (_, lines, why) => {
    const server = serverWithLog(['appendonly no', 'rdb-key-save-delay 20000', 'appendfsync no']);
    for (const key of ['a', 'b', 'c']) server.say(`SET ${key} 1`);
    const client = server.connect();
    for (const line of lines) client.say(line);
    expect(server.log.some((line) => line.startsWith(`warning: AOF was enabled ${why}`))).toBe(true);
    expect(server.field('aof_enabled')).toBe('1');
    server.say('INCR n');
    server.pass(1000);
    server.say('INCR n');
    expectSameAfterStart(server);
  });

  test('yes, and the first base comes to nothing: the next one has what was done meanwhile', () => {
    const server = serverWithLog(['appendonly no', 'rdb-key-save-delay 20000', 'appendfsync no']);
    for (const key of ['a', 'b', 'c']) server.say(`SET ${key} 1`);
    const { files } = server.host;
    const rename = files.rename.bind(files);
    files.rename = (from, to) => (to.includes('base') ? files.sync('no such file') : rename(from, to));
    server.say('CONFIG SET appendonly yes');
    server.say('INCR n');
    server.pass(150);
    expect(server.log).toContain('notice: Removing the temp incr aof file temp-appendonly.aof.incr in the background');
    files.rename = rename;
    server.say('INCR n');
    server.pass(1000);
    server.say('INCR n');
    expect(manifestOf(server)).toHaveLength(2);
    expectSameAfterStart(server);
  });

  test('yes, where no folder can be made: the answer says so', () => {
    const server = serverWithLog(['appendonly no']);
    const { files } = server.host;
    files.hasFolder = () => false;
    files.makeFolder = () => files.readPart('no such file', 0, 1);
    expect(server.say('CONFIG SET appendonly yes')).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on AOF. Check server logs.\r\n",
    );
    expect(server.say('CONFIG GET appendonly')).toContain('no');
    expect(server.field('aof_enabled')).toBe('0');
  });
});

test.each<[string, string]>([
  ['BGREWRITEAOF', SCHEDULED],
  ['CONFIG SET appendonly yes', '+OK\r\n'],
])('%s behind a rewrite that was broken off: nobody stands still while it is tidied up', (line, expected) => {
  const server = serverWithLog(['rdb-key-save-delay 1000', 'appendfsync no']);
  server.say('DEBUG POPULATE 20000');
  server.say('BGREWRITEAOF');
  server.pass(50);
  const { node, host } = server;
  const connection = server.connect();
  const bytes = Buffer.from(written('CONFIG SET appendonly no') + written(line)); // both in one turn
  host.lookMicros = 200_000; // and everything takes long
  if (connection.client !== null) node.received(connection.client, bytes.copy(node.intake.shared));
  expect(node.engine.mustSweep).toBe(true);
  host.lookMicros = 0;
  host.finishTurn();
  expect(connection.take()).toBe(`+OK\r\n${expected}`);
  server.say('CONFIG SET rdb-key-save-delay 0');
  server.say('CONFIG SET appendonly yes');
  server.pass(1000);
  expect(server.log.filter((each) => each.startsWith('notice: Background append only file rewriting'))).toHaveLength(2);
  expectSameAfterStart(server);
});

describe('a rewrite that fails', () => {
  test('what could not be written is not done twice: the base would have it, and so would the file behind it', () => {
    const server = serverWithLog(['auto-aof-rewrite-min-size 1', 'auto-aof-rewrite-percentage 1']);
    server.disk.room = 10;
    server.say('INCR n');
    expect(server.say('BGREWRITEAOF')).toMatch(/^-ERR Can't execute an AOF background rewriting\./);
    expect(server.log.at(-1)).toBe("warning: Can't rewrite the AOF while it lacks what could not be written to it");
    expect(server.field('aof_last_bgrewrite_status')).toBe('err');
    const lines = server.log.length;
    server.pass(1000); // and nobody tries it by himself
    expect([server.field('aof_rewrites'), server.log.length]).toEqual(['0', lines]);
    server.disk.room = null;
    server.pass(1100);
    expect(Number(server.field('aof_rewrites'))).toBeGreaterThan(0);
    expectSameAfterStart(server);
  });

  test('leaves all files good', () => {
    const server = filled();
    const { files } = server.host;
    const rename = files.rename.bind(files);
    files.rename = (from, to) => (to.includes('base') ? files.sync('no such file') : rename(from, to));
    server.say('BGREWRITEAOF');
    server.pass(200);
    expect(server.field('aof_last_bgrewrite_status')).toBe('err');
    expect(server.field('aof_rewrites_consecutive_failures')).toBe('1');
    expect(manifestOf(server)).toHaveLength(3);
    server.say('SET after 1');
    files.rename = rename;
    expectSameAfterStart(server);
    server.say('BGREWRITEAOF');
    server.pass(200);
    expect(server.field('aof_last_bgrewrite_status')).toBe('ok');
    expect(manifestOf(server)).toHaveLength(2);
    expectSameAfterStart(server);
  });

  test('waits longer each time, from the third on', () => {
    const lines: string[] = [];
    const limit = new RewriteLimit((line) => lines.push(line));
    limit.failures = 2;
    expect(limit.holdsBack(0)).toBe(false);
    limit.failures = 3;
    const waits: number[] = [];
    for (let now = 0, since = 0; waits.length < 8; now++) {
      if (limit.holdsBack(now)) continue;
      waits.push((now - since) / 60);
      since = now + 1; // tried at once, failed, asked again a second later
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(lines[0]).toBe(
      'Background AOF rewrite has repeatedly failed and triggered the limit, will retry in 1 minutes',
    );
    limit.failures = 0;
    expect(limit.holdsBack(0)).toBe(false);
  });
});

describe('the end', () => {
  test('all is written and synced', () => {
    const server = filled();
    server.disk.syncMs = 10_000;
    server.pass(1000);
    server.say('SET late 1');
    server.say('SET later 1');
    server.say('SHUTDOWN NOSAVE');
    expect(server.exits).toEqual([0]);
    expect(Buffer.from(server.disk.durable(INCR) ?? []).toString()).toContain('later');
    expect(server.log).toContain('notice: Calling fsync() on the AOF file.');
  });

  test('not before the first base is there, unless it must be', () => {
    const server = serverWithLog(['appendonly no', 'rdb-key-save-delay 20000']);
    for (const key of ['a', 'b', 'c']) server.say(`SET ${key} 1`);
    server.say('CONFIG SET appendonly yes');
    expect(server.say('SHUTDOWN NOSAVE')).toMatch(/^-ERR Errors trying to SHUTDOWN/);
    expect(server.log).toContain("warning: Writing initial AOF, can't exit.");
    server.say('SHUTDOWN NOSAVE FORCE');
    expect(server.exits).toEqual([0]);
  });
});
