/**
 * What can go wrong outside of this program and that a person can put right: a taken port, a folder that may not be
 * written, a node that does not start. The text is one clear sentence with what to do, and is all that people see;
 * every other error is a mistake of ours and comes with its stack.
 */
import { asFileError } from '../server/file-error.js';

export class Trouble extends Error {
  override readonly name = 'Trouble';
}

/** Does something with a file that people named; what the system refuses is said in redis-check-aof's words. */
export function withFile<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Trouble(`Cannot open file ${path}: ${asFileError(error).message}`);
  }
}

/** "1 node", "2 nodes". */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const FEW = 8;

/** As much of a list as people read, one a line, and how much more there is. */
export function firstFew(list: readonly string[]): string {
  const lines = list.slice(0, FEW);
  if (list.length > FEW) lines.push(`and ${list.length - FEW} more`);
  return lines.map((line) => `  ${line}`).join('\n');
}
