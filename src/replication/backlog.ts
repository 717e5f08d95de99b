/**
 * The replication backlog: the last bytes of the command stream, read by all replicas at once, each at its own place.
 *
 *   blocks   [ d e f g ][ h i j k ][ l m . . ]
 *              ▲ first      ▲ a replica    ▲ end
 *
 * A block is only ever written behind its used part, so what `read` returns never changes: it can be given to a link
 * as it is, without a copy, and lives as long as anybody holds it. Whole blocks are dropped from the front, as long as
 * `limit` bytes remain and no replica still has to read them: a replica that lags keeps them here, once for all that
 * lag, and not in a buffer of its own.
 *
 * Places are counted as offsets of the stream: the byte at place p is the one with p bytes before it.
 *
 * HOT: append, read. bench: SET with one replica
 */
interface Block {
  readonly from: number;
  readonly bytes: Buffer;
  used: number;
}

/** Redis' own figure for the least block; a sixteenth of the limit keeps what is held too long below 7 %. */
const BLOCK_MIN = 16 * 1024;
const BLOCK_MAX = 1024 * 1024;
const BLOCKS = 16;
/** INFO mem_total_replication_buffers: what a block costs beside its bytes, about. */
const BLOCK_COST = 96;

const NOTHING = Buffer.alloc(0);

export class Backlog {
  private blocks: Block[] = [];
  private heldBytes = 0;
  private oldest: number;
  private behind: number;

  /** `start` is the offset of the stream so far. */
  constructor(
    public limit: number,
    start: number,
  ) {
    this.oldest = this.behind = start;
  }

  /** Place of the oldest byte there is. */
  get first(): number {
    return this.oldest;
  }

  /** Place of the next byte to come. */
  get end(): number {
    return this.behind;
  }

  get length(): number {
    return this.behind - this.oldest;
  }

  /** Memory taken, with what is not used yet. */
  get bytes(): number {
    return this.heldBytes + this.blocks.length * BLOCK_COST;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    this.behind += to - from;
    let at = from;
    while (at < to) {
      let last = this.blocks[this.blocks.length - 1];
      if (last === undefined || last.used === last.bytes.length) last = this.grow(this.behind - (to - at));
      const part = Math.min(to - at, last.bytes.length - last.used);
      last.bytes.set(bytes.subarray(at, at + part), last.used);
      last.used += part;
      at += part;
    }
  }

  private grow(place: number): Block {
    const size = Math.min(Math.max(BLOCK_MIN, Math.floor(this.limit / BLOCKS)), BLOCK_MAX);
    const block = { from: place, bytes: Buffer.allocUnsafeSlow(size), used: 0 };
    this.heldBytes += size;
    this.blocks.push(block);
    return block;
  }

  /** The bytes from a place on, as far as they lie together; empty at the end. */
  read(place: number): Buffer {
    if (place < this.oldest || place > this.behind) throw new Error(`the backlog has no byte ${place}`);
    const block = this.blocks[this.indexOf(place)];
    return block === undefined ? NOTHING : block.bytes.subarray(place - block.from, block.used);
  }

  /** The last block that begins at a place or before it. Nearly always it is the last of all. */
  private indexOf(place: number): number {
    const { blocks } = this;
    let low = 0;
    let high = blocks.length - 1;
    if (high < 0 || place >= blocks[high].from) return high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle].from <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Drops what is too old. `needed` is the place from which on somebody still has to read. */
  trim(needed: number): void {
    let count = 0;
    for (; count < this.blocks.length; count++) {
      const block = this.blocks[count];
      const next = block.from + block.used;
      if (next > needed || this.behind - next < this.limit) break;
      this.oldest = next;
      this.heldBytes -= block.bytes.length;
    }
    if (count > 0) this.blocks.splice(0, count);
  }
}
