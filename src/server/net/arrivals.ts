/**
 * Many connections at once: who is here already waits until all have come in.
 *
 *   libuv takes ONE connection a turn of the event loop, and serves all requests of that turn before the next one:
 *   turn 1   accept A, serve A          │ here:  turn 1    accept A
 *   turn 2   accept B, serve A B        │        turn 2    accept B, keep what A sent
 *   …                                   │        …
 *   turn 50  accept …, serve all        │        turn 51   nobody came: serve all, in the order in which they sent
 *
 * So the last of fifty clients waited for fifty turns full of work (0.3 s under a pipelined load; redis takes up to a
 * thousand at once). Kept bytes are handed on after a moment at the latest, so that whoever connects without end delays
 * the others by no more than that.
 */

/** Whose bytes are kept; `received` finds them at the start of the shared buffer. */
interface Sender {
  received(length: number): void;
}

const MOST_MS = 2;
const MOST_BYTES = 1024 * 1024;

export class Arrivals {
  private isOn = false;
  /** `look` will be called. */
  private armed = false;
  private someoneCame = false;
  private since = 0;
  private bytes = 0;
  private kept: { sender: Sender; bytes: Buffer }[] = [];

  constructor(
    private readonly shared: Buffer,
    private readonly mostMs = MOST_MS,
  ) {}

  /** A connection came in, and there may be more. */
  came(): void {
    this.someoneCame = true;
    if (this.isOn) return;
    this.isOn = true;
    this.since = performance.now();
    this.arm();
  }

  private arm(): void {
    if (this.armed) return;
    this.armed = true;
    setImmediate(this.look);
  }

  /** `length` bytes stand at the start of the shared buffer. */
  received(sender: Sender, length: number): void {
    if (!this.isOn) return sender.received(length);
    this.kept.push({ sender, bytes: Buffer.from(this.shared.subarray(0, length)) });
    this.bytes += length;
    if (this.bytes > MOST_BYTES) this.handOn();
  }

  /** All that was kept goes where it belongs. */
  handOn(): void {
    this.isOn = false;
    const { kept } = this;
    if (kept.length === 0) return;
    this.kept = [];
    this.bytes = 0;
    for (const { sender, bytes } of kept) sender.received(bytes.copy(this.shared));
  }

  /** The turn ends: if nobody came in it, nobody waits at the door. */
  private readonly look = (): void => {
    this.armed = false;
    if (!this.isOn) return;
    if (!this.someoneCame || performance.now() - this.since > this.mostMs) return this.handOn();
    this.someoneCame = false;
    this.arm();
  };
}
