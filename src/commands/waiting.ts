/**
 * Commands that wait: BLPOP and its kin for a key that is not there, WAIT for replicas.
 *
 *   BLPOP k 0 ──▶ k is there ──────────────▶ take: answered at once
 *                 in EXEC ─────────────────▶ as if the time were over
 *                 otherwise ──▶ session.block ──▶ k was made ──▶ take, from a copy of the request
 *                                            └──▶ the time is over, or CLIENT UNBLOCK ──▶ timedOut
 *
 * Who waits, in which order, and what else ends it is the node's business (node/blocking). A handler only says what it
 * waits for and what it does then; both of its ways end in the same `take`.
 */
import { ERRORS } from '../base/errors.js';
import { parseDouble } from '../base/numbers.js';
import { NONE, WRONG } from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';
import type { Session } from './handler.js';

export interface Wait {
  /** 0: for ever. */
  readonly timeoutMs: number;
  /** What is waited for; null: something else than keys. */
  readonly keys: KeyWait | null;
  /** The time is over, or somebody ended the wait. */
  timedOut(reply: ReplyWriter): void;
}

/** A wait for the first of some keys. */
export interface KeyWait {
  /** TYPE_LIST or TYPE_ZSET: a key of another type is none. */
  readonly type: number;
  /** They are these arguments of the request, and those between. */
  readonly first: number;
  readonly last: number;
  /** Entry e stands under argument `key`, and is of the type: takes from it, and answers. */
  take(request: Request, key: number, reply: ReplyWriter, db: Database, e: number): void;
}

const SECOND_MS = 1000;
/** Beyond it C's conversion to 64 bits makes a negative number. */
const TOO_LONG_MS = 2 ** 63;

/** Argument i, seconds with a fraction, in ms; NaN where it is none, and the reply says so. */
export function readTimeout(request: Request, i: number, reply: ReplyWriter): number {
  const seconds = parseDouble(request.buf, request.off[i], request.len[i]);
  if (Number.isNaN(seconds)) reply.error(ERRORS.TIMEOUT_NOT_FLOAT);
  const ms = Math.ceil(seconds * SECOND_MS);
  if (ms >= 0 && ms < TOO_LONG_MS) return ms;
  if (!Number.isNaN(seconds)) reply.error(ERRORS.TIMEOUT_NEGATIVE);
  return Number.NaN;
}

/** Takes from the first key that is there. Where none is: waits for one, or in EXEC answers that there is none. */
export function takeOrWait(
  request: Request,
  reply: ReplyWriter,
  db: Database,
  session: Session,
  wait: Wait & { readonly keys: KeyWait },
): void {
  const { keys } = wait;
  for (let i = keys.first; i <= keys.last; i++) {
    const e = db.findOf(request, i, keys.type, reply);
    if (e === WRONG) return;
    if (e !== NONE) return keys.take(request, i, reply, db, e);
  }
  if (session.inExec) wait.timedOut(reply);
  else session.block(request, wait);
}

export function noArray(reply: ReplyWriter): void {
  reply.nilArray();
}
