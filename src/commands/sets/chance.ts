/**
 * Members of sets at random: SPOP takes them out, SRANDMEMBER leaves them.
 *
 * HOT: SPOP of one. bench: SPOP
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, TYPE_SET, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readAtLeast, readSignedCount } from '../arguments.js';
import { writeMembers } from './members.js';

/** SPOP key [count] */
export function spop(request: Request, reply: ReplyWriter, db: Database): void {
  if (request.argc > 3) return reply.error(ERRORS.SYNTAX);
  if (request.argc === 3) return popMany(request, reply, db);
  const e = db.findOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nil();
  db.engine.values.sets.pop(e, db.engine.random, reply);
  if (db.engine.changes !== null) tellTaken(request, reply, db);
  db.wrote(request, 1, EVENT.spop, 1);
  db.removeIfEmpty(request, 1, e);
}

/** What chance took is taken by name elsewhere. The reply has a copy of it: the bytes before its line end. */
function tellTaken(request: Request, reply: ReplyWriter, db: Database): void {
  const n = reply.lastBulkLength;
  const words = db.engine.changes?.instead(db.index, 3).word('SREM').argument(request, 1);
  words?.bytes(reply.buf, reply.view, reply.pos - 2 - n, n);
}

function popMany(request: Request, reply: ReplyWriter, db: Database): void {
  const count = readAtLeast(request, 2, 0, ERRORS.MUST_BE_POSITIVE, reply);
  if (Number.isNaN(count)) return;
  const e = db.findOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  if (e === NONE || count === 0) return reply.setHeader(0);
  const { sets } = db.engine.values;
  const size = sets.count(e);
  const n = Math.min(count, size);
  if (n === size) {
    db.lookup(request, 1); // redis reads them all as SUNION does, and so counts a read
    writeMembers(reply, db, e);
    db.wrote(request, 1, EVENT.spop, n);
    db.remove(e);
    db.tellRemovedInstead(request, 1, false);
    return db.wrote(request, 1, EVENT.del, 0);
  }
  reply.setHeader(n);
  const isTold = db.engine.changes !== null;
  for (let i = 0; i < n; i++) {
    sets.pop(e, db.engine.random, reply);
    if (isTold) tellTaken(request, reply, db);
  }
  db.wrote(request, 1, EVENT.spop, n);
}

/** SRANDMEMBER key [count] */
export function srandmember(request: Request, reply: ReplyWriter, db: Database): void {
  if (request.argc > 3) return reply.error(ERRORS.SYNTAX);
  if (request.argc === 3) return pickMany(request, reply, db);
  const e = db.lookupOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nil();
  pick(reply, db, e);
}

function pick(reply: ReplyWriter, db: Database, e: number): void {
  const { values, slices, random } = db.engine;
  const member = slices[0];
  values.sets.random(e, random, member);
  reply.bulk(member.u8, member.view, member.off, member.len);
}

/** Below zero: that many, the same ones again and again if chance wills. */
function pickMany(request: Request, reply: ReplyWriter, db: Database): void {
  const count = readSignedCount(request, 2, reply);
  if (Number.isNaN(count)) return;
  const e = db.lookupOf(request, 1, TYPE_SET, reply);
  if (e === WRONG) return;
  if (e === NONE || count === 0) return reply.arrayHeader(0);
  const { sets } = db.engine.values;
  const n = count < 0 ? -count : Math.min(count, sets.count(e));
  reply.arrayHeader(n);
  if (count > 0) return sets.sample(e, n, db.engine.random, reply);
  for (let i = 0; i < n && !reply.isTooMuch; i++) pick(reply, db, e);
}
