/**
 * Results that the commands on several sorted sets make: a draft goes into the reply, or is made ready to be stored.
 *
 * A draft hangs in no table: whoever takes one over stores it (keyspace.ts) or frees it.
 */
import { ZSET_PACK } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { LEFT, RIGHT } from '../../keyspace/types/door.js';
import type { ReplyWriter } from '../../resp/writer.js';

/** All members of a draft in order, which is then gone. */
export function writeOut(reply: ReplyWriter, db: Database, draft: number, withScores: boolean): void {
  const { sortedSets } = db.engine.values;
  const { cursor } = sortedSets;
  const { member } = cursor;
  const count = sortedSets.count(draft);
  reply.arrayHeader(withScores && reply.resp === 2 ? count * 2 : count);
  for (let more = sortedSets.seek(draft, 0, cursor); more; more = sortedSets.step(cursor, RIGHT)) {
    if (withScores && reply.resp === 3) reply.arrayHeader(2);
    reply.bulk(member.u8, member.view, member.off, member.len);
    if (withScores) reply.double(cursor.score);
  }
  db.release(draft);
}

/**
 * A small tree as a pack: only at the end is it known whether the result is small. It grows from the highest member
 * down, because then each one goes to the front. Returns the draft that is left.
 */
export function shrink(db: Database, draft: number): number {
  const { sortedSets, limits } = db.engine.values;
  const { cursor } = sortedSets;
  const count = sortedSets.count(draft);
  if (count > limits.zsetMaxListpackEntries) return draft;
  const pack = db.draft(ZSET_PACK);
  let fits = true;
  for (let more = sortedSets.seek(draft, count - 1, cursor); fits && more; more = sortedSets.step(cursor, LEFT)) {
    sortedSets.put(pack, cursor.member, cursor.score);
    fits = db.kind(pack) === ZSET_PACK; // a long member makes a tree of it
  }
  db.release(fits ? draft : pack);
  return fits ? pack : draft;
}
