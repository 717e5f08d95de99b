/**
 * Whether keys exist, and making them not exist: DEL, UNLINK, EXISTS, TOUCH, TYPE.
 *
 * HOT. bench: DEL
 */
import { NONE, TYPE_NAMES } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { BATCH } from '../../resp/reader.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';

export function del(request: Request, reply: ReplyWriter, db: Database): void {
  let count = 0;
  for (let i = 1; i < request.argc; i++) {
    readAhead(request, i, db);
    const e = db.peek(request, i);
    if (e === NONE) continue;
    db.removeForUser(e);
    db.wrote(request, i, EVENT.del, 1);
    count++;
  }
  reply.integer(count);
}

export function unlink(request: Request, reply: ReplyWriter, db: Database): void {
  let count = 0;
  for (let i = 1; i < request.argc; i++) {
    readAhead(request, i, db);
    const e = db.peek(request, i);
    if (e === NONE) continue;
    db.removeLazily(e);
    db.wrote(request, i, EVENT.del, 1);
    count++;
  }
  reply.integer(count);
}

export function exists(request: Request, reply: ReplyWriter, db: Database): void {
  let count = 0;
  for (let i = 1; i < request.argc; i++) {
    readAhead(request, i, db);
    if (db.glance(request, i) !== NONE) count++;
  }
  reply.integer(count);
}

export function touch(request: Request, reply: ReplyWriter, db: Database): void {
  let count = 0;
  for (let i = 1; i < request.argc; i++) {
    readAhead(request, i, db);
    if (db.lookup(request, i) !== NONE) count++;
  }
  reply.integer(count);
}

/** The first key was read ahead with the pipeline, and for one key it does not pay. */
function readAhead(request: Request, i: number, db: Database): void {
  if (i % BATCH === 1 && request.argc > 2) db.engine.ahead.keysOf(request, i, 1, db);
}

export function type(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.glance(request, 1);
  reply.simple(e === NONE ? 'none' : TYPE_NAMES[db.type(e)]);
}
