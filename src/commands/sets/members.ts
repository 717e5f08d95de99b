/**
 * Members of sets, by name: SADD, SREM, SISMEMBER, SMISMEMBER, SCARD, SMEMBERS, SMOVE, SSCAN.
 *
 * HOT. bench: SADD
 */
import { NONE, SET_INTSET, TYPE_SET, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readCursor, readScanOptions, writeEmptyScan } from '../cursor.js';

export function sadd(request: Request, reply: ReplyWriter, db: Database): void {
  let e = db.findOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  if (e === NONE) e = db.create(request, 1, SET_INTSET, 0);
  const { values, slices } = db.engine;
  let added = 0;
  for (let i = 2; i < request.argc; i++) if (values.sets.add(e, slices[0].argument(request, i))) added++;
  if (added > 0) db.wrote(request, 1, EVENT.sadd, added);
  reply.integer(added);
}

export function srem(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.findOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.integer(0);
  const { values, slices } = db.engine;
  let removed = 0;
  for (let i = 2; i < request.argc && values.sets.count(e) > 0; i++)
    if (values.sets.delete(e, slices[0].argument(request, i))) removed++;
  if (removed > 0) {
    db.wrote(request, 1, EVENT.srem, removed);
    db.removeIfEmpty(request, 1, e);
  }
  reply.integer(removed);
}

export function sismember(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_SET, reply);
  if (e !== WRONG) reply.integer(has(request, 2, db, e));
}

export function smismember(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  reply.arrayHeader(request.argc - 2);
  for (let i = 2; i < request.argc; i++) reply.integer(has(request, i, db, e));
}

function has(request: Request, i: number, db: Database, e: number): number {
  const { values, slices } = db.engine;
  return e !== NONE && values.sets.has(e, slices[0].argument(request, i)) ? 1 : 0;
}

export function scard(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_SET, reply);
  if (e !== WRONG) reply.integer(e === NONE ? 0 : db.engine.values.sets.count(e));
}

export function smembers(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_SET, reply);
  if (e !== WRONG) writeMembers(reply, db, e);
}

/** All members, as a set; NONE is an empty one. */
export function writeMembers(reply: ReplyWriter, db: Database, e: number): void {
  if (e === NONE) return reply.setHeader(0);
  const { sets } = db.engine.values;
  reply.setHeader(sets.count(e));
  const { cursor } = sets;
  const { member } = cursor;
  for (sets.start(e, cursor); sets.next(cursor); ) reply.bulk(member.u8, member.view, member.off, member.len);
}

export function smove(request: Request, reply: ReplyWriter, db: Database): void {
  const source = db.find(request, 1);
  db.find(request, 2); // Redis looks at both before it judges either: if the target's time has come, it goes now
  if (source === NONE) return reply.integer(0);
  if (db.findOf(request, 1, TYPE_SET, reply) === WRONG) return;
  let target = db.findOf(request, 2, TYPE_SET, reply);
  if (target === WRONG) return;
  const { values, slices } = db.engine;
  const member = slices[0].argument(request, 3);
  if (source === target) return reply.integer(values.sets.has(source, member) ? 1 : 0);
  if (!values.sets.delete(source, member)) return reply.integer(0);
  db.wrote(request, 1, EVENT.srem, 1);
  db.removeIfEmpty(request, 1, source);
  if (target === NONE) target = db.create(request, 2, SET_INTSET, 0);
  if (values.sets.add(target, member)) db.wrote(request, 2, EVENT.sadd, 1);
  reply.integer(1);
}

export function sscan(request: Request, reply: ReplyWriter, db: Database): void {
  const cursor = readCursor(request, 2, reply);
  if (Number.isNaN(cursor)) return;
  const e = db.lookupOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  if (e === NONE) return writeEmptyScan(reply);
  const options = readScanOptions(request, 3, reply, 'no type');
  if (options === null) return;
  reply.arrayHeader(2);
  const { glob } = options;
  const found: Buffer[] = [];
  const bulk = (u8: Uint8Array, _view: DataView, off: number, len: number): void => {
    if (glob === null || glob.matches(u8, off, len)) found.push(Buffer.from(u8.subarray(off, off + len)));
  };
  reply.bulkInteger(db.engine.values.sets.scan(e, cursor, options.count, { bulk }));
  reply.arrayHeader(found.length);
  for (const bytes of found) reply.bulkBytes(bytes);
}
