/**
 * Saving and loading as a client, an operator and the next start see it, in virtual time.
 */
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../src/base/host.js';
import { type Pages, ServerOn } from './server-on.js';

const NOTHING: Pages = new Map();
const OK = '+OK\r\n';
const TEMP = 'temp-4711.rdb';

function filled(conf: readonly string[] = []): ServerOn {
  const server = new ServerOn(NOTHING, { conf });
  for (const line of ['SET s 1', 'RPUSH l a b c', 'SADD t x y', 'ZADD z 1 a', 'HSET h f v', 'SELECT 3', 'SET other 1'])
    server.say(line);
  return server;
}

function loggedBy(server: ServerOn): string {
  return server.log.join('\n');
}

describe('SAVE', () => {
  test('writes what the next start loads', () => {
    const server = filled();
    const digest = server.say('DEBUG DIGEST');
    expect(server.say('SAVE')).toBe(OK);
    expect(server.field('rdb_changes_since_last_save')).toBe('0');
    expect(server.pages.has(TEMP)).toBe(false);
    const next = new ServerOn(server.pages);
    next.pass(1);
    expect(next.isReady).toBe(true);
    expect(next.say('DEBUG DIGEST')).toBe(digest);
    expect(next.log.filter((line) => !line.includes('RDB memory usage'))).toEqual([
      'notice: Loading RDB produced by version 7.0.15',
      'notice: RDB age 0 seconds',
      'notice: Done loading RDB, keys loaded: 6, keys expired: 0.',
      'notice: DB loaded from disk: 0.000 seconds',
    ]);
    expect(next.field('rdb_last_load_keys_loaded')).toBe('6');
  });

  test('keeps keys whose time has come, and a primary drops them when it loads', () => {
    const server = new ServerOn(NOTHING);
    server.say('DEBUG SET-ACTIVE-EXPIRE 0');
    server.say('SET mortal 1 PX 10');
    server.say('SET immortal 1');
    server.pass(50);
    server.say('SAVE');
    const next = new ServerOn(server.pages, { startMs: 1000 });
    next.pass(1);
    expect(next.field('rdb_last_load_keys_loaded')).toBe('1');
    expect(next.field('rdb_last_load_keys_expired')).toBe('1');
    expect(next.say('DBSIZE')).toBe(':1\r\n');
  });

  test.each([
    [`write ${TEMP}`, `Failed opening the temp RDB file ${TEMP} (in server root dir /) for saving: No space left`],
    [`append ${TEMP}`, 'Write error saving DB on disk(rdbSaveRio): No space left'],
    [`sync ${TEMP}`, 'Write error saving DB on disk(fsync): No space left'],
    [
      `rename ${TEMP}`,
      `Error moving temp DB file ${TEMP} on the final destination dump.rdb (in server root dir /): No`,
    ],
    ['sync folder .', 'Write error saving DB on disk(fsyncFileDir): No space left'],
  ])('fails at "%s" with its reason', (step, line) => {
    const error = new FileError('ENOSPC', 'No space left on device');
    const server = new ServerOn(NOTHING, { fails: (each) => each === step, error });
    server.say('SET k v');
    expect(server.say('SAVE')).toBe('-ERR\r\n');
    expect(loggedBy(server)).toContain(line);
    expect(server.pages.has(TEMP)).toBe(false);
    expect(server.field('rdb_changes_since_last_save')).toBe('1');
  });
});

