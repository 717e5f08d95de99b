/**
 * Chance that repeats with its seed: the same numbers on every machine, in every run.
 *
 * sfc32 ("small fast counter"): 128 bits of state, of which 32 count, so that no seed leads into a short circle. Only
 * integer arithmetic and one division by a power of two: no machine rounds differently. Not for secrets.
 */

export class Random {
  private a: number;
  private b: number;
  private c = 0x9e3779b9;
  private counter = 1;

  /** Two seeds: a run, and which of its dice. Neighbouring ones start far apart. */
  constructor(seed: number, dice = 0) {
    this.a = seed | 0;
    this.b = Math.imul(dice + 1, 0x85ebca6b) | 0;
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 bits, as a signed number. */
  private bits(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }

  /** In [0, 1). A field, so that it can be handed over as a function. */
  readonly next = (): number => (this.bits() >>> 0) / 0x1_0000_0000;

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** In [from, to), with a fraction. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[this.below(items.length)] as T;
  }

  /** A new array of the same items in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    const mixed = [...items];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
    }
    return mixed;
  }
}
