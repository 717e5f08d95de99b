/**
 * DEBUG SLEEP, SET-ACTIVE-EXPIRE, PAUSE-CRON, QUICKLIST-PACKED-THRESHOLD, LOG, REPLICATE, CONFIG-REWRITE-FORCE-ALL,
 * POPULATE, STRINGMATCH-TEST, and the crashes: what tests need to bring a server into a state.
 */
import { ERRORS } from '../../../base/errors.js';
import { Glob } from '../../../base/glob.js';
import { EVENT } from '../../../keyspace/events.js';
import { NONE, STRING } from '../../../keyspace/entry.js';
import { Request } from '../../../resp/request.js';
import { readAtLeast } from '../../arguments.js';
import type { Handler } from '../../handler.js';

/** What DEBUG asks of the node. */
export interface DebugDoor {
  /** Nothing at all runs for so long. */
  block(ms: number): void;
  /** Whether keys expire that nobody asks for. */
  activeExpire: boolean;
  /** Whether all that runs regularly stands still. */
  cronPaused: boolean;
  /** Ends the process with a crash report. */
  crash(what: string): void;
}

/** As C reads it: whatever a word begins with, 0 where that is no number. */
export function leadingNumber(text: string): number {
  const n = Number.parseFloat(text);
  return Number.isNaN(n) ? 0 : n;
}

export const debugSleep: Handler = (request, reply, _db, session) => {
  session.node.server.debug.block(Math.max(0, leadingNumber(request.text(2)) * 1000));
  reply.ok();
};

export const debugSkipChecksum: Handler = (request, reply, _db, session) => {
  session.node.dumps.skipsChecksum = Math.trunc(leadingNumber(request.text(2))) !== 0;
  reply.ok();
};

export const debugSetActiveExpire: Handler = (request, reply, _db, session) => {
  session.node.server.debug.activeExpire = Math.trunc(leadingNumber(request.text(2))) !== 0;
  reply.ok();
};

/** Replicas are told to do what was not done here. */
export const debugReplicate: Handler = (request, reply, db) => {
  db.engine.changes?.verbatim(request, 2);
  reply.ok();
};

export const debugPauseCron: Handler = (request, reply, _db, session) => {
  session.node.server.debug.cronPaused = Math.trunc(leadingNumber(request.text(2))) !== 0;
  reply.ok();
};

export const debugLog: Handler = (request, reply, _db, session) => {
  session.node.log('warning', `DEBUG LOG: ${request.text(2)}`);
  reply.ok();
};

const REWRITE_FAILED = 'ERR Rewriting config file: ';

export const debugConfigRewrite: Handler = (_request, reply, _db, session) => {
  const wrong = session.node.configuration.rewrite('all');
  if (wrong === null) return reply.ok();
  const why = wrong.startsWith(REWRITE_FAILED) ? wrong.slice(REWRITE_FAILED.length) : wrong;
  reply.error(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${why}`);
};

// ── lists ───────────────────────────────────────────────────────────────────

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1000 ** 2],
  ['mb', 1024 ** 2],
  ['g', 1000 ** 3],
  ['gb', 1024 ** 3],
]);
const DEFAULT_THRESHOLD = 2 ** 30;
/** A little below 4 GiB. */
const MAX_THRESHOLD = 2 ** 32 - 2 ** 20;

/** 10, 1b, 64mb: NaN for what is no amount of memory. */
function bytesIn(text: string): number {
  let digits = 0;
  while (digits < text.length && text[digits] >= '0' && text[digits] <= '9') digits++;
  const unit = UNITS.get(text.slice(digits).toLowerCase());
  return digits === 0 || unit === undefined ? Number.NaN : Number(text.slice(0, digits)) * unit;
}

export const debugPackedThreshold: Handler = (request, reply, db) => {
  const bytes = bytesIn(request.text(2));
  if (!(bytes <= MAX_THRESHOLD)) return reply.error(ERRORS.PACKED_THRESHOLD);
  db.engine.values.limits.listPackedThreshold = bytes === 0 ? DEFAULT_THRESHOLD : bytes;
  reply.ok();
};

// ── keys ────────────────────────────────────────────────────────────────────

/** DEBUG POPULATE count [prefix [size]]: keys that are there stay as they are. */
export const debugPopulate: Handler = (request, reply, db) => {
  const count = readAtLeast(request, 2, 0, ERRORS.MUST_BE_POSITIVE, reply);
  if (Number.isNaN(count)) return;
  const size = request.argc === 5 ? readAtLeast(request, 4, 0, ERRORS.MUST_BE_POSITIVE, reply) : 0;
  if (Number.isNaN(size)) return;
  const prefix = request.argc === 3 ? 'key' : request.text(3);
  for (let n = 0; n < count; n++) {
    const key = Request.of('', Buffer.from(`${prefix}:${n}`, 'latin1'));
    const e = db.find(key, 1);
    if (e !== NONE) continue;
    db.setBytes(e, key, 1, STRING, populatedValue(n, size));
    db.wrote(key, 1, EVENT.none, 0);
  }
  reply.ok();
};

/** `value:7`, cut or filled up with zeros to a size if one is wanted. */
function populatedValue(n: number, size: number): Buffer {
  const text = Buffer.from(`value:${n}`);
  if (size === 0) return text;
  const value = Buffer.alloc(size);
  text.copy(value);
  return value;
}

// ── trouble ─────────────────────────────────────────────────────────────────

const FUZZ_ROUNDS = 10_000;
const FUZZ_BYTES = 32;

/** Matches random bytes against random patterns: it is enough that this ends. */
export const debugStringMatch: Handler = (_request, reply, _db, session) => {
  const { server } = session.node;
  const random = (): Buffer => {
    const bytes = Buffer.alloc(Math.floor(server.random() * FUZZ_BYTES));
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(server.random() * 128);
    return bytes;
  };
  for (let round = 0; round < FUZZ_ROUNDS; round++) new Glob(random()).matches(random());
  reply.simple('Apparently Redis did not crash: test passed');
};

export const debugPanic: Handler = (_request, _reply, _db, session) => {
  const { clock, debug } = session.node.server;
  debug.crash(`DEBUG PANIC called at Unix time ${Math.floor(clock.wallMs() / 1000)}`);
};

export const debugSegfault: Handler = (_request, _reply, _db, session) => {
  session.node.server.debug.crash('crashed by signal: 11');
};

export const debugAssert: Handler = (_request, _reply, _db, session) => {
  session.node.server.debug.crash('=== ASSERTION FAILED CLIENT CONTEXT === 1 == 2');
};
