/**
 * The connections of a node: who may come in, who must go.
 *
 *   accept ──▶ too many? stranger in protected mode? ──▶ Client ──▶ limits, idle time ──▶ gone
 *
 * Output limits are looked at when the system does not take a reply in full, and once a second for the soft ones.
 */
import type { ClientClass } from './config/fields.js';
import { Client, type ClientOwner, type Connection } from './client.js';
import type { Config } from './config.js';

const TOO_MANY = '-ERR max number of clients reached\r\n';
const TOO_MANY_IN_CLUSTER = '-ERR max number of clients + cluster connections reached\r\n';
const DENIED =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the ' +
  'default user. In this mode connections are only accepted from the loopback interface. If you want to ' +
  'connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable ' +
  "protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting " +
  'to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from ' +
  'internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just ' +
  'disable the protected mode by editing the Redis configuration file, and setting the protected mode option ' +
  "to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it " +
  "with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: " +
  'You only need to do one of the above things in order for the server to start accepting connections from the ' +
  'outside.\r\n';

/** So much of what waits is not counted: redis-server keeps it in the client itself. */
export const UNLIMITED_BYTES = 16 * 1024;
/** Of the rest it counts blocks: so many bytes of replies take so many bytes of memory (omem of CLIENT LIST). */
const BLOCK_BYTES = 20_456;
const BLOCK_COST = 20_504;

export class Clients {
  readonly all = new Map<number, Client>();
  /** INFO total_connections_received, rejected_connections, and clients that passed an output limit. */
  received = 0;
  rejected = 0;
  private nextId = 1;

  constructor(
    private readonly owner: ClientOwner,
    private readonly config: Config,
  ) {}

  get size(): number {
    return this.all.size;
  }

  /** A new connection; null where it was turned away. */
  accept(link: Connection, nowMs: number): Client | null {
    if (this.all.size + this.owner.peerConnections >= this.config.maxclients)
      return this.turnAway(link, this.owner.isCluster ? TOO_MANY_IN_CLUSTER : TOO_MANY);
    if (this.isStranger(link)) return this.turnAway(link, DENIED);
    this.received++;
    const client = new Client(this.nextId++, this.owner, link, nowMs);
    client.authenticated = this.config.requirepass === '';
    this.all.set(client.id, client);
    return client;
  }

  /** A link that we opened ourselves, to our primary: it stands among the clients, and is asked nothing. */
  adopt(link: Connection, nowMs: number): Client {
    const client = new Client(this.nextId++, this.owner, link, nowMs);
    this.all.set(client.id, client);
    return client;
  }

  /** The password is no more: nobody has to give it. */
  admitAll(): void {
    for (const client of this.all.values()) client.authenticated = true;
  }

  private turnAway(link: Connection, text: string): null {
    this.rejected++;
    link.write(Buffer.from(text, 'latin1'));
    link.end();
    return null;
  }

  /** From another machine, while there is neither a password nor the wish to be open. */
  private isStranger(link: Connection): boolean {
    if (!this.config.protectedMode || this.config.requirepass !== '' || link.kind === 'unix') return false;
    return !isLoopback(link.remote);
  }

  /** The connection is no more. */
  forget(client: Client): void {
    client.gone = true;
    client.parser = null;
    client.pushed = null;
    client.pushedBytes = 0;
    this.owner.pubsub.forget(client);
    client.discardTransaction();
    this.all.delete(client.id);
  }

  limitsOf(clientClass: ClientClass): { hard: number; soft: number; softSeconds: number } {
    return this.config.clientOutputBufferLimit[clientClass];
  }

  /** True if so many waiting bytes are too many, now or for too long. Strangers may have none (CVE-2025-21605). */
  passesLimit(client: Client, waiting: number, nowMs: number): boolean {
    const bytes = Math.ceil(Math.max(0, waiting - UNLIMITED_BYTES) / BLOCK_BYTES) * BLOCK_COST;
    if (bytes > 0 && this.owner.hasPassword && !client.authenticated) return true;
    const { hard, soft, softSeconds } = this.limitsOf(client.class);
    // A replica that was let go on within the backlog must not be sent away for what it is then behind.
    const least = client.isReplica ? this.config.replBacklogSize : 0;
    if (hard !== 0 && bytes >= Math.max(hard, least)) return true;
    if (soft === 0 || bytes < soft) {
      client.softLimitAt = 0;
      return false;
    }
    if (client.softLimitAt === 0) {
      client.softLimitAt = Math.max(1, nowMs);
      return false;
    }
    return nowMs - client.softLimitAt > softSeconds * 1000;
  }

  /** Those who have been silent for longer than `timeout`. Who waits, watches, listens or still reads is not idle. */
  *idle(nowMs: number): Generator<Client> {
    const { timeout } = this.config;
    if (timeout === 0) return;
    for (const client of this.all.values()) {
      const { unsentBytes } = client.link;
      if (unsentBytes !== client.unsentBefore) client.usedAt = nowMs;
      client.unsentBefore = unsentBytes;
      if (client.mayBeIdle && nowMs - client.usedAt > timeout * 1000) yield client;
    }
  }
}

/** On this machine. */
export function isLocal(client: Client): boolean {
  return client.link.kind === 'unix' || isLoopback(client.link.remote);
}

/** As in Redis these two addresses and no other: not all of 127.0.0.0/8. */
function isLoopback(remote: string): boolean {
  return remote.startsWith('127.0.0.1:') || remote.startsWith('[::1]:');
}
