/**
 * The table of commands: how it is built, and how a command is found. A row without a handler must contain others.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GROUPS } from '../../src/commands/groups.js';
import type { Handler } from '../../src/commands/handler.js';
import { categoryWords, flagWords, parseFlags, parseKeys, type Row } from '../../src/commands/row.js';
import { CommandTable, UNKNOWN_COMMAND, UNKNOWN_SUBCOMMAND } from '../../src/commands/table.js';
import { Request } from '../../src/resp/request.js';
import { ALL, commandNamed } from './table-of-all.js';
import { tries } from '../support/tries.js';

const idle: Handler = () => {};

function tableOf(...rows: readonly [name: string, run: Handler | null][]): CommandTable {
  const made = rows.map(([name, run]): Row => [name, -1, '', '', '1.0.0', run, '']);
  return new CommandTable([{ name: 'example', rows: made, docs: () => [] }]);
}

function found(table: CommandTable, ...words: string[]): string | number {
  const id = table.find(Request.of(...words));
  return table.commands[id]?.name ?? id;
}

describe('rename-command', () => {
  const bytes = (text: string): Buffer => Buffer.from(text);

  test('the new name is found, the old one is not', () => {
    const table = tableOf(['get', idle], ['config', null], ['config|get', idle]);
    table.rename(bytes('GET'), bytes('Fetch'));
    table.rename(bytes('config'), bytes('b840fc02d524045429941cc15f59e41cb7be6c52'));
    expect(found(table, 'get', 'k')).toBe(UNKNOWN_COMMAND);
    expect(found(table, 'FETCH', 'k')).toBe('get');
    expect(found(table, 'config', 'get')).toBe(UNKNOWN_COMMAND);
    expect(found(table, 'B840fc02d524045429941cc15f59e41cb7be6c52', 'get', 'x')).toBe('config|get');
    expect(table.byName(bytes('fetch'))?.name).toBe('get');
    expect(table.byName(bytes('get'))).toBe(null);
  });

  test('a name may go, be given again, or be changed twice', () => {
    const table = tableOf(['get', idle], ['set', idle], ['del', idle]);
    table.rename(bytes('get'), bytes(''));
    table.rename(bytes('set'), bytes('get'));
    table.rename(bytes('get'), bytes('put'));
    table.rename(bytes('nope'), bytes('del'));
    expect(['get', 'set', 'put', 'del', ''].map((name) => found(table, name))).toEqual([
      UNKNOWN_COMMAND,
      UNKNOWN_COMMAND,
      'set',
      'del',
      UNKNOWN_COMMAND,
    ]);
  });
});

describe('finding', () => {
  test('every command by its name, in any case', () => {
    const anyCase = fc.constantFrom(...ALL.commands).chain(({ name }) =>
      fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }).map((up) => ({
        name,
        written: [...name].map((letter, i) => (up[i] ? letter.toUpperCase() : letter)).join(''),
      })),
    );
    fc.assert(
      fc.property(anyCase, ({ name, written }) => {
        expect(found(ALL, ...written.split('|'))).toBe(name);
        expect(ALL.byName(Buffer.from(written))?.name).toBe(name);
      }),
      { numRuns: tries(500) },
    );
  });

  test('behind another request it is the same command', () => {
    const table = tableOf(['get', idle], ['set', idle], ['config', null], ['config|get', idle], ['config|set', idle]);
    table.rename(Buffer.from('set'), Buffer.from('put'));
    const words = fc.constantFrom('get', 'GET', 'set', 'put', 'config', 'nope');
    const requests = fc.array(fc.tuple(words, fc.constantFrom('get', 'set', 'nope')), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(requests, (drawn) => {
        const batch = drawn.map(([name, sub]) => Request.of(name, sub));
        batch.forEach((request, k) => {
          const before = batch[k - 1];
          request.command = before === undefined ? table.find(request) : table.findAfter(request, before);
          expect(request.command).toBe(table.find(request));
        });
      }),
      { numRuns: tries(300) },
    );
  });

  test('nothing by a name that no command has', () => {
    const names = new Set(ALL.topLevel.map(({ name }) => name));
    const near = fc.tuple(fc.constantFrom(...names), fc.nat(20), fc.nat(255)).map(([name, at, byte]) => {
      const bytes = Buffer.from(name, 'latin1');
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(near, (bytes) => {
        const name = bytes.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        expect(ALL.find(Request.of(bytes)) >= 0).toBe(names.has(name));
      }),
      { numRuns: tries(2000) },
    );
  });

  // biome-ignore format: a table
  test.each<[words: string[], outcome: string | number]>([
    [['GET', 'k'],               'get'],
    [['CONFIG', 'GET', 'x'],     'config|get'],
    [['CONFIG'],                 'config'],
    [['CONFIG', 'nosuch'],       UNKNOWN_SUBCOMMAND],
    [['CONFIG', ''],             UNKNOWN_SUBCOMMAND],
    [['CONFIG', 'MEET'],         UNKNOWN_SUBCOMMAND],
    [['CONFIG|GET', 'x'],        UNKNOWN_COMMAND],
    [['COMMAND'],                'command'],
    [['COMMAND', 'COUNT'],       'command|count'],
    [['CLIENT', 'NO-EVICT'],     'client|no-evict'],
    [['CLIENT', 'NO\rEVICT'],    UNKNOWN_SUBCOMMAND],
    [['GE', 'k'],                UNKNOWN_COMMAND],
    [['GETT', 'k'],              UNKNOWN_COMMAND],
    [['', 'k'],                  UNKNOWN_COMMAND],
    [['G\u0000T'],               UNKNOWN_COMMAND],
    [['x'.repeat(1000)],         UNKNOWN_COMMAND],
    [['MEET'],                   UNKNOWN_COMMAND],
  ])('%j', (words, outcome) => expect(found(ALL, ...words)).toBe(outcome));

  test('a command behind other arguments', () => {
    expect(ALL.commands[ALL.findAt(Request.of('COMMAND', 'GETKEYS', 'CONFIG', 'SET'), 2)]?.name).toBe('config|set');
    expect(ALL.commands[ALL.findAt(Request.of('COMMAND', 'GETKEYS', 'CONFIG'), 2)]?.name).toBe('config');
  });
});

describe('building', () => {
  test('a row without a handler is no command', () => {
    const table = tableOf(['here', idle], ['gone', null]);
    expect([found(table, 'here'), found(table, 'gone'), table.commands.length]).toEqual(['here', UNKNOWN_COMMAND, 1]);
  });

  test('a container lives as long as one of its sub-commands', () => {
    const table = tableOf(['box', null], ['box|a', idle], ['box|b', null], ['empty', null], ['empty|a', null]);
    expect(table.commands.map(({ name }) => name)).toEqual(['box', 'box|a']);
    expect(found(table, 'box', 'b')).toBe(UNKNOWN_SUBCOMMAND);
    expect(found(table, 'empty', 'a')).toBe(UNKNOWN_COMMAND);
  });

  test('mistakes in rows are found when they are loaded', () => {
    expect(() => tableOf(['a', idle], ['a', idle])).toThrow("two rows for 'a'");
    expect(() => tableOf(['a|b', idle], ['a', idle])).toThrow('not behind that of its container');
    expect(() => tableOf(['x'.repeat(25), idle])).toThrow('too long');
    expect(() => parseFlags('write quick')).toThrow("'QUICK' is no flag");
    expect(() => parseFlags('write @nosuch')).toThrow("'NOSUCH' is no flag");
    expect(() => parseKeys('RW access')).toThrow('no place');
    expect(() => parseKeys('RW access 1')).toThrow('no place');
    expect(() => parseKeys('RW access @')).toThrow('no number');
    expect(() => parseKeys('RW access @1..x')).toThrow('no number');
  });

  test('ids are places in the list of commands, containers come before what they contain', () => {
    ALL.commands.forEach((command, place) => {
      expect(command.id).toBe(place);
      expect(command.container === null || command.container.id < place).toBe(true);
      expect(ALL.arity[place]).toBe(command.arity);
      expect(ALL.flags[place]).toBe(command.flags);
    });
  });
});

// biome-ignore format: a table
test.each<[column: string, flags: string, categories: string]>([
  ['',                      '',                '@slow'],
  ['write denyoom @string', 'write denyoom',   '@write @string @slow'],
  ['readonly fast',         'readonly fast',   '@read @fast'],
  ['readonly @scripting',   'readonly',        '@slow @scripting'],
  ['admin',                 'admin',           '@admin @slow @dangerous'],
  ['pubsub blocking',       'pubsub blocking', '@pubsub @slow @blocking'],
  ['fast protected',        'fast',            '@fast'],
])('the flags column %j', (column, flags, categories) => {
  const read = parseFlags(column);
  expect(flagWords(read.flags).join(' ')).toBe(flags);
  expect(categoryWords(read.categories).join(' ')).toBe(categories);
});

describe('the rows', () => {
  test('each has docs, and each docs row a row', () => {
    for (const { rows, docs } of GROUPS) {
      expect(
        docs()
          .map(([name]) => name)
          .sort(),
      ).toEqual(rows.map(([name]) => name).sort());
    }
  });

  test('a command with a member to be read ahead has a member or a field', () => {
    for (const command of ALL.commands.filter(({ memberArg }) => memberArg > 0)) {
      expect(`${command.name} ${ALL.docOf(command)[2]}`).toMatch(/[ {](member|field)\b/);
    }
  });

  test('facts for read-ahead', () => {
    const facts = ['get', 'memory|usage', 'mset', 'lmpop', 'ping', 'hset', 'zadd', 'smove'].map((name) => {
      const { id } = commandNamed(name);
      return [name, ALL.keyed[id], ALL.firstKey[id], ALL.lastKey[id], ALL.keyStep[id], ALL.memberArg[id]];
    });
    expect(facts).toEqual([
      ['get', 1, 1, 1, 1, 0],
      ['memory|usage', 0, 2, 2, 1, 0],
      ['mset', 2, 1, -1, 2, 0],
      ['lmpop', 0, 0, 0, 0, 0],
      ['ping', 0, 0, 0, 0, 0],
      ['hset', 2, 1, 1, 1, 2],
      ['zadd', 2, 1, 1, 1, 3],
      ['smove', 1, 1, 2, 1, 3],
    ]);
  });

  test('every row has a handler, but for containers', () => {
    const containers = new Set(ALL.commands.flatMap(({ container }) => (container === null ? [] : [container.name])));
    const rows = GROUPS.flatMap(({ rows }) => rows);
    expect(rows.filter(([name, , , , , run]) => run === null && !containers.has(name))).toEqual([]);
  });
});
