/**
 * Fields of hashes, by name: HSET, HMSET, HSETNX, HGET, HMGET, HDEL, HEXISTS, HSTRLEN, HLEN, HINCRBY, HINCRBYFLOAT.
 *
 * HOT. bench: HSET
 */
import { ERRORS, wrongArity } from '../../base/errors.js';
import { addLongDouble, formatLongDouble, parseLongDouble } from '../../base/long-double.js';
import { addInt64, parseInt64, parseInteger } from '../../base/numbers.js';
import type { Slice } from '../../base/slice.js';
import { HASH_PACK, NONE, TYPE_HASH, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { int64At, readInteger } from '../arguments.js';

export function hset(request: Request, reply: ReplyWriter, db: Database): void {
  if (request.argc % 2 !== 0) return reply.error(wrongArity('hset'));
  const added = setPairs(request, reply, db);
  if (added !== WRONG) reply.integer(added);
}

export function hmset(request: Request, reply: ReplyWriter, db: Database): void {
  if (request.argc % 2 !== 0) return reply.error(wrongArity('hmset'));
  if (setPairs(request, reply, db) !== WRONG) reply.ok();
}

/** Sets field, value, field, value … from argument 2 on; returns how many are new, or WRONG. */
function setPairs(request: Request, reply: ReplyWriter, db: Database): number {
  let e = db.findOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return WRONG;
  if (e === NONE) e = db.create(request, 1, HASH_PACK, 0);
  const { values, slices } = db.engine;
  const { hashes } = values;
  const [field, value] = slices;
  let longest = 0;
  for (let i = 2; i < request.argc; i++) if (request.len[i] > longest) longest = request.len[i];
  hashes.expect(e, longest);
  let added = 0;
  for (let i = 2; i < request.argc; i += 2)
    if (hashes.set(e, field.argument(request, i), value.argument(request, i + 1))) added++;
  db.wrote(request, 1, EVENT.hset, (request.argc - 2) / 2);
  return added;
}

export function hsetnx(request: Request, reply: ReplyWriter, db: Database): void {
  let e = db.findOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  const { values, slices } = db.engine;
  const field = slices[0].argument(request, 2);
  if (e === NONE) e = db.create(request, 1, HASH_PACK, 0);
  else if (values.hashes.has(e, field)) return reply.integer(0);
  values.hashes.set(e, field, slices[1].argument(request, 3));
  db.wrote(request, 1, EVENT.hset, 1);
  reply.integer(1);
}

export function hget(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e !== WRONG) writeField(request, 2, reply, db, e);
}

function writeField(request: Request, i: number, reply: ReplyWriter, db: Database, e: number): void {
  const { values, slices } = db.engine;
  const value = slices[1];
  if (e === NONE || !values.hashes.get(e, slices[0].argument(request, i), value)) reply.nil();
  else reply.bulk(value.u8, value.view, value.off, value.len);
}

export function hmget(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  reply.arrayHeader(request.argc - 2);
  for (let i = 2; i < request.argc; i++) writeField(request, i, reply, db, e);
}

export function hdel(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.findOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.integer(0);
  const { values, slices } = db.engine;
  let deleted = 0;
  for (let i = 2; i < request.argc && values.hashes.count(e) > 0; i++)
    if (values.hashes.delete(e, slices[0].argument(request, i))) deleted++;
  if (deleted > 0) {
    db.wrote(request, 1, EVENT.hdel, deleted);
    db.removeIfEmpty(request, 1, e);
  }
  reply.integer(deleted);
}

export function hexists(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  const { values, slices } = db.engine;
  reply.integer(e !== NONE && values.hashes.has(e, slices[0].argument(request, 2)) ? 1 : 0);
}

export function hstrlen(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  const { values, slices } = db.engine;
  const isThere = e !== NONE && values.hashes.get(e, slices[0].argument(request, 2), slices[1]);
  reply.integer(isThere ? slices[1].len : 0);
}

export function hlen(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e !== WRONG) reply.integer(e === NONE ? 0 : db.engine.values.hashes.count(e));
}

// ── counters ────────────────────────────────────────────────────────────────

export function hincrby(request: Request, reply: ReplyWriter, db: Database): void {
  const by = readInteger(request, 3, reply);
  if (Number.isNaN(by)) return;
  const e = db.findOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  const { values, slices } = db.engine;
  const old = slices[1];
  const isThere = e !== NONE && values.hashes.get(e, slices[0].argument(request, 2), old);
  const n = isThere ? parseInteger(old.u8, old.off, old.len) : 0;
  if (Number.isNaN(n)) return reply.error(ERRORS.HASH_NOT_INTEGER);
  const sum = n + by;
  if (!Number.isSafeInteger(sum)) return incrementExactly(request, reply, db, e, isThere ? old : null);
  put(request, db, e, slices[2].integer(sum));
  db.wrote(request, 1, EVENT.hincrby, 1);
  reply.integer(sum);
}

/** Beyond ±2⁵³. */
function incrementExactly(request: Request, reply: ReplyWriter, db: Database, e: number, old: Slice | null): void {
  const n = old === null ? 0n : parseInt64(old.u8, old.off, old.len);
  if (n === null) return reply.error(ERRORS.HASH_NOT_INTEGER);
  const sum = addInt64(n, int64At(request, 3) ?? 0n);
  if (sum === null) return reply.error(ERRORS.INCR_OVERFLOW);
  putText(request, db, e, String(sum));
  db.wrote(request, 1, EVENT.hincrby, 1);
  reply.bigInteger(sum);
}

export function hincrbyfloat(request: Request, reply: ReplyWriter, db: Database): void {
  const by = parseLongDouble(request.buf, request.off[3], request.len[3]);
  if (by === null) return reply.error(ERRORS.NOT_FLOAT);
  if (by.infinite !== 0) return reply.error(ERRORS.HASH_BY_NOT_FINITE);
  const e = db.findOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  const { values, slices } = db.engine;
  const old = slices[1];
  const isThere = e !== NONE && values.hashes.get(e, slices[0].argument(request, 2), old);
  const x = isThere ? parseLongDouble(old.u8, old.off, old.len) : { m: 0n, e: 0, infinite: 0 as const };
  if (x === null) return reply.error(ERRORS.HASH_NOT_FLOAT);
  const sum = addLongDouble(x, by);
  if (sum === null) return reply.error(ERRORS.INCR_NOT_FINITE);
  const text = formatLongDouble(sum);
  putText(request, db, e, text);
  const { changes } = db.engine; // the sum, not the way to it: each machine may round in its own way
  if (changes !== null) changes.instead(db.index, 4).word('HSET').argument(request, 1).argument(request, 2).word(text);
  db.wrote(request, 1, EVENT.hincrbyfloat, 1);
  reply.bulkText(text);
}

function putText(request: Request, db: Database, e: number, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  put(request, db, e, db.engine.slices[2].set(bytes, view, 0, bytes.length));
}

/** Writes the field of argument 2, making the hash where there is none. */
function put(request: Request, db: Database, e: number, value: Slice): void {
  const { values, slices } = db.engine;
  const hash = e === NONE ? db.create(request, 1, HASH_PACK, 0) : e;
  values.hashes.set(hash, slices[0].argument(request, 2), value);
}
