/**
 * A snapshot that goes by way of files, and comes to no end: what becomes of the file, and of who waits.
 */
import { describe, expect, test } from 'vitest';
import { FileError, type Files, type LogFile } from '../../../src/base/host.js';
import { expectSame, field, fillNextLink, follow, loners } from '../../support/copies.js';
import type { LittleNode } from '../../support/little-world.js';
import { ServerOn } from '../persistence/server-on.js';

const DISK = ['repl-diskless-sync no', 'save 3600 1'];

const filesOf = (node: LittleNode): string[] => [...node.host.pages.keys()].filter((name) => name.includes('rdb'));

/** The first copies itself to the second, slowly. */
function copying(count: number, ...conf: readonly string[]) {
  const all = loners(count, ...DISK, ...conf);
  const [primary, replica, other] = all.nodes as [LittleNode, LittleNode, LittleNode];
  for (let i = 0; i < 200; i++) primary.run('SET', `key:${i}`, 'x'.repeat(i));
  primary.run('CONFIG', 'SET', 'rdb-key-save-delay', '20000');
  follow(replica, primary);
  all.pass(20);
  expect(field(replica, 'master_sync_in_progress')).toBe('1');
  expect(filesOf(primary)).toHaveLength(1);
  return { all, primary, replica, other };
}

test('what INFO says of it: nothing is known before the primary has named a size, or a mark', () => {
  const { replica } = copying(2);
  const figures = () =>
    ['total_bytes', 'read_bytes', 'left_bytes', 'perc'].map((name) => field(replica, `master_sync_${name}`));
  expect(figures()).toEqual(['-1', '0', '-1', '-0.00']);
});

test('what INFO says of a snapshot that ends with a mark', () => {
  const all = loners(2, 'repl-diskless-sync yes');
  const [primary, replica] = all.nodes as [LittleNode, LittleNode];
  for (let i = 0; i < 200; i++) primary.run('SET', `key:${i}`, 'x'.repeat(1000));
  primary.run('CONFIG', 'SET', 'rdb-key-save-delay', '20000');
  follow(replica, primary);
  all.pass(500);
  expect(field(replica, 'master_sync_total_bytes')).toBe('0');
  expect(field(replica, 'master_sync_perc')).toBe('0.00');
  const read = Number(field(replica, 'master_sync_read_bytes'));
  expect(read).toBeGreaterThan(0);
  expect(field(replica, 'master_sync_left_bytes')).toBe(String(-read));
});

test.each([
  ['disabled', ['dump.rdb']],
  ['swapdb', []],
])('other keys come: what shows the old ones is given up, repl-diskless-load %s', (mode, files) => {
  const { all, primary, replica, other } = copying(3, `repl-diskless-load ${mode}`);
  replica.isUp = false;
  other.run('SET', 'fresh', 'x');
  follow(primary, other);
  all.pass(5000);
  expectSame(other, primary);
  expect(filesOf(primary)).toEqual(files);
  if (files.length > 0) expect(new ServerOn(primary.host.pages).say('EXISTS fresh')).toBe(':1\r\n');
  replica.isUp = true;
  all.pass(1500);
  expectSame(other, replica);
});

test('the process was to end, and did not: replicas ask again', () => {
  const { all, primary, replica } = copying(2);
  const { files } = primary.host;
  const { write } = files;
  files.write = () => {
    throw new FileError('ENOSPC', 'No space left on device');
  };
  primary.run('CONFIG', 'SET', 'rdb-key-save-delay', '0');
  expect(primary.run('SHUTDOWN', 'NOW')).toMatch(/^-ERR Errors trying to SHUTDOWN/);
  files.write = write;
  all.pass(3000);
  expectSame(primary, replica);
});

