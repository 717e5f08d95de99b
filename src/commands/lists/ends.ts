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
import { readAtLeast } from '../arguments.js';
import { popFirst, type TwoEnded } from '../waiting.js';

// biome-ignore format: a table
export const LISTS: TwoEnded = {
  type: TYPE_LIST,
  width: 1,
  ends:     ['left',     'right'   ],
  commands: ['LPOP',     'RPOP'    ],
  events:   [EVENT.lpop, EVENT.rpop],
  count: (db, e) => db.engine.values.lists.length(e),
  pop: (db, e, side, reply) => db.engine.values.lists.pop(e, side, reply),
};

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
  popped(request, 1, db, side, 1);
  db.removeIfEmpty(request, 1, e);
}

function popCount(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  if (request.argc > 3) return reply.error(wrongArity(side === LEFT ? 'lpop' : 'rpop'));
  const count = readAtLeast(request, 2, 0, ERRORS.MUST_BE_POSITIVE, reply);
  if (Number.isNaN(count)) return;
  const e = db.findOf(request, 1, TYPE_LIST, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nilArray();
  if (count === 0) return reply.arrayHeader(0);
  popped(request, 1, db, side, popArray(reply, db, e, side, count));
  db.removeIfEmpty(request, 1, e);
}

/** Pops up to `count` elements of a list into an array; returns how many. */
function popArray(reply: ReplyWriter, db: Database, e: number, side: End, count: number): number {
  const { lists } = db.engine.values;
  const n = Math.min(count, lists.length(e));
  reply.arrayHeader(n);
  for (let i = 0; i < n; i++) lists.pop(e, side, reply);
  return n;
}

function popped(request: Request, key: number, db: Database, side: End, n: number): void {
  db.wrote(request, key, side === LEFT ? EVENT.lpop : EVENT.rpop, n);
}

/** Argument i as LEFT or RIGHT; −1 where it is neither, and the reply says so. */
export function readEnd(request: Request, i: number, reply: ReplyWriter): End | -1 {
  if (request.is(i, 'left')) return LEFT;
  if (request.is(i, 'right')) return RIGHT;
  reply.error(ERRORS.SYNTAX);
  return -1;
}

export const lmpop = popFirst(LISTS);

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

/** Moves between the lists of arguments 1 and 2; false where there is nothing to move, or no list to move it to. */
export function move(request: Request, reply: ReplyWriter, db: Database, from: End, to: End): boolean {
  const source = db.findOf(request, 1, TYPE_LIST, reply);
  if (source === WRONG) return false;
  if (source === NONE) {
    reply.nil();
    return false;
  }
  let target = db.findOf(request, 2, TYPE_LIST, reply);
  if (target === WRONG) return false;
  const { values, slices } = db.engine;
  values.lists.pop(source, from, reply);
  if (target === NONE) target = db.create(request, 2, LIST, 0);
  // The reply has a copy of the element by now: the bytes before its line end.
  const n = reply.lastBulkLength;
  values.lists.push(target, to, slices[0].set(reply.buf, reply.view, reply.pos - 2 - n, n));
  db.wrote(request, 2, to === LEFT ? EVENT.lpush : EVENT.rpush, 0);
  popped(request, 1, db, from, 1);
  db.removeIfEmpty(request, 1, source);
  return true;
}
