/**
 * Members at random: ZRANDMEMBER key [count [WITHSCORES]].
 *
 * A count asks for so many different members; one below zero for so many draws, each of them from all.
 */
import { ERRORS } from '../../base/errors.js';
import type { Slice } from '../../base/slice.js';
import { NONE, TYPE_ZSET, WRONG } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { fitsTwice, readSignedCount } from '../arguments.js';

export function zrandmember(request: Request, reply: ReplyWriter, db: Database): void {
  if (request.argc > 2) return pickMany(request, reply, db);
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nil();
  const { sortedSets } = db.engine.values;
  const { cursor } = sortedSets;
  sortedSets.random(e, db.engine.random, cursor);
  reply.bulk(cursor.member.u8, cursor.member.view, cursor.member.off, cursor.member.len);
}

/** Below zero: that many, the same ones again and again if chance wills. */
function pickMany(request: Request, reply: ReplyWriter, db: Database): void {
  const count = readSignedCount(request, 2, reply);
  if (Number.isNaN(count)) return;
  if (request.argc > 4 || (request.argc === 4 && !request.is(3, 'withscores'))) return reply.error(ERRORS.SYNTAX);
  const withScores = request.argc === 4;
  if (withScores && !fitsTwice(request, 2)) return reply.error(ERRORS.OUT_OF_RANGE);
  const e = db.lookupOf(request, 1, TYPE_ZSET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.arrayHeader(0);
  const { sortedSets } = db.engine.values;
  const { random } = db.engine;
  const n = count < 0 ? -count : Math.min(count, sortedSets.count(e));
  reply.arrayHeader(withScores && reply.resp === 2 ? n * 2 : n);
  const scored = (member: Slice, score: number): void => {
    if (withScores && reply.resp === 3) reply.arrayHeader(2);
    reply.bulk(member.u8, member.view, member.off, member.len);
    if (withScores) reply.double(score);
  };
  if (count >= 0) return sortedSets.sample(e, n, random, { scored });
  const { cursor } = sortedSets;
  for (let i = 0; i < n && !reply.isTooMuch; i++) {
    sortedSets.random(e, random, cursor);
    scored(cursor.member, cursor.score);
  }
}
