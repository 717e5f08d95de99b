/**
 * Bytes of an RDB file as they arrive, in any split, and the reading of lengths and strings from them.
 *
 *   fed earlier, not used │ fed now                 a reader tries to read a whole thing; where bytes are missing it
 *                     p ▸ ........... end           goes back to the start of it and waits until enough are there
 *
 * What a feed leaves over is kept, so no more is ever held than one thing (a key with a string, an element) and one
 * feed. Room grows with the bytes that came, whatever lengths they state. What a text looks at is good until the next
 * feed.
 *
 * HOT. Results are numbers: OK or a length from 0 on, and below zero what went wrong.
 */
import { viewOf } from '../base/bytes.js';
import { Crc64 } from '../base/crc64.js';
import { LZF_MOST, lzfDecompress } from '../base/lzf.js';
import { Slice } from '../base/slice.js';
import { LENGTH_32, LENGTH_64, STRING_FORM } from './rdb-layout.js';

export const OK = 0;
/** Not all bytes are there yet. */
export const MORE = -1;
/** The bytes are broken. */
export const BAD = -2;
/** A string follows that is not written as it is: `form` says how. */
const FORM = -3;

const TWO_32 = 0x100000000;
/** No longer string is taken: neither an array nor the arena hold it. */
const MAX_STRING = 0x7fff0000;
/** Room that was made for something big is given back. */
const KEPT_BYTES = 1 << 20;
const FIRST_BYTES = 1 << 12;

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = viewOf(NO_BYTES);

/** A string that was read: where it lies in the input, or unpacked in room of its own. */
export class RdbText extends Slice {
  private room = NO_BYTES;
  private roomView = NO_VIEW;

  /** Unpacks n bytes of LZF into `length` ones; false if they are broken. */
  unpack(u8: Uint8Array, off: number, n: number, length: number): boolean {
    if (this.room.length < length || this.room.length > KEPT_BYTES) {
      this.room = new Uint8Array(Math.max(length, FIRST_BYTES));
      this.roomView = viewOf(this.room);
    }
    if (!lzfDecompress(u8, off, n, this.room, length)) return false;
    this.set(this.room, this.roomView, 0, length);
    return true;
  }
}

export class RdbInput {
  u8: Uint8Array = NO_BYTES;
  view: DataView = NO_VIEW;
  /** The next byte, and the one behind the last. */
  p = 0;
  end = 0;
  readonly crc = new Crc64();
  /** After a retreat: how many bytes must be there before it is worth to try again. */
  wanted = 0;
  private store = NO_BYTES;
  private form = 0;
  /** Up to where bytes are counted into the checksum; where the last read that failed would have ended. */
  private checked = 0;
  private needed = 0;

  constructor(private readonly checksum: boolean) {}

  /** Takes bytes behind those that are left. They must stay in place until `keep`. */
  accept(bytes: Uint8Array): void {
    if (this.p === this.end) {
      this.look(bytes, 0, bytes.length);
      return;
    }
    const held = this.end - this.p;
    const ahead = this.checked - this.p;
    if (this.store.length < held + bytes.length) {
      const fresh = new Uint8Array(Math.max(held + bytes.length, this.store.length * 2, FIRST_BYTES));
      fresh.set(this.u8.subarray(this.p, this.end));
      this.store = fresh;
    } else if (this.p > 0) this.store.copyWithin(0, this.p, this.end);
    this.store.set(bytes, held);
    this.look(this.store, 0, held + bytes.length);
    this.checked = ahead;
  }

  private look(u8: Uint8Array, p: number, end: number): void {
    if (this.u8 !== u8) {
      this.u8 = u8;
      this.view = viewOf(u8);
    }
    this.p = this.checked = p;
    this.end = end;
  }

  /** Makes what is left one's own: the bytes of the last feed may go. */
  keep(): void {
    this.countChecksum(this.p);
    const held = this.end - this.p;
    if (held === 0) {
      if (this.store.length > KEPT_BYTES) this.store = NO_BYTES;
      this.look(NO_BYTES, 0, 0);
      return;
    }
    if (this.u8 === this.store) return;
    const ahead = this.checked - this.p;
    if (this.store.length < held) this.store = new Uint8Array(Math.max(held, FIRST_BYTES));
    this.store.set(this.u8.subarray(this.p, this.end));
    this.look(this.store, 0, held);
    this.checked = ahead;
  }

  /** More of a long thing is to come: what is there is counted now, not all at once when it is complete. */
  wait(): void {
    this.countChecksum(this.end);
    this.keep();
  }

