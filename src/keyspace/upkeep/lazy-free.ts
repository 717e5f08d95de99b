/**
 * Freeing big collections in slices: UNLINK, FLUSHDB ASYNC, and whatever `lazyfree-lazy-*` says.
 *
 *   unlinked entry ──▶ queue ──▶ every turn a slice of it is freed ──▶ the entry itself
 *
 * The key is gone at once; its memory comes back over the next turns. Small values are not worth the queue.
 */
import Denque from 'denque';
import type { Engine } from '../engine.js';
import { STRING_EMBSTR } from '../entry.js';

/** From so many blocks on it pays: as in Redis. */
const WORTH_IT = 64;
/** Blocks freed between two looks at the clock. */
const SLICE = 1024;

export class LazyFree {
  /** INFO lazyfreed_objects. */
  freed = 0;
  /** Called when there is something to free, so that somebody makes time for it. */
  onWork: () => void = () => {};
  private readonly queue = new Denque<number>();

  constructor(private readonly engine: Engine) {}

  /** INFO lazyfree_pending_objects. */
  get pending(): number {
    return this.queue.length;
  }

  /** Takes over an entry that hangs in no table. Frees it at once where that is cheap. */
  take(e: number, kind: number, record: number): void {
    const { engine } = this;
    if (kind <= STRING_EMBSTR || engine.values.freeEffort(kind, record) <= WORTH_IT) {
      if (kind > STRING_EMBSTR) engine.values.free(kind, record);
      engine.arena.free(e);
      return;
    }
    this.queue.push(e);
    this.onWork();
  }

  /** Frees for a while; `outOfTime` is asked between slices. True while there is more. */
  work(outOfTime: () => boolean): boolean {
    for (;;) {
      const e = this.queue.peekFront();
      if (e === undefined) return false;
      if (this.freeSlice(e)) {
        this.engine.arena.free(e);
        this.queue.shift();
        this.freed++;
      }
      if (outOfTime()) return this.queue.length > 0;
    }
  }

  /** True once everything below the entry is freed. */
  private freeSlice(e: number): boolean {
    const db = this.engine.database(0);
    const kind = db.kind(e);
    const record = db.record(e);
    return this.engine.values.freeSome(kind, record, SLICE);
  }

  /** The arena was reset: there is nothing to free any more. */
  forget(): void {
    this.freed += this.queue.length;
    this.queue.clear();
  }
}
