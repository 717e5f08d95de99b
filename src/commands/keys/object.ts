/**
 * OBJECT: how a value is kept, and how it was used. Looking at a key so is no use of it.
 *
 * The encoding of a string is not stored: int, embstr and raw follow from its bytes, unless a command has said
 * otherwise by its kind (keyspace/entry.ts).
 */
import { ERRORS } from '../../base/errors.js';
import { parseInt64, parseInteger } from '../../base/numbers.js';
import { NONE, STRING, STRING_EMBSTR, STRING_RAW } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';

/** Up to so many bytes a string of Redis lies beside its header. */
const EMBSTR_MAX = 44;
/** Redis keeps the integers below it once for all; they say so by a count that no object reaches. */
const SHARED_INTEGERS = 10_000;
const SHARED_COUNT = 0x7fffffff;

const HELP = [
  'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
  'HELP',
  '    Prints this help.',
];

/** As `glance`, but a key that is not there is not announced as missed. */
function look(request: Request, db: Database): number {
  const e = db.peek(request, 2);
  if (e === NONE) db.engine.misses++;
  else db.engine.hits++;
  return e;
}

export function objectHelp(_request: Request, reply: ReplyWriter): void {
  reply.lines(HELP);
}

export function objectEncoding(request: Request, reply: ReplyWriter, db: Database): void {
  const e = look(request, db);
  if (e === NONE) reply.nil();
  else reply.bulkText(encodingOf(db, e));
}

export function encodingOf(db: Database, e: number): string {
  const kind = db.kind(e);
  if (kind > STRING_EMBSTR) return db.engine.values.encoding(kind);
  if (kind === STRING_RAW) return 'raw';
  if (kind === STRING && parseInt64(db.bytes(e), db.valueOffset(e), db.valueLength(e)) !== null) return 'int';
  return db.valueLength(e) <= EMBSTR_MAX ? 'embstr' : 'raw';
}

export function objectRefcount(request: Request, reply: ReplyWriter, db: Database): void {
  const e = look(request, db);
  if (e === NONE) reply.nil();
  else reply.integer(refcountOf(db, e));
}

/** Small integers are shared in Redis, unless each value has a clock of its own to be evicted by. */
export function refcountOf(db: Database, e: number): number {
  const n = db.kind(e) === STRING ? parseInteger(db.bytes(e), db.valueOffset(e), db.valueLength(e)) : Number.NaN;
  return n >= 0 && n < SHARED_INTEGERS && db.engine.sharesIntegers ? SHARED_COUNT : 1;
}

export function objectIdletime(request: Request, reply: ReplyWriter, db: Database): void {
  const e = look(request, db);
  if (e === NONE) return reply.nil();
  const { engine } = db;
  if (engine.usage === 'lfu') return reply.error(ERRORS.NO_IDLETIME);
  reply.integer(engine.usageClock.idleSeconds(db.meta(e), engine.now));
}

export function objectFreq(request: Request, reply: ReplyWriter, db: Database): void {
  const e = look(request, db);
  if (e === NONE) return reply.nil();
  const { engine } = db;
  if (engine.usage === 'lru') return reply.error(ERRORS.NO_FREQUENCY);
  reply.integer(engine.usageClock.frequency(db.meta(e), engine.now));
}