  /** Brings the checksum up to a place. */
  countChecksum(to: number): void {
    if (to <= this.checked) return;
    if (this.checksum) this.crc.update(this.u8, this.view, this.checked, to - this.checked);
    this.checked = to;
  }

  /** Goes back to `start`, to try again when the bytes are there that were missed; gives MORE. */
  retreat(start: number): number {
    this.p = start;
    this.wanted = this.needed - start;
    return MORE;
  }

  /** Whether n bytes are there. */
  has(n: number): boolean {
    if (this.p + n <= this.end) return true;
    this.needed = this.p + n;
    return false;
  }

  /** A byte, or MORE. */
  byte(): number {
    return this.has(1) ? this.u8[this.p++] : MORE;
  }

  /** A length, MORE or BAD. */
  length(): number {
    const n = this.lengthOrForm();
    return n === FORM ? BAD : n;
  }

  private lengthOrForm(): number {
    if (!this.has(1)) return MORE;
    const { u8, view, p } = this;
    const b = u8[p];
    if (b < 64) {
      this.p = p + 1;
      return b;
    }
    if (b < 128) {
      if (!this.has(2)) return MORE;
      this.p = p + 2;
      return ((b & 63) << 8) | u8[p + 1];
    }
    if (b >= STRING_FORM.INT8) {
      this.form = b;
      this.p = p + 1;
      return FORM;
    }
    if (b === LENGTH_32) {
      if (!this.has(5)) return MORE;
      this.p = p + 5;
      return view.getUint32(p + 1);
    }
    if (b !== LENGTH_64) return BAD;
    if (!this.has(9)) return MORE;
    this.p = p + 9;
    return view.getUint32(p + 1) * TWO_32 + view.getUint32(p + 5);
  }

  /** Begins a string of n bytes as they are, of which not all are there; else −1, and the input stays where it was. */
  longString(least: number): number {
    const start = this.p;
    const n = this.lengthOrForm();
    if (n >= least && n <= MAX_STRING && n > this.end - this.p) return n;
    this.p = start;
    return -1;
  }

  /** A string: OK, MORE or BAD. */
  text(out: RdbText): number {
    const n = this.lengthOrForm();
    if (n >= 0) {
      if (n > MAX_STRING) return BAD;
      if (!this.has(n)) return MORE;
      out.set(this.u8, this.view, this.p, n);
      this.p += n;
      return OK;
    }
    if (n !== FORM) return n;
    return this.form === STRING_FORM.LZF ? this.packed(out) : this.integer(out);
  }

  private integer(out: RdbText): number {
    if (this.form > STRING_FORM.INT32) return BAD;
    const bytes = 1 << (this.form - STRING_FORM.INT8);
    if (!this.has(bytes)) return MORE;
    const { view, p } = this;
    if (bytes === 1) out.integer(view.getInt8(p));
    else out.integer(bytes === 2 ? view.getInt16(p, true) : view.getInt32(p, true));
    this.p = p + bytes;
    return OK;
  }

  private packed(out: RdbText): number {
    const n = this.length();
    if (n < 0) return n;
    const length = this.length();
    if (length < 0) return length;
    if (length > MAX_STRING || length > n * LZF_MOST) return BAD;
    if (!this.has(n)) return MORE;
    this.p += n;
    return out.unpack(this.u8, this.p - n, n, length) ? OK : BAD;
  }

  /** Eight bytes, little endian, as an integer (rounded beyond 2^53): after `has(8)`. */
  int64(): number {
    this.p += 8;
    return this.view.getInt32(this.p - 4, true) * TWO_32 + this.view.getUint32(this.p - 8, true);
  }

  double(): number {
    this.p += 8;
    return this.view.getFloat64(this.p - 8, true);
  }
}

const MODULE_NAME_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MODULE_NAME_LENGTH = 9;
const MODULE_ID_BYTES = 9;

/** Steps over the id of a module's type, and gives its name: nine letters of six bits each. MORE if it is not there. */
export function moduleName(input: RdbInput): string | typeof MORE {
  if (!input.has(MODULE_ID_BYTES)) return MORE;
  let id = input.view.getBigUint64(input.p + 1) >> 10n;
  input.p += MODULE_ID_BYTES;
  let name = '';
  for (let i = 0; i < MODULE_NAME_LENGTH; i++, id >>= 6n) name = MODULE_NAME_CHARS[Number(id & 63n)] + name;
  return name;
}
