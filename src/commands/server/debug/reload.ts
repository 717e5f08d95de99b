/**
 * DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]: the keys go into the file and come back from it. LOADAOF: they come back
 * from the append-only file. AOF-FLUSH-SLEEP: what it is like when that file is written slowly.
 *
 * The server stands still meanwhile, as with SAVE.
 */
import type { Handler } from '../../handler.js';
import { leadingNumber } from './switches.js';

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

export const debugLoadLog: Handler = (_request, reply, _db, session) => {
  if (session.node.server.aof.reload()) reply.ok();
};

/** In microseconds. */
export const debugLogSleep: Handler = (request, reply, _db, session) => {
  session.node.server.aof.sleepBeforeWrites(Math.trunc(leadingNumber(request.text(2))));
  reply.ok();
};
