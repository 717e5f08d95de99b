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
import { areBounds, type By, endRank, firstRank } from './bounds.js';
import { putInPlace } from './results.js';

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
class Walk {
  withScores = false;
  offset = 0;
  /** Below zero: as many as there are. */
  limit = -1;
  start = 0;
  n = 0;

  constructor(
    readonly key: number,
    public by: By | null,
    public towards: End | null,
  ) {}

  /** The arguments that are the lower and the upper bound. */
  get low(): number {
    return this.key + (this.isSwapped ? 2 : 1);
  }

  get high(): number {
    return this.key + (this.isSwapped ? 1 : 2);
  }

  private get isSwapped(): boolean {
    return this.towards === LEFT && this.by !== 'rank';
  }
}

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
  const walk = readWalk(request, form, reply);
  if (walk === null) return;
  const e = db.lookupOf(request, form.key, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.arrayHeader(0);
  locate(walk, request, db, e);
  const { n, withScores } = walk;
  reply.arrayHeader(withScores && reply.resp === 2 ? n * 2 : n);
  if (n === 0) return;
  const isNested = withScores && reply.resp === 3;
  const { sortedSets } = db.engine.values;
  const { cursor } = sortedSets;
  const { member } = cursor;
  const towards = walk.towards === LEFT ? LEFT : RIGHT;
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
  const walk = readWalk(request, FORMS.zrangestore, reply);
  if (walk === null) return;
  const e = db.lookupOf(request, 2, TYPE_ZSET, reply);
  if (e === WRONG) return;
  const { sortedSets, limits } = db.engine.values;
  const { cursor } = sortedSets;
  if (e !== NONE) locate(walk, request, db, e);
  const isBig = walk.by === 'rank' && walk.n > limits.zsetMaxListpackEntries;
  const draft = db.draft(isBig ? ZSET_TREE : ZSET_PACK);
  const towards = walk.towards === LEFT ? LEFT : RIGHT;
  let left = walk.n;
  if (left > 0) sortedSets.seek(e, walk.start, cursor);
  for (; left > 0; left--) {
    sortedSets.put(draft, cursor.member, cursor.score);
    sortedSets.step(cursor, towards);
  }
  putInPlace(request, reply, db, draft, EVENT.zrangestore);
}

/** Reads all but the key; null where something is wrong, and the reply says so. */
function readWalk(request: Request, form: Form, reply: ReplyWriter): Walk | null {
  const walk = new Walk(form.key, form.by, form.towards);
  const stores = form === FORMS.zrangestore;
  for (let i = form.key + 3; i < request.argc; i++) {
    if (!stores && request.is(i, 'withscores')) walk.withScores = true;
    else if (i + 2 < request.argc && request.is(i, 'limit')) {
      walk.offset = readInteger(request, i + 1, reply);
      if (Number.isNaN(walk.offset)) return null;
      walk.limit = readInteger(request, i + 2, reply);
      if (Number.isNaN(walk.limit)) return null;
      i += 2;
    } else if (walk.towards === null && request.is(i, 'rev')) walk.towards = LEFT;
    else if (walk.by === null && request.is(i, 'bylex')) walk.by = 'name';
    else if (walk.by === null && request.is(i, 'byscore')) walk.by = 'score';
    else {
      reply.error(ERRORS.SYNTAX);
      return null;
    }
  }
  const by = (walk.by ??= 'rank');
  if (by === 'rank' && walk.limit !== -1) reply.error(ERRORS.LIMIT_WITHOUT_BY);
  else if (by === 'name' && walk.withScores) reply.error(ERRORS.SCORES_WITH_BYLEX);
  else if (areBounds(by, request, walk.low, walk.high, reply)) return walk;
  return null;
}

/** Finds out where in a sorted set a walk starts, and how long it is. */
function locate(walk: Walk, request: Request, db: Database, e: number): void {
  const by = walk.by ?? 'rank';
  const first = firstRank(by, request, walk.low, db, e);
  const end = endRank(by, request, walk.high, db, e);
  const isReversed = walk.towards === LEFT;
  if (by === 'rank') {
    walk.start = isReversed ? db.engine.values.sortedSets.count(e) - 1 - first : first;
    walk.n = Math.max(0, end - first);
    return;
  }
  const { offset, limit } = walk;
  const n = offset < 0 ? 0 : Math.max(0, end - first - offset);
  walk.start = isReversed ? end - 1 - offset : first + offset;
  walk.n = limit < 0 ? n : Math.min(n, limit);
}
