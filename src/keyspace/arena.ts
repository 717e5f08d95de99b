/**
 * Byte allocator outside the JavaScript heap: the garbage collector never sees a key.
 *
 *   address (int32 bit pattern, unit 8 bytes -> 32 GiB; 0 = null)
 *   31           21 20                  9 8            0
 *   +--------------+---------------------+--------------+
 *   | segment (11) |  page 4 KiB (12)    | unit (9)     |
 *   +--------------+---------------------+--------------+
 *
 *   segment 16 MiB | page | page | page | ... 4096 pages, mapped lazily by the system
 *                  \_ slab: 1..8 pages of ONE size class __/ \_ run: > 14 KiB _/
 *   slab           | obj | obj | free -> next free | ... | never used yet |
 *
 * Small sizes (<= 14 KiB) come from slabs, with four classes per doubling; medium ones are runs of whole pages;
 * above 4 MiB an allocation has a segment (and typed arrays) of its own, which may be longer than 16 MiB. The first
 * segment is short: V8 counts what is reserved, and collects its garbage more often for a server that holds little.
 * An empty slab gives its pages back at once. An empty segment, and all of them after reset, rest for a while: fresh
 * pages are dear, and a database that is emptied is often filled again. What nobody wants returns to the system.
 *
 * HOT. An address is good until the next free or realloc of it; a typed array of a segment until the next alloc.
 * Page metadata lives in typed arrays indexed by global page number (address >>> 9). bench: SET
 */

const SEG_SHIFT = 21,
  SEG_MASK = 0x1fffff,
  SEG_BYTES = 1 << 24,
  FIRST_SEG_BYTES = 1 << 20;
const PAGE_SHIFT = 9,
  PAGE_BYTES = 4096,
  SEG_PAGES = 4096,
  MAX_SEGS = 2048;
const SMALL_MAX = 14336,
  LARGE_MIN = 4 * 1024 * 1024;
const CLASS_RUN = 254,
  CLASS_LARGE = 255,
  CLASS_FREE = 0;

const classBytes: number[] = [0];
for (let s = 8; s <= 128; s += 8) classBytes.push(s);
for (let base = 128; base < SMALL_MAX; base *= 2) {
  for (let q = 1; q <= 4; q++) if (base + (base >> 2) * q <= SMALL_MAX) classBytes.push(base + (base >> 2) * q);
}
const CLASSES = classBytes.length;
const CLASS_BYTES = Int32Array.from(classBytes);
const CLASS_PAGES = new Int32Array(CLASSES),
  CLASS_CAP = new Int32Array(CLASSES);
/** Size class by (bytes + 7) >>> 3. */
const CLASS_OF = new Uint8Array((SMALL_MAX >> 3) + 1);
for (let c = 1; c < CLASSES; c++) {
  let best = 1,
    bestWaste = 1;
  for (let n = 1; n <= 8; n++) {
    const waste = ((n * PAGE_BYTES) % classBytes[c]) / (n * PAGE_BYTES);
    if (n * PAGE_BYTES >= classBytes[c] && waste < bestWaste - 0.01) {
      best = n;
      bestWaste = waste;
    }
  }
  CLASS_PAGES[c] = best;
  CLASS_CAP[c] = Math.floor((best * PAGE_BYTES) / classBytes[c]);
  for (let u = classBytes[c - 1] / 8 + 1; u <= classBytes[c] / 8; u++) CLASS_OF[u] = c;
}

const NO_I32 = new Int32Array(0),
  NO_U8 = new Uint8Array(0),
  NO_F64 = new Float64Array(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));

export class Arena {
  /** The same memory of every segment through four kinds of glasses. */
  readonly i32: Int32Array[] = [];
  readonly u8: Uint8Array[] = [];
  readonly f64: Float64Array[] = [];
  readonly view: DataView[] = [];
  /** Bytes handed out (rounded to classes) and bytes of segments held. */
  used = 0;
  reserved = 0;

  private head = new Int32Array(0); // page -> first page of its slab or run
  private runLen = new Int32Array(0); // first page of a slab/run/free run -> pages
  private cls = new Uint8Array(0); // first page -> size class, CLASS_RUN, ...
  private freeObj = new Int32Array(0); // slab -> first free object (address)
  private inUse = new Int32Array(0); // slab -> objects in use
  private fresh = new Int32Array(0); // slab -> objects ever handed out
  private next = new Int32Array(0); // slab -> next/prev slab with room, per class
  private prev = new Int32Array(0);
  private partial = new Int32Array(CLASSES);
  private segFree: number[] = []; // segment -> free pages (-1: large or gone)
  private segHint: number[] = []; // segment -> no free page before this one
  private deadSegs: number[] = [];
  private readonly resting: ArrayBufferLike[] = []; // of full length
  private unwanted = 0; // how many of them rested at all times since the last look

