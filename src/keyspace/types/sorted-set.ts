/**
 * The door to sorted sets: by the entry `e` of a key, never by an offset.
 *
 *   ZSET_PACK   member, score, member, score … in order, in one block        structures/pack.ts
 *   ZSET_TREE   an entry a member with its score, in a table and in a tree   structures/members.ts, score-tree.ts
 *
 * Every range is one of ranks: `countScores` and `countBytes` turn bounds into them. A sorted set begins small and
 * becomes a tree for good with more than `zset-max-listpack-entries` members, or one that is longer than
 * `zset-max-listpack-value`. One that runs empty stays an empty one: removing the key is the handler's step.
 *
 * HOT. What is read is good until the next write; what is put in must not lie in it. Scores are never NaN. bench: ZADD
 */
import { compareBytes } from '../../base/bytes.js';
import { formatScore, parseDouble } from '../../base/numbers.js';
import { Slice } from '../../base/slice.js';
import type { Arena } from '../arena.js';
import { SEG_MASK, SEG_SHIFT, ZSET_PACK, ZSET_TREE } from '../entry.js';
import { type End, LEFT, RIGHT } from './door.js';
import type { TypeLimits } from './limits.js';
import { kindOf, recordOf, setKind } from './record.js';
import { entryNumber, readEntry } from './structures/listpack.js';
import { type Members, SCORED, TableCursor } from './structures/members.js';
import { PAIRS, type Packs } from './structures/pack.js';
import { type ScoreTree, TreeCursor } from './structures/score-tree.js';
import { BEHIND, type Bound, FROM } from './structures/tree-nodes.js';

export { BEHIND, type Bound, FROM };

/** What `put` did. */
export const SAME = 0;
export const ADDED = 1;
export const UPDATED = 2;

/** Integers up to here are written into a pack as such, whatever %.17g would make of them. */
const MAX_PACKED_INTEGER = 2 ** 62;

/** A place in the order of a sorted set, and what is there: set by `seek` and each step. */
export class ScoreCursor {
  readonly member = new Slice();
  score = 0;
  /** The sorted set it walks over, as its record, and whether that is a tree. */
  r = 0;
  big = false;
  /** Of a pack: the places before and behind what is there. */
  p = 0;
  q = 0;
  readonly tree = new TreeCursor();
}

/** Whoever takes members one by one (ZSCAN, ZPOPMIN). The slice is good during the call. */
export interface ScoreSink {
  scored(member: Slice, score: number): void;
}

export class SortedSetType {
  /** For handlers to walk with. Nothing in it survives a command. */
  readonly cursor = new ScoreCursor();
  private readonly walk = new ScoreCursor();
  private readonly table = new TableCursor();
  private readonly text = new Slice();

  constructor(
    private readonly arena: Arena,
    private readonly packs: Packs,
    private readonly members: Members,
    private readonly tree: ScoreTree,
    private readonly limits: TypeLimits,
  ) {}

  /** How many members. */
  count(e: number): number {
    return this.countOf(kindOf(this.arena, e), recordOf(this.arena, e));
  }

