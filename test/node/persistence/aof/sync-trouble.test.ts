/**
 * A disk that fails to sync the append-only file: what is done then, and how it ends.
 */
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../../src/base/host.js';
import { ServerOn } from '../server-on.js';

const MISCONF = '-MISCONF Errors writing to the AOF file: Input/output error\r\n';
const FAILED = 'warning: Fail to fsync the AOF file: Input/output error';

/** Its disk fails as soon as `isBroken` is set. */
function serverOn(...conf: readonly string[]) {
  const disk = { isBroken: false };
  const server = new ServerOn(new Map(), {
    conf: ['appendonly yes', 'save ""', ...conf],
    fails: (step) => disk.isBroken && step.startsWith('sync'),
    error: new FileError('EIO', 'Input/output error'),
  });
  server.pass(2000);
  return { server, disk };
}

test('always: the process ends', () => {
  const { server, disk } = serverOn('appendfsync always');
  disk.isBroken = true;
  server.say('SET k 1');
  expect(server.exits).toEqual([1]);
  expect(server.log.at(-1)).toBe(
    "warning: Can't persist AOF for fsync error when the AOF fsync policy is 'always': Input/output error. Exiting...",
  );
});

describe('everysec', () => {
  function troubled() {
    const all = serverOn('appendfsync everysec');
    const { server, disk } = all;
    disk.isBroken = true;
    expect(server.say('SET k 1')).toBe('+OK\r\n');
    server.pass(1500);
    expect(server.say('SET k 2')).toBe(MISCONF);
    expect(server.field('aof_last_write_status')).toBe('err');
    return all;
  }

  const told = (server: ServerOn): number => server.log.filter((line) => line === FAILED).length;

  test('writes are refused until a sync succeeds, which is tried once a second', () => {
    const { server, disk } = troubled();
    server.pass(5000);
    expect(server.say('SET k 2')).toBe(MISCONF);
    expect(told(server)).toBe(1);
    disk.isBroken = false;
    server.pass(2000);
    expect(server.say('SET k 2')).toBe('+OK\r\n');
    expect(server.field('aof_last_write_status')).toBe('ok');
  });

  test('or until all is synced in another way', () => {
    const { server, disk } = troubled();
    disk.isBroken = false;
    server.say('CONFIG SET appendfsync always');
    server.pass(1000);
    expect(server.say('SET k 2')).toBe('+OK\r\n');
  });

  test('or until the log is begun anew', () => {
    const { server } = troubled();
    server.say('CONFIG SET appendonly no');
    expect(server.say('SET k 2')).toBe('+OK\r\n');
    server.say('CONFIG SET appendonly yes');
    expect(server.log).toContain('warning: AOF reopen, just ignore the AOF fsync error in bio job');
  });
});
