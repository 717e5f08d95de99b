/**
 * Builds the value of a key out of RDB bytes: for a file that is loaded, and for RESTORE.
 *
 *   start ─▶ OK: complete ─▶ `entry` hangs in no table yet: who asked for it hangs it there, or lets it go
 *     │
 *     └────▶ ELEMENTS ─▶ step, step … as bytes arrive ─▶ OK
 *
 * Strings and small collections come as one string and are taken at once. Long strings come in pieces, big collections
 * element by element, so that only one element has to be there as a whole. Nothing is believed: no length, no count,
 * not that elements differ. What is wrong is said in `reason`, in Redis' words where it has some.
 *
 * HOT. `e` is the entry in the making, an address: it stays while the value is built.
 */
import { parseDouble } from '../base/numbers.js';
import { Slice } from '../base/slice.js';
import type { Engine } from '../keyspace/engine.js';
import {
  HASH_PACK,
  HASH_TABLE,
  IMMORTAL,
  LIST,
  NONE,
  SET_INTSET,
  SET_TABLE,
  STRING,
  ZSET_PACK,
  ZSET_TREE,
} from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import { RIGHT } from '../keyspace/types/door.js';
import { ADDED, ScoreCursor } from '../keyspace/types/sorted-set.js';
import { INTSET_HEADER } from '../keyspace/types/structures/intset.js';
import { checkListpack, LISTPACK_FRAME, LISTPACK_HEADER, readEntry } from '../keyspace/types/structures/listpack.js';
import { EntryList } from './old-forms.js';
import { isIntset, PackCheck } from './pack-check.js';
import { BAD, MORE, OK, type RdbInput, RdbText } from './rdb-input.js';
import { CONTAINER, SCORE_FORM, TYPE, UNREADABLE } from './rdb-layout.js';

/** The value consists of elements: `step` takes them. */
export const ELEMENTS = 1;
/** A value without elements: no key can have it. */
export const EMPTY = -4;

/** Strings from here on are taken over as they arrive. */
const LONG_STRING = 1 << 20;
/** One part in so many of a long string must be there before it gets its room. */
const ROOM_FOR_PART = 16;

const BAD_STRING = 'Invalid length or string.';

/** Types that come as a count and elements. */
const COUNTED: ReadonlySet<number> = new Set([
  TYPE.LIST,
  TYPE.SET,
  TYPE.ZSET,
  TYPE.HASH,
  TYPE.ZSET_2,
  TYPE.LIST_QUICKLIST,
  TYPE.LIST_QUICKLIST_2,
]);

/** Types that come as one string. */
const WHOLE: ReadonlySet<number> = new Set([
  TYPE.STRING,
  TYPE.HASH_ZIPMAP,
  TYPE.LIST_ZIPLIST,
  TYPE.SET_INTSET,
  TYPE.ZSET_ZIPLIST,
  TYPE.HASH_ZIPLIST,
  TYPE.HASH_LISTPACK,
  TYPE.ZSET_LISTPACK,
  TYPE.SET_LISTPACK,
]);

const OLD_NAMES: ReadonlyMap<number, string> = new Map([
  [TYPE.LIST_ZIPLIST, 'List'],
  [TYPE.ZSET_ZIPLIST, 'Zset'],
  [TYPE.HASH_ZIPLIST, 'Hash'],
]);

export class ValueBuilder {
  /** The entry that was built, or is being built; NONE if there is none. */
  entry = NONE;
  reason = '';
  /** Any database will do: entries are made of the arena, whatever table they will hang in. */
  private readonly entries: Database;
  private readonly value = new RdbText();
  private readonly field = new RdbText();
  private readonly check: PackCheck;
  private readonly list = new EntryList();
  private readonly pack = new Slice();
  private readonly cursor = new ScoreCursor();
  private key = new Slice();
  private at = IMMORTAL;
  private type = 0;
  private left = 0;
  /** Bytes of the longest member of a sorted set. */
  private longest = 0;

  constructor(private readonly engine: Engine) {
    this.entries = engine.database(0);
    this.check = new PackCheck(engine.hasher);
  }

