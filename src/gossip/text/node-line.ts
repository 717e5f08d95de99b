/**
 * A node as one line of text: in nodes.conf, and in CLUSTER NODES and REPLICAS.
 *
 *    07c3… 127.0.0.1:7000@17000,alpha myself,master - 0 1700000000000 3 connected 0-5460 5462 [5461->-e9d1…]
 *    │     │         │    │     │     │             │ │ │             │ │         │           └ on its way
 *    id    ip        port bus   name  flags   primary ping pong   epoch link      slots
 */

import type { NodeId, SavedNode } from '../node-table.js';
import { FLAG } from '../packet-layout.js';
import type { SlotMove } from '../../slots/slot-moves.js';
import type { SlotRange } from '../../slots/slot-set.js';
import { formatRanges } from '../../slots/slot-set.js';

export interface NodeLine {
  readonly id: NodeId;
  readonly ip: string;
  readonly port: number; // the one that fits the reader: with or without TLS
  readonly busPort: number;
  readonly hostname: string;
  /** Bits of FLAG. */
  readonly flags: number;
  readonly primaryId: NodeId | null;
  readonly pingSentMs: number; // wall time, 0 = none under way
  readonly pongReceivedMs: number;
  readonly configEpoch: number;
  readonly connected: boolean;
  readonly slots: readonly SlotRange[];
}

/** The words of Redis, in the order in which it writes them. */
// biome-ignore format: a table
export const FLAG_WORDS = [
  ['myself',     FLAG.myself],
  ['master',     FLAG.primary],
  ['slave',      FLAG.replica],
  ['fail?',      FLAG.suspected],
  ['fail',       FLAG.failed],
  ['handshake',  FLAG.handshake],
  ['noaddr',     FLAG.noAddress],
  ['nofailover', FLAG.noFailover],
] as const satisfies readonly (readonly [string, number])[];

export const NO_FLAGS = 'noflags';

function formatFlags(flags: number): string {
  const words = FLAG_WORDS.filter(([, bit]) => flags & bit).map(([word]) => word);
  return words.length === 0 ? NO_FLAGS : words.join(',');
}

/** Without its line end. Moves stand only in a node's line about itself: nobody else knows them. */
export function formatNodeLine(
  node: NodeLine,
  migrating: readonly SlotMove<NodeId>[],
  importing: readonly SlotMove<NodeId>[],
): string {
  const name = node.hostname === '' ? '' : `,${node.hostname}`;
  const words = [
    node.id,
    `${node.ip}:${node.port}@${node.busPort}${name}`,
    formatFlags(node.flags),
    node.primaryId ?? '-',
    node.pingSentMs,
    node.pongReceivedMs,
    node.configEpoch,
    node.connected ? 'connected' : 'disconnected',
  ];
  if (node.slots.length > 0) words.push(formatRanges(node.slots));
  return [...words, ...formatMoves(migrating, importing)].join(' ');
}

/** Ascending; where a slot is in both lists Redis names the migration alone. */
function formatMoves(migrating: readonly SlotMove<NodeId>[], importing: readonly SlotMove<NodeId>[]): string[] {
  const words = new Map(importing.map((move) => [move.slot, `[${move.slot}-<-${move.with}]`]));
  for (const move of migrating) words.set(move.slot, `[${move.slot}->-${move.with}]`);
  return [...words].sort(([a], [b]) => a - b).map(([, word]) => word);
}

/** The flags of a node as data, as far as they have words. */
export function flagsOfNode(node: SavedNode & { inHandshake?: boolean }): number {
  return (
    (node.myself ? FLAG.myself : 0) |
    (node.role === 'primary' ? FLAG.primary : 0) |
    (node.role === 'replica' ? FLAG.replica : 0) |
    (node.health === 'suspected' ? FLAG.suspected : 0) |
    (node.health === 'failed' ? FLAG.failed : 0) |
    (node.inHandshake ? FLAG.handshake : 0) |
    (node.noAddress ? FLAG.noAddress : 0) |
    (node.noFailover ? FLAG.noFailover : 0)
  );
}
