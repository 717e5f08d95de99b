/**
 * Which arguments are keys, for rows of every kind: those of redis that have not come yet stand here as examples.
 *
 * What redis-server says of our own rows is in command.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Handler } from '../../src/commands/handler.js';
import { findKeys, findKeysFrom, hasKeys, KeyPlaces } from '../../src/commands/keys.js';
import { FLAG, KEY_FLAG, type Row } from '../../src/commands/row.js';
import { CommandTable } from '../../src/commands/table.js';
import { Request } from '../../src/resp/request.js';
import { ALL, commandNamed } from './table-of-all.js';

const idle: Handler = () => {};

// biome-ignore format: a table
const EXAMPLES: readonly Row[] = [
  ['eval',       -3, '', 'RW access update @2:numkeys',                                         '', idle, ''],
  ['georadius',  -6, '', 'RO access @1; OW update @STORE>6; OW update @STOREDIST>6',            '', idle, ''],
  ['xread',      -4, '', 'RO access @STREAMS>1..-1%2',                                          '', idle, ''],
  ['migrate',    -6, '', 'RW access delete @3; RW access delete incomplete @KEYS>-2..-1',       '', idle, ''],
  ['spublish',    3, '', 'not_key @1',                                                          '', idle, ''],
  ['thirds',     -2, '', 'RO @1..-1/3',                                                         '', idle, ''],
];
const examples = new CommandTable([{ name: 'example', rows: EXAMPLES, docs: () => [] }]);

function keysOf(table: CommandTable, line: string): string {
  const args = line.split(' ');
  const request = Request.of(...args);
  const command = table.byName(Buffer.from(args[0] ?? ''));
  if (command === null) throw new Error(`no command for '${line}'`);
  const keys = new KeyPlaces();
  const count = findKeys(command, request, keys);
  return [...keys.at.subarray(0, count)].map((at) => args[at]).join(' ');
}

// biome-ignore format: a table
test.each<[what: string, line: string, keys: string]>([
  ['a count',                          'eval s 2 a b x',                          'a b'],
  ['a count of none',                  'eval s 0 x',                              ''],
  ['a count beyond the end',           'eval s 4 a b x',                          ''],
  ['a count below zero',               'eval s -1 a',                             ''],
  ['no count at all',                  'eval s',                                  ''],
  ['a word that is not there',         'georadius g 1 2 3 m',                     'g'],
  ['a word that is',                   'georadius g 1 2 3 m STORE d',             'g d'],
  ['in any case',                      'georadius g 1 2 3 m asc storeDist d',     'g d'],
  ['the first of two',                 'georadius g 1 2 3 m STORE a STORE b',     'g a'],
  ['two words',                        'georadius g 1 2 3 m STOREDIST a STORE b', 'g b a'],
  ['a word as the last argument',      'georadius g 1 2 3 m STORE',               'g'],
  ['a word before its place',          'georadius g STORE 2 3 m x',               'g'],
  ['the first half',                   'xread COUNT 5 STREAMS a b 1 2',           'a b'],
  ['the first half of an odd number',  'xread STREAMS a b 1 2 3',                 'a b'],
  ['half of one',                      'xread STREAMS a',                         ''],
  ['a word looked for from behind',    'migrate h p k 0 9 AUTH KEYS KEYS a b',    'k a b'],
  ['a channel is no key',              'spublish c m',                            ''],
  ['steps',                            'thirds a x y b x y c',                    'a b c'],
])('%s: %s', (_, line, keys) => expect(keysOf(examples, line)).toBe(keys));

test('a command whose keys are none has no keys', () => {
  const [spublish, xread] = ['spublish', 'xread'].map((name) => examples.byName(Buffer.from(name)));
  if (!spublish || !xread) throw new Error('examples are gone');
  expect([hasKeys(spublish), hasKeys(xread), hasKeys(commandNamed('ping'))]).toEqual([false, true, false]);
});

test('places and flags of very many keys', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `k${i}`);
  const keys = new KeyPlaces();
  expect(findKeys(commandNamed('del'), Request.of('del', ...names), keys)).toBe(1000);
  expect([...keys.at.subarray(0, 1000)]).toEqual(names.map((_, i) => i + 1));
  expect(new Set(keys.flags.subarray(0, 1000))).toEqual(new Set([KEY_FLAG.RM | KEY_FLAG.DELETE]));
});

test('a filled KeyPlaces is emptied by the next request', () => {
  const keys = new KeyPlaces();
  findKeys(commandNamed('del'), Request.of('del', 'a', 'b'), keys);
  expect(findKeys(commandNamed('zdiff'), Request.of('zdiff', 'x', 'a'), keys)).toBe(0);
  expect(keys.count).toBe(0);
});

describe('for all commands of the table', () => {
  const requests = fc.record({
    command: fc.constantFrom(...ALL.commands),
    more: fc.array(fc.constantFrom('0', '1', '2', '3', '-1', 'k', 'STORE', 'GET', ''), { maxLength: 9 }),
    ahead: fc.nat(3),
  });

  test('keys are arguments behind the name, each named by a spec at most once', () => {
    fc.assert(
      fc.property(requests, ({ command, more }) => {
        const keys = new KeyPlaces();
        const count = findKeys(command, Request.of(...command.name.split('|'), ...more), keys);
        const places = [...keys.at.subarray(0, count)];
        const end = command.name.split('|').length + more.length;
        return places.every((at) => at >= 1 && at < end) && new Set(places).size === count;
      }),
    );
  });

  test('a request behind other arguments has the same keys, moved', () => {
    fc.assert(
      fc.property(requests, ({ command, more, ahead }) => {
        const words = [...command.name.split('|'), ...more];
        const [here, there] = [new KeyPlaces(), new KeyPlaces()];
        const count = findKeys(command, Request.of(...words), here);
        const request = Request.of(...Array.from({ length: ahead }, () => 'x'), ...words);
        expect(findKeysFrom(command, request, ahead, there)).toBe(count);
        expect([...there.at.subarray(0, count)]).toEqual([...here.at.subarray(0, count)].map((at) => at + ahead));
        expect([...there.flags.subarray(0, count)]).toEqual([...here.flags.subarray(0, count)]);
      }),
    );
  });

  test('where keys are not movable, the range of the table names the same ones', () => {
    fc.assert(
      fc.property(requests, ({ command, more }) => {
        if (command.flags & FLAG.MOVABLEKEYS) return;
        const words = [...command.name.split('|'), ...more];
        const keys = new KeyPlaces();
        const count = findKeys(command, Request.of(...words), keys);
        if (count === 0) return;
        const first = ALL.firstKey[command.id] ?? 0;
        const last = ALL.lastKey[command.id] ?? 0;
        const step = ALL.keyStep[command.id] ?? 0;
        const places: number[] = [];
        for (let at = first; at <= (last < 0 ? words.length + last : last); at += step) places.push(at);
        expect([...keys.at.subarray(0, count)]).toEqual(places);
      }),
    );
  });
});
