/**
 * What is left to do until a handful of nodes is a cluster: a pure judgement over what the nodes say of themselves.
 *
 *    fresh nodes          all of it: epochs, slots, introductions, replicas
 *    whole cluster        nothing
 *    half-made cluster    the rest: free slots go where the plan wants them, empty primaries become replicas
 *    moved to new ports   introductions only: an old acquaintance is found again by its id
 *
 * Where the nodes say something, they are right and the plan is not: after a failover node-4 may own what node-1 was
 * made for. Nodes are named by their place in the list.
 */
import {
  countSlots,
  divideSlots,
  plannedPrimaryOf,
  primaryCountOf,
  type Shape,
  SLOT_COUNT,
  type SlotRange,
} from './plan.js';
import { mergeViews, type NodeLine, uncoveredSlots, type View } from './topology.js';
import { counted } from './trouble.js';

export interface Remaining {
  readonly epochs: readonly { readonly node: number; readonly epoch: number }[];
  readonly slots: readonly { readonly node: number; readonly ranges: readonly SlotRange[] }[];
  readonly meetings: readonly { readonly from: number; readonly to: number }[];
  readonly follows: readonly { readonly replica: number; readonly primary: number }[];
}

/** `ports[i]` is where the node of `views[i]` listens now. */
export function whatIsLeft(views: readonly View[], ports: readonly number[], shape: Shape): Remaining {
  const selves = views.map(selfOf);
  const free = uncoveredSlots(mergeViews(views));
  const primaries = placesOfPrimaries(selves, shape, free);
  return {
    epochs: views.flatMap((view, node) => (isFresh(view) ? [{ node, epoch: node + 1 }] : [])),
    slots: shareOut(free, primaries, primaryCountOf(shape)),
    meetings: missingIntroductions(views, ports),
    follows: missingReplicas(selves, primaries, primaryCountOf(shape)),
  };
}

export function isDone(remaining: Remaining): boolean {
  return remaining.epochs.length + remaining.slots.length + remaining.meetings.length + remaining.follows.length === 0;
}

/** Never been in any cluster: only then may a node be given an epoch. */
export function isFresh(view: View): boolean {
  const self = selfOf(view);
  return view.lines.size === 1 && self.slots.length === 0 && self.configEpoch === 0;
}

function selfOf(view: View): NodeLine {
  const self = view.lines.get(view.viewer);
  if (!self) throw new Error(`${view.viewer} is not in its own view`);
  return self;
}

/** Who owns slots; and as long as slots are free, those who were meant to and still can. */
function placesOfPrimaries(selves: readonly NodeLine[], shape: Shape, free: readonly SlotRange[]): number[] {
  const planned = primaryCountOf(shape);
  const places = selves.map((_, place) => place);
  const owners = places.filter((place) => ownsSlots(selves[place]));
  if (free.length === 0) return owners;
  const others = places.filter((place) => !owners.includes(place) && selves[place]?.role === 'primary');
  return [...owners, ...others.slice(0, Math.max(planned - owners.length, 0))].sort((a, b) => a - b);
}

function ownsSlots(node: NodeLine | undefined): boolean {
  return node?.role === 'primary' && node.slots.length > 0;
}

/** Free slots to the primary whose share they are by plan; what has no such primary any more goes to the first. */
function shareOut(free: readonly SlotRange[], primaries: readonly number[], planned: number): Remaining['slots'] {
  const shares = divideSlots(planned);
  const given = new Map<number, SlotRange[]>();
  shares.forEach((share, place) => {
    const node = primaries.includes(place) ? place : primaries[0];
    const mine = free.flatMap((range) => overlap(range, share));
    if (node === undefined || mine.length === 0) return;
    given.set(node, [...(given.get(node) ?? []), ...mine]);
  });
  return [...given].map(([node, ranges]) => ({ node, ranges }));
}

function overlap(a: SlotRange, b: SlotRange): SlotRange[] {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from <= to ? [{ from, to }] : [];
}

/**
 * One introduction a pair: the other side answers it with one of its own. The later node begins, because the later ones
 * are to be replicas, who must know their primaries before anything else can go on.
 */
function missingIntroductions(views: readonly View[], ports: readonly number[]): Remaining['meetings'] {
  const meetings: { from: number; to: number }[] = [];
  for (let from = 1; from < views.length; from++) {
    for (let to = 0; to < from; to++) {
      if (!knows(views[from], views[to], ports[to]) || !knows(views[to], views[from], ports[from])) {
        meetings.push({ from, to });
      }
    }
  }
  return meetings;
}

function knows(view: View | undefined, other: View | undefined, port: number | undefined): boolean {
  const line = view?.lines.get(other?.viewer ?? '');
  return line !== undefined && line.port === port && !line.flags.includes('handshake');
}

/** Who neither owns slots nor follows anyone follows the planned primary, or else the one with the fewest replicas. */
function missingReplicas(
  selves: readonly NodeLine[],
  primaries: readonly number[],
  planned: number,
): Remaining['follows'] {
  const replicaCount = new Map(primaries.map((place) => [place, 0]));
  const add = (place: number) => replicaCount.set(place, (replicaCount.get(place) ?? 0) + 1);
  for (const node of selves) {
    if (node.role === 'replica') add(selves.findIndex((one) => one.id === node.primaryId));
  }
  const follows: { replica: number; primary: number }[] = [];
  selves.forEach((node, replica) => {
    if (node.role === 'replica' || primaries.includes(replica)) return;
    const wanted = plannedPrimaryOf(replica, planned);
    const fewest = [...primaries].sort((a, b) => (replicaCount.get(a) ?? 0) - (replicaCount.get(b) ?? 0))[0];
    const primary = wanted !== null && primaries.includes(wanted) ? wanted : fewest;
    if (primary === undefined) return;
    add(primary);
    follows.push({ replica, primary });
  });
  return follows;
}

/** In words, for who waits in front of the screen. */
export function describeRemaining(remaining: Remaining): string {
  const parts: string[] = [];
  const slotCount = remaining.slots.reduce((sum, { ranges }) => sum + countSlots(ranges), 0);
  if (slotCount > 0) parts.push(slotCount === SLOT_COUNT ? 'all slots' : counted(slotCount, 'slot', 'slots'));
  if (remaining.meetings.length > 0) parts.push(counted(remaining.meetings.length, 'introduction', 'introductions'));
  if (remaining.follows.length > 0) parts.push(counted(remaining.follows.length, 'replica', 'replicas'));
  return parts.join(', ');
}
