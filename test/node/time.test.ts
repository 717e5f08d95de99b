/** The moment that commands live in: that of their turn, moved on by whoever takes long, and one for a whole EXEC. */
import { expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';

/** Where DEBUG SLEEP lets time pass. */
function newServer(): LoneNode {
  const server = new LoneNode('enable-debug-command yes');
  const { machine } = server.node.server;
  const block = (ms: number): void => {
    server.host.nowMs += ms;
  };
  server.node.server.machine = { ...machine, block };
  return server;
}

test('a key dies behind a command that took long, in the same turn', () => {
  const client = newServer().connect();
  client.run('SET', 'k', 'v', 'PX', '50');
  client.send(Buffer.from('DEBUG SLEEP 0.2\r\nGET k\r\n'));
  expect(client.take()).toBe('+OK\r\n$-1\r\n');
});

test('within EXEC it does not, however long that takes, and behind it it does (observed on 7.0.15)', () => {
  const client = newServer().connect();
  client.run('MULTI');
  client.run('SET', 'k', 'v', 'PX', '50');
  client.run('DEBUG', 'SLEEP', '0.2');
  client.run('GET', 'k');
  client.run('PTTL', 'k');
  client.run('EXISTS', 'k');
  expect(client.run('EXEC')).toBe('*5\r\n+OK\r\n+OK\r\n$1\r\nv\r\n:0\r\n:1\r\n');
  expect(client.run('GET', 'k')).toBe('$-1\r\n');
});

test('nor of somebody who looks among the dead meanwhile', () => {
  const client = newServer().connect();
  client.run('MULTI');
  client.run('SET', 'k', 'v', 'PX', '50');
  client.run('DEBUG', 'SLEEP', '0.2');
  client.run('MEMORY', 'USAGE', 'k');
  client.run('DEBUG', 'OBJECT', 'k');
  client.run('GET', 'k');
  expect(client.run('EXEC')).toContain('\r\n$1\r\nv\r\n');
});
