/**
 * A network of byte streams between parties: delay, partitions in either direction, resets, ends that nobody announces.
 *
 *   write ──cut into chunks──▶ │ chunk │ chunk │ FIN │ ──lag──▶ the other end      one such queue a direction
 *                                          ▲
 *                                          └─ nothing arrives while the way from a to b is cut: TCP sends again and
 *                                             again, so nothing is lost either; it comes when the way is free
 *
 * Within a direction the order is kept. Two links of a pair have queues of their own and overtake each other. A process
 * that is killed is announced by its kernel (FIN), a machine that loses its power is not: whoever writes to it later
 * hears of it when the machine is back (RST), or never.
 */
import type { LinkEvents, StreamAddress } from '../../base/host.js';
import type { Random } from '../random.js';
import type { Clock } from './clock.js';
import { End } from './end.js';

/** Somebody who sends and receives: a process on a machine, or a client. */
export interface Party {
  /** Cuts and delays are between names. */
  readonly name: string;
  readonly address: string;
  /** How far this party is ahead of the world's clock within the present event. */
  readonly aheadMs: number;
  /** All open ends of this party, so that its death can end them. */
  readonly ends: Set<End>;
  /** Runs it as soon as the party can: later while it is paused, never if it is gone. */
  deliver(run: () => void): void;
}

/** `onEnd`: the other side says nothing more, but may still listen. Without it the end closes. */
export interface EndEvents extends LinkEvents {
  onEnd?(): void;
}

export type Acceptor = (end: End) => EndEvents | null;

/** A machine as the network sees it. */
export interface Site {
  readonly name: string;
  readonly isPowered: boolean;
  /** The process that would be reached there. */
  readonly party: Party | null;
  acceptorAt(port: number): Acceptor | null;
}

/** A link of a pair may lag behind the other one by so much: drawn once a link. */
interface Skew {
  readonly id: number;
  readonly maxMs: number;
}

const MIN_LAG_MS = 0.1;
const MAX_LAG_MS = 1.5;
const SYN_RETRY_MS = 200;
const RETRANSMIT_MS = 200;
const FIRST_PORT = 32_768;
const PORTS = 28_000;

export class Network {
  private readonly sites = new Map<string, Site>();
  private readonly cuts = new Map<string, number>();
  private readonly delays = new Map<string, number>();
  private readonly skews = new Map<string, Skew>();
  private readonly stuck = new Set<End>();
  private opened = 0;
  private skewCount = 0;
  /** Told of every chunk that arrives: the trace's checksum. */
  onArrival: (length: number, bytes: Uint8Array | null) => void = () => {};
  /** Told of everything that is written, as one piece. */
  onWrite: (from: End, bytes: Uint8Array) => void = () => {};
  /** A scenario may let somebody speak as another version does: what leaves instead of what was written. */
  translate: (from: End, bytes: Uint8Array) => Uint8Array = (_from, bytes) => bytes;

  constructor(
    private readonly clock: Clock,
    private readonly dice: Random,
  ) {}

  addSite(address: string, site: Site): void {
    this.sites.set(address, site);
  }

  nameAt(address: string): string {
    return this.sites.get(address)?.name ?? address;
  }

  // ── faults ────────────────────────────────────────────────────────────────

  /** From now on nothing of `from` reaches `to`. Cuts add up: each has to be healed. */
  cut(from: string, to: string): void {
    const way = wayOf(from, to);
    this.cuts.set(way, (this.cuts.get(way) ?? 0) + 1);
  }

  heal(from: string, to: string): void {
    const way = wayOf(from, to);
    const left = (this.cuts.get(way) ?? 0) - 1;
    if (left > 0) this.cuts.set(way, left);
    else this.cuts.delete(way);
    if (left > 0) return;
    for (const end of [...this.stuck]) {
      if (end.peer?.party.name !== from || end.party.name !== to) continue;
      this.stuck.delete(end);
      this.clock.after(this.dice.between(0, RETRANSMIT_MS), () => end.carryOn());
    }
  }

  isCut(from: string, to: string): boolean {
    return this.cuts.size > 0 && this.cuts.has(wayOf(from, to));
  }

  /** Everything from one to the other takes up to so much longer; 0 ends it. */
  delay(from: string, to: string, maxMs: number): void {
    if (maxMs === 0) this.delays.delete(wayOf(from, to));
    else this.delays.set(wayOf(from, to), maxMs);
  }

