/**
 * WAIT numreplicas timeout: answered with the count of replicas that have what this connection has
 * written, and what it may have read: all up to the end of its last command.
 *
 * It promises nothing: a failover may choose a replica that is not among them.
 */
import { ERRORS } from '../../base/errors.js';
import { integerAt, readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';

export const wait: Handler = (request, reply, _db, session) => {
  const door = session.node.replicationDoor;
  if (door.primary !== null) return reply.error(ERRORS.WAIT_AT_REPLICA);
  const replicas = readInteger(request, 1, reply);
  if (Number.isNaN(replicas)) return;
  const timeoutMs = integerAt(request, 2);
  if (Number.isNaN(timeoutMs)) return reply.error(ERRORS.TIMEOUT_NOT_INTEGER);
  if (timeoutMs < 0) return reply.error(ERRORS.TIMEOUT_NEGATIVE);
  const offset = door.seenBy(session);
  const acked = door.countAcks(offset);
  if (acked >= replicas || session.inExec) return reply.integer(acked);
  door.wait(session, offset, replicas);
  session.block(request, { timeoutMs, keys: null, timedOut: (answer) => answer.integer(door.countAcks(offset)) });
};
