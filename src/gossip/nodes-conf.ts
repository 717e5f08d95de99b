/**
 * nodes.conf: what a node must find again after a restart, as text. Who reads and writes the file is not known here.
 *
 *    <a line for each node, see text/node-line.ts>
 *    <…>
 *    vars currentEpoch 6 lastVoteEpoch 5
 *
 * The file is the memory of our votes and slots: to read it wrong is worse than not to start. So the reader believes
 * nothing, and says which line is wrong and why. It is stricter than Redis, which lets a number be any text and a slot
 * have two owners; whatever Redis itself has written is read, and written back to the byte.
 */

import { splitArguments } from '../base/quoting.js';
import type { SlotRange } from '../slots/slot-set.js';
import { flagsOfNode, formatNodeLine } from './text/node-line.js';
import type { NodeId, SavedCluster, SavedNode } from './node-table.js';
import { type LineFault, NodeLineReader, readNumber } from './text/node-line-reader.js';

export type ConfFault =
  | LineFault
  | { why: 'bad-quotes' }
  | { why: 'cut-line' }
  | { why: 'bad-variable'; name: string }
  | { why: 'node-repeated'; id: NodeId }
  | { why: 'slot-repeated'; slot: number }
  | { why: 'move-repeated'; slot: number }
  | { why: 'two-myselves' }
  | { why: 'no-myself' };

export type ReadConf =
  | { ok: true; saved: SavedCluster; warnings: string[] }
  | { ok: false; line: number; fault: ConfFault };

const LINE_END = 0x0a;

/** An empty file is not read but made anew: Redis creates it before it writes it, to lock it. */
export function parseNodesConf(text: Uint8Array): ReadConf {
  const reader = new ConfReader();
  let line = 0;
  for (let at = 0; at < text.length; ) {
    line++;
    const end = text.indexOf(LINE_END, at);
    const fault = end < 0 ? ({ why: 'cut-line' } as const) : reader.readLine(text.subarray(at, end));
    if (fault) return { ok: false, line, fault };
    at = end + 1;
  }
  const saved = reader.finish();
  if (!saved) return { ok: false, line, fault: { why: 'no-myself' } };
  return { ok: true, saved, warnings: reader.warnings };
}

class ConfReader {
  readonly warnings: string[] = [];
  private readonly nodes = new Map<NodeId, SavedNode>();
  private readonly mentioned = new Set<NodeId>();
  private readonly slotsSeen = new Set<number>();
  private readonly saved: SavedCluster = { nodes: [], currentEpoch: 0, lastVoteEpoch: 0, migrating: [], importing: [] };

  /** Empty lines are what is left where a shorter text was written over a longer one. */
  readLine(line: Uint8Array): ConfFault | null {
    if (line.length === 0) return null;
    const bytes = splitArguments(line);
    if (!bytes) return { why: 'bad-quotes' };
    const words = bytes.map((word) => word.toString('latin1'));
    if (words.length === 0) return null;
    return words[0]!.toLowerCase() === 'vars' ? this.readVariables(words) : this.readNode(words);
  }

  /** null where no line was about this node itself. */
  finish(): SavedCluster | null {
    const { nodes, saved, mentioned } = this;
    if (![...nodes.values()].some((node) => node.myself)) return null;
    for (const id of mentioned) if (!nodes.has(id)) nodes.set(id, nodeWithoutLine(id));
    saved.nodes = [...nodes.values()];
    // Only a hand-made file has a current epoch that is lower than one of its nodes'.
    for (const node of saved.nodes) saved.currentEpoch = Math.max(saved.currentEpoch, node.configEpoch);
    return saved;
  }

  private readVariables(words: string[]): ConfFault | null {
    if (words.length % 2 === 0) return { why: 'bad-variable', name: words.at(-1)! };
    for (let i = 1; i < words.length; i += 2) {
      const name = words[i]!;
      const value = readNumber(words[i + 1]!);
      if (value === null) return { why: 'bad-variable', name };
      if (name.toLowerCase() === 'currentepoch') this.saved.currentEpoch = value;
      else if (name.toLowerCase() === 'lastvoteepoch') this.saved.lastVoteEpoch = value;
      else this.warnings.push(`Skipping unknown cluster config variable '${name}'`);
    }
    return null;
  }

