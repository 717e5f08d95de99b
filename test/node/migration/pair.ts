/**
 * Lone nodes with a network between their client ports, for MIGRATE: virtual time, and a network that a test may break.
 *
 *   const pair = new Pair();             pair.here and pair.there, reached as 127.0.0.1:7001
 *   pair.network.cutAfter = 2            the link breaks behind the second reply
 */
import type { ByteLink, LinkEvents, StreamAddress } from '../../../src/base/host.js';
import type { Node } from '../../../src/node/node.js';
import { nodeOn, TestConnection, TestHost } from '../../support/lone-node.js';

export const THERE = ['127.0.0.1', '7001'] as const;

/** What the network does to links that are opened from now on, and to replies on any. */
export class Network {
  /** Nobody answers at these ports. */
  readonly silent = new Set<string>();
  /** Replies still to come through before the links break; null: all. */
  cutAfter: number | null = null;
  /** Nothing that is written is taken. */
  isClogged = false;
  /** Replies get lost on the way, and the link stands. */
  isMute = false;
  /** Links opened so far. */
  opened = 0;
  readonly servers = new Map<number, Server>();
}

class NetHost extends TestHost {
  constructor(private readonly network: Network) {
    super();
  }

  override connect({ host, port }: StreamAddress, events: LinkEvents): ByteLink {
    const { network } = this;
    const link = new NetLink(network, this, events);
    network.opened++;
    if (network.silent.has(host)) return link;
    const server = network.servers.get(port);
    this.after(1, () => (server?.isUp ? link.up(server) : link.end('Connection refused')));
    return link;
  }
}

/** Our end of a link; the other one is a client of its server. */
class NetLink implements ByteLink {
  readonly remoteHost = '127.0.0.1';
  readonly remotePort = 0;
  readonly localHost = '127.0.0.1';
  readonly localPort = 0;
  private far: FarEnd | null = null;
  private isOpen = true;
  private unsent: Buffer[] = [];

  constructor(
    private readonly network: Network,
    readonly host: TestHost,
    private readonly events: LinkEvents,
  ) {}

  up(server: Server): void {
    if (!this.isOpen) return;
    this.far = new FarEnd(server, (bytes) => this.hear(bytes));
    this.far.client = server.node.accept(this.far);
    this.events.onUp();
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    if (this.network.isClogged) this.unsent.push(Buffer.from(bytes));
    else this.host.after(1, () => this.isOpen && this.far?.send(Buffer.from(bytes)));
  }

  /** In pieces of three bytes; the network may break them off between two replies. */
  private hear(bytes: Buffer): void {
    if (this.network.isMute) return;
    const replies = bytes.toString('latin1').split(/(?<=\r\n)/);
    for (const reply of replies) {
      if (this.network.cutAfter === 0) return this.end('Connection reset by peer');
      if (this.network.cutAfter !== null) this.network.cutAfter--;
      for (let at = 0; at < reply.length; at += 3)
        this.host.after(1, () => this.isOpen && this.events.onBytes(Buffer.from(reply.slice(at, at + 3), 'latin1')));
    }
  }

  end(reason: string): void {
    this.host.after(1, () => {
      if (!this.isOpen) return;
      this.isOpen = false;
      this.events.onDown(reason);
    });
  }

  queuedBytes(): number {
    return this.unsent.reduce((sum, { length }) => sum + length, 0);
  }

  close(): void {
    if (!this.isOpen) return;
    this.far?.close();
    this.end('');
  }

  pauseReading(): void {}
  resumeReading(): void {}
}

class FarEnd extends TestConnection {
  constructor(
    server: Server,
    private readonly deliver: (bytes: Buffer) => void,
  ) {
    super(server, '127.0.0.1:49999', 99);
  }

  override write(bytes: Buffer): void {
    if (this.open) this.deliver(Buffer.from(bytes));
  }
}

export class Server {
  readonly host: TestHost;
  readonly node: Node;
  isUp = true;
  private clients = 0;

  constructor(network: Network, port: number, conf: readonly string[]) {
    this.host = new NetHost(network);
    this.node = nodeOn(this.host, [`port ${port}`, ...conf]);
    this.node.start();
    network.servers.set(port, this);
  }

  connect(): TestConnection {
    const connection = new TestConnection(this, `127.0.0.1:${50_000 + this.clients}`, this.clients++);
    connection.client = this.node.accept(connection);
    return connection;
  }
}

export class Pair {
  readonly network = new Network();
  readonly here: Server;
  readonly there: Server;
  /** A client of each. */
  readonly a: TestConnection;
  readonly b: TestConnection;

  constructor(thereConf: readonly string[] = [], hereConf: readonly string[] = []) {
    this.here = new Server(this.network, 7000, hereConf);
    this.there = new Server(this.network, 7001, thereConf);
    this.a = this.here.connect();
    this.b = this.there.connect();
  }

  pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.here.host.pass(1);
      this.there.host.pass(1);
    }
  }

  /** What `a` hears of MIGRATE with these words behind host and port, within a second and a half. */
  migrate(words: string, login = ''): string {
    const [key, ...rest] = words.split(' ').map((word) => (word === '""' ? '' : word));
    this.a.tell([
      'MIGRATE',
      ...THERE,
      key ?? '',
      '0',
      '1000',
      ...rest,
      ...login.split(' ').filter((word) => word !== ''),
    ]);
    this.pass(1500);
    return this.a.take();
  }

  /** The keys here and there, sorted. */
  keys(): string {
    const of = (client: TestConnection): string =>
      client
        .say('KEYS *')
        .split('\r\n')
        .filter((line) => line !== '' && !'*$'.includes(line.charAt(0)))
        .sort()
        .join(' ');
    return `${of(this.a)} | ${of(this.b)}`;
  }
}
