/**
 * CONFIG SET port and bind on a server that runs: it moves, or says that it cannot and stays.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BIN = join(import.meta.dirname, '../../bin/sextet-server.js');

async function listening(port: number): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

async function freePort(): Promise<number> {
  const { server, port } = await listening(0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What comes back, without the last line end, or why there is no connection. */
function ask(port: number, line: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`));
    socket.once('data', (bytes) => {
      resolve(bytes.toString().slice(0, -2));
      socket.destroy();
    });
    socket.once('error', (error) => resolve(error.message));
  });
}

let server: ChildProcess;
let port = 0;

beforeAll(async () => {
  port = await freePort();
  server = spawn(process.execPath, [BIN, '--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stdout?.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      if (log.includes('Ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(log)));
  });
});

afterAll(() => {
  server.kill('SIGKILL');
});

test('to a free port it moves', async () => {
  const next = await freePort();
  expect(await ask(port, `config set port ${next}`)).toBe('+OK');
  expect(await ask(next, 'ping')).toBe('+PONG');
  expect(await ask(port, 'ping')).toContain('ECONNREFUSED');
  port = next;
});

test('to a port of another it does not, and other values of the same command stay as well', async () => {
  const other = await listening(0);
  expect(await ask(port, `config set timeout 99 port ${other.port}`)).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
  );
  expect(await ask(port, 'config get timeout')).toBe('*2\r\n$7\r\ntimeout\r\n$1\r\n0');
  other.server.close();
});

test('to an address that is not of this machine it does not', async () => {
  expect(await ask(port, 'config set bind 192.0.2.1')).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.",
  );
  expect(await ask(port, 'ping')).toBe('+PONG');
});
