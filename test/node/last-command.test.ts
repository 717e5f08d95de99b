/**
 * `cmd` of CLIENT LIST: what a client said last, as redis-server 7.0.15 tells it. It is the command that was looked up,
 * be it refused, queued or put off; NULL is one that there is none of; a transaction that ran is EXEC.
 */
import { describe, expect, test } from 'vitest';
import { pair } from '../support/copies.js';
import { LoneNode, type TestConnection } from '../support/lone-node.js';
import { sixNodes } from '../support/six-nodes.js';
import { ServerOn } from './persistence/server-on.js';

/** flags, multi and cmd of a client's line. */
function told(line: string): string {
  return ['flags', 'multi', 'cmd'].map((name) => new RegExp(` ${name}=(\\S*)`).exec(line)?.[1] ?? '').join(' ');
}

function lineOf(observer: TestConnection, id: number | undefined): string {
  return told(observer.run('CLIENT', 'LIST', 'ID', String(id)));
}

// biome-ignore format: a table
describe.each<[string, readonly string[], string, string]>([
  // says                                 reply begins                   flags, multi, cmd
  ['arity',            ['GET'],                            '-ERR wrong number of argume', 'N -1 get'],
  ['of a sub-command', ['CONFIG GET'],                     '-ERR wrong number of argume', 'N -1 config|get'],
  ['of a container',   ['CONFIG'],                         '-ERR wrong number of argume', 'N -1 config'],
  ['unknown',          ['SET k v', 'NOSUCH k'],            '-ERR unknown command',        'N -1 NULL'],
  ['unknown sub',      ['SET k v', 'CONFIG NOSUCH'],       '-ERR unknown subcommand',     'N -1 NULL'],
  ['no such option',   ['SET k v oops'],                   '-ERR syntax error',           'N -1 set'],
  ['queued',           ['MULTI', 'SET k v'],               '+QUEUED',                     'x 1 set'],
  ['arity in MULTI',   ['MULTI', 'SET k'],                 '-ERR wrong number of argume', 'x 0 set'],
  ['unknown in MULTI', ['MULTI', 'NOSUCH'],                '-ERR unknown command',        'x 0 NULL'],
  ['not in MULTI',     ['MULTI', 'SYNC'],                  '-ERR Command not allowed in', 'x 0 sync'],
  ['WATCH in MULTI',   ['MULTI', 'WATCH k'],               '-ERR WATCH inside MULTI',     'x 0 watch'],
  ['what EXEC ran',    ['MULTI', 'SET k v', 'EXEC'],       '*1\r\n+OK',                   'N -1 exec'],
  ['EXEC in vain',     ['MULTI', 'SET k', 'EXEC'],         '-EXECABORT',                  'N -1 exec'],
  ['EXEC alone',       ['EXEC'],                           '-ERR EXEC without MULTI',     'N -1 exec'],
  ['subscribed',       ['SUBSCRIBE c', 'GET k'],           "-ERR Can't execute 'get'",    'P -1 get'],
  ['RESET',            ['MULTI', 'RESET'],                 '+RESET',                      'N -1 reset'],
  ['waits',            ['BLPOP l 0'],                      '',                            'b -1 blpop'],
  ['put off',          ['CLIENT PAUSE 9999 WRITE', 'SET k v'], '',                        'b -1 set'],
])('%s', (_, lines, reply, expected) => {
  test(`is told as ${expected}`, () => {
    const server = new LoneNode();
    const client = server.connect();
    const replies = lines.map((line) => client.say(line));
    expect(replies.at(-1)).toMatch(new RegExp(`^${reply.replace(/[*+|()]/g, '\\$&')}`));
    expect(lineOf(server.connect(), client.client?.id)).toBe(expected);
  });
});

// biome-ignore format: a table
test.each<[string, string, string, string, string]>([
  // refused for      configuration               before                                says             its line
  ['-NOAUTH',         'requirepass x',            'AUTH x',                             'GET k',         'N -1 get'],
  ['-OOM',            'maxmemory 1',              'PING',                               'SET k v',       'N -1 set'],
  ['-NOREPLICAS',     'min-replicas-max-lag 9',   'CONFIG SET min-replicas-to-write 1', 'SET k v',       'N -1 set'],
  ['-ERR DEBUG',      'enable-debug-command no',  'PING',                               'DEBUG SLEEP 0', 'N -1 debug'],
])('what is refused with %s', (error, conf, before, line, expected) => {
  const server = new LoneNode(conf);
  const observer = server.connect();
  expect(observer.say(before)).toMatch(/^\+/);
  const client = server.connect();
  expect(client.say(line).startsWith(error)).toBe(true);
  expect(lineOf(observer, client.client?.id)).toBe(expected);
});

test('what is refused by a replica', () => {
  const { replica } = pair();
  const [writer, reader, observer] = [replica.connect(), replica.connect(), replica.connect()];
  expect(writer.say('SET k v')).toMatch(/^-READONLY/);
  expect(lineOf(observer, writer.client?.id)).toBe('N -1 set');
  observer.say('CONFIG SET replica-serve-stale-data no');
  observer.say('REPLICAOF 127.0.0.1 1');
  expect(reader.say('GET k')).toMatch(/^-MASTERDOWN/);
  expect(lineOf(observer, reader.client?.id)).toBe('N -1 get');
});

test('what is refused with -LOADING', () => {
  const conf = ['key-load-delay 100000', 'loading-process-events-interval-bytes 1024'];
  const big = new ServerOn(new Map());
  big.say('DEBUG POPULATE 100 key 1000');
  big.say('SAVE');
  const server = new ServerOn(big.pages, { conf });
  server.pass(300);
  const client = server.connect();
  expect(client.say('GET k')).toMatch(/^-LOADING/);
  expect(lineOf(server.connect(), client.client?.id)).toBe('N -1 get');
});

test('what is refused by a member of a cluster', () => {
  const world = sixNodes(1);
  const [client, observer] = [world.node(0).connect(), world.node(0).connect()];
  expect(client.say('GET foo')).toMatch(/^-MOVED 12182 /);
  expect(lineOf(observer, client.client?.id)).toBe('N -1 get');
  expect(client.say('MGET a b')).toMatch(/^-CROSSSLOT /);
  expect(lineOf(observer, client.client?.id)).toBe('N -1 mget');
});

test('CLIENT INFO in EXEC is said by EXEC', () => {
  const client = new LoneNode().connect();
  client.say('MULTI');
  expect(client.say('CLIENT INFO')).toBe('+QUEUED\r\n');
  expect(told(client.say('EXEC'))).toBe('x 1 exec');
});
