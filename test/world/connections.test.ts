/**
 * Real sockets: long pipelines, big values, clients that never read and clients that vanish, unix sockets, strangers.
 */
import { existsSync, statSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type OneServer, RawClient, startServer, startWithFewFiles } from './one-server.js';

const MIB = 1024 * 1024;

let server: OneServer;
let clients: RawClient[] = [];

beforeAll(async () => {
  server = await startServer('--loglevel', 'verbose', '--unixsocket', '{folder}/s', '--unixsocketperm', '700');
});

afterEach(() => {
  for (const client of clients) client.close();
  clients = [];
});

afterAll(() => server.stop());

function connect(where: { port: number; host?: string } | { path: string } = { port: server.port }): RawClient {
  const client = new RawClient(where);
  clients.push(client);
  return client;
}

async function isAlive(): Promise<boolean> {
  return (await connect().ask('PING', '+PONG\r\n')) === '+PONG\r\n';
}

describe('pipelines keep their order', () => {
  test('10,000 commands in one write', async () => {
    const client = connect();
    const numbers = Array.from({ length: 10_000 }, (_, i) => String(i));
    const replies = Buffer.from(numbers.map((n) => `$${n.length}\r\n${n}\r\n`).join(''));
    void client.send(numbers.map((n) => `*2\r\n$4\r\nECHO\r\n$${n.length}\r\n${n}\r\n`).join(''));
    expect((await client.take(replies.length)).equals(replies)).toBe(true);
  });

  test('64 MiB, of which nothing is read before all was sent', async () => {
    const client = connect();
    client.socket.pause();
    const value = Buffer.alloc(1000, 'v');
    const one = (i: number): Buffer => Buffer.concat([Buffer.from(`$1010\r\n${String(i).padStart(10, '0')}`), value]);
    const count = Math.ceil((64 * MIB) / 1040);
    const requests: Buffer[] = [];
    for (let i = 0; i < count; i++) requests.push(Buffer.from('*2\r\n$4\r\nECHO\r\n'), one(i), Buffer.from('\r\n'));
    await client.send(Buffer.concat(requests));
    client.socket.resume();
    const size = one(0).length + 2;
    const replies = await client.take(count * size);
    let wrong = 0;
    for (let i = 0; i < count; i++) if (!replies.subarray(i * size, i * size + size - 2).equals(one(i))) wrong++;
    expect(wrong).toBe(0);
  });
});

