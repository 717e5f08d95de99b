/**
 * Files of the machine, as `Files` promises them: nothing is durable before it was synced.
 *
 * Everything is synchronous: a node goes on when its file is written, as Redis does.
 */
import {
  close,
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { Files, LogFile } from '../base/host.js';
import { asFileError, attempt, codeOf } from './file-error.js';
import { takeLock } from './file-lock.js';
import { RealLogFile } from './log-file.js';

/** Symbolic links are not followed when a file is made: nobody may lead us to write elsewhere. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** A log that is begun anew; what was added lands at its end even if it was cut in between. */
const NEW_LOG = CREATE | constants.O_APPEND;

/** Opened for nothing but to keep it: whatever it is. */
const KEEP = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

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

  /** A big file is let go by a thread: as long as it is open here, taking its name away is quick. */
  remove(path: string): void {
    let file: number | null = null;
    try {
      file = openSync(path, KEEP);
    } catch {
      // nothing to wait for
    }
    attempt(() => rmSync(path, { force: true }));
    if (file !== null) close(file, () => {});
  }

  truncate(path: string, length: number): void {
    this.withFile(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0), (file) => ftruncateSync(file, length));
  }

  openLog(path: string, how: 'new' | 'append'): LogFile {
    try {
      return new RealLogFile(openSync(path, how === 'new' ? NEW_LOG : APPEND, 0o644));
    } catch (error) {
      throw asFileError(error);
    }
  }

  hasFolder(path: string): boolean {
    let isFolder = false;
    attempt(() => (isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false));
    return isFolder;
  }

  makeFolder(path: string): void {
    attempt(() => mkdirSync(path, 0o755));
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
