/**
 * Forms of small collections that Redis wrote before version 7, turned into listpack entries.
 *
 *   ziplist   │ bytes u32 │ offset of the last entry u32 │ count u16 │ entry … │ FF │
 *   entry     │ size of the one before: 1 byte, or FE and u32 │ kind and length │ text or integer │
 *               00xxxxxx, 01xxxxxx x, 10…… u32 big endian       text of so many bytes
 *               C0 16 bits · D0 32 · E0 64 · F0 24 · FE 8       an integer, little endian
 *               F1 … FD                                         0 … 12
 *
 *   zipmap    │ count, FE = count them │ length │ field │ length │ free │ value │ so many free bytes │ … │ FF │
 *               a length is one byte up to 253, or FE and u32
 *
 * Nothing of it is believed: whatever does not fit to the byte is refused.
 */
import { viewOf } from '../base/bytes.js';
import { Slice } from '../base/slice.js';
import { Packed, readEntry } from '../keyspace/types/structures/listpack.js';

const ZIPLIST_HEADER = 10;
const END = 0xff;
/** A size or length of four bytes follows. */
const BIG = 0xfe;
const COUNT_UNKNOWN = 0xffff;
const ZIP_INT_8 = 0xfe;
const ZIP_INT_24 = 0xf0;
const FIRST_SMALL = 0xf1;
const LAST_SMALL = 0xfd;
const FIRST_BYTES = 1 << 12;
/** Room that was made for something big is given back. */
const KEPT_BYTES = 1 << 20;

/** Listpack entries in the making: `u8[0..end]`, which are `count`. Made once, used again and again. */
export class EntryList {
  u8 = new Uint8Array(FIRST_BYTES);
  view = viewOf(this.u8);
  end = 0;
  count = 0;
  /** Bytes of the longest value. */
  longest = 0;
  private readonly packed = new Packed();
  private readonly text = new Slice();

  clear(): void {
    this.end = this.count = this.longest = 0;
    if (this.u8.length <= KEPT_BYTES) return;
    this.u8 = new Uint8Array(FIRST_BYTES);
    this.view = viewOf(this.u8);
  }

  add(value: Slice): void {
    const end = this.end + this.packed.measure(value);
    if (end > this.u8.length) {
      const fresh = new Uint8Array(Math.max(end, this.u8.length * 2));
      fresh.set(this.u8.subarray(0, this.end));
      this.u8 = fresh;
      this.view = viewOf(fresh);
    }
    this.packed.write(this.u8, this.view, this.end);
    this.end = end;
    this.count++;
    if (value.len > this.longest) this.longest = value.len;
  }

  /** Gives all entries to a taker, in order. */
  each(take: (element: Slice) => void): void {
    for (let p = 0; p < this.end; ) {
      p = readEntry(this.u8, this.view, p, this.text);
      take(this.text);
    }
  }

  // ── ziplists ──────────────────────────────────────────────────────────────

  /** Takes over all entries of a ziplist; false if it is broken. */
  addZiplist({ u8, view, off, len: n }: Slice): boolean {
    if (n < ZIPLIST_HEADER + 1 || view.getUint32(off, true) !== n || u8[off + n - 1] !== END) return false;
    const stop = off + n - 1;
    const before = this.count;
    let last = 0;
    let p = off + ZIPLIST_HEADER;
    while (p < stop && u8[p] !== END) {
      const next = this.addZipEntry(u8, view, p, stop, last);
      if (next < 0) return false;
      last = next - p;
      p = next;
    }
    if (p !== stop || (last > 0 && view.getUint32(off + 4, true) !== p - last - off)) return false;
    const stated = view.getUint16(off + 8, true);
    return stated === COUNT_UNKNOWN || stated === this.count - before;
  }

  /** Takes the entry at p over; returns the place behind it, or −1. `size` is that of the entry before. */
  private addZipEntry(u8: Uint8Array, view: DataView, p: number, stop: number, size: number): number {
    let q = p + (u8[p] === BIG ? 5 : 1);
    if (q >= stop || (u8[p] === BIG ? view.getUint32(p + 1, true) : u8[p]) !== size) return -1;
    const kind = u8[q];
    const head = kind < 0x40 || kind >= 0xc0 ? 1 : kind < 0x80 ? 2 : 5;
    if (q + head > stop) return -1;
    const n = zipLength(u8, view, q);
    if (n < 0) return -1;
    q += head;
    if (q + n > stop) return -1;
    if (kind < 0xc0) this.text.set(u8, view, q, n);
    else this.readZipInteger(u8, view, q, kind);
    this.add(this.text);
    return q + n;
  }

  private readZipInteger(u8: Uint8Array, view: DataView, p: number, kind: number): void {
    const { text } = this;
    if (kind >= FIRST_SMALL && kind <= LAST_SMALL) text.integer(kind - FIRST_SMALL);
    else if (kind === ZIP_INT_8) text.integer(view.getInt8(p));
    else if (kind === 0xc0) text.integer(view.getInt16(p, true));
    else if (kind === ZIP_INT_24) text.integer((view.getInt16(p + 1, true) << 8) | u8[p]);
    else if (kind === 0xd0) text.integer(view.getInt32(p, true));
    else text.int64(view.getInt32(p + 4, true), view.getInt32(p, true));
  }

  // ── zipmaps ───────────────────────────────────────────────────────────────

  /** Takes over all fields and values of a zipmap; false if it is broken or empty. */
  addZipmap({ u8, view, off, len: n }: Slice): boolean {
    if (n < 2 || u8[off + n - 1] !== END) return false;
    const stop = off + n - 1;
    const before = this.count;
    let p = off + 1;
    while (p < stop && u8[p] !== END) {
      p = this.addMapText(u8, view, p, stop, 0);
      if (p < 0) return false;
      p = this.addMapText(u8, view, p, stop, 1);
      if (p < 0) return false;
    }
    const pairs = (this.count - before) / 2;
    return p === stop && pairs > 0 && (u8[off] === BIG || u8[off] === pairs);
  }

  /** A field, or a value with the count of its free bytes; returns the place behind, or −1. */
  private addMapText(u8: Uint8Array, view: DataView, p: number, stop: number, free: number): number {
    const head = u8[p] < BIG ? 1 : 5;
    if (u8[p] > BIG || p + head + free > stop) return -1;
    const n = head === 1 ? u8[p] : view.getUint32(p + 1, true);
    if (head === 5 && n < BIG) return -1;
    const at = p + head + free;
    const end = at + n + (free === 0 ? 0 : u8[p + head]);
    if (end > stop) return -1;
    this.add(this.text.set(u8, view, at, n));
    return end;
  }
}

/** Bytes of the content of a ziplist entry whose kind stands at q, or −1 for a kind that does not exist. */
function zipLength(u8: Uint8Array, view: DataView, q: number): number {
  const kind = u8[q];
  if (kind < 0x40) return kind;
  if (kind < 0x80) return ((kind & 63) << 8) | u8[q + 1];
  if (kind < 0xc0) return view.getUint32(q + 1);
  if (kind >= FIRST_SMALL && kind <= LAST_SMALL) return 0;
  return INTEGER_BYTES.get(kind) ?? -1;
}

const INTEGER_BYTES: ReadonlyMap<number, number> = new Map([
  [ZIP_INT_8, 1],
  [0xc0, 2],
  [ZIP_INT_24, 3],
  [0xd0, 4],
  [0xe0, 8],
]);
