/** CONFIG SET of what is not served yet: the log says so once, as at the start. */
import { expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';

test('a directive that nothing acts on yet is announced where it is set, and not again', () => {
  const server = new LoneNode('save ""');
  const warnings = (): string[] => server.log.filter((line) => line.includes('not yet served'));
  const client = server.connect();
  expect(client.say('CONFIG SET list-compress-depth 1')).toBe('+OK\r\n');
  expect(client.say('CONFIG SET maxmemory 1mb list-compress-depth 2')).toBe('+OK\r\n');
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).toContain("'list-compress-depth' is set but not yet served by this version: lists are not");
  expect(client.say('CONFIG SET list-compress-depth 0')).toBe('+OK\r\n');
  expect(client.say('CONFIG SET io-threads 4')).toMatch(/^-ERR/);
  expect(warnings()).toHaveLength(1);
});
