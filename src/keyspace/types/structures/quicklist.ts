/**
 * Lists on their nodes: reading, searching and changing by index, by value and from both ends.
 *
 *   index    0   1   2 │ 3   4   5   6 │ 7        places in the middle are found from the nearer end,
 *   node     └── a ──┘   └──── b ────┘   └ c      node by node by their counts, then entry by entry
 *
 * A `ListCursor` is such a place. It is good until the list is written to, unless the head of a method says that it
 * keeps the cursor right. Values must not lie inside the list they are put into.
 *
 * HOT. `r` is the list's record. bench: LPUSH, RPUSH, LPOP, RPOP, LRANGE
 */
import { Slice } from '../../../base/slice.js';
import { SEG_MASK, SEG_SHIFT } from '../../entry.js';
import { type End, LEFT, RIGHT, type Sink } from '../door.js';
import type { ListNodes } from './list-nodes.js';
import { Packed, readEntry } from './listpack.js';

/** A place in a list: an entry of a node, and its index. `node` is 0 behind either end. */
export class ListCursor {
  node = 0;
  /** Offset of the entry from the node's start. */
  p = 0;
  index = 0;
}

export class Quicklist {
  private readonly packed = new Packed();
  private readonly element = new Slice();
  private readonly here = new ListCursor();

  constructor(readonly nodes: ListNodes) {}

  length(r: number): number {
    return this.nodes.length(r);
  }

  // ---- both ends -----------------------------------------------------------

  push(r: number, side: End, value: Slice): void {
    this.packed.measure(value);
    this.nodes.push(r, side, this.packed);
  }

  /** Gives the element at an end of a list that is not empty to a sink, and then takes it out. */
  pop(r: number, side: End, sink: Sink): void {
    this.nodes.pop(r, side, this.element, sink);
  }

  /** Fills the hole of a node with what `packed` measured. */
  private writeAt(r: number, node: number): void {
    const { arena } = this.nodes;
    const seg = node >>> SEG_SHIFT;
    this.packed.write(arena.u8[seg], arena.view[seg], ((node & SEG_MASK) << 3) + this.nodes.hole);
    this.nodes.tally(r, node, 1);
  }

  /** Takes the element at an end out; a list that runs empty has a length of 0. */
  dropEnd(r: number, side: End): void {
    const nodes = this.nodes;
    const node = nodes.end(r, side);
    const left = nodes.count(node) - 1;
    if (left === 0) return nodes.drop(r, node);
    const p = side === LEFT ? nodes.skip(node, nodes.start(node)) : nodes.back(node, nodes.stop(node));
    nodes.truncate(r, node, side, p, left);
    if (nodes.nodeCount(r) === 1) nodes.shrink(r, node);
  }

  private readAt(node: number, p: number, out: Slice): number {
    const seg = node >>> SEG_SHIFT;
    const base = (node & SEG_MASK) << 3;
    return readEntry(this.nodes.arena.u8[seg], this.nodes.arena.view[seg], base + p, out) - base;
  }

  // ---- places --------------------------------------------------------------

  /** Sets a cursor on an index from 0 on; false if the list is shorter. */
  seek(r: number, index: number, cursor: ListCursor): boolean {
    const nodes = this.nodes;
    const length = nodes.length(r);
    cursor.index = index;
    cursor.node = 0;
    if (index < 0 || index >= length) return false;
    let node: number;
    let first = 0; // index of the node's first element
    if (index * 2 <= length) {
      node = nodes.end(r, LEFT);
      for (let n = nodes.count(node); index - first >= n; n = nodes.count(node)) {
        first += n;
        node = nodes.beside(node, RIGHT);
      }
    } else {
      node = nodes.end(r, RIGHT);
      for (first = length - nodes.count(node); index < first; first -= nodes.count(node)) {
        node = nodes.beside(node, LEFT);
      }
    }
    cursor.node = node;
    cursor.p = nodes.seek(node, index - first);
    return true;
  }

  /** Looks at the element of a cursor. */
  read(cursor: ListCursor, out: Slice): void {
    this.readAt(cursor.node, cursor.p, out);
  }

