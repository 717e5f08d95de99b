/**
 * A snapshot on its way to replicas, whatever way that is, in slices: each says when the next one comes.
 *
 *   socket-sync.ts   made and sent at once, to all at the speed of the slowest
 *   file-sync.ts     made into a file, which goes to each at its own speed
 */
import type { Timer } from '../../base/host.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';

/** So much may wait in a link before it counts as full, and then one looks again. */
export const LINK_BYTES = 512 * 1024;
export const RETRY_MS = 1;
/** How long one goes on without looking at anybody else. */
export const SLICE_MS = 1;

export abstract class FullSync {
  /** It is being taken, or its file is not complete. */
  isMaking = true;
  protected isOver = false;
  private timer: Timer | null = null;

  constructor(
    protected readonly node: Node,
    protected readonly clients: Set<Client>,
    private readonly done: () => void,
  ) {}

  /** It goes into a file, so far: replicas hear nothing of it. */
  abstract readonly isSpooling: boolean;
  /** True where one more may have the same snapshot. */
  abstract join(client: Client): boolean;
  protected abstract slice(): void;
  /** The last replica is gone: there is nobody left to do this for. */
  protected abstract deserted(): void;
  /** Nothing of it stays behind. */
  protected abstract wipe(): void;

  /** A replica is gone. */
  forget(client: Client): void {
    if (this.clients.delete(client) && this.clients.size === 0 && !this.isOver) this.deserted();
  }

  /** From here: nobody is told, and all who wait for it are to ask again. */
  abandon(): void {
    this.stop();
    this.wipe();
    this.sendAway();
  }

  protected sendAway(): void {
    for (const client of [...this.clients]) this.node.drop(client);
  }

  protected readonly run = (): void => {
    this.timer = null;
    if (!this.isOver) this.slice();
  };

  protected later(ms: number): void {
    this.timer = this.node.host.after(ms, this.run);
  }

  protected made(): void {
    if (this.isMaking) this.node.server.saving.over();
    this.isMaking = false;
  }

  private stop(): void {
    this.made();
    this.isOver = true;
    this.timer?.cancel();
  }

  protected over(): void {
    this.stop();
    this.done();
  }
}
