/**
 * Signals to a real process that are none to end it by: what Node would do with them, and what redis does.
 */
import { afterEach, expect, test } from 'vitest';
import { type OneServer, RawClient, startServer } from './one-server.js';

const onPosix = test.skipIf(process.platform === 'win32');

let server: OneServer | null = null;

afterEach(async () => {
  await server?.stop();
  server = null;
});

async function pong(port: number): Promise<string> {
  const client = new RawClient({ port });
  await client.send('PING\r\n');
  const reply = (await client.take(7)).toString();
  client.socket.destroy();
  return reply;
}

onPosix('SIGHUP and SIGALRM end nothing', async () => {
  server = await startServer();
  for (const signal of ['SIGHUP', 'SIGALRM'] as const) server.process.kill(signal);
  expect(await pong(server.port)).toBe('+PONG\r\n');
  expect(server.process.signalCode).toBeNull();
});

onPosix('SIGUSR1 ends the process, as it ends redis, and opens no debugger', async () => {
  server = await startServer();
  const ended = new Promise((resolve) => server?.process.once('exit', resolve));
  server.process.kill('SIGUSR1');
  expect(await ended).toBe(138); // what a shell says of a process that this signal ended
  expect(server.log()).not.toContain('Debugger');
});

onPosix('a signal that ends it is a line of the log like any other', async () => {
  server = await startServer();
  const ended = new Promise((resolve) => server?.process.once('exit', resolve));
  server.process.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(server.log()).toMatch(/^\d+:M \d+ \w+ \d{4} [\d:.]+ # Received SIGTERM scheduling shutdown\.\.\.$/m);
});
