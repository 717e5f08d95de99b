/**
 * Counters: INCR, DECR, INCRBY, DECRBY on 64-bit integers, and INCRBYFLOAT on the long double of C.
 *
 * Up to ±2⁵³ a double is exact and nothing is allocated; a counter beyond it goes through BigInt.
 *
 * HOT, but for what says exact or float. bench: INCR
 */
import { ERRORS } from '../../base/errors.js';
import { addLongDouble, formatLongDouble, type LongDouble, parseLongDouble } from '../../base/long-double.js';
import { addInt64, parseInt64, parseInteger } from '../../base/numbers.js';
import { NONE, STRING, STRING_EMBSTR, TYPE_STRING, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { int64At, readInteger } from '../arguments.js';

const INT64_MIN = -(2n ** 63n);
const NOUGHT: LongDouble = { m: 0n, e: 0, infinite: 0 };

export function incr(request: Request, reply: ReplyWriter, db: Database): void {
  add(request, reply, db, 1);
}

export function decr(request: Request, reply: ReplyWriter, db: Database): void {
  add(request, reply, db, -1);
}

export function incrby(request: Request, reply: ReplyWriter, db: Database): void {
  const by = readInteger(request, 2, reply);
  if (Number.isNaN(by)) return;
  if (Number.isFinite(by)) add(request, reply, db, by);
  else addExactly(request, reply, db, int64At(request, 2) ?? 0n);
}

export function decrby(request: Request, reply: ReplyWriter, db: Database): void {
  const by = readInteger(request, 2, reply);
  if (Number.isNaN(by)) return;
  if (Number.isFinite(by)) return add(request, reply, db, -by);
  const exact = int64At(request, 2) ?? 0n;
  if (exact === INT64_MIN) return reply.error(ERRORS.DECR_OVERFLOW);
  addExactly(request, reply, db, -exact);
}

function add(request: Request, reply: ReplyWriter, db: Database, by: number): void {
  const e = db.findOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return;
  const n = e === NONE ? 0 : parseInteger(db.bytes(e), db.valueOffset(e), db.valueLength(e));
  if (Number.isNaN(n)) return reply.error(ERRORS.NOT_INTEGER);
  const sum = n + by;
  if (!Number.isSafeInteger(sum)) return addExactly(request, reply, db, BigInt(by));
  db.setInteger(e, request, 1, sum);
  db.wrote(request, 1, EVENT.incrby, 1);
  reply.integer(sum);
}

function addExactly(request: Request, reply: ReplyWriter, db: Database, by: bigint): void {
  const e = db.findOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return;
  const n = e === NONE ? 0n : parseInt64(db.bytes(e), db.valueOffset(e), db.valueLength(e));
  if (n === null) return reply.error(ERRORS.NOT_INTEGER);
  const sum = addInt64(n, by);
  if (sum === null) return reply.error(ERRORS.INCR_OVERFLOW);
  db.setBytes(e, request, 1, STRING, Buffer.from(String(sum), 'latin1'));
  db.wrote(request, 1, EVENT.incrby, 1);
  reply.bigInteger(sum);
}

export function incrbyfloat(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.findOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return;
  const x = e === NONE ? NOUGHT : parseLongDouble(db.bytes(e), db.valueOffset(e), db.valueLength(e));
  const by = parseLongDouble(request.buf, request.off[2], request.len[2]);
  if (x === null || by === null) return reply.error(ERRORS.NOT_FLOAT);
  const sum = addLongDouble(x, by);
  if (sum === null) return reply.error(ERRORS.INCR_NOT_FINITE);
  const text = formatLongDouble(sum);
  db.setBytes(e, request, 1, STRING_EMBSTR, Buffer.from(text, 'latin1'));
  const { changes } = db.engine; // the sum, not the way to it: each machine may round in its own way
  if (changes !== null) changes.instead(db.index, 4).word('SET').argument(request, 1).word(text).word('KEEPTTL');
  db.wrote(request, 1, EVENT.incrbyfloat, 1);
  reply.bulkText(text);
}
