/**
 * Links to the other nodes: two for each pair, because each side opens one.
 *
 *      we ──PING──▶ it          `link`: ours, opened on every tick that finds none. Its PONG tells us that it lives.
 *      we ◀──PONG── it
 *      we ◀──PING── it          `inboundLink`: its own, known as soon as a member speaks on it.
 *      we ──PONG──▶ it
 *
 * A closed link is forgotten at once: what the host still delivers on it finds no record here.
 */

import type { ClusterState, LinkRecord } from '../cluster-state.js';
import type { LinkId, Node } from '../node-table.js';
import { NEVER } from '../node-table.js';
import type { Packet } from '../packet-codec.js';
import type { Turn } from '../turn.js';

/** Every node with an address has a link of ours, or is getting one. */
export function connect(state: ClusterState, node: Node, turn: Turn): void {
  const { ip, busPort } = node.address;
  if (node.link !== null || node.noAddress || ip === '' || busPort === 0) return;
  const id = ++state.linksOpened;
  state.links.set(id, { id, inbound: false, node, up: false, remoteIp: ip, localIp: '' });
  node.link = id;
  node.linkCreatedAt = turn.now;
  node.unanswered = 0;
  state.stall?.oldAnswers.delete(node.id); // a new link has none on their way
  turn.emit({ kind: 'Connect', link: id, nodeId: node.id, ip, busPort });
}

export function acceptLink(state: ClusterState, id: LinkId, remoteIp: string, localIp: string): void {
  state.links.set(id, { id, inbound: true, node: null, up: true, remoteIp, localIp });
}

/** A member spoke on a link it opened. A link it had before is an old one that we have not seen ending yet. */
export function recognise(state: ClusterState, link: LinkRecord, sender: Node, turn: Turn): void {
  if (!link.inbound || link.node === sender) return;
  if (link.node?.inboundLink === link.id) link.node.inboundLink = null;
  if (sender.inboundLink !== null) {
    turn.log('debug', `Replacing inbound link ${sender.inboundLink} from node ${sender.id} with ${link.id}`);
    closeLink(state, sender.inboundLink, turn);
  }
  link.node = sender;
  sender.inboundLink = link.id;
  sender.inboundCreatedAt = turn.now;
}

export function closeLink(state: ClusterState, id: LinkId | null, turn: Turn): void {
  if (id === null) return;
  dropLink(state, id);
  turn.emit({ kind: 'CloseLink', link: id });
}

export function closeLinksOf(state: ClusterState, node: Node, turn: Turn): void {
  closeLink(state, node.link, turn);
  closeLink(state, node.inboundLink, turn);
}

/**
 * A link ended by itself. Nothing may have been asked of the node, and silence would count for nothing: so the end, or
 * the refused connection, starts the clock that an unanswered ping would have started.
 */
export function onLinkDown(state: ClusterState, id: LinkId, reason: string, turn: Turn): void {
  const link = state.links.get(id);
  if (!link) return;
  const { node } = link;
  dropLink(state, id);
  if (link.inbound || node === null) return;
  if (node.pingSentAt === NEVER) node.pingSentAt = turn.now;
  if (link.up) return turn.log('debug', `I/O error reading from node link: ${reason}`);
  const { ip, busPort } = node.address;
  turn.log('verbose', `Connection with Node ${node.id} at ${ip}:${busPort} failed: ${reason}`);
}

/** The peer takes our packets too slowly; the link is reopened on the next tick. */
export function onLinkCongested(state: ClusterState, id: LinkId, queuedBytes: number, turn: Turn): void {
  const link = state.links.get(id);
  if (!link) return;
  const direction = link.inbound ? 'from' : 'to';
  const peer = `${direction} node ${link.node?.id ?? ''}, used memory: ${queuedBytes}`;
  turn.log('warning', `Freeing cluster link(${peer}) due to exceeding send buffer memory limit.`);
  state.linksOverLimit++;
  closeLink(state, id, turn);
}

function dropLink(state: ClusterState, id: LinkId): void {
  const link = state.links.get(id);
  if (!link) return;
  state.links.delete(id);
  if (link.node?.link === id) link.node.link = null;
  if (link.node?.inboundLink === id) link.node.inboundLink = null;
}

/** By our own links; a node without one is left out, its next heartbeat will bring it up to date. */
export function sendTo(state: ClusterState, nodes: readonly Node[], packet: Packet, turn: Turn): void {
  const links = nodes.flatMap((node) => (node.link === null ? [] : [node.link]));
  state.countSent(packet.type, links.length);
  turn.send(links, packet);
}

/** Back by the link a packet came by. */
export function sendBack(state: ClusterState, link: LinkRecord, packet: Packet, turn: Turn): void {
  state.countSent(packet.type, 1);
  turn.send([link.id], packet);
}
