/**
 * Hashes as a whole: HGETALL, HKEYS, HVALS, HSCAN, HRANDFIELD.
 *
 * A walk fills two slices a step; nothing may be written meanwhile.
 */
import { ERRORS } from '../../base/errors.js';
import type { Slice } from '../../base/slice.js';
import { NONE, TYPE_HASH, WRONG } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { fitsTwice, readSignedCount } from '../arguments.js';
import { readCursor, readScanOptions, writeEmptyScan } from '../cursor.js';

export function hgetall(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  reply.mapHeader(e === NONE ? 0 : db.engine.values.hashes.count(e));
  if (e !== NONE) writeAll(reply, db, e, 'both');
}

export function hkeys(request: Request, reply: ReplyWriter, db: Database): void {
  list(request, reply, db, 'fields');
}

export function hvals(request: Request, reply: ReplyWriter, db: Database): void {
  list(request, reply, db, 'values');
}

type Part = 'fields' | 'values' | 'both';

function list(request: Request, reply: ReplyWriter, db: Database, part: Part): void {
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  reply.arrayHeader(e === NONE ? 0 : db.engine.values.hashes.count(e));
  if (e !== NONE) writeAll(reply, db, e, part);
}

function writeAll(reply: ReplyWriter, db: Database, e: number, part: Part): void {
  const { hashes } = db.engine.values;
  const { cursor } = hashes;
  for (hashes.start(e, cursor); hashes.next(cursor); ) {
    if (part !== 'values') writeSlice(reply, cursor.field);
    if (part !== 'fields') writeSlice(reply, cursor.value);
  }
}

function writeSlice(reply: ReplyWriter, slice: Slice): void {
  reply.bulk(slice.u8, slice.view, slice.off, slice.len);
}

export function hscan(request: Request, reply: ReplyWriter, db: Database): void {
  const cursor = readCursor(request, 2, reply);
  if (Number.isNaN(cursor)) return;
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  if (e === NONE) return writeEmptyScan(reply);
  const options = readScanOptions(request, 3, reply, 'no type');
  if (options === null) return;
  const { glob } = options;
  reply.arrayHeader(2);
  const found: Buffer[] = [];
  const sink = {
    pair(field: Slice, value: Slice): void {
      if (glob === null || glob.matches(field.u8, field.off, field.len)) found.push(field.copy(), value.copy());
    },
  };
  reply.bulkInteger(db.engine.values.hashes.scan(e, cursor, options.count, sink));
  reply.arrayHeader(found.length);
  for (const bytes of found) reply.bulkBytes(bytes);
}

/** HRANDFIELD key [count [WITHVALUES]] */
export function hrandfield(request: Request, reply: ReplyWriter, db: Database): void {
  if (request.argc > 2) return randomFields(request, reply, db);
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nil();
  const { hashes } = db.engine.values;
  const { cursor } = hashes;
  hashes.random(e, db.engine.random, cursor);
  writeSlice(reply, cursor.field);
}

function randomFields(request: Request, reply: ReplyWriter, db: Database): void {
  const count = readSignedCount(request, 2, reply);
  if (Number.isNaN(count)) return;
  if (request.argc > 4 || (request.argc === 4 && !request.is(3, 'withvalues'))) return reply.error(ERRORS.SYNTAX);
  const withValues = request.argc === 4;
  if (withValues && !fitsTwice(request, 2)) return reply.error(ERRORS.OUT_OF_RANGE);
  const e = db.lookupOf(request, 1, TYPE_HASH, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.arrayHeader(0);
  const { hashes } = db.engine.values;
  const n = count < 0 ? -count : Math.min(count, hashes.count(e));
  reply.arrayHeader(withValues && reply.resp === 2 ? n * 2 : n);
  const pair = (field: Slice, value: Slice): void => {
    if (withValues && reply.resp === 3) reply.arrayHeader(2);
    writeSlice(reply, field);
    if (withValues) writeSlice(reply, value);
  };
  if (count >= 0) return hashes.sample(e, n, db.engine.random, { pair });
  const { cursor } = hashes;
  for (let i = 0; i < n && !reply.isTooMuch; i++) {
    hashes.random(e, db.engine.random, cursor);
    pair(cursor.field, cursor.value);
  }
}
