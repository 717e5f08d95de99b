/**
 * A table of all commands, whether their handlers exist or not, and what COMMAND needs to run on it.
 */
import type { Handler } from '../../src/commands/handler.js';
import { GROUPS } from '../../src/commands/groups.js';
import type { Row } from '../../src/commands/row.js';
import { CommandTable } from '../../src/commands/table.js';

const idle: Handler = () => {};

function withHandler([name, arity, flags, keys, since, run, summary]: Row): Row {
  return [name, arity, flags, keys, since, run ?? idle, summary];
}

export const ALL = new CommandTable(GROUPS.map((group) => ({ ...group, rows: group.rows.map(withHandler) })));

export function commandNamed(name: string) {
  const command = ALL.byName(Buffer.from(name));
  if (command === null) throw new Error(`no command '${name}'`);
  return command;
}
