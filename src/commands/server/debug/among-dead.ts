/**
 * What DEBUG looks at is what is there: keys that should be dead are data, too. At a replica they wait for word from
 * its primary, and what holds the same keys has to have the same digest.
 */
import type { Handler } from '../../handler.js';

/** The same handler, to whom no key is dead. */
export const amongDead =
  (run: Handler): Handler =>
  (request, reply, db, session) =>
    db.engine.amongDead(() => run(request, reply, db, session));
