/**
 * One end of a simulated connection, and the queue of what is on its way to it.
 *
 *   opening ──comeUp──▶ open ──FIN, close, breakOff──▶ closed          `onDown` is called once, whoever ended it
 */
import type { ByteLink } from '../../base/host.js';
import type { Acceptor, EndEvents, Network, Party } from './network.js';

/** null: the other side has said everything. */
interface Parcel {
  readonly bytes: Uint8Array | null;
  readonly due: number;
}

/** What the kernels of both machines take before a writer has to wait. */
const KERNEL_BYTES = 512 * 1024;

export class End implements ByteLink {
  readonly localHost: string;
  readonly localPort: number;
  readonly remoteHost: string;
  readonly remotePort: number;
  peer: End | null = null;
  events: EndEvents | null = null;
  isClosed = false;
  skew: { id: number; ms: number } | null = null;
  /** Whoever opened it may note whose it is. */
  tag: unknown = null;
  private readonly early: Uint8Array[] = [];
  private inbox: Parcel[] = [];
  private inboxBytes = 0;
  private freeAt = 0;
  private isAwaited = false;
  private readingPaused = false;

  constructor(
    private readonly network: Network,
    readonly party: Party,
    local: readonly [string, number],
    remote: readonly [string, number],
  ) {
    [this.localHost, this.localPort] = local;
    [this.remoteHost, this.remotePort] = remote;
    party.ends.add(this);
  }

  // ── ByteLink ──────────────────────────────────────────────────────────────

  write(written: Uint8Array): void {
    if (this.isClosed || written.length === 0) return;
    const bytes = this.network.translate(this, written);
    this.network.onWrite(this, bytes);
    if (this.peer === null) this.early.push(bytes);
    else this.network.transmit(this.peer, bytes, this.party.aheadMs);
  }

  queuedBytes(): number {
    return this.peer === null ? 0 : Math.max(0, this.peer.inboxBytes - KERNEL_BYTES);
  }

  close(): void {
    if (this.isClosed) return;
    if (this.peer !== null) this.network.transmit(this.peer, null, this.party.aheadMs);
    this.breakOff('');
  }

  pauseReading(): void {
    this.readingPaused = true;
  }

  resumeReading(): void {
    if (!this.readingPaused) return;
    this.readingPaused = false;
    this.await();
  }

  // ── its life ──────────────────────────────────────────────────────────────

  /** The accepting side: the process takes it in, or turns it away. */
  enter(acceptor: Acceptor): void {
    if (this.isClosed) return;
    this.events = acceptor(this);
    if (this.events === null) this.close();
  }

  comeUp(): void {
    if (this.isClosed) return;
    this.party.deliver(() => {
      if (this.isClosed) return;
      const { peer } = this;
      for (const bytes of this.early.splice(0)) this.network.transmit(peer as End, bytes, this.party.aheadMs);
      this.events?.onUp();
    });
  }

  /** Over, at once; what was on its way is lost. Only this side hears of it. */
  breakOff(reason: string): void {
    if (this.isClosed) return;
    this.vanish();
    const { events } = this;
    this.events = null;
    this.party.deliver(() => events?.onDown(reason));
  }

  /** Over, and its own process is not told: it is no more. */
  vanish(): void {
    this.isClosed = true;
    this.inbox = [];
    this.inboxBytes = 0;
    this.party.ends.delete(this);
  }

  /** The process was killed: its kernel closes for it. */
  orphan(): void {
    const { peer } = this;
    this.vanish();
    if (peer !== null && !peer.isClosed) this.network.transmit(peer, null, 0);
  }

  // ── arrivals ──────────────────────────────────────────────────────────────

  /** Something is on its way here, and will not overtake what left before. */
  expect(bytes: Uint8Array | null, due: number): void {
    this.freeAt = Math.max(this.freeAt, due);
    this.inbox.push({ bytes, due: this.freeAt });
    this.inboxBytes += bytes?.length ?? 0;
    this.await();
  }

  private await(): void {
    const first = this.inbox[0];
    if (first === undefined || this.isAwaited || (this.readingPaused && !this.isClosed)) return;
    this.isAwaited = true;
    this.network.at(first.due, this.arrive);
  }

  /** The way is free again. */
  carryOn(): void {
    this.isAwaited = false;
    this.await();
  }

  private readonly arrive = (): void => {
    if (this.readingPaused && !this.isClosed) {
      this.isAwaited = false;
      return;
    }
    if (this.network.holdsBack(this)) return;
    this.isAwaited = false;
    const parcel = this.inbox.shift();
    if (parcel === undefined) return;
    if (this.isClosed) return parcel.bytes === null ? undefined : this.network.bounce(this);
    this.inboxBytes -= parcel.bytes?.length ?? 0;
    this.network.onArrival(parcel.bytes?.length ?? -1, parcel.bytes);
    this.party.deliver(() => this.take(parcel.bytes));
    this.await();
  };

  private take(bytes: Uint8Array | null): void {
    if (this.isClosed) return;
    if (bytes !== null) this.events?.onBytes(bytes);
    else if (this.events?.onEnd !== undefined) this.events.onEnd();
    else this.close();
  }
}
