/**
 * MONITOR: from now on this client is told of every command, until it says RESET or leaves.
 *
 * What it is told, and what is kept from it, is the node's business. Said twice, it is not answered the second time.
 */
import { ERRORS } from '../../base/errors.js';
import type { Handler } from '../handler.js';

export const monitor: Handler = (_request, reply, _db, session) => {
  if (session.inExec) return reply.error(ERRORS.MONITOR_IN_EXEC);
  if (session.monitor) return;
  session.node.server.monitor(session);
  reply.ok();
};
