/**
 * What this node knows of every node, itself included.
 *
 * The health of a node, as judged from here:
 *
 *             no answer for the        a majority of voters suspects it,
 *             node timeout             or a FAIL packet says so
 *      ok ───────────────────▶ suspected ───────────────────▶ failed
 *      ▲ ▲                         │                            │
 *      │ └────── it answers ───────┘                            │
 *      └── it answers, and no replica has taken its slots ──────┘
 *
 * Redis prints `suspected` as "fail?" (PFAIL) and `failed` as "fail" (FAIL).
 *
 * Moments are monotonic: a clock that is set back must not revive or bury anyone. Only what goes into packets and
 * files is wall time. Who owns which slot is not known here but in `slots/slot-map.ts`, by node id.
 */

import type { SlotMove } from '../slots/slot-moves.js';
import type { SlotRange } from '../slots/slot-set.js';
import { FLAG } from './packet-layout.js';

export type NodeId = string;
export type Millis = number;
/** A bus link, named by whoever opened it: the core counts up from 1, the host counts those it accepts down from −1. */
export type LinkId = number;

/** A moment that never was: any span since then is infinite. */
export const NEVER: Millis = Number.NEGATIVE_INFINITY;

/** `plainPort` is the port without TLS where `port` is the one with it, else 0. */
export interface BusAddress {
  ip: string;
  port: number;
  busPort: number;
  plainPort: number;
}

/** `unknown`: in handshake, or named by another node before it was heard itself. */
export type Role = 'primary' | 'replica' | 'unknown';
export type Health = 'ok' | 'suspected' | 'failed';

export interface Node {
  id: NodeId; // a made-up one until the handshake tells the true one
  address: BusAddress;
  hostname: string;
  role: Role;
  primaryId: NodeId | null; // whom a replica copies; null also while that primary is unknown here
  formerPrimaryId: NodeId | null; // of a primary: whom it replaced, or copied before
  primarySince: Millis; // when it became one under our eyes, else NEVER
  health: Health;
  inHandshake: boolean;
  meetPending: boolean; // our first packet to it is a MEET: it must take us in
  metByOrder: boolean; // an operator told us to meet it: it is asked until it has called back
  noAddress: boolean; // somebody else answered at its address
  noFailover: boolean; // it never asks for votes by itself
  canBeOrphaned: boolean; // it has, or had, or should have replicas: others may migrate to it
  configEpoch: number; // the age of its claim to slots; the higher one wins
  replOffset: number;
  heardEpoch: number; // its clock when last heard: a packet of before was overtaken on the other link
  createdAt: Millis;
  pingSentAt: Millis; // the first ping still unanswered, else NEVER
  pongReceivedAt: Millis;
  heardAt: Millis; // any packet is a sign of life
  failedAt: Millis;
  failedBy: NodeId | null; // whose word that was; null: a majority's reports came here
  votedAt: Millis; // when we last voted for a replica of this primary
  orphanedAt: Millis; // since when a primary that should have replicas has none that works, else NEVER
  uncalledAt: Millis; // since when it answers us and does not call, else NEVER
  link: LinkId | null; // opened by us; it may still be connecting
  linkCreatedAt: Millis;
  unanswered: number; // pings sent over our present link that it has not answered yet
  inboundLink: LinkId | null; // opened by it
  inboundCreatedAt: Millis;
  readonly failReports: Map<NodeId, Millis>;
}

/** What survives a restart: the content of nodes.conf, as data. Times are wall milliseconds, 0 = never. */
export interface SavedCluster {
  nodes: SavedNode[];
  currentEpoch: number;
  lastVoteEpoch: number;
  migrating: SlotMove<NodeId>[]; // our slots on their way to another node
  importing: SlotMove<NodeId>[];
}

export interface SavedNode {
  id: NodeId;
  myself: boolean;
  address: BusAddress;
  hostname: string;
  role: Role;
  primaryId: NodeId | null;
  health: Health;
  noAddress: boolean;
  noFailover: boolean;
  pingSentMs: number;
  pongReceivedMs: number;
  configEpoch: number; // of a replica: that of its primary
  connected: boolean;
  slots: SlotRange[]; // ascending, both ends included
}

export class NodeTable {
  private readonly byId = new Map<NodeId, Node>();

  constructor(readonly me: Node) {
    this.byId.set(me.id, me);
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: NodeId): Node | null {
    return this.byId.get(id) ?? null;
  }

