/**
 * Values that go to another key or another database: RENAME, RENAMENX, COPY, MOVE. The time of death goes with them.
 *
 * All databases share one arena: a string's bytes are copied, of a collection only the record of 16 or 24 bytes. What
 * it points to is copied by COPY alone.
 */
import { ERRORS } from '../../base/errors.js';
import { NONE } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import type { Session } from '../handler.js';

const INT_MAX = 0x7fffffff;
const INT_MIN = -0x80000000;

export function rename(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.find(request, 1);
  if (e === NONE) return reply.error(ERRORS.NO_KEY);
  if (!request.same(1, 2)) {
    const old = db.find(request, 2);
    if (old !== NONE) db.remove(old);
    moveTo(e, request, db);
  }
  reply.ok();
}

export function renamenx(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.find(request, 1);
  if (e === NONE) return reply.error(ERRORS.NO_KEY);
  if (db.find(request, 2) !== NONE) return reply.integer(0);
  moveTo(e, request, db);
  reply.integer(1);
}

function moveTo(e: number, request: Request, db: Database): void {
  const at = db.expireAt(e);
  db.unlink(e, db.tableOf(e));
  db.adopt(e, request, 2, at);
  db.wrote(request, 1, EVENT.rename_from, 0);
  db.wrote(request, 2, EVENT.rename_to, 1);
}

export function move(request: Request, reply: ReplyWriter, db: Database, session: Session): void {
  if (session.node.isCluster) return reply.error(ERRORS.MOVE_IN_CLUSTER);
  const index = readDatabase(request, 2, db, reply);
  if (index < 0) return;
  if (index === db.index) return reply.error(ERRORS.SAME_OBJECT);
  const to = db.engine.database(index);
  const e = db.find(request, 1);
  if (e === NONE || to.find(request, 1) !== NONE) return reply.integer(0);
  const at = db.expireAt(e);
  db.unlink(e, db.tableOf(e));
  to.adopt(e, request, 1, at);
  db.wrote(request, 1, EVENT.move_from, 0);
  to.wrote(request, 1, EVENT.move_to, 1);
  reply.integer(1);
}

export function copy(request: Request, reply: ReplyWriter, db: Database, session: Session): void {
  let to = db;
  let replaces = false;
  for (let i = 3; i < request.argc; i++) {
    if (request.is(i, 'replace')) replaces = true;
    else if (request.is(i, 'db') && i + 1 < request.argc) {
      const index = readDatabase(request, ++i, db, reply);
      if (index < 0) return;
      to = db.engine.database(index);
    } else return reply.error(ERRORS.SYNTAX);
  }
  if (session.node.isCluster && (db.index !== 0 || to.index !== 0)) return reply.error(ERRORS.COPY_IN_CLUSTER);
  if (to === db && request.same(1, 2)) return reply.error(ERRORS.SAME_OBJECT);
  const e = db.lookup(request, 1);
  if (e === NONE) return reply.integer(0);
  const old = to.find(request, 2);
  if (old !== NONE && !replaces) return reply.integer(0);
  if (old !== NONE) to.remove(old);
  to.copyFrom(e, request, 2, db.expireAt(e));
  to.wrote(request, 2, EVENT.copy_to, 1);
  reply.integer(1);
}

/** The number of a database; -1 where there is none of that number, and the reply says so. */
function readDatabase(request: Request, i: number, db: Database, reply: ReplyWriter): number {
  const index = readInteger(request, i, reply);
  if (Number.isNaN(index)) return -1;
  if (index >= 0 && index < db.engine.databaseCount) return index;
  reply.error(index > INT_MAX || index < INT_MIN ? ERRORS.INT_BETWEEN : ERRORS.DB_OUT_OF_RANGE);
  return -1;
}
