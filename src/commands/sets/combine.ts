/**
 * Sets of several keys: SINTER, SUNION, SDIFF, their STORE forms, and SINTERCARD.
 *
 *   sources ─▶ a draft, which hangs in no table ─▶ the reply, or in place of the destination
 *
 * So a destination may be one of its own sources.
 */
import { ERRORS } from '../../base/errors.js';
import type { Slice } from '../../base/slice.js';
import { NONE, SET_INTSET, TYPE_SET, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readAtLeast } from '../arguments.js';
import { writeMembers } from './members.js';

/** Entries of the sets at arguments from..to-1, NONE for a missing one; null where a key holds another type. */
function sourcesOf(request: Request, from: number, to: number, reply: ReplyWriter, db: Database): number[] | null {
  const sources: number[] = [];
  for (let i = from; i < to; i++) {
    const e = db.lookupOf(request, i, TYPE_SET, reply);
    if (e === WRONG) return null;
    sources.push(e);
  }
  return sources;
}

/** Calls `take` for the members that all sources share, the smallest set being walked; it says whether to go on. */
function eachShared(db: Database, sources: readonly number[], take: (member: Slice) => boolean): void {
  if (sources.includes(NONE)) return;
  const { sets } = db.engine.values;
  const [smallest, ...others] = [...new Set(sources)].sort((a, b) => sets.count(a) - sets.count(b));
  const { cursor } = sets;
  sets.start(smallest, cursor);
  while (sets.next(cursor)) {
    if (!others.every((other) => sets.has(other, cursor.member))) continue;
    if (!take(cursor.member)) return;
  }
}

type Combine = (db: Database, sources: readonly number[], draft: number) => void;

function intersect(db: Database, sources: readonly number[], draft: number): void {
  eachShared(db, sources, (member) => {
    db.engine.values.sets.add(draft, member);
    return true;
  });
}

function unite(db: Database, sources: readonly number[], draft: number): void {
  const { sets } = db.engine.values;
  const { cursor } = sets;
  for (const source of sources) {
    if (source === NONE) continue;
    for (sets.start(source, cursor); sets.next(cursor); ) sets.add(draft, cursor.member);
  }
}

function subtract(db: Database, sources: readonly number[], draft: number): void {
  const [first, ...others] = sources;
  if (first === NONE) return;
  const { sets } = db.engine.values;
  const { cursor } = sets;
  const present = others.filter((other) => other !== NONE);
  for (sets.start(first, cursor); sets.next(cursor); )
    if (!present.some((other) => sets.has(other, cursor.member))) sets.add(draft, cursor.member);
}

function answer(request: Request, reply: ReplyWriter, db: Database, combine: Combine): void {
  const sources = sourcesOf(request, 1, request.argc, reply, db);
  if (sources === null) return;
  const draft = db.draft(SET_INTSET);
  combine(db, sources, draft);
  writeMembers(reply, db, draft);
  db.release(draft);
}

function store(request: Request, reply: ReplyWriter, db: Database, combine: Combine, event: number): void {
  const sources = sourcesOf(request, 2, request.argc, reply, db);
  if (sources === null) return;
  const draft = db.draft(SET_INTSET);
  combine(db, sources, draft);
  reply.integer(db.store(draft, request, 1, event));
}

export function sinter(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, intersect);
}

export function sinterstore(request: Request, reply: ReplyWriter, db: Database): void {
  store(request, reply, db, intersect, EVENT.sinterstore);
}

export function sunion(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, unite);
}

export function sunionstore(request: Request, reply: ReplyWriter, db: Database): void {
  store(request, reply, db, unite, EVENT.sunionstore);
}

export function sdiff(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, subtract);
}

export function sdiffstore(request: Request, reply: ReplyWriter, db: Database): void {
  store(request, reply, db, subtract, EVENT.sdiffstore);
}

/** SINTERCARD numkeys key … [LIMIT limit] */
export function sintercard(request: Request, reply: ReplyWriter, db: Database): void {
  const keys = readAtLeast(request, 1, 1, ERRORS.NUMKEYS_POSITIVE, reply);
  if (Number.isNaN(keys)) return;
  if (keys > request.argc - 2) return reply.error(ERRORS.TOO_MANY_NUMKEYS);
  let limit = 0;
  for (let i = 2 + keys; i < request.argc; i += 2) {
    if (!request.is(i, 'limit') || i + 1 >= request.argc) return reply.error(ERRORS.SYNTAX);
    limit = readAtLeast(request, i + 1, 0, ERRORS.LIMIT_NEGATIVE, reply);
    if (Number.isNaN(limit)) return;
  }
  const sources = sourcesOf(request, 2, 2 + keys, reply, db);
  if (sources === null) return;
  let count = 0;
  eachShared(db, sources, () => ++count !== limit);
  reply.integer(count);
}
