/**
 * FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]: a primary outside of a cluster hands its role over.
 *
 * The reply says that it has begun. How it ends stands in the log, and in INFO's master_failover_state.
 */
import { ERRORS } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';
import type { HandoverOrder } from './door.js';

export const failover: Handler = (request, reply, _db, session) => {
  const { node } = session;
  if (node.isCluster) return reply.error(ERRORS.FAILOVER_IN_CLUSTER);
  if (request.argc === 2 && request.is(1, 'abort')) {
    if (node.replicationDoor.abortHandover()) reply.ok();
    else reply.error(ERRORS.NO_FAILOVER);
    return;
  }
  const order = readOrder(request, reply);
  if (order === null) return;
  const refusal = node.replicationDoor.handOver(order);
  if (refusal === null) reply.ok();
  else reply.error(refusal);
};

/** Null where the reply says what is wrong. */
function readOrder(request: Request, reply: ReplyWriter): HandoverOrder | null {
  let target: HandoverOrder['target'] = null;
  let timeoutMs = 0;
  let force = false;
  for (let i = 1; i < request.argc; i++) {
    if (request.is(i, 'timeout') && i + 1 < request.argc && timeoutMs === 0) {
      timeoutMs = readInteger(request, ++i, reply);
      if (Number.isNaN(timeoutMs)) return null;
      if (timeoutMs <= 0) {
        reply.error(ERRORS.FAILOVER_TIMEOUT);
        return null;
      }
    } else if (request.is(i, 'to') && i + 2 < request.argc && target === null) {
      const port = readInteger(request, i + 2, reply);
      if (Number.isNaN(port)) return null;
      target = { host: request.text(i + 1), port };
      i += 2;
    } else if (request.is(i, 'force') && !force) force = true;
    else {
      reply.error(ERRORS.SYNTAX);
      return null;
    }
  }
  return { target, timeoutMs, force };
}
