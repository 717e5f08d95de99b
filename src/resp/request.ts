/**
 * A request as handlers see it: argument i is `len[i]` bytes of `buf` from `off[i]` on.
 *
 *   buf   *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n
 *         ^start       ^off[0]     ^off[1]   ^off[2]
 *
 * Requests are reused: they are good until the handler returns. What must live longer is copied (`copy`).
 *
 * HOT. bench: all
 */
import { viewOf } from '../base/bytes.js';

export class Request {
  argc = 0;
  off = new Int32Array(16);
  len = new Int32Array(16);
  /** Where the request begins in `buf`: for a client that has to be stopped before it. */
  start = 0;
  /** Dense id of the command, -1 if unknown; filled in before the handler runs. */
  command = -1;
  /** Whether `hash` and `slot` are those of argument 1: filled in ahead for a whole batch. */
  hashed = false;
  hash = 0;
  slot = 0;
  /** Which argument was hashed ahead as a member of a collection, 0 if none, and its hash. */
  memberArg = 0;
  memberHash = 0;

  constructor(
    public buf: Buffer,
    public view: DataView,
  ) {}

  /** Nothing is known of the next one yet. */
  restart(): void {
    this.argc = 0;
    this.hashed = false;
    this.memberArg = 0;
  }

  push(offset: number, length: number): void {
    if (this.argc === this.off.length) this.grow();
    this.off[this.argc] = offset;
    this.len[this.argc++] = length;
  }

  private grow(): void {
    const off = new Int32Array(this.argc * 2);
    const len = new Int32Array(this.argc * 2);
    off.set(this.off);
    len.set(this.len);
    this.off = off;
    this.len = len;
  }

  /** The argument as a latin1 string: for error texts and rare options only. */
  text(i: number): string {
    return this.buf.toString('latin1', this.off[i], this.off[i] + this.len[i]);
  }

  /** A copy of the argument's bytes. */
  bytes(i: number): Buffer {
    return Buffer.from(this.buf.subarray(this.off[i], this.off[i] + this.len[i]));
  }

  /** True if the argument is the given lower-case word, in any case. */
  is(i: number, word: string): boolean {
    const n = word.length;
    if (this.len[i] !== n) return false;
    const buf = this.buf;
    const at = this.off[i];
    for (let k = 0; k < n; k++) {
      const c = buf[at + k];
      if ((c >= 65 && c <= 90 ? c | 32 : c) !== word.charCodeAt(k)) return false;
    }
    return true;
  }

  /** True if arguments i and k of this request are the same bytes. */
  same(i: number, k: number): boolean {
    const n = this.len[i];
    if (n !== this.len[k]) return false;
    const { buf } = this;
    for (let p = this.off[i], q = this.off[k], left = n; left > 0; left--) if (buf[p++] !== buf[q++]) return false;
    return true;
  }

  /** True if argument i is the same bytes in another request. */
  sameAs(other: Request, i: number): boolean {
    const n = this.len[i];
    if (n !== other.len[i]) return false;
    // from the end, where keys differ most often
    const stop = this.off[i];
    let p = stop + n;
    let q = other.off[i] + n;
    while (p - stop >= 4) if (this.view.getInt32((p -= 4)) !== other.view.getInt32((q -= 4))) return false;
    while (p > stop) if (this.buf[--p] !== other.buf[--q]) return false;
    return true;
  }

  /** Bytes of all arguments. */
  totalBytes(): number {
    let sum = 0;
    for (let i = 0; i < this.argc; i++) sum += this.len[i];
    return sum;
  }

  /** A request of its own memory, for MULTI and for clients that wait. */
  copy(): Request {
    const buf = Buffer.allocUnsafeSlow(Math.max(8, this.totalBytes()));
    const copy = new Request(buf, viewOf(buf));
    let p = 0;
    for (let i = 0; i < this.argc; i++) {
      this.buf.copy(buf, p, this.off[i], this.off[i] + this.len[i]);
      copy.push(p, this.len[i]);
      p += this.len[i];
    }
    copy.command = this.command;
    return copy;
  }

  /** A request made of given arguments: commands that the node gives itself, and tests. */
  static of(...args: readonly (string | Uint8Array)[]): Request {
    const parts = args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg, 'utf8') : Buffer.from(arg)));
    const buf = Buffer.concat([...parts, Buffer.alloc(8)]);
    const request = new Request(buf, viewOf(buf));
    let p = 0;
    for (const part of parts) {
      request.push(p, part.length);
      p += part.length;
    }
    return request;
  }
}