  private readNode(words: string[]): ConfFault | null {
    const read = new NodeLineReader(words).read();
    if (!read.ok) return read.fault;
    const { node, inHandshake, migrating, importing } = read;
    if (inHandshake && !node.myself) return null; // its id is a made-up one: nobody will ever answer to it
    if (this.nodes.has(node.id)) return { why: 'node-repeated', id: node.id };
    if (node.myself && [...this.nodes.values()].some((other) => other.myself)) return { why: 'two-myselves' };
    const repeated = this.noteSlots(node.slots);
    if (repeated !== null) return { why: 'slot-repeated', slot: repeated };
    this.nodes.set(node.id, node);
    if (node.primaryId !== null) this.mentioned.add(node.primaryId);
    this.saved.migrating.push(...migrating);
    this.saved.importing.push(...importing);
    for (const move of [...migrating, ...importing]) this.mentioned.add(move.with);
    return repeatedMove(this.saved.migrating) ?? repeatedMove(this.saved.importing);
  }

  private noteSlots(ranges: readonly SlotRange[]): number | null {
    for (const { from, to } of ranges) {
      for (let slot = from; slot <= to; slot++) {
        if (this.slotsSeen.has(slot)) return slot;
        this.slotsSeen.add(slot);
      }
    }
    return null;
  }
}

function repeatedMove(moves: readonly { slot: number }[]): ConfFault | null {
  const seen = new Set<number>();
  for (const { slot } of moves) {
    if (seen.has(slot)) return { why: 'move-repeated', slot };
    seen.add(slot);
  }
  return null;
}

/** A primary or a partner of a move that has no line: gossip will tell its address. */
function nodeWithoutLine(id: NodeId): SavedNode {
  return {
    id,
    myself: false,
    address: { ip: '', port: 0, busPort: 0, plainPort: 0 },
    hostname: '',
    role: 'unknown',
    primaryId: null,
    health: 'ok',
    noAddress: false,
    noFailover: false,
    pingSentMs: 0,
    pongReceivedMs: 0,
    configEpoch: 0,
    connected: false,
    slots: [],
  };
}

export function formatNodesConf(saved: SavedCluster): string {
  const lines = saved.nodes.map((node) => {
    const { ip, port, busPort } = node.address;
    const [migrating, importing] = node.myself ? [saved.migrating, saved.importing] : [[], []];
    return formatNodeLine({ ...node, ip, port, busPort, flags: flagsOfNode(node) }, migrating, importing);
  });
  lines.push(`vars currentEpoch ${saved.currentEpoch} lastVoteEpoch ${saved.lastVoteEpoch}`);
  return `${lines.join('\n')}\n`;
}

/** Follows Redis' line "Unrecoverable error: corrupted cluster config file.", which does not say where. */
export function describeConfFault(fault: ConfFault): string {
  switch (fault.why) {
    case 'bad-quotes':
      return 'quotes are not balanced';
    case 'cut-line':
      return 'the line has no end: the file was cut off';
    case 'too-few-fields':
      return `${fault.count} fields, where a node has at least 8`;
    case 'bad-field':
      return `the ${fault.field} cannot be '${fault.text}'`;
    case 'unknown-flag':
      return `there is no flag '${fault.flag}'`;
    case 'two-roles':
      return 'a node cannot be master and slave';
    case 'primary-of-a-primary':
      return `a master cannot follow ${fault.primaryId}`;
    case 'bad-variable':
      return `the variable ${fault.name} has no number`;
    case 'node-repeated':
      return `node ${fault.id} has a line already`;
    case 'slot-repeated':
      return `slot ${fault.slot} has an owner already`;
    case 'move-repeated':
      return `slot ${fault.slot} is on its way already`;
    case 'two-myselves':
      return 'two nodes are marked as myself';
    case 'no-myself':
      return 'no node is marked as myself';
  }
}
