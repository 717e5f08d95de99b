/**
 * Each command described, compared with what redis-server 7.0.15 says: test/golden/commands, one line a command.
 *
 * The golden lines are replies to COMMAND INFO and COMMAND DOCS in the form of raw-reply.ts, in both protocols. Left
 * out are the sub-commands of containers (which have lines of their own), and the wording of summaries and of histories
 * (`?`).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseSyntax } from '../../src/commands/docs-syntax.js';
import { writeDocs, writeInfo } from '../../src/commands/docs.js';
import type { Command } from '../../src/commands/table.js';
import { ReplyWriter } from '../../src/resp/writer.js';
import { printRawReply, type RawReply, readRawReply } from './raw-reply.js';
import { ALL, commandNamed } from './table-of-all.js';

function goldenLines(name: string): string[] {
  const path = new URL(`../golden/commands/${name}.txt`, import.meta.url);
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

function written(resp: number, write: (reply: ReplyWriter) => void): RawReply {
  const reply = new ReplyWriter();
  reply.resp = resp;
  write(reply);
  return readRawReply(reply.buf.subarray(0, reply.pos));
}

function infoLine(resp: number, command: Command): string {
  const info = written(resp, (reply) => writeInfo(reply, ALL, command));
  return printRawReply({ ...info, parts: info.parts.slice(0, 9) });
}

const UNSAID: RawReply = { head: '$?', text: '?', parts: [] };

function docsLine(resp: number, command: Command): string {
  const docs = written(resp, (reply) => writeDocs(reply, ALL, command));
  const parts: RawReply[] = [];
  for (let i = 0; i < docs.parts.length; i += 2) {
    const [name, value] = docs.parts.slice(i, i + 2);
    if (name === undefined || value === undefined) throw new Error('a name without a value');
    if (name.text === 'subcommands') continue;
    parts.push(name, name.text === 'summary' ? UNSAID : name.text === 'history' ? withoutWords(value) : value);
  }
  return `$${command.name.length} ${command.name} ${printRawReply({ ...docs, parts })}`;
}

function withoutWords(history: RawReply): RawReply {
  return {
    ...history,
    parts: history.parts.map((entry) => ({ ...entry, parts: [...entry.parts.slice(0, 1), UNSAID] })),
  };
}

/** Redis has nothing to say of these. */
const OURS: ReadonlySet<string> = new Set(['cluster|explain']);

/** The order of the golden files: containers before what they contain. */
const SORTED = ALL.commands
  .filter(({ name }) => !OURS.has(name))
  .sort((a, b) => (a.name.replace('|', '\x01') < b.name.replace('|', '\x01') ? -1 : 1));

describe.each([2, 3])('in RESP%i', (resp) => {
  test('COMMAND INFO says of each command what redis says', () => {
    expect(SORTED.map((command) => infoLine(resp, command))).toEqual(goldenLines(`info.resp${resp}`));
  });

  test('COMMAND DOCS says of each command what redis says, in other words', () => {
    expect(SORTED.map((command) => docsLine(resp, command))).toEqual(goldenLines(`docs.resp${resp}`));
  });

  test('a container lists its sub-commands, in INFO as an array, in DOCS as a map', () => {
    const config = commandNamed('config');
    const info = written(resp, (reply) => writeInfo(reply, ALL, config)).parts[9];
    expect(info?.head).toBe('*5');
    expect(info?.parts.map((sub) => sub.parts[0]?.text)).toEqual(config.subcommands.map((sub) => sub.name));
    const docs = written(resp, (reply) => writeDocs(reply, ALL, config)).parts;
    const subs = docs[docs.findIndex((part) => part.text === 'subcommands') + 1];
    expect(subs?.head).toBe(resp === 3 ? '%5' : '*10');
    expect(subs?.parts.filter((_, i) => i % 2 === 0).map((part) => part.text)).toEqual(
      config.subcommands.map((sub) => sub.name),
    );
  });

  test('a command without sub-commands has an empty set of them', () => {
    const info = written(resp, (reply) => writeInfo(reply, ALL, commandNamed('get')));
    expect(info.parts[9]?.head).toBe(resp === 3 ? '~0' : '*0');
  });
});

describe('the notation of syntaxes', () => {
  const leaf = { keySpec: -1, token: '', since: '', deprecatedSince: '', flags: [], parts: [] };
  test.each([
    ['value', { ...leaf, name: 'value', type: 'string' }],
    ['key#1', { ...leaf, name: 'key', type: 'key', keySpec: 1 }],
    ['pattern:pattern#1', { ...leaf, name: 'pattern', type: 'pattern', keySpec: 1 }],
    ['EX=seconds:integer', { ...leaf, name: 'seconds', type: 'integer', token: 'EX' }],
    ['NX', { ...leaf, name: 'nx', type: 'pure-token', token: 'NX' }],
    ['CH!change', { ...leaf, name: 'change', type: 'pure-token', token: 'CH' }],
    ['ip:port<2.8.12', { ...leaf, name: 'ip:port', type: 'string', deprecatedSince: '2.8.12' }],
    [
      'a?*+@6.2.0',
      { ...leaf, name: 'a', type: 'string', since: '6.2.0', flags: ['optional', 'multiple', 'multiple_token'] },
    ],
  ])('%s', (syntax, argument) => expect(parseSyntax(syntax)).toEqual([argument]));

  test('one of many, and many in a row', () => {
    const [a, b] = ['a', 'b'].map((name) => ({ ...leaf, name, type: 'string' }));
    expect(parseSyntax('L=x{a b}* y(a | b)?')).toEqual([
      { ...leaf, name: 'x', type: 'block', token: 'L', flags: ['multiple'], parts: [a, b] },
      { ...leaf, name: 'y', type: 'oneof', flags: ['optional'], parts: [a, b] },
    ]);
  });

  test.each(['a)', '(a)', '#', 'a{b', 'a=='])('%s is a mistake of ours', (syntax) => {
    expect(() => parseSyntax(syntax)).toThrow('cannot read');
  });
});