  /** Each link between the two gets a lag of its own, so that they overtake each other; 0 ends it. */
  skew(a: string, b: string, maxMs: number): void {
    for (const way of [wayOf(a, b), wayOf(b, a)]) {
      if (maxMs === 0) this.skews.delete(way);
      else this.skews.set(way, { id: ++this.skewCount, maxMs });
    }
  }

  /** Breaks all connections between two machines. */
  reset(a: Party, b: string): void {
    for (const end of [...a.ends]) {
      if (end.peer === null || end.peer.party.name !== b) continue;
      const { peer } = end;
      end.breakOff('Connection reset by peer');
      peer.breakOff('Connection reset by peer');
    }
  }

  // ── connections ───────────────────────────────────────────────────────────

  connect(party: Party, address: StreamAddress, events: EndEvents): End {
    const local = FIRST_PORT + (this.opened++ % PORTS);
    const end = new End(this, party, [party.address, local], [address.host, address.port]);
    end.events = events;
    this.clock.after(party.aheadMs + this.baseLag(), () => this.attempt(end));
    return end;
  }

  private attempt(end: End): void {
    if (end.isClosed) return;
    const site = this.sites.get(end.remoteHost);
    const opener = end.party.name;
    if (!site?.isPowered || this.isCut(opener, site.name) || this.isCut(site.name, opener)) {
      this.clock.after(SYN_RETRY_MS, () => this.attempt(end));
      return;
    }
    const acceptor = site.acceptorAt(end.remotePort);
    if (acceptor === null || site.party === null)
      return this.clock.after(this.baseLag(), () => end.breakOff('Connection refused'));
    const far = new End(this, site.party, [end.remoteHost, end.remotePort], [end.localHost, end.localPort]);
    end.peer = far;
    far.peer = end;
    site.party.deliver(() => far.enter(acceptor));
    this.clock.after(this.lag(site.name, opener), () => end.comeUp());
  }

  // ── for ends ──────────────────────────────────────────────────────────────

  /** Puts bytes on the way to an end, in chunks of any size; null is the end of the stream. */
  transmit(to: End, bytes: Uint8Array | null, aheadMs: number): void {
    const from = to.peer as End;
    for (let at = 0; bytes !== null && at < bytes.length; ) {
      const rest = bytes.length - at;
      const size = this.dice.chance(0.6) ? rest : 1 + this.dice.below(rest);
      const due = this.clock.now + aheadMs + this.lag(from.party.name, to.party.name) + this.skewOf(to);
      to.expect(bytes.subarray(at, at + size), due);
      at += size;
    }
    if (bytes === null) to.expect(null, this.clock.now + aheadMs + this.lag(from.party.name, to.party.name));
  }

  at(moment: number, run: () => void): void {
    this.clock.at(moment, run);
  }

  /** The head of this queue cannot arrive now; true if so, and it will be told. */
  holdsBack(end: End): boolean {
    const from = (end.peer as End).party.name;
    if (!this.isCut(from, end.party.name)) return false;
    this.stuck.add(end);
    return true;
  }

  /** A packet for a process that is no more: its machine says so if it is up, and nobody does if it is not. */
  bounce(end: End): void {
    const sender = end.peer as End;
    const site = this.sites.get(end.localHost);
    if (!site?.isPowered || this.isCut(site.name, sender.party.name)) return;
    this.clock.after(this.baseLag(), () => sender.breakOff('Connection reset by peer'));
  }

  private lag(from: string, to: string): number {
    const extra = this.delays.size === 0 ? 0 : (this.delays.get(wayOf(from, to)) ?? 0);
    return this.baseLag() + (extra === 0 ? 0 : this.dice.between(0, extra));
  }

  private baseLag(): number {
    return this.dice.between(MIN_LAG_MS, MAX_LAG_MS);
  }

  private skewOf(to: End): number {
    if (this.skews.size === 0) return 0;
    const skew = this.skews.get(wayOf((to.peer as End).party.name, to.party.name));
    if (skew === undefined) return 0;
    if (to.skew?.id !== skew.id) to.skew = { id: skew.id, ms: this.dice.between(0, skew.maxMs) };
    return to.skew.ms;
  }
}

function wayOf(from: string, to: string): string {
  return `${from}>${to}`;
}
