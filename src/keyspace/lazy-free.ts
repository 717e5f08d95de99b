/**
 * Freeing big collections in slices: UNLINK, FLUSHDB ASYNC, and whatever `lazyfree-lazy-*` says.
 *
 *   unlinked entry ──▶ queue ──▶ every turn a slice of it is freed ──▶ the entry itself
 *
 * The key is gone at once; its memory comes back over the next turns. Small values are not worth the queue.
 */
import Denque from 'denque';
import type { Engine } from './engine.js';
import { HASH_TABLE, LIST, SET_TABLE, STRING_EMBSTR, ZSET_TREE } from './entry.js';

/** From so many elements on it pays: as in Redis. */
const WORTH_IT = 64;
/** Elements freed between two looks at the clock. */
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
    if (kind <= STRING_EMBSTR || engine.values.count(kind, record) <= WORTH_IT) {
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
    const { values, tables } = this.engine;
    switch (kind) {
      case ZSET_TREE:
        values.tree.clear(record); // nodes of 84 members each: quick beside the members themselves
        return tables.clearSome(record, SLICE);
      case SET_TABLE:
      case HASH_TABLE:
        return tables.clearSome(record, SLICE);
      case LIST:
        return values.lists.lists.nodes.clear(record, SLICE) < SLICE;
      default:
        values.free(kind, record);
        return true;
    }
  }

  /** The arena was reset: there is nothing to free any more. */
  forget(): void {
    this.freed += this.queue.length;
    this.queue.clear();
  }
}
