/**
 * What the replication commands ask of the node (`NodeDoor.replicationDoor`).
 *
 *   REPLICAOF, FAILOVER    an operator changes roles
 *   REPLCONF, PSYNC, SYNC  a replica introduces itself, and asks for data
 *   REPLCONF ACK, GETACK   how far it came; WAIT goes by that
 */
import type { Feed } from '../../replication/primary.js';
import type { PsyncRequest } from '../../replication/psync.js';
import type { Session } from '../handler.js';

/** FAILOVER. */
export interface HandoverOrder {
  /** null: whoever has everything first. */
  readonly target: { readonly host: string; readonly port: number } | null;
  /** 0: as long as it takes. */
  readonly timeoutMs: number;
  /** After the timeout the target takes over whatever it has. */
  readonly force: boolean;
}

export interface ReplicationDoor {
  /** Whom we copy; null: we are a primary. */
  readonly primary: { readonly host: string; readonly port: number } | null;
  /** The stream of our primary is running. */
  readonly isConnected: boolean;
  readonly isHandingOver: boolean;
  /** Of our data. */
  readonly replicationId: string;
  /** From now on we copy this one. `by` asked for it. */
  replicaOf(host: string, port: number, by: Session): void;
  /** We are a primary. False where we were one already. */
  becomePrimary(by: Session): boolean;

  /** What a connection is as a replica of ours, or will be. */
  feedOf(session: Session): Feed;
  /** Replies to it wait to be sent. */
  hasUnsentReplies(session: Session): boolean;
  /** What is answered at once, '' for nothing. null in place of the request: SYNC. */
  ask(session: Session, request: PsyncRequest | null): string;
  /** Its name in the log. */
  nameOf(session: Session): string;
  acked(session: Session, offset: number): void;
  /** Tells our primary how far we came. */
  sendAck(): void;

  /** The end of the stream when this client's last command was over, which may have come with the present one. */
  seenBy(session: Session): number;
  /** How many replicas have so much. */
  countAcks(offset: number): number;
  /** The session, which is to be blocked, is answered once so many replicas have that. */
  wait(session: Session, offset: number, replicas: number): void;

  /** Why it cannot be, or null: it has begun. */
  handOver(order: HandoverOrder): string | null;
  /** False where there is nothing to abort. */
  abortHandover(): boolean;
}
