/**
 * What we say: the header about ourselves, and gossip about a few others.
 *
 *   PING, PONG, MEET = header (my role, slots, epochs, offset) · entries about others · my host name
 *
 * How many entries: a tenth of the nodes, at least three, and all suspects besides. Why a tenth: within the two node
 * timeouts for which a report counts, two nodes exchange at least eight heartbeats; a tenth of the nodes in each makes
 * 0.8 reports a node and pair, so that a majority of primaries speaks in time even if many fail at once.
 */

import type { ClusterState, LinkRecord } from './cluster-state.js';
import { sendBack, sendTo } from './members/links.js';
import type { Node } from './node-table.js';
import { flagsOf, NEVER } from './node-table.js';
import type { BodyOf, GossipEntry, Packet, PacketOf, PingExtension, Sender } from './packet-codec.js';
import { MESSAGE_FLAG, type MessageName, STATE } from './packet-layout.js';
import type { Turn } from './turn.js';

const GOSSIP_SHARE = 1 / 10;
const GOSSIP_MINIMUM = 3;

export type HeartbeatName = 'PING' | 'PONG' | 'MEET';

export function packetFrom<T extends MessageName>(state: ClusterState, type: T, body: BodyOf<T>): PacketOf<T> {
  return { type, sender: introduceMyself(state), body };
}

/** A replica speaks for its primary's slots and epoch; its flags tell that it only repeats them. */
function introduceMyself(state: ClusterState): Sender {
  const { me, options, table } = state;
  const shardPrimary = table.shardPrimary();
  const paused = me.role === 'primary' && state.manualFailover?.paused === true;
  return {
    ip: options.announceIp, // '' = take it from the connection
    port: options.port,
    plainPort: options.plainPort,
    busPort: options.busPort,
    senderId: me.id,
    primaryId: me.primaryId ?? '',
    flags: flagsOf(me, me),
    currentEpoch: state.currentEpoch,
    configEpoch: shardPrimary.configEpoch,
    slots: state.slots.bitmapOf(shardPrimary.id).slice(),
    replOffset: state.announcedOffset(),
    clusterState: state.health.state === 'ok' ? STATE.ok : STATE.fail,
    messageFlags: paused ? MESSAGE_FLAG.paused : 0,
  };
}

function heartbeat(state: ClusterState, type: HeartbeatName, receiver: Node | null, turn: Turn): Packet {
  const entries = subjectsFor(state, receiver).map((node) => gossipAbout(node, state.me, turn));
  const extensions: PingExtension[] = state.me.hostname ? [{ kind: 'hostname', hostname: state.me.hostname }] : [];
  return packetFrom(state, type, { kind: 'gossip', entries, extensions });
}

/** Whom we gossip about: some at random, so that news travels; then all suspects, so that reports meet in time. */
function subjectsFor(state: ClusterState, receiver: Node | null): Node[] {
  const known = state.table.all().filter((node) => node !== state.me && node !== receiver);
  const nameable = known.filter((node) => !node.inHandshake && !node.noAddress);
  const rest = nameable.filter(
    (node) => node.health !== 'suspected' && (node.link !== null || state.slotCount(node) > 0),
  );
  const wanted = Math.max(GOSSIP_MINIMUM, Math.floor(state.table.size * GOSSIP_SHARE));
  return [...pickSome(rest, wanted, state.random), ...nameable.filter((node) => node.health === 'suspected')];
}

function pickSome(nodes: Node[], wanted: number, random: () => number): Node[] {
  const picked: Node[] = [];
  while (picked.length < wanted && nodes.length > 0) {
    const i = Math.floor(random() * nodes.length);
    picked.push(nodes[i]!);
    nodes[i] = nodes.at(-1)!;
    nodes.pop();
  }
  return picked;
}

/** Field by field, as it is made for a tenth of the nodes in each heartbeat: a spread takes several times as long. */
function gossipAbout(node: Node, me: Node, turn: Turn): GossipEntry {
  const { ip, port, busPort, plainPort } = node.address;
  return {
    ip,
    port,
    busPort,
    plainPort,
    nodeId: node.id,
    flags: flagsOf(node, me),
    pingSentSec: Math.floor(turn.wallOf(node.pingSentAt) / 1000),
    pongReceivedSec: Math.floor(turn.wallOf(node.pongReceivedAt) / 1000),
  };
}

/**
 * Asks for an answer. The clock of an unanswered ping goes on: repeating must not postpone suspicion. While the link is
 * still connecting only the clock starts; `greet` asks as soon as it is up.
 */
export function ping(state: ClusterState, node: Node, turn: Turn): void {
  if (node.link === null) return;
  if (node.pingSentAt === NEVER) node.pingSentAt = turn.now;
  if (!state.links.get(node.link)?.up) return;
  node.unanswered++;
  sendTo(state, [node], heartbeat(state, 'PING', node, turn), turn);
}

/** The first packet on a new link: at once, because a node that was just reconnected should not look silent. */
export function greet(state: ClusterState, node: Node, turn: Turn): void {
  const isStranger = node.inHandshake && node.metByOrder; // the one before may have been lost with its link
  if (node.meetPending || isStranger) meet(state, node, turn);
  else ping(state, node, turn);
}

export function meet(state: ClusterState, node: Node, turn: Turn): void {
  node.meetPending = false;
  node.unanswered++;
  sendTo(state, [node], heartbeat(state, 'MEET', node, turn), turn);
}

export function answer(state: ClusterState, link: LinkRecord, sender: Node | null, turn: Turn): void {
  sendBack(state, link, heartbeat(state, 'PONG', sender, turn), turn);
}

/** A PONG nobody asked for: the quickest way to tell that our configuration changed. */
export function tell(state: ClusterState, nodes: readonly Node[], turn: Turn): void {
  for (const node of nodes) sendTo(state, [node], heartbeat(state, 'PONG', node, turn), turn);
}

/** About a third node, without the slots it has given up: those we must not spread. */
export function updatePacket(state: ClusterState, about: Node): Packet {
  const { id: nodeId, configEpoch } = about;
  return packetFrom(state, 'UPDATE', { kind: 'update', nodeId, configEpoch, slots: state.claimsOf(about) });
}
