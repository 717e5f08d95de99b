/**
 * This node's part in a cluster, on a host: the pure core with its links, its clock and its file.
 *
 *   bus link ──▶ PacketSplitter ──▶ decodePacket ──▶ Cluster.step ──▶ Performer ──▶ nodes.conf, links, keys, log
 *   every 100 ms, CONFIG SET, CLUSTER … ──────────────────┘
 *
 * What the core decides is done in its order, and nothing else is.
 */
import { type ByteLink, FileError, type Host, type LinkEvents } from '../../base/host.js';
import { Cluster } from '../../gossip/cluster.js';
import type { ClusterOptions } from '../../gossip/cluster-state.js';
import type { ResyncOffer } from '../../gossip/failover/rescue.js';
import type { LinkId } from '../../gossip/node-table.js';
import { describeConfFault } from '../../gossip/nodes-conf.js';
import type { Order, OrderAnswer } from '../../gossip/operator/order.js';
import { decodePacket, typeNumberOf } from '../../gossip/packet-codec.js';
import { describeBroken, PacketSplitter } from '../../gossip/packet-splitter.js';
import type { Clocks, Effect, Event, Replicated } from '../../gossip/turn.js';
import type { Config } from '../config.js';
import { NodesFile } from './nodes-file.js';
import { type Consequences, Performer } from './performer.js';

/** The bus listens this far above the client port. */
const BUS_PORT_STEP = 10_000;

export type Opening = { ok: true; membership: Membership } | { ok: false; log: readonly string[] };

interface PeerLink {
  readonly link: ByteLink;
  readonly splitter: PacketSplitter;
}

export class Membership {
  private readonly links = new Map<LinkId, PeerLink>();
  private readonly performer: Performer;
  private accepted = 0;
  /** DEBUG DROP-CLUSTER-PACKET-FILTER; -1: none. */
  droppedType = -1;
  /** Without a tick until then we were stopped, or too busy: see gossip/members/stall.ts. */
  private lateAt = Number.POSITIVE_INFINITY;
  /** Sees each step with its effects, before they are done: the simulator proves rules with it. */
  witness: ((event: Event, effects: readonly Effect[]) => void) | null = null;

  private constructor(
    readonly cluster: Cluster,
    private readonly host: Host,
    private readonly config: Config,
    file: NodesFile,
    consequences: Consequences,
  ) {
    this.performer = new Performer(host, file, consequences, {
      connect: (id, ip, busPort) => this.connect(id, ip, busPort),
      close: (id) => this.close(id),
      linkOf: (id) => this.links.get(id)?.link ?? null,
    });
  }

  /** Takes the lock of nodes.conf, reads it, and begins. Refusals in redis' words. */
  static open(host: Host, config: Config, consequences: Consequences): Opening {
    const path = config.clusterConfigFile;
    const locked = attempt(() => host.files.lock(path));
    if (locked instanceof FileError) return refuse(`Can't open ${path} in order to acquire a lock: ${locked.message}`);
    if (!locked) return refuse(alreadyUsed(path));
    const file = new NodesFile(host, path);
    const read = attempt(() => file.read());
    if (read instanceof FileError) return refuse(`Loading the cluster node config from ${path}: ${read.message}`);
    if (read !== null && !read.ok) {
      const where = `${path}, line ${read.line}: ${describeConfFault(read.fault)}`;
      return refuse('Unrecoverable error: corrupted cluster config file.', where);
    }
    const clocks = { nowMs: host.monotonicMs(), wallMs: host.wallMs() };
    const cluster = new Cluster(optionsOf(config), read?.saved ?? null, () => host.random(), clocks);
    for (const line of read?.warnings ?? []) host.log.log('warning', line);
    const membership = new Membership(cluster, host, config, file, consequences);
    membership.step({ kind: 'Start' });
    return { ok: true, membership };
  }

  get clocks(): Clocks {
    return { nowMs: this.host.monotonicMs(), wallMs: this.host.wallMs() };
  }

  // ── time, orders, configuration ───────────────────────────────────────────

  /** Asked before a client is served: whoever stood still must know it before it answers. */
  wakeIfLate(now: number): void {
    if (now > this.lateAt) this.tick();
  }

  tick(): void {
    this.lateAt = this.host.monotonicMs() + this.config.clusterNodeTimeout / 2;
    const limit = this.config.clusterLinkSendbufLimit;
    if (limit > 0)
      for (const [link, { link: bytes }] of this.links)
        if (bytes.queuedBytes() > limit) this.step({ kind: 'LinkCongested', link, queuedBytes: bytes.queuedBytes() });
    this.step({ kind: 'Tick' });
    this.performer.tick();
  }

  order(order: Order): OrderAnswer {
    for (const effect of this.step({ kind: 'Order', order })) if (effect.kind === 'Answer') return effect.answer;
    throw new Error(`the order ${order.name} was not answered`);
  }

  /** To all nodes, or to those of our shard. */
  publish(channel: Uint8Array, message: Uint8Array, sharded: boolean): void {
    this.step({ kind: 'Publish', channel, message, sharded });
  }

