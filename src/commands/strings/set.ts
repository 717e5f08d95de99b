/**
 * Writing one string, with or without a time of death: SET, SETNX, SETEX, PSETEX, and GETEX, which writes only that.
 *
 * The value's encoding is not chosen here: a plain string shows its own by its bytes (OBJECT ENCODING).
 *
 * HOT. bench: SET
 */
import { ERRORS } from '../../base/errors.js';
import { IMMORTAL, NONE, TYPE_STRING, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { dieAtOnce, tellMoment } from '../moment.js';
import { readString } from './get.js';
import {
  NO_OPTIONS,
  OPTION,
  OPTIONS_END,
  readGetexOptions,
  readMoment,
  readSetOptions,
  readTime,
  timeArgument,
  timeBase,
  timeUnit,
} from './set-options.js';

export function set(request: Request, reply: ReplyWriter, db: Database): void {
  if (request.argc > 3) return setWithOptions(request, reply, db);
  db.setString(db.find(request, 1), request, 1, 2, IMMORTAL);
  db.wrote(request, 1, EVENT.set, 1);
  reply.ok();
}

function setWithOptions(request: Request, reply: ReplyWriter, db: Database): void {
  const options = readSetOptions(request);
  if (options === NO_OPTIONS) return reply.error(ERRORS.SYNTAX);
  const isTimed = options >= OPTIONS_END;
  let at: number = IMMORTAL;
  if (isTimed) at = readMoment(request, options, db.engine.now, 'set', reply);
  if (Number.isNaN(at)) return;
  const answersOld = (options & OPTION.GET) !== 0;
  if (answersOld && readString(request, reply, db) === WRONG) return;
  const e = db.find(request, 1);
  if ((options & (e === NONE ? OPTION.XX : OPTION.NX)) !== 0) {
    if (!answersOld) reply.nil();
    return;
  }
  if ((options & OPTION.KEEPTTL) !== 0 && e !== NONE) at = db.expireAt(e);
  db.setString(e, request, 1, 2, at);
  db.wrote(request, 1, EVENT.set, 1);
  if (isTimed) db.wrote(request, 1, EVENT.expire, 0);
  if (!answersOld) reply.ok();
  if (db.engine.changes !== null) tellSet(request, db, options, at);
}

/** GET asks for nothing of a replica's, and each kind of time becomes a moment. */
function tellSet(request: Request, db: Database, options: number, at: number): void {
  if (options >= OPTIONS_END) return tellSetUntil(request, db, 2, options, at);
  if ((options & OPTION.GET) === 0) return;
  let count = 3;
  for (let i = 3; i < request.argc; i++) if (!request.is(i, 'get')) count++;
  const words = db.engine.changes?.instead(db.index, count);
  for (let i = 0; i < request.argc; i++) if (i < 3 || !request.is(i, 'get')) words?.argument(request, i);
}

function tellSetUntil(request: Request, db: Database, value: number, options: number, at: number): void {
  const { changes, now } = db.engine;
  if (changes === null) return;
  const words = changes.instead(db.index, 5).word('SET').argument(request, 1).argument(request, value).word('PXAT');
  tellMoment(words, request, timeArgument(options), timeUnit(options), timeBase(options, now), at);
}

export function setnx(request: Request, reply: ReplyWriter, db: Database): void {
  if (db.find(request, 1) !== NONE) return reply.integer(0);
  db.setString(NONE, request, 1, 2, IMMORTAL);
  db.wrote(request, 1, EVENT.set, 1);
  reply.integer(1);
}

export function setex(request: Request, reply: ReplyWriter, db: Database): void {
  setFor(request, reply, db, readTime(request, 2, 1000, db.engine.now, 'setex', reply), OPTION.EX);
}

export function psetex(request: Request, reply: ReplyWriter, db: Database): void {
  setFor(request, reply, db, readTime(request, 2, 1, db.engine.now, 'psetex', reply), OPTION.PX);
}

function setFor(request: Request, reply: ReplyWriter, db: Database, at: number, unit: number): void {
  if (Number.isNaN(at)) return;
  db.setString(db.find(request, 1), request, 1, 3, at);
  db.wrote(request, 1, EVENT.set, 1);
  db.wrote(request, 1, EVENT.expire, 0);
  tellSetUntil(request, db, 3, unit + 2 * OPTIONS_END, at);
  reply.ok();
}

export function getex(request: Request, reply: ReplyWriter, db: Database): void {
  const options = readGetexOptions(request);
  if (options === NO_OPTIONS) return reply.error(ERRORS.SYNTAX);
  const e = db.lookupOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return;
  if (e === NONE) return reply.nil();
  const { now, changes, mayExpire } = db.engine;
  const at = options < OPTIONS_END ? IMMORTAL : readMoment(request, options, now, 'getex', reply);
  if (Number.isNaN(at)) return;
  db.writeValue(e, reply);
  if (at <= now && mayExpire && (options & (OPTION.EXAT | OPTION.PXAT)) !== 0) dieAtOnce(request, db, e);
  else if (at !== IMMORTAL) {
    db.setExpire(e, at);
    if (changes !== null) {
      const words = changes.instead(db.index, 3).word('PEXPIREAT').argument(request, 1);
      tellMoment(words, request, timeArgument(options), timeUnit(options), timeBase(options, now), at);
    }
    db.wrote(request, 1, EVENT.expire, 1);
  } else if ((options & OPTION.PERSIST) !== 0 && db.expireAt(e) !== IMMORTAL) {
    db.setExpire(e, IMMORTAL);
    if (changes !== null) changes.instead(db.index, 2).word('PERSIST').argument(request, 1);
    db.wrote(request, 1, EVENT.persist, 1);
  }
}
