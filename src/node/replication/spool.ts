/**
 * A file for a snapshot on its way: written piece by piece, read back piece by piece, gone when it has served.
 *
 * Named as redis names such files, so that whoever tidies up behind a crash knows them.
 */
import { FileError, type Host } from '../../base/host.js';

/** Written in pieces of about this size: a file is opened for each. */
const PIECE_BYTES = 1024 * 1024;

export class Spool {
  readonly path: string;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private written = 0;

  constructor(private readonly host: Host) {
    const number = Math.floor(host.random() * 1e6); // two of one second do not meet
    this.path = `temp-${Math.floor(host.wallMs() / 1000)}.${host.process.pid}.${number}.rdb`;
    host.files.write(this.path, new Uint8Array(0));
  }

  get length(): number {
    return this.written + this.waitingBytes;
  }

  /** The bytes are copied. */
  add(bytes: Uint8Array): void {
    this.waiting.push(Buffer.from(bytes));
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= PIECE_BYTES) this.flush();
  }

  read(offset: number, length: number): Uint8Array {
    this.flush();
    return this.host.files.readPart(this.path, offset, length);
  }

  private flush(): void {
    if (this.waitingBytes === 0) return;
    this.host.files.append(this.path, Buffer.concat(this.waiting));
    this.written += this.waitingBytes;
    this.waiting = [];
    this.waitingBytes = 0;
  }

  discard(): void {
    this.waiting = [];
    try {
      this.host.files.remove(this.path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error; // it stays behind, and harms nobody
    }
  }
}
