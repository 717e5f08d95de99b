/**
 * DUMP and RESTORE: a value as bytes, and bytes as a value. RESTORE-ASKING is RESTORE for a slot that moves in.
 *
 *   RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds | FREQ count]       ttl in ms, 0 = for good
 *
 * A value whose time has come already is checked, and then not kept. Replicas are told the moment of its death.
 */
import { ERRORS } from '../../base/errors.js';
import { Slice } from '../../base/slice.js';
import { IMMORTAL, NONE } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';

const NOT_SAID = -1;
const MOST_FREQUENT = 255;

interface RestoreOptions {
  replaces: boolean;
  /** The ttl is a moment, not a span. */
  isMoment: boolean;
  idleSeconds: number;
  frequency: number;
}

export const dump: Handler = (request, reply, db, session) => {
  const e = db.lookup(request, 1);
  if (e === NONE) return reply.nil();
  reply.bulkBytes(session.node.dumps.payload(db, e));
};

export const restore: Handler = (request, reply, db, session) => {
  const options = readOptions(request, reply);
  if (options === null) return;
  if (!options.replaces && db.find(request, 1) !== NONE) return reply.error(ERRORS.BUSY_KEY);
  const ttl = readInteger(request, 2, reply);
  if (Number.isNaN(ttl)) return;
  if (ttl < 0) return reply.error(ERRORS.INVALID_TTL);
  const { dumps } = session.node;
  const payload = new Slice().argument(request, 3);
  if (!dumps.verify(payload)) return reply.error(ERRORS.DUMP_CHECKSUM);
  const at = ttl === 0 ? IMMORTAL : ttl + (options.isMoment ? 0 : db.engine.now);
  const fresh = dumps.build(payload, new Slice().argument(request, 1), at);
  if (fresh === NONE) {
    session.node.log('verbose', `RESTORE: ${dumps.reason}`);
    return reply.error(ERRORS.DUMP_FORMAT);
  }
  put(request, db, options, fresh);
  reply.ok();
};

/** Hangs a value that was built in the place of the old one, if it is not dead by now. */
function put(request: Request, db: Database, options: RestoreOptions, fresh: number): void {
  const { engine } = db;
  const at = db.expireAt(fresh);
  const old = options.replaces ? db.peekAnyway(request, 1) : NONE;
  if (old !== NONE) db.remove(old);
  if (at <= engine.now && engine.mayExpire) {
    db.release(fresh);
    if (old === NONE) return;
    db.wrote(request, 1, EVENT.del, 1);
    db.tellRemovedInstead(request, 1, false);
    return;
  }
  stamp(db, options, fresh);
  db.hang(fresh);
  db.wrote(request, 1, EVENT.new, 0);
  db.wrote(request, 1, EVENT.restore, 1);
  if (at !== IMMORTAL && !options.isMoment) tellMoment(request, db, at);
}

function stamp(db: Database, options: RestoreOptions, e: number): void {
  const { usage, usageClock, now } = db.engine;
  if (usage === 'lfu') {
    if (options.frequency !== NOT_SAID) db.setUsage(e, usageClock.lfuBits(now, options.frequency));
  } else if (options.idleSeconds !== NOT_SAID) db.setUsage(e, usageClock.idleBits(now, options.idleSeconds));
}

/** The command as it came, but for the ttl, which has become a moment. */
function tellMoment(request: Request, db: Database, at: number): void {
  const { changes } = db.engine;
  if (changes === null) return;
  const words = changes.instead(db.index, request.argc + 1);
  words.argument(request, 0).argument(request, 1).integer(at);
  for (let i = 3; i < request.argc; i++) words.argument(request, i);
  words.word('ABSTTL');
}

function readOptions(request: Request, reply: ReplyWriter): RestoreOptions | null {
  const options: RestoreOptions = { replaces: false, isMoment: false, idleSeconds: NOT_SAID, frequency: NOT_SAID };
  for (let i = 4; i < request.argc; i++) {
    const hasMore = i + 1 < request.argc;
    if (request.is(i, 'replace')) options.replaces = true;
    else if (request.is(i, 'absttl')) options.isMoment = true;
    else if (request.is(i, 'idletime') && hasMore && options.frequency === NOT_SAID) {
      options.idleSeconds = readInteger(request, ++i, reply);
      if (Number.isNaN(options.idleSeconds)) return null;
      if (options.idleSeconds < 0) return refuse(reply, ERRORS.INVALID_IDLETIME);
    } else if (request.is(i, 'freq') && hasMore && options.idleSeconds === NOT_SAID) {
      options.frequency = readInteger(request, ++i, reply);
      if (Number.isNaN(options.frequency)) return null;
      if (options.frequency < 0 || options.frequency > MOST_FREQUENT) return refuse(reply, ERRORS.INVALID_FREQ);
    } else return refuse(reply, ERRORS.SYNTAX);
  }
  return options;
}

function refuse(reply: ReplyWriter, text: string): null {
  reply.error(text);
  return null;
}
