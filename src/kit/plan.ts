/**
 * Who is to be what in a new cluster: the slots in equal parts to the first nodes, the rest replicas in turn.
 *
 *    six nodes, one replica each     node-1   0-5460       ◀── node-4
 *                                    node-2   5461-10922   ◀── node-5
 *                                    node-3   10923-16383  ◀── node-6
 */
import { bitmapOf, formatRanges, rangesIn, SLOT_COUNT, type SlotRange } from '../slots/slot-set.js';
import { Trouble } from './trouble.js';

export { formatRanges, SLOT_COUNT, type SlotRange };

export interface Shape {
  readonly nodes: number;
  /** Replicas of each primary. */
  readonly replicas: number;
}

/** With fewer than three, no majority is left when one fails, so nothing fails over by itself. */
export const PRIMARIES_FOR_FAILOVER = 3;

export function primaryCountOf(shape: Shape): number {
  const count = Math.floor(shape.nodes / (shape.replicas + 1));
  if (count >= 1) return count;
  throw new Trouble(
    `${shape.nodes} nodes are too few for ${shape.replicas} replicas of each primary: give --nodes ${shape.replicas + 1} or more`,
  );
}

/** The cut of redis-cli --cluster create, so that clusters of both look alike: fractions are carried, then rounded. */
export function divideSlots(primaries: number): SlotRange[] {
  const share = SLOT_COUNT / primaries;
  const ranges: SlotRange[] = [];
  for (let i = 0, from = 0; i < primaries; i++) {
    const isLast = i === primaries - 1;
    const to = isLast ? SLOT_COUNT - 1 : Math.round(share * (i + 1) - 1);
    ranges.push({ from, to });
    from = to + 1;
  }
  return ranges;
}

/** The primary, as a place in the list, that the node at `place` is to follow; null for a primary. */
export function plannedPrimaryOf(place: number, primaries: number): number | null {
  return place < primaries ? null : (place - primaries) % primaries;
}

export function slotsIn(ranges: readonly SlotRange[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
}

/** Of slots in any order. */
export function rangesOf(slots: Iterable<number>): SlotRange[] {
  return rangesIn(bitmapOf(slots));
}

export function countSlots(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}
