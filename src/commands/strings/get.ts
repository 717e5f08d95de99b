/**
 * Reading strings: GET, GETDEL, GETSET, STRLEN, GETRANGE (once called SUBSTR). GETEX is with the times of death in
 * set.ts, MGET with its writing kin in many.ts.
 *
 * HOT. bench: GET
 */
import { ERRORS } from '../../base/errors.js';
import { IMMORTAL, NONE, TYPE_STRING, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { int64At, integerAt } from '../arguments.js';

export function get(request: Request, reply: ReplyWriter, db: Database): void {
  readString(request, reply, db);
}

/** Answers with the string of argument 1, and returns its entry; WRONG where the answer was WRONGTYPE. */
export function readString(request: Request, reply: ReplyWriter, db: Database): number {
  const e = db.lookupOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return WRONG;
  if (e === NONE) reply.nil();
  else db.writeValue(e, reply);
  return e;
}

export function getdel(request: Request, reply: ReplyWriter, db: Database): void {
  const e = readString(request, reply, db);
  if (e === WRONG || e === NONE) return;
  db.removeForUser(e);
  db.tellRemovedInstead(request, 1, db.engine.lazily.userDelete);
  db.wrote(request, 1, EVENT.del, 1);
}

export function getset(request: Request, reply: ReplyWriter, db: Database): void {
  const e = readString(request, reply, db);
  if (e === WRONG) return;
  db.willChange(e);
  db.setString(e, request, 1, 2, IMMORTAL);
  const { changes } = db.engine;
  if (changes !== null) changes.instead(db.index, 3).word('SET').argument(request, 1).argument(request, 2);
  db.wrote(request, 1, EVENT.set, 1);
}

export function strlen(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.lookupOf(request, 1, TYPE_STRING, reply);
  if (e !== WRONG) reply.integer(e === NONE ? 0 : db.valueLength(e));
}

export function getrange(request: Request, reply: ReplyWriter, db: Database): void {
  let start = integerAt(request, 2);
  let end = integerAt(request, 3);
  if (Number.isNaN(start) || Number.isNaN(end)) return reply.error(ERRORS.NOT_INTEGER);
  const e = db.lookupOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return;
  const n = e === NONE ? 0 : db.valueLength(e);
  if (n === 0 || (start < 0 && end < 0 && isBehind(request, start, end))) return reply.bulkText('');
  // Both ends stop at 0: unlike LRANGE, `0 -100` of a short string is its first byte.
  if (start < 0) start = Math.max(0, n + start);
  if (end < 0) end = Math.max(0, n + end);
  end = Math.min(end, n - 1);
  if (start > end) return reply.bulkText('');
  reply.bulk(db.bytes(e), db.view(e), db.valueOffset(e) + start, end - start + 1);
}

/** Whether the start lies behind the end; both below −2⁵³ they are compared exactly. */
function isBehind(request: Request, start: number, end: number): boolean {
  if (Number.isFinite(start) || Number.isFinite(end)) return start > end;
  return (int64At(request, 2) ?? 0n) > (int64At(request, 3) ?? 0n);
}
