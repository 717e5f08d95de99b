/**
 * The keys of one database: finding, making, resizing, removing them. The only writer of key entries.
 *
 *   handler ──▶ Database ─▷ NewEntries ─▷ Directory ─▷ Entries          ─▷ extends
 *                           makes them    which table  what one says
 *
 * How a handler works with it: `lookup` (reads: counts hits and misses), `glance` (the same, but no use of the key) or
 * `find` (writes) gives the entry of a key or NONE; `lookupOf` and `findOf` also check the type and answer WRONGTYPE.
 * After a change it calls `wrote`. Whatever may move the entry (`setString`, `resize`, `setExpire`, …) returns its new
 * address.
 *
 * HOT. `w` is a segment's words, `i` an entry's first word in it, `t` a slot's table. An entry's address is good until
 * the next write. bench: SET, GET, INCR
 */
import { decimalLength, writeDigits } from '../base/bytes.js';
import { ERRORS } from '../base/errors.js';
import type { ReplyWriter } from '../resp/writer.js';
import type { Request } from '../resp/request.js';
import { SLOT_COUNT } from '../slots/slot-set.js';
import { NO_ARGUMENT } from './directory.js';
import {
  EXTRA,
  HEADER_BYTES,
  IMMORTAL,
  LONG,
  LONG_VALUE,
  META,
  NONE,
  SEG_MASK,
  SEG_SHIFT,
  STRING,
  STRING_EMBSTR,
  TYPE_OF_KIND,
  WRONG,
} from './entry.js';
import { EVENT } from './events.js';
import { LAST_USE, NewEntries } from './new-entries.js';

/** Up to here a string that has to grow gets twice the room, from there on a MiB more: appending stays linear. */
const ROOM_DOUBLES_UP_TO = 1 << 20;

export class Database extends NewEntries {
  // ── finding ───────────────────────────────────────────────────────────────

  /** The live entry of the key in argument i, for a read: counts a hit or miss, and notes the use. */
  lookup(request: Request, i: number): number {
    const e = this.glance(request, i);
    if (e !== NONE) this.use(e);
    return e;
  }

  /** The same for a read that is no use of the key: EXISTS, TTL, TYPE, OBJECT. */
  glance(request: Request, i: number): number {
    const { engine } = this;
    const e = this.peek(request, i);
    if (e !== NONE) {
      engine.hits++;
      return e;
    }
    engine.misses++;
    if (engine.observer !== null) engine.observer.keyMissed?.(this.index, request.buf, request.off[i], request.len[i]);
    return NONE;
  }

  /** The live entry of the key in argument i, for a write: notes the use. */
  find(request: Request, i: number): number {
    const e = this.peek(request, i);
    if (e !== NONE) {
      this.willChange(e);
      this.use(e);
    } else if (!this.engine.mayExpire) this.removeHidden(request, i);
    return e;
  }

  private use(e: number): void {
    const { engine } = this;
    const w = this.arena.i32[e >>> SEG_SHIFT];
    const at = ((e & SEG_MASK) << 1) + META;
    w[at] =
      (w[at] & 0xff) |
      (engine.usage === 'lru' ? engine.usageBits : engine.usageClock.touchLfu(w[at] & ~0xff, engine.now));
  }

  /** The live entry of the key in argument i, leaving no trace of the look. */
  peek(request: Request, i: number): number {
    const { engine } = this;
    const ahead = i === 1 && request.hashed;
    const off = request.off[i];
    const len = request.len[i];
    this.hash = ahead ? request.hash : engine.hasher.hash(request.buf, request.view, off, len);
    this.slot = ahead ? request.slot : engine.hasher.slot;
    this.lastArg = i;
    return this.seek(request.buf, request.view, off, len);
  }

  /** The live entry of n bytes at `off`, for callers without a request. */
  peekBytes(buf: Uint8Array, view: DataView, off: number, n: number): number {
    const { hasher } = this.engine;
    this.hash = hasher.hash(buf, view, off, n);
    this.slot = hasher.slot;
    this.lastArg = NO_ARGUMENT;
    return this.seek(buf, view, off, n);
  }

