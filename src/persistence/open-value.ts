/**
 * A big set, hash or sorted set on its way out while it is changed: member by member, so that nobody waits for it.
 *
 *   hashes, bits reversed   0 ────────────── place ──────────────────── 2³²
 *                             written          │ not yet, but for `early`
 *
 * The walk is that of SSCAN. What it has passed is a matter of a member's hash alone, whatever buckets split or merge
 * meanwhile. Ahead of it, a member about to be changed or removed is written first; those, and members that are new,
 * are remembered as `early` and left out when the walk comes to them. The count stands in front and was taken at the
 * beginning, and it stays right: each member of that moment is written once.
 *
 * It has a writer of its own: several values may be open, and only one at a time goes out.
 */
import type { Engine } from '../keyspace/engine.js';
import { HASH, NONE, SEG_MASK, SEG_SHIFT } from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import { reverse } from '../keyspace/slot-table.js';
import { kindOf } from '../keyspace/types/record.js';
import type { MemberGuard } from '../keyspace/types/structures/members.js';
import type { KeyWriter } from './key-writer.js';

/** What a bucket counts of the bytes of a step, and so many are looked at in any case. */
const BUCKET_BYTES = 8;
const BUCKETS_AT_LEAST = 256;

/** Where nothing is left to write a step ends all the same: behind so many buckets. */
export function bucketsFor(bytes: number): number {
  return Math.max(BUCKETS_AT_LEAST, bytes / BUCKET_BYTES);
}

export class OpenValue {
  /** The record of the collection: it moves with the entry of its key. */
  record: number;
  /** The entry, if no key has it any more: it is to be freed when all is written. */
  orphan = NONE;
  isDone = false;
  private readonly kind: number;
  private place = 0;
  private readonly early = new Set<number>();

  constructor(
    private readonly engine: Engine,
    db: Database,
    e: number,
    /** The index of its database. */
    readonly index: number,
    readonly writer: KeyWriter,
  ) {
    this.record = db.record(e);
    this.kind = db.kind(e);
    writer.startMembers(db, e);
  }

  /** Writes about so many bytes more, or has looked at so many buckets that it is time. */
  piece(bytes: number): void {
    const { engine, record, writer } = this;
    const enough = writer.pendingBytes + bytes;
    let buckets = bucketsFor(bytes);
    while (!this.isDone && writer.pendingBytes < enough && --buckets >= 0) {
      const next = engine.tables.scan(record, this.place, this.visit);
      this.place = next;
      this.isDone = next === 0;
    }
  }

  private readonly visit = (m: number): void => {
    if (this.isAhead(m) && !this.early.delete(m)) this.write(m);
  };

  private write(m: number): void {
    this.writer.member(this.engine.values, this.kind, m);
  }

  private isAhead(m: number): boolean {
    const hash = this.engine.arena.i32[m >>> SEG_SHIFT][((m & SEG_MASK) << 1) + HASH];
    return !this.isDone && reverse(hash) >>> 0 >= reverse(this.place) >>> 0;
  }

  /** A member is about to be changed. */
  changing(m: number): void {
    if (!this.isAhead(m) || this.early.has(m)) return;
    this.write(m);
    this.early.add(m);
  }

  /** A member is new. */
  added(m: number): void {
    if (this.isAhead(m)) this.early.add(m);
  }

  /** A member is about to go. */
  removing(m: number): void {
    this.changing(m);
    this.early.delete(m);
  }

  /** A member has another address now. */
  moved(m: number, to: number): void {
    if (this.early.delete(m)) this.early.add(to);
  }
}

/** All values that are open, in the order in which they go out. */
export class OpenValues implements MemberGuard {
  private readonly queue: OpenValue[] = [];
  private readonly byRecord = new Map<number, OpenValue>();

  constructor(private readonly engine: Engine) {}

  /** The one whose turn it is. */
  get first(): OpenValue | undefined {
    return this.queue[0];
  }

  get heldBytes(): number {
    let sum = 0;
    for (const { writer } of this.queue) sum += writer.pendingBytes;
    return sum;
  }

  open(value: OpenValue): void {
    this.queue.push(value);
    this.byRecord.set(value.record, value);
    this.engine.values.members.guard = this;
  }

  /** The first one is written, or nobody wants it any more. */
  close(): void {
    const value = this.queue.shift();
    if (value === undefined) throw new Error('no value is open');
    const { engine } = this;
    this.byRecord.delete(value.record);
    if (this.queue.length === 0) engine.values.members.guard = null;
    const { orphan, record } = value;
    if (orphan !== NONE) engine.lazyFree.take(orphan, kindOf(engine.arena, orphan), record);
  }

  closeAll(): void {
    while (this.queue.length > 0) this.close();
  }

  /** Keeps an entry that is about to be freed until its value is written. */
  keeps(e: number, record: number): boolean {
    const value = this.byRecord.get(record);
    if (value === undefined) return false;
    value.orphan = e;
    return true;
  }

  recordMoved(from: number, to: number): void {
    const value = this.byRecord.get(from);
    if (value === undefined) return;
    this.byRecord.delete(from);
    this.byRecord.set((value.record = to), value);
  }

  memberAdded(t: number, m: number): void {
    this.byRecord.get(t)?.added(m);
  }

  memberChanging(t: number, m: number): void {
    this.byRecord.get(t)?.changing(m);
  }

  memberRemoving(t: number, m: number): void {
    this.byRecord.get(t)?.removing(m);
  }

  memberMoved(t: number, m: number, to: number): void {
    this.byRecord.get(t)?.moved(m, to);
  }
}
