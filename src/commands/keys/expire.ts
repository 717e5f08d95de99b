/**
 * When keys die: EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, PERSIST, and TTL, PTTL, EXPIRETIME, PEXPIRETIME to ask.
 *
 *   EXPIRE k 10  NX | XX  GT | LT       only if it has no time of death yet, has one, a later one, an earlier one
 *
 * A moment that has passed deletes the key at once.
 *
 * HOT. bench: EXPIRE
 */
import { ERRORS, invalidExpire, unsupportedOption } from '../../base/errors.js';
import { INT64_MAX } from '../../base/numbers.js';
import { IMMORTAL, NONE } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import { dieAtOnce, hugeMoment, tellMoment } from '../moment.js';

const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
/** The options contradict each other, and the client was told so. */
const REFUSED = -1;

export function expire(request: Request, reply: ReplyWriter, db: Database): void {
  setExpiry(request, reply, db, 'expire', 1000, db.engine.now);
}

export function pexpire(request: Request, reply: ReplyWriter, db: Database): void {
  setExpiry(request, reply, db, 'pexpire', 1, db.engine.now);
}

export function expireat(request: Request, reply: ReplyWriter, db: Database): void {
  setExpiry(request, reply, db, 'expireat', 1000, 0);
}

export function pexpireat(request: Request, reply: ReplyWriter, db: Database): void {
  setExpiry(request, reply, db, 'pexpireat', 1, 0);
}

function setExpiry(
  request: Request,
  reply: ReplyWriter,
  db: Database,
  command: string,
  unitMs: number,
  baseMs: number,
): void {
  const options = request.argc === 3 ? 0 : readOptions(request, reply);
  if (options === REFUSED) return;
  const n = readInteger(request, 2, reply);
  if (Number.isNaN(n)) return;
  const at = Number.isFinite(n) ? n * unitMs + baseMs : hugeMoment(request, 2, unitMs, baseMs);
  if (Number.isNaN(at)) return reply.error(invalidExpire(command));
  const e = db.find(request, 1);
  if (e === NONE || (options !== 0 && !allows(options, db.expireAt(e), at))) return reply.integer(0);
  if (at <= db.engine.now && db.engine.mayExpire) dieAtOnce(request, db, e);
  else {
    db.setExpire(e, at);
    if (db.engine.changes !== null && (unitMs !== 1 || baseMs !== 0)) tell(request, db, unitMs, baseMs, at);
    db.wrote(request, 1, EVENT.expire, 1);
  }
  reply.integer(1);
}

/** Whatever the command was, replicas hear of a moment; options are passed on. */
function tell(request: Request, db: Database, unitMs: number, baseMs: number, at: number): void {
  const words = db.engine.changes?.instead(db.index, request.argc).word('PEXPIREAT').argument(request, 1);
  if (words === undefined) return;
  tellMoment(words, request, 2, unitMs, baseMs, at);
  for (let i = 3; i < request.argc; i++) words.argument(request, i);
}

function readOptions(request: Request, reply: ReplyWriter): number {
  let options = 0;
  for (let i = 3; i < request.argc; i++) {
    const bit = optionBit(request, i);
    if (bit === 0) return refuse(reply, unsupportedOption(request.text(i)));
    options |= bit;
  }
  if ((options & NX) !== 0 && (options & (XX | GT | LT)) !== 0) return refuse(reply, ERRORS.EXPIRE_NX_WITH_OTHER);
  return (options & GT) !== 0 && (options & LT) !== 0 ? refuse(reply, ERRORS.EXPIRE_GT_WITH_LT) : options;
}

function optionBit(request: Request, i: number): number {
  if (request.is(i, 'nx')) return NX;
  if (request.is(i, 'xx')) return XX;
  if (request.is(i, 'gt')) return GT;
  return request.is(i, 'lt') ? LT : 0;
}

function refuse(reply: ReplyWriter, text: string): number {
  reply.error(text);
  return REFUSED;
}

/** A key without a time of death lives longest: nothing is later. */
function allows(options: number, current: number, at: number): boolean {
  if ((options & NX) !== 0 && current !== IMMORTAL) return false;
  if ((options & XX) !== 0 && current === IMMORTAL) return false;
  if ((options & GT) !== 0 && at <= current) return false;
  return (options & LT) === 0 || at < current;
}

export function persist(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.find(request, 1);
  if (e === NONE || db.expireAt(e) === IMMORTAL) return reply.integer(0);
  db.setExpire(e, IMMORTAL);
  db.wrote(request, 1, EVENT.persist, 1);
  reply.integer(1);
}

export function ttl(request: Request, reply: ReplyWriter, db: Database): void {
  tellTime(request, reply, db, 1000, db.engine.now);
}

export function pttl(request: Request, reply: ReplyWriter, db: Database): void {
  tellTime(request, reply, db, 1, db.engine.now);
}

export function expiretime(request: Request, reply: ReplyWriter, db: Database): void {
  tellTime(request, reply, db, 1000, 0);
}

export function pexpiretime(request: Request, reply: ReplyWriter, db: Database): void {
  tellTime(request, reply, db, 1, 0);
}

/** -2 without a key, -1 without a time of death. Seconds are rounded half up. */
function tellTime(request: Request, reply: ReplyWriter, db: Database, unitMs: number, baseMs: number): void {
  const e = db.glance(request, 1);
  if (e === NONE) return reply.integer(-2);
  const at = db.expireAt(e);
  if (at === IMMORTAL) return reply.integer(-1);
  if (!Number.isSafeInteger(at)) return tellHugeTime(at, reply, unitMs, baseMs);
  const ms = Math.max(0, at - baseMs);
  reply.integer(unitMs === 1 ? ms : Math.floor((ms + 500) / 1000));
}

/** Times beyond the year 287,396: kept as the next double, so they are known to half a second only. */
function tellHugeTime(at: number, reply: ReplyWriter, unitMs: number, baseMs: number): void {
  const exact = BigInt(at);
  const ms = (exact < INT64_MAX ? exact : INT64_MAX) - BigInt(baseMs);
  reply.bigInteger(unitMs === 1 ? ms : (ms + 500n) / 1000n);
}
