/**
 * The order of a big sorted set: a B+-tree over its member entries, by (score, member bytes), counted for ranks.
 *
 *   record in the key's entry (24 bytes)   │ member table (16) │ root │ height │      height 1 = the root is a leaf
 *
 *                    ┌ 90 members │ 120 │ 84 ┐                rank of a member = sizes to the left of the way down
 *              ┌ leaf ┬ leaf ┐  ┌ leaf ┐ …                     plus its place in the leaf
 *
 * All ranges become ranks: how many are below a score or a text, then a walk from that rank on. Nodes that fall below
 * a quarter are joined with a neighbour if both fit well into one. Scores are never NaN; -0 and 0 are equal, as in C.
 *
 * HOT. `r` is a record, `m` a member, `d` a depth: the root is at 0, leaves at height − 1. What was walked through last
 * is kept in `pathNode` and `pathPlace`. bench: ZADD, ZPOPMIN
 */
import type { Slice } from '../../../base/slice.js';
import type { Arena } from '../../arena.js';
import { SEG_MASK, SEG_SHIFT } from '../../entry.js';
import {
  type Bound,
  CHILD,
  COUNT,
  INNER_CAP,
  INNER_SCORES,
  KEYS,
  LEAF_CAP,
  LEAF_SCORES,
  NEXT,
  PREV,
  SIZE,
  TreeNodes,
} from './tree-nodes.js';

const R_ROOT = 4;
const R_HEIGHT = 5;
/** Below a quarter a node looks for a neighbour; together they leave a quarter free, so that it lasts. */
const SPARSE = 4;
/** A tree of 2^31 members in half-full nodes has a height of 7. */
const MAX_HEIGHT = 16;
/** The height of a tree that is being freed: its root is the first of a chain of leaves. */
const ONLY_LEAVES = -1;

/** A place in the order. `leaf` is 0 behind either end. */
export class TreeCursor {
  leaf = 0;
  at = 0;
}

export class ScoreTree {
  private readonly nodes: TreeNodes;
  private readonly pathNode = new Int32Array(MAX_HEIGHT);
  private readonly pathPlace = new Int32Array(MAX_HEIGHT);

  constructor(private readonly arena: Arena) {
    this.nodes = new TreeNodes(arena);
  }

  score(m: number): number {
    return this.arena.f64[m >>> SEG_SHIFT][(m & SEG_MASK) + 2];
  }

  private setScore(m: number, score: number): void {
    this.arena.f64[m >>> SEG_SHIFT][(m & SEG_MASK) + 2] = score;
  }

