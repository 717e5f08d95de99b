/**
 * The append-only file of a replica: begun anew with the keys of a sync, then written as its primary speaks.
 */
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../../src/base/host.js';
import { field, follow, loners } from '../../../support/copies.js';
import type { LittleNode, LittleWorld } from '../../../support/little-world.js';
import { ServerOn } from '../server-on.js';
import { MANIFEST, written } from './server-with-log.js';

const text = (node: LittleNode, path: string): string =>
  Buffer.from(node.host.pages.get(path) ?? new Uint8Array(0)).toString('latin1');

/** The file that is being written. */
function logOf(node: LittleNode): string {
  const names = [...text(node, MANIFEST).matchAll(/file (\S+) seq \d+ type i/g)].map(([, name]) => name);
  return text(node, `appendonlydir/${names.at(-1)}`);
}

const digest = (node: LittleNode): string => node.run('DEBUG', 'DIGEST');
const afterStart = (node: LittleNode): string =>
  new ServerOn(node.host.pages, { conf: ['appendonly yes'] }).say('DEBUG DIGEST');

function untilLoading(all: LittleWorld, { node }: LittleNode): void {
  for (let ms = 0; ms < 3000 && node.replication.loading === null; ms++) all.pass(1);
  expect(node.replication.loading).not.toBeNull();
}

function synced(appendfsync: 'no' | 'always' = 'no') {
  const all = loners(2, 'appendonly yes', `appendfsync ${appendfsync}`, 'save ""', 'rdb-del-sync-files no');
  const [primary, replica] = all.nodes as [LittleNode, LittleNode];
  primary.run('SET', 'before', '1');
  replica.run('SET', 'stale', '1');
  follow(replica, primary);
  all.pass(1500);
  return { all, primary, replica };
}

describe.each(['SET', 'MULTI'])('a replica with a log, %s', (how) => {
  test('has in its files what it has in its keys', () => {
    const { all, primary, replica } = synced();
    expect(afterStart(replica)).toBe(digest(primary));
    if (how === 'MULTI') primary.run('MULTI');
    primary.run('SET', 'during', '1');
    primary.run('INCR', 'n');
    if (how === 'MULTI') primary.run('EXEC');
    primary.run('PUBLISH', 'channel', 'message');
    all.pass(3000);
    expect(digest(replica)).toBe(digest(primary));
    expect(afterStart(replica)).toBe(digest(primary));
    expect(logOf(replica)).toContain('during');
    expect(logOf(replica).includes('MULTI')).toBe(how === 'MULTI');
    for (const word of ['PING', 'REPLCONF', 'PUBLISH']) expect(logOf(replica)).not.toContain(word);
  });
});

test('a primary tells its log of keys that died, and the replica writes down what it hears', () => {
  const { all, primary, replica } = synced();
  primary.run('SET', 'dies', '1', 'PX', '100');
  all.pass(1000);
  for (const node of [primary, replica]) expect(logOf(node)).toContain('$3\r\nDEL\r\n$4\r\ndies\r\n');
});

test('a rewrite that was asked for waits until all keys of a sync are there', () => {
  const all = loners(2, 'save ""', 'appendfsync no', 'rdb-key-save-delay 100000', 'key-load-delay 5000');
  const [primary, replica] = all.nodes as [LittleNode, LittleNode];
  for (let i = 0; i < 100; i++) primary.run('SET', `k${i}`, '1');
  primary.run('CONFIG', 'SET', 'rdb-key-save-delay', '0');
  for (let i = 0; i < 100; i++) replica.run('SET', `old${i}`, '1');
  replica.run('BGSAVE');
  expect(replica.run('BGREWRITEAOF')).toMatch('scheduled');
  follow(replica, primary);
  untilLoading(all, replica);
  replica.run('CONFIG', 'SET', 'rdb-key-save-delay', '0');
  all.pass(300);
  expect(replica.node.replication.loading).not.toBeNull();
  expect(field(replica, 'aof_rewrites')).toBe('0');
  all.pass(1500);
  expect(field(replica, 'aof_rewrites')).toBe('1');
  expect(afterStart(replica)).toBe(digest(primary));
});

