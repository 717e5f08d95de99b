/**
 * DBSIZE, FLUSHDB, FLUSHALL, SWAPDB: databases as a whole.
 *
 * ASYNC and SYNC give the same answer. What a flush of everything drops is forgotten with its memory at once, however
 * much it was; only the keys of one database among others are freed one by one.
 */
import { ERRORS } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt } from '../arguments.js';
import type { Handler } from '../handler.js';

const INT32_MAX = 0x7fffffff;

export const dbSize: Handler = (_request, reply, db) => {
  reply.integer(db.size);
};

export const flushDb: Handler = (request, reply, db) => {
  if (!readsFlushMode(request, reply)) return;
  db.engine.dirty += db.engine.flushDatabase(db.index);
  db.engine.changes?.insist('all'); // there may have been none here, but some at a replica
  reply.ok();
};

export const flushAll: Handler = (request, reply, db, session) => {
  if (!readsFlushMode(request, reply)) return;
  const { engine } = db;
  engine.dirty += engine.size;
  engine.flushAll();
  session.node.server.saving.flushed();
  engine.changes?.insist('all');
  reply.ok();
};

/** Nothing, ASYNC or SYNC; whatever else is answered. */
function readsFlushMode(request: Request, reply: ReplyWriter): boolean {
  if (request.argc === 1 || (request.argc === 2 && (request.is(1, 'async') || request.is(1, 'sync')))) return true;
  reply.error(ERRORS.SYNTAX);
  return false;
}

export const swapDb: Handler = (request, reply, _db, session) => {
  if (session.node.isCluster) return reply.error(ERRORS.SWAPDB_IN_CLUSTER);
  const { engine } = session.node;
  const a = int32At(request, 1);
  if (Number.isNaN(a)) return reply.error(ERRORS.FIRST_DB_INDEX);
  const b = int32At(request, 2);
  if (Number.isNaN(b)) return reply.error(ERRORS.SECOND_DB_INDEX);
  if (!isDatabase(a, engine.databaseCount) || !isDatabase(b, engine.databaseCount))
    return reply.error(ERRORS.DB_OUT_OF_RANGE);
  if (a !== b) engine.swap(a, b);
  engine.dirty++;
  reply.ok();
};

/** NaN for what no int of C holds. */
function int32At(request: Request, i: number): number {
  const n = integerAt(request, i);
  return n > INT32_MAX || n < -INT32_MAX - 1 ? Number.NaN : n;
}

function isDatabase(index: number, count: number): boolean {
  return index >= 0 && index < count;
}
