/**
 * Everything one node remembers of its cluster: the fields that all parts of the core read and write.
 *
 *   cluster.ts ──▶ heartbeat · hearing · members/ · failover/ · operator/ ──▶ ClusterState ──▶ NodeTable, SlotMap,
 *                        each a few functions of (state, …, turn)                              SlotMoves
 *
 * It knows how the knowledge hangs together (who owns a slot, who may vote, what a restart must find again), and no
 * rule of the protocol. A vote is held by a primary with slots: a node without data has no say over data.
 */

import { SlotMap } from '../slots/slot-map.js';
import { SlotMoves } from '../slots/slot-moves.js';
import { clearSlot } from '../slots/slot-set.js';
import type { DataKind, Election } from './election.js';
import type { ClusterHealth } from './members/coverage.js';
import type { BusAddress, LinkId, Millis, Node, NodeId } from './node-table.js';
import { NEVER, NodeTable, newNode } from './node-table.js';
import { MESSAGES, type MessageName } from './packet-layout.js';
import type { VoteVerdict } from './vote.js';

/** What of the configuration the core acts on. CONFIG SET gives a new one by the event `Configured`. */
export interface ClusterOptions {
  port: number; // as announced: with TLS on the bus, the port with TLS
  plainPort: number; // the one without TLS in that case, else 0
  busPort: number;
  announceIp: string; // '' = others tell us
  hostname: string; // '' = none
  nodeTimeoutMs: Millis;
  requireFullCoverage: boolean;
  allowReplicaMigration: boolean;
  noFailover: boolean; // cluster-replica-no-failover
  replicaValidityFactor: number; // 0 = data of any age may be promoted
  replicaPingPeriodMs: Millis;
  migrationBarrier: number; // replicas that work and stay, before one moves to a primary without any
}

export interface LinkRecord {
  readonly id: LinkId;
  readonly inbound: boolean;
  node: Node | null; // of an inbound link: known once a member spoke on it
  up: boolean;
  remoteIp: string;
  localIp: string;
}

/** A failover by order, see failover/manual-failover.ts. */
export interface ManualFailover {
  endsAt: Millis;
  by: NodeId | null; // at the primary: the replica that asked
  paused: boolean; // at the primary: our offset is final
  primaryOffset: number | null; // at the replica: where we must get to
  agreed: boolean; // at the replica: we may ask for votes
}

export interface VoteRecord {
  readonly verdict: VoteVerdict;
  readonly epoch: number; // of the request
  readonly at: Millis;
}

/** See failover/rescue.ts. */
export interface Rescue {
  readonly since: Millis;
  readonly keysHeld: number;
  /** As old as this is what we hold. */
  readonly dataAt: Millis;
}

/** See members/stall.ts. */
export interface Stall {
  readonly at: Millis; // when it ended
  readonly gapMs: Millis;
  readonly epoch: number; // our clock then
  /** Answers that were on their way before it ended: they prove nothing. */
  readonly oldAnswers: Map<NodeId, number>;
  readonly heard: Set<NodeId>;
}

/** A report that a node is unreachable counts for two node timeouts: in that time two nodes exchange at least eight
 *  heartbeats, so the reports of a majority overlap. Longer, and an old suspicion would help to bury a healthy node. */
const FAIL_REPORT_VALIDITY = 2;

export class ClusterState {
  readonly table: NodeTable;
  readonly slots: SlotMap<NodeId>;
  readonly moves = new SlotMoves<NodeId>();
  /** Slots whose owner stopped claiming them while nobody else does yet. They stay with it, so that clients are not
   *  sent elsewhere for nothing, but anyone may take them, and we spread the old claim no further. */
  readonly abandoned = new Set<number>();
  /** Slots that we import, and who claims them with an epoch newer than their owner's. Whose they are here is for the
   *  operator to say, but they are served. */
  readonly heirs = new Map<number, NodeId>();
  readonly links = new Map<LinkId, LinkRecord>();
  /** Ids that gossip may not bring back, and until when. */
  readonly forgotten = new Map<NodeId, Millis>();

  currentEpoch = 0; // the highest epoch heard of: the cluster's clock
  lastVoteEpoch = 0;
  health: ClusterHealth = { state: 'fail', why: 'not-judged-yet' };
  healthIsStale = true;
  startedAt: Millis | null = null; // the first tick; NEVER for a node without a past, which nobody can have replaced
  inMinorityAt: Millis = NEVER;
  tickCount = 0;
  linksOpened = 0;
  linksOverLimit = 0; // closed for too long a send buffer
  readonly sentCounts = new Array<number>(MESSAGES.length).fill(0);
  readonly receivedCounts = new Array<number>(MESSAGES.length).fill(0);