  private seek(buf: Uint8Array, view: DataView, off: number, n: number): number {
    const t = (this.table = this.slotTable(this.slot));
    if (t === NONE) return (this.lastEntry = NONE);
    const e = this.engine.tables.find(t, this.hash, buf, view, off, n);
    if (e !== NONE && this.mortalCount !== 0 && this.isDead(e)) {
      if (this.engine.mayExpire) this.expireNow(e, t);
      return (this.lastEntry = NONE);
    }
    return (this.lastEntry = e);
  }

  /** Whether its time has come. The last millisecond is still its own. */
  isDead(e: number): boolean {
    return this.expireAt(e) < this.engine.deadBefore;
  }

  /** Where another node decides on expiry a dead key is hidden; a write to it must not make a second one. */
  private removeHidden(request: Request, i: number): void {
    const hidden = this.peekAnyway(request, i);
    if (hidden !== NONE) this.expireNow(hidden, this.table);
  }

  /** What is there, be its time over: for those who replace it unseen. */
  peekAnyway(request: Request, i: number): number {
    return this.engine.amongDead(() => this.peek(request, i));
  }

  lookupOf(request: Request, i: number, type: number, reply: ReplyWriter): number {
    const e = this.lookup(request, i);
    return e === NONE || TYPE_OF_KIND[this.kind(e)] === type ? e : refuse(reply);
  }

  findOf(request: Request, i: number, type: number, reply: ReplyWriter): number {
    const e = this.find(request, i);
    return e === NONE || TYPE_OF_KIND[this.kind(e)] === type ? e : refuse(reply);
  }

  // ── making ────────────────────────────────────────────────────────────────

  /**
   * A new key, after `find` said there is none, with room for a string of n bytes. For collections the record is
   * zeroed and n is ignored. Counts as used now.
   */
  create(request: Request, k: number, kind: number, n: number): number {
    return this.createMortal(request, k, kind, n, IMMORTAL);
  }

  private createMortal(request: Request, k: number, kind: number, n: number, at: number): number {
    if (this.lastArg !== k) this.peek(request, k);
    const e = this.newEntry(request.buf, request.view, request.off[k], request.len[k], kind, at, n);
    this.link(e);
    const { observer } = this.engine;
    if (observer !== null) observer.keyChanged(this.index, request.buf, request.off[k], request.len[k], EVENT.new);
    return e;
  }

  // ── strings ───────────────────────────────────────────────────────────────

  /** SET: argument v becomes the string under the key of argument k until `at`; e is what `find` said. */
  setString(e: number, request: Request, k: number, v: number, at: number): number {
    const n = request.len[v];
    let to = e;
    if (e === NONE) to = this.createMortal(request, k, STRING, n, at);
    else {
      // In place: a plain string without a time of death, and the room is right.
      const size = HEADER_BYTES + request.len[k] + n;
      const plain = (this.meta(e) & 0xff) === STRING && at === IMMORTAL && n < LONG_VALUE;
      if (plain && this.arena.fits(e, size)) this.putLength(e, n);
      else {
        to = this.move(e, STRING, at, n);
        this.discard(e, this.engine.lazily.serverDelete);
      }
    }
    this.putBytes(to, 0, request.buf, request.view, request.off[v], n);
    return to;
  }

  /** A counter's new value, under the key of argument k; e is what `find` said. The time of death stays. */
  setInteger(e: number, request: Request, k: number, n: number): number {
    const length = decimalLength(n);
    let to = e;
    if (e === NONE) to = this.create(request, k, STRING, length);
    else {
      if (this.valueLength(e) !== length) to = this.resize(e, length);
      this.setKind(to, STRING);
    }
    writeDigits(this.bytes(to), this.valueOffset(to), n);
    return to;
  }

