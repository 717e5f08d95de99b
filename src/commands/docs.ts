/**
 * A command described, as COMMAND INFO tells it to clients and COMMAND DOCS to people.
 *
 *   INFO  *10  name arity ~flags first last step ~categories ~tips ~key-specs *sub-commands
 *   DOCS  %n   summary since group complexity … history arguments sub-commands, as far as there are such
 *
 * Everything follows from the row and its docs row. ~ is a set and % a map in RESP3, arrays in RESP2.
 */
import type { ReplyWriter } from '../resp/writer.js';
import { type Argument, parseSyntax } from './docs-syntax.js';
import { categoryWords, flagWords, type KeySpec, keyFlagWords } from './row.js';
import type { Command, CommandTable } from './table.js';

export function writeInfo(reply: ReplyWriter, table: CommandTable, command: Command): void {
  const { range, subcommands } = command;
  const [, , , extras] = table.docOf(command);
  reply.arrayHeader(10);
  reply.bulkText(command.name);
  reply.integer(command.arity);
  writeWords(reply, flagWords(command.flags));
  reply.integer(range.first);
  reply.integer(range.last);
  reply.integer(range.step);
  writeWords(reply, categoryWords(command.categories));
  writeTips(reply, extras?.tips);
  writeKeySpecs(reply, command.keySpecs, extras?.keyNote);
  if (subcommands.length === 0) return reply.setHeader(0); // as redis does: a set, though a full one is an array
  reply.arrayHeader(subcommands.length);
  for (const subcommand of subcommands) writeInfo(reply, table, subcommand);
}

/** A set of status replies. */
function writeWords(reply: ReplyWriter, words: readonly string[]): void {
  reply.setHeader(words.length);
  for (const word of words) reply.simple(word);
}

function writeTips(reply: ReplyWriter, tips: string | undefined): void {
  const words = tips === undefined ? [] : tips.split(' ');
  reply.setHeader(words.length);
  for (const word of words) reply.bulkText(word);
}

function writeKeySpecs(reply: ReplyWriter, specs: readonly KeySpec[], note: string | undefined): void {
  reply.setHeader(specs.length);
  specs.forEach((spec, i) => {
    const noteOfThis = i === 0 ? note : undefined;
    reply.mapHeader(noteOfThis === undefined ? 3 : 4);
    if (noteOfThis !== undefined) writePair(reply, 'notes', noteOfThis);
    reply.bulkText('flags');
    writeKeyFlags(reply, spec.flags);
    writeBegin(reply, spec);
    writeFind(reply, spec);
  });
}

export function writeKeyFlags(reply: ReplyWriter, flags: number): void {
  writeWords(reply, keyFlagWords(flags));
}

function writeBegin(reply: ReplyWriter, spec: KeySpec): void {
  if (spec.begin === 'index') {
    writeSpecHead(reply, 'begin_search', 'index', 1);
    return writeNumber(reply, 'index', spec.at);
  }
  writeSpecHead(reply, 'begin_search', 'keyword', 2);
  writePair(reply, 'keyword', spec.keyword.toUpperCase());
  writeNumber(reply, 'startfrom', spec.at);
}

function writeFind(reply: ReplyWriter, spec: KeySpec): void {
  writeSpecHead(reply, 'find_keys', spec.find, 3);
  if (spec.find === 'range') {
    writeNumber(reply, 'lastkey', spec.last);
    writeNumber(reply, 'keystep', spec.step);
    return writeNumber(reply, 'limit', spec.limit);
  }
  writeNumber(reply, 'keynumidx', 0);
  writeNumber(reply, 'firstkey', 1);
  writeNumber(reply, 'keystep', spec.step);
}

function writeSpecHead(reply: ReplyWriter, part: string, type: string, fields: number): void {
  reply.bulkText(part);
  reply.mapHeader(2);
  writePair(reply, 'type', type);
  reply.bulkText('spec');
  reply.mapHeader(fields);
}

export function writeDocs(reply: ReplyWriter, table: CommandTable, command: Command): void {
  const [, complexity, syntax, extras] = table.docOf(command);
  const { subcommands } = command;
  const mark = reply.mark();
  let fields = 3;
  writePair(reply, 'summary', command.summary);
  writePair(reply, 'since', command.since);
  writePair(reply, 'group', command.group);
  if (complexity !== '') fields += writePair(reply, 'complexity', complexity);
  if (extras?.system || extras?.deprecated) fields += writeDocFlags(reply, extras.system ? 'syscmd' : 'deprecated');
  if (extras?.deprecated) {
    fields += writePair(reply, 'deprecated_since', extras.deprecated[0]);
    fields += writePair(reply, 'replaced_by', extras.deprecated[1]);
  }
  if (extras?.history) fields += writeHistory(reply, extras.history);
  if (syntax !== '') {
    reply.bulkText('arguments');
    writeArguments(reply, parseSyntax(syntax));
    fields++;
  }
  if (subcommands.length > 0) {
    reply.bulkText('subcommands');
    reply.mapHeader(subcommands.length);
    for (const subcommand of subcommands) {
      reply.bulkText(subcommand.name);
      writeDocs(reply, table, subcommand);
    }
    fields++;
  }
  reply.mapAt(mark, fields);
}

/** A pair of texts; returns 1, the count of pairs written. */
function writePair(reply: ReplyWriter, name: string, text: string): 1 {
  reply.bulkText(name);
  reply.bulkText(text);
  return 1;
}

function writeNumber(reply: ReplyWriter, name: string, n: number): void {
  reply.bulkText(name);
  reply.integer(n);
}

function writeDocFlags(reply: ReplyWriter, flag: string): 1 {
  reply.bulkText('doc_flags');
  writeWords(reply, [flag]);
  return 1;
}

function writeHistory(reply: ReplyWriter, history: readonly (readonly [string, string])[]): 1 {
  reply.bulkText('history');
  reply.setHeader(history.length);
  for (const [since, change] of history) {
    reply.arrayHeader(2);
    writePair(reply, since, change);
  }
  return 1;
}

function writeArguments(reply: ReplyWriter, list: readonly Argument[]): void {
  reply.arrayHeader(list.length);
  for (const argument of list) writeArgument(reply, argument);
}

function writeArgument(reply: ReplyWriter, argument: Argument): void {
  const { keySpec, token, since, deprecatedSince, flags, parts, type } = argument;
  const mark = reply.mark();
  let fields = 2;
  writePair(reply, 'name', argument.name);
  writePair(reply, 'type', argument.type);
  if (keySpec >= 0) {
    writeNumber(reply, 'key_spec_index', keySpec);
    fields++;
  }
  if (token !== '' || type === 'pure-token') fields += writePair(reply, 'token', token);
  if (since !== '') fields += writePair(reply, 'since', since);
  if (deprecatedSince !== '') fields += writePair(reply, 'deprecated_since', deprecatedSince);
  if (flags.length > 0) {
    reply.bulkText('flags');
    writeWords(reply, flags);
    fields++;
  }
  if (parts.length > 0) {
    reply.bulkText('arguments');
    writeArguments(reply, parts);
    fields++;
  }
  reply.mapAt(mark, fields);
}
