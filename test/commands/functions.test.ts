/**
 * FUNCTION: libraries are taken, listed, given and deleted, and nothing of them is run. The texts are those of
 * redis-server 7.0.15.
 */
import { describe, expect, test } from 'vitest';
import { Slice } from '../../src/base/slice.js';
import { Libraries } from '../../src/persistence/functions/libraries.js';
import { libraryOf } from '../persistence/functions/samples.js';
import { LoneNode, type TestConnection } from '../support/lone-node.js';

const NONE = 'FUNCTION RESTORE "\\x0a\\x00]\\x9b\\x5c@\\x0f\\x7f\\xa2\\xda"';
const BROKEN = NONE.replace('\\xda', '\\xdb');

// biome-ignore format: a table
test.each([
  ['FUNCTION LIST',                          '*0'],
  ['FUNCTION LIST WITHCODE LIBRARYNAME x*',  '*0'],
  ['FUNCTION LIST LIBRARYNAME',              '-ERR library name argument was not given'],
  ['FUNCTION LIST y',                        '-ERR Unknown argument y'],
  ['FUNCTION DUMP',                          '$10 \\n\\0]\x9b\\@\x0f\x7f\xa2\xda'],
  ['FUNCTION DUMP x',                        "-ERR wrong number of arguments for 'function|dump' command"],
  [NONE,                                     '+OK'],
  [`${NONE} FLUSH`,                          '+OK'],
  [`${NONE} never`,                          '-ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.'],
  [`${NONE} FLUSH x`,                        "-ERR unknown subcommand or wrong number of arguments for 'RESTORE'. Try FUNCTION HELP."],
  [BROKEN,                                   '-ERR DUMP payload version or checksum are wrong'],
  ['FUNCTION RESTORE x',                     '-ERR DUMP payload version or checksum are wrong'],
  ['FUNCTION FLUSH',                         '+OK'],
  ['FUNCTION FLUSH SYNC',                    '+OK'],
  ['FUNCTION FLUSH later',                   '-ERR FUNCTION FLUSH only supports SYNC|ASYNC option'],
  ['FUNCTION DELETE a',                      '-ERR Library not found'],
  ['FUNCTION LOAD x',                        "-ERR unknown subcommand 'LOAD'. Try FUNCTION HELP."],
  ['FUNCTION nosuch',                        "-ERR unknown subcommand 'nosuch'. Try FUNCTION HELP."],
])('%s', (request, expected) => {
  const client = new LoneNode().connect();
  client.send(Buffer.from(`${request}\r\n`, 'latin1'));
  const heard = client.take().replace('\0', '\\0').replace('\n\\0]', '\\n\\0]');
  expect(heard.trimEnd().replaceAll('\r\n', ' ')).toBe(expected);
});

const OK = '+OK\r\n';

/** What FUNCTION DUMP of a server with these libraries gives. */
function payloadOf(...names: readonly string[]): Uint8Array {
  const libraries = new Libraries();
  for (const name of names) libraries.load(libraryOf(name), 'append');
  return new LoneNode().node.dumps.payloadOfLibraries(libraries);
}

function having(...names: readonly string[]): TestConnection {
  const client = new LoneNode('enable-debug-command yes').connect();
  expect(client.run('FUNCTION', 'RESTORE', payloadOf(...names))).toBe(OK);
  return client;
}

const namesOf = (client: TestConnection): string[] =>
  [...client.run('FUNCTION', 'LIST').matchAll(/library_name\r\n\$\d+\r\n(\w+)/g)].map(([, name = '']) => name);

