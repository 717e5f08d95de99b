/**
 * ASKING, READONLY and READWRITE: what a connection says about itself before it asks for keys.
 *
 * They only set a flag of the session; slots/redirect.ts says what follows from it.
 */
import type { Handler } from '../handler.js';
import { inCluster } from './in-cluster.js';

/** For the next command only: see `Session.commandDone`. */
export const asking: Handler = inCluster(({ reply, session }) => {
  session.asking = true;
  reply.ok();
});

export const readOnly: Handler = inCluster(({ reply, session }) => {
  session.readOnly = true;
  reply.ok();
});

export const readWrite: Handler = inCluster(({ reply, session }) => {
  session.readOnly = false;
  reply.ok();
});
