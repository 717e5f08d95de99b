/**
 * Virtual time: what happens next, in an order that never depends on the machine.
 *
 *   at(12.5, a)  at(12.5, b)  at(3, c)      →      c, a, b
 *
 * Time does not pass, it jumps to the next entry. Entries of one moment run in the order in which they were made.
 */

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class Clock {
  /** Milliseconds since the beginning of this world; may have a fraction. */
  now = 0;
  private readonly heap: Due[] = [];
  private made = 0;

  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  at(moment: number, run: () => void): void {
    const { heap } = this;
    const due: Due = { at: Math.max(moment, this.now), order: this.made++, run };
    let i = heap.length;
    heap.push(due);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Due;
      if (!comesFirst(due, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = due;
  }

  /** Runs whatever is due by then; `stop` is asked before each entry. */
  runUntil(end: number, stop: () => boolean): void {
    for (;;) {
      const first = this.heap[0];
      if (first === undefined || first.at > end) break;
      if (stop()) return;
      this.takeFirst();
      this.now = first.at;
      first.run();
    }
    this.now = end;
  }

  private takeFirst(): void {
    const { heap } = this;
    const last = heap.pop() as Due;
    const count = heap.length;
    if (count === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= count) break;
      if (child + 1 < count && comesFirst(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!comesFirst(heap[child] as Due, last)) break;
      heap[i] = heap[child] as Due;
      i = child;
    }
    heap[i] = last;
  }
}

function comesFirst(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
