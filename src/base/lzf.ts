/**
 * LZF, the compression of strings in RDB files: the same choices as in the C library, so the same bytes come out.
 *
 *   000LLLLL  L+1 bytes                     so many bytes as they are: 1 to 32
 *   LLLooooo oooooooo                       L+2 bytes from o+1 bytes back: 3 to 8
 *   111ooooo LLLLLLLL oooooooo              L+9 bytes from o+1 bytes back: 9 to 264
 *
 * The compressor remembers where each three bytes stood last, by a hash of them. Its table is never cleared: places
 * count on from call to call, and what lies before the present text is as good as empty.
 *
 * HOT. `p` runs through the text, `q` through the result, `run` counts the literals gathered before q.
 */

const HASH_BITS = 16;
const HASH_MASK = (1 << HASH_BITS) - 1;
const MAX_RUN = 32;
const MAX_DISTANCE = 1 << 13;
const MAX_MATCH = 264;
const UNBOUNDED = 16;
/** Places start again here, well before they leave 31 bits. */
const LAST_PLACE = 1 << 30;

/** The most that n compressed bytes can become: three of them make 264. */
export const LZF_MOST = 88;

const NO_BYTES = new Uint8Array(0);
const NO_PLACES = new Int32Array(0);

export class LzfCompressor {
  /** The result of the last call: `out[0..]`. */
  out: Uint8Array = NO_BYTES;
  /** Made when it is needed: many a writer never packs anything. */
  private table = NO_PLACES;
  private base = 0;

  /** Compresses n bytes at `off` into `out`; 0 if the result would take more than `most` bytes. */
  compress(src: Uint8Array, off: number, n: number, most: number): number {
    if (n === 0 || most <= 0) return 0;
    if (this.table === NO_PLACES) this.table = new Int32Array(1 << HASH_BITS);
    if (this.out.length < most) this.out = new Uint8Array(Math.max(most, this.out.length * 2));
    if (this.base > LAST_PLACE - n) {
      this.table.fill(0);
      this.base = 0;
    }
    const written = this.squeeze(src, off, n, most);
    this.base += n;
    return written;
  }

  private squeeze(src: Uint8Array, off: number, n: number, most: number): number {
    const { table, out } = this;
    /** A place in the table is that in the text plus this. */
    const bias = this.base - off;
    const end = off + n;
    let p = off;
    let q = 1;
    let run = 0;
    let three = (src[p] << 8) | src[p + 1];
    while (p < end - 2) {
      three = ((three << 8) | src[p + 2]) & 0xffffff;
      const slot = ((three >> 8) - three * 5) & HASH_MASK;
      const ref = table[slot] - bias;
      table[slot] = p + bias;
      const back = p - ref - 1;
      if (ref > off && back < MAX_DISTANCE && sameThree(src, ref, p)) {
        if (q + 4 >= most && q - (run === 0 ? 1 : 0) + 4 >= most) return 0;
        if (run === 0) q--;
        else out[q - run - 1] = run - 1;
        const length = matchLength(src, ref, p, end);
        q = writeMatch(out, q, back, length);
        run = 0;
        q++;
        p += length;
        if (p >= end - 2) break;
        // The last two places of the match are remembered, the others are not: so it is fast.
        for (let r = p - 2; r < p; r++) {
          const at = (src[r] << 16) | (src[r + 1] << 8) | src[r + 2];
          table[((at >> 8) - at * 5) & HASH_MASK] = r + bias;
        }
        three = (src[p] << 8) | src[p + 1];
        continue;
      }
      if (q >= most) return 0;
      run++;
      out[q++] = src[p++];
      if (run === MAX_RUN) {
        out[q - run - 1] = run - 1;
        run = 0;
        q++;
      }
    }
    return q + 3 > most ? 0 : finish(src, p, end, out, q, run);
  }
}

function sameThree(src: Uint8Array, a: number, b: number): boolean {
  return src[a] === src[b] && src[a + 1] === src[b + 1] && src[a + 2] === src[b + 2];
}

/** How many bytes from p on repeat those from ref on; the first three are known to. */
function matchLength(src: Uint8Array, ref: number, p: number, end: number): number {
  const most = Math.min(end - p - 2, MAX_MATCH);
  let length = 3;
  if (most > UNBOUNDED) {
    // C compares so many without a look at the bound, and may so pass it by two.
    for (; length < UNBOUNDED + 3; length++) if (src[ref + length] !== src[p + length]) return length;
  }
  while (length < most && src[ref + length] === src[p + length]) length++;
  return length;
}

function writeMatch(out: Uint8Array, q: number, back: number, length: number): number {
  const short = length - 2;
  if (short < 7) out[q++] = (back >> 8) + (short << 5);
  else {
    out[q++] = (back >> 8) + 0xe0;
    out[q++] = short - 7;
  }
  out[q++] = back & 255;
  return q;
}

/** The last bytes, which nothing repeats. */
function finish(src: Uint8Array, p: number, end: number, out: Uint8Array, q: number, run: number): number {
  while (p < end) {
    run++;
    out[q++] = src[p++];
    if (run === MAX_RUN) {
      out[q - run - 1] = run - 1;
      run = 0;
      q++;
    }
  }
  if (run === 0) return q - 1;
  out[q - run - 1] = run - 1;
  return q;
}

/** Unpacks n bytes into exactly `length` ones at the start of `out`; false if they do not make so many. */
export function lzfDecompress(src: Uint8Array, off: number, n: number, out: Uint8Array, length: number): boolean {
  const end = off + n;
  let p = off;
  let q = 0;
  while (p < end) {
    const control = src[p++];
    if (control < MAX_RUN) {
      const stop = q + control + 1;
      if (stop > length || p + control + 1 > end) return false;
      while (q < stop) out[q++] = src[p++];
      continue;
    }
    let more = control >> 5;
    if (more === 7) {
      if (p >= end) return false;
      more += src[p++];
    }
    if (p >= end) return false;
    let ref = q - ((control & 31) << 8) - src[p++] - 1;
    const stop = q + more + 2;
    if (ref < 0 || stop > length) return false;
    while (q < stop) out[q++] = out[ref++];
  }
  return q === length;
}
