/**
 * A speed limit for tests that need time to look: rdb-key-save-delay and key-load-delay, microseconds a key.
 *
 * Redis sleeps at each key. Here nobody sleeps: who is ahead of his time goes on a little later.
 */
import type { Host } from '../../base/host.js';

export class Pace {
  private readonly startedAt: number;

  constructor(
    private readonly host: Host,
    private readonly microsPerKey: () => number,
  ) {
    this.startedAt = host.monotonicMs();
  }

  /** There is a limit. */
  get isSlow(): boolean {
    return this.microsPerKey() > 0;
  }

  /** How long to wait before going on, so many keys being done. */
  aheadMs(keys: number): number {
    if (!this.isSlow) return 0;
    return Math.max(0, (keys * this.microsPerKey()) / 1000 - (this.host.monotonicMs() - this.startedAt));
  }
}
