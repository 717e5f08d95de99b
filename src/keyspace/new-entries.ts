/**
 * Making entries: a fresh one, or one that takes the place of another because it needs more room, less, or a time of
 * death. The layout is drawn in entry.ts.
 *
 *   newEntry ▸ header and key are written, a record is zeroed; a string's bytes are whatever was there
 *   move     ▸ newEntry of the same key + inherit + replace in the table; the old one is the caller's to free
 *
 * HOT. `w` is a segment's words, `i` an entry's first word in it. An address is good until the next write. bench: SET
 */
import { copyBytes } from '../base/bytes.js';
import { Directory } from './directory.js';
import {
  EMITTED,
  EXTRA,
  HEADER_BYTES,
  IMMORTAL,
  KIND_SHIFT,
  LENS,
  LONG,
  LONG_BYTES,
  LONG_KEY,
  LONG_VALUE,
  META,
  RECORD_BYTES,
  SEG_MASK,
  SEG_SHIFT,
  STRING_EMBSTR,
} from './entry.js';

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);
/** Bits of `meta` that go with a value to another key, and with a key when its entry moves. */
export const LAST_USE = ~0xff;
const INHERITED = LAST_USE | EMITTED;

export class NewEntries extends Directory {
  /** An entry that hangs in no table: `hang` or `link` puts it there, `release` frees it. */
  newEntry(
    src: Uint8Array,
    view: DataView,
    off: number,
    keyLength: number,
    kind: number,
    at: number,
    room: number,
  ): number {
    const { arena } = this;
    const recordBytes = RECORD_BYTES[kind];
    const n = recordBytes === 0 ? room : 0;
    const extra = at === IMMORTAL ? 0 : EXTRA;
    const long = keyLength >= LONG_KEY || n >= LONG_VALUE ? LONG : 0;
    const keyAt = HEADER_BYTES + extra + (long === 0 ? 0 : LONG_BYTES + recordBytes);
    const behindKey = keyAt + keyLength;
    const e = arena.alloc(recordBytes === 0 || long !== 0 ? behindKey + n : ((behindKey + 7) & ~7) + recordBytes);
    const seg = e >>> SEG_SHIFT;
    const w = arena.i32[seg];
    const i = (e & SEG_MASK) << 1;
    w[i + META] = extra | long | (kind << KIND_SHIFT) | this.engine.usageBits;
    w[i + LENS] = keyLength < LONG_KEY ? keyLength | (long !== 0 ? 0 : n << 8) : LONG_KEY;
    if (long !== 0) {
      w[i + 4 + (extra >> 2)] = keyLength;
      w[i + 5 + (extra >> 2)] = n;
    }
    if (extra !== 0) arena.f64[seg][(e & SEG_MASK) + 2] = at;
    copyBytes(arena.u8[seg], arena.view[seg], (i << 2) + keyAt, src, view, off, keyLength);
    if (recordBytes !== 0) {
      const r = (this.record(e) & SEG_MASK) << 1;
      for (let x = recordBytes >> 2; x > 0; x--) w[r + x - 1] = 0;
    }
    return e;
  }

  /** Puts an entry of the same key in the place of e: one of another size, or with room for a time of death. */
  protected move(e: number, kind: number, at: number, n: number): number {
    const t = this.tableOf(e);
    const fresh = this.newEntry(this.bytes(e), this.view(e), this.keyOffset(e), this.keyLength(e), kind, at, n);
    this.inherit(fresh, e, INHERITED);
    this.replace(e, fresh, t);
    return fresh;
  }

  protected inherit(fresh: number, e: number, bits: number): void {
    const w = this.arena.i32[fresh >>> SEG_SHIFT];
    const i = ((fresh & SEG_MASK) << 1) + META;
    w[i] = (w[i] & ~bits) | (this.meta(e) & bits);
  }

  /** An empty collection that hangs in no table: a result in the making. It goes to `adopt` or to `release`. */
  draft(kind: number): number {
    return this.newEntry(NO_BYTES, NO_VIEW, 0, 0, kind, IMMORTAL, 0);
  }

  /** The bytes of a string are copied; what a collection's record points to changes hands. */
  protected moveValue(e: number, fresh: number): void {
    if (this.kind(e) > STRING_EMBSTR) {
      this.copyRecord(e, fresh);
      this.engine.snapshot?.recordMoved(this.record(e), this.record(fresh));
    } else this.putBytes(fresh, 0, this.bytes(e), this.view(e), this.valueOffset(e), this.valueLength(e));
  }

  /** Copies n bytes into a string from `from` on; they must lie within its length. */
  putBytes(e: number, from: number, src: Uint8Array, view: DataView, off: number, n: number): void {
    copyBytes(this.bytes(e), this.view(e), this.valueOffset(e) + from, src, view, off, n);
  }
}
