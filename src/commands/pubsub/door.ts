/**
 * What the commands of pub/sub ask of the node (`NodeDoor.pubsub`).
 *
 *   channel   SUBSCRIBE     a name, heard all over the cluster
 *   pattern   PSUBSCRIBE    any name that fits
 *   shard     SSUBSCRIBE    a name, heard within the shard that has its slot
 *
 * A topic is a channel, a pattern or a shard channel: bytes, as a latin1 string.
 */
import type { Request } from '../../resp/request.js';
import type { Session } from '../handler.js';

export type TopicKind = 'channel' | 'pattern' | 'shard';

export interface PubSubDoor {
  /** Subscribes the connection, and tells it so even where it wants no replies. */
  subscribe(kind: TopicKind, topic: string, session: Session): void;
  /** The other way; told also where there was no such subscription. */
  unsubscribe(kind: TopicKind, topic: string, session: Session): void;
  /** Ends all subscriptions of a kind, and tells of each; of none, where there were none. */
  unsubscribeAll(kind: TopicKind, session: Session): void;
  /** Argument 2 to the channel in argument 1, here and at the other nodes; how many heard it here. */
  publish(request: Request): number;
  /** The same within the shard. */
  publishToShard(request: Request): number;
  /** All that somebody is subscribed to. */
  topics(kind: TopicKind): Iterable<string>;
  topicCount(kind: TopicKind): number;
  subscriberCount(kind: TopicKind, topic: string): number;
}
