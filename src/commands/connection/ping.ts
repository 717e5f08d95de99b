/**
 * PING and ECHO: is somebody there?
 *
 * The first thing every client says, and what a benchmark measures a server's bare cost with.
 */
import { wrongArity } from '../../base/errors.js';
import type { Handler } from '../handler.js';

export const ping: Handler = (request, reply) => {
  if (request.argc > 2) reply.error(wrongArity('ping'));
  else if (request.argc === 1) reply.simple('PONG');
  else reply.bulk(request.buf, request.view, request.off[1], request.len[1]);
};

export const echo: Handler = (request, reply) => {
  reply.bulk(request.buf, request.view, request.off[1], request.len[1]);
};
