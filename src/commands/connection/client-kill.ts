/**
 * CLIENT KILL, in both its forms.
 *
 *   CLIENT KILL address                      one connection, be it one's own: OK, or an error if there is none
 *   CLIENT KILL ID 7 TYPE normal …           all that fit, one's own only with SKIPME no: how many
 *
 * Who kills himself still gets the answer.
 */
import { ERRORS, noSuchUser, unknownClientType } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt } from '../arguments.js';
import type { Handler, Session } from '../handler.js';
import { ANYBODY, type ClientFilter } from './client-door.js';
import { kindAt } from './client-list.js';

interface Order extends ClientFilter {
  sparesMe: boolean;
}

export const clientKill: Handler = (request, reply, _db, session) => {
  if (request.argc === 3) {
    const killed = kill({ ...ANYBODY, address: request.text(2), sparesMe: false }, session);
    return killed === 0 ? reply.error(ERRORS.NO_SUCH_CLIENT) : reply.ok();
  }
  const order = readOrder(request, reply, session);
  if (order !== null) reply.integer(kill(order, session));
};

/** How many connections were closed. */
function kill(order: Order, session: Session): number {
  const { connections } = session.node;
  const others = connections.closeOthers(order, session);
  if (order.sparesMe || !connections.isMeant(order, session)) return others;
  session.closeAfterReply();
  return others + 1;
}

/** Null where something is wrong, which is answered. */
function readOrder(request: Request, reply: ReplyWriter, session: Session): Order | null {
  const order: Order = { ...ANYBODY, sparesMe: true };
  for (let i = 2; i < request.argc; i += 2) {
    const wrong = i + 1 < request.argc ? readOption(request, i, order, session) : ERRORS.SYNTAX;
    if (wrong === null) continue;
    reply.error(wrong);
    return null;
  }
  return order;
}

/** Takes the option at i and its value; null, or what is wrong. */
function readOption(request: Request, i: number, order: Order, session: Session): string | null {
  const value = request.text(i + 1);
  if (request.is(i, 'id')) {
    const id = integerAt(request, i + 1);
    if (!(id >= 1)) return ERRORS.CLIENT_ID_POSITIVE;
    order.id = id;
  } else if (request.is(i, 'type')) {
    order.kind = kindAt(request, i + 1);
    if (order.kind === null) return unknownClientType(value);
  } else if (request.is(i, 'addr')) order.address = value;
  else if (request.is(i, 'laddr')) order.localAddress = value;
  else if (request.is(i, 'user')) {
    if (!session.node.connections.hasUser(value)) return noSuchUser(value);
    order.user = value;
  } else if (request.is(i, 'skipme')) return readSkipMe(request, i + 1, order);
  else return ERRORS.SYNTAX;
  return null;
}

function readSkipMe(request: Request, i: number, order: Order): string | null {
  order.sparesMe = request.is(i, 'yes');
  return order.sparesMe || request.is(i, 'no') ? null : ERRORS.SYNTAX;
}
