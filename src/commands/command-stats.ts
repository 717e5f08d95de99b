/**
 * How often each command ran, and for how long: INFO commandstats, latencystats and errorstats, LATENCY HISTOGRAM.
 *
 * HOT: `ran`. All figures are kept by the dense id of the command.
 */
import { Histogram } from './histogram.js';

export class CommandStats {
  readonly calls: Float64Array;
  readonly micros: Float64Array;
  readonly rejected: Float64Array;
  readonly failed: Float64Array;
  /** Error code → replies: `ERR`, `WRONGTYPE`, … */
  readonly errors = new Map<string, number>();
  private readonly histograms: (Histogram | null)[];

  constructor(commandCount: number) {
    this.calls = new Float64Array(commandCount);
    this.micros = new Float64Array(commandCount);
    this.rejected = new Float64Array(commandCount);
    this.failed = new Float64Array(commandCount);
    this.histograms = new Array<Histogram | null>(commandCount).fill(null);
  }

  /** Command `id` ran so many times and took that long each; `track` is latency-tracking. */
  ran(id: number, times: number, micros: number, track: boolean): void {
    this.calls[id] += times;
    this.micros[id] += micros * times;
    if (track) (this.histograms[id] ??= new Histogram()).record(micros, times);
  }

  /** A command that waited went on: it was counted when it began to wait. */
  wentOn(id: number, micros: number, hasFailed: boolean, track: boolean): void {
    this.micros[id] += micros;
    if (hasFailed) this.failed[id]++;
    if (track) (this.histograms[id] ??= new Histogram()).record(micros, 1);
  }

  /** An error reply left: its code is the first word, as in INFO errorstats. */
  erred(text: string): void {
    const space = text.indexOf(' ');
    const code = space < 0 ? text : text.slice(0, space);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  histogramOf(id: number): Histogram | null {
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
}
