/**
 * Pub/sub of one node: who listens to what here, and how a message reaches them.
 *
 *   PUBLISH ──┬─▶ broadcast ─▶ listeners of the channel, then of each pattern that fits it
 *             └─▶ Spread: the other nodes of the cluster over the bus, or the replicas      their own broadcast
 *
 * A message stands, for its listener, behind all that was written for him before, and in front of all that follows:
 * who hears that a subscription ended hears nothing of it any more.
 */
import { Glob } from '../../base/glob.js';
import type { Session } from '../../commands/handler.js';
import type { PubSubDoor, TopicKind } from '../../commands/pubsub/door.js';
import type { Request } from '../../resp/request.js';
import type { Client } from '../client.js';
import { Book } from './book.js';
import { confirmation, Frame } from './frames.js';
import { ShardSlots, type ShardView } from './shard-slots.js';

/** What pub/sub asks of the node. */
export interface Surroundings {
  /** Puts a message behind all that was written for this client, be it by the command that runs. */
  deliver(client: Client, message: Buffer): void;
  /** Hands a message to the other nodes. */
  spread(channel: Buffer, message: Buffer, reach: Reach): void;
  /** Null outside of a cluster. */
  readonly shard: ShardView | null;
}

/** How far a message goes: to all nodes, or within a shard. */
export type Reach = 'all' | 'shard';

const SUBSCRIBED: Readonly<Record<TopicKind, string>> = {
  channel: 'subscribe',
  pattern: 'psubscribe',
  shard: 'ssubscribe',
};
const UNSUBSCRIBED: Readonly<Record<TopicKind, string>> = {
  channel: 'unsubscribe',
  pattern: 'punsubscribe',
  shard: 'sunsubscribe',
};
const KINDS: readonly TopicKind[] = ['channel', 'pattern', 'shard'];

export class PubSub implements PubSubDoor {
  private readonly books: Readonly<Record<TopicKind, Book<Client>>> = {
    channel: new Book(),
    pattern: new Book(),
    shard: new Book(),
  };
  /** Of every pattern that somebody listens by. */
  private readonly globs = new Map<string, Glob>();
  private readonly slots = new ShardSlots();

  constructor(private readonly around: Surroundings) {}

  // ── subscriptions ─────────────────────────────────────────────────────────

  subscribe(kind: TopicKind, topic: string, session: Session): void {
    const client = session as Client;
    const isNew = this.books[kind].subscribers(topic).size === 0;
    this.books[kind].add(client, topic);
    client.isSubscribed = true;
    if (isNew) this.begin(kind, topic);
    this.confirm(SUBSCRIBED[kind], kind, topic, client);
  }

  unsubscribe(kind: TopicKind, topic: string, session: Session): void {
    const client = session as Client;
    this.remove(kind, topic, client);
    this.confirm(UNSUBSCRIBED[kind], kind, topic, client);
  }

  unsubscribeAll(kind: TopicKind, session: Session): void {
    const topics = this.books[kind].topicsOf(session as Client);
    for (const topic of topics) this.unsubscribe(kind, topic, session);
    if (topics.length === 0) this.confirm(UNSUBSCRIBED[kind], kind, null, session as Client);
  }

  /** RESET, or the connection is gone: nobody is told. */
  forget(client: Client): void {
    if (!client.isSubscribed) return;
    for (const kind of KINDS) for (const topic of this.books[kind].topicsOf(client)) this.remove(kind, topic, client);
  }

  private remove(kind: TopicKind, topic: string, client: Client): void {
    const book = this.books[kind];
    if (!book.remove(client, topic)) return;
    client.isSubscribed = KINDS.some((each) => this.books[each].countOf(client) > 0);
    if (book.subscribers(topic).size === 0) this.end(kind, topic);
  }

  /** Somebody listens to a topic that nobody listened to. */
  private begin(kind: TopicKind, topic: string): void {
    if (kind === 'pattern') this.globs.set(topic, new Glob(Buffer.from(topic, 'latin1')));
    else if (kind === 'shard' && this.around.shard !== null) this.slots.add(topic, this.around.shard);
  }

  private end(kind: TopicKind, topic: string): void {
    if (kind === 'pattern') this.globs.delete(topic);
    else if (kind === 'shard') this.slots.remove(topic);
  }

  /** Channels and patterns are counted together, shard channels apart. */
  private confirm(word: string, kind: TopicKind, topic: string | null, client: Client): void {
    const { channel, pattern, shard } = this.books;
    const count = kind === 'shard' ? shard.countOf(client) : channel.countOf(client) + pattern.countOf(client);
    this.around.deliver(client, confirmation(word, topic, count, client.resp));
  }

  /** Slots may have got other owners: who listens to channels in them is told to go. */
  reviewShard(): void {
    const { shard } = this.around;
    if (shard === null || this.slots.isEmpty) return;
    for (const channel of this.slots.lost(shard))
      for (const client of this.books.shard.subscribers(channel)) this.unsubscribe('shard', channel, client);
  }

  // ── messages ──────────────────────────────────────────────────────────────

  publish(request: Request): number {
    const message = request.bytes(2);
    const heard = this.broadcast(request.text(1), message);
    this.around.spread(request.bytes(1), message, 'all');
    return heard;
  }

  publishToShard(request: Request): number {
    const message = request.bytes(2);
    const heard = this.broadcastToShard(request.text(1), message);
    this.around.spread(request.bytes(1), message, 'shard');
    return heard;
  }

  /** To all who listen here; how often it was heard. */
  broadcast(channel: string, message: Uint8Array): number {
    let heard = this.tell(this.books.channel.subscribers(channel), ['message', channel, message]);
    if (this.globs.size === 0) return heard;
    const bytes = Buffer.from(channel, 'latin1');
    for (const [pattern, glob] of this.globs)
      if (glob.matches(bytes))
        heard += this.tell(this.books.pattern.subscribers(pattern), ['pmessage', pattern, channel, message]);
    return heard;
  }

  broadcastToShard(channel: string, message: Uint8Array): number {
    return this.tell(this.books.shard.subscribers(channel), ['smessage', channel, message]);
  }

  private tell(clients: ReadonlySet<Client>, parts: readonly (string | Uint8Array)[]): number {
    if (clients.size === 0) return 0;
    const frame = new Frame(...parts);
    let heard = 0;
    for (const client of clients) {
      this.around.deliver(client, frame.in(client.resp));
      heard++;
    }
    return heard;
  }

  // ── what others may look at ───────────────────────────────────────────────

  /** Whether a message on some channel could be heard. */
  get isHeard(): boolean {
    return this.globs.size > 0 || this.books.channel.topicCount > 0;
  }

  topics(kind: TopicKind): Iterable<string> {
    return this.books[kind].topics;
  }

  topicCount(kind: TopicKind): number {
    return this.books[kind].topicCount;
  }

  subscriberCount(kind: TopicKind, topic: string): number {
    return this.books[kind].subscribers(topic).size;
  }

  /** How many topics of a kind a client listens to. */
  countOf(kind: TopicKind, client: Client): number {
    return client.isSubscribed ? this.books[kind].countOf(client) : 0;
  }

  /** Memory of a client's subscriptions. */
  bytesOf(client: Client): number {
    if (!client.isSubscribed) return 0;
    const { channel, pattern, shard } = this.books;
    return channel.bytesOf(client) + pattern.bytesOf(client) + shard.bytesOf(client);
  }
}
