/**
 * The snapshot as it comes over the link of a primary: a line that says how it ends, then its bytes.
 *
 *   \n \n \n           the primary is alive, and still prepares
 *   $1234\r\n          a file of 1234 bytes; behind it the stream of commands goes on
 *   $EOF:<40 bytes>    a snapshot of unknown length; it ends where these 40 bytes come again. Nothing follows until
 *                      we said that we are ready (REPLCONF ACK)
 *   -ERR …             there will be none
 *
 * The last 40 bytes are held back until it is known that they are not the mark.
 */
const MARK_BYTES = 40;
const LF = 10;
const LINE_MAX = 1024;

export interface BulkEvents {
  /** `size` is null where it is not known. */
  onHeader(size: number | null): void;
  /** Bytes of the snapshot, good during the call. */
  onBody(bytes: Buffer): void;
  /** All of it was given. */
  onEnd(): void;
  onRefused(line: string): void;
}

export class BulkReader {
  private line = '';
  private left = 0;
  private mark: Buffer | null = null;
  private held: Buffer = Buffer.alloc(0);
  private phase: 'line' | 'sized' | 'marked' | 'over' = 'line';

  constructor(private readonly events: BulkEvents) {}

  /** How many of these bytes belong to the snapshot: the rest is the stream. */
  feed(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && this.phase === 'line') at = this.readLine(bytes, at);
    if (this.phase === 'sized') return at + this.readSized(bytes, at);
    if (this.phase === 'marked') {
      this.readMarked(bytes.subarray(at));
      return bytes.length;
    }
    return at;
  }

  private readLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LF, from);
    this.line += bytes.toString('latin1', from, end < 0 ? bytes.length : end);
    if (end < 0 && this.line.length <= LINE_MAX) return bytes.length;
    const line = this.line.endsWith('\r') ? this.line.slice(0, -1) : this.line;
    this.line = '';
    if (line !== '') this.begin(line);
    return end < 0 ? bytes.length : end + 1;
  }

  private begin(line: string): void {
    const mark = line.slice('$EOF:'.length);
    if (line.startsWith('$EOF:') && mark.length >= MARK_BYTES) {
      this.phase = 'marked';
      this.mark = Buffer.from(mark.slice(0, MARK_BYTES), 'latin1');
      return this.events.onHeader(null);
    }
    const size = line.startsWith('$') ? Number(line.slice(1)) : Number.NaN;
    if (line === '$' || !Number.isSafeInteger(size) || size < 0) {
      this.phase = 'over';
      return this.events.onRefused(line);
    }
    this.phase = 'sized';
    this.left = size;
    this.events.onHeader(size);
  }

  private readSized(bytes: Buffer, from: number): number {
    const count = Math.min(this.left, bytes.length - from);
    this.left -= count;
    if (count > 0) this.events.onBody(bytes.subarray(from, from + count));
    if (this.left === 0) this.end();
    return count;
  }

  private readMarked(bytes: Buffer): void {
    const { mark } = this;
    if (mark === null || bytes.length === 0) return;
    const out = this.held.length + bytes.length - MARK_BYTES;
    if (out > 0 && this.held.length > 0) this.events.onBody(this.held.subarray(0, Math.min(out, this.held.length)));
    if (out > this.held.length) this.events.onBody(bytes.subarray(0, out - this.held.length));
    this.held = Buffer.concat([this.held, bytes.subarray(-MARK_BYTES)]).subarray(-MARK_BYTES);
    if (this.held.equals(mark)) this.end();
  }

  private end(): void {
    this.phase = 'over';
    this.events.onEnd();
  }
}
