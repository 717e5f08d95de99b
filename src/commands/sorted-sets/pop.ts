/**
 * Members from either end: ZPOPMIN, ZPOPMAX, ZMPOP, and those that wait for one: BZPOPMIN, BZPOPMAX, BZMPOP.
 *
 * HOT: ZPOPMIN of one. bench: ZPOPMIN
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, TYPE_ZSET, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type End, LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readAtLeast } from '../arguments.js';
import { popFirst, popFirstOrWait, popOrWait, type TwoEnded } from '../waiting.js';

export function zpopmin(request: Request, reply: ReplyWriter, db: Database): void {
  pop(request, reply, db, LEFT);
}

export function zpopmax(request: Request, reply: ReplyWriter, db: Database): void {
  pop(request, reply, db, RIGHT);
}

/** ZPOPMIN key [count] */
function pop(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  if (request.argc > 2) return popMany(request, reply, db, side);
  const e = db.findOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.arrayHeader(0);
  reply.arrayHeader(2);
  db.engine.values.sortedSets.pop(e, side, reply);
  popped(request, db, side, 1);
  db.removeIfEmpty(request, 1, e);
}

function popMany(request: Request, reply: ReplyWriter, db: Database, side: End): void {
  if (request.argc > 3) return reply.error(ERRORS.SYNTAX);
  const count = readAtLeast(request, 2, 0, ERRORS.MUST_BE_POSITIVE, reply);
  if (Number.isNaN(count)) return;
  const e = db.findOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE || count === 0) return reply.arrayHeader(0);
  const { sortedSets } = db.engine.values;
  const n = Math.min(count, sortedSets.count(e));
  const isNested = reply.resp === 3;
  reply.arrayHeader(isNested ? n : n * 2);
  for (let i = 0; i < n; i++) {
    if (isNested) reply.arrayHeader(2);
    sortedSets.pop(e, side, reply);
  }
  popped(request, db, side, n);
  db.removeIfEmpty(request, 1, e);
}

function popped(request: Request, db: Database, side: End, n: number): void {
  db.wrote(request, 1, side === LEFT ? EVENT.zpopmin : EVENT.zpopmax, n);
}

// ── from the first that is there ────────────────────────────────────────────

// biome-ignore format: a table
const SORTED_SETS: TwoEnded = {
  type: TYPE_ZSET,
  width: 2,
  ends:     ['min',         'max'        ],
  commands: ['ZPOPMIN',     'ZPOPMAX'    ],
  events:   [EVENT.zpopmin, EVENT.zpopmax],
  count: (db, e) => db.engine.values.sortedSets.count(e),
  pop: (db, e, side, reply) => db.engine.values.sortedSets.pop(e, side, reply),
};

export const zmpop = popFirst(SORTED_SETS);
export const bzmpop = popFirstOrWait(SORTED_SETS);
export const bzpopmin = popOrWait(SORTED_SETS, LEFT);
export const bzpopmax = popOrWait(SORTED_SETS, RIGHT);
