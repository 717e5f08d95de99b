/**
 * Whole nodes with a network between them, in one process and in virtual time.
 *
 *   const world = new LittleWorld(6, 1);        nodes on ports 7000 … 7005, bus on 17000 …; the seed is 1
 *   new LittleWorld(2, 1, 'cluster-enabled no')   two that are no cluster
 *   world.node(0).run('CLUSTER', 'MEET', …)     → the reply
 *   world.pass(2000)                            two seconds pass, millisecond by millisecond
 *
 * Bytes of a link arrive a millisecond later, cut into chunks of seeded sizes. Nothing real is touched: no socket, no
 * file, no clock.
 */
import type { ByteLink, LinkEvents, StreamAddress } from '../../src/base/host.js';
import type { Connection } from '../../src/node/client.js';
import { busPortOf } from '../../src/node/cluster/membership.js';
import type { Node } from '../../src/node/node.js';
import { seeded } from '../golden/chance.mjs';
import { nodeOn, TestConnection, TestHost } from './lone-node.js';

const FIRST_PORT = 7000;
const LOOPBACK = '127.0.0.1';

/** A host that can reach the others of its world. */
class PeerHost extends TestHost {
  override readonly random: () => number;

  constructor(
    private readonly world: LittleWorld,
    seed: number,
  ) {
    super();
    this.random = seeded(seed);
  }

  override connect(address: StreamAddress, events: LinkEvents): ByteLink {
    const link = new WorldLink(this, address.port, this.world.chunk);
    this.after(1, () => this.world.open(address.port, link, events));
    return link;
  }
}

/** One end of a link; `other` is the far end once it is up. */
class WorldLink implements ByteLink {
  readonly remoteHost = LOOPBACK;
  readonly localHost = LOOPBACK;
  readonly localPort = 0;
  other: WorldLink | null = null;
  events: LinkEvents | null = null;
  private early: Uint8Array[] = [];
  private held: Uint8Array[] | null = null;

  constructor(
    readonly host: TestHost,
    readonly remotePort: number,
    private readonly chunk: () => number,
  ) {}

  write(bytes: Uint8Array): void {
    const { other } = this;
    if (other === null) {
      this.early.push(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.slice(at, (at += this.chunk()));
      other.host.after(1, () => other.deliver(piece));
    }
  }

  queuedBytes(): number {
    return 0;
  }

  up(other: WorldLink, events: LinkEvents): void {
    this.other = other;
    this.events = events;
    for (const bytes of this.early.splice(0)) this.write(bytes);
    events.onUp();
  }

  private deliver(piece: Uint8Array): void {
    if (this.held === null) this.events?.onBytes(piece);
    else this.held.push(piece);
  }

  pauseReading(): void {
    this.held ??= [];
  }

  resumeReading(): void {
    const { held } = this;
    this.held = null;
    for (const piece of held ?? []) this.deliver(piece);
  }

  close(): void {
    for (const end of [this, this.other]) {
      const events = end?.events ?? null;
      if (end === null || events === null) continue;
      end.events = null;
      end.host.after(1, () => events.onDown('closed'));
    }
  }
}

/** A link to a client port, as the node that is connected to sees it. */
class VisitorConnection implements Connection {
  readonly kind = 'tcp';
  readonly descriptor = 7;
  readonly unsentBytes = 0;
  readonly local: string;

  constructor(
    private readonly link: WorldLink,
    readonly remote: string,
    port: number,
  ) {
    this.local = `${LOOPBACK}:${port}`;
  }

  write(bytes: Buffer): void {
    this.link.write(Buffer.from(bytes));
  }
  queuedBytes(): number {
    return 0;
  }
  /** What was written before arrives before. */
  end(): void {
    this.link.host.after(2, () => this.link.close());
  }
  close(): void {
    this.link.close();
  }
}

export class LittleNode {
  readonly host: TestHost;
  readonly node: Node;
  readonly port: number;
  isUp = true;
  private visits = 0;
  private readonly client: TestConnection;
  private connections = 0;

  constructor(world: LittleWorld, index: number, conf: readonly string[]) {
    this.port = FIRST_PORT + index;
    this.host = new PeerHost(world, 100 + index);
    this.node = nodeOn(this.host, [`port ${this.port}`, 'cluster-enabled yes', 'save ""', ...conf]);
    if (this.node.config.clusterEnabled && this.node.join() !== null) throw new Error('the node cannot join');
    this.node.start();
    this.client = this.connect();
  }

  /** Another client of this node. */
  connect(): TestConnection {
    const number = this.connections++;
    const connection = new TestConnection(this, `${LOOPBACK}:${50_000 + number}`, number);
    connection.client = this.node.accept(connection);
    return connection;
  }

  get busPort(): number {
    return busPortOf(this.node.config);
  }

  get log(): string[] {
    return this.host.lines;
  }

  run(...args: readonly string[]): string {
    return this.client.run(...args);
  }

  /** What has come since the last look. */
  take(): string {
    return this.client.take();
  }

  /** Somebody connects to our client port. */
  visit(link: WorldLink): LinkEvents {
    const { node, host } = this;
    const connection = new VisitorConnection(link, `${LOOPBACK}:${40_000 + this.visits++}`, this.port);
    const client = node.accept(connection);
    return {
      onUp: () => {},
      onBytes: (bytes) => {
        if (client === null || client.gone) return;
        const { shared } = node.intake;
        for (let at = 0; at < bytes.length; at += shared.length) {
          shared.set(bytes.subarray(at, at + shared.length));
          node.received(client, Math.min(shared.length, bytes.length - at));
        }
        host.finishTurn();
      },
      onDown: () => client !== null && !client.gone && node.gone(client),
    };
  }

  /** A reply that is one bulk string. */
  text(...args: readonly string[]): string {
    const reply = this.run(...args);
    return reply.slice(reply.indexOf('\r\n') + 2, -2);
  }
}

export class LittleWorld {
  readonly nodes: LittleNode[];
  private readonly dice: () => number;
  private readonly links = new Set<WorldLink>();

  constructor(count: number, seed: number, ...conf: readonly string[]) {
    this.dice = seeded(seed);
    this.nodes = Array.from({ length: count }, (_, i) => new LittleNode(this, i, conf));
  }

  /** The size of the next chunk of a link: mostly small, so that every packet is cut. */
  readonly chunk = (): number => 1 + Math.floor(this.dice() * 4000);

  node(index: number): LittleNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  open(port: number, link: WorldLink, events: LinkEvents): void {
    const target = this.nodes.find((node) => node.isUp && (node.busPort === port || node.port === port));
    if (target === undefined) return events.onDown('Connection refused');
    const far = new WorldLink(target.host, 0, this.chunk);
    far.other = link;
    far.events = target.port === port ? target.visit(far) : (target.node.membership?.accept(far) ?? events);
    link.up(far, events);
    this.links.add(link);
  }

  /** All links break that are open now; whoever wants may connect again. */
  breakLinks(): void {
    for (const link of this.links) link.close();
    this.links.clear();
  }

  /** Time goes on, for those that are up. */
  pass(ms: number): void {
    for (let i = 0; i < ms; i++) for (const node of this.nodes) if (node.isUp) node.host.pass(1);
  }
}