  /** What replication knows: before each tick, and as soon as writers are paused. */
  replicated(facts: Omit<Replicated, 'kind'>): void {
    this.step({ kind: 'Replicated', ...facts });
  }

  /** May a full sync replace our data? Asked when it is known whether any key comes with it. */
  mayResync(offer: ResyncOffer): boolean {
    const effects = this.step({ kind: 'ResyncOffered', offer });
    return effects.some((effect) => effect.kind === 'Resync' && effect.verdict.may);
  }

  /** Data was read from files: these slots have keys. */
  loaded(populatedSlots: readonly number[]): void {
    this.step({ kind: 'Loaded', populatedSlots });
  }

  reconfigure(): void {
    this.step({ kind: 'Configured', options: optionsOf(this.config) });
  }

  /** Saves what is not saved yet: at the end of the process. */
  finish(): void {
    this.performer.finish();
  }

  /** Bytes that wait to be sent over a link. */
  queuedBytes(link: LinkId): number {
    return this.links.get(link)?.link.queuedBytes() ?? 0;
  }

  /** The effects are done when it returns. */
  private step(event: Event): readonly Effect[] {
    const effects = this.cluster.step(event, this.clocks);
    this.witness?.(event, effects);
    this.performer.perform(effects);
    return effects;
  }

  get linkCount(): number {
    return this.links.size;
  }

  // ── links ─────────────────────────────────────────────────────────────────

  /** A peer opened a link to our bus port. */
  accept(link: ByteLink): LinkEvents {
    const id = -++this.accepted;
    this.links.set(id, { link, splitter: new PacketSplitter() });
    this.step({ kind: 'LinkAccepted', link: id, remoteIp: link.remoteHost, localIp: link.localHost });
    return this.eventsOf(id);
  }

  private connect(id: LinkId, ip: string, busPort: number): void {
    const from = this.config.bindSourceAddr;
    const address = { host: ip, port: busPort, ...(from === '' ? {} : { from }) };
    this.links.set(id, { link: this.host.connect(address, this.eventsOf(id)), splitter: new PacketSplitter() });
  }

  private eventsOf(id: LinkId): LinkEvents {
    return {
      onUp: () => this.links.has(id) && this.step({ kind: 'LinkUp', link: id }),
      onBytes: (bytes) => this.onBytes(id, bytes),
      onDown: (reason) => this.links.delete(id) && this.step({ kind: 'LinkDown', link: id, reason }),
    };
  }

  private onBytes(id: LinkId, bytes: Uint8Array): void {
    const peer = this.links.get(id);
    if (peer === undefined) return;
    for (const packet of peer.splitter.push(bytes)) {
      if (this.droppedType >= 0 && typeNumberOf(packet) === this.droppedType) {
        this.host.log.log('warning', 'Dropping packet that matches debug drop filter');
        continue;
      }
      const decoded = decodePacket(packet);
      if (!decoded.ok) {
        this.step({ kind: 'ReceivedMalformed', link: id, malformed: decoded.malformed });
        continue;
      }
      if (this.cluster.node(decoded.packet.sender.senderId) !== null) peer.splitter.trust();
      this.step({ kind: 'Received', link: id, packet: decoded.packet, byteCount: packet.length });
      if (!this.links.has(id)) return;
    }
    if (peer.splitter.broken === null) return;
    this.host.log.log('warning', describeBroken(peer.splitter.broken));
    peer.link.close();
  }

  /** Closes a link as if the network had. */
  cut(id: LinkId): void {
    this.links.get(id)?.link.close();
  }

  /** The core has forgotten the link already: it hears no more of it. */
  private close(id: LinkId): void {
    const peer = this.links.get(id);
    this.links.delete(id);
    peer?.link.close();
  }
}

function attempt<T>(action: () => T): T | FileError {
  try {
    return action();
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
}

function refuse(...log: string[]): Opening {
  return { ok: false, log };
}

function alreadyUsed(path: string): string {
  return (
    `Sorry, the cluster configuration file ${path} is already used by a different Redis Cluster node. ` +
    'Please make sure that different nodes use different cluster configuration files.'
  );
}

export function busPortOf(config: Config): number {
  return config.clusterPort || config.port + BUS_PORT_STEP;
}

function optionsOf(config: Config): ClusterOptions {
  return {
    port: config.clusterAnnouncePort || config.port,
    plainPort: 0,
    busPort: config.clusterAnnounceBusPort || busPortOf(config),
    announceIp: config.clusterAnnounceIp,
    hostname: config.clusterAnnounceHostname,
    nodeTimeoutMs: config.clusterNodeTimeout,
    requireFullCoverage: config.clusterRequireFullCoverage,
    allowReplicaMigration: config.clusterAllowReplicaMigration,
    noFailover: config.clusterReplicaNoFailover,
    replicaValidityFactor: config.clusterReplicaValidityFactor,
    replicaPingPeriodMs: config.replPingReplicaPeriod * 1000,
    migrationBarrier: config.clusterMigrationBarrier,
  };
}
