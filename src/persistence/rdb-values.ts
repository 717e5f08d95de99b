/**
 * Values as RDB files hold them: the type number of a key, and its value at once or in pieces.
 *
 *   small collections    one string that is a whole listpack or intset, as Redis has it in memory
 *   lists                count of nodes, and each as such a string
 *   big collections      count, and all elements; sorted sets from the highest score down, which loads fastest
 *   long strings         from a MiB on as they are, however they would compress: no step takes long
 *
 * HOT. `r` is the record of a collection. A value that is written in pieces must not change meanwhile.
 */
import { Slice } from '../base/slice.js';
import {
  HASH_PACK,
  HASH_TABLE,
  LIST,
  SET_INTSET,
  SET_TABLE,
  STRING_EMBSTR,
  ZSET_PACK,
  ZSET_TREE,
} from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import { LEFT, RIGHT } from '../keyspace/types/door.js';
import { readEntry } from '../keyspace/types/structures/listpack.js';
import { TableCursor } from '../keyspace/types/structures/members.js';
import { TreeCursor } from '../keyspace/types/structures/score-tree.js';
import type { TypeValues } from '../keyspace/types/values.js';
import { CONTAINER, TYPE } from './rdb-layout.js';
import type { RdbOutput } from './rdb-output.js';

/** From here on a string is not compressed, and goes out in pieces. */
const LONG_STRING = 1 << 20;
/** Collections from here on are worth the trouble: each element may be long. */
const MANY_NODES = 16;
const MANY_MEMBERS = 64;
/** Of a long string, in one go. */
const PIECE = 1 << 18;

/** The type number of each kind (keyspace/entry.ts). */
const TYPE_NUMBERS: readonly number[] = typeNumbers();

function typeNumbers(): number[] {
  const types: number[] = new Array<number>(16).fill(TYPE.STRING);
  types[LIST] = TYPE.LIST_QUICKLIST_2;
  types[SET_INTSET] = TYPE.SET_INTSET;
  types[SET_TABLE] = TYPE.SET;
  types[HASH_PACK] = TYPE.HASH_LISTPACK;
  types[HASH_TABLE] = TYPE.HASH;
  types[ZSET_PACK] = TYPE.ZSET_LISTPACK;
  types[ZSET_TREE] = TYPE.ZSET_2;
  return types;
}

export function typeNumber(kind: number): number {
  return TYPE_NUMBERS[kind];
}

/** Whether a value is worth to be written in pieces. */
export function isHuge(db: Database, e: number): boolean {
  const kind = db.kind(e);
  if (kind <= STRING_EMBSTR) return db.valueLength(e) >= LONG_STRING;
  if (kind === SET_INTSET || kind === HASH_PACK || kind === ZSET_PACK) return false;
  return db.engine.values.freeEffort(kind, db.record(e)) > (kind === LIST ? MANY_NODES : MANY_MEMBERS);
}

export class ValueWriter {
  private kind = 0;
  private r = 0;
  private values: TypeValues | null = null;
  private readonly table = new TableCursor();
  private readonly tree = new TreeCursor();
  private readonly one = new Slice();
  private readonly two = new Slice();
  /** The next node of a list, the next member of a sorted set, or the next byte of a string. */
  private next = 0;
  private stop = 0;

  constructor(private readonly out: RdbOutput) {}

  /** Writes what stands in front of the elements, or all of what is small; true if nothing is left for `step`. */
  start(db: Database, e: number): boolean {
    const { out, one } = this;
    const kind = (this.kind = db.kind(e));
    if (kind <= STRING_EMBSTR) return this.startString(db, e);
    const r = (this.r = db.record(e));
    const values = (this.values = db.engine.values);
    if (kind === LIST) {
      const { nodes } = values.lists.lists;
      out.length(nodes.nodeCount(r));
      this.next = nodes.end(r, LEFT);
      return false;
    }
    if (kind === SET_INTSET) {
      values.intsets.integers(r, one);
      out.intset(one, values.intsets.width(r));
      return true;
    }
    if (kind === HASH_PACK || kind === ZSET_PACK) {
      values.packs.entries(r, one);
      out.listpack(one, values.packs.count(r));
      return true;
    }
    const count = values.members.count(r);
    out.length(count);
    if (kind === ZSET_TREE) this.next = values.tree.seek(r, count - 1, this.tree);
    else values.members.start(this.table);
    return false;
  }

  private startString(db: Database, e: number): boolean {
    const { out } = this;
    const n = db.valueLength(e);
    const off = db.valueOffset(e);
    if (n < LONG_STRING) {
      out.string(db.bytes(e), db.view(e), off, n);
      return true;
    }
    out.length(n);
    this.one.set(db.bytes(e), db.view(e), off, n);
    this.next = off;
    this.stop = off + n;
    return false;
  }

  /** Writes about so many bytes more; true once the value is complete. */
  step(bytes: number): boolean {
    const { kind, out, values } = this;
    const enough = out.pendingBytes + bytes;
    while (out.pendingBytes < enough) {
      if (kind <= STRING_EMBSTR || values === null) {
        if (this.stepString()) return true;
      } else if (kind === LIST) {
        if (this.stepList(values)) return true;
      } else if (kind === ZSET_TREE) {
        if (this.stepTree(values)) return true;
      } else if (this.stepTable(values)) return true;
    }
    return false;
  }

  private stepString(): boolean {
    const { one } = this;
    const n = Math.min(PIECE, this.stop - this.next);
    this.out.raw(one.u8, one.view, this.next, n);
    this.next += n;
    return this.next === this.stop;
  }

  private stepList(values: TypeValues): boolean {
    const { out, one, two, next } = this;
    if (next === 0) return true;
    const { lists } = values.lists;
    const count = lists.nodes.count(next);
    lists.entries(next, one);
    this.next = lists.nodes.beside(next, RIGHT);
    if (count === 1 && one.len > values.limits.listPackedThreshold) {
      readEntry(one.u8, one.view, one.off, two);
      if (two.len >= values.limits.listPackedThreshold) {
        out.length(CONTAINER.PLAIN);
        out.slice(two);
        return false;
      }
    }
    out.length(CONTAINER.PACKED);
    out.listpack(one, count);
    return false;
  }

  private stepTable(values: TypeValues): boolean {
    const m = values.members.next(this.r, this.table);
    if (m === 0) return true;
    this.member(values, this.kind, m);
    return false;
  }

  /** A member, with its value or score if it has one. */
  member(values: TypeValues, kind: number, m: number): void {
    const { out, one, two } = this;
    values.members.key(m, one);
    out.slice(one);
    if (kind === HASH_TABLE) {
      values.members.value(m, two);
      out.slice(two);
    } else if (kind === ZSET_TREE) out.double(values.tree.score(m));
  }

  private stepTree(values: TypeValues): boolean {
    const { next } = this;
    if (next === 0) return true;
    this.member(values, ZSET_TREE, next);
    this.next = values.tree.previous(this.tree);
    return false;
  }
}