describe('while a slow replica is sent its file', () => {
  /** The link of the first one is full: it is let go by what is returned. */
  function sending() {
    const all = loners(3, ...DISK);
    const [primary, slow, other] = all.nodes as [LittleNode, LittleNode, LittleNode];
    for (let i = 0; i < 200; i++) primary.run('SET', `key:${i}`, 'x'.repeat(i));
    const letGo = fillNextLink(primary);
    follow(slow, primary);
    all.pass(20);
    expect(field(primary, 'slave0')).toContain('state=send_bulk');
    primary.run('SET', 'later', 'x');
    return { all, primary, slow, other, letGo };
  }

  const expectSaved = (primary: LittleNode): void => {
    expect(field(primary, 'rdb_changes_since_last_save')).toBe('0');
    expect(filesOf(primary)).toEqual(['dump.rdb']);
    expect(new ServerOn(primary.host.pages).say('EXISTS later')).toBe(':1\r\n');
  };

  test('another one gets a file of its own, and need not wait', () => {
    const { all, primary, slow, other, letGo } = sending();
    primary.run('CONFIG', 'SET', 'rdb-key-save-delay', '10000'); // signs of life go to the other alone meanwhile
    follow(other, primary);
    all.pass(3000);
    expectSame(primary, other);
    expect(field(primary, 'slave0')).toContain('state=send_bulk');
    letGo();
    all.pass(50);
    expectSame(primary, slow);
    expectSaved(primary);
  });

  test('and another slow one: the later file becomes that of the last save', () => {
    const { all, primary, slow, other, letGo } = sending();
    const letOtherGo = fillNextLink(primary);
    follow(other, primary);
    all.pass(50);
    expect(filesOf(primary)).toHaveLength(2);
    letGo();
    all.pass(50);
    expectSame(primary, slow);
    expect(field(primary, 'rdb_changes_since_last_save')).toBe('1');
    letOtherGo();
    all.pass(50);
    expectSame(primary, other);
    expectSaved(primary);
  });

  test('and all are sent away: no file of theirs stays behind', () => {
    const { all, primary, other } = sending();
    fillNextLink(primary);
    follow(other, primary);
    all.pass(50);
    primary.node.replication.desk.abandon();
    expect(filesOf(primary)).toEqual([]);
    expect(field(primary, 'connected_slaves')).toBe('0');
  });

  test('a save that is begun counts no change a second time', () => {
    const { all, primary, slow, letGo } = sending();
    primary.run('CONFIG', 'SET', 'rdb-key-save-delay', '1000');
    primary.run('BGSAVE');
    letGo();
    all.pass(50);
    expectSame(primary, slow);
    expect(field(primary, 'rdb_bgsave_in_progress')).toBe('1');
    expect(field(primary, 'rdb_changes_since_last_save')).toBe('1');
    all.pass(1000);
    expect(field(primary, 'rdb_bgsave_in_progress')).toBe('0');
    expectSaved(primary);
  });
});

describe('the file cannot be read', () => {
  test.each(['size', 'readPart'] as const)('by %s: replicas ask again, and it is not kept', (call) => {
    const { all, primary, replica } = copying(2);
    const { files } = primary.host;
    const before = files[call];
    const broken = (): never => {
      throw new FileError('EIO', 'Input/output error');
    };
    Object.assign(files, { [call]: broken });
    primary.run('CONFIG', 'SET', 'rdb-key-save-delay', '0');
    all.pass(30);
    expect(primary.log).toContain('warning: SYNC failed. Input/output error');
    expect(filesOf(primary)).not.toContain('dump.rdb');
    Object.assign(files, { [call]: before });
    all.pass(3000);
    expectSame(primary, replica);
    expect(filesOf(primary)).toEqual(['dump.rdb']);
  });
});

describe('at the replica a disk that fails', () => {
  const broken = (): never => {
    throw new FileError('EIO', 'Input/output error');
  };
  const logThat = (files: Files, parts: Partial<LogFile>): Partial<Files> => {
    const { openLog } = files;
    return { openLog: (path, how) => Object.assign(openLog.call(files, path, how), parts) };
  };
  const syncFails: LogFile['syncBeside'] = (done) => done(new FileError('EIO', 'Input/output error'));
  const IN = 'in MASTER <-> REPLICA synchronization';
  const FOR = 'needed for MASTER <-> REPLICA synchronization';
  const ON = `the DB dump file ${FOR}`;

  // biome-ignore format: a table
  test.each<[string, string, (files: Files) => Partial<Files>]>([
    ['opened',  `Opening the temp file ${FOR}`,                () => ({ openLog: broken })],
    ['written', `Write error or short write writing to ${ON}`, (files) => logThat(files, { append: broken })],
    ['synced',  `Failed trying to sync the temp DB to disk ${IN}`,
                                                                 (files) => logThat(files, { syncBeside: syncFails })],
    ['read',    `Read error on ${ON}`,                         () => ({ readPart: broken })],
  ])('when it is %s: the reason is said, and it is asked again', (_, text, failing) => {
    const all = loners(2, ...DISK);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    primary.run('SET', 'k', 'v');
    replica.run('SET', 'old', 'v');
    const { files } = replica.host;
    const before = { openLog: files.openLog.bind(files), readPart: files.readPart.bind(files) };
    Object.assign(files, failing(files));
    follow(replica, primary);
    all.pass(30);
    expect(replica.log).toContain(`warning: ${text}: Input/output error`);
    expect(field(replica, 'master_link_error')).toBe(`${text}: Input/output error`);
    expect(replica.run('EXISTS', 'old')).toBe(':1\r\n');
    Object.assign(files, before);
    all.pass(1500);
    expectSame(primary, replica);
    expect(filesOf(replica)).toEqual(['dump.rdb']);
  });

  test('when it is moved: the keys are served all the same', () => {
    const all = loners(2, ...DISK);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    primary.run('SET', 'k', 'v');
    replica.host.files.rename = broken;
    follow(replica, primary);
    all.pass(30);
    const text = `Failed trying to rename the temp DB into dump.rdb ${IN}`;
    expect(replica.log).toContain(`warning: ${text}: Input/output error`);
    expectSame(primary, replica);
    expect(filesOf(replica)).toEqual([]);
  });
});