describe('where the log cannot be begun anew after a sync', () => {
  const TRIED =
    'warning: Failed enabling the AOF after successful master synchronization! Trying it again in one second.';

  /** A replica that has just synced, and cannot make a log. */
  function stuck() {
    const all = loners(2, 'appendonly yes', 'appendfsync no', 'save ""');
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    const { files } = replica.host;
    const openLog = files.openLog.bind(files);
    files.openLog = (path, how) => {
      if (path.startsWith('appendonlydir/')) throw new FileError('EACCES', 'Permission denied');
      return openLog(path, how);
    };
    const exits: number[] = [];
    replica.node.server.machine = { ...replica.node.server.machine, exit: (code) => void exits.push(code) };
    primary.run('SET', 'k', 'v');
    follow(replica, primary);
    all.pass(500);
    const tries = (): number => replica.log.filter((line) => line === TRIED).length;
    return { all, primary, replica, exits, tries, mend: () => void (files.openLog = openLog) };
  }

  test('it is tried ten times, then the replica ends', () => {
    const { all, replica, exits, tries } = stuck();
    expect(tries()).toBe(1);
    all.pass(8000);
    expect([tries(), exits]).toEqual([9, []]);
    all.pass(1000);
    expect([tries(), exits]).toEqual([10, [1]]);
    expect(replica.log.at(-1)).toBe(
      'warning: FATAL: this replica instance finished the synchronization with its master, ' +
        "but the AOF can't be turned on. Exiting now.",
    );
  });

  test('it goes on as soon as it can', () => {
    const { all, primary, replica, exits, tries, mend } = stuck();
    all.pass(3000);
    mend();
    all.pass(10_000);
    expect([tries(), exits]).toEqual([4, []]);
    expect(afterStart(replica)).toBe(digest(primary));
  });

  test('the next sync is waited for', () => {
    const { all, primary, replica, exits, mend } = stuck();
    for (let i = 0; i < 300; i++) primary.run('SET', `k${i}`, '1');
    replica.run('CONFIG', 'SET', 'key-load-delay', '10000');
    all.breakLinks();
    primary.run('CONFIG', 'SET', 'repl-backlog-size', '16384');
    primary.run('SET', 'long', 'x'.repeat(100_000)); // more than a stream is gone on with
    untilLoading(all, replica);
    mend();
    all.pass(2000);
    expect(replica.node.replication.loading).not.toBeNull();
    all.pass(4000);
    expect(exits).toEqual([]);
    expect(afterStart(replica)).toBe(digest(primary));
  });
});

test('what a replica acknowledges is durable', () => {
  const { all, primary, replica } = synced('always');
  const steps: string[] = [];
  const { files } = replica.host;
  files.sync = (path) => void steps.push(`sync ${path}`);
  const { connect } = replica.host;
  replica.host.connect = (address, events) => {
    const link = connect.call(replica.host, address, events);
    const write = link.write.bind(link);
    link.write = (bytes) => {
      if (Buffer.from(bytes).includes('ACK')) steps.push('acknowledge');
      write(bytes);
    };
    return link;
  };
  all.breakLinks(); // it goes on by another one
  all.pass(2900);
  const clients = [primary.connect(), primary.connect()] as const;
  clients[0].run('SET', 'before', '2');
  all.pass(10);
  steps.length = 0;
  for (const [i, line] of ['WAIT 1 0', 'SET k v'].entries()) {
    const client = clients[i]?.client ?? null; // both in one turn: the replica hears SET and GETACK at once
    if (client !== null) primary.node.received(client, Buffer.from(written(line)).copy(primary.node.intake.shared));
  }
  primary.host.finishTurn();
  all.pass(10);
  expect(clients.map((client) => client.take())).toEqual([':1\r\n', '+OK\r\n']);
  expect(logOf(replica)).toContain(written('SET k v'));
  expect(steps).toEqual([expect.stringMatching(/^sync .*incr\.aof$/), 'acknowledge']);
});

test('who becomes a primary goes on in the same file', () => {
  const { all, replica } = synced();
  replica.run('REPLICAOF', 'NO', 'ONE');
  replica.run('SET', 'own', '1');
  all.pass(100);
  expect(logOf(replica)).toContain('own');
  expect(afterStart(replica)).toBe(digest(replica));
});