  private root(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + R_ROOT];
  }

  private height(r: number): number {
    return this.arena.i32[r >>> SEG_SHIFT][((r & SEG_MASK) << 1) + R_HEIGHT];
  }

  private setRoot(r: number, root: number, height: number): void {
    const w = this.arena.i32[r >>> SEG_SHIFT];
    const i = (r & SEG_MASK) << 1;
    w[i + R_ROOT] = root;
    w[i + R_HEIGHT] = height;
  }

  // ---- ranks ---------------------------------------------------------------

  /** Walks to the leaf where (m, score) belongs, adding `by` to the sizes on the way. */
  private descend(r: number, m: number, score: number, by: number): number {
    const { nodes } = this;
    let node = this.root(r);
    for (let d = 0, inner = this.height(r) - 1; d < inner; d++) {
      const w = this.arena.i32[node >>> SEG_SHIFT];
      const i = (node & SEG_MASK) << 1;
      let c = nodes.lowerBound(node, INNER_SCORES, 1, m, score);
      if (c === w[i + COUNT] || w[i + KEYS + c] !== m) c--;
      this.pathNode[d] = node;
      this.pathPlace[d] = c;
      w[i + SIZE + c] += by;
      node = w[i + CHILD + c];
    }
    return node;
  }

  rank(r: number, m: number): number {
    const score = this.score(m);
    const leaf = this.descend(r, m, score, 0);
    let rank = this.nodes.lowerBound(leaf, LEAF_SCORES, 0, m, score);
    for (let d = this.height(r) - 2; d >= 0; d--) rank += this.nodes.sizeBefore(this.pathNode[d], this.pathPlace[d]);
    return rank;
  }

  /** How many members have a score below x (FROM), or of at most x (BEHIND). */
  countScores(r: number, x: number, bound: Bound): number {
    const { nodes } = this;
    let node = this.root(r);
    let rank = 0;
    if (node === 0) return 0;
    for (let h = this.height(r); h > 1; h--) {
      const c = nodes.placeOfScore(node, INNER_SCORES, 1, x, bound) - 1;
      rank += nodes.sizeBefore(node, c);
      node = nodes.word(node, CHILD + c);
    }
    return rank + nodes.placeOfScore(node, LEAF_SCORES, 0, x, bound);
  }

  /** How many members sort before some bytes (FROM), or not behind them (BEHIND); all scores are taken as equal. */
  countBytes(r: number, bytes: Slice, bound: Bound): number {
    const { nodes } = this;
    let node = this.root(r);
    let rank = 0;
    if (node === 0) return 0;
    for (let h = this.height(r); h > 1; h--) {
      const c = nodes.placeOfBytes(node, 1, bytes, bound) - 1;
      rank += nodes.sizeBefore(node, c);
      node = nodes.word(node, CHILD + c);
    }
    return rank + nodes.placeOfBytes(node, 0, bytes, bound);
  }

  // ---- walking -------------------------------------------------------------

  /** Sets a cursor on a rank that exists; returns its member. */
  seek(r: number, rank: number, cursor: TreeCursor): number {
    let node = this.root(r);
    for (let h = this.height(r); h > 1; h--) {
      const w = this.arena.i32[node >>> SEG_SHIFT];
      const i = (node & SEG_MASK) << 1;
      let c = 0;
      while (rank >= w[i + SIZE + c]) rank -= w[i + SIZE + c++];
      node = w[i + CHILD + c];
    }
    cursor.leaf = node;
    cursor.at = rank;
    return this.nodes.word(node, KEYS + rank);
  }

  /** The next member of a walk, or 0 behind the last. */
  next(cursor: TreeCursor): number {
    const { nodes } = this;
    if (++cursor.at === nodes.count(cursor.leaf)) {
      cursor.leaf = nodes.word(cursor.leaf, NEXT);
      cursor.at = 0;
    }
    return cursor.leaf === 0 ? 0 : nodes.word(cursor.leaf, KEYS + cursor.at);
  }

  /** The member before, or 0 before the first. */
  previous(cursor: TreeCursor): number {
    const { nodes } = this;
    if (--cursor.at < 0) {
      cursor.leaf = nodes.word(cursor.leaf, PREV);
      cursor.at = cursor.leaf === 0 ? 0 : nodes.count(cursor.leaf) - 1;
    }
    return cursor.leaf === 0 ? 0 : nodes.word(cursor.leaf, KEYS + cursor.at);
  }

  // ---- putting in ------------------------------------------------------------

  /** Puts a member into the order under a score, which becomes its own. */
  insert(r: number, m: number, score: number): void {
    const { nodes } = this;
    this.setScore(m, score);
    if (this.root(r) === 0) this.setRoot(r, nodes.create(), 1);
    const leaf = this.descend(r, m, score, 1);
    const at = nodes.lowerBound(leaf, LEAF_SCORES, 0, m, score);
    if (nodes.count(leaf) < LEAF_CAP) return nodes.openGap(leaf, LEAF_SCORES, at, m, score);
    // Appending at the far right leaves full leaves behind; else they split in two.
    const keep = at === LEAF_CAP && nodes.word(leaf, NEXT) === 0 ? LEAF_CAP : LEAF_CAP >> 1;
    const right = nodes.split(leaf, LEAF_SCORES, keep);
    if (at < keep) nodes.openGap(leaf, LEAF_SCORES, at, m, score);
    else nodes.openGap(right, LEAF_SCORES, at - keep, m, score);
    this.addChild(r, this.height(r) - 2, leaf, right, LEAF_SCORES);
  }

  /** After a split below depth d: hangs `right` beside `left` into the inner node there, or makes a new root. */
  private addChild(r: number, d: number, left: number, right: number, scores: number): void {
    const { nodes } = this;
    const leftSize = scores === LEAF_SCORES ? nodes.count(left) : nodes.sizeBefore(left, nodes.count(left));
    const rightSize = scores === LEAF_SCORES ? nodes.count(right) : nodes.sizeBefore(right, nodes.count(right));
    if (d < 0) {
      const root = nodes.create();
      nodes.openChild(root, 0, left, leftSize, scores);
      nodes.openChild(root, 1, right, rightSize, scores);
      return this.setRoot(r, root, this.height(r) + 1);
    }
    let node = this.pathNode[d];
    let at = this.pathPlace[d] + 1;
    this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + SIZE + at - 1] = leftSize;
    let sibling = 0;
    if (nodes.count(node) === INNER_CAP) {
      const keep = at === INNER_CAP ? INNER_CAP - 1 : INNER_CAP >> 1;
      sibling = nodes.split(node, INNER_SCORES, keep);
      if (at > keep) {
        node = sibling;
        at -= keep;
      }
    }
    nodes.openChild(node, at, right, rightSize, scores);
    if (sibling !== 0) this.addChild(r, d - 1, this.pathNode[d], sibling, INNER_SCORES);
  }

  /** Gives a member another score: in place where its neighbours let it. */
  update(r: number, m: number, score: number): void {
    const { nodes } = this;
    const old = this.score(m);
    const leaf = this.descend(r, m, old, 0);
    const at = nodes.lowerBound(leaf, LEAF_SCORES, 0, m, old);
    const last = at === nodes.count(leaf) - 1;
    if (at > 0 && (!last || nodes.word(leaf, NEXT) === 0)) {
      const fitsLeft = this.sorts(nodes.score(leaf, LEAF_SCORES, at - 1), nodes.word(leaf, KEYS + at - 1), score, m);
      const fitsRight =
        last || this.sorts(score, m, nodes.score(leaf, LEAF_SCORES, at + 1), nodes.word(leaf, KEYS + at + 1));
      if (fitsLeft && fitsRight) {
        this.arena.f64[leaf >>> SEG_SHIFT][(leaf & SEG_MASK) + LEAF_SCORES + at] = score;
        return this.setScore(m, score);
      }
    }
    this.remove(r, m);
    this.insert(r, m, score);
  }

  /** Whether (x, a) sorts before (y, b). */
  private sorts(x: number, a: number, y: number, b: number): boolean {
    return x < y || (x === y && this.nodes.lessMember(a, b));
  }

  // ---- taking out ------------------------------------------------------------

  /** Takes a member out of the order; it stays in its table. */
  remove(r: number, m: number): void {
    const score = this.score(m);
    const leaf = this.descend(r, m, score, -1);
    this.removeAt(r, leaf, this.nodes.lowerBound(leaf, LEAF_SCORES, 0, m, score));
  }

  /** Takes the member of a rank out of the order, and returns it. */
  takeAt(r: number, rank: number): number {
    let node = this.root(r);
    for (let d = 0, inner = this.height(r) - 1; d < inner; d++) {
      const w = this.arena.i32[node >>> SEG_SHIFT];
      const i = (node & SEG_MASK) << 1;
      let c = 0;
      while (rank >= w[i + SIZE + c]) rank -= w[i + SIZE + c++];
      this.pathNode[d] = node;
      this.pathPlace[d] = c;
      w[i + SIZE + c]--;
      node = w[i + CHILD + c];
    }
    const m = this.nodes.word(node, KEYS + rank);
    this.removeAt(r, node, rank);
    return m;
  }

  private removeAt(r: number, leaf: number, at: number): void {
    const { nodes } = this;
    nodes.closeGap(leaf, LEAF_SCORES, at);
    const n = nodes.count(leaf);
    const d = this.height(r) - 1;
    if (n > 0 && at === 0) this.newFirst(d - 1, nodes.word(leaf, KEYS), nodes.score(leaf, LEAF_SCORES, 0));
    if (n * SPARSE < LEAF_CAP) this.settle(r, d, leaf);
  }

  /** What lies below depth d, on the path, begins with another member now. */
  private newFirst(d: number, m: number, score: number): void {
    for (; d >= 0; d--) {
      const at = this.pathPlace[d];
      if (at === 0) continue;
      const node = this.pathNode[d];
      this.arena.i32[node >>> SEG_SHIFT][((node & SEG_MASK) << 1) + KEYS + at] = m;
      this.arena.f64[node >>> SEG_SHIFT][(node & SEG_MASK) + INNER_SCORES + at] = score;
      return;
    }
  }

  /** A node at depth d of the path has few or none left: joins it with a neighbour, or frees it, and so on upwards. */
  private settle(r: number, d: number, node: number): void {
    const { nodes } = this;
    if (d === 0) return this.lowerRoot(r);
    const scores = d === this.height(r) - 1 ? LEAF_SCORES : INNER_SCORES;
    const room = ((scores === LEAF_SCORES ? LEAF_CAP : INNER_CAP) * 3) >> 2;
    const parent = this.pathNode[d - 1];
    const at = this.pathPlace[d - 1];
    const n = nodes.count(node);
    if (n === 0) {
      nodes.release(node, scores);
      this.dropChild(r, d - 1, at);
      return;
    }
    const right = at + 1 < nodes.count(parent) ? nodes.word(parent, CHILD + at + 1) : 0;
    if (right !== 0 && n + nodes.count(right) <= room) return this.join(r, d, node, right, at + 1);
    const left = at > 0 ? nodes.word(parent, CHILD + at - 1) : 0;
    if (left !== 0 && n + nodes.count(left) <= room) this.join(r, d, left, node, at);
  }

  /** Moves all of `right`, which hangs at place `at` of its parent, into its left neighbour. */
  private join(r: number, d: number, left: number, right: number, at: number): void {
    const { nodes } = this;
    const parent = this.pathNode[d - 1];
    const w = this.arena.i32[parent >>> SEG_SHIFT];
    const i = (parent & SEG_MASK) << 1;
    const scores = d === this.height(r) - 1 ? LEAF_SCORES : INNER_SCORES;
    if (scores === INNER_SCORES) {
      // first[0] of the right node was never kept: the parent has it.
      this.arena.i32[right >>> SEG_SHIFT][((right & SEG_MASK) << 1) + KEYS] = w[i + KEYS + at];
      const score = nodes.score(parent, INNER_SCORES, at);
      this.arena.f64[right >>> SEG_SHIFT][(right & SEG_MASK) + INNER_SCORES] = score;
    }
    nodes.join(left, right, scores);
    w[i + SIZE + at - 1] += w[i + SIZE + at];
    this.dropChild(r, d - 1, at);
  }

  /** Takes the child at a place out of the inner node at depth d of the path. */
  private dropChild(r: number, d: number, at: number): void {
    const { nodes } = this;
    const node = this.pathNode[d];
    nodes.closeChild(node, at);
    const n = nodes.count(node);
    if (n > 0 && at === 0) this.newFirst(d - 1, nodes.word(node, KEYS), nodes.score(node, INNER_SCORES, 0));
    if (n * SPARSE < INNER_CAP) this.settle(r, d, node);
  }

  private lowerRoot(r: number): void {
    const { nodes } = this;
    let root = this.root(r);
    let height = this.height(r);
    while (height > 1 && nodes.count(root) === 1) {
      const child = nodes.word(root, CHILD);
      this.arena.free(root);
      root = child;
      height--;
    }
    if (nodes.count(root) === 0) {
      this.arena.free(root);
      root = height = 0;
    }
    this.setRoot(r, root, height);
  }

  // ---- whole trees -----------------------------------------------------------

  /**
   * Frees up to `budget` leaves, after all inner nodes, which are few; true once all are gone. For trees that nobody
   * looks into any more: what is left in between is a chain of leaves, and its height says so.
   */
  clearSome(r: number, budget: number): boolean {
    const { nodes } = this;
    let leaf = this.root(r);
    if (leaf === 0) return true;
    if (this.height(r) !== ONLY_LEAVES) leaf = this.clearInner(leaf, this.height(r));
    for (; leaf !== 0 && budget > 0; budget--) {
      const next = nodes.word(leaf, NEXT);
      this.arena.free(leaf);
      leaf = next;
    }
    this.setRoot(r, leaf, leaf === 0 ? 0 : ONLY_LEAVES);
    return leaf === 0;
  }

  /** Frees the inner nodes from one down; returns its first leaf. */
  private clearInner(node: number, height: number): number {
    if (height === 1) return node;
    const n = this.nodes.count(node);
    let first = 0;
    for (let c = n - 1; c >= 0; c--) first = this.clearInner(this.nodes.word(node, CHILD + c), height - 1);
    this.arena.free(node);
    return first;
  }

  /** Bytes of the arena that the nodes take. */
  memory(r: number): number {
    return this.root(r) === 0 ? 0 : this.memoryOf(this.root(r), this.height(r));
  }

  private memoryOf(node: number, height: number): number {
    let sum = this.arena.capacity(node);
    if (height === 1) return sum;
    const n = this.nodes.count(node);
    for (let c = 0; c < n; c++) sum += this.memoryOf(this.nodes.word(node, CHILD + c), height - 1);
    return sum;
  }
}
