/**
 * The door to hashes: by the entry `e` of a key, never by an offset.
 *
 *   HASH_PACK   field, value, field, value … in one block, searched from the front      pack.ts
 *   HASH_TABLE  an entry a field                                                        members.ts
 *
 * A hash begins small and becomes a table for good when it has more than `hash-max-listpack-entries` fields, or one
 * that is longer than `hash-max-listpack-value`. A hash that runs empty stays an empty hash: removing the key is the
 * handler's step.
 *
 * HOT. What is read is good until the next write to the hash; what is written must not lie in it. bench: HSET
 */
import { Slice } from '../../base/slice.js';
import type { Arena } from '../arena.js';
import { HASH_PACK, HASH_TABLE, SEG_MASK, SEG_SHIFT } from '../entry.js';
import type { TypeLimits } from './limits.js';
import { readEntry } from './structures/listpack.js';
import { type Members, TableCursor } from './structures/members.js';
import { PAIRS, type Packs } from './structures/pack.js';
import { kindOf, recordOf, setKind } from './record.js';

/** A walk over the fields of a hash, and where it stands: `field` and `value` are set by each step. */
export class HashCursor {
  readonly field = new Slice();
  readonly value = new Slice();
  /** The hash it walks over, as its record, and whether that is a table. */
  r = 0;
  big = false;
  p = 0;
  readonly table = new TableCursor();
}

/** Whoever takes fields one by one (HSCAN). Both slices are good during the call. */
export interface FieldSink {
  pair(field: Slice, value: Slice): void;
}

export class HashType {
  /** For handlers to walk with. Nothing in it survives a command. */
  readonly cursor = new HashCursor();
  private readonly walk = new HashCursor();

  constructor(
    private readonly arena: Arena,
    private readonly packs: Packs,
    private readonly members: Members,
    private readonly limits: TypeLimits,
  ) {}

  /** How many fields. */
  count(e: number): number {
    return this.countOf(kindOf(this.arena, e), recordOf(this.arena, e));
  }

