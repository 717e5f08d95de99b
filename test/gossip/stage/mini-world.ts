/**
 * A world for the cluster core: virtual time, a seeded network, a story.
 *
 *   told events ─▶ ┌─────────┐  step   ┌─────────┐
 *   deliveries  ─▶ │ agenda  │ ──────▶ │ Cluster │ ──effects──▶ story, disk,
 *   ticks       ─▶ │ by time │         │  7001…  │              new deliveries
 *                  └─────────┘         └─────────┘
 *
 * Every packet travels as bytes through codec and splitter (network.ts): the wire is part of what is tried. Same seed,
 * same story, to the last letter: all chance comes from one generator, ties in time are broken by order of creation.
 */

import { Cluster } from '../../../src/gossip/cluster.js';
import type { ClusterOptions } from '../../../src/gossip/cluster-state.js';
import type { LinkId, Millis, SavedCluster } from '../../../src/gossip/node-table.js';
import type { Order, OrderAnswer } from '../../../src/gossip/operator/order.js';
import type { ClusterView } from '../../../src/gossip/operator/views.js';
import { encodePacket, type Packet } from '../../../src/gossip/packet-codec.js';
import type { Clocks, Effect, Event } from '../../../src/gossip/turn.js';
import { Agenda, seededRandom } from './agenda.js';
import { Copy } from './copy.js';
import { defaultOptions, loneNode } from './lone-node.js';
import { type Machine, readable } from './machine.js';
import { Network, type Stage } from './network.js';

const TICK_MS = 100;
const HEARTBEATS = new Set(['PING', 'PONG', 'MEET']); // they would drown the story
const WALL_AT_START = 1_700_000_000_000;

export interface WorldOptions {
  nodeTimeoutMs: Millis;
  /** Heartbeats on the wire may be lost with their link: the share of chunks that break it. */
  linkBreakRate?: number;
}

export class World implements Stage {
  readonly story: string[] = [];
  linkBreakRate: number;
  showHeartbeats = false;
  /** Sees every step of every machine. */
  onStep: (port: number, effects: Effect[]) => void = () => {};
  readonly machines = new Map<number, Machine>();
  private readonly agenda = new Agenda();
  private readonly network = new Network(this);
  readonly random: () => number;
  now: Millis = 0;
  private boots = 0;

  constructor(
    seed: number,
    private readonly options: WorldOptions,
  ) {
    this.random = seededRandom(seed);
    this.linkBreakRate = options.linkBreakRate ?? 0;
  }

  // ── machines ──────────────────────────────────────────────────────────────
  /** A node that has been there before, alone: its id shows its port. `changes` configure it differently. */
  addNode(port: number, changes: Partial<ClusterOptions> = {}): void {
    this.boot(port, { ...defaultOptions(port, this.options.nodeTimeoutMs), ...changes }, loneNode(port));
  }

  addNewNode(port: number): void {
    this.boot(port, defaultOptions(port, this.options.nodeTimeoutMs), null);
  }

  /** A node that remembers a whole cluster. */
  addSaved(port: number, disk: SavedCluster): void {
    this.boot(port, defaultOptions(port, this.options.nodeTimeoutMs), disk);
  }

  private boot(port: number, options: ClusterOptions, disk: SavedCluster | null): void {
    const cluster = new Cluster(options, disk, this.random, this.clocks());
    const copy = new Copy(port, ++this.boots);
    const state = {
      up: true,
      plugged: true,
      stopped: false,
      tickedAt: this.now,
      waiting: [],
      pipes: new Map(),
      accepted: 0,
    };
    const machine: Machine = { port, cluster, options, disk, copy, ...state };
    this.machines.set(port, machine);
    this.give(machine, { kind: 'Start' });
    const tick = (): void => {
      if (!machine.up) return;
      if (!machine.stopped) this.tick(machine);
      this.later(TICK_MS, tick);
    };
    this.later(this.random() * TICK_MS, tick);
  }

  private tick(machine: Machine): void {
    machine.tickedAt = this.now;
    this.feed(machine);
    this.give(machine, { kind: 'Tick' });
  }

  /** The process dies: its peers' kernels tell them. */
  kill(port: number): void {
    const machine = this.machine(port);
    this.write(port, 'is killed');
    machine.up = false;
    for (const pipe of [...machine.pipes.values()]) this.network.hangUp(pipe, 'connection closed');
  }

