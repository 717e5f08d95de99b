/**
 * Members in order: ZRANGE with its options, its older forms, and ZRANGESTORE.
 *
 *   ZRANGE key low high [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
 *
 *   ZREVRANGE = REV · ZRANGEBYSCORE = BYSCORE · ZREVRANGEBYSCORE = BYSCORE REV · ZRANGEBYLEX = BYLEX · …
 *
 * Whatever was asked for, it is a walk over n members from some rank on, in one direction. With REV the bounds stand
 * the other way round, but for ranks: these count from the end.
 *
 * HOT: ZRANGE. bench: ZRANGEBYSCORE
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, TYPE_ZSET, WRONG, ZSET_PACK, ZSET_TREE } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import { areBounds, type By, locate, Range } from './bounds.js';

/** What the name of a command decides; null is left to the options. */
interface Form {
  /** The argument that is the key; the bounds stand behind it. */
  readonly key: number;
  readonly by: By | null;
  readonly towards: End | null;
}

// biome-ignore format: a table
const FORMS = {
  zrange:           { key: 1, by: null,    towards: null  },
  zrangestore:      { key: 2, by: null,    towards: null  },
  zrevrange:        { key: 1, by: 'rank',  towards: LEFT  },
  zrangebyscore:    { key: 1, by: 'score', towards: RIGHT },
  zrevrangebyscore: { key: 1, by: 'score', towards: LEFT  },
  zrangebylex:      { key: 1, by: 'name',  towards: RIGHT },
  zrevrangebylex:   { key: 1, by: 'name',  towards: LEFT  },
} as const satisfies Readonly<Record<string, Form>>;

/** What is asked for, and once the key is known, where the walk starts and how long it is. */
class Walk extends Range {
  withScores = false;
  offset = 0;
  /** Below zero: as many as there are. */
  limit = -1;
  start = 0;
  n = 0;
}

/** One for all: it is good while its command runs. */
const walk = new Walk();

export function zrange(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zrange);
}

export function zrevrange(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zrevrange);
}

export function zrangebyscore(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zrangebyscore);
}

export function zrevrangebyscore(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zrevrangebyscore);
}

export function zrangebylex(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zrangebylex);
}

export function zrevrangebylex(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zrevrangebylex);
}

function answer(request: Request, reply: ReplyWriter, db: Database, form: Form): void {
  if (!readWalk(request, form, reply)) return;
  const e = db.lookupOf(request, form.key, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.arrayHeader(0);
  locateWalk(request, db, e);
  const { n, withScores, towards } = walk;
  reply.arrayHeader(withScores && reply.resp === 2 ? n * 2 : n);
  if (n === 0) return;
  const isNested = withScores && reply.resp === 3;
  const { sortedSets } = db.engine.values;
  const { cursor } = sortedSets;
  const { member } = cursor;
  sortedSets.seek(e, walk.start, cursor);
  for (let left = n; ; ) {
    if (isNested) reply.arrayHeader(2);
    reply.bulk(member.u8, member.view, member.off, member.len);
    if (withScores) reply.double(cursor.score);
    if (--left === 0) return;
    sortedSets.step(cursor, towards);
  }
}

/** ZRANGESTORE destination source low high … */
export function zrangestore(request: Request, reply: ReplyWriter, db: Database): void {
  if (!readWalk(request, FORMS.zrangestore, reply)) return;
  const e = db.lookupOf(request, 2, TYPE_ZSET, reply);
  if (e === WRONG) return;
  const { sortedSets, limits } = db.engine.values;
  const { cursor } = sortedSets;
  if (e !== NONE) locateWalk(request, db, e);
  const isBig = walk.by === 'rank' && walk.n > limits.zsetMaxListpackEntries;
  const draft = db.draft(isBig ? ZSET_TREE : ZSET_PACK);
  let left = walk.n;
  if (left > 0) sortedSets.seek(e, walk.start, cursor);
  for (; left > 0; left--) {
    sortedSets.put(draft, cursor.member, cursor.score);
    sortedSets.step(cursor, walk.towards);
  }
  reply.integer(db.store(draft, request, 1, EVENT.zrangestore));
}

/** Reads all but the key; false where something is wrong, and the reply says so. */
function readWalk(request: Request, form: Form, reply: ReplyWriter): boolean {
  const stores = form === FORMS.zrangestore;
  let { by, towards } = form;
  walk.withScores = false;
  walk.offset = walk.n = 0;
  walk.limit = -1;
  for (let i = form.key + 3; i < request.argc; i++) {
    if (!stores && request.is(i, 'withscores')) walk.withScores = true;
    else if (i + 2 < request.argc && request.is(i, 'limit')) {
      walk.offset = readInteger(request, i + 1, reply);
      if (Number.isNaN(walk.offset)) return false;
      walk.limit = readInteger(request, i + 2, reply);
      if (Number.isNaN(walk.limit)) return false;
      i += 2;
    } else if (towards === null && request.is(i, 'rev')) towards = LEFT;
    else if (by === null && request.is(i, 'bylex')) by = 'name';
    else if (by === null && request.is(i, 'byscore')) by = 'score';
    else {
      reply.error(ERRORS.SYNTAX);
      return false;
    }
  }
  walk.by = by ?? 'rank';
  walk.towards = towards ?? RIGHT;
  return areBoundsOf(request, form.key, reply);
}

/** The bounds stand behind the key; the other way round where a walk by score or by name is reversed. */
function areBoundsOf(request: Request, key: number, reply: ReplyWriter): boolean {
  const { by } = walk;
  const isSwapped = walk.towards === LEFT && by !== 'rank';
  walk.low = key + (isSwapped ? 2 : 1);
  walk.high = key + (isSwapped ? 1 : 2);
  if (by === 'rank' && walk.limit !== -1) reply.error(ERRORS.LIMIT_WITHOUT_BY);
  else if (by === 'name' && walk.withScores) reply.error(ERRORS.SCORES_WITH_BYLEX);
  else return areBounds(by, request, walk.low, walk.high, reply);
  return false;
}

/** Finds out where in a sorted set the walk starts, and how long it is. */
function locateWalk(request: Request, db: Database, e: number): void {
  locate(walk, request, db, e);
  const { first, end, offset, limit } = walk;
  const isReversed = walk.towards === LEFT;
  if (walk.by === 'rank') {
    walk.start = isReversed ? db.engine.values.sortedSets.count(e) - 1 - first : first;
    walk.n = Math.max(0, end - first);
    return;
  }
  const n = offset < 0 ? 0 : Math.max(0, end - first - offset);
  walk.start = isReversed ? end - 1 - offset : first + offset;
  walk.n = limit < 0 ? n : Math.min(n, limit);
}
