/**
 * Which arguments of a command nobody may read, in the slow log or through MONITOR: `(redacted)` stands for them.
 *
 *   AUTH ▪▪▪ ▪▪▪     HELLO 3 AUTH ▪▪▪ ▪▪▪ SETNAME x     CONFIG SET requirepass ▪▪▪ port 6379
 *
 * Redis hides them while a command is read, so a HELLO that fails early shows its password. Here it is hidden anyway.
 */
import type { Request } from '../../resp/request.js';

/** Whether the value of a directive of this name is a secret. */
export type IsSecret = (directive: string) => boolean;

type Hide = (request: Request, isSecret: IsSecret) => number[];

export const REDACTED = '(redacted)';

const NOTHING: readonly number[] = [];

const HIDERS: ReadonlyMap<string, Hide> = new Map([
  ['auth', (request) => (request.argc > 3 ? [] : from(1, request.argc))],
  ['hello', inHello],
  ['config|set', inConfigSet],
  ['acl|setuser', (request) => from(2, request.argc)],
  ['migrate', inMigrate],
]);

/** The places of the arguments to hide, `name` being that of the command: `config|set`. */
export function hiddenArguments(name: string, request: Request, isSecret: IsSecret): readonly number[] {
  return HIDERS.get(name)?.(request, isSecret) ?? NOTHING;
}

function from(first: number, end: number): number[] {
  const places: number[] = [];
  for (let i = first; i < end; i++) places.push(i);
  return places;
}

/** HELLO version [AUTH user password] [SETNAME name]. */
function inHello(request: Request): number[] {
  const places: number[] = [];
  for (let i = 2; i < request.argc; i++) {
    if (request.is(i, 'auth') && i + 2 < request.argc) {
      places.push(i + 1, i + 2);
      i += 2;
    } else if (request.is(i, 'setname')) i++;
    else break;
  }
  return places;
}

function inConfigSet(request: Request, isSecret: IsSecret): number[] {
  const places: number[] = [];
  for (let i = 2; i + 1 < request.argc; i += 2) if (isSecret(request.text(i))) places.push(i + 1);
  return places;
}

/** MIGRATE host port key db timeout [COPY] [REPLACE] [AUTH password | AUTH2 user password] [KEYS key …]. */
function inMigrate(request: Request): number[] {
  const places: number[] = [];
  for (let i = 6; i < request.argc && !request.is(i, 'keys'); i++) {
    const count = request.is(i, 'auth') ? 1 : request.is(i, 'auth2') ? 2 : 0;
    if (i + count >= request.argc) break;
    places.push(...from(i + 1, i + 1 + count));
    i += count;
  }
  return places;
}
