/**
 * EXEC that is not even begun: what becomes of the watches of its client.
 */
import { expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';

const QUEUED_ONE = '*1\r\n+PONG\r\n';

test.each<[string, string[], string]>([
  ['nothing was said of it', [], '*-1\r\n'],
  ['an EXEC with an argument', ['EXEC x'], QUEUED_ONE],
  ['an EXEC without MULTI', ['EXEC'], '*-1\r\n'],
  ['a DISCARD with an argument', ['DISCARD x'], '*-1\r\n'],
  ['the same in MULTI', ['MULTI', 'EXEC x'], QUEUED_ONE],
])('a watched key was touched, then: %s', (_, said, expected) => {
  const server = new LoneNode();
  const [client, other] = [server.connect(), server.connect()];
  client.say('WATCH k');
  other.say('SET k v');
  for (const line of said) client.say(line);
  client.say('MULTI');
  client.say('PING');
  expect(client.say('EXEC')).toBe(expected);
});
