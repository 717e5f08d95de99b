/**
 * What the CLUSTER commands show, as data: their texts are made in `commands/cluster/`.
 *
 * A view is a copy: whoever holds one sees the cluster as it was. Times are wall time, 0 = never.
 */

import type { SlotMove } from '../../slots/slot-moves.js';
import type { ClusterState } from '../cluster-state.js';
import type { ClusterHealth } from '../members/coverage.js';
import type { LinkId, Millis, Node, NodeId, SavedCluster, SavedNode } from '../node-table.js';
import { MESSAGES } from '../packet-layout.js';
import type { Turn } from '../turn.js';

export interface NodeView extends SavedNode {
  inHandshake: boolean;
  replOffset: number;
}

export interface ClusterView {
  myId: NodeId;
  nodes: NodeView[]; // in the order in which they were met
  health: ClusterHealth;
  slots: { assigned: number; ok: number; suspected: number; failed: number }; // by the health of their owners
  size: number; // primaries with slots
  currentEpoch: number;
  myEpoch: number; // of a replica: that of its primary
  lastVoteEpoch: number;
  migrating: SlotMove<NodeId>[];
  importing: SlotMove<NodeId>[];
  sent: MessageCount[];
  received: MessageCount[];
  linksOverLimit: number;
}

/** `name` as CLUSTER INFO has it: `auth-req`. In the order of type numbers, without those that never came. */
export interface MessageCount {
  name: string;
  count: number;
}

export interface LinkView {
  link: LinkId;
  direction: 'to' | 'from';
  nodeId: NodeId;
  createdMs: Millis; // wall time
}

export function viewCluster(state: ClusterState, turn: Turn): ClusterView {
  const { me, table } = state;
  const { lastVoteEpoch, currentEpoch, migrating, importing } = movesAndEpochs(state);
  return {
    myId: me.id,
    nodes: table.all().map((node) => viewNode(state, node, turn)),
    health: state.health,
    slots: countByHealth(state),
    size: state.voters().length,
    currentEpoch,
    myEpoch: table.shardPrimary().configEpoch,
    lastVoteEpoch,
    migrating,
    importing,
    sent: namedCounts(state.sentCounts),
    received: namedCounts(state.receivedCounts),
    linksOverLimit: state.linksOverLimit,
  };
}

export function viewNode(state: ClusterState, node: Node, turn: Turn): NodeView {
  const { inHandshake, replOffset } = node;
  return { ...savedNode(state, node, turn), inHandshake, replOffset };
}

export function viewLinks(state: ClusterState, turn: Turn): LinkView[] {
  return state.table.all().flatMap((node): LinkView[] => {
    const { id: nodeId, link, linkCreatedAt, inboundLink, inboundCreatedAt } = node;
    const to = { direction: 'to', nodeId, createdMs: turn.wallOf(linkCreatedAt) } as const;
    const from = { direction: 'from', nodeId, createdMs: turn.wallOf(inboundCreatedAt) } as const;
    return [
      ...(link === null ? [] : [{ ...to, link }]),
      ...(inboundLink === null ? [] : [{ ...from, link: inboundLink }]),
    ];
  });
}

/** What nodes.conf keeps. Nodes in handshake have no true name yet: a restart would not know them again. */
export function snapshot(state: ClusterState, turn: Turn): SavedCluster {
  const known = state.table.all().filter((node) => !node.inHandshake);
  return { nodes: known.map((node) => savedNode(state, node, turn)), ...movesAndEpochs(state) };
}

function savedNode(state: ClusterState, node: Node, turn: Turn): SavedNode {
  const { id, hostname, role, primaryId, health, noAddress, noFailover } = node;
  return {
    id,
    myself: node === state.me,
    address: { ...node.address },
    hostname,
    role,
    primaryId,
    health,
    noAddress,
    noFailover,
    pingSentMs: turn.wallOf(node.pingSentAt),
    pongReceivedMs: turn.wallOf(node.pongReceivedAt),
    configEpoch: (state.table.primaryOf(node) ?? node).configEpoch,
    connected: node === state.me || node.link !== null,
    slots: state.slots.rangesOf(id),
  };
}

function movesAndEpochs({ currentEpoch, lastVoteEpoch, moves }: ClusterState): Omit<SavedCluster, 'nodes'> {
  return { currentEpoch, lastVoteEpoch, migrating: moves.migrations(), importing: moves.imports() };
}

function countByHealth(state: ClusterState): ClusterView['slots'] {
  const counts = { ok: 0, suspected: 0, failed: 0 };
  for (const id of state.slots.holders) counts[state.table.get(id)?.health ?? 'ok'] += state.slots.countOf(id);
  return { assigned: state.slots.assignedCount, ...counts };
}

function namedCounts(counts: readonly number[]): MessageCount[] {
  return MESSAGES.map(([, , name], type) => ({ name, count: counts[type]! })).filter(({ count }) => count > 0);
}