describe('big values', () => {
  test('512 MiB go in and out; one byte more is refused', async () => {
    const client = connect();
    const value = Buffer.alloc(512 * MIB, 'abcdefg');
    void client.send(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${value.length}\r\n`);
    void client.send(value);
    expect(await client.ask('', '+OK\r\n')).toBe('+OK\r\n');
    void client.send('GET big\r\n');
    expect((await client.take(12)).toString()).toBe('$536870912\r\n');
    expect((await client.take(value.length)).equals(value)).toBe(true);
    expect((await client.take(2)).toString()).toBe('\r\n');
    expect(await client.ask('APPEND big x', '-ERR')).toBe('-ERR');
    expect(await connect().ask('DEL big', ':1\r\n')).toBe(':1\r\n');
    const greedy = connect();
    void greedy.send('*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$536870913\r\n');
    expect((await greedy.rest()).toString()).toBe('-ERR Protocol error: invalid bulk length\r\n');
  });
});

describe('clients that misbehave', () => {
  test('a hundred that never read do not stop the others', async () => {
    await connect().ask(`SET page ${'p'.repeat(60_000)}`, '+OK\r\n');
    const deaf = Array.from({ length: 100 }, () => connect());
    for (const client of deaf) client.socket.pause();
    for (const client of deaf) void client.send('GET page\r\n'.repeat(50));
    const other = connect();
    for (let i = 0; i < 200; i++) expect(await other.ask('INCR counter', `:${i + 1}\r\n`)).toBe(`:${i + 1}\r\n`);
    for (const client of deaf) client.close();
    expect(await isAlive()).toBe(true);
  });

  test('who vanishes in the middle of anything takes nobody along', async () => {
    // biome-ignore format: a list
    const moments = [
      '', '*', '*2\r\n$4\r\nECHO\r\n$1000000\r\nabc', 'PING\r\n', 'GET page\r\n'.repeat(300), 'MULTI\r\nSET a b\r\n',
      'WATCH a\r\nMULTI\r\n', 'CLIENT REPLY OFF\r\nPING\r\n', 'MONITOR\r\n', 'QUIT\r\n', 'POST /\r\n', '*x\r\n',
    ];
    for (const ending of ['close', 'reset', 'end'] as const)
      for (const moment of moments) {
        const client = connect();
        if (moment !== '') await client.send(moment);
        if (ending === 'reset') client.socket.resetAndDestroy();
        else if (ending === 'end') client.socket.end();
        else client.close();
      }
    const watcher = connect();
    let text = '';
    while (!text.includes('connected_clients:1\r\n')) {
      await watcher.send('INFO clients\r\n');
      text = await watcher.takeText();
    }
    expect(server.process.exitCode).toBe(null);
  });

  test('a half-closed connection still gets its replies', async () => {
    const client = connect();
    client.socket.end('PING\r\nECHO bye\r\n');
    expect((await client.rest()).toString()).toBe('+PONG\r\n$3\r\nbye\r\n');
  });

  test('HTTP is hung up on', async () => {
    const client = connect();
    void client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect((await client.rest()).toString()).toBe('');
    expect(server.log()).toContain('# Possible SECURITY ATTACK detected.');
  });
});

describe('where clients come from', () => {
  test('a unix socket is a connection like any other, for its owner alone', async () => {
    const path = join(server.folder, 's');
    expect(statSync(path).mode & 0o777).toBe(0o700);
    const client = connect({ path });
    expect(await client.ask('PING', '+PONG\r\n')).toBe('+PONG\r\n');
    await client.send('CLIENT INFO\r\n');
    expect(await client.takeText()).toContain(` addr=${path}:0 laddr=${path}:0 `);
    expect(server.log()).toContain(`Accepted connection to ${path}`);
  });

  test.runIf(existsSync('/proc/self/limits'))('there are as many clients as files may be open', async () => {
    const small = await startWithFewFiles(40);
    const all = Array.from({ length: 12 }, () => connect({ port: small.port }));
    const heard = await Promise.all(all.map(async (client) => (await client.ask('PING', '+')).charAt(0)));
    expect(heard.sort()).toEqual([...Array(8).fill('+'), ...Array(4).fill('-')]);
    expect(small.log()).toContain('# Current maximum open files is 40. maxclients has been reduced to 8 to compensate');
    for (const client of all) client.close();
    let last = connect({ port: small.port });
    while ((await last.ask('PING', '+')) !== '+') last = connect({ port: small.port });
    await last.take('PONG\r\n'.length);
    const refusal =
      "-ERR CONFIG SET failed (possibly related to argument 'maxclients') - The operating system is not able";
    expect(await last.ask('CONFIG SET maxclients 9', refusal)).toBe(refusal);
    await small.stop();
  });

  test('one too many is told so, and room is made by who leaves', async () => {
    const small = await startServer('--maxclients', '3');
    const three = Array.from({ length: 3 }, () => connect({ port: small.port }));
    for (const client of three) expect(await client.ask('PING', '+PONG\r\n')).toBe('+PONG\r\n');
    const fourth = connect({ port: small.port });
    expect((await fourth.rest()).toString()).toBe('-ERR max number of clients reached\r\n');
    three[0]?.socket.end();
    await three[0]?.rest();
    const fifth = connect({ port: small.port });
    const heard = await fifth.ask('PING', '+PONG\r\n');
    expect(heard).toBe('+PONG\r\n');
    await small.stop();
  });
});

test('who has seen its connection end by SHUTDOWN finds nobody listening', async () => {
  const outcomes: string[] = [];
  for (let i = 0; i < 8; i++) {
    const leaving = await startServer();
    const last = connect({ port: leaving.port });
    await last.ask('PING', '+PONG\r\n');
    void last.send('SHUTDOWN NOSAVE\r\n');
    await last.take(1);
    outcomes.push(await connectionOutcome(leaving.port));
    await leaving.stop();
  }
  expect(outcomes).toEqual(outcomes.map(() => 'ECONNREFUSED'));
});

function connectionOutcome(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTo(port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('close', () => resolve('let in'));
    socket.on('connect', () => resolve('let in'));
  });
}
