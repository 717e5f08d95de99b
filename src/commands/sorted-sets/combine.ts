/**
 * Several sorted sets become one: ZUNION, ZINTER, ZDIFF, their STORE forms, and ZINTERCARD.
 *
 *   sources ─▶ a draft, which hangs in no table ─▶ the reply, or in place of the destination
 *
 * So a destination may be one of its own sources. The smallest source comes first: that is quick, and as sums of
 * doubles depend on their order, it is part of what clients see. A draft is a tree, because trees keep −0.
 */
import { ZSET_TREE } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Slice } from '../../base/slice.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { shrink, writeOut } from './results.js';
import { eachMember, type Form, orZero, type Plan, readPlan, scoreIn, type Source } from './sources.js';

// biome-ignore format: a table
const FORMS = {
  zunion:      { name: 'zunion',      at: 1, options: ['weights', 'aggregate', 'withscores'] },
  zinter:      { name: 'zinter',      at: 1, options: ['weights', 'aggregate', 'withscores'] },
  zdiff:       { name: 'zdiff',       at: 1, options: ['withscores'] },
  zintercard:  { name: 'zintercard',  at: 1, options: ['limit'] },
  zunionstore: { name: 'zunionstore', at: 2, options: ['weights', 'aggregate'] },
  zinterstore: { name: 'zinterstore', at: 2, options: ['weights', 'aggregate'] },
  zdiffstore:  { name: 'zdiffstore',  at: 2, options: [] },
} as const satisfies Readonly<Record<string, Form>>;

export function zunion(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zunion, unite);
}

export function zinter(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zinter, intersect);
}

export function zdiff(request: Request, reply: ReplyWriter, db: Database): void {
  answer(request, reply, db, FORMS.zdiff, subtract);
}

export function zunionstore(request: Request, reply: ReplyWriter, db: Database): void {
  const draft = combined(request, reply, db, FORMS.zunionstore, unite);
  if (draft !== 0) reply.integer(db.store(shrink(db, draft), request, 1, EVENT.zunionstore));
}

export function zinterstore(request: Request, reply: ReplyWriter, db: Database): void {
  const draft = combined(request, reply, db, FORMS.zinterstore, intersect);
  if (draft !== 0) reply.integer(db.store(shrink(db, draft), request, 1, EVENT.zinterstore));
}

export function zdiffstore(request: Request, reply: ReplyWriter, db: Database): void {
  const draft = combined(request, reply, db, FORMS.zdiffstore, subtract);
  if (draft !== 0) reply.integer(db.store(shrink(db, draft), request, 1, EVENT.zdiffstore));
}

/** ZINTERCARD numkeys key … [LIMIT limit] */
export function zintercard(request: Request, reply: ReplyWriter, db: Database): void {
  const plan = readPlan(request, FORMS.zintercard, reply, db);
  if (plan === null) return;
  let count = 0;
  eachShared(db, plan, () => ++count !== plan.limit);
  reply.integer(count);
}

type Combine = (db: Database, plan: Plan, draft: number) => void;

function answer(request: Request, reply: ReplyWriter, db: Database, form: Form, combine: Combine): void {
  const plan = readPlan(request, form, reply, db);
  if (plan === null) return;
  const draft = db.draft(ZSET_TREE);
  combine(db, plan, draft);
  writeOut(reply, db, draft, plan.withScores);
}

/** A draft with the result; 0 where the arguments are wrong, and the reply says so. */
function combined(request: Request, reply: ReplyWriter, db: Database, form: Form, combine: Combine): number {
  const plan = readPlan(request, form, reply, db);
  if (plan === null) return 0;
  const draft = db.draft(ZSET_TREE);
  combine(db, plan, draft);
  return draft;
}

function unite(db: Database, plan: Plan, draft: number): void {
  const { sortedSets } = db.engine.values;
  for (const source of smallestFirst(plan)) {
    eachMember(db, source, (member, x) => {
      const score = orZero(source.weight * x);
      const before = sortedSets.score(draft, member);
      const total = Number.isNaN(before) ? score : plan.aggregate(before, score);
      // To `put`, −0 is no other score than 0.
      if (before === 0 && total === 0) sortedSets.delete(draft, member);
      sortedSets.put(draft, member, total);
      return true;
    });
  }
}

function intersect(db: Database, plan: Plan, draft: number): void {
  eachShared(db, plan, (member, score) => {
    db.engine.values.sortedSets.put(draft, member, score);
    return true;
  });
}

/** Gives the members that all sources share, until `take` says false. */
function eachShared(db: Database, plan: Plan, take: (member: Slice, score: number) => boolean): void {
  const [first, ...others] = smallestFirst(plan);
  eachMember(db, first, (member, x) => {
    let score = orZero(first.weight * x);
    for (const other of others) {
      const y = scoreIn(db, other, member);
      if (Number.isNaN(y)) return true;
      score = plan.aggregate(score, y * other.weight);
    }
    return take(member, score);
  });
}

function smallestFirst(plan: Plan): Source[] {
  return plan.sources.sort((a, b) => a.count - b.count);
}

function subtract(db: Database, plan: Plan, draft: number): void {
  const { sortedSets } = db.engine.values;
  const [first, ...others] = plan.sources;
  if (others.some(({ e }) => e === first.e)) return;
  eachMember(db, first, (member, score) => {
    if (others.every((other) => Number.isNaN(scoreIn(db, other, member)))) sortedSets.put(draft, member, score);
    return true;
  });
}
