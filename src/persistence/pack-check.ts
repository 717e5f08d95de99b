/**
 * Whether listpack entries that came from outside make a sound small collection: nothing twice, scores in order.
 *
 * That the entries themselves are well formed is known by then (`checkListpack`). Fields are compared by what they say,
 * not by their bytes: a stranger may write the number 5 in four ways.
 *
 * HOT: every small hash and sorted set that is loaded passes here. Costs about 40 ns a field.
 */
import { compareBytes } from '../base/bytes.js';
import { parseDouble } from '../base/numbers.js';
import { Slice } from '../base/slice.js';
import type { KeyHasher } from '../keyspace/hash.js';
import { INTSET_HEADER } from '../keyspace/types/structures/intset.js';
import { entryNumber, readEntry, skipEntry } from '../keyspace/types/structures/listpack.js';

const FIRST_PLACES = 1024;
/** Room that was made for something big is given back. */
const KEPT_PLACES = 1 << 16;

export class PackCheck {
  private readonly field = new Slice();
  private readonly other = new Slice();
  /** Places of fields (+ 1, 0 = free) by their hash, and the hashes beside them. */
  private places = new Int32Array(FIRST_PLACES);
  private hashes = new Int32Array(FIRST_PLACES);

  constructor(private readonly hasher: KeyHasher) {}

  /** Whether every other one of `count` entries, the first included, stands there only once. */
  fieldsDiffer({ u8, view, off }: Slice, count: number): boolean {
    const { field, hasher } = this;
    const mask = this.clear(count);
    let p = off;
    for (let n = count >> 1; n > 0; n--) {
      const next = readEntry(u8, view, p, field);
      const hash = hasher.hash(field.u8, field.view, field.off, field.len);
      if (!this.note(u8, view, p, hash, mask)) return false;
      p = skipEntry(u8, view, next);
    }
    return true;
  }

  /** Makes room for half as many fields, twice over; returns the mask of a place. */
  private clear(count: number): number {
    let size = 16;
    while (size < count) size *= 2;
    if (size > this.places.length || this.places.length > KEPT_PLACES) {
      this.places = new Int32Array(Math.max(size, FIRST_PLACES));
      this.hashes = new Int32Array(Math.max(size, FIRST_PLACES));
    } else this.places.fill(0, 0, size);
    return size - 1;
  }

  /** False if what `field` looks at was noted before. */
  private note(u8: Uint8Array, view: DataView, p: number, hash: number, mask: number): boolean {
    const { places, hashes, other } = this;
    let i = hash & mask;
    for (; places[i] !== 0; i = (i + 1) & mask) {
      if (hashes[i] !== hash) continue;
      readEntry(u8, view, places[i] - 1, other);
      if (other.equals(this.field)) return false;
    }
    places[i] = p + 1;
    hashes[i] = hash;
    return true;
  }

  /** Whether members and scores stand in the order of a sorted set, and every score is a number. */
  scoresAscend({ u8, view, off }: Slice, count: number): boolean {
    const { field, other } = this;
    let last = Number.NEGATIVE_INFINITY;
    let before = -1;
    let p = off;
    for (let n = count >> 1; n > 0; n--) {
      const member = p;
      p = skipEntry(u8, view, p);
      const score = this.scoreAt(u8, view, p);
      if (!(score >= last)) return false;
      if (score === last && before >= 0) {
        readEntry(u8, view, before, other);
        readEntry(u8, view, member, field);
        if (compareBytes(other.u8, other.off, other.len, field.u8, field.off, field.len) >= 0) return false;
      }
      last = score;
      before = member;
      p = skipEntry(u8, view, p);
    }
    return true;
  }

  private scoreAt(u8: Uint8Array, view: DataView, p: number): number {
    const n = entryNumber(u8, view, p);
    if (!Number.isNaN(n)) return n;
    readEntry(u8, view, p, this.other);
    return parseDouble(this.other.u8, this.other.off, this.other.len);
  }
}

/** Whether the bytes are a whole intset: of a known width, in order, not empty. */
export function isIntset(view: DataView, off: number, n: number): boolean {
  if (n < INTSET_HEADER) return false;
  const width = view.getUint32(off, true);
  if (width !== 2 && width !== 4 && width !== 8) return false;
  const count = view.getUint32(off + 4, true);
  if (count === 0 || INTSET_HEADER + count * width !== n) return false;
  const first = off + INTSET_HEADER;
  for (let p = first + width; p < off + n; p += width) if (!ascends(view, p - width, p, width)) return false;
  return true;
}

function ascends(view: DataView, a: number, b: number, width: number): boolean {
  if (width === 2) return view.getInt16(a, true) < view.getInt16(b, true);
  if (width === 4) return view.getInt32(a, true) < view.getInt32(b, true);
  const aHigh = view.getInt32(a + 4, true);
  const bHigh = view.getInt32(b + 4, true);
  return aHigh < bHigh || (aHigh === bHigh && view.getUint32(a, true) < view.getUint32(b, true));
}
