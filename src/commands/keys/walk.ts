/**
 * Commands that walk over all keys: KEYS, SCAN, RANDOMKEY. Keys that are dead are neither shown nor counted.
 *
 * The length of such a reply is known at its end only: the elements are written first, their header is put in front.
 */
import type { Glob } from '../../base/glob.js';
import { NONE, TYPE_NAMES } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { buryDead, eachKey, KeyScan, randomKey } from '../../keyspace/scan.js';
import { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { globOf, readCursor, readScanOptions } from '../cursor.js';

export function keys(request: Request, reply: ReplyWriter, db: Database): void {
  const glob = globOf(request, 1);
  const mark = reply.mark();
  let count = 0;
  eachKey(db, (e) => {
    if (!matches(glob, db, e)) return;
    db.writeKey(e, reply);
    count++;
  });
  reply.arrayAt(mark, count);
}

function matches(glob: Glob | null, db: Database, e: number): boolean {
  return glob === null || glob.matches(db.bytes(e), db.keyOffset(e), db.keyLength(e));
}

export function scan(request: Request, reply: ReplyWriter, db: Database): void {
  const cursor = readCursor(request, 1, reply);
  if (Number.isNaN(cursor)) return;
  const options = readScanOptions(request, 2, reply, 'type');
  if (options === null) return;
  const walk = new KeyScan();
  const next = walk.step(db, cursor, options.count);
  reply.arrayHeader(2);
  reply.bulkInteger(next);
  const mark = reply.mark();
  let count = 0;
  for (const e of walk.found) {
    if (!matches(options.glob, db, e)) continue;
    if (options.type === null ? buryDead(db, e) : !isOfType(db, e, options.type)) continue;
    db.writeKey(e, reply);
    count++;
  }
  reply.arrayAt(mark, count);
}

/** Whoever asks for a type reads the key: that is a hit, or a miss where its time has come. */
function isOfType(db: Database, e: number, type: string): boolean {
  if (db.isDead(e)) {
    db.glance(Request.of(db.keyBytes(e)), 0);
    return false;
  }
  db.engine.hits++;
  return type === TYPE_NAMES[db.type(e)];
}

export function randomkey(_request: Request, reply: ReplyWriter, db: Database): void {
  const e = randomKey(db);
  if (e === NONE) reply.nil();
  else db.writeKey(e, reply);
}
