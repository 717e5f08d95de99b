/**
 * SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and what ends them.
 *
 *   SUBSCRIBE a b  ─▶  subscribe a 1 │ subscribe b 2        one message a topic, and no reply beside them
 *   UNSUBSCRIBE    ─▶  unsubscribe a 1 │ unsubscribe b 0    of none: unsubscribe nil 0
 *
 * The count is that of channels and patterns together; shard channels are counted apart. A client of RESP2 that is
 * subscribed may do nothing else (dispatch.ts): it could not tell messages from replies.
 */
import { ERRORS } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { Handler, Session } from '../handler.js';
import type { TopicKind } from './door.js';

function subscribeAll(kind: TopicKind, request: Request, session: Session): void {
  for (let i = 1; i < request.argc; i++) session.node.pubsub.subscribe(kind, request.text(i), session);
}

function unsubscribeThese(kind: TopicKind, request: Request, session: Session): void {
  const { pubsub } = session.node;
  if (request.argc === 1) return pubsub.unsubscribeAll(kind, session);
  for (let i = 1; i < request.argc; i++) pubsub.unsubscribe(kind, request.text(i), session);
}

export const subscribe: Handler = (request, _reply, _db, session) => subscribeAll('channel', request, session);

export const psubscribe: Handler = (request, _reply, _db, session) => subscribeAll('pattern', request, session);

/** The other two may stand in a transaction, since they always could. */
export const ssubscribe: Handler = (request, reply, _db, session) => {
  if (session.inExec) return reply.error(ERRORS.SSUBSCRIBE_IN_EXEC);
  subscribeAll('shard', request, session);
};

export const unsubscribe: Handler = (request, _reply, _db, session) => unsubscribeThese('channel', request, session);

export const punsubscribe: Handler = (request, _reply, _db, session) => unsubscribeThese('pattern', request, session);

export const sunsubscribe: Handler = (request, _reply, _db, session) => unsubscribeThese('shard', request, session);
