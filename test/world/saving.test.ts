/**
 * Files of a real process: saved, killed, started again; the writer beside it; and redis-server with the same file.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePort, type OneServer, RawClient, startServer } from './one-server.js';

const REDIS = 'redis-server';
const hasRedis = spawnSync(REDIS, ['--version']).status === 0;
const CHILDREN = (pid: number): string => `/proc/${pid}/task/${pid}/children`;
const isLinux = process.platform === 'linux';

const folder = mkdtempSync(join(tmpdir(), 'sextet-saving-'));
let server: OneServer | null = null;

/** A server in the one folder of this file. */
async function begin(...options: string[]): Promise<OneServer> {
  server = await startServer('--dir', folder, '--enable-debug-command', 'yes', ...options);
  return server;
}

async function killed(one: OneServer): Promise<void> {
  await one.stop();
  server = null;
}

/** The reply to one command, as a line. */
async function say(port: number, line: string): Promise<string> {
  const client = new RawClient({ port });
  await client.send(`${line}\r\nQUIT\r\n`);
  const all = (await client.take(1 << 20)).toString();
  client.socket.destroy();
  return all.slice(0, all.lastIndexOf('+OK\r\n')).trim();
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function fill(port: number): Promise<string> {
  for (const line of [
    'DEBUG POPULATE 1000',
    'RPUSH l a b c',
    'HSET h f v',
    'ZADD z 1.5 m',
    'SADD s x 1',
    'SET e v EX 1000',
  ])
    await say(port, line);
  return say(port, 'DEBUG DIGEST');
}

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('what was saved is there after a kill, and nothing else lies about', async () => {
  const first = await begin();
  const digest = await fill(first.port);
  expect(await say(first.port, 'SAVE')).toBe('+OK');
  await say(first.port, 'SET behind 1');
  await killed(first);
  const second = await begin();
  expect(await say(second.port, 'DEBUG DIGEST')).toBe(digest);
  expect(second.log()).toMatch(/Done loading RDB, keys loaded: 1005, keys expired: 0\.\n.*DB loaded from disk: /s);
  expect(readdirSync(folder)).toEqual(['dump.rdb']);
});

test.runIf(isLinux)('a child exists while BGSAVE runs, and its death fails the save', async () => {
  const one = server ?? (await begin());
  const pid = one.process.pid ?? 0;
  const children = (): string => readFileSync(CHILDREN(pid), 'utf8').trim();
  expect(children()).toBe('');
  await say(one.port, 'CONFIG SET rdb-key-save-delay 1000000');
  await say(one.port, 'BGSAVE');
  await until(() => children() !== '');
  expect(readdirSync(folder).sort()).toEqual(['dump.rdb', `temp-${children()}.rdb`]);
  process.kill(Number(children()), 'SIGKILL');
  await until(async () => (await say(one.port, 'INFO persistence')).includes('rdb_last_bgsave_status:err'));
  expect(children()).toBe('');
  expect(readdirSync(folder)).toEqual(['dump.rdb']);
  expect(one.log()).toContain('Background saving terminated by signal 9');
});

test.runIf(isLinux)('the child ends with a server that is killed', async () => {
  const one = server ?? (await begin());
  const pid = one.process.pid ?? 0;
  await say(one.port, 'BGSAVE');
  await until(() => readFileSync(CHILDREN(pid), 'utf8').trim() !== '');
  const child = Number(readFileSync(CHILDREN(pid), 'utf8'));
  await killed(one);
  await until(() => !isThere(child));
  for (const name of readdirSync(folder)) if (name.startsWith('temp-')) rmSync(join(folder, name));
});

/** 300 ms a key, in which nobody is served. */
test.skipIf(process.platform === 'win32')(
  'a second SIGINT is heard when a SAVE is over, which is whole then',
  async () => {
    const one = await startServer('--rdb-key-save-delay', '300000');
    try {
      for (const key of ['a', 'b', 'c']) await say(one.port, `SET ${key} 1`);
      const ended = new Promise((resolve) => one.process.once('exit', resolve));
      const client = new RawClient(one);
      await client.send('SAVE\r\n');
      await until(() => readdirSync(one.folder).some((name) => name.startsWith('temp-')));
      for (let i = 0; i < 2; i++) {
        one.process.kill('SIGINT');
        await new Promise((resolve) => setTimeout(resolve, 50)); // two at the same time are one
      }
      expect(one.log()).not.toContain('SIGINT');
      expect(await ended).toBe(1);
      expect(one.log()).toMatch(
        /DB saved on disk\n.*Received SIGINT scheduling.*\n.*You insist\.\.\. exiting now\.\n$/,
      );
      expect(readdirSync(one.folder)).toEqual(['dump.rdb']);
      client.close();
    } finally {
      await one.stop();
    }
  },
);

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.runIf(hasRedis)('redis-server loads our file, and we load what it saved', async () => {
  const ours = server ?? (await begin());
  await say(ours.port, 'CONFIG SET rdb-key-save-delay 0');
  await say(ours.port, 'RPUSH more 1 2 3');
  await say(ours.port, 'BGSAVE');
  await until(async () => (await say(ours.port, 'INFO persistence')).includes('rdb_bgsave_in_progress:0'));
  const digest = await say(ours.port, 'DEBUG DIGEST');
  await killed(ours);
  const port = await freePort();
  const words = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--enable-debug-command',
    'yes',
  ];
  const theirs = spawn(REDIS, words, { stdio: 'ignore' });
  await until(async () => (await say(port, 'PING').catch(() => '')) === '+PONG');
  expect(await say(port, 'DEBUG DIGEST')).toBe(digest);
  await say(port, 'SET theirs 1');
  await say(port, 'SAVE');
  const changed = await say(port, 'DEBUG DIGEST');
  const ended = new Promise((resolve) => theirs.once('exit', resolve));
  theirs.kill('SIGKILL');
  await ended;
  const again = await begin();
  expect(await say(again.port, 'DEBUG DIGEST')).toBe(changed);
});