  /** Frees what was built and nobody took. */
  abandon(): void {
    if (this.entry !== NONE) this.entries.release(this.entry);
    this.entry = NONE;
  }

  private bad(reason: string): number {
    this.reason = reason;
    return BAD;
  }

  /**
   * Begins a value of a type, for a key that dies at `at`: OK, ELEMENTS, EMPTY, MORE or BAD. After MORE it is called
   * again, with the input where it was.
   */
  start(input: RdbInput, type: number, key: Slice, at: number): number {
    this.type = type;
    this.key = key;
    this.at = at;
    this.reason = BAD_STRING;
    if (COUNTED.has(type)) return this.startCounted(input);
    if (UNREADABLE.has(type)) return this.bad(`Values of type ${type} (${UNREADABLE.get(type)}) cannot be loaded.`);
    if (!WHOLE.has(type)) return this.bad(`Unknown RDB encoding type ${type}`);
    if (type === TYPE.STRING) return this.startString(input);
    const read = input.text(this.value);
    return read === OK ? this.takeWhole() : read;
  }

  private startString(input: RdbInput): number {
    const { value } = this;
    const n = input.longString(LONG_STRING);
    if (n > 0) {
      // Room for all of it is taken when a part has come: a length alone must cost nothing.
      if (!input.has(Math.ceil(n / ROOM_FOR_PART))) return MORE;
      this.make(STRING, n);
      this.left = n;
      return ELEMENTS;
    }
    const read = input.text(value);
    if (read !== OK) return read;
    const e = this.make(STRING, value.len);
    this.entries.putBytes(e, 0, value.u8, value.view, value.off, value.len);
    return OK;
  }

  /** Takes what is there of a long string. */
  private stepString(input: RdbInput): number {
    const { entries, entry } = this;
    const n = Math.min(this.left, input.end - input.p);
    entries.putBytes(entry, entries.valueLength(entry) - this.left, input.u8, input.view, input.p, n);
    input.p += n;
    this.left -= n;
    if (this.left === 0) return OK;
    input.has(1);
    return input.retreat(input.p);
  }

  private make(kind: number, room: number): number {
    const { key } = this;
    return (this.entry = this.entries.newEntry(key.u8, key.view, key.off, key.len, kind, this.at, room));
  }

  // ── collections that come as one string ───────────────────────────────────

  private takeWhole(): number {
    const { type, value, list, pack } = this;
    if (type === TYPE.SET_INTSET) return this.takeIntset();
    if (type === TYPE.SET_LISTPACK) return this.takeSetPack();
    if (type === TYPE.HASH_LISTPACK || type === TYPE.ZSET_LISTPACK) {
      const count = checkListpack(value.u8, value.view, value.off, value.len);
      pack.set(value.u8, value.view, value.off + LISTPACK_HEADER, value.len - LISTPACK_FRAME);
      return this.takePack(count);
    }
    list.clear();
    if (type === TYPE.HASH_ZIPMAP) {
      if (!list.addZipmap(value)) return this.bad('Zipmap integrity check failed.');
    } else if (!list.addZiplist(value)) return this.bad(`${OLD_NAMES.get(type)} ziplist integrity check failed.`);
    if (type === TYPE.LIST_ZIPLIST) return this.takeZiplist();
    pack.set(list.u8, list.view, 0, list.end);
    return this.takePack(list.count);
  }

  private takeIntset(): number {
    const { value } = this;
    const { intsets, sets } = this.engine.values;
    if (!isIntset(value.view, value.off, value.len)) return this.bad('Intset integrity check failed.');
    const width = value.view.getUint32(value.off, true);
    const count = (value.len - INTSET_HEADER) / width;
    const e = this.make(SET_INTSET, 0);
    intsets.adopt(this.entries.record(e), value.u8, value.off + INTSET_HEADER, count, width);
    sets.settle(e);
    return OK;
  }

