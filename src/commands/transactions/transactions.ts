/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH.
 *
 *   WATCH k ─▶ MULTI ─▶ command, command … (QUEUED) ─▶ EXEC ─┬─ a command was refused: EXECABORT
 *                                                            ├─ k was touched: nil
 *                                                            └─ all run, one after the other, nothing in between
 */
import { ERRORS } from '../../base/errors.js';
import type { Handler } from '../handler.js';

export const multi: Handler = (_request, reply, _db, session) => {
  if (session.transaction !== null) return reply.error(ERRORS.MULTI_NESTED);
  session.beginTransaction();
  reply.ok();
};

export const discard: Handler = (_request, reply, _db, session) => {
  if (session.transaction === null) return reply.error(ERRORS.DISCARD_WITHOUT_MULTI);
  session.discardTransaction();
  reply.ok();
};

export const exec: Handler = (_request, reply, _db, session) => {
  if (session.resumeTransaction(reply)) return;
  const { transaction } = session;
  if (transaction === null) return reply.error(ERRORS.EXEC_WITHOUT_MULTI);
  const touched = session.watchesTouched();
  session.discardTransaction(); // also ends all watches
  if (transaction.broken) return reply.error(ERRORS.EXEC_ABORTED);
  if (touched) return reply.nilArray();
  // a CLIENT REPLY ON among them is heard without it
  if (session.replies === 'on') reply.arrayHeader(transaction.queued.length);
  session.runTransaction(transaction);
};

export const watch: Handler = (request, reply, _db, session) => {
  if (session.transaction !== null) return reply.error(ERRORS.WATCH_IN_MULTI);
  for (let i = 1; i < request.argc; i++) session.watch(request, i);
  reply.ok();
};

export const unwatch: Handler = (_request, reply, _db, session) => {
  session.unwatch();
  reply.ok();
};
