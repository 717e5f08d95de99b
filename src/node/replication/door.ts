/**
 * Replication as commands reach it: the one fulfilment of `ReplicationDoor`.
 *
 * It decides nothing; who is meant by a session is known here.
 */
import type { HandoverOrder, ReplicationDoor } from '../../commands/replication/door.js';
import type { Session } from '../../commands/handler.js';
import type { Feed } from '../../replication/primary.js';
import type { PsyncRequest } from '../../replication/psync.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import type { Replication } from './replication.js';

export class NodeReplication implements ReplicationDoor {
  constructor(
    private readonly node: Node,
    private readonly replication: Replication,
  ) {}

  get primary(): { readonly host: string; readonly port: number } | null {
    return this.replication.primary;
  }
  get isConnected(): boolean {
    return this.replication.isConnected;
  }
  get isHandingOver(): boolean {
    return this.replication.handover.isOn;
  }
  get replicationId(): string {
    return this.replication.history.id;
  }

  replicaOf(host: string, port: number, by: Session): void {
    this.replication.follow(host, port, false);
    this.node.log('notice', `REPLICAOF ${host}:${port} enabled (user request from '${this.lineOf(by)}')`);
  }

  becomePrimary(by: Session): boolean {
    const asked = this.node.table.commands[by.lastCommand]?.name;
    const who = asked === 'psync' ? 'failover request' : 'user request';
    if (!this.replication.promote()) return false;
    this.node.log('notice', `MASTER MODE enabled (${who} from '${this.lineOf(by)}')`);
    return true;
  }

  feedOf(session: Session): Feed {
    return this.replication.desk.feedOf(session as Client);
  }

  hasUnsentReplies(session: Session): boolean {
    return this.node.out.mark() > 0 || (session as Client).link.queuedBytes() > 0;
  }

  ask(session: Session, request: PsyncRequest | null): string {
    return this.replication.desk.ask(session as Client, request);
  }

  nameOf(session: Session): string {
    return this.replication.replicas.nameOf(session as Client);
  }

  acked(session: Session, offset: number): void {
    const feed = this.feedOf(session);
    feed.acked(offset, this.node.host.monotonicMs());
    if (feed.stage === 'sent') this.replication.desk.putOnline(session as Client);
    this.replication.acked();
  }

  sendAck(): void {
    this.replication.upstream.sendAck();
  }

  seenBy(session: Session): number {
    return this.node.intake.hasRunSome ? this.replication.history.offset : (session as Client).hasSeen;
  }

  countAcks(offset: number): number {
    return this.replication.replicas.countAcks(offset);
  }

  wait(session: Session, offset: number, replicas: number): void {
    this.replication.wait(session as Client, offset, replicas);
  }

  handOver(order: HandoverOrder): string | null {
    return this.replication.handover.begin(order);
  }

  abortHandover(): boolean {
    return this.replication.handover.abort('Failover manually aborted');
  }

  private lineOf(session: Session): string {
    return this.node.connections.describe(session as Client, null);
  }
}
