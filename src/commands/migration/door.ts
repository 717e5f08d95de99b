/**
 * What MIGRATE asks of the node: to bring keys to another server, and to answer when that is done.
 *
 * The node fulfils it in node/migration/, since it takes a connection and time.
 */
import type { Request } from '../../resp/request.js';
import type { Session } from '../handler.js';

/** A MIGRATE that was read. Keys are places of arguments in its request. */
export interface MigrateOrder {
  readonly host: string;
  /** As it was written. */
  readonly port: string;
  /** Of the other server, as it was written: that server judges it. */
  readonly database: string;
  /** For connecting, and for each further sign of life. */
  readonly timeoutMs: number;
  /** COPY: the keys stay here, too. */
  readonly copies: boolean;
  /** REPLACE: what the other server has under these keys gives way. */
  readonly replaces: boolean;
  /** The words behind AUTH: a password, or a user and a password; empty without. */
  readonly login: readonly Buffer[];
  readonly firstKey: number;
  readonly keyCount: number;
}

/** What has become of a MIGRATE. */
export interface Outcome {
  /** Null: all went well. */
  readonly error: string | null;
  /** The keys that have left, as places of arguments. */
  readonly left: readonly number[];
}

export interface MigrationDoor {
  /** The session waits from now on, and with it all others; in EXEC unless the outcome is known at once. */
  begin(order: MigrateOrder, request: Request, session: Session): void;
  /** What has become of the MIGRATE for which EXEC has stopped; null where there is none. */
  takeOutcome(): Outcome | null;
}
