/**
 * DEBUG OBJECT, HTSTATS, HTSTATS-KEY: how a value, a database or a big collection lies in memory.
 *
 * `serializedlength` is what the value takes in an RDB file.
 */
import { ERRORS } from '../../../base/errors.js';
import { HASH_TABLE, LIST, NONE, SET_TABLE, ZSET_TREE } from '../../../keyspace/entry.js';
import { SLOT_COUNT } from '../../../slots/slot-set.js';
import type { Database } from '../../../keyspace/keyspace.js';
import { RIGHT, LEFT } from '../../../keyspace/types/door.js';
import { LISTPACK_FRAME } from '../../../keyspace/types/structures/listpack.js';
import { readInteger } from '../../arguments.js';
import type { Handler } from '../../handler.js';
import { amongDead } from './among-dead.js';
import { encodingOf, refcountOf } from '../../keys/object.js';
import { chainsOf, describeChains } from './chains.js';

const LRU_CLOCK_MASK = 0xffffff;
/** Type, version and checksum. */
const PAYLOAD_FRAME = 11;

export const debugObject = amongDead((request, reply, db, session) => {
  const e = db.peek(request, 2);
  if (e === NONE) return reply.error(ERRORS.NO_KEY);
  const { engine } = db;
  const idle = engine.usage === 'lru' ? engine.usageClock.idleSeconds(db.meta(e), engine.now) : 0;
  const clock = (db.meta(e) >>> 8) & LRU_CLOCK_MASK;
  const length = session.node.dumps.payload(db, e).length - PAYLOAD_FRAME;
  reply.simple(
    `Value at:0x${(e >>> 0).toString(16)} refcount:${refcountOf(db, e)} encoding:${encodingOf(db, e)} ` +
      `serializedlength:${length} lru:${clock} lru_seconds_idle:${idle}${listFacts(db, e)}`,
  );
});

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
