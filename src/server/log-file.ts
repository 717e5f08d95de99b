/**
 * A file that stays open and grows: the append-only file, as a descriptor.
 *
 * Syncing beside the commands is a thread's business (libuv's pool). Only data is synced, and the length that goes with
 * it: times of change nobody asks for. A descriptor is closed when no thread works on it.
 */
import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, writeSync } from 'node:fs';
import type { FileError, LogFile } from '../base/host.js';
import { asFileError, attempt } from './file-error.js';

/** The runtime refuses to write 2 GiB in one piece, which may have gathered while a slow disk was waited for. */
const MOST_AT_ONCE = 1 << 30;

export class RealLogFile implements LogFile {
  /** Threads that sync it. */
  private atWork = 0;
  private isClosed = false;

  constructor(private readonly file: number) {}

  /** A short write is tried on: often the next call tells why. */
  append(bytes: Uint8Array): number {
    let written = 0;
    try {
      while (written < bytes.length) {
        const count = Math.min(bytes.length - written, MOST_AT_ONCE);
        written += writeSync(this.file, bytes, written, count);
      }
    } catch (error) {
      if (written === 0) throw asFileError(error);
    }
    return written;
  }

  truncate(length: number): void {
    attempt(() => ftruncateSync(this.file, length));
  }

  sync(): void {
    attempt(() => fdatasyncSync(this.file));
  }

  syncBeside(done: (error: FileError | null) => void): void {
    this.atWork++;
    fdatasync(this.file, (error) => {
      this.atWork--;
      this.closeIfDone();
      done(error === null ? null : asFileError(error));
    });
  }

  retire(): void {
    this.isClosed = true;
    this.syncBeside(() => {}); // whoever relied on it has its bytes in the next file, or will be told there
  }

  close(): void {
    this.isClosed = true;
    this.closeIfDone();
  }

  private closeIfDone(): void {
    if (this.isClosed && this.atWork === 0) closeSync(this.file);
  }
}
