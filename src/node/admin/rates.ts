/**
 * How much happens per second just now: the mean of the last 16 samples, one each tenth of a second.
 *
 *   total ──▶ │ 812 │ 790 │ 805 │ … │      16 places, the oldest is overwritten
 *
 * INFO instantaneous_ops_per_sec and its kin.
 */

const SAMPLES = 16;

export class Rate {
  private readonly samples = new Float64Array(SAMPLES);
  private next = 0;
  private lastTotal = 0;
  private lastMs = 0;

  /** Takes note of a total that only grows, or was set back to zero. */
  sample(total: number, nowMs: number): void {
    const ms = nowMs - this.lastMs;
    const grown = Math.max(0, total - this.lastTotal);
    this.lastTotal = total;
    this.lastMs = nowMs;
    if (ms <= 0) return;
    this.samples[this.next] = (grown * 1000) / ms;
    this.next = (this.next + 1) % SAMPLES;
  }

  perSecond(): number {
    return this.samples.reduce((sum, each) => sum + each, 0) / SAMPLES;
  }

  reset(): void {
    this.samples.fill(0);
    this.lastTotal = 0;
  }
}
