/**
 * Sets of slots as bitmaps of 2,048 bytes, the form in which packets carry them.
 *
 *    slot   0 1 2 3 4 5 6 7 │ 8 9 …        slot s is bit s & 7 of byte s >> 3, the lowest bit first
 *    bit    0 1 2 3 4 5 6 7 │ 0 1 …
 *    byte          0        │    1
 *
 * A bitmap is a plain Uint8Array, so that it goes into a packet as it is. Who owns what is kept by slot-map.ts, the
 * only writer of the bitmaps that mean something.
 */

export const SLOT_COUNT = 16384;
const BITMAP_SIZE = SLOT_COUNT / 8;

/** Both ends belong to it. */
export interface SlotRange {
  from: number;
  to: number;
}

export function emptyBitmap(): Uint8Array {
  return new Uint8Array(BITMAP_SIZE);
}

export function bitmapOf(slots: Iterable<number>): Uint8Array {
  const bitmap = emptyBitmap();
  for (const slot of slots) setSlot(bitmap, slot);
  return bitmap;
}

export function hasSlot(bitmap: Uint8Array, slot: number): boolean {
  return (bitmap[slot >> 3]! & (1 << (slot & 7))) !== 0;
}

export function setSlot(bitmap: Uint8Array, slot: number): void {
  bitmap[slot >> 3]! |= 1 << (slot & 7);
}

export function clearSlot(bitmap: Uint8Array, slot: number): void {
  bitmap[slot >> 3]! &= ~(1 << (slot & 7));
}

/** The slots in a bitmap, ascending. Most nodes own a few long runs: empty bytes are skipped whole. */
export function* slotsIn(bitmap: Uint8Array): Generator<number> {
  for (let byte = 0; byte < BITMAP_SIZE; byte++) {
    const bits = bitmap[byte]!;
    for (let bit = 0; bits >> bit !== 0; bit++) if (bits & (1 << bit)) yield byte * 8 + bit;
  }
}

export function countSlots(bitmap: Uint8Array): number {
  let count = 0;
  for (const _ of slotsIn(bitmap)) count++;
  return count;
}

/** The runs of neighbouring slots, ascending. Bytes inside a run, or outside of all, are skipped whole. */
export function rangesIn(bitmap: Uint8Array): SlotRange[] {
  const ranges: SlotRange[] = [];
  let from = -1; // where the open run began
  for (let byte = 0; byte < BITMAP_SIZE; byte++) {
    const bits = bitmap[byte]!;
    if (bits === (from < 0 ? 0 : 255)) continue;
    for (let slot = byte * 8; slot < byte * 8 + 8; slot++) {
      const isIn = hasSlot(bitmap, slot);
      if (isIn && from < 0) from = slot;
      if (isIn || from < 0) continue;
      ranges.push({ from, to: slot - 1 });
      from = -1;
    }
  }
  if (from >= 0) ranges.push({ from, to: SLOT_COUNT - 1 });
  return ranges;
}

/** As CLUSTER NODES and nodes.conf write them: `0-5460 5462`. */
export function formatRanges(ranges: readonly SlotRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}

export function sameBitmap(a: Uint8Array, b: Uint8Array): boolean {
  for (let byte = 0; byte < BITMAP_SIZE; byte++) if (a[byte] !== b[byte]) return false;
  return true;
}