describe('libraries', () => {
  test('are listed in both protocols, with their code for who asks', () => {
    const client = having('a');
    const head = '$12\r\nlibrary_name\r\n$1\r\na\r\n$6\r\nengine\r\n$3\r\nLUA\r\n$9\r\nfunctions\r\n*0\r\n';
    const code = libraryOf('a');
    expect(client.run('FUNCTION', 'LIST')).toBe(`*1\r\n*6\r\n${head}`);
    client.run('HELLO', '3');
    expect(client.run('FUNCTION', 'LIST', 'WITHCODE')).toBe(
      `*1\r\n%4\r\n${head}$12\r\nlibrary_code\r\n$${code.length}\r\n${code}\r\n`,
    );
  });

  test.each([
    ['*', ['ab', 'b']],
    ['a*', ['ab']],
    ['c', []],
  ])('whose names are like %s', (pattern, expected) => {
    const reply = having('ab', 'b').run('FUNCTION', 'LIST', 'LIBRARYNAME', pattern);
    expect(reply.startsWith(`*${expected.length}\r\n`)).toBe(true);
    for (const name of expected) expect(reply).toContain(`\r\n${name}\r\n`);
  });

  test('are given as they were taken', () => {
    const client = having('a', 'b');
    const payload = Buffer.from(client.run('FUNCTION', 'DUMP').split('\r\n').slice(1, -1).join('\r\n'), 'latin1');
    expect(payload).toEqual(Buffer.from(payloadOf('a', 'b')));
    expect(new LoneNode().node.dumps.verify(Slice.of(payload))).toBe(true);
  });

  test('are deleted one by one, or all', () => {
    const client = having('a', 'b', 'c');
    expect(client.run('FUNCTION', 'DELETE', 'b')).toBe(OK);
    expect(namesOf(client)).toEqual(['a', 'c']);
    expect(client.run('FUNCTION', 'FLUSH')).toBe(OK);
    expect(namesOf(client)).toEqual([]);
  });

  test('outlive FLUSHALL, and count as memory and as a change', () => {
    const server = new LoneNode();
    const client = server.connect();
    const figure = (name: string): number => Number(client.run('INFO').split(`${name}:`)[1]?.split('\r\n')[0]);
    const used = figure('used_memory');
    client.run('FUNCTION', 'RESTORE', payloadOf('a', 'b'));
    const bytes = 2 * (1 + libraryOf('a').length);
    expect(figure('used_memory') - used).toBe(bytes);
    expect(figure('rdb_changes_since_last_save')).toBe(1);
    client.run('FLUSHALL');
    expect(figure('number_of_libraries')).toBe(2);
    for (const name of ['used_memory_functions', 'used_memory_scripts']) expect(figure(name)).toBe(bytes);
    expect(client.run('MEMORY', 'STATS')).toContain(`$16\r\nfunctions.caches\r\n:${bytes}\r\n`);
  });
});

describe('RESTORE', () => {
  // biome-ignore format: a table
  test.each([
    ['APPEND',  ['c'],      OK,                                      ['a', 'b', 'c']],
    ['APPEND',  ['c', 'b'], '-ERR Library b already exists\r\n',   ['a', 'b']],
    ['replace', ['c', 'a'], OK,                                      ['b', 'c', 'a']],
    ['Flush',   ['c'],      OK,                                      ['c']],
    ['FLUSH',   [],         OK,                                      []],
  ])('%s %j', (policy, names, reply, left) => {
    const client = having('a', 'b');
    expect(client.run('FUNCTION', 'RESTORE', payloadOf(...names), policy)).toBe(reply);
    expect(namesOf(client)).toEqual(left);
  });

  test('of what is none leaves what is there', () => {
    const client = having('a');
    client.say('DEBUG SET-SKIP-CHECKSUM-VALIDATION 1');
    client.send(Buffer.from('FUNCTION RESTORE "\\xf5\\x00\\x0a\\x0012345678" FLUSH\r\n', 'latin1'));
    expect(client.take()).toBe('-ERR Missing library metadata\r\n');
    expect(namesOf(client)).toEqual(['a']);
  });
});

describe('LOAD', () => {
  test("is nobody's but our primary's, in a transaction neither", () => {
    const client = new LoneNode().connect();
    const refused = "-ERR unknown subcommand 'LOAD'. Try FUNCTION HELP.\r\n";
    expect(client.run('FUNCTION', 'LOAD', 'REPLACE', libraryOf('a'))).toBe(refused);
    client.run('MULTI');
    expect(client.run('FUNCTION', 'LOAD', libraryOf('a'))).toBe(refused);
    expect(client.run('EXEC')).toContain('EXECABORT');
    expect(namesOf(client)).toEqual([]);
  });
});
