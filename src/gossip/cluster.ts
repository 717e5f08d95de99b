/**
 * One node's part in the cluster: a state machine without sockets or clock.
 *
 *   Tick      ──▶ links, pings, suspicion (members/patrol) · elections (failover/) · may we serve? (members/health)
 *   PING, PONG, MEET ──▶ hearing: the sender's role, slots, epochs; gossip of third nodes
 *   FAIL ──▶ believe it      UPDATE ──▶ slot-claims      AUTH_REQUEST ──▶ vote      AUTH_ACK ──▶ count
 *   Order     ──▶ operator/: what CLUSTER commands change
 *
 * Decisions are pure and stand alone, each with its truth table: vote, election, slot-claims, members/coverage. Here
 * events find their way to whoever gathers the facts for them.
 */

import { announcedAddress, type ClusterOptions, ClusterState, randomId } from './cluster-state.js';
import { onVote, pursueElection } from './failover/candidate.js';
import { agreeIfCaughtUp, giveUpInTime, onManualFailoverStart, onOffsetKnown } from './failover/manual-failover.js';
import { migrateIfNeeded, noteOrphans } from './failover/replica-migration.js';
import { onResyncOffered } from './failover/rescue.js';
import { onVoteRequest } from './failover/voter.js';
import { greet, packetFrom } from './heartbeat.js';
import { hearHeartbeat, hearSender } from './hearing.js';
import { hearFail } from './members/failure.js';
import { reviewHealth } from './members/health.js';
import { acceptLink, onLinkCongested, onLinkDown, sendTo } from './members/links.js';
import { adoptLoadedSlots } from './members/loaded-slots.js';
import { patrol } from './members/patrol.js';
import { followWhenPossible } from './members/roles.js';
import { noteStall } from './members/stall.js';
import type { LinkId, Node, NodeId, SavedCluster } from './node-table.js';
import { NEVER } from './node-table.js';
import { carryOut } from './operator/carry-out.js';
import { type ExplainSubject, explain, explainSubject, type Told } from './operator/explain.js';
import {
  type ClusterView,
  type LinkView,
  type NodeView,
  snapshot,
  viewCluster,
  viewLinks,
  viewNode,
} from './operator/views.js';
import { describeMalformed, type Packet } from './packet-codec.js';
import { restore } from './members/restore.js';
import { hearUpdate, noticeSubReplica } from './slot-claims.js';
import { type Clocks, type Effect, type Event, type Replicated, Turn } from './turn.js';

export class Cluster {
  private readonly state: ClusterState;
  private readonly isNew: boolean;

  /**
   * `saved` is what nodes.conf had; null makes a new node. `random` gives numbers in [0, 1): a seeded one makes every
   * run repeatable.
   */
  constructor(options: ClusterOptions, saved: SavedCluster | null, random: () => number, clocks: Clocks) {
    this.isNew = saved === null;
    this.state =
      saved === null
        ? new ClusterState(options, randomId(random), random, clocks.nowMs)
        : restore(saved, options, random, clocks.nowMs);
    if (saved === null) this.state.startedAt = NEVER;
  }

  step(event: Event, clocks: Clocks): Effect[] {
    const turn = turnAt(clocks);
    noteStall(this.state, turn);
    this.dispatch(event, turn);
    if (this.state.healthIsStale) reviewHealth(this.state, turn);
    return turn.effects(() => snapshot(this.state, turn));
  }

  // ── what others may look at ───────────────────────────────────────────────
  get myId(): NodeId {
    return this.state.me.id;
  }
  get slots(): ClusterState['slots'] {
    return this.state.slots;
  }
  get moves(): ClusterState['moves'] {
    return this.state.moves;
  }
  get health(): ClusterState['health'] {
    return this.state.health;
  }
  get role(): 'primary' | 'replica' {
    return this.state.me.role === 'replica' ? 'replica' : 'primary';
  }
  /** The node whose slots we serve or copy: ourselves, or our primary. */
  get shardPrimaryId(): NodeId {
    return this.state.table.shardPrimary().id;
  }

  /** All that this node knows, for whoever proves rules of it: the simulator. */
  get facts(): Readonly<ClusterState> {
    return this.state;
  }

  node(id: NodeId): Readonly<Node> | null {
    return this.state.table.get(id);
  }
  describeCluster(clocks: Clocks): ClusterView {
    return viewCluster(this.state, turnAt(clocks));
  }
  describeNode(id: NodeId, clocks: Clocks): NodeView | null {
    const node = this.state.table.get(id);
    return node && viewNode(this.state, node, turnAt(clocks));
  }
  describeLinks(clocks: Clocks): LinkView[] {
    return viewLinks(this.state, turnAt(clocks));
  }
  failureReportCount(id: NodeId, clocks: Clocks): number | null {
    const node = this.state.table.get(id);
    return node && this.state.failReportCount(node, turnAt(clocks).now);
  }
  /** Why this node is what it is, in sentences. */
  explain(clocks: Clocks): string[] {
    return explain(this.state, turnAt(clocks).now);
  }
  explainSubject(subject: ExplainSubject, clocks: Clocks): Told {
    return explainSubject(this.state, subject, turnAt(clocks).now);
  }

