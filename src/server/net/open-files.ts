/**
 * As many clients as the system lets us have open files: a connection beyond that would end without a word.
 *
 *   maxclients + 32 > ulimit -n ▸ maxclients = ulimit -n − 32, with Redis' warnings; CONFIG SET maxclients is refused
 *
 * Node raises the soft limit to the hard one by itself when it starts. Beyond the hard limit it cannot go, not even
 * as root. Where the limit cannot be read (it is read from /proc) nothing is done.
 */
import { readFileSync } from 'node:fs';
import type { LogLevel } from '../../base/host.js';
import type { Config } from '../../node/config.js';

/** What a server opens beside its clients: files, listeners, the cluster bus. */
const RESERVED = 32;
const LIMITS = '/proc/self/limits';

type Note = (level: LogLevel, line: string) => void;

/** False where not even one client would fit. `log` gets the reason. */
export function fitOpenFiles(config: Config, log: Note): boolean {
  const limit = readLimit();
  if (limit === null) return true;
  const wanted = config.maxclients + RESERVED;
  if (limit <= RESERVED) {
    const advice = `Please increase your open file limit to at least ${wanted}. Exiting.`;
    log('warning', `Your current 'ulimit -n' of ${limit} is not enough for the server to start. ${advice}`);
    return false;
  }
  if (limit < wanted) lower(config, limit, log);
  config.onAct('maxclients', () => {
    if (config.maxclients + RESERVED <= limit) return null;
    return `The operating system is not able to handle the specified number of clients, try with ${limit - RESERVED}`;
  });
  return true;
}

function lower(config: Config, limit: number, log: Note): void {
  const { maxclients } = config;
  const files = maxclients + RESERVED;
  config.change(['maxclients', String(limit - RESERVED)], { isLocal: true, isLoading: false });
  log('warning', `You requested maxclients of ${maxclients} requiring at least ${files} max file descriptors.`);
  log('warning', `Server can't set maximum open files to ${files} because of OS error: Operation not permitted.`);
  const advice = "If you need higher maxclients increase 'ulimit -n'.";
  const lowered = `maxclients has been reduced to ${config.maxclients} to compensate for low ulimit.`;
  log('warning', `Current maximum open files is ${limit}. ${lowered} ${advice}`);
}

/** Files that this process may open, or null where nobody says. */
function readLimit(): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(LIMITS, 'latin1')) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null; // not a Linux
  }
}
