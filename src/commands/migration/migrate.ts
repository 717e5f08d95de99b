/**
 * MIGRATE: keys go to another server, and leave here once they are there.
 *
 *   MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH password | AUTH2 user password] [KEYS key …]
 *
 * Here it is read; node/migration/ carries it out. In EXEC it is called twice: to begin, and to say what came of it.
 */
import { ERRORS } from '../../base/errors.js';
import { NONE } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';
import type { MigrateOrder, Outcome } from './door.js';

const KEY = 3;
const DATABASE = 4;
const TIMEOUT = 5;
const OPTIONS = 6;
/** Where none is given, or none that makes sense. */
const DEFAULT_TIMEOUT_MS = 1000;
/** What a timer can take; the longest that is meant is minutes. */
const LONGEST_TIMEOUT_MS = 0x7fffffff;

export const migrate: Handler = (request, reply, db, session) => {
  const { inExec, fromPrimary } = session;
  const { migration } = session.node;
  if (inExec && tellOutcome(migration.takeOutcome(), request, reply, db)) return;
  const order = readOrder(request, reply);
  if (order === null) return;
  if (!anyKeyIsHere(order, request, db)) return reply.simple('NOKEY');
  if (inExec && fromPrimary) return reply.error(ERRORS.NOT_IN_MULTI); // neither a stream nor a file can stop there
  migration.begin(order, request, session);
  if (inExec) tellOutcome(migration.takeOutcome(), request, reply, db);
};

/** Replicas are told one DEL, as a part of the transaction. */
function tellOutcome(outcome: Outcome | null, request: Request, reply: ReplyWriter, db: Database): boolean {
  if (outcome === null) return false;
  const { error, left } = outcome;
  const words = left.length === 0 ? null : db.engine.changes?.instead(db.index, left.length + 1).word('DEL');
  for (const i of left) words?.argument(request, i);
  if (error === null) reply.ok();
  else reply.error(error);
  return true;
}

/** All are looked up, as a read: that counts hits and misses. */
function anyKeyIsHere({ firstKey, keyCount }: MigrateOrder, request: Request, db: Database): boolean {
  let isHere = false;
  for (let i = firstKey; i < firstKey + keyCount; i++) if (db.lookup(request, i) !== NONE) isHere = true;
  return isHere;
}

interface Options {
  copies: boolean;
  replaces: boolean;
  login: Buffer[];
  firstKey: number;
  keyCount: number;
}

function readOrder(request: Request, reply: ReplyWriter): MigrateOrder | null {
  const options = readOptions(request, reply);
  if (options === null) return null;
  const timeoutMs = readInteger(request, TIMEOUT, reply);
  if (Number.isNaN(timeoutMs) || Number.isNaN(readInteger(request, DATABASE, reply))) return null;
  return {
    ...options,
    host: request.text(1),
    port: request.text(2),
    database: request.text(DATABASE),
    timeoutMs: timeoutMs <= 0 ? DEFAULT_TIMEOUT_MS : Math.min(timeoutMs, LONGEST_TIMEOUT_MS),
  };
}

function readOptions(request: Request, reply: ReplyWriter): Options | null {
  const options: Options = { copies: false, replaces: false, login: [], firstKey: KEY, keyCount: 1 };
  for (let i = OPTIONS; i < request.argc; i++) {
    const words = request.is(i, 'auth') ? 1 : request.is(i, 'auth2') ? 2 : 0;
    if (request.is(i, 'copy')) options.copies = true;
    else if (request.is(i, 'replace')) options.replaces = true;
    else if (words > 0 && i + words < request.argc) {
      options.login = [];
      for (const last = i + words; i < last; ) options.login.push(bytesOf(request, ++i));
    } else if (request.is(i, 'keys')) {
      if (request.len[KEY] !== 0) return refuse(reply, ERRORS.MIGRATE_KEYS);
      options.firstKey = i + 1;
      options.keyCount = request.argc - i - 1;
      break;
    } else return refuse(reply, ERRORS.SYNTAX);
  }
  return options;
}

function bytesOf({ buf, off, len }: Request, i: number): Buffer {
  return Buffer.from(buf.subarray(off[i], off[i] + len[i]));
}

function refuse(reply: ReplyWriter, text: string): null {
  reply.error(text);
  return null;
}
