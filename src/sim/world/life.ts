/**
 * One life of a node: the Host it runs on, from its start to its death.
 *
 * Whatever it asks for ends with it: timers, connections, callbacks. A process can die in the middle of an I/O step
 * (`Halt` unwinds it); what it has done until then is done, and nothing it does afterwards counts.
 */
import type { ByteLink, Files, Host, LinkEvents, LogLevel, LogSink, StreamAddress, Timer } from '../../base/host.js';
import { Random } from '../random.js';
import type { Node } from '../../node/node.js';
import { DiskFiles } from './disk.js';
import type { End } from './end.js';
import type { Machine } from './machine.js';
import type { Party } from './network.js';

/** Thrown through the node's code where its process ends. */
export class Halt extends Error {}

const DAY_ONE = 1_700_000_000_000;
const GIGABYTE = 1024 ** 3;

export class Life implements Host, Party {
  readonly name: string;
  readonly address: string;
  readonly ends = new Set<End>();
  readonly files: Files;
  readonly log: LogSink;
  readonly random: () => number;
  readonly startedAt: number;
  node: Node | null = null;
  /** How far the present event has taken this process: a slow disk stops it in the middle. */
  aheadMs = 0;
  /** Why it died, while its code still unwinds; null as long as it lives. */
  haltedBy: string | null = null;
  private turn: (() => void)[] = [];

  constructor(
    readonly machine: Machine,
    readonly number: number,
  ) {
    const { world } = machine;
    this.name = machine.name;
    this.address = machine.address;
    this.startedAt = world.clock.now;
    const dice = new Random(world.seed, 1000 * (machine.index + 1) + number);
    this.random = dice.next;
    this.files = new DiskFiles(
      machine.disk,
      (what, path) => this.ioStep(what, path),
      (ms) => void (this.aheadMs += ms),
      (ms, run) => void this.after(ms, run),
    );
    this.log = { log: (level: LogLevel, text: string) => world.story.log(machine, level, text) };
  }

  // ── Host ──────────────────────────────────────────────────────────────────

  /** As in a real process: since its start. */
  monotonicMs(): number {
    return this.machine.world.clock.now + this.aheadMs - this.startedAt;
  }

  wallMs(): number {
    return Math.floor(DAY_ONE + this.machine.world.clock.now + this.aheadMs + this.machine.wallErrorMs);
  }

  wallMicros(): number {
    return this.wallMs() * 1000;
  }

  endOfTurn(run: () => void): void {
    this.turn.push(run);
  }

  after(ms: number, run: () => void): Timer {
    return this.schedule(ms, run, false);
  }

  every(ms: number, run: () => void): Timer {
    return this.schedule(ms, run, true);
  }

  private schedule(ms: number, run: () => void, again: boolean): Timer {
    const { clock } = this.machine.world;
    let isCancelled = false;
    const fire = (): void => {
      if (isCancelled) return;
      run();
      if (again) clock.after(this.aheadMs + ms, ring);
    };
    const ring = (): void => this.deliver(fire);
    clock.after(this.aheadMs + Math.max(ms, 0.01), ring);
    return { cancel: () => void (isCancelled = true) };
  }

  connect(address: StreamAddress, events: LinkEvents): ByteLink {
    return this.machine.world.network.connect(this, address, events);
  }

  readonly process = {
    pid: 4711,
    executable: '/usr/bin/sextet-server',
    configFile: '',
    os: 'Linux 6.1 x86_64',
    archBits: 64,
    get runId(): string {
      return this.id();
    },
    id: (): string => this.runId(),
    rssBytes: () => GIGABYTE / 16,
    totalMemoryBytes: () => 8 * GIGABYTE,
    cpu: () => ({ user: 1, system: 1, childrenUser: 0, childrenSystem: 0 }),
  };

  private madeUpId = '';
  private runId(): string {
    while (this.madeUpId.length < 40) this.madeUpId += Math.floor(this.random() * 16).toString(16);
    return this.madeUpId;
  }

  // ── Party ─────────────────────────────────────────────────────────────────

  deliver(run: () => void): void {
    this.machine.give(this, run);
  }

  // ── its life ──────────────────────────────────────────────────────────────

  /** What the event loop runs behind each event. */
  finishTurn(): void {
    while (this.turn.length > 0) for (const run of this.turn.splice(0)) run();
  }

  private ioStep(what: string, path: string): void {
    const { disk } = this.machine;
    disk.steps++;
    if (this.haltedBy !== null) throw new Halt(this.haltedBy);
    if (disk.crashIn === null || --disk.crashIn > 0) return;
    disk.crashIn = null;
    this.halt(`crashed when about to ${what} ${path}`);
  }

  /** Ends the process here and now. */
  halt(reason: string): never {
    this.haltedBy ??= reason;
    throw new Halt(reason);
  }

  /** Its connections close, as the kernel does it for a process; a machine without power says nothing. */
  dropEnds(isAnnounced: boolean): void {
    for (const end of [...this.ends]) {
      if (isAnnounced) end.orphan();
      else end.vanish();
    }
  }
}