  /** It comes back with what it saved of the cluster, and no data; under another configuration if one is given. */
  restart(port: number, changes: Partial<ClusterOptions> = {}): void {
    const { disk, options } = this.machine(port);
    this.write(port, 'is started again');
    this.machines.delete(port);
    const changed = { ...options, ...changes };
    this.boot(changed.port, changed, disk);
  }

  /** SIGSTOP. */
  stop(port: number): void {
    this.machine(port).stopped = true;
    this.write(port, 'is stopped');
  }

  /** SIGCONT. Whatever comes first finds it: a tick, what came meanwhile, or a client. */
  goOn(port: number, client: () => void = () => {}): void {
    const machine = this.machine(port);
    this.write(port, 'goes on');
    machine.stopped = false;
    if (this.random() < 0.5) this.tick(machine);
    client();
    for (const run of machine.waiting.splice(0)) run();
  }

  /** A pulled cable: nothing arrives, nothing breaks. */
  plug(port: number, plugged: boolean): void {
    this.machine(port).plugged = plugged;
    this.write(port, plugged ? 'the cable is plugged in again' : 'the cable is pulled');
  }

  /** Cuts the network into two, or heals it. */
  divide(here: number[], there: number[]): void {
    for (const a of here) for (const b of there) this.network.cut.add(`${a}-${b}`).add(`${b}-${a}`);
    this.story.push(`${this.stamp()}        the network is cut: ${here.join(' ')} | ${there.join(' ')}`);
  }

  heal(): void {
    this.network.cut.clear();
    this.story.push(`${this.stamp()}        the network is whole again`);
  }

  // ── what a test does ──────────────────────────────────────────────────────
  order(port: number, order: Order): OrderAnswer {
    const effects = this.give(this.machine(port), { kind: 'Order', order });
    const answers = effects.filter((effect) => effect.kind === 'Answer');
    if (answers.length !== 1) throw new Error(`${order.name} was answered ${answers.length} times`);
    return answers[0]!.answer;
  }

  meet(port: number, other: number): void {
    const { busPort } = this.machine(other).options;
    const given = { ip: '127.0.0.1', port: String(other) };
    this.order(port, { name: 'MEET', ip: '127.0.0.1', port: other, busPort, given });
  }

  tell(port: number, event: Event): Effect[] {
    return this.give(this.machine(port), event);
  }

  /** A client writes; false where it is refused. */
  writeKey(port: number, key: string): boolean {
    const machine = this.machine(port);
    const { cluster, copy, up, stopped } = machine;
    if (up && !stopped && this.now - machine.tickedAt > machine.options.nodeTimeoutMs / 2) this.tick(machine);
    const mayWrite =
      up && !stopped && cluster.role === 'primary' && cluster.health.state === 'ok' && !copy.writesPaused;
    if (mayWrite) copy.writes.push(key);
    return mayWrite;
  }

  copy(port: number): Copy {
    return this.machine(port).copy;
  }

  /** CONFIG SET. */
  configure(port: number, changes: Partial<ClusterOptions>): void {
    const machine = this.machine(port);
    machine.options = { ...machine.options, ...changes };
    this.give(machine, { kind: 'Configured', options: machine.options });
  }

  view(port: number): ClusterView {
    return this.machine(port).cluster.describeCluster(this.clocks());
  }

  cluster(port: number): Cluster {
    return this.machine(port).cluster;
  }

  saved(port: number): SavedCluster | null {
    return this.machine(port).disk;
  }

  clocks(): Clocks {
    return { nowMs: this.now, wallMs: WALL_AT_START + this.now };
  }

  ask(question: string, ...ports: number[]): void {
    this.story.push('', `         ${question}`);
    for (const port of ports) {
      const lines = this.cluster(port).explain(this.clocks());
      this.story.push(...lines.map((line) => `         ${port}: ${readable(line)}`));
    }
    this.story.push('');
  }

  run(ms: Millis): void {
    this.runTo(this.now + ms);
  }

  /** True as soon as the condition holds, which is looked at ten times a second. */
  runUntil(condition: () => boolean, limitMs: Millis): boolean {
    const end = this.now + limitMs;
    for (let look = this.now; look < end; look += TICK_MS) {
      if (condition()) return true;
      this.runTo(Math.min(look + TICK_MS, end));
    }
    return condition();
  }

