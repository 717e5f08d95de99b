/**
 * The data of a machine, as far as the cluster core can tell: a list of writes, and whose history it is.
 *
 *   primary   writes  a b c d e     history 7001.1, offset 70
 *   replica   writes  a b c         the same history, offset 42: it goes on from there
 *   elected   writes  a b c f       history 7004.2, which is that of 7001.1 up to offset 42
 *
 * A copy is pulled ten times a second, before the tick, if the two reach each other. What is not of one history is
 * copied as a whole, if the core allows it.
 */

import type { Millis } from '../../../src/gossip/node-table.js';
import { NEVER } from '../../../src/gossip/node-table.js';
import type { ResyncOffer } from '../../../src/gossip/failover/rescue.js';

/** As long as the ping of a primary to its replicas. */
const BYTES_PER_WRITE = 14;

export class Copy {
  writes: string[] = [];
  /** Whom we copy. */
  source: number | null = null;
  synced = false;
  heardAt: Millis = NEVER;
  /** Replication stands still: what the primary writes is not applied. */
  held = false;
  writesPaused = false;
  private histories = 1;
  private earlier: { history: string; upTo: number } | null = null;
  private history: string;

  constructor(
    private readonly port: number,
    boot: number,
  ) {
    this.history = `${port}.${boot}`;
  }

  get offset(): number {
    return this.writes.length * BYTES_PER_WRITE;
  }

  follow(source: number): void {
    this.source = source;
    this.synced = false;
  }

  lead(): void {
    this.source = null;
    this.earlier = { history: this.history, upTo: this.offset };
    this.history = `${this.port}.p${++this.histories}`;
  }

  clear(): void {
    this.writes = [];
    this.history = `${this.port}.c${++this.histories}`;
    this.earlier = null;
  }

  /** `may` is asked before our data is given up. */
  pull(from: Copy, now: Millis, may: (offer: ResyncOffer) => boolean): void {
    this.heardAt = now;
    if (this.held) return;
    if (!this.synced || this.history !== from.history) {
      const shared =
        this.history === from.history || (from.earlier?.history === this.history && this.offset <= from.earlier.upTo);
      const offer: ResyncOffer = {
        history: shared ? 'shared' : 'unknown',
        keysOffered: from.writes.length,
        keysHeld: this.writes.length,
        offsetOffered: from.offset,
        offsetHeld: this.offset,
      };
      if (!shared && !may(offer)) return;
      this.history = from.history;
    }
    this.writes = [...from.writes];
    this.synced = true;
  }
}
