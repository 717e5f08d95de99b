/**
 * PUBLISH and SPUBLISH: says something to all who listen, and how many they are at this node.
 *
 * It reaches other nodes over the bus, or, outside of a cluster, replicas with the stream of changes. The one does not
 * hold the other's place: a replica in a cluster would hear it twice.
 */
import type { Handler, Session } from '../handler.js';

export const publish: Handler = (request, reply, _db, session) => {
  tellReplicas(session);
  reply.integer(session.node.pubsub.publish(request));
};

export const spublish: Handler = (request, reply, _db, session) => {
  tellReplicas(session);
  reply.integer(session.node.pubsub.publishToShard(request));
};

function tellReplicas({ node }: Session): void {
  if (!node.isCluster) node.engine.changes?.insist('replicas');
}
