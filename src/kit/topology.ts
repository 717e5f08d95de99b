/**
 * One view out of many nodes'. Each node tells what it believes (`CLUSTER NODES`); put side by side, the beliefs give
 * one cluster, and the places where they differ.
 *
 *    node-1's view ─┐                    ┌─ members: each as it sees itself
 *    node-2's view ─┼─▶ mergeViews() ────┤
 *    node-3's view ─┘                    └─ disputes: who sees whom otherwise
 *
 * A node is taken at its own word about its role and its slots; what the others believe of it is compared with that.
 */
import { countSlots, rangesOf, SLOT_COUNT, type SlotRange, slotsIn } from './plan.js';

/** One line of CLUSTER NODES. */
export interface NodeLine {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  readonly flags: readonly string[];
  readonly role: 'primary' | 'replica';
  /** Id of the primary that a replica follows. */
  readonly primaryId: string | null;
  readonly configEpoch: number;
  readonly linked: boolean;
  readonly slots: readonly SlotRange[];
  /** On their way; only the node itself tells. */
  readonly moves: readonly SlotMove[];
}

/** A slot that is open: `[93->-id]` goes to that node, `[93-<-id]` comes from it. */
export interface SlotMove {
  readonly slot: number;
  readonly way: 'to' | 'from';
  readonly peerId: string;
}

/** What one node believes of all. */
export interface View {
  readonly viewer: string;
  readonly lines: ReadonlyMap<string, NodeLine>;
}

/** One node that sees another one otherwise than that one sees itself. */
export interface Dispute {
  readonly viewer: NodeLine;
  readonly about: NodeLine;
  readonly what: Difference;
}

export type Difference = 'unknown' | 'handshake' | 'failed' | 'suspected' | 'unlinked' | 'role' | 'slots';

export interface Topology {
  /** By id, in the order in which their views were given. */
  readonly members: ReadonlyMap<string, NodeLine>;
  /** Empty when all see the same, healthy cluster. */
  readonly disputes: readonly Dispute[];
  /** Known to some member, but not one of those who were asked. */
  readonly strangers: readonly NodeLine[];
  readonly slotsCovered: number;
}

export function parseView(clusterNodes: string): View {
  const lines = clusterNodes.split('\n').filter((line) => line !== '');
  const nodes = lines.map(parseLine);
  const me = nodes.find((node) => node.flags.includes('myself'));
  if (!me) throw new Error('a node that is not in its own CLUSTER NODES');
  return { viewer: me.id, lines: new Map(nodes.map((node) => [node.id, node])) };
}

function parseLine(line: string): NodeLine {
  const [id = '', address = '', flagText = '', primary = '-', , , epoch = '0', link = '', ...slots] = line.split(' ');
  const [endpoint = ''] = address.split(','); // a host name may follow
  const at = endpoint.lastIndexOf('@');
  const colon = endpoint.lastIndexOf(':', at);
  const flags = flagText.split(',');
  return {
    id,
    host: endpoint.slice(0, colon),
    port: Number(endpoint.slice(colon + 1, at)),
    busPort: Number(endpoint.slice(at + 1)),
    flags,
    role: flags.includes('slave') ? 'replica' : 'primary',
    primaryId: primary === '-' ? null : primary,
    configEpoch: Number(epoch),
    linked: link === 'connected',
    slots: slots.filter((word) => !word.startsWith('[')).map(parseRange),
    moves: slots.filter((word) => word.startsWith('[')).map(parseMove),
  };
}

function parseMove(word: string): SlotMove {
  const [slot = '', arrow, peerId = ''] = word.slice(1, -1).split('-');
  return { slot: Number(slot), way: arrow === '>' ? 'to' : 'from', peerId };
}

function parseRange(word: string): SlotRange {
  const [from = '', to = from] = word.split('-');
  return { from: Number(from), to: Number(to) };
}

/** `views` are of different nodes. */
export function mergeViews(views: readonly View[]): Topology {
  const members = new Map<string, NodeLine>();
  for (const view of views) {
    const self = view.lines.get(view.viewer);
    if (self) members.set(self.id, self);
  }
  const owned = [...members.values()].filter((node) => node.role === 'primary').flatMap((node) => node.slots);
  const disputes = views.flatMap((view) => disputesOf(view, members));
  const strangers = new Map<string, NodeLine>();
  for (const line of views.flatMap((view) => [...view.lines.values()])) {
    if (!members.has(line.id) && !line.flags.includes('handshake')) strangers.set(line.id, line);
  }
  return { members, disputes, strangers: [...strangers.values()], slotsCovered: countSlots(owned) };
}

function disputesOf(view: View, members: ReadonlyMap<string, NodeLine>): Dispute[] {
  const viewer = members.get(view.viewer);
  const disputes: Dispute[] = [];
  for (const about of members.values()) {
    const what = differenceBetween(view.lines.get(about.id), about);
    if (viewer && what) disputes.push({ viewer, about, what });
  }
  return disputes;
}

function differenceBetween(seen: NodeLine | undefined, self: NodeLine): Difference | null {
  if (!seen) return 'unknown';
  if (seen.flags.includes('handshake')) return 'handshake';
  if (seen.flags.includes('fail')) return 'failed';
  if (seen.flags.includes('fail?')) return 'suspected';
  if (!seen.linked) return 'unlinked';
  if (seen.role !== self.role || seen.primaryId !== self.primaryId) return 'role';
  if (seen.role === 'primary' && !sameRanges(seen.slots, self.slots)) return 'slots';
  return null;
}

// biome-ignore format: a table
const WORDS: Record<Difference, string> = {
  unknown:   'does not know',
  handshake: 'is still shaking hands with',
  failed:    'holds for failed',
  suspected: 'suspects',
  unlinked:  'has no link to',
  role:      'has not heard of the role of',
  slots:     'has not heard of the slots of',
};

export function describeDispute({ viewer, about, what }: Dispute): string {
  return `${viewer.port} ${WORDS[what]} ${about.port}`;
}

function sameRanges(a: readonly SlotRange[], b: readonly SlotRange[]): boolean {
  return a.length === b.length && a.every(({ from, to }, i) => from === b[i]?.from && to === b[i]?.to);
}

/** Slots that nobody owns, as ranges. */
export function uncoveredSlots(topology: Topology): SlotRange[] {
  const free = new Set(slotsIn([{ from: 0, to: SLOT_COUNT - 1 }]));
  for (const node of topology.members.values()) {
    if (node.role === 'primary') for (const slot of slotsIn(node.slots)) free.delete(slot);
  }
  return rangesOf(free);
}
