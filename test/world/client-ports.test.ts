/**
 * CONFIG SET port and bind on a server that runs: it moves, or says that it cannot and stays.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, type OneServer, startServer } from './one-server.js';

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

let server: OneServer;
let port = 0;

beforeAll(async () => {
  server = await startServer();
  port = server.port;
});

afterAll(() => server.stop());

test('to a free port it moves', async () => {
  const next = await freePort();
  expect(await ask(port, `config set port ${next}`)).toBe('+OK');
  expect(await ask(next, 'ping')).toBe('+PONG');
  expect(await ask(port, 'ping')).toContain('ECONNREFUSED');
  port = next;
});

test('to a port of another it does not, and other values of the same command stay as well', async () => {
  const taken = await freePort();
  const other = createServer().listen(taken, '127.0.0.1');
  await once(other, 'listening');
  expect(await ask(port, `config set timeout 99 port ${taken}`)).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
  );
  expect(await ask(port, 'config get timeout')).toBe('*2\r\n$7\r\ntimeout\r\n$1\r\n0');
  other.close();
});

test('to an address that is not of this machine it does not', async () => {
  expect(await ask(port, 'config set bind 192.0.2.1')).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.",
  );
  expect(await ask(port, 'ping')).toBe('+PONG');
});
