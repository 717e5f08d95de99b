/**
 * The network of the mini world: each packet travels as bytes, cut into chunks of any size. A link keeps its order, two
 * links of one pair do not keep theirs.
 */

import type { LinkId, Millis } from '../../../src/gossip/node-table.js';
import { decodePacket } from '../../../src/gossip/packet-codec.js';
import type { Effect, Event } from '../../../src/gossip/turn.js';
import { type Machine, newPipe, type Pipe } from './machine.js';

const RETRANSMIT_MS = 200;

/** What the network needs of the world. */
export interface Stage {
  readonly machines: ReadonlyMap<number, Machine>;
  readonly now: Millis;
  readonly linkBreakRate: number;
  readonly random: () => number;
  later(ms: Millis, run: () => void): void;
  at(at: Millis, run: () => void): void;
  give(machine: Machine, event: Event): Effect[];
}

export class Network {
  readonly cut = new Set<string>();

  constructor(private readonly stage: Stage) {}

  connect(from: Machine, link: LinkId, busPort: number): void {
    const to = [...this.stage.machines.values()].find((machine) => machine.up && machine.options.busPort === busPort);
    const attempt = (): void => {
      if (!from.up || !pipe.open) return;
      if (!to?.up) return this.hangUp(pipe.other, 'Connection refused');
      if (this.isCut(from, to)) return this.stage.later(RETRANSMIT_MS, attempt);
      const accepted = -++to.accepted;
      pipe.link = accepted;
      to.pipes.set(accepted, pipe.other);
      const event: Event = { kind: 'LinkAccepted', link: accepted, remoteIp: '127.0.0.1', localIp: '127.0.0.1' };
      this.arrive(to, () => this.stage.give(to, event));
      this.arrive(from, () => this.stage.give(from, { kind: 'LinkUp', link }));
    };
    const pipe = newPipe(to ?? from, 0);
    pipe.other = newPipe(from, link);
    pipe.other.other = pipe;
    from.pipes.set(link, pipe);
    this.stage.later(1 + this.stage.random() * 4, attempt);
  }

  /** In chunks of any size, each after the one before. */
  transmit(from: Machine, pipe: Pipe, bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; ) {
      const size = 1 + Math.floor(this.stage.random() * bytes.length);
      const chunk = bytes.slice(start, start + size);
      start += size;
      pipe.freeAt = Math.max(pipe.freeAt, this.stage.now + 1 + this.stage.random() * 9);
      this.stage.at(pipe.freeAt, () => this.deliver(from, pipe, chunk));
    }
  }

  private deliver(from: Machine, pipe: Pipe, chunk: Uint8Array): void {
    if (!pipe.open || !pipe.to.up) return;
    if (this.isCut(from, pipe.to)) {
      pipe.freeAt = Math.max(pipe.freeAt, this.stage.now + RETRANSMIT_MS);
      return this.stage.at(pipe.freeAt, () => this.deliver(from, pipe, chunk));
    }
    if (this.stage.linkBreakRate > 0 && this.stage.random() < this.stage.linkBreakRate) {
      this.hangUp(pipe, 'connection reset');
      return this.hangUp(pipe.other, 'connection reset');
    }
    this.arrive(pipe.to, () => this.read(pipe, chunk));
  }

  /** The kernel has it; the process sees it now, or when it goes on. */
  private arrive(machine: Machine, run: () => void): void {
    if (machine.stopped) machine.waiting.push(run);
    else run();
  }

  private read(pipe: Pipe, chunk: Uint8Array): void {
    if (!pipe.open || !pipe.to.up) return;
    for (const bytes of pipe.splitter.push(chunk)) {
      const decoded = decodePacket(bytes);
      if (!decoded.ok) throw new Error(`the simulated wire broke a packet: ${decoded.malformed.why}`);
      if (!pipe.open) return; // closed by what was in the packet before
      const { packet } = decoded;
      this.stage.give(pipe.to, { kind: 'Received', link: pipe.link, packet, byteCount: bytes.length });
    }
  }

  isCut(a: Machine, b: Machine): boolean {
    return !a.plugged || !b.plugged || this.cut.has(`${a.port}-${b.port}`);
  }

  /** `pipe` leads to whoever hears of the end. */
  hangUp(pipe: Pipe, reason: string): void {
    if (!pipe.open) return;
    pipe.open = false;
    pipe.other.open = false;
    pipe.to.pipes.delete(pipe.link);
    const end = (): void => {
      if (pipe.to.up) this.stage.give(pipe.to, { kind: 'LinkDown', link: pipe.link, reason });
    };
    if (pipe.to.up) this.stage.later(1, () => this.arrive(pipe.to, end));
  }

  close(machine: Machine, link: LinkId): void {
    const pipe = machine.pipes.get(link);
    machine.pipes.delete(link);
    if (pipe) this.hangUp(pipe, 'connection closed');
  }
}
