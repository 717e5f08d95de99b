/**
 * PUBLISH and SPUBLISH: says something to all who listen, and how many they are at this node.
 *
 * How it reaches other nodes (over the bus, or with the stream of changes) is the node's business.
 */
import type { Handler } from '../handler.js';

export const publish: Handler = (request, reply, _db, session) => {
  reply.integer(session.node.pubsub.publish(request));
};

export const spublish: Handler = (request, reply, _db, session) => {
  reply.integer(session.node.pubsub.publishToShard(request));
};
