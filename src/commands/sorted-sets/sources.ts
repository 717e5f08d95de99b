/**
 * What ZUNION, ZINTER, ZDIFF and their kin read: sorted sets, and sets as if each member had the score 1.
 *
 *   ZUNION numkeys key … [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
 *   └ at ┘               └ for ZINTERCARD: [LIMIT limit]
 */
import { ERRORS, needsInputKey } from '../../base/errors.js';
import { parseDouble } from '../../base/numbers.js';
import type { Slice } from '../../base/slice.js';
import { NONE, TYPE_SET, TYPE_ZSET } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { RIGHT } from '../../keyspace/types/door.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readAtLeast, readInteger } from '../arguments.js';

export interface Source {
  readonly e: number;
  readonly isSet: boolean;
  readonly count: number;
  weight: number;
}

/** How the scores of one member become one score. */
export type Aggregate = (total: number, score: number) => number;

type Option = 'weights' | 'aggregate' | 'withscores' | 'limit';

/** What the name of a command says about its arguments. */
export interface Form {
  readonly name: string;
  /** The argument with the number of keys. */
  readonly at: number;
  readonly options: readonly Option[];
}

/** What is to be combined, and how. */
export interface Plan {
  readonly sources: Source[];
  aggregate: Aggregate;
  withScores: boolean;
  /** 0: as many as there are. */
  limit: number;
}

const AGGREGATES: ReadonlyMap<string, Aggregate> = new Map<string, Aggregate>([
  ['sum', sum],
  ['min', lower],
  ['max', higher],
]);

function sum(total: number, score: number): number {
  return orZero(total + score);
}

// Not Math.min and Math.max: what is no number never wins, and of 0 and −0 the first one stays.
function lower(total: number, score: number): number {
  if (score < total) return score;
  return total;
}

function higher(total: number, score: number): number {
  if (score > total) return score;
  return total;
}

/** Infinity less infinity is 0, and so is nought times infinity. */
export function orZero(x: number): number {
  return Number.isNaN(x) ? 0 : x;
}

/** Reads the sources and the options; null where something is wrong, and the reply says so. */
export function readPlan(request: Request, form: Form, reply: ReplyWriter, db: Database): Plan | null {
  const n = readInteger(request, form.at, reply);
  if (Number.isNaN(n)) return null;
  if (n < 1) return refuse(reply, needsInputKey(form.name));
  const from = form.at + 1;
  if (n > request.argc - from) return refuse(reply, ERRORS.SYNTAX);
  const plan: Plan = { sources: [], aggregate: sum, withScores: false, limit: 0 };
  for (let i = from; i < from + n; i++) {
    const source = sourceAt(request, i, db);
    if (source === null) return refuse(reply, ERRORS.WRONGTYPE);
    plan.sources.push(source);
  }
  for (let i = from + n; i < request.argc; ) {
    const read = readOption(request, i, form, plan, reply);
    if (read === 0) return null;
    i += read;
  }
  return plan;
}

function refuse(reply: ReplyWriter, text: string): null {
  reply.error(text);
  return null;
}

/** The key of argument i; null where it holds another type. */
function sourceAt(request: Request, i: number, db: Database): Source | null {
  const e = db.lookup(request, i);
  if (e === NONE) return { e, isSet: false, count: 0, weight: 1 };
  const type = db.type(e);
  if (type !== TYPE_SET && type !== TYPE_ZSET) return null;
  const { sets, sortedSets } = db.engine.values;
  const isSet = type === TYPE_SET;
  return { e, isSet, count: isSet ? sets.count(e) : sortedSets.count(e), weight: 1 };
}

/** Reads the option at argument i; how many arguments it takes, 0 where it is none, and the reply says so. */
function readOption(request: Request, i: number, form: Form, plan: Plan, reply: ReplyWriter): number {
  const option = form.options.find((name) => request.is(i, name));
  const left = request.argc - i - 1;
  const { sources } = plan;
  if (option === 'withscores') {
    plan.withScores = true;
    return 1;
  }
  if (option === 'weights' && left >= sources.length) {
    return sources.every((source, k) => readWeight(request, i + 1 + k, source, reply)) ? sources.length + 1 : 0;
  }
  if (option === 'limit' && left >= 1) {
    plan.limit = readAtLeast(request, i + 1, 0, ERRORS.LIMIT_NEGATIVE, reply);
    return Number.isNaN(plan.limit) ? 0 : 2;
  }
  const aggregate = option === 'aggregate' && left >= 1 ? AGGREGATES.get(request.text(i + 1).toLowerCase()) : undefined;
  if (aggregate === undefined) {
    reply.error(ERRORS.SYNTAX);
    return 0;
  }
  plan.aggregate = aggregate;
  return 2;
}

function readWeight(request: Request, i: number, source: Source, reply: ReplyWriter): boolean {
  source.weight = parseDouble(request.buf, request.off[i], request.len[i]);
  if (!Number.isNaN(source.weight)) return true;
  reply.error(ERRORS.WEIGHT_NOT_FLOAT);
  return false;
}

/** The score of a member in a source, NaN if it is not there. */
export function scoreIn(db: Database, source: Source, member: Slice): number {
  if (source.e === NONE) return Number.NaN;
  const { sets, sortedSets } = db.engine.values;
  if (source.isSet) return sets.has(source.e, member) ? 1 : Number.NaN;
  return sortedSets.score(source.e, member);
}

/** Gives all members of a source, until `take` says false. Nothing may be written to the source meanwhile. */
export function eachMember(db: Database, source: Source, take: (member: Slice, score: number) => boolean): void {
  if (source.e === NONE) return;
  const { sets, sortedSets } = db.engine.values;
  if (source.isSet) {
    const { cursor } = sets;
    sets.start(source.e, cursor);
    while (sets.next(cursor) && take(cursor.member, 1));
    return;
  }
  const { cursor } = sortedSets;
  let more = sortedSets.seek(source.e, 0, cursor);
  while (more && take(cursor.member, cursor.score)) more = sortedSets.step(cursor, RIGHT);
}
