/**
 * CLIENT ID, INFO, LIST, GETNAME, SETNAME: who is connected, and who am I?
 *
 * The lines themselves come from the node, in the form of 7.0.15.
 */
import { ERRORS, unknownClientType } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import { integerAt } from '../arguments.js';
import type { Handler } from '../handler.js';
import { ANYBODY, type ClientKind } from './client-door.js';
import { setName } from './login.js';

export const clientId: Handler = (_request, reply, _db, session) => {
  reply.integer(session.id);
};

export const clientGetName: Handler = (_request, reply, _db, session) => {
  if (session.name === '') reply.nil();
  else reply.bulkText(session.name);
};

export const clientSetName: Handler = (request, reply, _db, session) => {
  if (setName(request, 2, reply, session)) reply.ok();
};

export const clientInfo: Handler = (request, reply, _db, session) => {
  reply.verbatim(`${session.node.connections.lineOf(session, request)}\n`);
};

/** CLIENT LIST [TYPE type | ID id …]. */
export const clientList: Handler = (request, reply, _db, session) => {
  const { connections } = session.node;
  if (request.argc === 4 && request.is(2, 'type')) {
    const kind = kindAt(request, 3);
    if (kind === null) return reply.error(unknownClientType(request.text(3)));
    return reply.verbatim(connections.lines({ ...ANYBODY, kind }, session, request));
  }
  if (request.argc > 3 && request.is(2, 'id')) {
    let lines = '';
    for (let i = 3; i < request.argc; i++) {
      const id = integerAt(request, i);
      if (Number.isNaN(id)) return reply.error(ERRORS.CLIENT_ID);
      lines += connections.lines({ ...ANYBODY, id }, session, request);
    }
    return reply.verbatim(lines);
  }
  if (request.argc !== 2) return reply.error(ERRORS.SYNTAX);
  reply.verbatim(connections.lines(ANYBODY, session, request));
};

export function kindAt(request: Request, i: number): ClientKind | null {
  if (request.is(i, 'normal')) return 'normal';
  if (request.is(i, 'slave') || request.is(i, 'replica')) return 'replica';
  if (request.is(i, 'pubsub')) return 'pubsub';
  return request.is(i, 'master') ? 'master' : null;
}
