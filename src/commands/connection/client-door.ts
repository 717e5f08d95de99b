/**
 * What the CLIENT commands ask of the node: the other connections (`NodeDoor.connections`).
 *
 * A handler names whom it means by a filter; only the node walks over its connections.
 */
import type { Request } from '../../resp/request.js';
import type { Session } from '../handler.js';

/** As CLIENT LIST TYPE and CLIENT KILL TYPE tell connections apart; a monitor is a normal one. */
export type ClientKind = 'normal' | 'replica' | 'pubsub' | 'master';

/** Which connections are meant; null means any. Addresses as CLIENT LIST shows them. */
export interface ClientFilter {
  id: number | null;
  kind: ClientKind | null;
  address: string | null;
  localAddress: string | null;
  user: string | null;
}

export const ANYBODY: ClientFilter = { id: null, kind: null, address: null, localAddress: null, user: null };

export interface ConnectionsDoor {
  /** CLIENT LIST's line of the connection that asks, with its present request counted. */
  lineOf(session: Session, request: Request): string;
  /** Such a line for each connection that is meant, in the order in which they came, each with a line feed. */
  lines(filter: ClientFilter, session: Session, request: Request): string;
  /** Closes the connections that are meant, but not that of `session`; how many. */
  closeOthers(filter: ClientFilter, session: Session): number;
  isMeant(filter: ClientFilter, session: Session): boolean;
  hasUser(name: string): boolean;
  /** Holds back what clients ask for, all of it or what may write. */
  pause(kind: 'all' | 'writes', ms: number): void;
  unpause(): void;
  /** Ends the wait of a client as its time would, or with an error; false where it does not wait. */
  unblock(id: number, withError: boolean, by: Request): boolean;
}