  /** Any bytes as the string under the key of argument k; e is what `find` said. The time of death stays. */
  setBytes(e: number, request: Request, k: number, kind: number, bytes: Uint8Array): number {
    const to = e === NONE ? this.create(request, k, kind, bytes.length) : this.resize(e, bytes.length);
    this.setKind(to, kind);
    this.bytes(to).set(bytes, this.valueOffset(to));
    return to;
  }

  /** Gives a string n bytes, keeping the first ones; new ones are whatever was there. Returns the entry. */
  resize(e: number, n: number): number {
    const { arena } = this;
    const before = this.valueLength(e);
    const size = this.valueOffset(e) - ((e & SEG_MASK) << 3) + n;
    const fits = n > before ? size <= arena.capacity(e) : arena.fits(e, size);
    if (fits && (n < LONG_VALUE || (this.meta(e) & LONG) !== 0)) {
      this.putLength(e, n);
      return e;
    }
    const room = n > before && before > 0 ? n + Math.min(n, ROOM_DOUBLES_UP_TO) : n;
    const fresh = this.move(e, this.kind(e), this.expireAt(e), room);
    this.putLength(fresh, n);
    this.putBytes(fresh, 0, this.bytes(e), this.view(e), this.valueOffset(e), Math.min(before, n));
    arena.free(e);
    return fresh;
  }

  // ── removing, and moving between keys ─────────────────────────────────────

  /** Removes a key and what it holds. */
  remove(e: number): void {
    this.unlink(e, this.tableOf(e));
    this.discard(e, this.engine.lazily.serverDelete);
  }

  /** Something was taken out of the collection under the key of argument i: an empty one is no key. */
  removeIfEmpty(request: Request, i: number, e: number): void {
    if (this.engine.values.count(this.kind(e), this.record(e)) > 0) return;
    this.remove(e);
    this.wrote(request, i, EVENT.del, 0);
  }

  /** Removes a key because a client said so: DEL, GETDEL. */
  removeForUser(e: number): void {
    this.unlink(e, this.tableOf(e));
    this.discard(e, this.engine.lazily.userDelete);
  }

  /** Removes a key at once, and what it holds when there is time for it: UNLINK. */
  removeLazily(e: number): void {
    this.unlink(e, this.tableOf(e));
    this.discard(e, true);
  }

  /** Removes a key because its time has come, and says so. */
  expireNow(e: number, t: number): void {
    const { engine } = this;
    engine.expiredKeys++;
    this.unlink(e, t);
    const { observer } = engine;
    if (observer !== null) observer.keyExpired(this.index, this.bytes(e), this.keyOffset(e), this.keyLength(e));
    this.tellRemoved(e, engine.lazily.expire);
    const { stopwatch } = engine;
    stopwatch?.start();
    this.discard(e, engine.lazily.expire);
    stopwatch?.stop('expire-del');
  }

  /** Frees an entry that hangs in no table: now, or lazily if it is big. */
  private discard(e: number, lazily: boolean): void {
    const { snapshot } = this.engine;
    if (snapshot?.keeps(e, this.kind(e), this.record(e))) return;
    if (lazily) this.engine.lazyFree.take(e, this.kind(e), this.record(e));
    else this.release(e);
  }

  /** Frees all keys, and the directory: nobody is told of the single ones. */
  clear(): void {
    const { tables } = this.engine;
    for (let slot = 0; slot < SLOT_COUNT && this.size > 0; slot++) {
      const count = this.keysInSlot(slot);
      if (count === 0) continue;
      tables.each(this.slotTable(slot), (e) => this.release(e));
      tables.drop(this.slotTable(slot));
      this.size -= count;
    }
    this.freeDirectory();
  }

  /** Frees an entry that hangs in no table, and what it holds. */
  release(e: number): void {
    const kind = this.kind(e);
    if (kind > STRING_EMBSTR) this.engine.values.free(kind, this.record(e));
    this.arena.free(e);
  }

