/**
 * SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE], and SHUTDOWN ABORT. Who ends the server gets no answer but the end.
 *
 * Only a server that cannot end answers: it has logged why.
 */
import { ERRORS } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { Handler, Session } from '../handler.js';

/** How a server is to end. `save` null: as the configuration says. */
export interface ShutdownOrder {
  save: boolean | null;
  /** Replicas are not waited for. */
  now: boolean;
  /** An error while saving does not keep it from ending. */
  force: boolean;
}

export interface ShutdownDoor {
  /** Ends the process, now or when the replicas have everything; unless that cannot be. */
  begin(order: ShutdownOrder): 'ends' | 'waits' | 'failed';
  /** A session, which is to be blocked, is told if nothing comes of it. */
  wait(session: Session): void;
  /** Takes back a shutdown that has not happened yet; false if there is none. */
  abort(): boolean;
}

export const shutdown: Handler = (request, reply, _db, session) => {
  const door = session.node.server.shutdown;
  if (request.argc === 2 && request.is(1, 'abort')) {
    if (door.abort()) reply.ok();
    else reply.error(ERRORS.NO_SHUTDOWN);
    return;
  }
  const order = readOrder(request);
  if (order === null) return reply.error(ERRORS.SYNTAX);
  const outcome = door.begin(order);
  if (outcome === 'failed') reply.error(ERRORS.SHUTDOWN_FAILED);
  if (outcome !== 'waits') return;
  door.wait(session);
  session.block(request, { timeoutMs: 0, keys: null, timedOut: (answer) => answer.error(ERRORS.SHUTDOWN_FAILED) });
};

/** Null where the words make no sense together, ABORT with others among them. */
function readOrder(request: Request): ShutdownOrder | null {
  const order: ShutdownOrder = { save: null, now: false, force: false };
  for (let i = 1; i < request.argc; i++) {
    const saves = request.is(i, 'save');
    if (saves || request.is(i, 'nosave')) {
      if (order.save === !saves) return null;
      order.save = saves;
    } else if (request.is(i, 'now')) order.now = true;
    else if (request.is(i, 'force')) order.force = true;
    else return null;
  }
  return order;
}