  all(): Node[] {
    return [...this.byId.values()];
  }

  others(): Node[] {
    return this.all().filter((node) => node !== this.me);
  }

  /** Nodes that talk with us under their true names. */
  members(): Node[] {
    return this.all().filter((node) => node !== this.me && !node.inHandshake);
  }

  add(node: Node): Node {
    if (this.byId.has(node.id)) throw new Error(`node ${node.id} is in the table already`);
    this.byId.set(node.id, node);
    return node;
  }

  /** Whoever forgets a node must first take its slots away: see `forgetNode`. */
  remove(node: Node): void {
    if (node === this.me) throw new Error('a node cannot remove itself');
    for (const other of this.byId.values()) {
      other.failReports.delete(node.id);
      if (other.primaryId === node.id) other.primaryId = null;
    }
    this.byId.delete(node.id);
    this.leaveOrphanhood(node.primaryId);
  }

  rename(node: Node, id: NodeId): void {
    if (this.byId.has(id)) throw new Error(`node ${id} is in the table already`);
    this.byId.delete(node.id);
    node.id = id;
    this.byId.set(id, node);
  }

  // ── shards ────────────────────────────────────────────────────────────────
  primaryOf(node: Node): Node | null {
    return node.primaryId === null ? null : this.get(node.primaryId);
  }

  replicasOf(primary: Node): Node[] {
    return this.all().filter((node) => node.primaryId === primary.id);
  }

  /** The node whose slots we serve or copy. */
  shardPrimary(): Node {
    return this.primaryOf(this.me) ?? this.me;
  }

  /** The one writer of roles after the handshake: who follows whom, and who may hope for replicas. */
  setPrimaryOf(node: Node, primary: Node | null): void {
    const before = node.primaryId;
    if (primary === null) {
      if (before !== null && node !== this.me) node.canBeOrphaned = true;
      node.role = 'primary';
      node.formerPrimaryId = before;
      node.primaryId = null;
    } else {
      if (node.role !== 'replica') node.canBeOrphaned = false;
      node.role = 'replica';
      node.primaryId = primary.id;
      primary.canBeOrphaned = true;
    }
    if (before !== node.primaryId) this.leaveOrphanhood(before);
  }

  /** A primary whose last replica left of its own will is nobody's orphan. */
  private leaveOrphanhood(primaryId: NodeId | null): void {
    const primary = primaryId === null ? null : this.get(primaryId);
    if (primary && this.replicasOf(primary).length === 0) primary.canBeOrphaned = false;
  }
}

export function newNode(id: NodeId, address: BusAddress, createdAt: Millis): Node {
  return {
    id,
    address,
    createdAt,
    hostname: '',
    role: 'unknown',
    primaryId: null,
    formerPrimaryId: null,
    primarySince: NEVER,
    health: 'ok',
    inHandshake: false,
    meetPending: false,
    metByOrder: false,
    noAddress: false,
    noFailover: false,
    canBeOrphaned: false,
    configEpoch: 0,
    replOffset: 0,
    heardEpoch: 0,
    pingSentAt: NEVER,
    pongReceivedAt: NEVER,
    heardAt: NEVER,
    failedAt: NEVER,
    failedBy: null,
    votedAt: NEVER,
    orphanedAt: NEVER,
    uncalledAt: NEVER,
    link: null,
    linkCreatedAt: NEVER,
    unanswered: 0,
    inboundLink: null,
    inboundCreatedAt: NEVER,
    failReports: new Map(),
  };
}

/** The flags of a node as packets carry them. */
export function flagsOf(node: Node, me: Node): number {
  return (
    (node === me ? FLAG.myself : 0) |
    (node.role === 'primary' ? FLAG.primary : 0) |
    (node.role === 'replica' ? FLAG.replica : 0) |
    (node.health === 'suspected' ? FLAG.suspected : 0) |
    (node.health === 'failed' ? FLAG.failed : 0) |
    (node.inHandshake ? FLAG.handshake : 0) |
    (node.noAddress ? FLAG.noAddress : 0) |
    (node.meetPending ? FLAG.meet : 0) |
    (node.canBeOrphaned ? FLAG.migrateTo : 0) |
    (node.noFailover ? FLAG.noFailover : 0)
  );
}

export function roleOf(flags: number): Role {
  if (flags & FLAG.primary) return 'primary';
  return flags & FLAG.replica ? 'replica' : 'unknown';
}
