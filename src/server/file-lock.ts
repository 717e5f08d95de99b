/**
 * A lock on a path that ends with the process that took it.
 *
 * Node has no flock(), so a lock is a file beside the path, made with O_EXCL, that names its owner: pid and, where the
 * system shows it, the moment that process started. A lock whose owner is no more was left behind by a kill, and is
 * taken over.
 */
import { closeSync, openSync, readFileSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { asFileError, codeOf } from './file-error.js';

export function takeLock(path: string): boolean {
  const lockFile = `${canonical(path)}.lock`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(lockFile, 'wx', 0o600);
      writeSync(file, `${process.pid} ${startOf(process.pid)}\n`);
      closeSync(file);
      process.on('exit', () => rmSync(lockFile, { force: true }));
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw asFileError(error);
      if (ownerLives(lockFile)) return false;
      rmSync(lockFile, { force: true }); // left behind by a process that was killed
    }
  }
  return false;
}

function canonical(path: string): string {
  const absolute = resolve(path);
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch {
    return absolute;
  }
}

function ownerLives(lockFile: string): boolean {
  let text: string;
  try {
    text = readFileSync(lockFile, 'latin1');
  } catch {
    return false;
  }
  const [pid, start] = text.trim().split(' ');
  const owner = Number(pid);
  if (!Number.isSafeInteger(owner) || owner <= 0 || owner === process.pid) return false;
  try {
    process.kill(owner, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return start === undefined || start === startOf(owner); // the pid may belong to another process by now
}

/** What tells two processes of one pid apart, where the system shows it. Who is dead and not yet buried is nobody. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : (fields[19] ?? '?');
  } catch {
    return '?';
  }
}