  /** Takes the value of e (of any database, unlinked already) under the key of argument k, which is free. */
  adopt(e: number, request: Request, k: number, at: number): number {
    this.peek(request, k);
    const kind = this.kind(e);
    const fresh = this.createMortal(request, k, kind, kind > STRING_EMBSTR ? 0 : this.valueLength(e), at);
    this.inherit(fresh, e, LAST_USE);
    this.moveValue(e, fresh);
    this.arena.free(e);
    return fresh;
  }

  /**
   * A result in the making (`draft`) goes under the key of argument k, in place of whatever was there; an empty one
   * only removes that, be it dead. Returns how many elements it has.
   */
  store(draft: number, request: Request, k: number, event: number): number {
    const count = this.engine.values.count(this.kind(draft), this.record(draft));
    const before = count > 0 ? this.find(request, k) : this.peekAnyway(request, k);
    if (count > 0) {
      if (before === NONE) this.adopt(draft, request, k, IMMORTAL);
      else this.replaceBy(draft, before);
      this.wrote(request, k, event, 1);
      return count;
    }
    this.release(draft);
    if (before !== NONE) {
      this.remove(before);
      this.wrote(request, k, EVENT.del, 1);
    }
    return 0;
  }

  /** That is no new key. */
  private replaceBy(draft: number, before: number): void {
    const fresh = this.move(before, this.kind(draft), IMMORTAL, 0);
    this.moveValue(draft, fresh);
    this.arena.free(draft);
    this.discard(before, this.engine.lazily.serverDelete);
  }

  /** Puts a copy of the value of e (of this or another database) under the key of argument k, which is free. */
  copyFrom(e: number, request: Request, k: number, at: number): number {
    this.peek(request, k);
    const kind = this.kind(e);
    const isString = kind <= STRING_EMBSTR;
    const fresh = this.createMortal(request, k, kind, isString ? this.valueLength(e) : 0, at);
    if (isString) this.moveValue(e, fresh);
    else this.engine.values.copy(kind, this.record(e), this.record(fresh));
    return fresh;
  }

  // ── times of death ────────────────────────────────────────────────────────

  /** Sets or (with IMMORTAL) takes away the time of death. The entry moves if it gains or loses the room for it. */
  setExpire(e: number, at: number): number {
    this.willChange(e);
    const has = (this.meta(e) & EXTRA) !== 0;
    if (has === (at !== IMMORTAL)) {
      if (has) this.arena.f64[e >>> SEG_SHIFT][(e & SEG_MASK) + 2] = at;
      return e;
    }
    const kind = this.kind(e);
    const fresh = this.move(e, kind, at, kind > STRING_EMBSTR ? 0 : this.valueLength(e));
    this.moveValue(e, fresh);
    this.arena.free(e);
    return fresh;
  }

  // ── telling others ────────────────────────────────────────────────────────

  /** Replicas hear of a key that no command removed; it hangs in no table any more, but has its bytes. */
  tellRemoved(e: number, lazily: boolean): void {
    const { changes } = this.engine;
    if (changes === null) return;
    changes.removed(this.index, this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e), lazily);
  }

  /** In place of the present command replicas hear that the key of argument i went. */
  tellRemovedInstead(request: Request, i: number, lazily: boolean): void {
    const { changes } = this.engine;
    if (changes !== null)
      changes
        .instead(this.index, 2)
        .word(lazily ? 'UNLINK' : 'DEL')
        .argument(request, i);
  }

  /** The key of argument i was changed `changes` times by what `event` names (keyspace/events.ts). */
  wrote(request: Request, i: number, event: number, changes: number): void {
    const { engine } = this;
    engine.dirty += changes;
    if (engine.observer !== null)
      engine.observer.keyChanged(this.index, request.buf, request.off[i], request.len[i], event);
  }
}

function refuse(reply: ReplyWriter): number {
  reply.error(ERRORS.WRONGTYPE);
  return WRONG;
}
