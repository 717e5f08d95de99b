/**
 * Commands that look through a file: which one, and on through all of it, as long as somebody reads what we say.
 *
 *   step ▸ let others have their turn ▸ step ▸ …        until the file ends, or nobody listens any more
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Told, UsageError } from './arguments.js';
import type { Terminal } from './terminal.js';

/** A file that is looked through in steps. */
interface Steps {
  step(): boolean;
  close(): void;
}

export function fileOf({ words }: Told): string {
  const [path, ...others] = words;
  if (path === undefined) throw new UsageError('it needs the name of a file');
  if (others.length > 0) throw new UsageError(`one file at a time, not also "${others[0]}"`);
  return path;
}

/**
 * Between two steps it is heard whether who reads us has gone (`sextet rdb FILE --csv | head`). False where that left
 * the rest of the file unseen: nothing can be said of it then.
 */
export async function walk(file: Steps, terminal: Terminal): Promise<boolean> {
  let more = file.step();
  while (more && !terminal.isGone) {
    await nextTurn();
    more = file.step();
  }
  file.close();
  return !more;
}
