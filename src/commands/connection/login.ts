/**
 * AUTH, HELLO, SELECT, QUIT, RESET: who one is, in which protocol, and in which database.
 *
 * There is one user, `default`, and its password is `requirepass`.
 */
import { ERRORS, helloOption } from '../../base/errors.js';
import { REDIS_VERSION } from '../../base/version.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt, readInt32 } from '../arguments.js';
import type { Handler, Session } from '../handler.js';

export const auth: Handler = (request, reply, _db, session) => {
  if (request.argc > 3) return reply.error(ERRORS.SYNTAX);
  if (request.argc === 2 && !session.node.hasPassword) return reply.error(ERRORS.AUTH_WITHOUT_PASSWORD);
  const user = request.argc === 3 ? request.text(1) : 'default';
  if (logIn(session, user, request.text(request.argc - 1))) reply.ok();
  else reply.error(ERRORS.WRONG_PASSWORD);
};

function logIn(session: Session, user: string, password: string): boolean {
  if (!session.node.isRightPassword(user, password)) return false;
  session.authenticated = true;
  return true;
}

export const hello: Handler = (request, reply, _db, session) => {
  let version = 0;
  if (request.argc >= 2) {
    version = integerAt(request, 1);
    if (Number.isNaN(version)) return reply.error(ERRORS.PROTOCOL_NOT_INTEGER);
    if (version < 2 || version > 3) return reply.error(ERRORS.NO_PROTOCOL);
  }
  if (!takeHelloOptions(request, reply, session)) return;
  if (!session.authenticated) return reply.error(ERRORS.HELLO_NOAUTH);
  if (version !== 0) session.resp = reply.resp = version;
  greet(reply, session);
};

function takeHelloOptions(request: Request, reply: ReplyWriter, session: Session): boolean {
  for (let i = 2; i < request.argc; i++) {
    const left = request.argc - 1 - i;
    if (request.is(i, 'auth') && left >= 2) {
      if (!logIn(session, request.text(i + 1), request.text(i + 2))) {
        reply.error(ERRORS.WRONG_PASSWORD);
        return false;
      }
      i += 2;
    } else if (request.is(i, 'setname') && left >= 1) {
      if (!setName(request, i + 1, reply, session)) return false;
      i++;
    } else {
      reply.error(helloOption(request.text(i)));
      return false;
    }
  }
  return true;
}

function greet(reply: ReplyWriter, session: Session): void {
  const { node } = session;
  reply.mapHeader(7);
  reply.bulkText('server');
  reply.bulkText('redis');
  reply.bulkText('version');
  reply.bulkText(REDIS_VERSION);
  reply.bulkText('proto');
  reply.integer(session.resp);
  reply.bulkText('id');
  reply.integer(session.id);
  reply.bulkText('mode');
  reply.bulkText(node.isCluster ? 'cluster' : 'standalone');
  reply.bulkText('role');
  reply.bulkText(node.isReplica ? 'replica' : 'master');
  reply.bulkText('modules');
  reply.arrayHeader(0);
}

/** False where the name holds something that would break CLIENT LIST, which is then answered. */
export function setName(request: Request, i: number, reply: ReplyWriter, session: Session): boolean {
  const { buf } = request;
  for (let p = request.off[i], left = request.len[i]; left > 0; p++, left--) {
    if (buf[p] >= 33 && buf[p] <= 126) continue;
    reply.error(ERRORS.CLIENT_NAME);
    return false;
  }
  session.name = request.text(i);
  return true;
}

export const select: Handler = (request, reply, _db, session) => {
  const index = readInt32(request, 1, reply);
  if (Number.isNaN(index)) return;
  if (session.node.isCluster && index !== 0) return reply.error(ERRORS.SELECT_IN_CLUSTER);
  if (index < 0 || index >= session.node.engine.databaseCount) return reply.error(ERRORS.DB_OUT_OF_RANGE);
  session.database = index;
  reply.ok();
};

export const quit: Handler = (_request, reply, _db, session) => {
  reply.ok();
  session.closeAfterReply();
};

export const reset: Handler = (_request, reply, _db, session) => {
  session.reset();
  reply.resp = session.resp;
  reply.simple('RESET');
};
