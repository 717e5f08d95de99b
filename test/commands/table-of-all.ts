/**
 * A table of all commands, whether their handlers exist or not, and a way to ask them.
 *
 * A row without a handler gets an idle one: then COMMAND speaks of it as it will once it is there.
 */
import { GROUPS } from '../../src/commands/groups.js';
import type { Handler, Session } from '../../src/commands/handler.js';
import type { Row } from '../../src/commands/row.js';
import { type Command, CommandTable } from '../../src/commands/table.js';
import type { Database } from '../../src/keyspace/keyspace.js';
import { Request } from '../../src/resp/request.js';
import { ReplyWriter } from '../../src/resp/writer.js';
import { printRawReply, readRawReply } from './raw-reply.js';

const idle: Handler = () => {};

function withHandler([name, arity, flags, keys, since, run, summary]: Row): Row {
  return [name, arity, flags, keys, since, run ?? idle, summary];
}

export const ALL = new CommandTable(GROUPS.map((group) => ({ ...group, rows: group.rows.map(withHandler) })));

export function commandNamed(name: string): Command {
  const command = ALL.byName(Buffer.from(name));
  if (command === null) throw new Error(`no command '${name}'`);
  return command;
}

/** COMMAND reads the table and nothing else, so nothing else of a session is here. */
const session = { node: { table: ALL } } as Session;
const noDatabase = {} as Database;

/** The reply to a request whose arguments are parted by blanks, in the form of raw-reply.ts. */
export function answerTo(line: string): string {
  const request = Request.of(...line.split(' '));
  const command = ALL.commands[ALL.find(request)];
  if (command === undefined) throw new Error(`no command for '${line}'`);
  const reply = new ReplyWriter();
  command.run(request, reply, noDatabase, session);
  return printRawReply(readRawReply(reply.buf.subarray(0, reply.pos)));
}
