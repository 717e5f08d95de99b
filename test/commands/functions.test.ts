/**
 * FUNCTION of a server that has no functions: what a cluster's tools hear of it. The texts are those of redis-server
 * 7.0.15.
 */
import { expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';

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
  ['FUNCTION nosuch',                        "-ERR unknown subcommand 'nosuch'. Try FUNCTION HELP."],
])('%s', (request, expected) => {
  const client = new LoneNode().connect();
  client.send(Buffer.from(`${request}\r\n`, 'latin1'));
  const heard = client.take().replace('\0', '\\0').replace('\n\\0]', '\\n\\0]');
  expect(heard.trimEnd().replaceAll('\r\n', ' ')).toBe(expected);
});

test('functions that are there cannot be taken over: only the payload of none', () => {
  const client = new LoneNode('enable-debug-command yes').connect();
  client.say('DEBUG SET-SKIP-CHECKSUM-VALIDATION 1');
  client.send(Buffer.from('FUNCTION RESTORE "\\xf5\\x00\\x0a\\x0012345678"\r\n', 'latin1'));
  expect(client.take()).toBe(
    '-ERR functions are not supported by this server, only the payload of none can be restored\r\n',
  );
});
