/** A client's connection against a server of a few lines: order of replies, refusals, and what a loss does. */
import { afterEach, expect, test } from 'vitest';
import { Connection } from '../../src/kit/connection.js';
import { ReplyError } from '../../src/resp/reply-reader.js';
import { closeServers, serve } from './little-server.js';

afterEach(closeServers);

test('replies come back in the order of the requests', async () => {
  const connection = await Connection.open(
    await serve((request) => '+PONG\r\n'.repeat(request.split('PING').length - 1)),
    null,
  );
  const replies = await Promise.all([connection.text('PING'), connection.text('PING'), connection.text('PING')]);
  expect(replies).toEqual(['PONG', 'PONG', 'PONG']);
  connection.close();
});

test('a refusal is a value for who asks and an exception for who orders', async () => {
  const connection = await Connection.open(await serve(() => '-ERR Unknown node x\r\n'), null);
  expect(await connection.ask('CLUSTER', 'REPLICATE', 'x')).toEqual(new ReplyError('ERR Unknown node x'));
  await expect(connection.order('CLUSTER', 'REPLICATE', 'x')).rejects.toThrow(
    'refused CLUSTER REPLICATE x: ERR Unknown node x',
  );
  connection.close();
});

test('an order waits for a node that loads its data', async () => {
  const answers = ['-LOADING Redis is loading the dataset in memory\r\n', '-LOADING Redis is loading\r\n', '+OK\r\n'];
  const connection = await Connection.open(await serve(() => answers.shift() ?? null), null);
  expect(await connection.text('CLUSTER', 'NODES')).toBe('OK');
  expect(answers).toEqual([]);
  connection.close();
});

test('a wrong password ends the opening, and is not shown', async () => {
  const opening = Connection.open(await serve(() => '-WRONGPASS no\r\n'), 'secret');
  await expect(opening).rejects.toThrow(/refused AUTH: WRONGPASS no$/);
});

test('a lost connection rejects what waits and what comes', async () => {
  const connection = await Connection.open(await serve(() => null), null);
  await expect(connection.ask('PING')).rejects.toThrow('closed');
  await expect(connection.ask('PING')).rejects.toThrow('closed');
});

test('a server of another protocol is named as one', async () => {
  const connection = await Connection.open(await serve(() => 'HTTP/1.1 400 Bad Request\r\n\r\n'), null);
  await expect(connection.ask('PING')).rejects.toThrow("does not speak Redis' protocol");
});

test('nobody there', async () => {
  const address = await serve(() => '');
  closeServers();
  await expect(Connection.open(address, null)).rejects.toThrow('ECONNREFUSED');
});
