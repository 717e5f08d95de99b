/**
 * SAVE, BGSAVE [SCHEDULE], LASTSAVE: all keys into a file, now or beside the commands.
 *
 * How that is done, and what becomes of it, is the node's business (`SavingDoor`).
 */
import { ERRORS } from '../../base/errors.js';
import type { Handler } from '../handler.js';

/** What commands ask of the node about its file. */
export interface SavingDoor {
  /** LASTSAVE: seconds since 1970. Before the first save, when the server began. */
  readonly lastSaveAt: number;
  /** A snapshot is being taken, for the file or for replicas. */
  readonly isBusy: boolean;
  /** At once; false where it failed. */
  save(): boolean;
  /** Beside the commands. */
  saveInBackground(): void;
  /** As soon as may be. */
  schedule(): void;
  /** All keys are gone by order of a client: the file is to show it, if the server saves by itself at all. */
  flushed(): void;
  /** DEBUG RELOAD: null, or what went wrong. */
  reload(how: Reload): string | null;
}

export interface Reload {
  /** The file is written first. */
  readonly save: boolean;
  /** What is there goes first. */
  readonly flush: boolean;
  /** A key that is there already is replaced. */
  readonly merge: boolean;
}

const BUSY = 'ERR Background save already in progress';

export const save: Handler = (_request, reply, _db, session) => {
  const { saving } = session.node.server;
  if (saving.isBusy) return reply.error(BUSY);
  if (saving.save()) reply.ok();
  else reply.error('ERR');
};

export const backgroundSave: Handler = (request, reply, _db, session) => {
  const { saving } = session.node.server;
  if (request.argc > 2 || (request.argc === 2 && !request.is(1, 'schedule'))) return reply.error(ERRORS.SYNTAX);
  if (saving.isBusy) return reply.error(BUSY);
  if (session.inExec) {
    saving.schedule();
    return reply.simple('Background saving scheduled');
  }
  saving.saveInBackground();
  reply.simple('Background saving started');
};

export const lastSave: Handler = (_request, reply, _db, session) => {
  reply.integer(session.node.server.saving.lastSaveAt);
};
