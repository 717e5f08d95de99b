/**
 * PSYNC id offset [FAILOVER], SYNC: a replica asks for data. From then on its connection carries the stream.
 *
 * With FAILOVER a primary asks that hands its role to us: first we take it, then it is our replica.
 */
import { ERRORS } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import type { Handler, Session } from '../handler.js';

const FAILOVER_ARG = 3;

export const psync: Handler = (request, reply, _db, session) => {
  const door = session.node.replicationDoor;
  if (session.monitor || session.isReplica) return;
  if (request.argc > FAILOVER_ARG && request.is(FAILOVER_ARG, 'failover') && !takeOver(request, reply, session)) return;
  if (!mayAsk(reply, session)) return;
  const offset = readInteger(request, 2, reply);
  if (Number.isNaN(offset)) {
    const name = door.nameOf(session);
    return session.node.log('warning', `Replica ${name} asks for synchronization but with a wrong offset`);
  }
  const answer = door.ask(session, { id: request.text(1), offset });
  if (answer !== '') reply.raw(answer);
};

export const sync: Handler = (_request, reply, _db, session) => {
  const door = session.node.replicationDoor;
  if (session.monitor || session.isReplica || !mayAsk(reply, session)) return;
  door.ask(session, null);
};

function takeOver(request: Request, reply: ReplyWriter, session: Session): boolean {
  const { node } = session;
  const door = node.replicationDoor;
  const id = request.text(1);
  node.log('warning', `Failover request received for replid ${id}.`);
  if (door.primary === null) {
    reply.error(ERRORS.PSYNC_FAILOVER_PRIMARY);
    return false;
  }
  if (id.toLowerCase() !== door.replicationId.toLowerCase()) {
    reply.error(ERRORS.PSYNC_FAILOVER_ID);
    return false;
  }
  door.becomePrimary(session);
  return true;
}

function mayAsk(reply: ReplyWriter, session: Session): boolean {
  const refusal = whyNot(session);
  if (refusal !== null) reply.error(refusal);
  return refusal === null;
}

function whyNot(session: Session): string | null {
  const door = session.node.replicationDoor;
  const { wishes, understandsMark } = door.feedOf(session);
  if (door.isHandingOver) return ERRORS.SYNC_IN_FAILOVER;
  if (door.primary !== null && !door.isConnected) return ERRORS.SYNC_WITHOUT_PRIMARY;
  if (door.hasUnsentReplies(session)) return ERRORS.SYNC_PENDING_OUTPUT;
  if ((wishes.withoutKeys || wishes.withoutFunctions) && !understandsMark) return ERRORS.SYNC_FILTERED;
  return null;
}
