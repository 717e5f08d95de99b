/**
 * Bytes of an RDB file in the making: a buffer that grows, and the forms in which lengths and strings are written.
 *
 *   │ taken already │ pending: what `take` gives next ........ │ room │
 *
 * The checksum is computed over what is pending when it is taken: once over long stretches, not once a byte.
 *
 * HOT. `u8` and `view` are the buffer, `end` the place of the next byte; what reserves room may exchange them.
 */
import { copyBytes, viewOf } from '../base/bytes.js';
import { Crc64 } from '../base/crc64.js';
import { LzfCompressor } from '../base/lzf.js';
import { parseInteger } from '../base/numbers.js';
import type { Slice } from '../base/slice.js';
import { INTSET_HEADER } from '../keyspace/types/structures/intset.js';
import { LISTPACK_FRAME, LISTPACK_HEADER, writeListpackHeader } from '../keyspace/types/structures/listpack.js';
import { COMPRESS_ABOVE, COMPRESS_GAIN, INTEGER_CHARS, LENGTH_32, LENGTH_64, STRING_FORM } from './rdb-layout.js';

const NO_BYTES = new Uint8Array(0);
const FIRST_BYTES = 1 << 16;
/** A buffer that became bigger than this goes with what was taken. */
const KEPT_BYTES = 1 << 20;
const TWO_14 = 1 << 14;
const TWO_32 = 0x100000000;
/** A length and the byte of a form take at most this. */
const HEAD_BYTES = 19;

export interface OutputOptions {
  /** rdbcompression. */
  readonly compress: boolean;
  /** rdbchecksum. */
  readonly checksum: boolean;
}

export class RdbOutput {
  readonly crc = new Crc64();
  /** False while somebody waits for what is written: packing takes ten times as long. */
  packs = true;
  private u8 = new Uint8Array(FIRST_BYTES);
  private view = viewOf(this.u8);
  private end = 0;
  /** Up to where bytes are counted into the checksum. */
  private summed = 0;
  /** A listpack or intset with its frame, as it is about to be written. */
  private framed = NO_BYTES;
  private framedView = viewOf(NO_BYTES);
  private readonly lzf = new LzfCompressor();

  constructor(private readonly options: OutputOptions) {}

  get pendingBytes(): number {
    return this.end;
  }

  /** A copy of what is pending; nothing is then. */
  take(): Uint8Array {
    this.sum();
    const taken = this.u8.slice(0, this.end);
    this.end = this.summed = 0;
    if (this.u8.length > KEPT_BYTES) this.grow(FIRST_BYTES);
    return taken;
  }

  private sum(): void {
    if (this.options.checksum) this.crc.update(this.u8, this.view, this.summed, this.end - this.summed);
    this.summed = this.end;
  }

  private reserve(n: number): void {
    if (this.end + n > this.u8.length) this.grow(Math.max(this.end + n, this.u8.length * 2));
  }

  private grow(bytes: number): void {
    const fresh = new Uint8Array(bytes);
    fresh.set(this.u8.subarray(0, this.end));
    this.u8 = fresh;
    this.view = viewOf(fresh);
  }

  // ── single fields ─────────────────────────────────────────────────────────

  byte(b: number): void {
    this.reserve(1);
    this.u8[this.end++] = b;
  }

  length(n: number): void {
    this.reserve(HEAD_BYTES);
    this.putLength(n);
  }

  /** The same where room is reserved. */
  private putLength(n: number): void {
    if (n < 64) this.u8[this.end++] = n;
    else if (n < TWO_14) {
      this.u8[this.end++] = 0x40 | (n >> 8);
      this.u8[this.end++] = n & 255;
    } else if (n < TWO_32) {
      this.u8[this.end] = LENGTH_32;
      this.view.setUint32(this.end + 1, n);
      this.end += 5;
    } else {
      this.u8[this.end] = LENGTH_64;
      this.view.setUint32(this.end + 1, Math.floor(n / TWO_32));
      this.view.setUint32(this.end + 5, n % TWO_32);
      this.end += 9;
    }
  }

