/**
 * Lists at their ends: LPUSH, RPUSH, LPUSHX, RPUSHX, LPOP, RPOP, LMPOP, LMOVE, RPOPLPUSH.
 *
 * HOT. bench: LPUSH, RPUSH, LPOP, RPOP
 */
import { ERRORS, wrongArity } from '../../base/errors.js';
import { LIST, NONE, TYPE_LIST, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt, readAtLeast } from '../arguments.js';

export function lpush(request: Request, reply: ReplyWriter, db: Database): void {
  push(request, reply, db, LEFT);
}

export function rpush(request: Request, reply: ReplyWriter, db: Database): void {
  push(request, reply, db, RIGHT);
}

function push(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  let e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) e = db.create(request, 1, LIST, 0);
  pushAll(request, reply, db, e, side);
}

export function lpushx(request: Request, reply: ReplyWriter, db: Database): void {
  pushIfThere(request, reply, db, LEFT);
}

export function rpushx(request: Request, reply: ReplyWriter, db: Database): void {
  pushIfThere(request, reply, db, RIGHT);
}

function pushIfThere(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) reply.integer(0);
  else pushAll(request, reply, db, e, side);
}

function pushAll(request: Request, reply: ReplyWriter, db: Database, e: number, side: End): void {
  const { values, slices } = db.engine;
  for (let i = 2; i < request.argc; i++) values.lists.push(e, side, slices[0].argument(request, i));
  db.wrote(request, 1, side === LEFT ? EVENT.lpush : EVENT.rpush, request.argc - 2);
  reply.integer(values.lists.length(e));
}

export function lpop(request: Request, reply: ReplyWriter, db: Database): void {
  pop(request, reply, db, LEFT);
}

export function rpop(request: Request, reply: ReplyWriter, db: Database): void {
  pop(request, reply, db, RIGHT);
}

function pop(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  if (request.argc > 2) return popCount(request, reply, db, side);
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nil();
  db.engine.values.lists.pop(e, side, reply);
  popped(request, 1, db, e, side, 1);
}

function popCount(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  if (request.argc > 3) return reply.error(wrongArity(side === LEFT ? 'lpop' : 'rpop'));
  const count = readAtLeast(request, 2, 0, ERRORS.MUST_BE_POSITIVE, reply);
  if (Number.isNaN(count)) return;
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nilArray();
  if (count === 0) return reply.arrayHeader(0);
  popMany(request, 1, reply, db, e, side, count);
}

/** Pops up to `count` elements of a list into an array. */
function popMany(
  request: Request,
  key: number,
  reply: ReplyWriter,
  db: Database,
  e: number,
  side: End,
  count: number,
): void {
  const { lists } = db.engine.values;
  const n = Math.min(count, lists.length(e));
  reply.arrayHeader(n);
  for (let i = 0; i < n; i++) lists.pop(e, side, reply);
  popped(request, key, db, e, side, n);
}

/** Elements were taken from an end: an empty list goes. */
function popped(request: Request, key: number, db: Database, e: number, side: End, n: number): void {
  db.wrote(request, key, side === LEFT ? EVENT.lpop : EVENT.rpop, n);
  removeIfEmpty(request, key, db, e);
}

export function removeIfEmpty(request: Request, key: number, db: Database, e: number): void {
  if (db.engine.values.lists.length(e) > 0) return;
  db.remove(e);
  db.wrote(request, key, EVENT.del, 0);
}

/** Argument i as LEFT or RIGHT; −1 where it is neither, and the reply says so. */
function readEnd(request: Request, i: number, reply: ReplyWriter): End | -1 {
  if (request.is(i, 'left')) return LEFT;
  if (request.is(i, 'right')) return RIGHT;
  reply.error(ERRORS.SYNTAX);
  return -1;
}

/** LMPOP numkeys key … LEFT|RIGHT [COUNT n] */
export function lmpop(request: Request, reply: ReplyWriter, db: Database): void {
  const keys = readAtLeast(request, 1, 1, ERRORS.NUMKEYS_POSITIVE, reply);
  if (Number.isNaN(keys)) return;
  const where = 2 + keys;
  if (where >= request.argc) return reply.error(ERRORS.SYNTAX);
  const side = readEnd(request, where, reply);
  if (side === -1) return;
  let count = 1;
  if (request.argc > where + 1) {
    if (!request.is(where + 1, 'count') || request.argc !== where + 3) return countError(request, where, reply);
    count = readAtLeast(request, where + 2, 1, ERRORS.COUNT_POSITIVE, reply);
    if (Number.isNaN(count)) return;
  }
  for (let i = 2; i < where; i++) {
    const e = db.findOf(request, i, TYPE_LIST, reply);
    if (e === WRONG) return;
    if (e === NONE) continue;
    reply.arrayHeader(2);
    db.writeKey(e, reply);
    return popMany(request, i, reply, db, e, side, count);
  }
  reply.nilArray();
}

/** Options are read one by one: a bad count is told before what stands behind it. */
function countError(request: Request, where: number, reply: ReplyWriter): void {
  const bad = request.is(where + 1, 'count') && request.argc > where + 3 && !(integerAt(request, where + 2) >= 1);
  reply.error(bad ? ERRORS.COUNT_POSITIVE : ERRORS.SYNTAX);
}

/** LMOVE source destination LEFT|RIGHT LEFT|RIGHT */
export function lmove(request: Request, reply: ReplyWriter, db: Database): void {
  const from = readEnd(request, 3, reply);
  if (from === -1) return;
  const to = readEnd(request, 4, reply);
  if (to !== -1) move(request, reply, db, from, to);
}

export function rpoplpush(request: Request, reply: ReplyWriter, db: Database): void {
  move(request, reply, db, RIGHT, LEFT);
}

function move(request: Request, reply: ReplyWriter, db: Database, from: End, to: End): void {
  const source = db.findOf(request, 1, TYPE_LIST, reply);
  if (source === WRONG) return;
  if (source === NONE) return reply.nil();
  let target = db.findOf(request, 2, TYPE_LIST, reply);
  if (target === WRONG) return;
  const { values, slices } = db.engine;
  values.lists.pop(source, from, reply);
  if (target === NONE) target = db.create(request, 2, LIST, 0);
  // The reply has a copy of the element by now: the bytes before its line end.
  const n = reply.lastBulkLength;
  values.lists.push(target, to, slices[0].set(reply.buf, reply.view, reply.pos - 2 - n, n));
  db.wrote(request, 2, to === LEFT ? EVENT.lpush : EVENT.rpush, 0);
  popped(request, 1, db, source, from, 1);
}