  private runTo(end: Millis): void {
    for (let due = this.agenda.takeUntil(end); due !== null; due = this.agenda.takeUntil(end)) {
      this.now = due.at;
      due.run();
    }
    this.now = end;
  }

  // ── data ──────────────────────────────────────────────────────────────────
  /** Replication does its work, and tells the core of it. */
  private feed(machine: Machine): void {
    const { copy, cluster } = machine;
    const isReplica = cluster.role === 'replica';
    const source = isReplica && copy.source !== null ? this.machines.get(copy.source) : undefined;
    if (source?.up && !source.stopped && !this.network.isCut(machine, source) && source.cluster.role === 'primary') {
      copy.pull(source.copy, this.now, (offer) => {
        const effects = this.give(machine, { kind: 'ResyncOffered', offer });
        return effects.some((effect) => effect.kind === 'Resync' && effect.verdict.may);
      });
    }
    const { offset } = copy;
    const facts = isReplica ? { ageMs: this.now - copy.heardAt, synced: copy.synced } : { ageMs: 0, synced: true };
    this.give(machine, { kind: 'Replicated', offset, ...facts });
  }

  // ── effects ───────────────────────────────────────────────────────────────
  give(machine: Machine, event: Event): Effect[] {
    const effects = machine.cluster.step(event, this.clocks());
    this.onStep(machine.port, effects);
    for (const effect of effects) this.perform(machine, effect);
    return effects;
  }

  private perform(machine: Machine, effect: Effect): void {
    const { port } = machine;
    switch (effect.kind) {
      case 'Log':
        if (effect.level === 'notice' || effect.level === 'warning') this.write(port, effect.text);
        return;
      case 'Save':
        machine.disk = effect.state;
        return this.write(port, `SAVE (${effect.reasons.join(', ')})`);
      case 'RoleChanged':
        if (effect.role === 'replica') machine.copy.follow(effect.primary.port);
        else machine.copy.lead();
        return this.write(port, effect.role === 'primary' ? 'ROLE primary' : `ROLE replica of ${effect.primary.port}`);
      case 'SlotsLost':
        return this.write(port, `DELETE the keys of ${effect.slots.length} slots`);
      case 'WritesPaused':
        machine.copy.writesPaused = true;
        this.write(port, 'PAUSE writes');
        return this.later(0, () => this.feed(machine));
      case 'OffsetWanted':
        return this.later(0, () => this.feed(machine));
      case 'WritesResumed':
        machine.copy.writesPaused = false;
        return this.write(port, 'RESUME writes');
      case 'Connect':
        return this.network.connect(machine, effect.link, effect.busPort);
      case 'CloseLink':
        return this.network.close(machine, effect.link);
      case 'Send':
        return this.send(machine, effect.links, effect.packet);
      case 'KeysOutdated':
        return machine.copy.clear();
      case 'Resync':
      case 'StateChanged':
      case 'Published':
      case 'Answer':
        return;
    }
  }

  private send(machine: Machine, links: readonly LinkId[], packet: Packet): void {
    const pipes = links.flatMap((link) => machine.pipes.get(link) ?? []);
    if (this.showHeartbeats || !HEARTBEATS.has(packet.type)) {
      this.write(machine.port, `${packet.type} → ${pipes.map((pipe) => pipe.to.port).join(' ')}`);
    }
    for (const pipe of pipes) this.network.transmit(machine, pipe, encodePacket(packet));
  }

  // ── time and words ────────────────────────────────────────────────────────
  later(ms: Millis, run: () => void): void {
    this.at(this.now + ms, run);
  }

  at(at: Millis, run: () => void): void {
    this.agenda.add(at, run);
  }

  private machine(port: number): Machine {
    const machine = this.machines.get(port);
    if (!machine) throw new Error(`there is no node ${port}`);
    return machine;
  }

  /** A line of the test's own, at the place where a node's would stand. */
  note(port: number, text: string): void {
    this.write(port, text);
  }

  private write(port: number, text: string): void {
    this.story.push(`${this.stamp()}  ${port}  ${readable(text)}`);
  }

  private stamp(): string {
    return (this.now / 1000).toFixed(3).padStart(7);
  }
}
