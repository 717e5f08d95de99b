/**
 * Reading ahead: touches what the lookups of a batch will touch, before the first of them runs.
 *
 *   hash all keys ─▶ all tables ─▶ all bucket heads ─▶ all first entries ─▶ all second entries,
 *                                                      and where a key is new: the bucket that its insert will split
 *   then the same one level down: the members of big sets, hashes and sorted sets
 *
 * The loads within a stage do not depend on each other, so the CPU has many cache misses in flight at once; one lookup
 * after the other would wait for each of them (193 ns alone, 15 ns overlapped). How many are in flight depends on how
 * few instructions lie between two loads: so the hashes come first and apart. Only a hint: nothing but the hashes and
 * the slot is kept, in the request, and no command knows of it.
 *
 * HOT. bench: SET, GET, ZADD at P = 16 and 64
 */
import { BATCH } from '../resp/reader.js';
import type { Request } from '../resp/request.js';
import type { Engine } from './engine.js';
import { HASH, LENS, NEXT, NONE, SEG_MASK, SEG_SHIFT } from './entry.js';
import type { Database } from './keyspace.js';
import { hasMembers } from './types/values.js';

/** Of a table that is walked: entries of so many buckets stay in the cache until it comes to them. */
const BUCKETS = 512;

/** Whether argument 1 of a command is a key, and whether the command may make it. */
export const KEYED = { no: 0, read: 1, made: 2 } as const;
const MADE = KEYED.made;

export class ReadAhead {
  /** Keeps the loads from being optimised away. */
  sum = 0;
  /** Of each place in the batch: the address where its look has come to, the hash, and the table that may grow. */
  private readonly at = new Int32Array(BATCH);
  private readonly hashes = new Int32Array(BATCH);
  private readonly growing = new Int32Array(BATCH);
  private readonly walked = new Int32Array(BUCKETS);

  constructor(private readonly engine: Engine) {}

  /** For a batch of requests; `keyed` is a KEYED for each command. */
  keys(reqs: readonly Request[], n: number, keyed: Uint8Array, db: Database): void {
    const { at, hashes, growing } = this;
    const { hasher } = this.engine;
    let before: Request | null = null;
    for (let k = 0; k < n; k++) {
      const request = reqs[k];
      at[k] = growing[k] = NONE;
      if (request.command < 0 || keyed[request.command] === 0 || request.argc < 2) continue;
      request.hashed = true;
      if (before !== null && request.sameAs(before, 1)) {
        request.hash = before.hash; // one key, many requests: its way is looked at once
        request.slot = before.slot;
        continue;
      }
      before = request;
      hashes[k] = request.hash = hasher.hash(request.buf, request.view, request.off[1], request.len[1]);
      request.slot = hasher.slot;
      at[k] = db.slotTable(request.slot);
      if (keyed[request.command] === MADE) growing[k] = at[k];
    }
    this.touch(n);
  }

  /** For the keys of ONE request (MSET, MGET, DEL): arguments `from`, from + step, … up to a batch of them. */
  keysOf(request: Request, from: number, step: number, db: Database, mayMake = false): void {
    const { at, hashes, growing } = this;
    const { hasher } = this.engine;
    if (db.size === 0) return;
    let n = 0;
    for (let i = from; i < request.argc && n < BATCH; i += step) {
      hashes[n] = hasher.hash(request.buf, request.view, request.off[i], request.len[i]);
      at[n] = db.slotTable(hasher.slot);
      growing[n] = mayMake ? at[n] : NONE;
      n++;
    }
    this.touch(n);
  }

  /** One level down: for the members that a batch will look up in big sets, hashes and sorted sets. */
  members(reqs: readonly Request[], n: number, memberArg: Uint8Array, db: Database): void {
    const { at, hashes, growing } = this;
    const { hasher, tables } = this.engine;
    let found = 0;
    let e = NONE;
    let hash = 0; // of the key that led to e; two keys of one hash cost no more than a useless look
    for (let k = 0; k < n; k++) {
      const request = reqs[k];
      const arg = request.command < 0 ? 0 : memberArg[request.command];
      at[k] = growing[k] = NONE;
      if (arg === 0 || request.argc <= arg || !request.hashed || db.size === 0) continue;
      if (e === NONE || request.hash !== hash) {
        hash = request.hash;
        const t = db.slotTable(request.slot);
        e = tables.find(t, hash, request.buf, request.view, request.off[1], request.len[1]);
        if (e === NONE) continue;
      }
      if (!hasMembers(db.kind(e))) continue;
      hashes[k] = request.memberHash = hasher.hash(request.buf, request.view, request.off[arg], request.len[arg]);
      request.memberArg = arg;
      at[k] = growing[k] = db.record(e);
      found++;
    }
    if (found > 0) this.touch(n);
  }

  /** The stages, from the table records at `at` on. */
  private touch(n: number): void {
    const { at, hashes, growing } = this;
    const { tables, arena } = this.engine;
    const { i32 } = arena;
    let sum = 0;
    for (let k = 0; k < n; k++) if (at[k] !== NONE) sum ^= tables.count(at[k]);
    for (let k = 0; k < n; k++) if (at[k] !== NONE) at[k] = tables.firstOf(at[k], hashes[k]);
    for (let k = 0; k < n; k++) {
      const e = at[k];
      if (e === NONE) continue;
      const w = i32[e >>> SEG_SHIFT];
      const i = (e & SEG_MASK) << 1;
      sum ^= w[i + LENS];
      at[k] = w[i + NEXT];
      if (w[i + HASH] === hashes[k]) at[k] = growing[k] = NONE;
    }
    let splits = 0;
    for (let k = 0; k < n; k++) {
      const e = at[k];
      if (e !== NONE) sum ^= i32[e >>> SEG_SHIFT][((e & SEG_MASK) << 1) + HASH];
      else if (growing[k] !== NONE) at[splits++] = tables.nextSplit(growing[k]);
    }
    for (let depth = 0; depth < 2; depth++) {
      for (let k = 0; k < splits; k++) {
        const e = at[k];
        if (e !== NONE) at[k] = i32[e >>> SEG_SHIFT][((e & SEG_MASK) << 1) + NEXT];
      }
    }
    this.sum = sum;
  }

  /** For a walk over all entries of a table. A long one is not worth it: it would be forgotten before it is walked. */
  table(t: number): void {
    const { walked } = this;
    const { tables, arena } = this.engine;
    const n = tables.bucketCount(t);
    if (n > BUCKETS) return;
    let sum = 0;
    for (let b = 0; b < n; b++) sum ^= walked[b] = tables.bucketHead(t, b);
    for (let b = 0; b < n; b++) {
      const e = walked[b];
      if (e !== NONE) sum ^= walked[b] = arena.i32[e >>> SEG_SHIFT][((e & SEG_MASK) << 1) + NEXT];
    }
    for (let b = 0; b < n; b++) {
      const e = walked[b];
      if (e !== NONE) sum ^= arena.i32[e >>> SEG_SHIFT][((e & SEG_MASK) << 1) + NEXT];
    }
    this.sum = sum;
  }
}
