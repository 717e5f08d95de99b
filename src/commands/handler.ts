/**
 * What a handler gets, and what it may ask of the node. The node fulfils these interfaces; tests stand in for it.
 *
 *   handler(request, reply, db, session)
 *           │        │      │   └ who asks: the connection, and through `session.node` the node
 *           │        │      └ the keys of the selected database (keyspace/keyspace.ts)
 *           │        └ the answer, in the protocol that the client understands (resp/writer.ts)
 *           └ the arguments, as offsets: good until the handler returns (resp/request.ts)
 *
 * When a handler runs, the name is known, the count of arguments fits, the client may do this, the memory suffices and
 * the keys are ours. It is a plain function at module level and allocates nothing on the hot path.
 */
import type { LogLevel } from '../base/host.js';
import type { Database } from '../keyspace/keyspace.js';
import type { Engine } from '../keyspace/engine.js';
import type { Dumps } from '../persistence/dump.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';
import type { ClusterDoor } from './cluster/door.js';
import type { ConnectionsDoor } from './connection/client-door.js';
import type { MigrationDoor } from './migration/door.js';
import type { PubSubDoor } from './pubsub/door.js';
import type { ReplicationDoor } from './replication/door.js';
import type { ConfigDoor } from './server/config.js';
import type { ServerDoor } from './server/door.js';
import type { CommandTable } from './table.js';
import type { Wait } from './waiting.js';

export type Handler = (request: Request, reply: ReplyWriter, db: Database, session: Session) => void;

/** One connection, as commands see and change it. */
export interface Session {
  readonly id: number;
  readonly node: NodeDoor;
  /** CLIENT SETNAME, '' if none. latin1. */
  name: string;
  /** The selected database. */
  database: number;
  /** 2 or 3. */
  resp: number;
  authenticated: boolean;
  /** READONLY was said: a replica may serve reads of its primary's slots. */
  readOnly: boolean;
  /** ASKING was said: holds for the next command. */
  asking: boolean;
  /** CLIENT NO-EVICT. */
  noEvict: boolean;
  /** CLIENT REPLY: whether answers go out. `skip-next` was said by the present command, `skip` holds for one. */
  replies: 'on' | 'off' | 'skip-next' | 'skip';
  /** MONITOR was said. */
  monitor: boolean;
  /** Listens to a channel at least. In RESP2 it may do little else. */
  readonly isSubscribed: boolean;
  /** A replica of ours: what it is sent is the stream, and nothing else. */
  readonly isReplica: boolean;
  /** Our own primary: what it says is obeyed, and not answered (dispatch.ts, `obey`). */
  readonly fromPrimary: boolean;
  /** EXEC is running what was queued: nothing may wait but MIGRATE, and each command gives one reply. */
  readonly inExec: boolean;
  /** The present request is answered later. */
  readonly waiting: boolean;
  /** Between MULTI and EXEC. */
  transaction: Transaction | null;
  /** Dense id of what it said last, be it refused or put off; below 0 for no command. What EXEC runs is not said. */
  lastCommand: number;
  /** The reply that is being written is the last one: the connection closes behind it. */
  closeAfterReply(): void;
  /** This request is answered later; those that come meanwhile wait. Not in EXEC. */
  block(request: Request, wait: Wait): void;
  beginTransaction(): void;
  /** Forgets the transaction and all watches. */
  discardTransaction(): void;
  /** Runs the queued commands; the reply already has their count. May stop at a MIGRATE, and waits then. */
  runTransaction(transaction: Transaction): void;
  /** Goes on with a transaction that had stopped; false where there is none. */
  resumeTransaction(reply: ReplyWriter): boolean;
  /** From now on a change of the key in argument i makes EXEC refuse. */
  watch(request: Request, i: number): void;
  unwatch(): void;
  /** Whether a watched key was changed, or has expired since. */
  watchesTouched(): boolean;
  /** A command ran or was refused while ASKING held: it holds no longer, unless that was ASKING or we are in MULTI. */
  commandDone(id: number): void;
  /** RESET: as a fresh connection, but for its id and its protocol limits. */
  reset(): void;
}

/** What MULTI gathers. */
export interface Transaction {
  readonly queued: Request[];
  /** Flags of all queued commands together. */
  flags: number;
  queue(request: Request): void;
  /** Bytes of all queued arguments. */
  readonly bytes: number;
  /** A command was refused while queueing: EXEC will be aborted. */
  broken: boolean;
}

/** The node, as commands see it. Each group of commands adds what it needs here. */
export interface NodeDoor {
  readonly engine: Engine;
  readonly table: CommandTable;
  readonly isCluster: boolean;
  /** CLUSTER and its kin; null outside of cluster mode. */
  readonly cluster: ClusterDoor | null;
  readonly isReplica: boolean;
  /** Whether clients have to log in. */
  readonly hasPassword: boolean;
  /** latin1 texts. Takes equally long for any wrong password. */
  isRightPassword(user: string, password: string): boolean;
  /** CONFIG. */
  readonly configuration: ConfigDoor;
  /** CLIENT. */
  readonly connections: ConnectionsDoor;
  /** SUBSCRIBE, PUBLISH and their kin. */
  readonly pubsub: PubSubDoor;
  /** REPLICAOF, PSYNC, WAIT. */
  readonly replicationDoor: ReplicationDoor;
  /** DUMP, RESTORE, MIGRATE. */
  readonly dumps: Dumps;
  /** MIGRATE. */
  readonly migration: MigrationDoor;
  /** What the commands about the server ask. */
  readonly server: ServerDoor;
  log(level: LogLevel, text: string): void;
}
