/**
 * CLIENT PAUSE, UNPAUSE, UNBLOCK, REPLY, NO-EVICT, HELP: how connections are treated.
 *
 * PAUSE and REPLY only say what is wanted: who is held back, and whose replies are dropped, is decided before and after
 * each command (dispatch.ts).
 */
import { ERRORS, wrongSubcommand } from '../../base/errors.js';
import { integerAt, readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';

/** CLIENT PAUSE ms [WRITE | ALL]. */
export const clientPause: Handler = (request, reply, _db, session) => {
  if (request.argc > 4) return reply.error(wrongSubcommand('CLIENT', request.text(1)));
  const onlyWrites = request.argc === 4 && request.is(3, 'write');
  if (request.argc === 4 && !onlyWrites && !request.is(3, 'all')) return reply.error(ERRORS.PAUSE_MODE);
  const ms = integerAt(request, 2);
  if (Number.isNaN(ms)) return reply.error(ERRORS.TIMEOUT_NOT_INTEGER);
  if (ms < 0) return reply.error(ERRORS.TIMEOUT_NEGATIVE);
  session.node.connections.pause(onlyWrites ? 'writes' : 'all', ms);
  reply.ok();
};

export const clientUnpause: Handler = (_request, reply, _db, session) => {
  session.node.connections.unpause();
  reply.ok();
};

/** CLIENT UNBLOCK id [TIMEOUT | ERROR]. */
export const clientUnblock: Handler = (request, reply, _db, session) => {
  if (request.argc > 4) return reply.error(wrongSubcommand('CLIENT', request.text(1)));
  const withError = request.argc === 4 && request.is(3, 'error');
  if (request.argc === 4 && !withError && !request.is(3, 'timeout')) return reply.error(ERRORS.UNBLOCK_REASON);
  const id = readInteger(request, 2, reply);
  if (Number.isNaN(id)) return;
  reply.integer(session.node.connections.unblock(id, withError, request) ? 1 : 0);
};

/** CLIENT REPLY ON | OFF | SKIP: the dispatcher does the rest. In EXEC an ON does not take a SKIP back. */
export const clientReply: Handler = (request, reply, _db, session) => {
  if (request.is(2, 'on')) {
    if (session.replies !== 'skip-next') session.replies = 'on';
    reply.ok();
  } else if (request.is(2, 'off')) session.replies = 'off';
  else if (!request.is(2, 'skip')) reply.error(ERRORS.SYNTAX);
  else if (session.replies !== 'off') session.replies = 'skip-next';
};

export const clientNoEvict: Handler = (request, reply, _db, session) => {
  const on = request.is(2, 'on');
  if (!on && !request.is(2, 'off')) return reply.error(ERRORS.SYNTAX);
  session.noEvict = on;
  reply.ok();
};

const HELP = [
  'CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'GETNAME',
  '    Return the name of the current connection.',
  'ID',
  '    Return the ID of the current connection.',
  'INFO',
  '    Return information about the current client connection.',
  'KILL <ip:port>',
  '    Kill connection made from <ip:port>.',
  'KILL <option> <value> [<option> <value> [...]]',
  '    Kill connections. Options are:',
  '    * ADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made from the specified address',
  '    * LADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made to specified local address',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Kill connections by type.',
  '    * USER <username>',
  '      Kill connections authenticated by <username>.',
  '    * SKIPME (YES|NO)',
  '      Skip killing current connection (default: yes).',
  'LIST [options ...]',
  '    Return information about client connections. Options:',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Return clients of specified type.',
  'UNPAUSE',
  '    Stop the current client pause, resuming traffic.',
  'PAUSE <timeout> [WRITE|ALL]',
  '    Suspend all, or just write, clients for <timeout> milliseconds.',
  'REPLY (ON|OFF|SKIP)',
  '    Control the replies sent to the current connection.',
  'SETNAME <name>',
  '    Assign the name <name> to the current connection.',
  'UNBLOCK <clientid> [TIMEOUT|ERROR]',
  '    Unblock the specified blocked client.',
  'NO-EVICT (ON|OFF)',
  '    Protect current client connection from eviction.',
  'HELP',
  '    Prints this help.',
];

export const clientHelp: Handler = (_request, reply) => {
  reply.lines(HELP);
};
