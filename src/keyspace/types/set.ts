/**
 * The door to sets: by the entry `e` of a key, never by an offset.
 *
 *   SET_INTSET  sorted integers in one block      intset.ts
 *   SET_TABLE   an entry a member                 members.ts
 *
 * A set begins as integers and becomes a table for good with the first member that is none, or with more than
 * `set-max-intset-entries`. A set that runs empty stays an empty set: removing the key is the handler's step.
 *
 * HOT. What is read is good until the next write to the set; what is added must not lie in it. bench: SADD, SPOP
 */
import { Slice } from '../../base/slice.js';
import type { Arena } from '../arena.js';
import { SEG_MASK, SEG_SHIFT, SET_INTSET, SET_TABLE } from '../entry.js';
import type { Intsets } from './structures/intset.js';
import type { Sink } from './door.js';
import type { TypeLimits } from './limits.js';
import { Packed } from './structures/listpack.js';
import { type Members, TableCursor, UNSCORED } from './structures/members.js';
import { kindOf, recordOf, setKind } from './record.js';

/** However great `set-max-intset-entries` is. */
const MAX_INTSET = 1 << 30;

/** A walk over the members of a set: `member` is set by each step. */
export class SetCursor {
  readonly member = new Slice();
  /** The set it walks over, as its record, and whether that is a table. */
  r = 0;
  big = false;
  index = 0;
  readonly table = new TableCursor();
}

export class SetType {
  /** For handlers to walk with. Nothing in it survives a command. */
  readonly cursor = new SetCursor();
  private readonly walk = new SetCursor();
  private readonly packed = new Packed();

  constructor(
    private readonly arena: Arena,
    private readonly intsets: Intsets,
    private readonly members: Members,
    private readonly limits: TypeLimits,
  ) {}

  /** How many members. */
  count(e: number): number {
    return this.countOf(kindOf(this.arena, e), recordOf(this.arena, e));
  }

  has(e: number, member: Slice): boolean {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === SET_TABLE) return this.members.find(r, member) !== 0;
    this.packed.measure(member);
    return this.packed.isInteger && this.intsets.has(r, this.packed);
  }

  /** Adds a member; false if it is there. */
  add(e: number, member: Slice): boolean {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === SET_INTSET) {
      this.packed.measure(member);
      if (this.packed.isInteger) {
        if (!this.intsets.add(r, this.packed)) return false;
        if (this.intsets.count(r) > Math.min(this.limits.setMaxIntsetEntries, MAX_INTSET)) this.enlarge(e);
        return true;
      }
      this.enlarge(e);
    }
    if (this.members.find(r, member) !== 0) return false;
    this.members.add(r, member, 0, UNSCORED);
    return true;
  }

  /** A set of integers that came as a whole grows, if it has more than a small one may have. */
  settle(e: number): void {
    if (this.count(e) > this.limits.setMaxIntsetEntries && kindOf(this.arena, e) === SET_INTSET) this.enlarge(e);
  }

  /** Takes a member out; false if it is not there. */
  delete(e: number, member: Slice): boolean {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === SET_INTSET) {
      this.packed.measure(member);
      return this.packed.isInteger && this.intsets.delete(r, this.packed);
    }
    const m = this.members.find(r, member);
    if (m !== 0) this.members.remove(r, m);
    return m !== 0;
  }

  private enlarge(e: number): void {
    const { arena, intsets, members, walk } = this;
    const r = recordOf(arena, e);
    const { member } = walk;
    const count = intsets.count(r);
    const width = intsets.width(r);
    const block = intsets.detach(r);
    setKind(arena, e, SET_TABLE);
    if (block === 0) return;
    const view = arena.view[block >>> SEG_SHIFT];
    let at = (block & SEG_MASK) << 3;
    for (let k = count; k > 0; k--, at += width) {
      if (width === 8) member.int64(view.getInt32(at + 4, true), view.getInt32(at, true));
      else member.integer(width === 2 ? view.getInt16(at, true) : view.getInt32(at, true));
      members.find(r, member);
      members.add(r, member, 0, UNSCORED);
    }
    arena.free(block);
  }

  // ---- walking -------------------------------------------------------------

  /** Begins a walk over all members: `next` until it says false. Nothing may be written meanwhile. */
  start(e: number, cursor: SetCursor): void {
    cursor.r = recordOf(this.arena, e);
    cursor.big = kindOf(this.arena, e) === SET_TABLE;
    cursor.index = 0;
    this.members.start(cursor.table);
  }

  next(cursor: SetCursor): boolean {
    if (cursor.big) {
      const m = this.members.next(cursor.r, cursor.table);
      if (m !== 0) this.members.key(m, cursor.member);
      return m !== 0;
    }
    if (cursor.index >= this.intsets.count(cursor.r)) return false;
    this.intsets.read(cursor.r, cursor.index++, cursor.member);
    return true;
  }

  /** SSCAN: gives about `count` members of a table, or all integers; returns the next cursor, 0 at the end. */
  scan(e: number, cursor: number, count: number, sink: Sink): number {
    const { walk } = this;
    const { member } = walk;
    if (kindOf(this.arena, e) === SET_INTSET) {
      for (this.start(e, walk); this.next(walk); ) sink.bulk(member.u8, member.view, member.off, member.len);
      return 0;
    }
    const r = recordOf(this.arena, e);
    return this.members.scan(r, cursor, count, (m) => this.give(m, sink));
  }

  private give(m: number, sink: Sink): void {
    const { member } = this.walk;
    this.members.key(m, member);
    sink.bulk(member.u8, member.view, member.off, member.len);
  }

  // ---- chance --------------------------------------------------------------

  /** Looks at a random member of a set that is not empty. */
  random(e: number, chance: () => number, out: Slice): void {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === SET_TABLE) this.members.key(this.members.random(r, chance), out);
    else this.intsets.read(r, Math.floor(chance() * this.intsets.count(r)), out);
  }

  /** Gives a random member of a set that is not empty to a sink, then takes it out. */
  pop(e: number, chance: () => number, sink: Sink): void {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === SET_TABLE) {
      const m = this.members.random(r, chance);
      this.give(m, sink);
      return this.members.remove(r, m);
    }
    const { member } = this.walk;
    const index = Math.floor(chance() * this.intsets.count(r));
    this.intsets.read(r, index, member);
    sink.bulk(member.u8, member.view, member.off, member.len);
    this.intsets.removeAt(r, index);
  }

  /** Gives n different members to a sink, all choices equally likely; n is at most the count. */
  sample(e: number, n: number, chance: () => number, sink: Sink): void {
    const { walk } = this;
    const { member } = walk;
    let left = this.count(e);
    if (kindOf(this.arena, e) === SET_TABLE && n * 3 < left)
      return this.members.draw(recordOf(this.arena, e), n, chance, (m) => this.give(m, sink));
    for (this.start(e, walk); n > 0 && this.next(walk); left--) {
      if (chance() * left >= n) continue;
      sink.bulk(member.u8, member.view, member.off, member.len);
      n--;
    }
  }

  // ---- by record: for the keyspace, which copies and measures ---------

  countOf(kind: number, r: number): number {
    return kind === SET_INTSET ? this.intsets.count(r) : this.members.count(r);
  }

  copy(kind: number, from: number, to: number): void {
    if (kind === SET_INTSET) this.intsets.copy(from, to);
    else this.members.copy(from, to, this.walk.table);
  }

  memory(kind: number, r: number): number {
    return kind === SET_INTSET ? this.intsets.memory(r) : this.members.memory(r, this.walk.table);
  }
}
