/**
 * A speed limit for tests that need time to look: rdb-key-save-delay and key-load-delay, microseconds a key.
 *
 * Redis sleeps at each key. Here nobody sleeps: who is ahead of his time goes on a little later. The limit may be set,
 * changed or lifted at any time; it counts for the keys that follow.
 */
import type { Host } from '../../base/host.js';

/** So much of a delay may be made up for: timers are late by a little, and a slice is done at once. */
const SLACK_MS = 8;

export class Pace {
  /** The next key is not due before this monotonic ms. */
  private dueAt: number;
  private keysBefore = 0;

  constructor(
    private readonly host: Host,
    private readonly microsPerKey: () => number,
  ) {
    this.dueAt = host.monotonicMs();
  }

  /** There is a limit. */
  get isSlow(): boolean {
    return this.microsPerKey() > 0;
  }

  /** How long to wait before going on, so many keys being done since the beginning. */
  aheadMs(keys: number): number {
    const fresh = keys - this.keysBefore;
    this.keysBefore = keys;
    if (!this.isSlow) return 0;
    const now = this.host.monotonicMs();
    this.dueAt = Math.max(this.dueAt, now - SLACK_MS) + (fresh * this.microsPerKey()) / 1000;
    return Math.max(0, this.dueAt - now);
  }
}
