/**
 * How often each command ran, and for how long: INFO commandstats, latencystats and errorstats, LATENCY HISTOGRAM.
 *
 * HOT: `ran`. All figures are kept by the dense id of the command.
 */

/** Bucket b of a histogram counts calls of up to 2^b microseconds. */
export const HISTOGRAM_BUCKETS = 31;

export class CommandStats {
  readonly calls: Float64Array;
  readonly micros: Float64Array;
  readonly rejected: Float64Array;
  readonly failed: Float64Array;
  /** Error code → replies: `ERR`, `WRONGTYPE`, … */
  readonly errors = new Map<string, number>();
  private readonly histograms: (Float64Array | null)[];

  constructor(private readonly commandCount: number) {
    this.calls = new Float64Array(commandCount);
    this.micros = new Float64Array(commandCount);
    this.rejected = new Float64Array(commandCount);
    this.failed = new Float64Array(commandCount);
    this.histograms = new Array<Float64Array | null>(commandCount).fill(null);
  }

  /** Command `id` ran once and took that long; `track` is latency-tracking. */
  ran(id: number, micros: number, track: boolean): void {
    this.calls[id]++;
    this.micros[id] += micros;
    if (!track) return;
    const histogram = (this.histograms[id] ??= new Float64Array(HISTOGRAM_BUCKETS));
    const whole = Math.ceil(micros);
    histogram[whole <= 1 ? 0 : Math.min(HISTOGRAM_BUCKETS - 1, 32 - Math.clz32(whole - 1))]++;
  }

  /** An error reply left: its code is the first word, as in INFO errorstats. */
  erred(text: string): void {
    const space = text.indexOf(' ');
    const code = space < 0 ? text : text.slice(0, space);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  histogramOf(id: number): Float64Array | null {
    return this.histograms[id];
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.calls.fill(0);
    this.micros.fill(0);
    this.rejected.fill(0);
    this.failed.fill(0);
    this.errors.clear();
    this.histograms.fill(null);
  }

  /** LATENCY RESET-like: forgets the histograms alone. */
  resetHistograms(): void {
    for (let id = 0; id < this.commandCount; id++) this.histograms[id] = null;
  }
}
