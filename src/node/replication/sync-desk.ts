/**
 * Where replicas ask for data: go on, or begin with a snapshot, now or together with others.
 *
 *   PSYNC ──▶ verdict (replication/psync.ts) ─┬─ partial ──▶ online
 *                                             └─ full ──▶ waiting ──▶ verdict (replication/primary.ts) ──▶ FullSync
 */
import type { PsyncRequest } from '../../replication/psync.js';
import { describePsync, judgePsync } from '../../replication/psync.js';
import { Feed, judgeSync } from '../../replication/primary.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { auxOf } from '../persistence/rdb-file.js';
import { FileSync } from './file-sync.js';
import type { FullSync } from './full-sync.js';
import { SocketSync } from './socket-sync.js';

const CANNOT_ATTACH = "Can't attach the replica to the current BGSAVE.";

export class SyncDesk {
  /** INFO sync_full, sync_partial_ok, sync_partial_err. */
  readonly counts = { full: 0, partial: 0, refused: 0 };
  /** What is being made. */
  private sync: FullSync | null = null;
  /** What is complete in its file, and being sent: nobody else waits for that. */
  private readonly sending = new Set<FullSync>();
  /** Where the stream stood at the moment that the present snapshot shows. */
  private syncOffset = 0;

  constructor(private readonly node: Node) {}

  /** A snapshot goes into a file: whoever waits for it is kept awake. */
  get isSpooling(): boolean {
    return this.sync?.isSpooling ?? false;
  }

  /** A snapshot for replicas is being taken, or its file is not complete. */
  get isMaking(): boolean {
    return this.sync?.isMaking ?? false;
  }

  /** One is on its way to them. */
  get isBusy(): boolean {
    return this.sync !== null || this.sending.size > 0;
  }

  /** What a client said of itself before it asks. */
  feedOf(client: Client): Feed {
    return (client.feed ??= new Feed());
  }

  /** A replica asks for the stream; null: with SYNC, as of old. What is answered at once, '' for nothing. */
  ask(client: Client, request: PsyncRequest | null): string {
    const { history, replicas } = this.node.replication;
    const feed = this.feedOf(client);
    this.note('notice', `Replica ${replicas.nameOf(client)} asks for synchronization`);
    if (request !== null) {
      const { backlog } = this.node.replication;
      const kept = backlog === null ? null : { first: backlog.first, end: backlog.end };
      const verdict = judgePsync(request, history, kept);
      for (const { level, text } of describePsync(verdict, request, history, kept, replicas.nameOf(client)))
        this.note(level, text);
      if (verdict.partial) return this.goOn(client, feed, verdict.from);
      if (verdict.why !== 'asked-for-it') this.counts.refused++;
    }
    feed.isSilent = request === null;
    this.startAnew(client, feed);
    return '';
  }

  private goOn(client: Client, feed: Feed, from: number): string {
    const { replication } = this.node;
    this.counts.partial++;
    feed.stage = 'online';
    feed.place = from;
    feed.ackedAt = this.node.host.monotonicMs();
    replication.replicas.add(client);
    replication.replicas.wake();
    return feed.understandsNewIds ? `+CONTINUE ${replication.history.id}\r\n` : '+CONTINUE\r\n';
  }

  private startAnew(client: Client, feed: Feed): void {
    const { node } = this;
    this.counts.full++;
    feed.stage = 'waiting';
    feed.askedAt = node.host.monotonicMs();
    if (node.config.replDisableTcpNodelay) client.link.gatherParts?.();
    node.replication.replicas.add(client);
    node.replication.openBacklog();
    if (this.sync !== null) this.joinOrWait(client, feed, this.sync);
    else if (node.server.saving.isBusy) this.note('notice', this.whyDelayed);
    else if (this.review() === 'others-may-come') this.note('notice', 'Delay next BGSAVE for diskless SYNC');
  }

  private joinOrWait(client: Client, feed: Feed, sync: FullSync): void {
    const { withoutKeys, withoutFunctions } = feed.wishes;
    const wantsAll = !withoutKeys && !withoutFunctions;
    if (wantsAll && sync.join(client)) {
      this.enlist(client, feed);
      return this.note('notice', 'Waiting for end of BGSAVE for SYNC');
    }
    const why = sync instanceof FileSync ? CANNOT_ATTACH : 'Current BGSAVE has socket target.';
    this.note('notice', `${why} Waiting for next BGSAVE for SYNC`);
  }