  // ── events ────────────────────────────────────────────────────────────────
  private dispatch(event: Event, turn: Turn): void {
    const { state } = this;
    switch (event.kind) {
      case 'Start':
        return this.start(turn);
      case 'Tick':
        return this.tick(turn);
      case 'LinkAccepted':
        return acceptLink(state, event.link, event.remoteIp, event.localIp);
      case 'LinkUp':
        return this.onLinkUp(event.link, turn);
      case 'LinkDown':
        return onLinkDown(state, event.link, event.reason, turn);
      case 'LinkCongested':
        return onLinkCongested(state, event.link, event.queuedBytes, turn);
      case 'Received':
        return this.onReceived(event.link, event.packet, turn);
      case 'ReceivedMalformed':
        return turn.log('warning', describeMalformed(event.malformed));
      case 'Order':
        turn.beWritten();
        return turn.emit({ kind: 'Answer', answer: carryOut(state, event.order, turn) });
      case 'Configured':
        return this.configure(event.options, turn);
      case 'Replicated':
        return this.onReplicated(event, turn);
      case 'ResyncOffered':
        return onResyncOffered(state, event.offer, turn);
      case 'Loaded':
        return adoptLoadedSlots(state, event.populatedSlots, turn);
      case 'Publish':
        return this.publish(event.channel, event.message, event.sharded, turn);
    }
  }

  private start(turn: Turn): void {
    if (!this.isNew) return turn.log('notice', `Node configuration loaded, I'm ${this.myId}`);
    turn.log('notice', `No cluster configuration found, I'm ${this.myId}`);
    turn.saveDurably('a new node');
  }

  private tick(turn: Turn): void {
    const { state } = this;
    state.startedAt ??= turn.now;
    state.tickedAt = turn.now;
    state.tickCount++;
    patrol(state, turn);
    followWhenPossible(state, turn);
    giveUpInTime(state, turn);
    agreeIfCaughtUp(state, turn);
    noteOrphans(state, turn);
    if (state.me.role === 'replica') {
      noticeSubReplica(state, turn);
      pursueElection(state, turn);
      migrateIfNeeded(state, turn);
    }
    if (state.health.state === 'fail') state.healthIsStale = true; // a delay may be over
  }

  private onLinkUp(id: LinkId, turn: Turn): void {
    const link = this.state.links.get(id);
    if (!link?.node || link.inbound) return;
    link.up = true;
    const { ip, busPort } = link.node.address;
    greet(this.state, link.node, turn);
    turn.log('debug', `Connecting with Node ${link.node.id} at ${ip}:${busPort}`);
  }

  private onReplicated({ offset, ageMs, synced }: Replicated, turn: Turn): void {
    const { state } = this;
    state.me.replOffset = offset;
    state.replicatedAt = turn.now - ageMs;
    if (state.me.role === 'replica') {
      if (synced) state.syncedWith = state.me.primaryId;
      if (synced || offset === 0 || state.data === 'none') state.data = synced ? 'synced' : 'none';
      else state.data = 'of-shard';
    }
    onOffsetKnown(state, turn);
    agreeIfCaughtUp(state, turn);
    if (state.manualFailover?.agreed) pursueElection(state, turn);
  }

  private configure(options: ClusterOptions, turn: Turn): void {
    const { state } = this;
    const learntIp = options.announceIp === '' && state.options.announceIp !== '' ? '' : state.me.address.ip;
    state.options = options;
    state.me.address = announcedAddress(options, learntIp);
    state.me.hostname = options.hostname;
    state.me.noFailover = options.noFailover;
    state.healthIsStale = true;
    turn.save('the configuration changed');
  }

  /** To all, or within our shard: whose slot a channel is in decides who hears of it. */
  private publish(channel: Uint8Array, message: Uint8Array, sharded: boolean, turn: Turn): void {
    const { state } = this;
    const { table } = state;
    const body = { kind: 'publish', channel, message } as const;
    if (!sharded) return sendTo(state, table.members(), packetFrom(state, 'PUBLISH', body), turn);
    const shard = [table.shardPrimary(), ...table.replicasOf(table.shardPrimary())];
    const others = shard.filter((node) => node !== state.me && !node.inHandshake);
    sendTo(state, others, packetFrom(state, 'PUBLISHSHARD', body), turn);
  }

  // ── packets ───────────────────────────────────────────────────────────────
  private onReceived(id: LinkId, packet: Packet, turn: Turn): void {
    const { state } = this;
    const link = state.links.get(id);
    if (!link) return; // closed by us while it was on its way
    state.countReceived(packet.type);
    const found = state.table.get(packet.sender.senderId);
    const sender = found && found !== state.me && !found.inHandshake ? found : null;
    if (sender) hearSender(state, sender, packet, link, turn);
    if (packet.type === 'PING' || packet.type === 'PONG' || packet.type === 'MEET') {
      hearHeartbeat(state, packet, link, sender, turn);
    } else if (sender) {
      this.onMessage(packet, sender, turn);
    } else if (packet.type === 'FAIL') {
      const words = `Ignoring FAIL message from unknown node ${packet.sender.senderId} about ${packet.body.nodeId}`;
      turn.log('notice', words);
    }
  }

  private onMessage(packet: Packet, sender: Node, turn: Turn): void {
    const { state } = this;
    switch (packet.type) {
      case 'FAIL':
        return hearFail(state, packet.body.nodeId, sender, turn);
      case 'UPDATE':
        return hearUpdate(state, packet.body, turn);
      case 'FAILOVER_AUTH_REQUEST':
        return onVoteRequest(state, sender, packet, turn);
      case 'FAILOVER_AUTH_ACK':
        return onVote(state, sender, packet.sender.currentEpoch, turn);
      case 'MFSTART':
        return onManualFailoverStart(state, sender, turn);
      case 'PUBLISH':
      case 'PUBLISHSHARD': {
        const { channel, message } = packet.body;
        return turn.emit({ kind: 'Published', channel, message, sharded: packet.type === 'PUBLISHSHARD' });
      }
    }
  }
}

/** Whole milliseconds: the host's clock may have a fraction, log lines and packets have none. */
function turnAt({ nowMs, wallMs }: Clocks): Turn {
  return new Turn({ nowMs: Math.floor(nowMs), wallMs: Math.floor(wallMs) });
}
