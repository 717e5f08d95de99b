/**
 * All types together: what the keyspace asks of values whatever they are, and where handlers find the doors.
 *
 *   lists · hashes · sets · sortedSets      one object a server each; they hold no data, the arena does
 *
 * `free`, `copy`, `count` and `memory` go by kind and record (record.ts), as entries name them.
 */
import type { Arena } from '../arena.js';
import {
  HASH_PACK,
  HASH_TABLE,
  LIST,
  SET_INTSET,
  SET_TABLE,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_OF_KIND,
  TYPE_SET,
  TYPE_ZSET,
  ZSET_PACK,
  ZSET_TREE,
} from '../entry.js';
import type { KeyHasher } from '../hash.js';
import type { TableOps } from '../slot-table.js';
import { HashType } from './hash.js';
import { TypeLimits } from './limits.js';
import { ListType } from './list.js';
import { SetType } from './set.js';
import { SortedSetType } from './sorted-set.js';
import { Intsets } from './structures/intset.js';
import { Members } from './structures/members.js';
import { Packs } from './structures/pack.js';
import { ScoreTree } from './structures/score-tree.js';

/** OBJECT ENCODING of the kinds of collections. */
const ENCODINGS = new Map([
  [LIST, 'quicklist'],
  [SET_INTSET, 'intset'],
  [SET_TABLE, 'hashtable'],
  [HASH_PACK, 'listpack'],
  [HASH_TABLE, 'hashtable'],
  [ZSET_PACK, 'listpack'],
  [ZSET_TREE, 'skiplist'],
]);

/** Big sets, hashes and sorted sets: each member is an entry in a table. */
export function hasMembers(kind: number): boolean {
  return kind === SET_TABLE || kind === HASH_TABLE || kind === ZSET_TREE;
}

export class TypeValues {
  readonly limits = new TypeLimits();
  readonly packs: Packs;
  readonly intsets: Intsets;
  readonly members: Members;
  readonly tree: ScoreTree;
  readonly lists: ListType;
  readonly hashes: HashType;
  readonly sets: SetType;
  readonly sortedSets: SortedSetType;

  constructor(arena: Arena, tables: TableOps, hasher: KeyHasher) {
    this.packs = new Packs(arena);
    this.intsets = new Intsets(arena);
    this.members = new Members(arena, tables, hasher);
    this.tree = new ScoreTree(arena);
    this.lists = new ListType(arena, this.limits);
    this.hashes = new HashType(arena, this.packs, this.members, this.limits);
    this.sets = new SetType(arena, this.intsets, this.members, this.limits);
    this.sortedSets = new SortedSetType(arena, this.packs, this.members, this.tree, this.limits);
  }

  /** Frees what a record points to. */
  free(kind: number, r: number): void {
    this.freeSome(kind, r, Number.MAX_SAFE_INTEGER);
  }

  /** About how many blocks `free` would have to give back: what is worth to be done little by little. */
  freeEffort(kind: number, r: number): number {
    if (kind === LIST) return this.lists.lists.nodes.nodeCount(r);
    return hasMembers(kind) ? this.members.count(r) : 1;
  }

  /** Frees about `budget` blocks of a collection that no key holds any more; true once nothing is left. */
  freeSome(kind: number, r: number, budget: number): boolean {
    if (kind === LIST) return this.lists.lists.nodes.clear(r, budget);
    if (kind === HASH_PACK || kind === ZSET_PACK) this.packs.clear(r);
    else if (kind === SET_INTSET) this.intsets.clear(r);
    else if (kind === ZSET_TREE) return this.tree.clearSome(r, budget) && this.members.tables.clearSome(r, budget);
    else if (kind === SET_TABLE || kind === HASH_TABLE) return this.members.tables.clearSome(r, budget);
    return true;
  }

  /** Fills a record of zeros with a copy of what another one of the same kind holds. */
  copy(kind: number, from: number, to: number): void {
    const type = TYPE_OF_KIND[kind];
    if (type === TYPE_LIST) this.lists.copy(from, to);
    else if (type === TYPE_HASH) this.hashes.copy(kind, from, to);
    else if (type === TYPE_SET) this.sets.copy(kind, from, to);
    else if (type === TYPE_ZSET) this.sortedSets.copy(kind, from, to);
  }

  /** Elements, fields or members of a collection. */
  count(kind: number, r: number): number {
    const type = TYPE_OF_KIND[kind];
    if (type === TYPE_LIST) return this.lists.lists.length(r);
    if (type === TYPE_HASH) return this.hashes.countOf(kind, r);
    return type === TYPE_SET ? this.sets.countOf(kind, r) : this.sortedSets.countOf(kind, r);
  }

  /** Bytes of the arena that a collection takes beside the entry of its key. */
  memory(kind: number, r: number): number {
    const type = TYPE_OF_KIND[kind];
    if (type === TYPE_LIST) return this.lists.memory(r);
    if (type === TYPE_HASH) return this.hashes.memory(kind, r);
    return type === TYPE_SET ? this.sets.memory(kind, r) : this.sortedSets.memory(kind, r);
  }

  /** OBJECT ENCODING of a collection. */
  encoding(kind: number): string {
    return ENCODINGS.get(kind) ?? 'raw';
  }
}
