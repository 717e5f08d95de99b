/**
 * Who is to be what in a new cluster: the slots in equal parts to the first nodes, the rest replicas in turn.
 *
 *    six nodes, one replica each     node-1   0-5460       ◀── node-4
 *                                    node-2   5461-10922   ◀── node-5
 *                                    node-3   10923-16383  ◀── node-6
 */
import { SLOT_COUNT } from '../slots/slot-set.js';
import { Trouble } from './trouble.js';

export { SLOT_COUNT };

export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

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
  for (let i = 0, first = 0; i < primaries; i++) {
    const isLast = i === primaries - 1;
    const last = isLast ? SLOT_COUNT - 1 : Math.round(share * (i + 1) - 1);
    ranges.push({ first, last });
    first = last + 1;
  }
  return ranges;
}

/** The primary, as a place in the list, that the node at `place` is to follow; null for a primary. */
export function plannedPrimaryOf(place: number, primaries: number): number | null {
  return place < primaries ? null : (place - primaries) % primaries;
}

export function describeRanges(ranges: readonly SlotRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(' ');
}

export function slotsIn(ranges: readonly SlotRange[]): number[] {
  return ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** Of slots in any order. */
export function rangesOf(slots: Iterable<number>): SlotRange[] {
  const held = new Uint8Array(SLOT_COUNT + 1); // the last is never held, so that each range has an end
  for (const slot of slots) held[slot] = 1;
  const ranges: SlotRange[] = [];
  for (let first = held.indexOf(1); first !== -1; ) {
    const end = held.indexOf(0, first);
    ranges.push({ first, last: end - 1 });
    first = held.indexOf(1, end);
  }
  return ranges;
}

export function countSlots(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}
