/**
 * Moments that clients name: so many units from now on, or since 1970. Replicas only ever hear of the latter.
 *
 * Up to 2⁵³ units a double is exact, and not even that many seconds overflow the 64 bits that Redis counts in. Only
 * beyond it a sum can, and there exact arithmetic decides.
 */
import type { Words } from '../keyspace/changes.js';
import { EVENT } from '../keyspace/events.js';
import type { Database } from '../keyspace/keyspace.js';
import type { Request } from '../resp/request.js';
import { int64At } from './arguments.js';

const INT64_MAX = 2n ** 63n - 1n;

/** The moment that argument i names beyond 2⁵³ units, to the next double; NaN where 64 bits do not hold it. */
export function hugeMoment(request: Request, i: number, unitMs: number, baseMs: number): number {
  const at = (int64At(request, i) ?? 0n) * BigInt(unitMs);
  const inRange = at <= INT64_MAX && at >= -INT64_MAX - 1n && at + BigInt(baseMs) <= INT64_MAX;
  return inRange ? Number(at + BigInt(baseMs)) : Number.NaN;
}

/** Replicas are told of the moment itself, `at`, whatever argument i counted from. */
export function tellMoment(
  words: Words,
  request: Request,
  i: number,
  unitMs: number,
  baseMs: number,
  at: number,
): void {
  if (Number.isSafeInteger(at)) words.integer(at);
  else words.word(String((int64At(request, i) ?? 0n) * BigInt(unitMs) + BigInt(baseMs)));
}

/** The moment named for the key of argument 1 has passed: it dies at once, and that is what replicas hear. */
export function dieAtOnce(request: Request, db: Database, e: number): void {
  const { lazily } = db.engine;
  if (lazily.expire) db.removeLazily(e);
  else db.remove(e);
  db.tellRemovedInstead(request, 1, lazily.expire);
  db.wrote(request, 1, EVENT.del, 1);
}