  alloc(bytes: number): number {
    if (bytes > SMALL_MAX) return bytes >= LARGE_MIN ? this.allocLarge(bytes) : this.allocRun(bytes);
    const c = CLASS_OF[(bytes + 7) >>> 3];
    let s = this.partial[c];
    if (s === 0) s = this.newSlab(c);
    let addr = this.freeObj[s];
    if (addr !== 0) this.freeObj[s] = this.i32[addr >>> SEG_SHIFT][(addr & SEG_MASK) << 1];
    else addr = ((s << PAGE_SHIFT) + this.fresh[s]++ * (CLASS_BYTES[c] >> 3)) | 0;
    if (++this.inUse[s] === CLASS_CAP[c]) this.unlink(s, c);
    this.used += CLASS_BYTES[c];
    return addr;
  }

  free(addr: number): void {
    const s = this.head[addr >>> PAGE_SHIFT],
      c = this.cls[s];
    if (c >= CLASS_RUN) {
      this.freeRunOrLarge(s, c);
      return;
    }
    this.used -= CLASS_BYTES[c];
    this.i32[addr >>> SEG_SHIFT][(addr & SEG_MASK) << 1] = this.freeObj[s];
    this.freeObj[s] = addr;
    const left = --this.inUse[s];
    if (left === CLASS_CAP[c] - 1) this.link(s, c);
    // The only slab of a class is kept, so that alloc/free in turns stays cheap.
    if (left === 0 && (this.next[s] !== 0 || this.prev[s] !== 0)) {
      this.unlink(s, c);
      this.releasePages(s);
    }
  }

  /** Bytes that fit at addr without moving. */
  capacity(addr: number): number {
    const s = this.head[addr >>> PAGE_SHIFT],
      c = this.cls[s];
    if (c < CLASS_RUN) return CLASS_BYTES[c];
    return c === CLASS_RUN ? this.runLen[s] * PAGE_BYTES : this.u8[addr >>> SEG_SHIFT].length;
  }

  /** True when `bytes` fit at addr and would not waste more than half of it. */
  fits(addr: number, bytes: number): boolean {
    const cap = this.capacity(addr);
    return bytes <= cap && (bytes * 2 >= cap || cap <= 32);
  }

  /** Moves to a new size, keeping the first `keep` bytes; the old address dies. */
  realloc(addr: number, bytes: number, keep: number): number {
    const fresh = this.alloc(bytes);
    const from = (addr & SEG_MASK) << 3;
    this.u8[fresh >>> SEG_SHIFT].set(this.u8[addr >>> SEG_SHIFT].subarray(from, from + keep), (fresh & SEG_MASK) << 3);
    this.free(addr);
    return fresh;
  }

  /** Bytes of segments, with those that rest. */
  get held(): number {
    return this.reserved + this.resting.length * SEG_BYTES;
  }

  /** Forgets everything at once. */
  reset(): void {
    for (const { buffer } of this.u8) this.rest(buffer);
    this.i32.length = this.u8.length = this.f64.length = this.view.length = 0;
    this.segFree.length = this.segHint.length = this.deadSegs.length = 0;
    this.partial.fill(0);
    this.used = this.reserved = 0;
  }

  // ---- slabs -------------------------------------------------------------

  private newSlab(c: number): number {
    const s = this.takePages(CLASS_PAGES[c], c);
    this.freeObj[s] = this.inUse[s] = this.fresh[s] = 0;
    this.link(s, c);
    return s;
  }

  private link(s: number, c: number): void {
    const first = this.partial[c];
    this.next[s] = first;
    this.prev[s] = 0;
    if (first !== 0) this.prev[first] = s;
    this.partial[c] = s;
  }

  private unlink(s: number, c: number): void {
    const n = this.next[s],
      p = this.prev[s];
    if (p !== 0) this.next[p] = n;
    else this.partial[c] = n;
    if (n !== 0) this.prev[n] = p;
    this.next[s] = this.prev[s] = 0;
  }

  // ---- runs of pages -----------------------------------------------------

  private allocRun(bytes: number): number {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const s = this.takePages(pages, CLASS_RUN);
    this.used += pages * PAGE_BYTES;
    return (s << PAGE_SHIFT) | 0;
  }

  /** First fit over the free runs of the first segment that has one. */
  private takePages(n: number, c: number): number {
    for (let seg = 0; seg < this.segFree.length; seg++) {
      if (this.segFree[seg] < n) continue;
      const stop = (seg + 1) * SEG_PAGES;
      let firstFree = 0;
      for (let p = this.segHint[seg]; p < stop; p += this.runLen[p]) {
        if (this.cls[p] !== CLASS_FREE) continue;
        while (p + this.runLen[p] < stop && this.cls[p + this.runLen[p]] === CLASS_FREE)
          this.runLen[p] += this.runLen[p + this.runLen[p]];
        if (firstFree === 0) firstFree = p;
        if (this.runLen[p] >= n) {
          this.segHint[seg] = firstFree === p ? p + n : firstFree;
          return this.carve(seg, p, n, c);
        }
      }
      if (firstFree !== 0) this.segHint[seg] = firstFree;
    }
    this.addSegment();
    return this.takePages(n, c); // the first one may be too short, the next one is not
  }

