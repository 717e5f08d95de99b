/**
 * Freeing in slices: UNLINK, whatever `lazyfree-lazy-*` says, and databases that were exchanged for others.
 *
 *   unlinked entry   ──▶ queue   ──▶ every turn a slice of it is freed ──▶ the entry itself
 *   retired database ──▶ retired ──▶ the same, key by key
 *
 * The marks that an aborted snapshot left behind (marks.ts) are tidied up in the same moments.
 *
 * The key is gone at once; its memory comes back over the next turns. Small values are not worth the queue.
 */
import Denque from 'denque';
import type { Engine } from '../engine.js';
import { STRING_EMBSTR } from '../entry.js';
import type { Database } from '../keyspace.js';
import { Retired } from './retired.js';

/** From so many blocks on it pays: as in Redis. */
const WORTH_IT = 64;
/** Blocks freed between two looks at the clock. */
const SLICE = 1024;

export class LazyFree {
  /** INFO lazyfreed_objects. */
  freed = 0;
  /** Called when there is something to free, so that somebody makes time for it. */
  onWork: () => void = () => {};
  readonly retired: Retired;
  private readonly queue = new Denque<number>();

  constructor(private readonly engine: Engine) {
    this.retired = new Retired(engine, () => this.freed++);
  }

  /** INFO lazyfree_pending_objects. */
  get pending(): number {
    return this.queue.length + this.retired.pending;
  }

  /** Takes over a database that nobody sees any more, with all its keys. */
  takeDatabase(db: Database): void {
    this.retired.databases.push(db);
    this.onWork();
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
      if (e === undefined) {
        if (!this.retired.work() && !this.engine.sweepSome()) return false;
      } else if (this.freeSlice(e)) {
        this.engine.arena.free(e);
        this.queue.shift();
        this.freed++;
      }
      if (outOfTime()) return this.hasMore;
    }
  }

  private get hasMore(): boolean {
    return this.queue.length > 0 || this.retired.hasWork || this.engine.mustSweep;
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
    this.freed += this.pending;
    this.queue.clear();
    this.retired.forget();
  }
}
