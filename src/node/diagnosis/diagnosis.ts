/**
 * What a node tells those who look for slow commands: the slow log, the latency monitor, and MONITOR.
 *
 *   dispatcher ── took ──▶ slow log, latency monitor        settings: slowlog-*, latency-monitor-threshold
 *              └─ ran ───▶ monitors ──▶ outbox
 *
 * While one of them wants to know of short times, each command is timed by itself (`closely`); otherwise quick ones
 * share a look at the clock, and none of them takes as long as the slow log asks by default.
 */
import type { LatencyDoor, LatencyEvent } from '../../commands/server/latency.js';
import type { Stopwatch } from '../../keyspace/engine.js';
import type { Histogram } from '../../commands/histogram.js';
import type { Command } from '../../commands/table.js';
import type { Request } from '../../resp/request.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { diagnose } from './latency-doctor.js';
import { drawLatency } from './latency-graph.js';
import { LatencyMonitor } from './latency-monitor.js';
import { Monitors } from './monitors.js';
import { SlowLog } from './slowlog.js';

/** A slow log that asks for this or less, in µs, wants exact times of quick commands as well. */
const CLOSE_MICROS = 1000;

export class Diagnosis {
  readonly slowlog: SlowLog;
  readonly events: LatencyMonitor;
  readonly monitors: Monitors;
  readonly latency: LatencyDoor;
  private readonly stopwatch: Stopwatch;

  constructor(private readonly node: Node) {
    const { config, gate, host, out, outbox } = node;
    const isSecret = (directive: string): boolean => config.isSecret(directive);
    this.slowlog = new SlowLog(isSecret, () => host.wallMs());
    this.events = new LatencyMonitor(() => host.wallMs());
    this.stopwatch = this.events.stopwatch(() => host.monotonicMs());
    this.monitors = new Monitors(
      out,
      outbox,
      isSecret,
      () => host.wallMicros(),
      (some) => gate.set('monitored', some),
    );
    this.latency = this.latencyDoor();
    this.followConfig();
    config.onChange(() => this.followConfig());
  }

  private latencyDoor(): LatencyDoor {
    const { events, slowlog } = this;
    return {
      find: (name: string) => events.find(name),
      all: () => events.all(),
      forget: (name: string) => events.forget(name),
      graph: (event: LatencyEvent) => drawLatency(event, events.nowSeconds()),
      diagnosis: () =>
        diagnose(events.all(), {
          thresholdMs: events.thresholdMs,
          nowSeconds: events.nowSeconds(),
          slowerThan: slowlog.slowerThan,
        }),
      histogramOf: (command: Command): Histogram | null => this.node.dispatcher.stats.histogramOf(command.id),
    };
  }

  private followConfig(): void {
    const { config, engine, gate, memory } = this.node;
    const slowerThan = config.slowlogLogSlowerThan;
    this.slowlog.slowerThan = slowerThan;
    this.slowlog.limitTo(config.slowlogMaxLen);
    this.events.thresholdMs = config.latencyMonitorThreshold;
    memory.onSpent = this.events.isOn ? this.noteSpent : null;
    engine.stopwatch = this.events.isOn ? this.stopwatch : null;
    gate.set('closely', this.events.isOn || (slowerThan >= 0 && slowerThan <= CLOSE_MICROS));
  }

  private readonly noteSpent = (event: string, ms: number): void => this.events.note(event, ms);

  /** A command ran, timed by itself. One that waits is slow or not when it goes on. */
  took(request: Request, id: number, client: Client, micros: number): void {
    const command = this.node.table.commands[id];
    if (command === undefined) return;
    const wholeMicros = Math.round(micros);
    if (!client.waiting) this.slowlog.took(command, request, client, wholeMicros);
    this.events.took(command, wholeMicros);
  }

  /** A command that held up everybody is done: all of that was its own time. */
  tookLong(request: Request, client: Client, micros: number): void {
    const command = this.node.table.commands[request.command];
    if (command === undefined) return;
    this.slowlog.took(command, request, client, Math.round(micros));
    this.events.took(command, Math.round(micros));
  }

  /** A command that waited has been served, which took that long. */
  wentOn(request: Request, client: Client, micros: number): void {
    const command = this.node.table.commands[request.command];
    if (command !== undefined) this.slowlog.took(command, request, client, Math.round(micros));
    this.events.note('command-unblocking', micros / 1000);
  }

  /** A command ran, and somebody monitors. */
  ran(request: Request, client: Client): void {
    const command = this.node.table.commands[request.command];
    if (command !== undefined) this.monitors.tell(command, request, client);
  }
}
