/**
 * DEBUG OBJECT, HTSTATS, HTSTATS-KEY: how a value, a database or a big collection lies in memory.
 *
 * `serializedlength` counts as an RDB file without compression would hold the value.
 */
import { ERRORS } from '../../../base/errors.js';
import { parseInt64 } from '../../../base/numbers.js';
import { HASH_TABLE, LIST, NONE, SET_INTSET, SET_TABLE, STRING_EMBSTR, ZSET_TREE } from '../../../keyspace/entry.js';
import { SLOT_COUNT } from '../../../keyspace/directory.js';
import type { Database } from '../../../keyspace/keyspace.js';
import { RIGHT, LEFT } from '../../../keyspace/types/door.js';
import { HashCursor } from '../../../keyspace/types/hash.js';
import { SetCursor } from '../../../keyspace/types/set.js';
import { LISTPACK_FRAME } from '../../../keyspace/types/structures/listpack.js';
import type { Slice } from '../../../base/slice.js';
import { readInteger } from '../../arguments.js';
import type { Handler } from '../../handler.js';
import { encodingOf } from '../../keys/object.js';
import { chainsOf, describeChains } from './chains.js';

const LRU_CLOCK_MASK = 0xffffff;
const SCORE_BYTES = 8;

export const debugObject: Handler = (request, reply, db) => {
  const e = db.peek(request, 2);
  if (e === NONE) return reply.error(ERRORS.NO_KEY);
  const { engine } = db;
  const idle = engine.usage === 'lru' ? engine.usageClock.idleSeconds(db.meta(e), engine.now) : 0;
  const clock = (db.meta(e) >>> 8) & LRU_CLOCK_MASK;
  reply.simple(
    `Value at:0x${(e >>> 0).toString(16)} refcount:1 encoding:${encodingOf(db, e)} ` +
      `serializedlength:${serializedLength(db, e)} lru:${clock} lru_seconds_idle:${idle}${listFacts(db, e)}`,
  );
};

function listFacts(db: Database, e: number): string {
  if (db.kind(e) !== LIST) return '';
  const { lists, limits } = db.engine.values;
  const r = db.record(e);
  const nodeCount = lists.lists.nodes.nodeCount(r);
  const average = (lists.length(e) / nodeCount).toFixed(2);
  let bytes = 0;
  for (const each of nodeSizes(db, r)) bytes += each;
  return (
    ` ql_nodes:${nodeCount} ql_avg_node:${average} ql_listpack_max:${limits.listMaxListpackSize} ` +
    `ql_compressed:0 ql_uncompressed_size:${bytes}`
  );
}

/** Of each node of a list, as a listpack. */
function* nodeSizes(db: Database, r: number): Generator<number> {
  const { nodes } = db.engine.values.lists.lists;
  for (let node = nodes.end(r, LEFT); node !== 0; node = nodes.beside(node, RIGHT))
    yield nodes.bytes(node) + LISTPACK_FRAME;
}

// ── as a file would hold it ─────────────────────────────────────────────────

function serializedLength(db: Database, e: number): number {
  const kind = db.kind(e);
  const { values } = db.engine;
  if (kind <= STRING_EMBSTR) return textLength(db.bytes(e), db.valueOffset(e), db.valueLength(e));
  const r = db.record(e);
  if (kind === LIST) return listLength(db, r);
  if (kind === SET_INTSET) return withPrefix(values.intsets.size(r));
  if (kind === SET_TABLE) return setLength(db, e);
  if (kind === HASH_TABLE) return hashLength(db, e);
  if (kind === ZSET_TREE) return membersLength(db, r);
  return withPrefix(values.packs.size(r));
}

/** A length, and so many bytes. */
function withPrefix(n: number): number {
  return prefixBytes(n) + n;
}

function prefixBytes(n: number): number {
  if (n < 1 << 6) return 1;
  return n < 1 << 14 ? 2 : 5;
}

/** A string, which may be kept as a small integer. */
function textLength(u8: Uint8Array, off: number, n: number): number {
  const integer = n <= 11 ? parseInt64(u8, off, n) : null;
  if (integer === null || integer !== BigInt.asIntN(32, integer)) return withPrefix(n);
  if (integer === BigInt.asIntN(8, integer)) return 2;
  return integer === BigInt.asIntN(16, integer) ? 3 : 5;
}

function sliceLength(slice: Slice): number {
  return textLength(slice.u8, slice.off, slice.len);
}

function listLength(db: Database, r: number): number {
  let bytes = prefixBytes(db.engine.values.lists.lists.nodes.nodeCount(r));
  for (const each of nodeSizes(db, r)) bytes += 1 + withPrefix(each);
  return bytes;
}

function setLength(db: Database, e: number): number {
  const { sets } = db.engine.values;
  const cursor = new SetCursor();
  let bytes = prefixBytes(sets.count(e));
  sets.start(e, cursor);
  while (sets.next(cursor)) bytes += sliceLength(cursor.member);
  return bytes;
}

function hashLength(db: Database, e: number): number {
  const { hashes } = db.engine.values;
  const cursor = new HashCursor();
  let bytes = prefixBytes(hashes.count(e));
  hashes.start(e, cursor);
  while (hashes.next(cursor)) bytes += sliceLength(cursor.field) + sliceLength(cursor.value);
  return bytes;
}

function membersLength(db: Database, r: number): number {
  const { tables } = db.engine;
  let bytes = prefixBytes(tables.count(r));
  tables.each(r, (member) => {
    bytes += SCORE_BYTES + textLength(db.bytes(member), db.keyOffset(member), db.keyLength(member));
  });
  return bytes;
}

// ── hash tables ─────────────────────────────────────────────────────────────

export const debugHtstats: Handler = (request, reply, db) => {
  const index = readInteger(request, 2, reply);
  if (Number.isNaN(index)) return;
  const { engine } = db;
  if (index < 0 || index >= engine.databaseCount) return reply.error(ERRORS.DEBUG_DATABASE);
  const asked = engine.database(index);
  const tables: number[] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot++) if (asked.keysInSlot(slot) > 0) tables.push(asked.slotTable(slot));
  const mortal = chainsOf(engine.tables, tables, (e) => asked.expireAt(e) !== Number.POSITIVE_INFINITY);
  const all = chainsOf(engine.tables, tables, () => true);
  reply.verbatim(`[Dictionary HT]\n${describeChains(all)}[Expires HT]\n${describeChains(mortal)}`);
};

export const debugHtstatsKey: Handler = (request, reply, db) => {
  const e = db.peek(request, 2);
  if (e === NONE) return reply.error(ERRORS.NO_KEY);
  const kind = db.kind(e);
  if (kind !== SET_TABLE && kind !== HASH_TABLE && kind !== ZSET_TREE) return reply.error(ERRORS.NO_HASH_TABLE);
  reply.verbatim(describeChains(chainsOf(db.engine.tables, [db.record(e)], () => true)));
};
