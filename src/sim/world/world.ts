/**
 * A world of machines: one clock, one network, one seed. Whoever wants to know what happens watches.
 *
 *   seed ──▶ dice for everything ──▶ World ──▶ the same run, to the last byte, on every machine
 *
 * Nothing in here decides what goes wrong; `faults/` does. Nothing in here says what is right; `rules/` does.
 */
import { Random } from '../random.js';
import type { Effect, Event } from '../../gossip/turn.js';
import type { Node } from '../../node/node.js';
import { Clock } from './clock.js';
import type { End } from './end.js';
import type { Life } from './life.js';
import { Machine } from './machine.js';
import { Network } from './network.js';
import { Story } from './story.js';

/** Who looks on. Nobody of them may change anything in the world. */
export interface Watcher {
  booted?(machine: Machine, node: Node): void;
  died?(machine: Machine, life: Life, reason: string): void;
  /** The cluster core of a node took a step; its effects are not done yet. */
  stepped?(machine: Machine, event: Event, effects: readonly Effect[]): void;
  /** Bytes leave a machine by this end. */
  sent?(machine: Machine, to: string, bytes: Uint8Array, end: End): void;
  /** Requests were served that made so many changes. */
  served?(machine: Machine, node: Node, end: End, changes: number): void;
  /** An event of a machine is over. */
  ran?(machine: Machine, life: Life): void;
}

/** A rule of promises.md that was broken. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
  readonly atMs: number;
}

export class World {
  readonly clock = new Clock();
  readonly network: Network;
  readonly story: Story;
  readonly machines: Machine[] = [];
  readonly watchers: Watcher[] = [];
  /** The first thing that went wrong ends the run. */
  violation: Violation | null = null;
  events = 0;

  constructor(readonly seed: number) {
    this.network = new Network(this.clock, new Random(seed, 1));
    this.story = new Story(() => this.clock.now);
    this.network.onArrival = (length, bytes) => {
      this.story.mix(length);
      if (bytes !== null) this.story.mixBytes(bytes);
    };
    this.network.onWrite = (end, bytes) => this.onWrite(end, bytes);
  }

  addMachine(port: number, conf: readonly string[], address = addressOf(this.machines.length)): Machine {
    const machine = new Machine(this, this.machines.length, port, conf, address);
    this.machines.push(machine);
    this.network.addSite(machine.address, machine);
    return machine;
  }

  machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`there is no machine ${name}`);
    return found;
  }

  get running(): Machine[] {
    return this.machines.filter((machine) => machine.isRunning);
  }

  /** Of a node's id, as its machine is called. */
  machineOf(id: string): Machine | null {
    return this.machines.find((machine) => machine.node?.membership?.cluster.myId === id) ?? null;
  }

  // ── time ──────────────────────────────────────────────────────────────────

  pass(ms: number): void {
    this.clock.runUntil(this.clock.now + ms, () => this.violation !== null);
  }

  /** True as soon as the condition holds, which is looked at ten times a second. */
  passUntil(condition: () => boolean, limitMs: number): boolean {
    const end = this.clock.now + limitMs;
    while (this.clock.now < end && this.violation === null) {
      if (condition()) return true;
      this.pass(Math.min(100, end - this.clock.now));
    }
    return condition();
  }

  violate(rule: string, what: string): void {
    if (this.violation !== null) return;
    this.violation = { rule, what: this.story.readable(what), atMs: this.clock.now };
    this.story.note(`VIOLATION of ${rule}: ${what}`);
  }

  // ── what machines report ──────────────────────────────────────────────────

  onBoot(machine: Machine, node: Node): void {
    const { membership } = node;
    if (membership !== null) {
      this.story.call(membership.cluster.myId, `‹${machine.name}›`);
      membership.witness = (event, effects) => {
        for (const watcher of this.watchers) watcher.stepped?.(machine, event, effects);
      };
    }
    for (const watcher of this.watchers) watcher.booted?.(machine, node);
  }

  onDeath(machine: Machine, life: Life, reason: string): void {
    this.story.note(`${machine.name} is gone: ${reason}`);
    for (const watcher of this.watchers) watcher.died?.(machine, life, reason);
  }

  onException(machine: Machine, error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violate('0: no node throws', `${machine.name}: ${stack}`);
  }

  onRequest(machine: Machine, node: Node, end: End, run: () => void): void {
    const before = node.engine.dirty;
    run();
    const changes = node.engine.dirty - before;
    for (const watcher of this.watchers) watcher.served?.(machine, node, end, changes);
  }

  onEvent(machine: Machine, life: Life): void {
    this.events++;
    for (const watcher of this.watchers) watcher.ran?.(machine, life);
  }

  private onWrite(end: End, bytes: Uint8Array): void {
    const machine = this.machines.find(({ life }) => life === end.party);
    if (machine === undefined) return;
    const to = this.network.nameAt(end.remoteHost);
    this.story.sent(machine.name, to, bytes);
    for (const watcher of this.watchers) watcher.sent?.(machine, to, bytes, end);
  }
}

/** As many in a network as its last byte has room for. */
const IN_A_NETWORK = 254;

function addressOf(index: number): string {
  return `10.${Math.floor(index / IN_A_NETWORK)}.0.${(index % IN_A_NETWORK) + 1}`;
}
