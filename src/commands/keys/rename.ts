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
import { readDatabase } from '../arguments.js';
import type { Session } from '../handler.js';

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
  const index = readDatabase(request, 2, db.engine.databaseCount, reply);
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
  let isElsewhere = false;
  for (let i = 3; i < request.argc; i++) {
    if (request.is(i, 'replace')) replaces = true;
    else if (request.is(i, 'db') && i + 1 < request.argc) {
      const index = readDatabase(request, ++i, databaseCount(session), reply);
      if (index < 0) return;
      if (session.node.isCluster && index !== 0) isElsewhere = true;
      else to = db.engine.database(index);
    } else return reply.error(ERRORS.SYNTAX);
  }
  if (isElsewhere) return reply.error(ERRORS.COPY_IN_CLUSTER);
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

/** A node of a cluster has but one, and yet knows how many it was told to have. */
function databaseCount({ node }: Session): number {
  if (!node.isCluster) return node.engine.databaseCount;
  return Number(node.configuration.show(['databases'])[0][1]);
}
