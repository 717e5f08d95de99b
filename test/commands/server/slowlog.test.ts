/**
 * SLOWLOG on a whole node: what is kept, how it is cut, and what nobody may read. Time passes by the look: each look at
 * the clock takes `lookMicros`, and a command that is timed takes one.
 */
import { describe, expect, test } from 'vitest';
import { ReplyReader, type Reply } from '../../../src/resp/reply-reader.js';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';

type Entry = [id: number, at: number, micros: number, args: string[], address: string, name: string];

function valuesOf(text: string): unknown {
  const plain = (reply: Reply): unknown =>
    Array.isArray(reply) ? reply.map(plain) : Buffer.isBuffer(reply) ? reply.toString('latin1') : reply;
  const found: unknown[] = [];
  const reader = new ReplyReader({
    onReply: (reply) => found.push(plain(reply)),
    onGarbage: (reason) => expect.fail(reason),
  });
  reader.feed(Buffer.from(text, 'latin1'));
  return found[0];
}

function entriesOf(client: TestConnection, count = '-1'): Entry[] {
  return valuesOf(client.run('SLOWLOG', 'GET', count)) as Entry[];
}

/** The arguments of all entries, the oldest first. */
function kept(client: TestConnection): string[] {
  return entriesOf(client)
    .map(([, , , args]) => args.join(' '))
    .reverse();
}

function serverOf(...lines: string[]) {
  const server = new LoneNode('slowlog-log-slower-than 0', ...lines);
  return { server, client: server.connect() };
}

describe('what is kept', () => {
  test('nothing, as long as all is quick', () => {
    const server = new LoneNode();
    const client = server.connect();
    server.host.lookMicros = 10;
    client.say('SET k v');
    client.say('KEYS *');
    expect(client.say('SLOWLOG LEN')).toBe(':0\r\n');
  });

  test('a command that took as long as was asked for, to the microsecond', () => {
    const server = new LoneNode('slowlog-log-slower-than 2000');
    const client = server.connect();
    server.host.lookMicros = 1999;
    client.say('KEYS a');
    server.host.lookMicros = 2000;
    client.say('KEYS b');
    server.host.lookMicros = 1;
    expect(kept(client)).toEqual(['KEYS b']);
  });

  test('number, second, microseconds, arguments, address and name', () => {
    const { server, client } = serverOf();
    client.say('CLIENT SETNAME me');
    client.say('SLOWLOG RESET');
    server.pass(5000);
    server.host.lookMicros = 700;
    client.say('GET k');
    server.host.lookMicros = 0;
    expect(entriesOf(client, '1')).toEqual([[2, 1_700_000_005, 700, ['GET', 'k'], '127.0.0.1:50000', 'me']]);
  });

  test('numbers go on after RESET, and the oldest entries go first', () => {
    const { client } = serverOf('slowlog-max-len 3');
    for (let i = 0; i < 5; i++) client.say(`GET ${i}`);
    expect(entriesOf(client).map(([id]) => id)).toEqual([4, 3, 2]);
    client.say('SLOWLOG RESET');
    expect(entriesOf(client).map(([id]) => id)).toEqual([6]);
    client.say('CONFIG SET slowlog-max-len 1');
    expect(client.say('SLOWLOG LEN')).toBe(':1\r\n');
  });

  test('quick commands one by one, and those of a transaction instead of EXEC', () => {
    const { server, client } = serverOf();
    server.host.lookMicros = 1;
    client.send(Buffer.from('MULTI\r\nSET a 1\r\nGET a\r\nEXEC\r\nGET b\r\n'));
    client.take();
    expect(kept(client)).toEqual(['MULTI', 'SET a 1', 'GET a', 'GET b']);
  });

  test('none below zero, from the command on that says so', () => {
    const { client } = serverOf();
    client.say('CONFIG SET slowlog-log-slower-than -1');
    client.say('GET k');
    client.say('CONFIG SET slowlog-log-slower-than 0');
    expect(kept(client)).toEqual(['CONFIG SET slowlog-log-slower-than 0']);
  });

  test('a long request and a long reply of a quick command', () => {
    const server = new LoneNode('slowlog-log-slower-than 2000');
    const client = server.connect();
    server.host.lookMicros = 2000;
    client.run('GET', 'k');
    client.run('APPEND', 'k', 'x'.repeat(70_000));
    client.run('GET', 'k');
    server.host.lookMicros = 1;
    expect(entriesOf(client).map(([, , , args]) => args[0])).toEqual(['GET', 'APPEND']);
  });
});

describe('how much of it', () => {
  const many = (n: number): string[] => Array.from({ length: n }, (_, i) => `m${i}`);

  test.each<[string, string[], string[]]>([
    ['32 arguments', ['SADD', 's', ...many(30)], ['SADD', 's', ...many(30)]],
    ['33 arguments', ['SADD', 's', ...many(31)], ['SADD', 's', ...many(29), '... (2 more arguments)']],
    ['128 bytes', ['GET', 'x'.repeat(128)], ['GET', 'x'.repeat(128)]],
    ['129 bytes', ['GET', 'x'.repeat(129)], ['GET', `${'x'.repeat(128)}... (1 more bytes)`]],
    ['bytes', ['GET', '\x00\r\n'], ['GET', '\x00\r\n']],
  ])('%s', (_, said, expected) => {
    const { client } = serverOf();
    client.run(...said);
    expect(entriesOf(client)[0]?.[3]).toEqual(expected);
  });
});

describe('what nobody may read', () => {
  test.each([
    ['AUTH secret', 'AUTH (redacted)'],
    ['AUTH me secret', 'AUTH (redacted) (redacted)'],
    ['AUTH one two three', 'AUTH one two three'],
    ['HELLO 3 SETNAME auth AUTH me secret', 'HELLO 3 SETNAME auth AUTH (redacted) (redacted)'],
    ['HELLO 2 auth me', 'HELLO 2 auth me'],
    ['CONFIG SET maxmemory 1gb requirepass secret', 'CONFIG SET maxmemory 1gb requirepass (redacted)'],
    ['CONFIG SET MASTERAUTH secret', 'CONFIG SET MASTERAUTH (redacted)'],
    ['CONFIG GET requirepass', 'CONFIG GET requirepass'],
  ])('%s', (said, expected) => {
    const { client } = serverOf();
    client.say(said);
    expect(kept(client)).toEqual([expected]);
  });
});

describe('what is answered', () => {
  test.each([
    ['SLOWLOG GET -2', '-ERR count should be greater than or equal to -1\r\n'],
    ['SLOWLOG GET x', '-ERR count should be greater than or equal to -1\r\n'],
    ['SLOWLOG GET 1 2', "-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.\r\n"],
    ['SLOWLOG GET 0', '*0\r\n'],
    ['SLOWLOG LEN x', "-ERR wrong number of arguments for 'slowlog|len' command\r\n"],
    ['SLOWLOG NO', "-ERR unknown subcommand 'NO'. Try SLOWLOG HELP.\r\n"],
    ['SLOWLOG RESET', '+OK\r\n'],
  ])('%s', (said, expected) => {
    expect(serverOf().client.say(said)).toBe(expected);
  });

  test('ten entries, if no count is said', () => {
    const { client } = serverOf();
    for (let i = 0; i < 12; i++) client.say('PING');
    expect(valuesOf(client.say('SLOWLOG GET'))).toHaveLength(10);
  });
});
