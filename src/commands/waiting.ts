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
 *
 * Lists and sorted sets have two ends (`TwoEnded`) and are taken from alike: BLPOP as BZPOPMIN, LMPOP as ZMPOP. Whoever
 * finds something does at once what the command without the B does, and replicas are told of that one. Who is served
 * later takes the same way.
 */
import { ERRORS } from '../base/errors.js';
import { parseDouble } from '../base/numbers.js';
import { NONE, WRONG } from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';
import { type End, LEFT, RIGHT } from '../keyspace/types/door.js';
import { readAtLeast, readCountOption } from './arguments.js';
import type { Handler, Session } from './handler.js';

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
function takeOrWait(
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

// ── from either end ─────────────────────────────────────────────────────────

/** What BLPOP and LMPOP have to know of a type. What is said of an end stands at its number, LEFT or RIGHT. */
export interface TwoEnded {
  readonly type: number;
  /** How many replies an element makes: 1, or 2 with its score. LMPOP and its kin nest those. */
  readonly width: 1 | 2;
  /** How clients name the ends. */
  readonly ends: readonly [string, string];
  /** The command that replicas hear, and the event. */
  readonly commands: readonly [string, string];
  readonly events: readonly [number, number];
  count(db: Database, e: number): number;
  /** Gives the element at an end to the reply, and takes it out. */
  pop(db: Database, e: number, side: End, reply: ReplyWriter): void;
}

/** BLPOP key … timeout */
export function popOrWait(of: TwoEnded, side: End): Handler {
  const take: KeyWait['take'] = (request, key, reply, db, e) => {
    reply.arrayHeader(1 + of.width);
    db.writeKey(e, reply);
    of.pop(db, e, side, reply);
    db.engine.changes?.instead(db.index, 2).word(of.commands[side]).argument(request, key);
    db.wrote(request, key, of.events[side], 1);
    db.removeIfEmpty(request, key, e);
  };
  return (request, reply, db, session) => {
    const last = request.argc - 2;
    const timeoutMs = readTimeout(request, last + 1, reply);
    if (Number.isNaN(timeoutMs)) return;
    const keys = { type: of.type, first: 1, last, take };
    takeOrWait(request, reply, db, session, { timeoutMs, keys, timedOut: noArray });
  };
}

/** LMPOP numkeys key … LEFT|RIGHT [COUNT count]: from the first that is there. */
export function popFirst(of: TwoEnded): Handler {
  return (request, reply, db) => {
    const asked = readPopping(of, request, 1, reply);
    if (asked === null) return;
    for (let i = 2; i <= asked.last; i++) {
      const e = db.findOf(request, i, of.type, reply);
      if (e === WRONG) return;
      if (e !== NONE) return popSome(of, asked)(request, i, reply, db, e);
    }
    reply.nilArray();
  };
}

/** BLMPOP timeout numkeys key … LEFT|RIGHT [COUNT count] */
export function popFirstOrWait(of: TwoEnded): Handler {
  return (request, reply, db, session) => {
    const asked = readPopping(of, request, 2, reply);
    if (asked === null) return;
    const timeoutMs = readTimeout(request, 1, reply);
    if (Number.isNaN(timeoutMs)) return;
    const keys = { type: of.type, first: 3, last: asked.last, take: popSome(of, asked) };
    takeOrWait(request, reply, db, session, { timeoutMs, keys, timedOut: noArray });
  };
}

/** What LMPOP and its kin ask for. */
interface Popping {
  /** The last of the keys. */
  readonly last: number;
  readonly side: End;
  readonly count: number;
}

/** Reads `numkeys` at argument i and what follows; null where something is wrong, and the reply says so. */
function readPopping(of: TwoEnded, request: Request, i: number, reply: ReplyWriter): Popping | null {
  const keys = readAtLeast(request, i, 1, ERRORS.NUMKEYS_POSITIVE, reply);
  if (Number.isNaN(keys)) return null;
  const where = i + 1 + keys;
  const side = where < request.argc ? of.ends.findIndex((name) => request.is(where, name)) : -1;
  if (side === -1) {
    reply.error(ERRORS.SYNTAX);
    return null;
  }
  const count = readCountOption(request, where + 1, reply);
  return Number.isNaN(count) ? null : { last: where - 1, side: side === LEFT ? LEFT : RIGHT, count };
}

/** Up to so many elements of what stands under a key, with that key. */
function popSome(of: TwoEnded, { side, count }: Popping): KeyWait['take'] {
  return (request, key, reply, db, e) => {
    const n = Math.min(count, of.count(db, e));
    reply.arrayHeader(2);
    db.writeKey(e, reply);
    reply.arrayHeader(n);
    for (let i = 0; i < n; i++) {
      if (of.width > 1) reply.arrayHeader(of.width);
      of.pop(db, e, side, reply);
    }
    db.engine.changes?.instead(db.index, 3).word(of.commands[side]).argument(request, key).integer(n);
    db.wrote(request, key, of.events[side], n);
    db.removeIfEmpty(request, key, e);
  };
}
