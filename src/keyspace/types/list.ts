/**
 * The door to lists, for handlers and files: by the entry `e` of a key, never by an offset.
 *
 *   push pop dropEnd · length · seek read step · range · search next · set insert remove trim · copy memory
 *
 * Indexes count from 0 at the head; `atIndex` of a negative one is the handler's to compute, as it knows the length
 * anyway. A list that runs empty stays an empty list: removing the key is the handler's step.
 *
 * HOT. What is read is good until the next write to the list. bench: LPUSH, LRANGE
 */
import { Slice } from '../../base/slice.js';
import type { Arena } from '../arena.js';
import { type End, LEFT, RIGHT, type Sink } from './door.js';
import type { TypeLimits } from './limits.js';
import { recordOf } from './record.js';
import { ListNodes } from './structures/list-nodes.js';
import { ListCursor, Quicklist } from './structures/quicklist.js';

export { ListCursor } from './structures/quicklist.js';

export class ListType {
  readonly lists: Quicklist;
  private readonly cursor = new ListCursor();
  private readonly found = new ListCursor();
  private readonly sought = new Slice();
  private towards: End = RIGHT;
  private looksLeft = 0;

  constructor(
    private readonly arena: Arena,
    limits: TypeLimits,
  ) {
    this.lists = new Quicklist(new ListNodes(arena, limits));
  }

  length(e: number): number {
    return this.lists.length(recordOf(this.arena, e));
  }

  push(e: number, side: End, value: Slice): void {
    this.lists.push(recordOf(this.arena, e), side, value);
  }

  /** Gives the element at an end to a sink (`reply`), and takes it out. The list must not be empty. */
  pop(e: number, side: End, sink: Sink): void {
    this.lists.pop(recordOf(this.arena, e), side, sink);
  }

  /** Takes the element at an end out; look at it first with `at`. */
  dropEnd(e: number, side: End): void {
    this.lists.dropEnd(recordOf(this.arena, e), side);
  }

  /** Looks at the element at an index; false if there is none. */
  at(e: number, index: number, out: Slice): boolean {
    if (!this.lists.seek(recordOf(this.arena, e), index, this.cursor)) return false;
    this.lists.read(this.cursor, out);
    return true;
  }

  /** Gives n elements from an index on to a sink, towards RIGHT or LEFT; all of them must exist. */
  range(e: number, index: number, n: number, towards: End, sink: Sink): void {
    this.lists.range(recordOf(this.arena, e), index, n, towards, sink);
  }

  // ---- walking -------------------------------------------------------------

  /** Sets the caller's cursor on an index; then `read` and `step` until that says false. */
  seek(e: number, index: number, cursor: ListCursor): boolean {
    return this.lists.seek(recordOf(this.arena, e), index, cursor);
  }

  read(cursor: ListCursor, out: Slice): void {
    this.lists.read(cursor, out);
  }

  step(cursor: ListCursor, towards: End): boolean {
    return this.lists.step(cursor, towards);
  }

  // ---- searching -----------------------------------------------------------

  /** LPOS: begins to look for a value from an end on, at most at `looks` elements; `nextFound` says where. */
  search(e: number, value: Slice, from: End, looks: number): void {
    const r = recordOf(this.arena, e);
    this.sought.same(value);
    this.towards = from === LEFT ? RIGHT : LEFT;
    this.looksLeft = looks;
    this.lists.seek(r, from === LEFT ? 0 : this.lists.length(r) - 1, this.found);
  }

  /** Index of the next element that equals the sought value, or −1. */
  nextFound(): number {
    const { found, lists } = this;
    const before = found.index;
    lists.sought(this.sought);
    const hit = lists.match(found, this.towards, this.looksLeft);
    const index = found.index;
    this.looksLeft -= Math.abs(index - before) + 1;
    if (!hit) return -1;
    lists.step(found, this.towards);
    return index;
  }

  // ---- changing ------------------------------------------------------------

  /** LSET: false if there is no such index. */
  set(e: number, index: number, value: Slice): boolean {
    const r = recordOf(this.arena, e);
    if (!this.lists.seek(r, index, this.cursor)) return false;
    this.lists.replace(r, this.cursor, value);
    return true;
  }

  /** LINSERT: puts a value on a side of the first element that equals the pivot; false if there is none. */
  insert(e: number, side: End, pivot: Slice, value: Slice): boolean {
    const r = recordOf(this.arena, e);
    this.lists.sought(pivot);
    this.lists.seek(r, 0, this.cursor);
    if (!this.lists.match(this.cursor, RIGHT, Number.MAX_SAFE_INTEGER)) return false;
    this.lists.insert(r, this.cursor, side, value);
    return true;
  }

  /** LREM: takes up to `limit` elements equal to a value out, from an end on; returns how many. */
  remove(e: number, value: Slice, from: End, limit: number): number {
    return this.lists.removeEqual(recordOf(this.arena, e), value, from, limit);
  }

  /** LTRIM: takes so many away at the head and at the tail; together at most the length. */
  trim(e: number, atHead: number, atTail: number): void {
    const r = recordOf(this.arena, e);
    this.lists.cutEnd(r, LEFT, atHead);
    this.lists.cutEnd(r, RIGHT, atTail);
  }

  // ---- by record: for the keyspace, which copies and measures ---------

  copy(from: number, to: number): void {
    this.lists.copy(from, to);
  }

  memory(r: number): number {
    return this.lists.memory(r);
  }
}
