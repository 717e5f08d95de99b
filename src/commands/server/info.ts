/**
 * INFO [section …]: facts about the server, as lines of `name:value`. What they are is the node's business.
 *
 * Here sections are only named, in any case and as often as one likes.
 */
import type { Handler } from '../handler.js';

export const info: Handler = (request, reply, _db, session) => {
  const asked: string[] = [];
  for (let i = 1; i < request.argc; i++) asked.push(request.text(i).toLowerCase());
  reply.verbatim(session.node.server.info(asked));
};