  /** The score of a member, NaN if there is none. */
  score(e: number, member: Slice): number {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === ZSET_PACK) {
      const p = this.packs.find(r, member, PAIRS);
      return p < 0 ? Number.NaN : this.scoreAt(r, this.packs.skip(r, p));
    }
    const m = this.members.find(r, member);
    return m === 0 ? Number.NaN : this.tree.score(m);
  }

  /** The score that stands at place p of a pack. */
  private scoreAt(r: number, p: number): number {
    const n = this.packs.number(r, p);
    if (!Number.isNaN(n)) return n;
    const { text } = this;
    this.packs.read(r, p, text);
    return parseDouble(text.u8, text.off, text.len);
  }

  // ---- writing -------------------------------------------------------------

  /** Gives a member a score, whether it is there or not: ADDED, UPDATED or SAME. */
  put(e: number, member: Slice, score: number): number {
    const { limits, packs } = this;
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === ZSET_TREE) return this.putTree(r, member, score);
    const p = packs.find(r, member, PAIRS);
    if (p >= 0) {
      if (this.scoreAt(r, packs.skip(r, p)) === score) return SAME;
      packs.remove(r, p, 2);
      this.insertPacked(r, member, score);
      return UPDATED;
    }
    if (packs.count(r) / 2 + 1 > limits.zsetMaxListpackEntries || member.len > limits.zsetMaxListpackValue) {
      this.enlarge(e);
      return this.putTree(r, member, score);
    }
    this.insertPacked(r, member, score);
    return ADDED;
  }

  private putTree(r: number, member: Slice, score: number): number {
    let m = this.members.find(r, member);
    if (m !== 0) {
      if (this.tree.score(m) === score) return SAME;
      this.members.guard?.memberChanging(r, m);
      this.tree.update(r, m, score);
      return UPDATED;
    }
    m = this.members.add(r, member, 0, SCORED);
    this.tree.insert(r, m, score);
    return ADDED;
  }

  /** Puts a member that is not there where it belongs. */
  private insertPacked(r: number, member: Slice, score: number): void {
    const { packs, text } = this;
    const end = packs.end(r);
    let p = 0;
    while (p < end) {
      const q = packs.skip(r, p);
      const x = this.scoreAt(r, q);
      if (x > score) break;
      if (x === score) {
        packs.read(r, p, text);
        if (compareBytes(text.u8, text.off, text.len, member.u8, member.off, member.len) > 0) break;
      }
      p = packs.skip(r, q);
    }
    p = packs.insert(r, p, member);
    packs.insert(r, p, this.scoreText(score));
  }

  /** A score as a small one keeps it. */
  scoreText(score: number): Slice {
    if (Number.isSafeInteger(score)) return this.text.integer(score === 0 ? 0 : score); // -0 becomes 0, as in redis
    if (Number.isInteger(score) && Math.abs(score) <= MAX_PACKED_INTEGER)
      return this.text.text(BigInt(score).toString());
    return this.text.text(formatScore(score));
  }

  /** Takes a member out; false if it is not there. */
  delete(e: number, member: Slice): boolean {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === ZSET_PACK) {
      const p = this.packs.find(r, member, PAIRS);
      if (p >= 0) this.packs.remove(r, p, 2);
      return p >= 0;
    }
    const m = this.members.find(r, member);
    if (m === 0) return false;
    this.tree.remove(r, m);
    this.members.remove(r, m);
    return true;
  }

  /** Takes n members out from a rank on; all of them must exist. */
  deleteRange(e: number, rank: number, n: number): void {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === ZSET_PACK) {
      if (n > 0) this.packs.remove(r, this.packs.seek(r, rank * 2), n * 2);
      return;
    }
    for (; n > 0; n--) this.members.remove(r, this.tree.takeAt(r, rank));
  }

  /** Gives the member at an end of one that is not empty to a sink, then takes it out. */
  pop(e: number, side: End, sink: ScoreSink): void {
    const r = recordOf(this.arena, e);
    const { walk } = this;
    if (kindOf(this.arena, e) === ZSET_TREE) {
      const m = this.tree.takeAt(r, side === LEFT ? 0 : this.members.count(r) - 1);
      this.members.key(m, walk.member);
      sink.scored(walk.member, this.tree.score(m));
      return this.members.remove(r, m);
    }
    const p = side === LEFT ? 0 : this.packs.seek(r, this.packs.count(r) - 2);
    const q = this.packs.read(r, p, walk.member);
    sink.scored(walk.member, this.scoreAt(r, q));
    this.packs.remove(r, p, 2);
  }

  /** A small one that came as a whole grows, if it has more members than a small one may have. */
  settle(e: number): void {
    if (this.count(e) > this.limits.zsetMaxListpackEntries && kindOf(this.arena, e) === ZSET_PACK) this.enlarge(e);
  }

  private enlarge(e: number): void {
    const { arena, packs } = this;
    const { member } = this.walk;
    const r = recordOf(arena, e);
    const end = packs.end(r);
    const block = packs.detach(r);
    setKind(arena, e, ZSET_TREE);
    if (block === 0) return;
    const seg = block >>> SEG_SHIFT;
    const first = (block & SEG_MASK) << 3;
    for (let p = first; p < first + end; ) {
      p = readEntry(arena.u8[seg], arena.view[seg], p, member);
      let score = entryNumber(arena.u8[seg], arena.view[seg], p);
      p = readEntry(arena.u8[seg], arena.view[seg], p, this.text);
      if (Number.isNaN(score)) score = parseDouble(this.text.u8, this.text.off, this.text.len);
      this.putTree(r, member, score);
    }
    arena.free(block);
  }

  // ---- ranks ---------------------------------------------------------------

  /** The rank of a member from the lowest on, −1 if it is not there. */
  rank(e: number, member: Slice): number {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === ZSET_TREE) {
      const m = this.members.find(r, member);
      return m === 0 ? -1 : this.tree.rank(r, m);
    }
    const p = this.packs.find(r, member, PAIRS);
    if (p < 0) return -1;
    let rank = 0;
    for (let q = 0; q < p; rank++) q = this.packs.skip(r, this.packs.skip(r, q));
    return rank;
  }

  /** How many members have a score below x (FROM), or of at most x (BEHIND): the rank where a range begins or ends. */
  countScores(e: number, x: number, bound: Bound): number {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === ZSET_TREE) return this.tree.countScores(r, x, bound);
    const { packs } = this;
    const end = packs.end(r);
    let rank = 0;
    for (let p = 0; p < end; rank++) {
      const q = packs.skip(r, p);
      const score = this.scoreAt(r, q);
      if (score > x || (score === x && bound === FROM)) break;
      p = packs.skip(r, q);
    }
    return rank;
  }

  /** How many members sort before some bytes (FROM), or not behind them (BEHIND), where all scores are equal. */
  countBytes(e: number, bytes: Slice, bound: Bound): number {
    const r = recordOf(this.arena, e);
    if (kindOf(this.arena, e) === ZSET_TREE) return this.tree.countBytes(r, bytes, bound);
    const { packs, text } = this;
    const end = packs.end(r);
    let rank = 0;
    for (let p = 0; p < end; rank++) {
      const q = packs.read(r, p, text);
      if (compareBytes(text.u8, text.off, text.len, bytes.u8, bytes.off, bytes.len) >= bound) break;
      p = packs.skip(r, q);
    }
    return rank;
  }

  // ---- walking -------------------------------------------------------------

  /** Sets a cursor on a rank and looks at what is there; false if there is no such rank. */
  seek(e: number, rank: number, cursor: ScoreCursor): boolean {
    const r = recordOf(this.arena, e);
    cursor.r = r;
    cursor.big = kindOf(this.arena, e) === ZSET_TREE;
    if (rank < 0 || rank >= this.count(e)) return false;
    if (cursor.big) this.look(this.tree.seek(r, rank, cursor.tree), cursor);
    else this.lookPacked(this.packs.seek(r, rank * 2), cursor);
    return true;
  }

  /** Moves on by one rank, and looks; false behind the last, or before the first. */
  step(cursor: ScoreCursor, towards: End): boolean {
    if (cursor.big) {
      const m = towards === RIGHT ? this.tree.next(cursor.tree) : this.tree.previous(cursor.tree);
      if (m !== 0) this.look(m, cursor);
      return m !== 0;
    }
    const { packs } = this;
    if (towards === RIGHT) {
      if (cursor.q >= packs.end(cursor.r)) return false;
      this.lookPacked(cursor.q, cursor);
      return true;
    }
    if (cursor.p === 0) return false;
    this.lookPacked(packs.back(cursor.r, packs.back(cursor.r, cursor.p)), cursor);
    return true;
  }

  private look(m: number, cursor: ScoreCursor): void {
    this.members.key(m, cursor.member);
    cursor.score = this.tree.score(m);
  }

  private lookPacked(p: number, cursor: ScoreCursor): void {
    const { packs } = this;
    const at = packs.read(cursor.r, p, cursor.member);
    cursor.score = this.scoreAt(cursor.r, at);
    cursor.p = p;
    cursor.q = packs.skip(cursor.r, at);
  }

  /** ZSCAN: gives about `count` members of a table, or all of a small one; returns the next cursor, 0 at the end. */
  scan(e: number, cursor: number, count: number, sink: ScoreSink): number {
    const { walk } = this;
    if (kindOf(this.arena, e) === ZSET_PACK) {
      for (let more = this.seek(e, 0, walk); more; more = this.step(walk, RIGHT)) sink.scored(walk.member, walk.score);
      return 0;
    }
    return this.members.scan(recordOf(this.arena, e), cursor, count, (m) => {
      this.look(m, walk);
      sink.scored(walk.member, walk.score);
    });
  }

  // ---- chance --------------------------------------------------------------

  /** Sets a cursor on a random member of one that is not empty. */
  random(e: number, chance: () => number, cursor: ScoreCursor): void {
    this.seek(e, Math.floor(chance() * this.count(e)), cursor);
  }

  /** Gives n different members to a sink, all choices equally likely; n is at most the count. */
  sample(e: number, n: number, chance: () => number, sink: ScoreSink): void {
    const { walk } = this;
    let left = this.count(e);
    if (n * 3 < left) return this.draw(e, n, chance, sink);
    for (let more = this.seek(e, 0, walk); more && n > 0; more = this.step(walk, RIGHT), left--) {
      if (chance() * left >= n) continue;
      sink.scored(walk.member, walk.score);
      n--;
    }
  }

  /** The same for few of many: draws until so many different ranks are found. */
  private draw(e: number, n: number, chance: () => number, sink: ScoreSink): void {
    const { walk } = this;
    const count = this.count(e);
    const drawn = new Set<number>();
    while (drawn.size < n) {
      const rank = Math.floor(chance() * count);
      if (drawn.has(rank)) continue;
      drawn.add(rank);
      this.seek(e, rank, walk);
      sink.scored(walk.member, walk.score);
    }
  }

  // ---- by record: for the keyspace, which copies and measures ---------

  countOf(kind: number, r: number): number {
    return kind === ZSET_PACK ? this.packs.count(r) / 2 : this.members.count(r);
  }

  copy(kind: number, from: number, to: number): void {
    if (kind === ZSET_PACK) return this.packs.copy(from, to);
    this.members.copy(from, to, this.table);
    this.members.start(this.table);
    for (let m = this.members.next(to, this.table); m !== 0; m = this.members.next(to, this.table)) {
      this.tree.insert(to, m, this.tree.score(m));
    }
  }

  memory(kind: number, r: number): number {
    if (kind === ZSET_PACK) return this.packs.memory(r);
    return this.members.memory(r, this.table) + this.tree.memory(r);
  }
}