describe('BGSAVE', () => {
  test('is a moment: what is changed while it runs is not in it', () => {
    const server = filled(['rdb-key-save-delay 1000']);
    const client = server.connect();
    const digest = client.say('DEBUG DIGEST');
    expect(client.say('BGSAVE')).toBe('+Background saving started\r\n');
    expect(client.say('BGSAVE')).toBe('-ERR Background save already in progress\r\n');
    expect(client.say('SAVE')).toBe('-ERR Background save already in progress\r\n');
    expect(server.field('rdb_bgsave_in_progress')).toBe('1');
    client.say('SET s changed');
    client.say('DEL l');
    client.say('SET new 1');
    server.pass(1000);
    expect(server.field('rdb_bgsave_in_progress')).toBe('0');
    expect(server.field('rdb_last_bgsave_status')).toBe('ok');
    expect(server.field('rdb_changes_since_last_save')).toBe('3');
    const next = new ServerOn(server.pages);
    next.pass(1);
    expect(next.say('DEBUG DIGEST')).toBe(digest);
  });

  test('in EXEC is put off', () => {
    const server = filled();
    const client = server.connect();
    client.say('MULTI');
    client.say('BGSAVE');
    expect(client.say('EXEC')).toBe('*1\r\n+Background saving scheduled\r\n');
    expect(server.pages.has('dump.rdb')).toBe(false);
    server.pass(200);
    expect(server.pages.has('dump.rdb')).toBe(true);
  });

  test('that fails keeps clients from writing until one succeeds', () => {
    const error = new FileError('ENOSPC', 'No space left on device');
    let isFull = true;
    const fails = (step: string): boolean => isFull && step.startsWith('append');
    const server = new ServerOn(NOTHING, { fails, error });
    server.say('SET k v');
    server.say('BGSAVE');
    expect(loggedBy(server)).toContain('Background saving error');
    expect(server.field('rdb_last_bgsave_status')).toBe('err');
    expect(server.say('SET k w')).toMatch(/^-MISCONF Redis is configured to save RDB snapshots/);
    expect(server.say('PING')).toMatch(/^-MISCONF/);
    expect(server.say('GET k')).toBe('$1\r\nv\r\n');
    server.say('CONFIG SET stop-writes-on-bgsave-error no');
    expect(server.say('SET k w')).toBe(OK);
    server.say('CONFIG SET stop-writes-on-bgsave-error yes');
    isFull = false;
    server.say('BGSAVE');
    expect(server.say('SET k x')).toBe(OK);
  });

  test.each([
    [`append ${TEMP}`, 'rdbSaveRio'],
    [`sync ${TEMP}`, 'fsync'],
  ])('that fails at "%s" names the step: %s', (step, name) => {
    const error = new FileError('EIO', 'Input/output error');
    const server = new ServerOn(NOTHING, { fails: (each) => each === step, error });
    server.say('SET k v');
    server.say('BGSAVE');
    expect(loggedBy(server)).toContain(`Write error saving DB on disk(${name}): Input/output error`);
    expect(server.field('rdb_last_bgsave_status')).toBe('err');
    expect(server.pages.has(TEMP)).toBe(false);
  });

  test('is broken off by FLUSHALL, which leaves a file without keys where there are save points', () => {
    const server = filled(['rdb-key-save-delay 1000000']);
    server.say('BGSAVE');
    server.say('FLUSHALL');
    expect(server.field('rdb_bgsave_in_progress')).toBe('0');
    expect(server.field('rdb_last_bgsave_status')).toBe('ok');
    expect(server.pages.has(TEMP)).toBe(false);
    const next = new ServerOn(server.pages);
    next.pass(1);
    expect(next.say('DBSIZE')).toBe(':0\r\n');
    expect(next.field('rdb_last_load_keys_loaded')).toBe('0');
  });

  test('of words that it does not know', () => {
    expect(new ServerOn(NOTHING).say('BGSAVE soon')).toBe('-ERR syntax error\r\n');
  });
});

describe('a place in the stream of changes', () => {
  function fedBy(...lines: string[]): ServerOn {
    const server = new ServerOn(NOTHING);
    server.say('DEBUG SET-ACTIVE-EXPIRE 0');
    server.node.replication.openBacklog();
    for (const line of lines) server.say(line);
    server.say('SAVE');
    return server;
  }

  test('is known to a primary after a restart, so that its replicas may go on', () => {
    const { history } = fedBy('SET k v').node.replication;
    const { id, offset } = history;
    const server = fedBy('SET k v');
    const next = new ServerOn(server.pages);
    next.pass(1);
    const after = next.node.replication;
    expect(offset).toBeGreaterThan(0);
    expect(after.history).toMatchObject({ secondId: id, secondEnd: offset + 1, offset });
    expect(after.history.id).not.toBe(id);
    expect(after.backlog).toMatchObject({ first: offset, end: offset });
  });

  test('moves on by a DEL for each key whose time has come', () => {
    const server = fedBy('SET mortal v PX 10');
    const { offset } = server.node.replication.history;
    const { replication } = new ServerOn(server.pages, { startMs: 1000 }).node;
    const length = replication.history.offset - offset;
    const stream = replication.backlog?.read(offset);
    expect(length).toBe(stream?.length);
    expect(String(stream)).toContain('DEL\r\n$6\r\nmortal\r\n');
  });

  test('is that of its primary at a replica, which asks for what is missing', () => {
    const server = fedBy('SET k v');
    const { id, offset } = server.node.replication.history;
    const next = new ServerOn(server.pages, { conf: ['replicaof 127.0.0.1 6380'] });
    expect(next.node.replication.history).toMatchObject({ id, offset });
    expect(next.node.replication.upstream.canResume).toBe(true);
  });

  test('is not in a file without one', () => {
    const server = filled();
    server.say('SAVE');
    const next = new ServerOn(server.pages);
    next.pass(1);
    expect(next.node.replication.backlog).toBe(null);
    expect(next.node.replication.history).toMatchObject({ secondId: '0'.repeat(40), secondEnd: -1, offset: 0 });
  });
});

