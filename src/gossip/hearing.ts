/**
 * What we learn from a heartbeat, in the order in which it is believed.
 *
 *   of the link     whose it is, and that the node behind it lives (a PONG on our own link)
 *   of the sender   address, host name, role, slots, epoch: all of it firsthand
 *   of third nodes  that they exist, that they look dead or alive, where they are: never their role, slots or epochs
 *
 * A packet that says it comes from ourselves teaches nothing but our own address. One that was overtaken by a later one
 * on the other link of the pair proves life, and nothing else.
 */

import { sameBitmap } from '../slots/slot-set.js';
import type { ClusterState, LinkRecord } from './cluster-state.js';
import { adoptEpochs, resolveCollision } from './epochs.js';
import { hearPause } from './failover/manual-failover.js';
import { answer } from './heartbeat.js';
import { hearAnswer, hearReport } from './members/failure.js';
import {
  completeHandshake,
  forgetNode,
  letIn,
  loseAddress,
  sameAddress,
  statedAddress,
  takeIn,
} from './members/handshake.js';
import { closeLink, recognise } from './members/links.js';
import { followPrimary, followRole } from './members/roles.js';
import type { BusAddress, Node } from './node-table.js';
import { NEVER } from './node-table.js';
import type { GossipEntry, Packet, PacketOf, Sender } from './packet-codec.js';
import { FLAG } from './packet-layout.js';
import { applyClaim, correctOldClaim } from './slot-claims.js';
import type { Turn } from './turn.js';

export type Heartbeat = PacketOf<'PING'> | PacketOf<'PONG'> | PacketOf<'MEET'>;

/** Gossip of pong times may be ahead of our clock by this much; more, and a wrong clock would hide a dead node. */
const CLOCK_TOLERANCE_MS = 500;

/** Any packet of a member: it lives, and its clock and offset are so far. */
export function hearSender(state: ClusterState, sender: Node, packet: Packet, link: LinkRecord, turn: Turn): void {
  recognise(state, link, sender, turn);
  sender.heardAt = turn.now;
  sender.heardEpoch = Math.max(sender.heardEpoch, packet.sender.currentEpoch);
  sender.replOffset = packet.sender.replOffset;
  adoptEpochs(state, sender, packet.sender, turn);
  hearPause(state, sender, packet.sender.messageFlags, turn);
}

/** `sender` is null for a stranger. */
export function hearHeartbeat(
  state: ClusterState,
  packet: Heartbeat,
  link: LinkRecord,
  sender: Node | null,
  turn: Turn,
): void {
  if (packet.type !== 'PONG') {
    learnMyAddress(state, packet, link, turn);
    if (packet.type === 'MEET' && !sender && packet.sender.senderId !== state.me.id) {
      letIn(state, packet, link, turn);
      for (const entry of packet.body.entries) hearOfUnknown(state, entry, turn);
    }
    answer(state, link, sender, turn);
  }
  if (!link.inbound && !hearOnOurLink(state, packet, link, sender, turn)) return;
  const isNew = sender === null && !link.inbound; // the handshake was completed by this very packet
  if (isNew) hearSender(state, link.node!, packet, link, turn);
  const member = isNew ? link.node : sender;
  if (member && !isOvertaken(state, member, packet.sender, turn)) hearMember(state, packet, link, member, turn);
}

/**
 * A later packet came first, on the other link. The sender's clock tells; but it stands still between the moment in
 * which a replica asks for votes and the one in which it wins. To believe that the winner still follows its old primary
 * would leave its slots without an owner. After a node timeout nothing of then can be on its way, and it means it.
 */
function isOvertaken(state: ClusterState, member: Node, said: Sender, turn: Turn): boolean {
  if (said.currentEpoch < member.heardEpoch) return true;
  const follows = member.role === 'primary' && said.primaryId !== '' && said.primaryId === member.formerPrimaryId;
  const isRecent = turn.now - member.primarySince <= state.options.nodeTimeoutMs;
  return follows && isRecent && said.configEpoch < member.configEpoch;
}

/**
 * Whoever met us used an address that works: it becomes ours, unless one is configured. A PING will do while we have
 * none at all.
 */
function learnMyAddress(state: ClusterState, packet: Heartbeat, link: LinkRecord, turn: Turn): void {
  const { me, options } = state;
  if (options.announceIp !== '' || link.localIp === '' || link.localIp === me.address.ip) return;
  if (packet.type !== 'MEET' && me.address.ip !== '') return;
  me.address = { ...me.address, ip: link.localIp };
  turn.log('warning', `IP address for this node updated to ${link.localIp}`);
  turn.save('my address was learnt');
}

