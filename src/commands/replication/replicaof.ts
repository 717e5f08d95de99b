/**
 * REPLICAOF host port, REPLICAOF NO ONE: whom this server copies.
 *
 * In a cluster that is the cluster's affair: CLUSTER REPLICATE.
 */
import { ERRORS } from '../../base/errors.js';
import { integerAt } from '../arguments.js';
import type { Handler } from '../handler.js';

const PORT_MAX = 65_535;

export const replicaOf: Handler = (request, reply, _db, session) => {
  const { node } = session;
  const door = node.replicationDoor;
  if (node.isCluster) return reply.error(ERRORS.REPLICAOF_IN_CLUSTER);
  if (door.isHandingOver) return reply.error(ERRORS.REPLICAOF_IN_FAILOVER);
  if (request.is(1, 'no') && request.is(2, 'one')) {
    door.becomePrimary(session);
    return reply.ok();
  }
  if (session.isReplica) return reply.error(ERRORS.REPLICAOF_BY_REPLICA);
  const port = integerAt(request, 2);
  if (!(port >= 0 && port <= PORT_MAX)) return reply.error(ERRORS.INVALID_MASTER_PORT);
  const host = request.text(1);
  const { primary } = door;
  if (primary !== null && primary.host.toLowerCase() === host.toLowerCase() && primary.port === port) {
    const line = 'REPLICAOF would result into synchronization with the master we are already connected with.';
    node.log('notice', `${line} No operation performed.`);
    return reply.simple('OK Already connected to specified master');
  }
  door.replicaOf(host, port, session);
  reply.ok();
};