  /** Moves a cursor on by one; false (and node 0) behind the last. */
  step(cursor: ListCursor, towards: End): boolean {
    const nodes = this.nodes;
    const { node, p } = cursor;
    if (towards === RIGHT) {
      cursor.index++;
      cursor.p = nodes.skip(node, p);
      if (cursor.p < nodes.stop(node)) return true;
      cursor.node = nodes.beside(node, RIGHT);
      if (cursor.node !== 0) cursor.p = nodes.start(cursor.node);
      return cursor.node !== 0;
    }
    cursor.index--;
    if (p > nodes.start(node)) {
      cursor.p = nodes.back(node, p);
      return true;
    }
    cursor.node = nodes.beside(node, LEFT);
    if (cursor.node !== 0) cursor.p = nodes.back(cursor.node, nodes.stop(cursor.node));
    return cursor.node !== 0;
  }

  /** Gives `n` elements from an index on to a sink, in the direction said; all of them must exist. */
  range(r: number, index: number, n: number, towards: End, sink: Sink): void {
    const { here, nodes, element } = this;
    if (n <= 0 || !this.seek(r, index, here)) return;
    if (towards === LEFT) {
      for (; n > 0; n--) {
        this.read(here, element);
        sink.bulk(element.u8, element.view, element.off, element.len);
        this.step(here, LEFT);
      }
      return;
    }
    let { node, p } = here;
    while (n > 0) {
      const u8 = nodes.arena.u8[node >>> SEG_SHIFT];
      const view = nodes.arena.view[node >>> SEG_SHIFT];
      const base = (node & SEG_MASK) << 3;
      const stop = base + nodes.stop(node);
      for (let q = base + p; q < stop && n > 0; n--) {
        q = readEntry(u8, view, q, element);
        sink.bulk(element.u8, element.view, element.off, element.len);
      }
      node = nodes.beside(node, RIGHT);
      if (node !== 0) p = nodes.start(node);
    }
  }

  // ---- searching -----------------------------------------------------------

  /** Looks for a value in the next calls of `match`. The value must stay in place until the last of them. */
  sought(value: Slice): void {
    this.packed.measure(value);
  }

  /** Moves a cursor to the next place, its own one included, that holds the sought value; at most `limit` looks. */
  match(cursor: ListCursor, towards: End, limit: number): boolean {
    const { arena } = this.nodes;
    while (cursor.node !== 0 && limit-- > 0) {
      const seg = cursor.node >>> SEG_SHIFT;
      if (this.packed.equals(arena.u8[seg], arena.view[seg], ((cursor.node & SEG_MASK) << 3) + cursor.p)) return true;
      this.step(cursor, towards);
    }
    return false;
  }

  // ---- changing the middle -------------------------------------------------

  /** Replaces the element of a cursor; the cursor dies. */
  replace(r: number, cursor: ListCursor, value: Slice): void {
    const nodes = this.nodes;
    const packed = this.packed;
    const { node, p } = cursor;
    packed.measure(value);
    const cut = nodes.skip(node, p) - p;
    if (packed.bytes <= cut || nodes.count(node) === 1 || nodes.allows(node, packed)) {
      const home = nodes.splice(r, node, p, cut, packed.bytes);
      nodes.tally(r, home, -1);
      this.writeAt(r, home);
      return;
    }
    this.insertAt(r, node, p);
    // The old element stands right behind the new one, wherever that went.
    this.seek(r, cursor.index + 1, this.here);
    this.erase(r, this.here, RIGHT);
  }

  /** Puts a value on one side of the element of a cursor; the cursor dies. */
  insert(r: number, cursor: ListCursor, side: End, value: Slice): void {
    this.packed.measure(value);
    const { node, p } = cursor;
    this.insertAt(r, node, side === LEFT ? p : this.nodes.skip(node, p));
  }

  /** Puts what `packed` measured before offset p of a node, or into a neighbour, or between two halves of it. */
  private insertAt(r: number, node: number, p: number): void {
    const { nodes, packed } = this;
    const n = packed.bytes;
    if (nodes.allows(node, packed)) return this.writeAt(r, nodes.splice(r, node, p, 0, n));
    const atStart = p === nodes.start(node);
    if (atStart || p === nodes.stop(node)) {
      const side = atStart ? LEFT : RIGHT;
      const inner = atStart ? RIGHT : LEFT;
      const neighbour = nodes.beside(node, side);
      if (nodes.allows(neighbour, packed)) {
        const at = atStart ? nodes.stop(neighbour) : nodes.start(neighbour);
        return this.writeAt(r, nodes.splice(r, neighbour, at, 0, n));
      }
      return this.writeAt(r, nodes.open(r, nodes.add(r, node, side, n), inner === LEFT ? RIGHT : LEFT, n));
    }
    nodes.split(r, node, p, this.countFrom(node, p));
    const right = nodes.beside(node, RIGHT);
    if (nodes.allows(node, packed)) node = nodes.open(r, node, RIGHT, n);
    else if (nodes.allows(right, packed)) node = nodes.splice(r, right, nodes.start(right), 0, n);
    else node = nodes.open(r, nodes.add(r, node, RIGHT, n), RIGHT, n);
    this.writeAt(r, node);
    nodes.merge(r, node);
  }

