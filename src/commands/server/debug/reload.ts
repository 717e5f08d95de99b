/**
 * DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]: the keys go into the file and come back from it.
 *
 * The server stands still meanwhile, as with SAVE.
 */
import type { Handler } from '../../handler.js';

export const debugReload: Handler = (request, reply, _db, session) => {
  let save = true;
  let flush = true;
  let merge = false;
  for (let i = 2; i < request.argc; i++) {
    if (request.is(i, 'merge')) merge = true;
    else if (request.is(i, 'noflush')) flush = false;
    else if (request.is(i, 'nosave')) save = false;
    else return reply.error('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
  }
  const trouble = session.node.server.saving.reload({ save, flush, merge });
  if (trouble === null) reply.ok();
  else reply.error(trouble);
};
