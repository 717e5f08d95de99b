/**
 * Many strings at once: MGET, MSET, MSETNX.
 *
 * Their keys are read ahead in batches: so many cache misses run side by side, and the read-ahead of a pipeline knows
 * but the first key of each command.
 *
 * HOT. bench: MSET
 */
import { wrongArity } from '../../base/errors.js';
import { IMMORTAL, NONE, STRING_EMBSTR } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { BATCH } from '../../resp/reader.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';

export function mget(request: Request, reply: ReplyWriter, db: Database): void {
  reply.arrayHeader(request.argc - 1);
  for (let i = 1; i < request.argc; i++) {
    if (i % BATCH === 1) db.engine.ahead.keysOf(request, i, 1, db);
    const e = db.lookup(request, i);
    if (e === NONE || db.kind(e) > STRING_EMBSTR) reply.nil();
    else db.writeValue(e, reply);
  }
}

export function mset(request: Request, reply: ReplyWriter, db: Database): void {
  if ((request.argc & 1) === 0) return reply.error(wrongArity('mset'));
  setAll(request, db);
  reply.ok();
}

export function msetnx(request: Request, reply: ReplyWriter, db: Database): void {
  if ((request.argc & 1) === 0) return reply.error(wrongArity('msetnx'));
  for (let i = 1; i < request.argc; i += 2) if (db.find(request, i) !== NONE) return reply.integer(0);
  setAll(request, db);
  reply.integer(1);
}

function setAll(request: Request, db: Database): void {
  for (let i = 1; i < request.argc; i += 2) {
    if (i % (BATCH * 2) === 1) db.engine.ahead.keysOf(request, i, 2, db, true);
    db.setString(db.find(request, i), request, i, i + 1, IMMORTAL);
    db.wrote(request, i, EVENT.set, 1);
  }
}
