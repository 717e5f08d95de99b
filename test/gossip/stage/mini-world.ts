/**
 * A world for the cluster core: virtual time, a seeded network, a story.
 *
 *   told events ─▶ ┌─────────┐  step   ┌─────────┐
 *   deliveries  ─▶ │ agenda  │ ──────▶ │ Cluster │ ──effects──▶ story, disk,
 *   ticks       ─▶ │ by time │         │  7001…  │              new deliveries
 *                  └─────────┘         └─────────┘
 *
 * Every packet travels as bytes, cut into chunks of any size, through codec and splitter: the wire is part of what is
 * tried. A link keeps its order, two links of one pair do not keep theirs. Same seed, same story, to the last letter:
 * all chance comes from one generator, and ties in time are broken by order of creation.
 */

import { Cluster } from '../../../src/gossip/cluster.js';
import type { ClusterOptions } from '../../../src/gossip/cluster-state.js';
import type { LinkId, Millis, SavedCluster } from '../../../src/gossip/node-table.js';
import type { Order, OrderAnswer } from '../../../src/gossip/operator/order.js';
import type { ClusterView } from '../../../src/gossip/operator/views.js';
import { decodePacket, encodePacket, type Packet } from '../../../src/gossip/packet-codec.js';
import { PacketSplitter } from '../../../src/gossip/packet-splitter.js';
import type { Clocks, Effect, Event } from '../../../src/gossip/turn.js';
import { Agenda, seededRandom } from './agenda.js';
import { defaultOptions, loneNode } from './lone-node.js';

const TICK_MS = 100;
const RETRANSMIT_MS = 200;
const HEARTBEATS = new Set(['PING', 'PONG', 'MEET']); // they would drown the story
const WALL_AT_START = 1_700_000_000_000;

/** One direction of a TCP connection. */
interface Pipe {
  to: Machine;
  link: LinkId; // as the receiver names it
  splitter: PacketSplitter;
  freeAt: Millis; // nothing overtakes on one link
  open: boolean;
  other: Pipe;
}

interface Machine {
  port: number;
  cluster: Cluster;
  options: ClusterOptions;
  disk: SavedCluster | null;
  up: boolean;
  plugged: boolean;
  pipes: Map<LinkId, Pipe>; // where a link of this machine leads to
  accepted: number;
}

export interface WorldOptions {
  nodeTimeoutMs: Millis;
  /** Heartbeats on the wire may be lost with their link: the share of chunks that break it. */
  linkBreakRate?: number;
}