  private carve(seg: number, p: number, n: number, c: number): number {
    const rest = this.runLen[p] - n;
    if (rest > 0) {
      this.runLen[p + n] = rest;
      this.cls[p + n] = CLASS_FREE;
    }
    this.runLen[p] = n;
    this.cls[p] = c;
    for (let i = 0; i < n; i++) this.head[p + i] = p;
    this.segFree[seg] -= n;
    return p;
  }

  private releasePages(p: number): void {
    const seg = Math.floor(p / SEG_PAGES);
    this.cls[p] = CLASS_FREE;
    this.segFree[seg] += this.runLen[p];
    if (p < this.segHint[seg]) this.segHint[seg] = p;
    if (this.segFree[seg] === SEG_PAGES) this.dropSegment(seg, SEG_BYTES);
  }

  private freeRunOrLarge(p: number, c: number): void {
    const seg = Math.floor(p / SEG_PAGES);
    if (c === CLASS_RUN) {
      this.used -= this.runLen[p] * PAGE_BYTES;
      this.releasePages(p);
    } else {
      const bytes = this.u8[seg].length;
      this.used -= bytes;
      this.dropSegment(seg, bytes);
    }
  }

  // ---- segments ----------------------------------------------------------

  /** One free run of pages, behind page 0 of all, whose address 0 is null. What a short one lacks is never free. */
  private addSegment(): void {
    const isFirst = this.u8.length === 0;
    const bytes = isFirst ? FIRST_SEG_BYTES : SEG_BYTES;
    const seg = this.newSegment(bytes);
    const begin = seg * SEG_PAGES + (isFirst ? 1 : 0);
    const end = seg * SEG_PAGES + bytes / PAGE_BYTES;
    this.cls[begin] = CLASS_FREE;
    this.runLen[begin] = this.segFree[seg] = end - begin;
    this.segHint[seg] = begin;
    if (!isFirst) return;
    this.cls[end] = CLASS_RUN;
    this.runLen[end] = SEG_PAGES - end;
  }

  private allocLarge(bytes: number): number {
    if (this.u8.length === 0) this.addSegment();
    const rounded = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    const seg = this.newSegment(rounded);
    const p = seg * SEG_PAGES;
    this.segFree[seg] = -1;
    this.cls[p] = CLASS_LARGE;
    this.head[p] = p;
    this.used += rounded;
    return (seg << SEG_SHIFT) | 0;
  }

  private newSegment(bytes: number): number {
    const seg = this.deadSegs.pop() ?? this.u8.length;
    if (seg >= MAX_SEGS) throw new RangeError('arena: out of address space');
    const memory = (bytes === SEG_BYTES && this.wake()) || new ArrayBuffer(bytes); // pages cost nothing until touched
    this.i32[seg] = new Int32Array(memory);
    this.u8[seg] = new Uint8Array(memory);
    this.f64[seg] = new Float64Array(memory);
    this.view[seg] = new DataView(memory);
    this.reserved += bytes;
    if ((seg + 1) * SEG_PAGES > this.head.length) this.growPageTables((seg + 1) * SEG_PAGES);
    return seg;
  }

  private rest(memory: ArrayBufferLike): void {
    if (memory.byteLength === SEG_BYTES) this.resting.push(memory);
  }

  private wake(): ArrayBufferLike | undefined {
    const memory = this.resting.pop();
    this.unwanted = Math.min(this.unwanted, this.resting.length);
    return memory;
  }

  /** Gives back the segments that have rested since the call before. */
  tidy(): void {
    this.resting.splice(0, this.unwanted);
    this.unwanted = this.resting.length;
  }

  /** Gives back all that rest. */
  purge(): void {
    this.resting.length = this.unwanted = 0;
  }

  private dropSegment(seg: number, bytes: number): void {
    this.rest(this.u8[seg].buffer);
    this.i32[seg] = NO_I32;
    this.u8[seg] = NO_U8;
    this.f64[seg] = NO_F64;
    this.view[seg] = NO_VIEW;
    this.segFree[seg] = -1;
    this.reserved -= bytes;
    this.deadSegs.push(seg);
  }

  private growPageTables(pages: number): void {
    const n = Math.max(pages, Math.ceil(this.head.length * 1.25));
    const grow = (a: Int32Array): Int32Array<ArrayBuffer> => {
      const b = new Int32Array(n);
      b.set(a);
      return b;
    };
    this.head = grow(this.head);
    this.runLen = grow(this.runLen);
    this.freeObj = grow(this.freeObj);
    this.inUse = grow(this.inUse);
    this.fresh = grow(this.fresh);
    this.next = grow(this.next);
    this.prev = grow(this.prev);
    const cls = new Uint8Array(n);
    cls.set(this.cls);
    this.cls = cls;
  }
}
