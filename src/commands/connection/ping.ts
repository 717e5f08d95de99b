/**
 * PING and ECHO: is somebody there?
 *
 * The first thing every client says, and what a benchmark measures a server's bare cost with.
 */
import { wrongArity } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import type { Handler } from '../handler.js';

export const ping: Handler = (request, reply, _db, session) => {
  if (request.argc > 2) reply.error(wrongArity('ping'));
  else if (session.isSubscribed && session.resp === 2) pongAsMessage(request, reply);
  else if (request.argc === 1) reply.simple('PONG');
  else reply.bulk(request.buf, request.view, request.off[1], request.len[1]);
};

/** Who listens to channels in RESP2 expects messages only. */
function pongAsMessage(request: Request, reply: ReplyWriter): void {
  reply.arrayHeader(2);
  reply.bulkText('pong');
  if (request.argc === 1) reply.bulkText('');
  else reply.bulk(request.buf, request.view, request.off[1], request.len[1]);
}

export const echo: Handler = (request, reply) => {
  reply.bulk(request.buf, request.view, request.off[1], request.len[1]);
};
