/**
 * Scores go in: ZADD and ZINCRBY.
 *
 *   ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member …      ZINCRBY key by member is ZADD key INCR by member
 *
 * All scores are looked at before the first one is written, so that the command is done as a whole or not at all. They
 * are read again when their turn comes: that is cheaper than to keep them.
 *
 * HOT. bench: ZADD
 */
import { ERRORS } from '../../base/errors.js';
import { parseDouble } from '../../base/numbers.js';
import { NONE, TYPE_ZSET, WRONG, ZSET_PACK } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { ADDED, SAME, UPDATED } from '../../keyspace/types/sorted-set.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readDouble } from '../arguments.js';

/** Options, as bits. */
const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
const CH = 16;
const INCR = 32;
/** Those that may keep a score out. */
const CONDITIONS = NX | XX | GT | LT;

export function zadd(request: Request, reply: ReplyWriter, db: Database): void {
  add(request, reply, db, 0);
}

export function zincrby(request: Request, reply: ReplyWriter, db: Database): void {
  add(request, reply, db, INCR);
}

function add(request: Request, reply: ReplyWriter, db: Database, given: number): void {
  let options = given;
  let first = 2;
  for (let option = optionAt(request, first); option !== 0; option = optionAt(request, ++first)) options |= option;
  const count = request.argc - first;
  if (count === 0 || count % 2 !== 0) return reply.error(ERRORS.SYNTAX);
  const refusal = options === 0 ? null : refusalOf(options, count / 2);
  if (refusal !== null) return reply.error(refusal);
  for (let i = first; i < request.argc; i += 2) if (Number.isNaN(readDouble(request, i, reply))) return;
  let e = db.findOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) {
    if ((options & XX) !== 0) return (options & INCR) !== 0 ? reply.nil() : reply.integer(0);
    e = db.create(request, 1, ZSET_PACK, 0);
  }
  if ((options & INCR) !== 0) increment(request, reply, db, e, options);
  else putAll(request, reply, db, e, options, first);
}

/** The option that argument i is, 0 where it is none. */
function optionAt(request: Request, i: number): number {
  if (i >= request.argc) return 0;
  if (request.len[i] === 4) return request.is(i, 'incr') ? INCR : 0;
  if (request.len[i] !== 2) return 0;
  if (request.is(i, 'nx')) return NX;
  if (request.is(i, 'xx')) return XX;
  if (request.is(i, 'gt')) return GT;
  if (request.is(i, 'lt')) return LT;
  return request.is(i, 'ch') ? CH : 0;
}

function refusalOf(options: number, pairs: number): string | null {
  if ((options & NX) !== 0 && (options & XX) !== 0) return ERRORS.ZADD_NX_WITH_XX;
  const bounds = options & (NX | GT | LT);
  if (bounds !== 0 && bounds !== NX && bounds !== GT && bounds !== LT) return ERRORS.ZADD_GT_LT_NX;
  return (options & INCR) !== 0 && pairs > 1 ? ERRORS.ZADD_INCR_ONE_PAIR : null;
}

function putAll(request: Request, reply: ReplyWriter, db: Database, e: number, options: number, first: number): void {
  const { values, slices } = db.engine;
  const { sortedSets } = values;
  const member = slices[0];
  let added = 0;
  let updated = 0;
  for (let i = first; i < request.argc; i += 2) {
    const score = parseDouble(request.buf, request.off[i], request.len[i]);
    member.argument(request, i + 1);
    if ((options & CONDITIONS) !== 0 && !mayPut(options, sortedSets.score(e, member), score)) continue;
    const done = sortedSets.put(e, member, score);
    if (done === ADDED) added++;
    else if (done === UPDATED) updated++;
  }
  if (added + updated > 0) db.wrote(request, 1, EVENT.zadd, added + updated);
  reply.integer((options & CH) !== 0 ? added + updated : added);
}

/** Whether the conditions let a score in; `old` is NaN where the member is not there yet. */
function mayPut(options: number, old: number, score: number): boolean {
  if (Number.isNaN(old)) return (options & XX) === 0;
  if ((options & NX) !== 0) return false;
  return !((options & GT) !== 0 && score <= old) && !((options & LT) !== 0 && score >= old);
}

/** The one pair behind the options stands at the end. */
function increment(request: Request, reply: ReplyWriter, db: Database, e: number, options: number): void {
  const { values, slices } = db.engine;
  const { sortedSets } = values;
  const at = request.argc - 2;
  const by = parseDouble(request.buf, request.off[at], request.len[at]);
  const member = slices[0].argument(request, at + 1);
  const old = sortedSets.score(e, member);
  const isThere = !Number.isNaN(old);
  if (isThere && (options & NX) !== 0) return reply.nil();
  const score = isThere ? old + by : by;
  if (Number.isNaN(score)) return reply.error(ERRORS.SCORE_NAN);
  if (!mayPut(options, old, score)) return reply.nil();
  if (sortedSets.put(e, member, score) !== SAME) db.wrote(request, 1, EVENT.zincr, 1);
  reply.double(score);
}