  /** Looks at the value of a field; false if there is none. */
  get(e: number, field: Slice, out: Slice): boolean {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === HASH_PACK) {
      const p = this.packs.find(r, field, PAIRS);
      if (p < 0) return false;
      this.packs.read(r, this.packs.skip(r, p), out);
      return true;
    }
    const m = this.members.find(r, field);
    if (m !== 0) this.members.value(m, out);
    return m !== 0;
  }

  has(e: number, field: Slice): boolean {
    const r = recordOf(this.arena, e);
    return kindOf(this.arena, e) === HASH_PACK
      ? this.packs.find(r, field, PAIRS) >= 0
      : this.members.find(r, field) !== 0;
  }

  /** Sets a field; true if it is new. */
  set(e: number, field: Slice, value: Slice): boolean {
    const { limits, packs } = this;
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === HASH_TABLE) return this.members.setField(r, field, value);
    if (field.len > limits.hashMaxListpackValue || value.len > limits.hashMaxListpackValue) {
      this.enlarge(e);
      return this.members.setField(r, field, value);
    }
    const p = packs.find(r, field, PAIRS);
    if (p >= 0) {
      packs.replace(r, packs.skip(r, p), value);
      return false;
    }
    packs.append(r, field);
    packs.append(r, value);
    if (packs.count(r) > limits.hashMaxListpackEntries * 2) this.enlarge(e);
    return true;
  }

  /** HSET grows a hash before it sets anything, if one of its arguments is too long for a small one. */
  expect(e: number, longest: number): void {
    if (longest > this.limits.hashMaxListpackValue && kindOf(this.arena, e) === HASH_PACK) this.enlarge(e);
  }

  /** A small hash that came as a whole grows, if it has more fields than a small one may have. */
  settle(e: number): void {
    if (this.count(e) > this.limits.hashMaxListpackEntries && kindOf(this.arena, e) === HASH_PACK) this.enlarge(e);
  }

  /** Takes a field out; false if there is none. */
  delete(e: number, field: Slice): boolean {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === HASH_PACK) {
      const p = this.packs.find(r, field, PAIRS);
      if (p >= 0) this.packs.remove(r, p, 2);
      return p >= 0;
    }
    const m = this.members.find(r, field);
    if (m !== 0) this.members.remove(r, m);
    return m !== 0;
  }

  private enlarge(e: number): void {
    const { arena, members, packs, walk } = this;
    const r = recordOf(arena, e);
    const end = packs.end(r);
    const block = packs.detach(r);
    setKind(arena, e, HASH_TABLE);
    if (block === 0) return;
    const seg = block >>> SEG_SHIFT;
    const first = (block & SEG_MASK) << 3;
    for (let p = first; p < first + end; ) {
      p = readEntry(arena.u8[seg], arena.view[seg], p, walk.field);
      p = readEntry(arena.u8[seg], arena.view[seg], p, walk.value);
      members.setField(r, walk.field, walk.value);
    }
    arena.free(block);
  }

  // ---- walking -------------------------------------------------------------

  /** Begins a walk over all fields: `next` until it says false. Nothing may be written meanwhile. */
  start(e: number, cursor: HashCursor): void {
    this.startAt(kindOf(this.arena, e), recordOf(this.arena, e), cursor);
  }

  private startAt(kind: number, r: number, cursor: HashCursor): void {
    cursor.r = r;
    cursor.big = kind === HASH_TABLE;
    cursor.p = 0;
    this.members.start(cursor.table);
  }

  next(cursor: HashCursor): boolean {
    const { members, packs } = this;
    const { r } = cursor;
    if (cursor.big) {
      const m = members.next(r, cursor.table);
      if (m !== 0) this.look(m, cursor);
      return m !== 0;
    }
    if (cursor.p >= packs.end(r)) return false;
    cursor.p = packs.read(r, packs.read(r, cursor.p, cursor.field), cursor.value);
    return true;
  }

  private look(m: number, cursor: HashCursor): void {
    this.members.key(m, cursor.field);
    this.members.value(m, cursor.value);
  }

  /** HSCAN: gives about `count` fields of a table, or all of a small hash; returns the next cursor, 0 at the end. */
  scan(e: number, cursor: number, count: number, sink: FieldSink): number {
    const r = recordOf(this.arena, e);
    const { walk } = this;
    if (kindOf(this.arena, e) === HASH_PACK) {
      for (this.start(e, walk); this.next(walk); ) sink.pair(walk.field, walk.value);
      return 0;
    }
    return this.members.scan(r, cursor, count, (m) => this.give(m, sink));
  }

  private give(m: number, sink: FieldSink): void {
    this.look(m, this.walk);
    sink.pair(this.walk.field, this.walk.value);
  }

  // ---- chance --------------------------------------------------------------

  /** Sets the slices of a cursor to a random field of a hash that is not empty. */
  random(e: number, chance: () => number, cursor: HashCursor): void {
    const { packs } = this;
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === HASH_TABLE) return this.look(this.members.random(r, chance), cursor);
    const p = packs.seek(r, Math.floor((chance() * packs.count(r)) / 2) * 2);
    packs.read(r, packs.read(r, p, cursor.field), cursor.value);
  }

  /** Gives n different fields to a sink, all choices equally likely; n is at most the count. */
  sample(e: number, n: number, chance: () => number, sink: FieldSink): void {
    const { walk } = this;
    let left = this.count(e);
    if (kindOf(this.arena, e) === HASH_TABLE && n * 3 < left)
      return this.members.draw(recordOf(this.arena, e), n, chance, (m) => this.give(m, sink));
    for (this.start(e, walk); n > 0 && this.next(walk); left--) {
      if (chance() * left >= n) continue;
      sink.pair(walk.field, walk.value);
      n--;
    }
  }

  // ---- by record: for the keyspace, which copies and measures ---------

  countOf(kind: number, r: number): number {
    return kind === HASH_PACK ? this.packs.count(r) / 2 : this.members.count(r);
  }

  copy(kind: number, from: number, to: number): void {
    if (kind === HASH_PACK) this.packs.copy(from, to);
    else this.members.copy(from, to, this.walk.table);
  }

  memory(kind: number, r: number): number {
    return kind === HASH_PACK ? this.packs.memory(r) : this.members.memory(r, this.walk.table);
  }
}
