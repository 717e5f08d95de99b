/**
 * The latency monitor: what took longer than `latency-monitor-threshold`, as a few numbers per kind of event.
 *
 *   samples of an event   [ 12:00:01 120 ms │ 12:00:07 300 ms │ … ]   one a second, the worst; the last 160 of them
 *
 * Here happen: `command` and `fast-command`, the running of a command; `expire-cycle`, a round of active expiry;
 * `eviction-cycle`, making room; `expire-del` and `eviction-del`, the freeing of one key; `aof-…`, the append-only
 * file. Redis has more kinds, of things that do not keep our clients waiting (forks).
 */
import { FLAG } from '../../commands/row.js';
import type { LatencyEvent, LatencySample } from '../../commands/server/latency.js';
import type { Command } from '../../commands/table.js';
import type { Stopwatch } from '../../keyspace/engine.js';

/** Per event. */
const SAMPLES = 160;

class Series implements LatencyEvent {
  worstMs = 0;
  /** The oldest first. */
  readonly samples: LatencySample[] = [];

  constructor(readonly name: string) {}

  add(at: number, ms: number): void {
    this.worstMs = Math.max(this.worstMs, ms);
    const last = this.samples.at(-1);
    if (last?.at === at) {
      if (ms > last.ms) this.samples[this.samples.length - 1] = { at, ms };
      return;
    }
    this.samples.push({ at, ms });
    if (this.samples.length > SAMPLES) this.samples.shift();
  }
}

export class LatencyMonitor {
  /** latency-monitor-threshold in ms; 0 is off. */
  thresholdMs = 0;
  private readonly series = new Map<string, Series>();

  constructor(private readonly wallMs: () => number) {}

  /** A command ran and took that long. */
  took(command: Command, micros: number): void {
    if (this.thresholdMs > 0) this.note((command.flags & FLAG.FAST) !== 0 ? 'fast-command' : 'command', micros / 1000);
  }

  /** Something took so many ms, whole or not. */
  note(name: string, ms: number): void {
    const wholeMs = Math.floor(ms);
    if (this.thresholdMs === 0 || wholeMs < this.thresholdMs) return;
    let series = this.series.get(name);
    if (series === undefined) this.series.set(name, (series = new Series(name)));
    series.add(this.nowSeconds(), wholeMs);
  }

  /** Times what is started and stopped by the clock of timeouts. */
  stopwatch(monotonicMs: () => number): Stopwatch {
    let startedAt = 0;
    return {
      start: () => void (startedAt = monotonicMs()),
      stop: (event) => this.note(event, monotonicMs() - startedAt),
    };
  }

  get isOn(): boolean {
    return this.thresholdMs > 0;
  }

  nowSeconds(): number {
    return Math.floor(this.wallMs() / 1000);
  }

  /** Names are looked up as they are. */
  find(name: string): LatencyEvent | null {
    return this.series.get(name) ?? null;
  }

  all(): readonly LatencyEvent[] {
    return [...this.series.values()];
  }

  /** Forgets an event, its name in any case. How many that were: 0 or 1. */
  forget(name: string): number {
    return this.series.delete(name.toLowerCase()) ? 1 : 0;
  }
}
