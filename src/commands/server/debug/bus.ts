/**
 * DEBUG DROP-CLUSTER-PACKET-FILTER and CLUSTERLINK KILL: faults of the cluster bus, made on purpose.
 *
 * A link that is cut is made anew by the node that opened it; a packet that is dropped was never heard.
 */
import { ERRORS } from '../../../base/errors.js';
import { readInteger } from '../../arguments.js';
import type { Handler } from '../../handler.js';

/** Number of a packet type whose packets are thrown away on arrival; any that is none, such as -1, ends that. */
export const debugDropPackets: Handler = (request, reply, _db, session) => {
  const type = readInteger(request, 2, reply);
  if (Number.isNaN(type)) return;
  session.node.cluster?.dropPackets(type);
  reply.ok();
};

const DIRECTIONS = ['to', 'from', 'all'] as const;

export const debugClusterLink: Handler = (request, reply, _db, session) => {
  const { cluster } = session.node;
  if (!request.is(2, 'kill')) return reply.error(ERRORS.SYNTAX);
  if (cluster === null) return reply.error('ERR Debug option only available for cluster mode enabled setup!');
  const id = request.text(4);
  if (!cluster.describe().nodes.some((node) => node.id === id)) return reply.error(`ERR Unknown node ${id}`);
  const direction = DIRECTIONS.find((each) => request.is(3, each));
  if (direction === undefined) reply.error(`ERR Unknown direction ${request.text(3)}`);
  else cluster.killLinks(id, direction);
  reply.ok(); // behind the error too, as in C
};
