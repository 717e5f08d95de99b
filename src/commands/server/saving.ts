/**
 * SAVE, BGSAVE [SCHEDULE], LASTSAVE, BGREWRITEAOF: all keys into a file, now or beside the commands.
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
  readonly isSaving: boolean;
  /** A snapshot is being taken, whatever for. */
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

/** What commands ask of the node about its append-only file. */
export interface AofDoor {
  /** BGREWRITEAOF. */
  rewrite(inExec: boolean): RewriteAnswer;
  /** DEBUG LOADAOF; where that is not possible, the process ends. */
  reload(): boolean;
  /** DEBUG AOF-FLUSH-SLEEP. */
  sleepBeforeWrites(micros: number): void;
}

export type RewriteAnswer = 'started' | 'scheduled' | 'running' | 'failed';

const OTHER_BUSY =
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a " +
  'BGSAVE whenever possible.';
const CANNOT_REWRITE =
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.";
const BUSY = 'ERR Background save already in progress';

export const save: Handler = (_request, reply, _db, session) => {
  const { saving } = session.node.server;
  if (saving.isSaving) return reply.error(BUSY);
  if (saving.save()) reply.ok();
  else reply.error('ERR');
};

export const backgroundSave: Handler = (request, reply, _db, session) => {
  const { saving } = session.node.server;
  if (request.argc > 2 || (request.argc === 2 && !request.is(1, 'schedule'))) return reply.error(ERRORS.SYNTAX);
  if (saving.isSaving) return reply.error(BUSY);
  if (saving.isBusy && request.argc === 1 && !session.inExec) return reply.error(OTHER_BUSY);
  if (saving.isBusy || session.inExec) {
    saving.schedule();
    return reply.simple('Background saving scheduled');
  }
  saving.saveInBackground();
  reply.simple('Background saving started');
};

export const lastSave: Handler = (_request, reply, _db, session) => {
  reply.integer(session.node.server.saving.lastSaveAt);
};

export const backgroundRewrite: Handler = (_request, reply, _db, session) => {
  switch (session.node.server.aof.rewrite(session.inExec)) {
    case 'running':
      return reply.error('ERR Background append only file rewriting already in progress');
    case 'scheduled':
      return reply.simple('Background append only file rewriting scheduled');
    case 'started':
      return reply.simple('Background append only file rewriting started');
    case 'failed':
      return reply.error(CANNOT_REWRITE);
  }
};