  /** Whom our replication was told to copy; null = nobody yet, or we are a primary. */
  following: { id: NodeId; ip: string; port: number } | null = null;
  /** When our primary was last heard by replication. */
  replicatedAt: Millis = NEVER;
  /** When we became a replica, and had been primary until then. */
  ledUntil: Millis = NEVER;
  election: Election | null = null;
  manualFailover: ManualFailover | null = null;
  /** What was last said of a candidacy that does not get on, and when. */
  complaint: string | null = null;
  complainedAt: Millis = NEVER;
  /** How we voted last, by candidate. */
  readonly verdicts = new Map<NodeId, VoteRecord>();
  /** Of a replica. A primary's own data is the measure. */
  data: DataKind = 'synced';
  /** The primary with which a sync of ours was last completed. */
  syncedWith: NodeId | null = null;
  /** Our primary came back without any data, and we have it still: we stand for election although it lives. */
  rescue: Rescue | null = null;
  stall: Stall | null = null;
  /** Since when our primary is a replica itself. */
  subReplicaAt: Millis = NEVER;
  /** The last tick: a long time without one was a stall of ours. */
  tickedAt: Millis = NEVER;

  constructor(
    public options: ClusterOptions,
    myId: NodeId,
    readonly random: () => number,
    createdAt: Millis,
  ) {
    const me = newNode(myId, announcedAddress(options, ''), createdAt);
    this.table = new NodeTable({ ...me, role: 'primary', hostname: options.hostname, noFailover: options.noFailover });
    this.slots = new SlotMap(myId);
  }

  get me(): Node {
    return this.table.me;
  }

  // ── slots ─────────────────────────────────────────────────────────────────
  ownerOf(slot: number): Node | null {
    const id = this.slots.ownerOf(slot);
    return id === null ? null : this.table.get(id);
  }

  slotCount(node: Node): number {
    return this.slots.countOf(node.id);
  }

  /** A primary with its first slot is worth migrating to, where other primaries have replicas. */
  giveSlot(slot: number, node: Node): void {
    if (this.slots.ownerOf(slot) !== node.id) this.heirs.delete(slot);
    this.slots.assign(slot, node.id);
    this.abandoned.delete(slot);
    if (this.slotCount(node) === 1 && this.someReplicaFollows()) node.canBeOrphaned = true;
  }

  takeSlots(from: Node): void {
    for (const slot of this.slots.slotsOf(from.id)) {
      this.slots.assign(slot, null);
      this.abandoned.delete(slot);
    }
  }

  /** Who serves a slot that we import, or did until a moment ago, where its owner was replaced. */
  heirOf(slot: number): Node | null {
    const id = this.heirs.get(slot);
    return id === undefined ? null : this.table.get(id);
  }

  /** Free for whoever claims it. */
  isUnclaimed(slot: number): boolean {
    return this.slots.ownerOf(slot) === null || this.abandoned.has(slot);
  }

  /** What an owner has and has not given up. */
  claimsOf(node: Node): Uint8Array {
    const claims = this.slots.bitmapOf(node.id).slice();
    for (const slot of this.abandoned) clearSlot(claims, slot);
    return claims;
  }

  private someReplicaFollows(): boolean {
    return this.table.all().some((node) => this.table.primaryOf(node)?.role === 'primary');
  }

  /** What our header says: nothing of data that is not what our primary has. */
  announcedOffset(): number {
    return this.me.role === 'replica' && this.data !== 'synced' ? 0 : this.me.replOffset;
  }

  // ── votes and reports ─────────────────────────────────────────────────────
  isVoter(node: Node): boolean {
    return node.role === 'primary' && this.slotCount(node) > 0;
  }

  voters(): Node[] {
    return this.table.all().filter((node) => this.isVoter(node));
  }

  quorum(): number {
    return Math.floor(this.voters().length / 2) + 1;
  }

  /** Old reports are dropped here, where they would do harm. */
  failReportCount(about: Node, now: Millis): number {
    for (const [reporter, at] of about.failReports) {
      if (now - at > this.options.nodeTimeoutMs * FAIL_REPORT_VALIDITY) about.failReports.delete(reporter);
    }
    return about.failReports.size;
  }

  // ── counters ──────────────────────────────────────────────────────────────
  countSent(type: MessageName, packets: number): void {
    this.sentCounts[typeNumber(type)]! += packets;
  }

  countReceived(type: MessageName): void {
    this.receivedCounts[typeNumber(type)]! += 1;
  }
}

/** Our own address as the configuration has it; the ip may have to be learnt. */
export function announcedAddress(options: ClusterOptions, learntIp: string): BusAddress {
  const { port, busPort, plainPort, announceIp } = options;
  return { ip: announceIp || learntIp, port, busPort, plainPort };
}

/** Node ids and provisional names: 40 hexadecimal digits. */
export function randomId(random: () => number): NodeId {
  let id = '';
  for (let i = 0; i < 40; i++) id += Math.floor(random() * 16).toString(16);
  return id;
}

function typeNumber(type: MessageName): number {
  return MESSAGES.findIndex(([name]) => name === type);
}
