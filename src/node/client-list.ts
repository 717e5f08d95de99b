/**
 * The connections as CLIENT shows and steers them: one line each, and who is meant by a filter.
 *
 * The figures of memory are our own: a client that waits for nothing has no buffers at all, since it reads into and
 * answers from buffers that all share. `qbuf` and `argv-mem` of the one who asks count the very request.
 */
import type { ClientFilter, ClientKind, ConnectionsDoor } from '../commands/connection/client-door.js';
import type { Session } from '../commands/handler.js';
import type { Request } from '../resp/request.js';
import type { Client } from './client.js';
import type { Node } from './node.js';

/** The one user there is. */
const USER = 'default';
/** CLIENT PAUSE is one cause of a pause, a manual failover another: each ends its own. */
const CAUSE = 'command';

export class ClientList implements ConnectionsDoor {
  constructor(private readonly node: Node) {}

  lineOf(session: Session, request: Request): string {
    return this.describe(session as Client, request);
  }

  lines(filter: ClientFilter, session: Session, request: Request): string {
    let text = '';
    for (const client of this.node.clients.all.values())
      if (this.isMeant(filter, client)) text += `${this.describe(client, client === session ? request : null)}\n`;
    return text;
  }

  isMeant(filter: ClientFilter, session: Session): boolean {
    const { id, link } = session as Client;
    if (filter.id !== null && filter.id !== id) return false;
    if (filter.address !== null && filter.address !== link.remote) return false;
    if (filter.localAddress !== null && filter.localAddress !== link.local) return false;
    if (filter.kind !== null && filter.kind !== kindOf(session as Client)) return false;
    return filter.user === null || filter.user === USER;
  }

  closeOthers(filter: ClientFilter, session: Session): number {
    let count = 0;
    for (const client of [...this.node.clients.all.values()]) {
      if (client === session || !this.isMeant(filter, client)) continue;
      this.node.drop(client);
      count++;
    }
    return count;
  }

  hasUser(name: string): boolean {
    return name === USER;
  }

  pause(kind: 'all' | 'writes', ms: number): void {
    this.node.pause(CAUSE, kind, this.node.host.monotonicMs() + ms);
  }

  unpause(): void {
    this.node.unpause(CAUSE);
  }

  unblock(id: number, withError: boolean, by: Request): boolean {
    return this.node.blocking.unblock(id, withError, by);
  }

  /** The line of one client, with the request that it is just making, if any. */
  describe(client: Client, request: Request | null): string {
    const { node } = this;
    const now = node.host.monotonicMs();
    const { link } = client;
    const transaction = client.transaction ?? client.running;
    const { waitingBytes } = client;
    const queryBytes = request === null ? (client.parser?.unparsedBytes ?? 0) : node.intake.presentBytes;
    const argumentBytes = request === null ? 0 : request.totalBytes();
    const fields: readonly (readonly [string, string | number])[] = [
      ['id', client.id],
      ['addr', link.remote],
      ['laddr', link.local],
      ['fd', link.descriptor],
      ['name', client.name],
      ['age', Math.floor((now - client.createdAt) / 1000)],
      ['idle', Math.floor((now - client.usedAt) / 1000)],
      ['flags', flagsOf(client)],
      ['db', client.database],
      ['sub', node.pubsub.countOf('channel', client)],
      ['psub', node.pubsub.countOf('pattern', client)],
      ['ssub', node.pubsub.countOf('shard', client)],
      ['multi', transaction === null ? -1 : transaction.queued.length],
      ['qbuf', queryBytes],
      ['qbuf-free', Math.max(0, (client.parser?.capacity ?? 0) - queryBytes)],
      ['argv-mem', argumentBytes],
      ['multi-mem', transaction?.bytes ?? 0],
      ['rbs', 0],
      ['rbp', 0],
      ['obl', 0],
      ['oll', waitingBytes > 0 ? 1 : 0],
      ['omem', waitingBytes],
      ['tot-mem', node.memory.bytesOf(client) + argumentBytes],
      ['events', waitingBytes > 0 ? 'rw' : 'r'],
      ['cmd', node.table.commands[client.lastCommand]?.name ?? 'NULL'],
      ['user', USER],
      ['redir', -1],
      ['resp', client.resp],
    ];
    return fields.map(([name, value]) => `${name}=${value}`).join(' ');
  }
}

/** A monitor counts as a normal client. */
function kindOf(client: Client): ClientKind {
  if (client.fromPrimary) return 'master';
  if (client.isReplica) return 'replica';
  return client.isSubscribed ? 'pubsub' : 'normal';
}

function flagsOf(client: Client): string {
  const flags =
    (client.monitor ? 'O' : client.isReplica ? 'S' : '') +
    (client.fromPrimary ? 'M' : '') +
    (client.isSubscribed ? 'P' : '') +
    ((client.transaction ?? client.running) === null ? '' : 'x') +
    (client.waiting ? 'b' : '') +
    (client.watchBroken ? 'd' : '') +
    (client.closing ? 'c' : '') +
    (client.link.kind === 'unix' ? 'U' : '') +
    (client.readOnly ? 'r' : '') +
    (client.noEvict ? 'e' : '');
  return flags === '' ? 'N' : flags;
}
