/**
 * CONFIG: the directives of a running server. What they are, and what they take, is the node's business; here stands
 * how one asks. Names and values are byte strings.
 */
import { ERRORS } from '../../base/errors.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import type { Session } from '../handler.js';

/** What CONFIG asks of the node. An error is a whole reply, without the dash. */
export interface ConfigDoor {
  show(patterns: readonly string[]): readonly (readonly [name: string, value: string])[];
  /** Name, value, name, value …: all of them or none. */
  change(texts: readonly string[], session: Session): string | null;
  /** `all` writes defaults as well, which DEBUG CONFIG-REWRITE-FORCE-ALL wants. */
  rewrite(what: 'changed' | 'all'): string | null;
  resetStatistics(): void;
  /** Whether the value of this directive must not be shown in logs and monitors. */
  isSecret(name: string): boolean;
}

function textsFrom(request: Request, first: number): string[] {
  const texts: string[] = [];
  for (let i = first; i < request.argc; i++) texts.push(request.text(i));
  return texts;
}

function answer(reply: ReplyWriter, error: string | null): void {
  if (error === null) reply.ok();
  else reply.error(error);
}

export function configGet(request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  const found = session.node.configuration.show(textsFrom(request, 2));
  reply.mapHeader(found.length);
  for (const [name, value] of found) {
    reply.bulkText(name);
    reply.bulkText(value);
  }
}

export function configSet(request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  if (request.argc % 2 !== 0) return reply.error(ERRORS.SYNTAX);
  answer(reply, session.node.configuration.change(textsFrom(request, 2), session));
}

export function configRewrite(_request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  answer(reply, session.node.configuration.rewrite('changed'));
}

export function configResetStat(_request: Request, reply: ReplyWriter, _db: Database, session: Session): void {
  session.node.configuration.resetStatistics();
  reply.ok();
}

const HELP = [
  'CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'GET <pattern>',
  '    Return parameters matching the glob-like <pattern> and their values.',
  'SET <directive> <value>',
  '    Set the configuration <directive> to <value>.',
  'RESETSTAT',
  '    Reset statistics reported by the INFO command.',
  'REWRITE',
  '    Rewrite the configuration file.',
  'HELP',
  '    Prints this help.',
];

export function configHelp(_request: Request, reply: ReplyWriter): void {
  reply.lines(HELP);
}
