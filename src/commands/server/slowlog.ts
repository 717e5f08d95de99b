/**
 * SLOWLOG: the commands that took longer than `slowlog-log-slower-than`, the latest first.
 *
 *   *6  :id  :seconds since 1970  :µs  *n arguments, shortened  $address  $name of the client
 */
import { ERRORS, wrongSubcommand } from '../../base/errors.js';
import { integerAt } from '../arguments.js';
import type { Handler } from '../handler.js';

const DEFAULT_COUNT = 10;
/** SLOWLOG GET -1. */
const ALL = -1;

export interface SlowEntry {
  readonly id: number;
  /** Wall seconds. */
  readonly at: number;
  readonly micros: number;
  readonly args: readonly Uint8Array[];
  readonly address: string;
  readonly clientName: string;
}

export interface SlowLogDoor {
  readonly length: number;
  /** So many, the latest first. */
  latest(count: number): readonly SlowEntry[];
  clear(): void;
}

export const slowlogGet: Handler = (request, reply, _db, session) => {
  const { slowlog } = session.node.server;
  if (request.argc > 3) return reply.error(wrongSubcommand('SLOWLOG', request.text(1)));
  let count = request.argc === 3 ? integerAt(request, 2) : DEFAULT_COUNT;
  if (!(count >= ALL)) return reply.error(ERRORS.SLOWLOG_COUNT);
  if (count === ALL) count = slowlog.length;
  const entries = slowlog.latest(count);
  reply.arrayHeader(entries.length);
  for (const entry of entries) {
    reply.arrayHeader(6);
    reply.integer(entry.id);
    reply.integer(entry.at);
    reply.integer(entry.micros);
    reply.arrayHeader(entry.args.length);
    for (const arg of entry.args) reply.bulkBytes(arg);
    reply.bulkText(entry.address);
    reply.bulkText(entry.clientName);
  }
};

export const slowlogLen: Handler = (_request, reply, _db, session) => {
  reply.integer(session.node.server.slowlog.length);
};

export const slowlogReset: Handler = (_request, reply, _db, session) => {
  session.node.server.slowlog.clear();
  reply.ok();
};

const HELP = [
  'SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'GET [<count>]',
  '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
  '    Entries are made of:',
  '    id, timestamp, time in microseconds, arguments array, client IP and port,',
  '    client name',
  'LEN',
  '    Return the length of the slowlog.',
  'RESET',
  '    Reset the slowlog.',
  'HELP',
  '    Prints this help.',
];

export const slowlogHelp: Handler = (_request, reply) => {
  reply.lines(HELP);
};
