/**
 * Who listens to what, for one kind of topic, looked up from both sides.
 *
 *   byTopic   news ──▶ { A, B }          byClient   A ──▶ { news, sports }
 *
 * Topics are latin1 strings. Both sides keep the order in which subscriptions came; nothing is left of a topic without
 * listeners, so that a million channels that come and go cost nothing.
 */

/** A topic in the books of both sides, about, beside its text. */
const ENTRY_BYTES = 100;

interface Held {
  readonly topics: Set<string>;
  bytes: number;
}

const NOBODY: ReadonlySet<never> = new Set<never>();
const NOTHING: readonly string[] = [];

export class Book<C extends object> {
  private readonly byTopic = new Map<string, Set<C>>();
  private readonly byClient = new Map<C, Held>();

  /** How many topics somebody listens to. */
  get topicCount(): number {
    return this.byTopic.size;
  }

  get topics(): Iterable<string> {
    return this.byTopic.keys();
  }

  /** May be read while its members go. */
  subscribers(topic: string): ReadonlySet<C> {
    return this.byTopic.get(topic) ?? NOBODY;
  }

  /** A copy, so that all of them may be given up one by one. */
  topicsOf(client: C): readonly string[] {
    const held = this.byClient.get(client);
    return held === undefined ? NOTHING : [...held.topics];
  }

  countOf(client: C): number {
    return this.byClient.get(client)?.topics.size ?? 0;
  }

  /** Memory that the subscriptions of a client take, about. */
  bytesOf(client: C): number {
    return this.byClient.get(client)?.bytes ?? 0;
  }

  /** False where there was such a subscription already. */
  add(client: C, topic: string): boolean {
    let held = this.byClient.get(client);
    if (held === undefined) this.byClient.set(client, (held = { topics: new Set(), bytes: 0 }));
    if (held.topics.has(topic)) return false;
    held.topics.add(topic);
    held.bytes += ENTRY_BYTES + topic.length;
    const subscribers = this.byTopic.get(topic);
    if (subscribers === undefined) this.byTopic.set(topic, new Set([client]));
    else subscribers.add(client);
    return true;
  }

  /** False where there was no such subscription. */
  remove(client: C, topic: string): boolean {
    const held = this.byClient.get(client);
    if (held === undefined || !held.topics.delete(topic)) return false;
    held.bytes -= ENTRY_BYTES + topic.length;
    if (held.topics.size === 0) this.byClient.delete(client);
    const subscribers = this.byTopic.get(topic);
    subscribers?.delete(client);
    if (subscribers?.size === 0) this.byTopic.delete(topic);
    return true;
  }
}
