/**
 * When, or how often, a key was used: 24 bits in its entry (bits 8–31 of `meta`).
 *
 *   lru   │ seconds, modulo 2^24 (194 days)         │
 *   lfu   │ minute of the last decay (16) │ count (8) │     the count is logarithmic, and decays while nobody asks
 *
 * Which of the two holds follows from `maxmemory-policy`. A key that was stamped under the other one has a wrong value
 * until it is used again, as in Redis.
 */

export type UsageKind = 'lru' | 'lfu';

const CLOCK_MASK = 0xffffff;
const MINUTE_MASK = 0xffff;
/** A new key has a head start, so that it is not the first to go. */
const LFU_START = 5;
const LFU_MAX = 255;

export class Usage {
  /** lfu-log-factor and lfu-decay-time (minutes). */
  logFactor = 10;
  decayMinutes = 1;
  random: () => number = () => 0;

  lruBits(now: number): number {
    return (Math.floor(now / 1000) & CLOCK_MASK) << 8;
  }

  /** The bits of a key that was not used for so many seconds; C cannot go back beyond the start of its clock. */
  idleBits(now: number, seconds: number): number {
    const clock = Math.floor(now / 1000) & CLOCK_MASK;
    return (seconds <= clock ? clock - seconds : (clock + (CLOCK_MASK >> 1)) % CLOCK_MASK) << 8;
  }

  freshLfuBits(now: number): number {
    return this.lfuBits(now, LFU_START);
  }

  lfuBits(now: number, count: number): number {
    return ((minuteOf(now) << 8) | count) << 8;
  }

  /** The bits of a key that is used now. */
  touchLfu(bits: number, now: number): number {
    let count = this.frequency(bits, now);
    if (count < LFU_MAX) {
      const base = Math.max(0, count - LFU_START);
      if (this.random() < 1 / (base * this.logFactor + 1)) count++;
    }
    return this.lfuBits(now, count);
  }

  /** OBJECT FREQ: the count, after the decay since it was last used. */
  frequency(bits: number, now: number): number {
    const value = bits >>> 8;
    const minutes = (minuteOf(now) - (value >>> 8)) & MINUTE_MASK;
    const periods = this.decayMinutes === 0 ? 0 : Math.floor(minutes / this.decayMinutes);
    return Math.max(0, (value & 0xff) - periods);
  }

  /** OBJECT IDLETIME, in seconds. */
  idleSeconds(bits: number, now: number): number {
    return (Math.floor(now / 1000) - (bits >>> 8)) & CLOCK_MASK;
  }

  /** How much a key deserves to go, the higher the more: the order of the eviction pool. */
  staleness(kind: UsageKind, bits: number, now: number): number {
    return kind === 'lru' ? this.idleSeconds(bits, now) : LFU_MAX - this.frequency(bits, now);
  }
}

function minuteOf(now: number): number {
  return Math.floor(now / 60_000) & MINUTE_MASK;
}
