/**
 * Databases as plain Maps: key → what it holds, as one text. Equal texts are equal keys, whatever their encoding.
 *
 *   contentOf(engine)   → [Map { 'k' → 'hash 1700000000500 a=1 b=2' }, …], one for each database, dead keys included
 */
import type { Slice } from '../../src/base/slice.js';
import { SLOT_COUNT } from '../../src/slots/slot-set.js';
import type { Databases } from '../../src/keyspace/engine.js';
import { STRING_EMBSTR, TYPE_HASH, TYPE_LIST, TYPE_NAMES, TYPE_SET } from '../../src/keyspace/entry.js';
import type { Database } from '../../src/keyspace/keyspace.js';
import { RIGHT } from '../../src/keyspace/types/door.js';
import { HashCursor } from '../../src/keyspace/types/hash.js';
import { SetCursor } from '../../src/keyspace/types/set.js';
import { ScoreCursor } from '../../src/keyspace/types/sorted-set.js';

export type Content = Map<string, string>[];

export function contentOf(databases: Databases): Content {
  return Array.from({ length: databases.databaseCount }, (_, i) => keysOf(databases.database(i)));
}

function keysOf(db: Database): Map<string, string> {
  const keys = new Map<string, string>();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (db.keysInSlot(slot) === 0) continue;
    db.engine.tables.each(db.slotTable(slot), (e) => {
      if (keys.has(keyOf(db, e))) throw new Error(`twice in its table: ${keyOf(db, e)}`);
      keys.set(keyOf(db, e), holdingOf(db, e));
    });
  }
  return keys;
}

export function keyOf(db: Database, e: number): string {
  return latin1(db.bytes(e), db.keyOffset(e), db.keyLength(e));
}

export function holdingOf(db: Database, e: number): string {
  const type = db.type(e);
  const value =
    db.kind(e) <= STRING_EMBSTR ? latin1(db.bytes(e), db.valueOffset(e), db.valueLength(e)) : elements(db, e);
  return `${TYPE_NAMES[type]} ${db.expireAt(e)} ${value}`;
}

function elements(db: Database, e: number): string {
  const { lists, hashes, sets, sortedSets } = db.engine.values;
  const found: string[] = [];
  const type = db.type(e);
  if (type === TYPE_LIST) {
    const bulk = (u8: Uint8Array, _view: DataView, off: number, len: number) => void found.push(latin1(u8, off, len));
    lists.range(e, 0, lists.length(e), RIGHT, { bulk });
    return found.join(' ');
  }
  if (type === TYPE_HASH) {
    const cursor = new HashCursor();
    for (hashes.start(e, cursor); hashes.next(cursor); ) found.push(`${text(cursor.field)}=${text(cursor.value)}`);
  } else if (type === TYPE_SET) {
    const cursor = new SetCursor();
    for (sets.start(e, cursor); sets.next(cursor); ) found.push(text(cursor.member));
  } else {
    const cursor = new ScoreCursor();
    for (let more = sortedSets.seek(e, 0, cursor); more; more = sortedSets.step(cursor, RIGHT))
      found.push(`${text(cursor.member)}@${cursor.score}`);
  }
  return found.sort().join(' ');
}

function text(slice: Slice): string {
  return latin1(slice.u8, slice.off, slice.len);
}

function latin1(u8: Uint8Array, off: number, len: number): string {
  return Buffer.from(u8.buffer, u8.byteOffset + off, len).toString('latin1');
}
