/**
 * Our replicas on their links: each reads the backlog at its own place, as fast as its link takes it.
 *
 *   a command was written ──▶ backlog ──▶ end of the turn: to each replica what it has not had, as it stands there
 *   a link is full        ──▶ looked at again a millisecond later; its replica lags, the others do not
 *
 * Replicas are clients that said PSYNC: `client.feed` is what they are as replicas.
 */
import { countAcks, countGood, type Feed, judgeSilence, lowestPlace } from '../../replication/primary.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';

/** So much may wait in a link. More would only take memory; less, and a fast link runs dry within a millisecond. */
const LINK_BYTES = 1024 * 1024;
/** So much is given to one link in a turn, though it may take more: a backlog is long where a replica was slow. */
const TURN_BYTES = 1024 * 1024;
const RETRY_MS = 1;
const NEWLINE = Buffer.from('\n');

export class Replicas {
  readonly clients = new Set<Client>();
  /** Monotonic ms since when there is none. */
  noneSince: number;
  private isArmed = false;
  private isRetrying = false;

  constructor(private readonly node: Node) {
    this.noneSince = node.host.monotonicMs();
  }

  get size(): number {
    return this.clients.size;
  }

  get feeds(): Feed[] {
    return [...this.clients].map(({ feed }) => feed).filter((feed) => feed !== null);
  }

  add(client: Client): void {
    this.clients.add(client);
    this.node.gate.set('replicas', true);
  }

  forget(client: Client): void {
    if (!this.clients.delete(client)) return;
    this.node.log('warning', `Connection with replica ${this.nameOf(client)} lost.`);
    if (client.feed !== null) client.feed.stage = 'none';
    this.node.gate.set('replicas', this.clients.size > 0);
    if (this.clients.size === 0) this.noneSince = this.node.host.monotonicMs();
    this.trim();
  }

  /** `ip:port` as the log names it. */
  nameOf(client: Client): string {
    const { feed } = client;
    const host = this.hostOf(client);
    return `${host}:${feed === null || feed.listeningPort === 0 ? '<unknown-replica-port>' : feed.listeningPort}`;
  }

  hostOf(client: Client): string {
    const { feed, link } = client;
    if (feed !== null && feed.announcedAddress !== '') return feed.announcedAddress;
    const host = link.remote.slice(0, link.remote.lastIndexOf(':'));
    return host.startsWith('[') ? host.slice(1, -1) : host;
  }

  countAcks(offset: number): number {
    return countAcks(this.feeds, offset);
  }

  /** Nobody would lose anything if we ended now. */
  get haveAll(): boolean {
    return this.feeds.every(({ ackedOffset }) => ackedOffset === this.node.replication.history.offset);
  }

  get goodCount(): number {
    return countGood(this.feeds, this.node.config.minReplicasMaxLag * 1000, this.node.host.monotonicMs());
  }

  /** All are sent away; they come back at once, and perhaps go on where they were. */
  disconnectAll(): void {
    for (const client of [...this.clients]) this.node.drop(client);
  }

  // ── the stream ────────────────────────────────────────────────────────────

  /** Something was written: it leaves when the turn is over. */
  wake(): void {
    if (this.isArmed || this.clients.size === 0) return;
    this.isArmed = true;
    this.node.host.endOfTurn(this.pump);
  }

  private readonly pump = (): void => {
    this.isArmed = false;
    this.node.outbox.sendAll(); // what they were answered comes first
    this.node.outbox.prepare();
    let isBehind = false;
    for (const client of [...this.clients]) if (this.send(client)) isBehind = true;
    this.trim();
    if (!isBehind || this.isRetrying) return;
    this.isRetrying = true;
    this.node.host.after(RETRY_MS, () => {
      this.isRetrying = false;
      this.pump();
    });
  };

  /** What one replica has not had; true where its link is full. */
  private send(client: Client): boolean {
    const { feed, link } = client;
    const backlog = this.node.replication.backlog;
    if (feed === null || feed.place === null || backlog === null) return false;
    if (feed.stage === 'online') {
      const until = Math.min(backlog.end, feed.place + TURN_BYTES);
      while (feed.place < until && link.queuedBytes() < LINK_BYTES) {
        const part = backlog.read(feed.place);
        feed.place += part.length;
        this.node.replication.sentBytes += part.length;
        link.write(part);
      }
    }
    const waiting = backlog.end - feed.place + link.queuedBytes();
    if (!this.node.doorman.mayHold(client, waiting)) return false;
    return feed.stage === 'online' && feed.place < backlog.end;
  }

  private trim(): void {
    const { backlog } = this.node.replication;
    backlog?.trim(lowestPlace(this.feeds, backlog.end));
  }

  // ── once a second ─────────────────────────────────────────────────────────

  /** Signs of life for those who wait for a snapshot, and the end for those who give none. */
  tick(isSpooling: boolean): void {
    const { node } = this;
    const now = node.host.monotonicMs();
    const timeoutMs = node.config.replTimeout * 1000;
    for (const client of [...this.clients]) {
      const { feed } = client;
      if (feed === null) continue;
      const hearsNothing = feed.stage === 'loading' && isSpooling;
      if (hearsNothing) feed.movedAt = now;
      if (feed.stage === 'waiting' || hearsNothing) client.link.write(NEWLINE);
      const silence = judgeSilence(feed, timeoutMs, now);
      if (silence === null) continue;
      node.log('warning', `Disconnecting timedout replica (${silence}): ${this.nameOf(client)}`);
      node.drop(client);
    }
    this.wake();
  }
}