  /** No snapshot for replicas is being taken, but one for something else. */
  private get whyDelayed(): string {
    if (this.node.server.saving.isSaving) return `${CANNOT_ATTACH} Waiting for next BGSAVE for SYNC`;
    return 'No BGSAVE in progress, but another BG operation is active. BGSAVE for replication delayed';
  }

  /** Begins a snapshot for those who wait, if it is time. */
  review(): string {
    const { node } = this;
    const { config, replication, engine, migration } = node;
    if (this.sync !== null || engine.snapshot !== null || engine.mustSweep || migration.isAmidExec) return 'busy';
    const options = {
      diskless: config.replDisklessSync,
      delayMs: config.replDisklessSyncDelay * 1000,
      enough: config.replDisklessSyncMaxReplicas,
    };
    const verdict = judgeSync(replication.replicas.feeds, options, node.host.monotonicMs());
    if (!verdict.start) return verdict.why;
    const chosen = new Set(verdict.feeds);
    this.start(
      [...replication.replicas.clients].filter(({ feed }) => feed !== null && chosen.has(feed)),
      verdict.target,
    );
    return 'begun';
  }

  private start(clients: readonly Client[], target: 'sockets' | 'disk'): void {
    const { node } = this;
    const { history } = node.replication;
    this.note('notice', `Starting BGSAVE for SYNC with target: ${target === 'disk' ? 'disk' : 'replicas sockets'}`);
    const wishes = this.feedOf(clients[0] as Client).wishes;
    this.syncOffset = history.offset;
    for (const client of clients) this.enlist(client, this.feedOf(client));
    node.dispatcher.propagation.forgetDatabase('stream');
    const takers = new Set(clients);
    const aux = auxOf(node);
    const done = (): void => this.ended(sync);
    const sync: FullSync =
      target === 'disk' ? new FileSync(node, takers, aux, done) : new SocketSync(node, takers, wishes, aux, done);
    this.sync = sync;
  }

  /** The present one is in its file, and on its way: the next one may begin. */
  isMade(sync: FullSync): void {
    this.sync = null;
    this.sending.add(sync);
    this.review();
  }

  private ended(sync: FullSync): void {
    if (!this.sending.delete(sync)) this.sync = null;
    this.review();
  }

  /** It gets the present snapshot. */
  private enlist({ link }: Client, feed: Feed): void {
    const { host, replication } = this.node;
    feed.stage = 'loading';
    feed.movedAt = host.monotonicMs();
    feed.place = feed.rdbOnly ? null : this.syncOffset;
    if (!feed.isSilent) link.write(Buffer.from(`+FULLRESYNC ${replication.history.id} ${this.syncOffset}\r\n`));
  }

  // ── the end of a snapshot ─────────────────────────────────────────────────

  /** It has what it asked for, or the first sign of life after it. */
  putOnline(client: Client): void {
    const { replication } = this.node;
    const feed = this.feedOf(client);
    if (feed.rdbOnly) return this.dismiss(client);
    feed.stage = 'online';
    feed.ackedAt = this.node.host.monotonicMs();
    this.note('notice', `Synchronization with replica ${replication.replicas.nameOf(client)} succeeded`);
    replication.replicas.wake();
  }

  /** Who wanted nothing but the snapshot is let go. */
  dismiss(client: Client): void {
    const { replicas } = this.node.replication;
    const name = replicas.nameOf(client);
    this.note('notice', `RDB transfer completed, rdb only replica (${name}) should be disconnected asap`);
    replicas.forget(client);
    client.link.end();
  }

  forget(client: Client): void {
    for (const sync of this.all) sync.forget(client);
  }

  private get all(): FullSync[] {
    return this.sync === null ? [...this.sending] : [this.sync, ...this.sending];
  }

  /** What is on its way is not wanted any more. */
  abandon(): void {
    for (const sync of this.all) sync.abandon();
    this.sync = null;
    this.sending.clear();
  }

  /** At the end of the process. */
  abandonFinally(): void {
    if (this.isSpooling) this.note('warning', 'There is a child saving an .rdb. Killing it!');
    this.abandon();
  }

  private note(level: 'notice' | 'warning', text: string): void {
    this.node.log(level, text);
  }
}