  /** A small set of Redis 7.2, which keeps those of texts as a listpack too: its members are added one by one. */
  private takeSetPack(): number {
    const { value, field } = this;
    const { sets } = this.engine.values;
    const count = checkListpack(value.u8, value.view, value.off, value.len);
    if (count < 0) return this.bad('Set listpack integrity check failed.');
    if (count === 0) return EMPTY;
    const e = this.make(SET_INTSET, 0);
    let p = value.off + LISTPACK_HEADER;
    for (let n = count; n > 0; n--) {
      p = readEntry(value.u8, value.view, p, field);
      if (!sets.add(e, field)) return this.bad('Set listpack integrity check failed.');
    }
    return OK;
  }

  /** A small hash or sorted set: `pack` are its entries, `count` of them, −1 if they are not well formed. */
  private takePack(count: number): number {
    const { check, type, pack } = this;
    const { packs, hashes, sortedSets } = this.engine.values;
    const isHash = type !== TYPE.ZSET_LISTPACK && type !== TYPE.ZSET_ZIPLIST;
    const isSound =
      count >= 0 && count % 2 === 0 && check.fieldsDiffer(pack, count) && (isHash || check.scoresAscend(pack, count));
    if (!isSound) return this.bad(`${isHash ? 'Hash' : 'Zset'} listpack integrity check failed.`);
    if (count === 0) return EMPTY;
    const e = this.make(isHash ? HASH_PACK : ZSET_PACK, 0);
    packs.adopt(this.entries.record(e), pack.u8, pack.off, pack.len, count);
    if (isHash) hashes.settle(e);
    else sortedSets.settle(e);
    if (type === TYPE.HASH_ZIPMAP) hashes.expect(e, this.list.longest);
    return OK;
  }

  /** A whole list of the oldest form: its elements are pushed one by one. */
  private takeZiplist(): number {
    const { list, engine } = this;
    if (list.count === 0) return EMPTY;
    const e = this.make(LIST, 0);
    list.each((element) => engine.values.lists.push(e, RIGHT, element));
    return OK;
  }

  // ── collections that come element by element ──────────────────────────────

  private startCounted(input: RdbInput): number {
    const count = input.length();
    if (count < 0) return count;
    if (count === 0) return EMPTY;
    this.left = count;
    this.longest = 0;
    this.make(this.kindFor(count), 0);
    return ELEMENTS;
  }

  /** Where so many elements do not fit into a small one anyway, it begins big. */
  private kindFor(count: number): number {
    const { type } = this;
    const { limits } = this.engine.values;
    if (type === TYPE.SET) return count > limits.setMaxIntsetEntries ? SET_TABLE : SET_INTSET;
    if (type === TYPE.HASH) return count > limits.hashMaxListpackEntries ? HASH_TABLE : HASH_PACK;
    return type === TYPE.ZSET || type === TYPE.ZSET_2 ? ZSET_TREE : LIST;
  }

  /** Takes the elements that are there: OK after the last one, MORE, EMPTY or BAD. */
  step(input: RdbInput): number {
    this.reason = BAD_STRING;
    if (this.type === TYPE.STRING) return this.stepString(input);
    for (; this.left > 0; this.left--) {
      const start = input.p;
      const taken = this.takeElement(input);
      if (taken === MORE) return input.retreat(start);
      if (taken !== OK) return taken;
    }
    const { type, entry } = this;
    if (type === TYPE.ZSET || type === TYPE.ZSET_2) this.makeSmall(entry);
    const isList = type === TYPE.LIST_QUICKLIST || type === TYPE.LIST_QUICKLIST_2;
    return isList && this.engine.values.lists.length(entry) === 0 ? EMPTY : OK;
  }

  /** A sorted set comes in any order, so it is built big; at its end it may turn out to be small. */
  private makeSmall(e: number): void {
    const { cursor, entries, list } = this;
    const { limits, packs, sortedSets } = this.engine.values;
    const isSmall = sortedSets.count(e) <= limits.zsetMaxListpackEntries && this.longest <= limits.zsetMaxListpackValue;
    if (!isSmall) return;
    list.clear();
    for (let more = sortedSets.seek(e, 0, cursor); more; more = sortedSets.step(cursor, RIGHT)) {
      list.add(cursor.member);
      list.add(sortedSets.scoreText(cursor.score));
    }
    this.pack.set(entries.bytes(e), entries.view(e), entries.keyOffset(e), entries.keyLength(e));
    this.key = this.pack;
    const small = this.make(ZSET_PACK, 0);
    packs.adopt(entries.record(small), list.u8, 0, list.end, list.count);
    entries.release(e);
  }

