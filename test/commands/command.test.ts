/**
 * COMMAND as clients use it: requests and replies recorded from redis-server 7.0.15, then what follows from our own
 * rows.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATEGORY } from '../../src/commands/row.js';
import { ALL, answerTo } from './table-of-all.js';

const RECORDED = readFileSync(new URL('../golden/commands/requests.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split(' -> ') as [request: string, reply: string]);

test.each(RECORDED)('%s', (request, reply) => expect(answerTo(request)).toBe(reply));

test('a count that begins with digits counts, as it does for the redirects of redis', () => {
  expect(answerTo('COMMAND GETKEYS ZDIFF 2x a b')).toBe('*2 $1 a $1 b');
});

test('COMMAND COUNT leaves out sub-commands, COMMAND LIST does not', () => {
  expect(answerTo('COMMAND COUNT')).toBe(`:${ALL.topLevel.length}`);
  expect(answerTo('COMMAND LIST')).toBe(
    `*${ALL.commands.length} ${ALL.commands.map(({ name }) => `$${name.length} ${name}`).join(' ')}`,
  );
});

test('COMMAND, COMMAND INFO and COMMAND DOCS without names tell of all', () => {
  const all = answerTo('COMMAND');
  expect(all.startsWith(`*${ALL.topLevel.length} *10 `)).toBe(true);
  expect(answerTo('COMMAND INFO')).toBe(all);
  expect(answerTo('COMMAND DOCS').startsWith(`*${ALL.topLevel.length * 2} `)).toBe(true);
});

test('COMMAND INFO answers each name in its place', () => {
  expect(answerTo('COMMAND INFO GET nosuch Config|Get')).toMatch(/^\*3 \*10 \$3 get .* \$-1 \*10 \$10 config\|get /);
});

test('COMMAND DOCS passes over what is not there', () => {
  expect(answerTo('COMMAND DOCS nosuch GET')).toBe(answerTo('COMMAND DOCS GET'));
});

test('COMMAND LIST FILTERBY ACLCAT lists all of a category', () => {
  const names = ALL.commands.filter(({ categories }) => categories & CATEGORY.TRANSACTION).map(({ name }) => name);
  expect(names.sort()).toEqual(['discard', 'exec', 'multi', 'unwatch', 'watch']);
  const reply = answerTo('COMMAND LIST FILTERBY ACLCAT Transaction').split(' ');
  expect(reply.filter((word) => names.includes(word)).length).toBe(5);
  expect(reply[0]).toBe('*5');
});
