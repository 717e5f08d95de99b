/**
 * COMMAND: the table of commands, told to clients (INFO), to people (DOCS) and to proxies (GETKEYS).
 *
 * The commands come in the order of their rows; redis, which walks a hash table, promises none.
 */
import { ERRORS } from '../../base/errors.js';
import { Glob } from '../../base/glob.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { writeDocs, writeInfo, writeKeyFlags } from '../docs.js';
import type { Session } from '../handler.js';
import { findKeysFrom, hasKeys, KeyPlaces } from '../keys.js';
import { CATEGORY, FLAG } from '../row.js';
import type { Command, CommandTable } from '../table.js';

/** COMMAND, and COMMAND INFO without names. */
export function commandAll(_request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  const { table } = session.node;
  reply.arrayHeader(table.topLevel.length);
  for (const command of table.topLevel) writeInfo(reply, table, command);
}

export function commandInfo(request: Request, reply: ReplyWriter, db: Database, session: Session): void {
  if (request.argc === 2) return commandAll(request, reply, db, session);
  const { table } = session.node;
  reply.arrayHeader(request.argc - 2);
  for (let i = 2; i < request.argc; i++) {
    const command = table.byName(request.bytes(i));
    if (command === null) reply.nil();
    else writeInfo(reply, table, command);
  }
}

export function commandDocs(request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  const { table } = session.node;
  const commands = request.argc === 2 ? table.topLevel : named(request, table);
  reply.mapHeader(commands.length);
  for (const command of commands) {
    reply.bulkText(command.name);
    writeDocs(reply, table, command);
  }
}

/** Those that exist among the names from argument 2 on. */
function named(request: Request, table: CommandTable): Command[] {
  const commands: Command[] = [];
  for (let i = 2; i < request.argc; i++) {
    const command = table.byName(request.bytes(i));
    if (command !== null) commands.push(command);
  }
  return commands;
}

export function commandCount(_request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  reply.integer(session.node.table.topLevel.length);
}

type Filter = (command: Command) => boolean;

export function commandList(request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  const filter = filterOf(request);
  if (filter === null) return reply.error(ERRORS.SYNTAX);
  const found = session.node.table.commands.filter(filter);
  reply.arrayHeader(found.length);
  for (const command of found) reply.bulkText(command.name);
}

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]. Null for anything else. */
function filterOf(request: Request): Filter | null {
  if (request.argc === 2) return () => true;
  if (request.argc !== 5 || !request.is(2, 'filterby')) return null;
  if (request.is(3, 'module')) return () => false; // there are no modules
  if (request.is(3, 'aclcat')) return byCategory(request.text(4));
  if (request.is(3, 'pattern')) return byPattern(request.bytes(4));
  return null;
}

function byCategory(name: string): Filter {
  const wanted = Object.entries(CATEGORY).find(([category]) => category.toLowerCase() === name.toLowerCase());
  const bit = wanted === undefined ? 0 : wanted[1];
  return (command) => (command.categories & bit) !== 0;
}

function byPattern(pattern: Buffer): Filter {
  const glob = new Glob(pattern, 'any-case');
  return (command) => glob.matches(Buffer.from(command.name, 'latin1'));
}

export function commandGetKeys(request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  const keys = keysOf(request, reply, session.node.table);
  if (keys === null) return;
  reply.arrayHeader(keys.count);
  for (let i = 0; i < keys.count; i++) writeArgument(reply, request, keys.at[i]);
}

export function commandGetKeysAndFlags(request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  const keys = keysOf(request, reply, session.node.table);
  if (keys === null) return;
  reply.arrayHeader(keys.count);
  for (let i = 0; i < keys.count; i++) {
    reply.arrayHeader(2);
    writeArgument(reply, request, keys.at[i]);
    writeKeyFlags(reply, keys.flags[i]);
  }
}

function writeArgument(reply: ReplyWriter, request: Request, i: number): void {
  reply.bulk(request.buf, request.view, request.off[i], request.len[i]);
}

/** Where the command under examination begins: COMMAND GETKEYS it … */
const IT = 2;

/** The keys of the command from argument 2 on; null if that was answered with an error. */
function keysOf(request: Request, reply: ReplyWriter, table: CommandTable): KeyPlaces | null {
  const id = table.findAt(request, IT);
  if (id < 0) return refuse(reply, 'ERR Invalid command specified');
  const command = table.commands[id];
  if (!hasKeys(command)) return refuse(reply, 'ERR The command has no key arguments');
  const argc = request.argc - IT;
  if (command.arity > 0 ? argc !== command.arity : argc < -command.arity)
    return refuse(reply, 'ERR Invalid number of arguments specified for command');
  const keys = new KeyPlaces();
  if (findKeysFrom(command, request, IT, keys) > 0 || (command.flags & FLAG.NO_MANDATORY_KEYS) !== 0) return keys;
  return refuse(reply, 'ERR Invalid arguments specified for command');
}

function refuse(reply: ReplyWriter, text: string): null {
  reply.error(text);
  return null;
}

const HELP = [
  'COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  '(no subcommand)',
  '    Return details about all Redis commands.',
  'COUNT',
  '    Return the total number of commands in this Redis server.',
  'LIST',
  '    Return a list of all commands in this Redis server.',
  'INFO [<command-name> ...]',
  '    Return details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'DOCS [<command-name> ...]',
  '    Return documentation details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'GETKEYS <full-command>',
  '    Return the keys from a full Redis command.',
  'GETKEYSANDFLAGS <full-command>',
  '    Return the keys and the access flags from a full Redis command.',
  'HELP',
  '    Prints this help.',
];

export function commandHelp(_request: Request, reply: ReplyWriter): void {
  reply.lines(HELP);
}