  private takeElement(input: RdbInput): number {
    const { type, value, entry } = this;
    const { lists, sets } = this.engine.values;
    if (type === TYPE.LIST_QUICKLIST_2) return this.takeNode(input);
    const read = input.text(value);
    if (read !== OK) return read;
    if (type === TYPE.SET) return sets.add(entry, value) ? OK : this.bad('Duplicate set members detected');
    if (type === TYPE.HASH) return this.takeField(input);
    if (type === TYPE.ZSET || type === TYPE.ZSET_2) return this.takeMember(input);
    if (type === TYPE.LIST_QUICKLIST) return this.takeOldNode();
    lists.push(entry, RIGHT, value);
    return OK;
  }

  /** The field was read already. */
  private takeField(input: RdbInput): number {
    const { field, value, entry } = this;
    const read = input.text(field); // which holds the value: the other one holds the field
    if (read !== OK) return read;
    const isNew = this.engine.values.hashes.set(entry, value, field);
    return isNew ? OK : this.bad('Duplicate hash fields detected');
  }

  private takeMember(input: RdbInput): number {
    const { entry, value } = this;
    const isBinary = this.type === TYPE.ZSET_2;
    if (!input.has(1) || !input.has(isBinary ? 8 : oldScoreBytes(input))) return MORE;
    const score = isBinary ? input.double() : oldScore(input);
    if (Number.isNaN(score)) return this.bad('Zset with NAN score detected');
    this.longest = Math.max(this.longest, value.len);
    const isNew = this.engine.values.sortedSets.put(entry, value, score) === ADDED;
    return isNew ? OK : this.bad('Duplicate zset fields detected');
  }

  /** A node of a list: one element alone, or a listpack. */
  private takeNode(input: RdbInput): number {
    const { value, entry } = this;
    const { lists } = this.engine.values;
    const container = input.length();
    if (container < 0) return container;
    if (container !== CONTAINER.PLAIN && container !== CONTAINER.PACKED)
      return this.bad('Quicklist integrity check failed.');
    const read = input.text(value);
    if (read !== OK) return read;
    if (value.len === 0) return BAD;
    const r = this.entries.record(entry);
    if (container === CONTAINER.PLAIN) {
      this.list.clear();
      this.list.add(value);
      lists.lists.appendNode(r, this.list.u8, 0, this.list.end, 1);
      return OK;
    }
    const count = checkListpack(value.u8, value.view, value.off, value.len);
    if (count < 0) return this.bad('Listpack integrity check failed.');
    const bytes = value.len - LISTPACK_FRAME;
    if (count > 0) lists.lists.appendNode(r, value.u8, value.off + LISTPACK_HEADER, bytes, count);
    return OK;
  }

  private takeOldNode(): number {
    const { value, entry, list } = this;
    const r = this.entries.record(entry);
    list.clear();
    if (value.len === 0 || !list.addZiplist(value)) return this.bad('Ziplist integrity check failed.');
    if (list.count > 0) this.engine.values.lists.lists.appendNode(r, list.u8, 0, list.end, list.count);
    return OK;
  }
}

/** Bytes of a score in digits, with the one that says how many they are. */
function oldScoreBytes(input: RdbInput): number {
  const n = input.u8[input.p];
  return n < SCORE_FORM.NAN ? n + 1 : 1;
}

function oldScore(input: RdbInput): number {
  const n = input.byte();
  if (n === SCORE_FORM.INFINITE) return Number.POSITIVE_INFINITY;
  if (n === SCORE_FORM.MINUS_INFINITE) return Number.NEGATIVE_INFINITY;
  if (n === SCORE_FORM.NAN) return Number.NaN;
  input.p += n;
  return parseDouble(input.u8, input.p - n, n);
}
