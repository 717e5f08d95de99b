/**
 * Files of the machine, as `Files` promises them: nothing is durable before it was synced.
 *
 * Everything is synchronous: a node goes on when its file is written, as Redis does.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { FileError, type Files } from '../base/host.js';
import { takeLock } from './file-lock.js';

/** Symbolic links are not followed when a file is made: nobody may lead us to write elsewhere. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

export class RealFiles implements Files {
  read(path: string): Uint8Array | null {
    try {
      return readFileSync(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw asFileError(error);
    }
  }

  write(path: string, bytes: Uint8Array): void {
    this.withFile(path, CREATE, (file) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
    });
  }

  readPart(path: string, offset: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(length);
    let count = 0;
    this.withFile(path, constants.O_RDONLY, (file) => {
      count = readSync(file, bytes, 0, length, offset);
    });
    return bytes.subarray(0, count);
  }

  size(path: string): number | null {
    try {
      return statSync(path).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw asFileError(error);
    }
  }

  append(path: string, bytes: Uint8Array): void {
    this.withFile(path, APPEND, (file) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
    });
  }

  sync(path: string): void {
    this.withFile(path, constants.O_RDWR, fsyncSync);
  }

  rename(from: string, to: string): void {
    attempt(() => renameSync(from, to));
  }

  syncFolder(path: string): void {
    if (process.platform === 'win32') return; // folders cannot be opened there; a rename is durable by itself
    this.withFile(path, constants.O_RDONLY, fsyncSync);
  }

  remove(path: string): void {
    attempt(() => rmSync(path, { force: true }));
  }

  lock(path: string): boolean {
    return takeLock(path);
  }

  private withFile(path: string, flags: number, use: (file: number) => void): void {
    attempt(() => {
      const file = openSync(path, flags, 0o644);
      try {
        use(file);
      } finally {
        closeSync(file);
      }
    });
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    throw asFileError(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Node says `ENOENT: no such file or directory, open 'x'`; C says `No such file or directory`. */
export function asFileError(error: unknown): FileError {
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const from = text.indexOf(': ') + 2;
  const to = text.indexOf(',', from);
  const words = text.slice(from < 2 ? 0 : from, to < 0 ? text.length : to);
  return new FileError(code, words.charAt(0).toUpperCase() + words.slice(1));
}