describe('save points', () => {
  test.each([
    [11_500, 3, true],
    [10_500, 3, false],
    [11_500, 2, false],
  ])('save 10 3: after %i ms and %i changes: %s', (ms, changes, isSaved) => {
    const server = new ServerOn(NOTHING, { conf: ['save 10 3'] });
    for (let i = 0; i < changes; i++) server.say(`SET k${i} v`);
    server.pass(ms);
    expect(server.pages.has('dump.rdb')).toBe(isSaved);
    expect(loggedBy(server).includes('3 changes in 10 seconds. Saving...')).toBe(isSaved);
  });
});

describe('the end', () => {
  test.each([
    [['save 10 3'], 'SHUTDOWN', true],
    [['save 10 3'], 'SHUTDOWN NOSAVE', false],
    [['save ""'], 'SHUTDOWN', false],
    [['save ""'], 'SHUTDOWN SAVE', true],
  ])('%j and %s', (conf, how, isSaved) => {
    const server = filled(conf);
    server.say(how);
    expect(server.exits).toEqual([0]);
    expect(server.pages.has('dump.rdb')).toBe(isSaved);
  });
});

test('a save that the end of the server meets is broken off, and told once', () => {
  const server = filled();
  server.say('CONFIG SET rdb-key-save-delay 1000000');
  expect(server.say('BGSAVE')).toBe('+Background saving started\r\n');
  const before = server.log.length;
  server.say('SHUTDOWN NOSAVE');
  expect(server.exits).toEqual([0]);
  expect(server.log.slice(before)).toEqual([
    'warning: User requested shutdown...',
    'warning: There is a child saving an .rdb. Killing it!',
    'warning: Redis is now ready to exit, bye bye...',
  ]);
});

describe('DEBUG RELOAD', () => {
  test('gives the same keys back', () => {
    const server = filled();
    const digest = server.say('DEBUG DIGEST');
    expect(server.say('DEBUG RELOAD')).toBe(OK);
    expect(server.say('DEBUG DIGEST')).toBe(digest);
  });

  test('NOSAVE goes back to the file, NOFLUSH MERGE puts it over what is there', () => {
    const server = filled();
    server.say('SAVE');
    server.say('SET s 2');
    server.say('SET new 1');
    expect(server.say('DEBUG RELOAD NOSAVE NOFLUSH MERGE')).toBe(OK);
    expect(server.say('GET s') + server.say('GET new')).toBe('$1\r\n1\r\n$1\r\n1\r\n');
    expect(server.say('DEBUG RELOAD NOSAVE')).toBe(OK);
    expect(server.say('GET new')).toBe('$-1\r\n');
    expect(server.say('DEBUG RELOAD NOSAVE NOFLUSH')).toBe('-ERR Error trying to load the RDB dump\r\n');
    expect(server.say('DEBUG RELOAD SOON')).toBe(
      '-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.\r\n',
    );
  });
});

