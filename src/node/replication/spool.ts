/**
 * A file for a snapshot that comes from our primary: written piece by piece, made durable, then moved or removed.
 *
 * Named as redis names such files, so that whoever tidies up behind a crash knows them.
 */
import type { FileError, Host, LogFile } from '../../base/host.js';
import type { Config } from '../config.js';

/** Written in pieces of about this size. */
const PIECE_BYTES = 256 * 1024;

/** Who saves nothing keeps no file of a sync: after a restart it would serve, and hand on, what was true once. */
export function keepsFiles(config: Config): boolean {
  return config.save.length > 0 || config.appendonly;
}

/** Two of one second and one process do not meet. */
export function syncFileName(host: Host, pid: number): string {
  return `temp-${Math.floor(host.wallMs() / 1000)}.${pid}.${Math.floor(host.random() * 1e6)}.rdb`;
}

export class Spool {
  readonly path: string;
  private readonly file: LogFile;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private isOpen = true;

  constructor(host: Host) {
    this.path = syncFileName(host, host.process.pid);
    this.file = host.files.openLog(this.path, 'new');
  }

  /** The bytes are copied. */
  add(bytes: Uint8Array): void {
    this.waiting.push(Buffer.from(bytes));
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= PIECE_BYTES) this.flush();
  }

  private flush(): void {
    const { waitingBytes } = this;
    if (waitingBytes === 0) return;
    const bytes = this.waiting.length === 1 ? (this.waiting[0] as Buffer) : Buffer.concat(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    for (let at = 0; at < bytes.length; ) at += this.file.append(bytes.subarray(at));
  }

  /** That was all; told in a later turn, when it is durable. */
  finish(done: (error: FileError | null) => void): void {
    this.flush();
    this.file.syncBeside((error) => {
      this.close();
      done(error);
    });
  }

  close(): void {
    if (this.isOpen) this.file.close();
    this.isOpen = false;
  }
}
