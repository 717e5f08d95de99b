/**
 * FAILOVER: a primary hands its role to a replica that has everything, and becomes its replica.
 *
 *   no-failover ──FAILOVER──▶ waiting-for-sync ──one has all──▶ failover-in-progress ──PSYNC … FAILOVER──▶ no-failover
 *                             writes are paused                 we follow it                accepted
 *                                └──── ABORT, TIMEOUT ──────────────┴──── refused ──▶ primary again
 */
import { ERRORS } from '../../base/errors.js';
import type { HandoverOrder } from '../../commands/replication/door.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';

export type HandoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress';

export class Handover {
  state: HandoverState = 'no-failover';
  private order: HandoverOrder | null = null;
  private target: HandoverOrder['target'] = null;
  private deadline: number | null = null;

  constructor(private readonly node: Node) {}

  get isOn(): boolean {
    return this.state !== 'no-failover';
  }

  /** Why it cannot be, or null: it has begun. */
  begin(order: HandoverOrder): string | null {
    const { node } = this;
    const { replication } = node;
    if (this.isOn) return ERRORS.FAILOVER_RUNS;
    if (replication.isReplica) return ERRORS.FAILOVER_BY_REPLICA;
    if (replication.replicas.size === 0) return ERRORS.FAILOVER_ALONE;
    if (order.force && (order.timeoutMs === 0 || order.target === null)) return ERRORS.FAILOVER_FORCE_FORM;
    if (order.target !== null) {
      const client = this.find(order.target);
      if (client === null) return ERRORS.FAILOVER_TARGET;
      if (client.feed?.stage !== 'online') return ERRORS.FAILOVER_NOT_ONLINE;
    }
    node.log('notice', `FAILOVER requested to ${order.target === null ? 'any replica' : placeOf(order.target)}.`);
    this.order = order;
    this.target = order.target;
    this.deadline = order.timeoutMs === 0 ? null : node.host.monotonicMs() + order.timeoutMs;
    this.state = 'waiting-for-sync';
    node.pause('failover', 'writes', Number.POSITIVE_INFINITY);
    return null;
  }

  tick(): void {
    if (this.state !== 'waiting-for-sync' || this.order === null) return;
    const { node } = this;
    if (this.deadline !== null && this.deadline <= node.host.monotonicMs()) {
      if (!this.order.force || this.target === null) return void this.abort('Replica never caught up before timeout');
      node.log('notice', `FAILOVER to ${placeOf(this.target)} time out exceeded, failing over.`);
      return this.handOver(this.target);
    }
    const target = this.findSynced();
    if (target === null) return;
    node.log('notice', `Failover target ${placeOf(target)} is synced, failing over.`);
    this.handOver(target);
  }

  private findSynced(): HandoverOrder['target'] {
    const { replicas, history } = this.node.replication;
    for (const client of replicas.clients) {
      const place = { host: replicas.hostOf(client), port: client.feed?.listeningPort ?? 0 };
      if (this.target !== null && !isSame(place, this.target)) continue;
      if (client.feed?.ackedOffset === history.offset) return place;
    }
    return null;
  }

  private handOver(target: { readonly host: string; readonly port: number }): void {
    this.target = target;
    this.state = 'failover-in-progress';
    this.node.replication.follow(target.host, target.port, true);
  }

  /** What the target said. */
  answered(accepted: boolean): void {
    if (this.state !== 'failover-in-progress') return;
    if (accepted) this.leave();
    else this.abort('Failover target rejected psync request');
  }

  /** False where there is nothing to abort. */
  abort(why: string): boolean {
    if (!this.isOn) return false;
    const { node, target } = this;
    node.log('notice', `FAILOVER to ${target === null ? 'any replica' : placeOf(target)} aborted: ${why}`);
    if (this.state === 'failover-in-progress') node.replication.promote();
    this.leave();
    return true;
  }

  private leave(): void {
    this.state = 'no-failover';
    this.order = this.target = null;
    this.deadline = null;
    this.node.unpause('failover');
  }

  private find(place: { readonly host: string; readonly port: number }): Client | null {
    const { replicas } = this.node.replication;
    for (const client of replicas.clients)
      if (isSame({ host: replicas.hostOf(client), port: client.feed?.listeningPort ?? 0 }, place)) return client;
    return null;
  }
}

function isSame(a: { host: string; port: number }, b: { readonly host: string; readonly port: number }): boolean {
  return a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port;
}

function placeOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`;
}