describe('the start', () => {
  function saved(): Buffer {
    const server = filled();
    server.say('SAVE');
    return Buffer.from(server.pages.get('dump.rdb') ?? []);
  }

  test.each<[string, (file: Buffer) => Buffer, string]>([
    [
      'a wrong checksum',
      (file) => Buffer.concat([file.subarray(0, file.length - 8), Buffer.from('foobar00')]),
      'RDB CRC error',
    ],
    ['a file cut short', (file) => file.subarray(0, file.length - 20), 'Unexpected EOF reading RDB file'],
    ['no file of ours', () => Buffer.from('HELLO WORLD, how are you'), 'Fatal error loading the DB: Invalid argument.'],
    [
      'a file of the future',
      (file) => Buffer.concat([Buffer.from('REDIS9999'), file.subarray(9)]),
      "Can't handle RDB format version 9999",
    ],
  ])('ends at %s, and the file stays as it is', (_, damage, line) => {
    const file = damage(saved());
    const server = new ServerOn(new Map([['dump.rdb', file]]));
    server.pass(1);
    expect(server.exits).toEqual([1]);
    expect(server.isReady).toBe(false);
    expect(loggedBy(server)).toContain(line);
    expect(server.pages.get('dump.rdb')).toBe(file);
  });

  test('says where the damage is and which tool tells more, in the words of redis', () => {
    const server = new ServerOn(new Map([['dump.rdb', Buffer.from('REDIS0010\x10\x01a\x03bad')]]));
    server.pass(1);
    const log = loggedBy(server);
    for (const line of [
      'Internal error in RDB reading offset 16 -> Hash listpack integrity check failed.',
      '--- RDB ERROR DETECTED ---',
      '[offset 16] Hash listpack integrity check failed.',
      'The file is as it was: sextet check-rdb dump.rdb tells more of it.',
      'Terminating server after rdb file reading failure.',
    ])
      expect(log).toContain(line);
  });

  test.each([
    ['without a checksum', 'yes', true],
    ['without a checksum, which nobody asks for', 'no', false],
  ])('takes a file %s', (_, rdbchecksum, isTold) => {
    const maker = new ServerOn(NOTHING, { conf: ['rdbchecksum no'] });
    maker.say('SET a 1');
    maker.say('SAVE');
    const server = new ServerOn(maker.pages, { conf: [`rdbchecksum ${rdbchecksum}`] });
    server.pass(1);
    expect(server.say('GET a')).toBe('$1\r\n1\r\n');
    const line = 'warning: RDB file was saved with checksum disabled: no check performed.';
    expect(server.log.includes(line)).toBe(isTold);
  });

  test('answers LOADING while it lasts, and INFO tells how far it is', () => {
    const conf = ['key-load-delay 100000', 'loading-process-events-interval-bytes 1024', 'rdbcompression no'];
    const big = new ServerOn(NOTHING);
    big.say('DEBUG POPULATE 100 key 1000');
    big.say('SAVE');
    const server = new ServerOn(big.pages, { conf });
    server.pass(300);
    expect(server.isReady).toBe(false);
    expect(server.say('GET key:1')).toBe('-LOADING Redis is loading the dataset in memory\r\n');
    expect(server.field('loading')).toBe('1');
    expect(Number(server.field('loading_loaded_bytes'))).toBeGreaterThan(1000);
    expect(server.field('loading_total_bytes')).toBe(String(big.pages.get('dump.rdb')?.length));
    expect(Number(server.field('loading_rdb_used_mem'))).toBeGreaterThan(100_000); // as the file says of its maker
    server.pass(20_000);
    expect(server.isReady).toBe(true);
    expect(server.say('DBSIZE')).toBe(':100\r\n');
  });
});

test('a replica of a cluster keeps keys that died while it was away: its primary says when they go', () => {
  const [me, primary] = ['1'.repeat(40), '2'.repeat(40)];
  const server = new ServerOn(new Map(), { conf: ['save ""'] });
  server.say('SET mortal v PX 10');
  server.say('SAVE');
  const nodes = [
    `${me} 127.0.0.1:7001@17001 myself,slave ${primary} 0 0 1 connected`,
    `${primary} 127.0.0.1:7000@17000 master - 0 0 1 connected 0-16383`,
    'vars currentEpoch 1 lastVoteEpoch 0',
  ];
  const pages = new Map([...server.pages, ['nodes.conf', Buffer.from(`${nodes.join('\n')}\n`)]]);
  const next = new ServerOn(pages, { conf: ['cluster-enabled yes', 'save ""'], startMs: 60_000 });
  next.pass(1000);
  expect(next.field('role')).toBe('slave');
  expect(next.say('DBSIZE')).toBe(':1\r\n');
});
