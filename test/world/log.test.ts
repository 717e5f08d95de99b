/**
 * What a server writes while it starts: in Redis' lines, or with `log-format json` as one object a line.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';

const BIN = join(import.meta.dirname, '../../bin/sextet-server.js');
const READY = 'Ready to accept connections';

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The lines up to the one that says it is ready. */
async function linesOf(...options: string[]): Promise<string[]> {
  const place = ['--port', String(await freePort()), '--bind', '127.0.0.1', '--save', ''];
  const server = spawn(process.execPath, [BIN, ...place, ...options]);
  let log = '';
  server.stdout.on('data', (bytes: Buffer) => {
    log += bytes.toString();
    if (log.includes(READY)) server.kill();
  });
  await once(server, 'close');
  return log.slice(0, log.indexOf('\n', log.indexOf(READY))).split('\n');
}

test('lines are those of Redis', async () => {
  const lines = await linesOf();
  const line = /^\d+:[CM] \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} [.*#-] \S/;
  expect(lines.filter((each) => !line.test(each))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^\d+:M .* \* Ready to accept connections$/);
});

test.skipIf(process.platform === 'win32')('a unix socket has its own line, alone where there is no port', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextet-log-'));
  const path = join(folder, 's');
  const server = spawn(process.execPath, [BIN, '--port', '0', '--save', '', '--unixsocket', path]);
  let log = '';
  server.stdout.on('data', (bytes: Buffer) => {
    log += bytes.toString();
    if (log.includes(`${path}\n`)) server.kill();
  });
  await once(server, 'close');
  rmSync(folder, { recursive: true });
  expect(log).toMatch(new RegExp(`^\\d+:M .* \\* The server is now ready to accept connections at ${path}$`, 'm'));
  expect(log).not.toContain(READY);
});

test.skipIf(process.platform === 'win32')('syslog hears who speaks, with pid, facility and priority', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextet-log-'));
  writeFileSync(join(folder, 'logger'), `#!/bin/sh\necho "$@" > ${folder}/heard\ncat >> ${folder}/heard\n`, {
    mode: 0o755,
  });
  const options = ['--port', '0', '--unixsocket', join(folder, 's'), '--save', '', '--syslog-enabled', 'yes'];
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const server = spawn(process.execPath, [BIN, ...options, '--syslog-ident', 'foo', '--syslog-facility', 'local3'], {
    env,
  });
  server.stdout.on('data', (bytes: Buffer) => void (bytes.includes('now ready') && server.kill()));
  await once(server, 'close');
  const heard = (): string[] => readFileSync(join(folder, 'heard'), 'utf8').split('\n');
  await vi.waitFor(() => expect(heard()).toContain('<156>Redis is now ready to exit, bye bye...'));
  expect(heard()[0]).toBe(`--prio-prefix --tag foo --id=${server.pid}`);
  expect(heard()).toContain(`<157>The server is now ready to accept connections at ${join(folder, 's')}`);
  rmSync(folder, { recursive: true });
});

test.skipIf(process.platform !== 'linux')('ps shows as much of a title as the command line had room for', async () => {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sextet-log-'));
  const conf = join(folder, 'redis.conf');
  writeFileSync(conf, `port ${port}\nproc-title-template "{title} {port} ${'x'.repeat(300)}"\n`);
  const server = spawn(process.execPath, [BIN, conf, '--save', '']);
  let log = '';
  await new Promise<void>((resolve) => {
    server.stdout.on('data', (bytes: Buffer) => (log += bytes.toString()).includes(READY) && resolve());
  });
  const shown = readFileSync(`/proc/${server.pid}/cmdline`, 'latin1').replaceAll('\0', '');
  server.kill();
  await once(server, 'close');
  rmSync(folder, { recursive: true });
  expect(shown).toMatch(new RegExp(`^sextet-server ${port} x{1,299}$`));
});

test('SIGABRT ends it with a report', async () => {
  const server = spawn(process.execPath, [BIN, '--port', String(await freePort()), '--save', '']);
  let log = '';
  server.stdout.on('data', (bytes: Buffer) => {
    log += bytes.toString();
    if (log.includes(READY) && !log.includes('REPORT')) server.kill('SIGABRT');
  });
  const [code] = await once(server, 'close');
  expect(code).toBe(1);
  expect(log).toContain('crashed by signal: 6');
});

test('log-format json: one object a line', async () => {
  const objects = (await linesOf('--log-format', 'json')).map((line) => JSON.parse(line));
  expect(objects.at(-1)).toEqual({
    level: 'notice',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    pid: expect.any(Number),
    role: 'M',
    msg: READY,
  });
  expect(objects.length).toBeGreaterThan(2);
});

test.each([
  [
    'a configuration file that is not there',
    ['/nowhere/redis.conf'],
    /^\d+:C .* # Fatal error, can't open config file '\/nowhere\/redis\.conf': No such file or directory\n$/,
  ],
  [
    'a module',
    ['--port', '0', '--loadmodule', '/m.so'],
    /\n\d+:M .* # Can't load module from \/m\.so: server aborting\n$/,
  ],
])('%s ends the start with a line of the log', (_, options, line) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...options], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(line);
});

test('a configuration on standard input is named, and quoted byte for byte', () => {
  const input = Buffer.from('port 0\nfoo\xe9 bar\n', 'latin1');
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, '-'], { input });
  expect(status).toBe(1);
  expect(stdout.toString('latin1')).toMatch(/^\d+:C .* # Reading config from stdin\n$/);
  expect(stderr.toString('latin1')).toContain(">>> 'foo\xe9 bar'\n");
});

describe('nobody reads', () => {
  const TOOLBOX = join(import.meta.dirname, '../../bin/sextet.js');

  /** The other end of its standard output is closed before it has begun to run. */
  async function unread(...call: string[]): Promise<unknown> {
    const one = spawn(process.execPath, call);
    one.stdout.destroy();
    let complaint = '';
    one.stderr.on('data', (bytes: Buffer) => (complaint += bytes.toString()));
    const [code] = await once(one, 'close');
    return { code, complaint };
  }

  test.each([
    ['sextet-server --version', [BIN, '--version']],
    ['sextet --help', [TOOLBOX, '--help']],
    ['sextet up --help', [TOOLBOX, 'up', '--help']],
  ])('%s ends without a word', async (_, call) => expect(await unread(...call)).toEqual({ code: 0, complaint: '' }));

  test('a server goes on without a log', async () => {
    const port = await freePort();
    const server = spawn(process.execPath, [BIN, '--port', String(port), '--bind', '127.0.0.1', '--save', '']);
    await once(server.stdout, 'data');
    server.stdout.destroy();
    const redis = new Redis(port, '127.0.0.1');
    redis.on('error', () => {}); // it does not listen yet
    for (let i = 0; i < 3; i++) expect(await redis.replicaof('127.0.0.1', '1')).toContain('OK'); // which is logged
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    server.kill('SIGKILL');
    await once(server, 'close');
  });
});