  /** A moment or another integer below 2^53, as 64 bits little endian. */
  int64(n: number): void {
    this.reserve(8);
    const hi = Math.floor(n / TWO_32);
    this.view.setInt32(this.end, n - hi * TWO_32, true);
    this.view.setInt32(this.end + 4, hi, true);
    this.end += 8;
  }

  double(x: number): void {
    this.reserve(8);
    this.view.setFloat64(this.end, x, true);
    this.end += 8;
  }

  /** Bytes as they are. */
  raw(u8: Uint8Array, view: DataView, off: number, n: number): void {
    this.reserve(n);
    copyBytes(this.u8, this.view, this.end, u8, view, off, n);
    this.end += n;
  }

  /** The CRC of all that was written so far, at the end: zeros where none is wanted. */
  checksum(): void {
    this.sum();
    this.reserve(8);
    if (this.options.checksum) this.crc.write(this.view, this.end);
    else this.view.setFloat64(this.end, 0);
    this.end += 8;
    this.summed = this.end; // nothing is to be said of the checksum itself
  }

  // ── strings ───────────────────────────────────────────────────────────────

  latin1(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.string(bytes, viewOf(bytes), 0, bytes.length);
  }

  slice(slice: Slice): void {
    this.string(slice.u8, slice.view, slice.off, slice.len);
  }

  /** A string in its shortest form: as an integer, packed, or as it is. */
  string(u8: Uint8Array, view: DataView, off: number, n: number): void {
    this.reserve(n + HEAD_BYTES);
    if (n <= INTEGER_CHARS && this.putInteger(parseInteger(u8, off, n))) return;
    if (n > COMPRESS_ABOVE && this.packs && this.options.compress && this.putPacked(u8, off, n)) return;
    this.putLength(n);
    copyBytes(this.u8, this.view, this.end, u8, view, off, n);
    this.end += n;
  }

  /** False for what is no integer of 32 bits. */
  private putInteger(n: number): boolean {
    const { u8, view, end } = this;
    if ((n | 0) !== n) return false;
    if (n >= -128 && n <= 127) {
      u8[end] = STRING_FORM.INT8;
      u8[end + 1] = n;
      this.end = end + 2;
    } else if (n >= -32_768 && n <= 32_767) {
      u8[end] = STRING_FORM.INT16;
      view.setInt16(end + 1, n, true);
      this.end = end + 3;
    } else {
      u8[end] = STRING_FORM.INT32;
      view.setInt32(end + 1, n, true);
      this.end = end + 5;
    }
    return true;
  }

  /** False for what does not become shorter. */
  private putPacked(u8: Uint8Array, off: number, n: number): boolean {
    const { lzf } = this;
    const packed = lzf.compress(u8, off, n, n - COMPRESS_GAIN);
    if (packed === 0) return false;
    this.u8[this.end++] = STRING_FORM.LZF;
    this.putLength(packed);
    this.putLength(n);
    this.u8.set(lzf.out.subarray(0, packed), this.end);
    this.end += packed;
    return true;
  }

  /** Entries of a listpack, which are `count`, as a string that is a whole one. */
  listpack(entries: Slice, count: number): void {
    const n = entries.len;
    this.frame(n + LISTPACK_FRAME);
    writeListpackHeader(this.framed, this.framedView, n, count);
    this.framed.set(entries.u8.subarray(entries.off, entries.off + n), LISTPACK_HEADER);
    this.string(this.framed, this.framedView, 0, n + LISTPACK_FRAME);
  }

  /** Integers of one width, as a string that is a whole intset. */
  intset(integers: Slice, width: number): void {
    const n = integers.len;
    this.frame(n + INTSET_HEADER);
    this.framedView.setUint32(0, width, true);
    this.framedView.setUint32(4, n / width, true);
    this.framed.set(integers.u8.subarray(integers.off, integers.off + n), INTSET_HEADER);
    this.string(this.framed, this.framedView, 0, n + INTSET_HEADER);
  }

  private frame(n: number): void {
    if (n <= this.framed.length && this.framed.length <= KEPT_BYTES) return;
    this.framed = new Uint8Array(Math.max(n, FIRST_BYTES));
    this.framedView = viewOf(this.framed);
  }
}
