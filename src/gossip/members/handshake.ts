/**
 * How a stranger becomes a member.
 *
 *   operator: MEET b ──▶ a                                              b
 *                        │ knows b under a made-up name, connects ────▶ │ MEET from a stranger: it is let in, under
 *                        │                                              │ a made-up name too, and gets a PONG
 *                        │ ◀─────────────── PONG, with b's true name ── │
 *                        │ renames b: done       b connects to a, sends PING, takes a's true name from the PONG: done
 *
 * A true name is only ever taken from the answer to our own packet, not on trust. All others come to know the two by
 * gossip: a member's word is enough to take a node in under its true name.
 */

import { type ClusterState, type LinkRecord, randomId } from '../cluster-state.js';
import type { BusAddress, Node } from '../node-table.js';
import { newNode, roleOf } from '../node-table.js';
import type { GossipEntry, Packet } from '../packet-codec.js';
import { FLAG } from '../packet-layout.js';
import type { Turn } from '../turn.js';
import { closeLink, closeLinksOf } from './links.js';

/** A handshake that takes longer than the node timeout is given up, but not within a second. */
export const MIN_HANDSHAKE_MS = 1000;

/** By CLUSTER MEET. A second one for the same address changes nothing. */
export function startHandshake(state: ClusterState, address: BusAddress, turn: Turn): void {
  const known = state.table.all().some((node) => node.inHandshake && sameAddress(node.address, address));
  if (known) return;
  const node = newNode(randomId(state.random), address, turn.now);
  state.table.add({ ...node, inHandshake: true, meetPending: true, metByOrder: true });
}

/** By a MEET packet. Its gossip is believed, too: whoever sends a MEET was told to by an operator. */
export function letIn(state: ClusterState, packet: Packet, link: LinkRecord, turn: Turn): void {
  const address = statedAddress(packet, link);
  const known = state.table.all().some((node) => node.inHandshake && sameAddress(node.address, address));
  if (known || address.ip === '') return; // the MEET was repeated: one provisional entry is enough
  state.table.add({ ...newNode(randomId(state.random), address, turn.now), inHandshake: true });
  turn.save('a handshake began');
}

/** The first answer of a node in handshake tells its name; false where the name is known, and this entry goes. */
export function completeHandshake(state: ClusterState, node: Node, packet: Packet, turn: Turn): boolean {
  const { senderId, flags } = packet.sender;
  if (state.table.get(senderId)) {
    turn.log('verbose', `Handshake: we already know node ${senderId}, updating the address if needed.`);
    return false;
  }
  turn.log('debug', `Renaming node ${node.id} into ${senderId}`);
  state.table.rename(node, senderId);
  turn.log('debug', `Handshake with node ${node.id} completed.`);
  node.inHandshake = false;
  node.role = roleOf(flags);
  turn.save('a handshake completed');
  return true;
}

/** Somebody else answers at this node's address: the address is wrong until we hear from the node itself. */
export function loseAddress(state: ClusterState, node: Node, turn: Turn): void {
  const age = Math.floor(turn.now - node.createdAt);
  turn.log('debug', `PONG contains mismatching sender ID. About node ${node.id} added ${age} ms ago`);
  node.noAddress = true;
  node.address = { ip: '', port: 0, busPort: 0, plainPort: 0 };
  closeLink(state, node.link, turn);
  turn.save('a node lost its address');
}

/** Gossip of a member about a node we have not met: it is one of us, unless it was sent away a short while ago. */
export function takeIn(state: ClusterState, entry: GossipEntry, turn: Turn): void {
  if (entry.flags & (FLAG.noAddress | FLAG.handshake) || isForgotten(state, entry.nodeId, turn)) return;
  const { ip, port, busPort, plainPort } = entry;
  const node = state.table.add(newNode(entry.nodeId, { ip, port, busPort, plainPort }, turn.now));
  node.role = roleOf(entry.flags);
  node.noFailover = (entry.flags & FLAG.noFailover) !== 0;
  if (entry.flags & FLAG.suspected) node.health = 'suspected';
  if (entry.flags & FLAG.failed) {
    node.health = 'failed';
    node.failedAt = turn.now;
  }
  state.healthIsStale = true;
}

/** Whoever leaves takes everything along: slots, moves, links, reports. */
export function forgetNode(state: ClusterState, node: Node, turn: Turn): void {
  closeLinksOf(state, node, turn);
  state.takeSlots(node);
  state.moves.rename(node.id, null);
  state.table.remove(node);
  state.verdicts.delete(node.id);
  state.healthIsStale = true;
}

function isForgotten(state: ClusterState, id: string, turn: Turn): boolean {
  for (const [name, until] of state.forgotten) if (turn.now > until) state.forgotten.delete(name);
  return state.forgotten.has(id);
}

/** What a node says is its address; without an ip, the one it connects from. */
export function statedAddress({ sender }: Packet, link: LinkRecord): BusAddress {
  const { ip, port, busPort, plainPort } = sender;
  return { ip: ip || link.remoteIp, port, busPort, plainPort };
}

export function sameAddress(a: BusAddress, b: BusAddress): boolean {
  return a.ip.toLowerCase() === b.ip.toLowerCase() && a.port === b.port && a.busPort === b.busPort;
}