export class World {
  readonly story: string[] = [];
  linkBreakRate: number;
  showHeartbeats = false;
  /** Sees every step of every machine. */
  onStep: (port: number, effects: Effect[]) => void = () => {};
  private readonly machines = new Map<number, Machine>();
  private readonly agenda = new Agenda();
  private readonly cut = new Set<string>();
  private readonly random: () => number;
  private now: Millis = 0;

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
    const disk = loneNode(port);
    const options = { ...defaultOptions(port, this.options.nodeTimeoutMs), ...changes };
    this.boot({ port, options, disk, up: true, plugged: true, pipes: new Map(), accepted: 0 });
  }

  addNewNode(port: number): void {
    const options = defaultOptions(port, this.options.nodeTimeoutMs);
    this.boot({ port, options, disk: null, up: true, plugged: true, pipes: new Map(), accepted: 0 });
  }

  private boot(machine: Omit<Machine, 'cluster'>): void {
    const cluster = new Cluster(machine.options, machine.disk, this.random, this.clocks());
    const booted: Machine = { ...machine, cluster };
    this.machines.set(machine.port, booted);
    this.give(booted, { kind: 'Start' });
    const tick = (): void => {
      if (!booted.up) return;
      this.give(booted, { kind: 'Tick' });
      this.later(TICK_MS, tick);
    };
    this.later(this.random() * TICK_MS, tick);
  }

  /** The process dies: its peers' kernels tell them. */
  kill(port: number): void {
    const machine = this.machine(port);
    this.write(port, 'is killed');
    machine.up = false;
    for (const pipe of [...machine.pipes.values()]) this.hangUp(pipe, 'connection closed');
  }

  /** It comes back with what it saved, under another configuration if one is given. */
  restart(port: number, changes: Partial<ClusterOptions> = {}): void {
    const { disk, options } = this.machine(port);
    this.write(port, 'is started again');
    this.machines.delete(port);
    const { port: clientPort } = { ...options, ...changes };
    this.boot({
      port: clientPort,
      options: { ...options, ...changes },
      disk,
      up: true,
      plugged: true,
      pipes: new Map(),
      accepted: 0,
    });
  }

  /** A pulled cable: nothing arrives, nothing breaks. */
  plug(port: number, plugged: boolean): void {
    this.machine(port).plugged = plugged;
    this.write(port, plugged ? 'the cable is plugged in again' : 'the cable is pulled');
  }

  /** Cuts the network into two, or heals it. */
  divide(here: number[], there: number[]): void {
    for (const a of here) for (const b of there) this.cut.add(`${a}-${b}`).add(`${b}-${a}`);
    this.story.push(`${this.stamp()}        the network is cut: ${here.join(' ')} | ${there.join(' ')}`);
  }

  heal(): void {
    this.cut.clear();
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

  // ── effects ───────────────────────────────────────────────────────────────
  private give(machine: Machine, event: Event): Effect[] {
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
        return this.write(port, effect.role === 'primary' ? 'ROLE primary' : `ROLE replica of ${effect.primary.port}`);
      case 'SlotsLost':
        return this.write(port, `DELETE the keys of ${effect.slots.length} slots`);
      case 'WritesPaused':
        this.write(port, 'PAUSE writes');
        return this.later(0, () => this.give(machine, { kind: 'Replicated', offset: 500, ageMs: 0 }));
      case 'WritesResumed':
        return this.write(port, 'RESUME writes');
      case 'Connect':
        return this.connect(machine, effect.link, effect.busPort);
      case 'CloseLink':
        return this.close(machine, effect.link);
      case 'Send':
        return this.send(machine, effect.links, effect.packet);
      case 'KeysOutdated':
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
    for (const pipe of pipes) this.transmit(machine, pipe, encodePacket(packet));
  }

  // ── the network ───────────────────────────────────────────────────────────
  private connect(from: Machine, link: LinkId, busPort: number): void {
    const to = [...this.machines.values()].find((machine) => machine.up && machine.options.busPort === busPort);
    const attempt = (): void => {
      if (!from.up || !pipe.open) return;
      if (!to?.up) return this.hangUp(pipe.other, 'Connection refused');
      if (this.isCut(from, to)) return this.later(RETRANSMIT_MS, attempt);
      const accepted = -++to.accepted;
      pipe.link = accepted;
      to.pipes.set(accepted, pipe.other);
      this.give(to, { kind: 'LinkAccepted', link: accepted, remoteIp: '127.0.0.1', localIp: '127.0.0.1' });
      this.give(from, { kind: 'LinkUp', link });
    };
    const pipe = newPipe(to ?? from, 0);
    pipe.other = newPipe(from, link);
    pipe.other.other = pipe;
    from.pipes.set(link, pipe);
    this.later(1 + this.random() * 4, attempt);
  }

  /** In chunks of any size, each after the one before. */
  private transmit(from: Machine, pipe: Pipe, bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; ) {
      const size = 1 + Math.floor(this.random() * bytes.length);
      const chunk = bytes.slice(start, start + size);
      start += size;
      pipe.freeAt = Math.max(pipe.freeAt, this.now + 1 + this.random() * 9);
      this.at(pipe.freeAt, () => this.deliver(from, pipe, chunk));
    }
  }

  private deliver(from: Machine, pipe: Pipe, chunk: Uint8Array): void {
    if (!pipe.open || !pipe.to.up) return;
    if (this.isCut(from, pipe.to)) {
      pipe.freeAt = Math.max(pipe.freeAt, this.now + RETRANSMIT_MS);
      return this.at(pipe.freeAt, () => this.deliver(from, pipe, chunk));
    }
    if (this.linkBreakRate > 0 && this.random() < this.linkBreakRate) {
      this.hangUp(pipe, 'connection reset');
      return this.hangUp(pipe.other, 'connection reset');
    }
    for (const bytes of pipe.splitter.push(chunk)) {
      const decoded = decodePacket(bytes);
      if (!decoded.ok) throw new Error(`the simulated wire broke a packet: ${decoded.malformed.why}`);
      if (!pipe.open) return; // closed by what was in the packet before
      const { packet } = decoded;
      this.give(pipe.to, { kind: 'Received', link: pipe.link, packet, byteCount: bytes.length });
    }
  }

  private isCut(a: Machine, b: Machine): boolean {
    return !a.plugged || !b.plugged || this.cut.has(`${a.port}-${b.port}`);
  }

  /** `pipe` leads to whoever hears of the end. */
  private hangUp(pipe: Pipe, reason: string): void {
    if (!pipe.open) return;
    pipe.open = false;
    pipe.other.open = false;
    pipe.to.pipes.delete(pipe.link);
    if (pipe.to.up)
      this.later(1, () => pipe.to.up && this.give(pipe.to, { kind: 'LinkDown', link: pipe.link, reason }));
  }

  private close(machine: Machine, link: LinkId): void {
    const pipe = machine.pipes.get(link);
    machine.pipes.delete(link);
    if (pipe) this.hangUp(pipe, 'connection closed');
  }

  // ── time and words ────────────────────────────────────────────────────────
  private later(ms: Millis, run: () => void): void {
    this.at(this.now + ms, run);
  }

  private at(at: Millis, run: () => void): void {
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

function newPipe(to: Machine, link: LinkId): Pipe {
  const pipe: Omit<Pipe, 'other'> = { to, link, splitter: new PacketSplitter(), freeAt: 0, open: true };
  return Object.assign(pipe, { other: pipe as Pipe });
}

function readable(text: string): string {
  return text.replace(/\b(\d{4})\1{9}\b/g, '‹$1›');
}
