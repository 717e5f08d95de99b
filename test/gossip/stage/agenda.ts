/** Time and chance of a simulated world: what is due when, and numbers that repeat with their seed. */

import type { Millis } from '../../../src/gossip/node-table.js';

interface Due {
  readonly at: Millis;
  readonly order: number;
  readonly run: () => void;
}

/** A heap, the earliest entry first; ties are broken by order of creation. */
export class Agenda {
  private readonly heap: Due[] = [];
  private created = 0;

  add(at: Millis, run: () => void): void {
    const { heap } = this;
    heap.push({ at, order: this.created++, run });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!isEarlier(heap[i]!, heap[parent]!)) return;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  /** The next entry that is due by then, or null. */
  takeUntil(end: Millis): Due | null {
    const first = this.heap[0];
    if (!first || first.at > end) return null;
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.sink(last);
    return first;
  }

  private sink(due: Due): void {
    const { heap } = this;
    heap[0] = due;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const right = left + 1;
      let first = i;
      if (left < heap.length && isEarlier(heap[left]!, heap[first]!)) first = left;
      if (right < heap.length && isEarlier(heap[right]!, heap[first]!)) first = right;
      if (first === i) return;
      [heap[i], heap[first]] = [heap[first]!, heap[i]!];
      i = first;
    }
  }
}

function isEarlier(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** xorshift32: small, fast, good enough for a network, and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1; // neighbouring seeds start far apart; never zero
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
