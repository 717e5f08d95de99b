/**
 * Which arguments of a request are keys: by the key specs of its row, for every command. The redirects of the cluster,
 * the rights of users and COMMAND GETKEYS all ask here, so that none of them can be talked into another answer.
 *
 *   ZUNIONSTORE sum 2 a b WEIGHTS 1 2        OW update @1; RO access @2:numkeys
 *               ▲   ▲ └─┴ keys of the second spec
 *               │   └ their count
 *               └ key of the first spec
 *
 * A request whose key arguments make no sense (a count of zero, or beyond its end) has no keys: its handler refuses it
 * before it touches any.
 *
 * HOT: `findKeys` allocates nothing but for a request of very many keys. Requests of one plain range need not come
 * here; the table has their range as numbers.
 */
import { INT64_MAX } from '../base/numbers.js';
import type { Request } from '../resp/request.js';
import { KEY_FLAG, type KeySpec } from './row.js';
import type { Command } from './table.js';

/** So many digits are below 2^31: read without a thought of wrapping. */
const SAFE_DIGITS = 9;

/** The keys of one request: places of arguments, and how each is used. Made once, filled again and again. */
export class KeyPlaces {
  count = 0;
  at = new Int32Array(32);
  /** Bits of KEY_FLAG. */
  flags = new Int32Array(32);

  push(at: number, flags: number): void {
    if (this.count === this.at.length) this.grow();
    this.at[this.count] = at;
    this.flags[this.count++] = flags;
  }

  private grow(): void {
    const at = new Int32Array(this.count * 2);
    const flags = new Int32Array(this.count * 2);
    at.set(this.at);
    flags.set(this.flags);
    this.at = at;
    this.flags = flags;
  }
}

/** Fills `keys` and returns how many there are. */
export function findKeys(command: Command, request: Request, keys: KeyPlaces): number {
  return findKeysFrom(command, request, 0, keys);
}

/** The same for a command that begins at a later argument. Places are counted from the start of the request. */
export function findKeysFrom(command: Command, request: Request, from: number, keys: KeyPlaces): number {
  keys.count = 0;
  const { keySpecs } = command;
  for (let i = 0; i < keySpecs.length; i++) {
    const spec = keySpecs[i];
    if ((spec.flags & KEY_FLAG.NOT_KEY) !== 0) continue;
    if ((spec.flags & KEY_FLAG.INCOMPLETE) !== 0) {
      if (placeBehind(spec, request, from) < 0) continue;
      return findMigrated(spec, request, from, keys);
    }
    if (!applySpec(spec, request, from, keys)) return (keys.count = 0);
  }
  return keys.count;
}

/**
 * MIGRATE moves one key, or with KEYS in place of an option all keys behind that word: which its specs cannot say,
 * since KEYS may be a password as well. None where both are named: its handler will refuse that.
 */
function findMigrated(spec: KeySpec, request: Request, from: number, keys: KeyPlaces): number {
  const flags = spec.flags & ~KEY_FLAG.INCOMPLETE;
  const key = from + 3;
  keys.count = 0;
  for (let i = from + 6; i < request.argc; i++) {
    if (request.is(i, 'keys')) {
      if (request.len[key] > 0) return 0;
      for (let at = i + 1; at < request.argc; at++) keys.push(at, flags);
      return keys.count;
    }
    i += request.is(i, 'auth') ? 1 : request.is(i, 'auth2') ? 2 : 0;
  }
  keys.push(key, flags);
  return 1;
}

/** True if one of the key specs names real keys. */
export function hasKeys(command: Command): boolean {
  return command.keySpecs.some((spec) => (spec.flags & KEY_FLAG.NOT_KEY) === 0);
}

/** False if the arguments make no sense. */
function applySpec(spec: KeySpec, request: Request, from: number, keys: KeyPlaces): boolean {
  let first = spec.at + from;
  if (spec.begin === 'keyword') {
    first = placeBehind(spec, request, from);
    if (first < 0) return true; // optional: without the word there is no such key
  }
  const end = request.argc;
  let last: number;
  if (spec.find === 'keynum') {
    if (first >= end) return false;
    last = first + leadingCount(request, first) * spec.step;
    first++;
  } else last = lastOfRange(spec, first, end);
  if (last < first || last >= end) return false;
  const flags = flagsOf(spec, request, first);
  for (let at = first; at <= last; at += spec.step) keys.push(at, flags);
  return true;
}

function lastOfRange(spec: KeySpec, first: number, end: number): number {
  if (spec.last >= 0) return first + spec.last;
  if (spec.limit > 1) return first + Math.floor((end - first) / spec.limit) + spec.last;
  return end + spec.last;
}

/** The argument behind the keyword of a spec, -1 if the word is not there. Redis leaves out the last place. */
function placeBehind(spec: KeySpec, request: Request, from: number): number {
  const { argc } = request;
  if (spec.at > 0) {
    for (let at = from + spec.at; at < argc - 1; at++) if (request.is(at, spec.keyword)) return at + 1;
    return -1;
  }
  for (let at = argc + spec.at; at > from + 1; at--) if (request.is(at, spec.keyword)) return at + 1;
  return -1;
}

/** The number at the start of an argument, as C's atoi reads it: blanks and a sign may come first, 32 bits are kept. */
function leadingCount(request: Request, i: number): number {
  const { buf } = request;
  let at = request.off[i];
  const end = at + request.len[i];
  while (at < end && (buf[at] === 32 || (buf[at] >= 9 && buf[at] <= 13))) at++;
  const isNegative = buf[at] === 45;
  if (at < end && (isNegative || buf[at] === 43)) at++;
  const first = at;
  while (at < end && buf[at] >= 48 && buf[at] <= 57) at++;
  if (at - first > SAFE_DIGITS) return wrappedCount(buf.subarray(first, at), isNegative);
  let count = 0;
  for (let k = first; k < at; k++) count = count * 10 + buf[k] - 48;
  return isNegative ? -count : count;
}

/** strtol stops at 64 bits, and atoi keeps the lower 32 of what it gives. */
function wrappedCount(digits: Uint8Array, isNegative: boolean): number {
  let count = 0n;
  for (const digit of digits) {
    count = count * 10n + BigInt(digit - 48);
    if (count > INT64_MAX) return isNegative ? 0 : -1;
  }
  return Number(BigInt.asIntN(32, isNegative ? -count : count));
}

/** SET reads the old value only where it is told to GET; its row can but name both uses. */
function flagsOf(spec: KeySpec, request: Request, key: number): number {
  if ((spec.flags & KEY_FLAG.VARIABLE_FLAGS) === 0) return spec.flags;
  for (let i = key + 2; i < request.argc; i++) {
    if (request.is(i, 'get')) return KEY_FLAG.RW | KEY_FLAG.ACCESS | KEY_FLAG.UPDATE;
  }
  return KEY_FLAG.OW | KEY_FLAG.UPDATE;
}