/** On a link of ours we know who should be at the other end. False where there is nothing more to hear. */
function hearOnOurLink(
  state: ClusterState,
  packet: Heartbeat,
  link: LinkRecord,
  sender: Node | null,
  turn: Turn,
): boolean {
  const node = link.node!; // links of ours always have one
  if (node.inHandshake) {
    if (completeHandshake(state, node, packet, turn)) {
      if (packet.type === 'PONG') hearAnswer(state, node, turn);
      return true;
    }
    if (sender) updateAddress(state, sender, statedAddress(packet, link), turn);
    forgetNode(state, node, turn);
    return false;
  }
  if (node !== sender) {
    loseAddress(state, node, turn);
    return false;
  }
  if (packet.type === 'PONG') hearAnswer(state, node, turn);
  return true;
}

function hearMember(state: ClusterState, packet: Heartbeat, link: LinkRecord, sender: Node, turn: Turn): void {
  const { flags, primaryId, configEpoch, slots } = packet.sender;
  sender.noFailover = (flags & FLAG.noFailover) !== 0;
  if (packet.type === 'PING' && link.inbound) updateAddress(state, sender, statedAddress(packet, link), turn);
  followRole(state, sender, primaryId, turn);

  const speaksFor = sender.role === 'primary' ? sender : state.table.primaryOf(sender);
  if (speaksFor && !sameBitmap(slots, state.slots.bitmapOf(speaksFor.id))) {
    if (sender.role === 'primary') applyClaim(state, sender, configEpoch, slots, turn);
    correctOldClaim(state, sender, configEpoch, slots, turn);
  }
  if (configEpoch === state.me.configEpoch) resolveCollision(state, sender, turn);

  for (const entry of packet.body.entries) {
    const node = state.table.get(entry.nodeId);
    if (node) hearOfKnown(state, node, entry, sender, turn);
    else takeIn(state, entry, turn);
  }
  hearHostname(packet, sender, turn);
}

/** A node is where it says, or where it connects from. Our own link to it follows on the next tick. */
function updateAddress(state: ClusterState, node: Node, address: BusAddress, turn: Turn): void {
  const same = sameAddress(node.address, address) && node.address.plainPort === address.plainPort;
  if (same || address.ip === '' || node === state.me) return;
  moveTo(state, node, address, turn);
  turn.log('warning', `Address updated for node ${node.id}, now ${address.ip}:${address.port}`);
  turn.save('a node changed its address');
}

function moveTo(state: ClusterState, node: Node, address: BusAddress, turn: Turn): void {
  closeLink(state, node.link, turn);
  node.address = address;
  node.noAddress = false;
  state.healthIsStale = true;
  if (state.me.primaryId === node.id && state.me.role === 'replica') followPrimary(state, node, turn);
}

// ── gossip ──────────────────────────────────────────────────────────────────
function hearOfUnknown(state: ClusterState, entry: GossipEntry, turn: Turn): void {
  if (!state.table.get(entry.nodeId)) takeIn(state, entry, turn);
}

function hearOfKnown(state: ClusterState, node: Node, entry: GossipEntry, sender: Node, turn: Turn): void {
  if (node === state.me) return;
  const isDown = (entry.flags & (FLAG.suspected | FLAG.failed)) !== 0;
  if (sender.role === 'primary') hearReport(state, node, sender, isDown, turn);
  if (isDown) return;
  trustPongTime(state, node, entry, turn);

  const { ip, port, busPort, plainPort } = entry;
  const elsewhere = !sameAddress(node.address, { ip, port, busPort, plainPort });
  const reachableThere = (entry.flags & FLAG.noAddress) === 0 && ip !== '';
  if (node.health !== 'ok' && elsewhere && reachableThere) moveTo(state, node, { ip, port, busPort, plainPort }, turn);
}

/** A node that others hear of needs no ping of ours: in a big cluster this saves most of them. */
function trustPongTime(state: ClusterState, node: Node, entry: GossipEntry, turn: Turn): void {
  if (node.pingSentAt !== NEVER || state.failReportCount(node, turn.now) > 0) return;
  const pongAt = turn.momentOf(entry.pongReceivedSec * 1000);
  if (pongAt <= turn.now + CLOCK_TOLERANCE_MS && pongAt > node.pongReceivedAt) node.pongReceivedAt = pongAt;
}

/** A node that sends no host name has none. Later versions send extensions that we do not know: they are logged. */
function hearHostname(packet: Heartbeat, sender: Node, turn: Turn): void {
  let hostname = '';
  for (const extension of packet.body.extensions) {
    if (extension.kind === 'hostname') hostname = extension.hostname;
    else turn.log('warning', `Received unknown extension type ${extension.type}`);
  }
  if (sender.hostname === hostname) return;
  sender.hostname = hostname;
  turn.save('a node changed its host name');
}