  /** How many elements a node has from offset p on. */
  private countFrom(node: number, p: number): number {
    const stop = this.nodes.stop(node);
    let n = 0;
    for (; p < stop; n++) p = this.nodes.skip(node, p);
    return n;
  }

  /**
   * Takes the element of a cursor out and sets the cursor on the next one in the direction said (node 0 if none).
   * Its index becomes that of the element it stands on.
   */
  erase(r: number, cursor: ListCursor, towards: End): void {
    const nodes = this.nodes;
    const { node, p, index } = cursor;
    const cut = nodes.skip(node, p) - p;
    const fromEnd = nodes.stop(node) - p - cut; // bytes behind it: a measure that a move of the left part keeps
    this.step(cursor, towards);
    if (towards === RIGHT) cursor.index = index;
    if (nodes.count(node) === 1) return nodes.drop(r, node);
    nodes.splice(r, node, p, cut, 0);
    nodes.tally(r, node, -1);
    const home = nodes.shrink(r, node);
    if (cursor.node !== node) return;
    const behind = nodes.stop(home) - fromEnd;
    cursor.node = home;
    cursor.p = towards === RIGHT ? behind : nodes.back(home, behind);
  }

  /** LREM: takes up to `limit` elements equal to a value out, from an end on; returns how many it took. */
  removeEqual(r: number, value: Slice, from: End, limit: number): number {
    const { here } = this;
    const towards = from === LEFT ? RIGHT : LEFT;
    let removed = 0;
    this.sought(value);
    this.seek(r, from === LEFT ? 0 : this.length(r) - 1, here);
    while (removed < limit && this.match(here, towards, Number.MAX_SAFE_INTEGER)) {
      this.erase(r, here, towards);
      removed++;
    }
    return removed;
  }

  /** Takes `n` elements away at an end; n may be the length of the list, not more. */
  cutEnd(r: number, side: End, n: number): void {
    const nodes = this.nodes;
    while (n > 0) {
      const node = nodes.end(r, side);
      const count = nodes.count(node);
      if (n >= count) nodes.drop(r, node);
      else {
        const p = nodes.seek(node, side === LEFT ? n : count - n);
        nodes.truncate(r, node, side, p, count - n);
        nodes.shrink(r, node);
      }
      n -= count;
    }
  }

  // ---- whole lists ---------------------------------------------------------

  /** Puts a node of `count` entries that were checked (`checkListpack`) behind the tail. */
  appendNode(r: number, u8: Uint8Array, off: number, bytes: number, count: number): void {
    const { nodes } = this;
    const node = nodes.open(r, nodes.add(r, nodes.end(r, RIGHT), RIGHT, bytes), RIGHT, bytes);
    const to = nodes.arena.u8[node >>> SEG_SHIFT];
    to.set(u8.subarray(off, off + bytes), ((node & SEG_MASK) << 3) + nodes.hole);
    nodes.tally(r, node, count);
  }

  /** Makes an empty list the copy of another one. */
  copy(from: number, to: number): void {
    const { element, here } = this;
    for (let more = this.seek(from, 0, here); more; more = this.step(here, RIGHT)) {
      this.read(here, element);
      this.push(to, RIGHT, element);
    }
  }

  /** Bytes of the arena the list takes beside its record. */
  memory(r: number): number {
    const { nodes } = this;
    let sum = 0;
    for (let node = nodes.end(r, LEFT); node !== 0; node = nodes.beside(node, RIGHT)) sum += nodes.arena.capacity(node);
    return sum;
  }

  /** Bytes of the entries of a node, for those who write nodes as they are: offset in its segment, and length. */
  entries(node: number, out: Slice): void {
    const { nodes } = this;
    const seg = node >>> SEG_SHIFT;
    const off = ((node & SEG_MASK) << 3) + nodes.start(node);
    out.set(nodes.arena.u8[seg], nodes.arena.view[seg], off, nodes.bytes(node));
  }
}
