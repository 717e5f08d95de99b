/**
 * The end of a node: asked for by SHUTDOWN, or by a signal.
 *
 *   SIGTERM ─▶ noted ─▶ next tick ─┐
 *   SHUTDOWN ──────────────────────┴─▶ replicas have all? ─▶ save? ─▶ nodes.conf ─▶ files removed ─▶ exit 0
 *                                       shutdown-timeout
 *
 * A signal is not obeyed at once but by the next tick: so SHUTDOWN ABORT can take it back, as in Redis.
 */
import { ERRORS } from '../../base/errors.js';
import type { Session } from '../../commands/handler.js';
import type { ShutdownDoor, ShutdownOrder } from '../../commands/server/shutdown.js';
import { lagSeconds } from '../../replication/primary.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { stateOf } from './info-replication.js';

const SECOND_MS = 1000;

export type ShutdownSignal = 'SIGINT' | 'SIGTERM';

const RECEIVED: Readonly<Record<ShutdownSignal, string>> = {
  SIGINT: 'Received SIGINT scheduling shutdown...',
  SIGTERM: 'Received SIGTERM scheduling shutdown...',
};

const RECEIVED_LOADING = 'Received shutdown signal during loading, scheduling shutdown.';

export class Shutdown implements ShutdownDoor {
  private wanted: ShutdownSignal | null = null;
  /** Replicas are waited for, until this monotonic ms. */
  private waiting: { readonly order: ShutdownOrder; readonly deadline: number } | null = null;
  private readonly askers: Client[] = [];

  constructor(private readonly node: Node) {}

  /** The process got a signal. A second SIGINT is meant. */
  signal(signal: ShutdownSignal): void {
    const { node } = this;
    if (this.wanted !== null && signal === 'SIGINT') {
      node.log('warning', 'You insist... exiting now.');
      node.server.machine.exit(1);
      return;
    }
    node.log('warning', node.replication.loading === null ? RECEIVED[signal] : RECEIVED_LOADING);
    this.wanted = signal;
  }

  /** Ten times a second. */
  tick(): void {
    const { wanted, waiting, node } = this;
    if (waiting !== null) {
      if (node.host.monotonicMs() < waiting.deadline && !node.replication.replicas.haveAll) return;
      if (!this.finish(waiting.order)) this.cancel();
      return;
    }
    if (wanted === null) return;
    const { shutdownOnSigint, shutdownOnSigterm } = node.config;
    const outcome = this.begin(orderOf(wanted === 'SIGINT' ? shutdownOnSigint : shutdownOnSigterm));
    if (outcome === 'failed') this.wanted = null;
  }

  abort(): boolean {
    if (this.wanted === null && this.waiting === null) return false;
    this.cancel();
    this.node.log('notice', 'Shutdown manually aborted.');
    return true;
  }

  /** INFO shutdown_in_milliseconds; null while nobody waits for an end. */
  get leftMs(): number | null {
    if (this.waiting === null) return null;
    return Math.max(0, Math.ceil(this.waiting.deadline - this.node.host.monotonicMs()));
  }

  wait(session: Session): void {
    this.askers.push(session as Client);
  }

  begin(order: ShutdownOrder): 'ends' | 'waits' | 'failed' {
    const { node } = this;
    if (this.waiting !== null) return 'waits';
    node.log('warning', 'User requested shutdown...');
    const { shutdownTimeout } = node.config;
    if (order.now || shutdownTimeout === 0 || node.replication.replicas.haveAll)
      return this.finish(order) ? 'ends' : 'failed';
    this.waiting = { order, deadline: node.host.monotonicMs() + shutdownTimeout * SECOND_MS };
    node.replication.askReplicas();
    node.pause('shutdown', 'writes', Number.POSITIVE_INFINITY);
    node.log('notice', 'Waiting for replicas before shutting down.');
    return 'waits';
  }

  /** Nothing comes of it: whoever asked is told. */
  private cancel(): void {
    const { node } = this;
    this.wanted = this.waiting = null;
    for (const client of this.askers.splice(0))
      node.blocking.answer(client, (reply) => reply.error(ERRORS.SHUTDOWN_FAILED));
    node.unpause('shutdown');
  }

  /** False where we must not end. */
  private finish(order: ShutdownOrder): boolean {
    const { node } = this;
    this.logReplicas();
    if (!this.leaveSnapshots(order)) return false;
    node.server.aof.finish();
    if (this.saves(order) && !node.server.saving.saveFinally() && !this.mayGoUnsaved(order)) return false;
    node.membership?.finish();
    node.server.machine.tidy();
    node.log('warning', 'Redis is now ready to exit, bye bye...');
    node.server.machine.exit(0);
    return true;
  }

  /** Nobody waits for a snapshot that is being taken; but without the first base there is no append-only file. */
  private leaveSnapshots({ force }: ShutdownOrder): boolean {
    const { node } = this;
    const { aof, saving } = node.server;
    saving.abandonFinally();
    node.replication.desk.abandonFinally();
    if (!aof.rewriting.isOn) return true;
    if (aof.state === 'waiting') {
      node.log('warning', force ? 'Writing initial AOF. Exit anyway.' : "Writing initial AOF, can't exit.");
      if (!force) return this.refuse();
    }
    node.log('warning', 'There is a child rewriting the AOF. Killing it!');
    aof.rewriting.cancel();
    return true;
  }

  private refuse(): false {
    this.node.log('warning', 'Errors trying to shut down the server. Check the logs for more information.');
    return false;
  }

  private logReplicas(): void {
    const { replicas, history } = this.node.replication;
    let lagging = 0;
    for (const client of replicas.clients) {
      const { feed } = client;
      if (feed === null || feed.ackedOffset === history.offset) continue;
      lagging++;
      const lag = feed.stage === 'online' ? lagSeconds(feed, this.node.host.monotonicMs()) : 0;
      const behind = `reported offset ${history.offset - feed.ackedOffset} behind master, lag=${lag}`;
      this.node.log('warning', `Lagging replica ${replicas.nameOf(client)} ${behind}, state=${stateOf(feed)}.`);
    }
    if (replicas.size > 0) {
      const inSync = `${replicas.size - lagging} of ${replicas.size}`;
      this.node.log('notice', `${inSync} replicas are in sync when shutting down.`);
    }
  }

  /** Asked for in words, or as the configuration saves by itself. Half of what is being loaded is never saved: our own
   *  file has all of it, and what a primary sends must not take the place of a whole one. */
  private saves({ save }: ShutdownOrder): boolean {
    const { config, replication } = this.node;
    return replication.loading === null && (save ?? config.save.length > 0);
  }

  /** The save failed. */
  private mayGoUnsaved({ force }: ShutdownOrder): boolean {
    const { node } = this;
    if (force) {
      node.log('warning', 'Error trying to save the DB. Exit anyway.');
      return true;
    }
    node.log('warning', "Error trying to save the DB, can't exit.");
    return this.refuse();
  }
}

/** shutdown-on-sigint and shutdown-on-sigterm. */
function orderOf(words: readonly string[]): ShutdownOrder {
  const save = words.includes('save') ? true : words.includes('nosave') ? false : null;
  return { save, now: words.includes('now'), force: words.includes('force') };
}
