/**
 * The options behind SET and GETEX, and the moment at which they let a key die.
 *
 *   SET k v  NX | XX   GET   KEEPTTL | EX s | PX ms | EXAT s | PXAT ms         any order, any case
 *   GETEX k  PERSIST | EX s | PX ms | EXAT s | PXAT ms
 *
 * What was read is one number: bits of OPTION, and times OPTIONS_END the place of the argument with the time. An
 * object would be allocated for each `SET k v EX 60`.
 *
 * HOT. bench: SET
 */
import { invalidExpire } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import { hugeMoment } from '../moment.js';

export const OPTION = {
  NX: 1,
  XX: 2,
  GET: 4,
  KEEPTTL: 8,
  PERSIST: 16,
  EX: 32,
  PX: 64,
  EXAT: 128,
  PXAT: 256,
} as const;
export const OPTIONS_END = 512;
/** More arguments would not fit the bits. Nobody who says something new in each of them has so many. */
const ARGUMENTS_MAX = 1 << 20;
/** What is said of an argument that is no option, or contradicts one before it. */
export const NO_OPTIONS = -1;

/** Options of the key's time of death: at most one kind of them may be there. */
const TIMES = OPTION.EX | OPTION.PX | OPTION.EXAT | OPTION.PXAT;

/** Reads the options of SET, which begin at argument 3. */
export function readSetOptions(request: Request): number {
  if (request.argc > ARGUMENTS_MAX) return NO_OPTIONS;
  let options = 0;
  for (let i = 3; i < request.argc; i++) {
    if (request.is(i, 'nx') && (options & OPTION.XX) === 0) options |= OPTION.NX;
    else if (request.is(i, 'xx') && (options & OPTION.NX) === 0) options |= OPTION.XX;
    else if (request.is(i, 'get')) options |= OPTION.GET;
    else if (request.is(i, 'keepttl') && (options & TIMES) === 0) options |= OPTION.KEEPTTL;
    else {
      const time = timeOption(request, i, options);
      if (time === 0) return NO_OPTIONS;
      options = ((options % OPTIONS_END) | time) + ++i * OPTIONS_END;
    }
  }
  return options;
}

/** Reads the options of GETEX, which begin at argument 2. */
export function readGetexOptions(request: Request): number {
  if (request.argc > ARGUMENTS_MAX) return NO_OPTIONS;
  let options = 0;
  for (let i = 2; i < request.argc; i++) {
    if (request.is(i, 'persist') && (options & TIMES) === 0) options |= OPTION.PERSIST;
    else {
      const time = timeOption(request, i, options);
      if (time === 0) return NO_OPTIONS;
      options = ((options % OPTIONS_END) | time) + ++i * OPTIONS_END;
    }
  }
  return options;
}

/** The bit of a time option at argument i that goes with the options so far, else 0. The same one may come again. */
function timeOption(request: Request, i: number, options: number): number {
  if (i + 1 >= request.argc) return 0;
  const time = timeBit(request, i);
  const others = (TIMES & ~time) | OPTION.KEEPTTL | OPTION.PERSIST;
  return (options & others) === 0 ? time : 0;
}

function timeBit(request: Request, i: number): number {
  if (request.is(i, 'ex')) return OPTION.EX;
  if (request.is(i, 'px')) return OPTION.PX;
  if (request.is(i, 'exat')) return OPTION.EXAT;
  return request.is(i, 'pxat') ? OPTION.PXAT : 0;
}

/** The place of the argument with the time, 0 without one; what it counts in, and from when on. */
export function timeArgument(options: number): number {
  return Math.floor(options / OPTIONS_END);
}

export function timeUnit(options: number): number {
  return (options & (OPTION.EX | OPTION.EXAT)) !== 0 ? 1000 : 1;
}

export function timeBase(options: number, now: number): number {
  return (options & (OPTION.EX | OPTION.PX)) !== 0 ? now : 0;
}

/** The moment that options name, in ms since 1970; NaN where it is none, and the reply says so to `command`. */
export function readMoment(
  request: Request,
  options: number,
  now: number,
  command: string,
  reply: ReplyWriter,
): number {
  return readTime(request, timeArgument(options), timeUnit(options), timeBase(options, now), command, reply);
}

/** The same for one argument that counts `unitMs` from `baseMs` on. It must be above zero. */
export function readTime(
  request: Request,
  i: number,
  unitMs: number,
  baseMs: number,
  command: string,
  reply: ReplyWriter,
): number {
  const n = readInteger(request, i, reply);
  if (Number.isNaN(n)) return n;
  const at = Number.isFinite(n) ? n * unitMs + baseMs : hugeMoment(request, i, unitMs, baseMs);
  if (n > 0 && !Number.isNaN(at)) return at;
  reply.error(invalidExpire(command));
  return Number.NaN;
}
