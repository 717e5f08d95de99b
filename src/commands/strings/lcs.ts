/**
 * LCS: the longest sequence of bytes that two strings have in common, gaps allowed.
 *
 *   "ohmytext"  "mynewtext"   ▸  "mytext"        in a table of (a + 1) × (b + 1) lengths
 *                                                IDX walks it back from its last corner and reports each run
 *
 * Time and memory are the product of both lengths. The memory is bound by proto-max-bulk-len, as in Redis; the table
 * lives only while the command runs. COLD.
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, STRING_EMBSTR } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';

interface Options {
  readonly idx: boolean;
  readonly len: boolean;
  readonly withMatchLength: boolean;
  readonly minMatchLength: number;
}

/** Bytes of one cell: what Redis counts against its limit. */
const CELL_BYTES = 4;
const NO_BYTES = new Uint8Array(0);

export function lcs(request: Request, reply: ReplyWriter, db: Database): void {
  const a = stringOf(request, 1, db);
  const b = stringOf(request, 2, db);
  if (a === null || b === null) return reply.error(ERRORS.LCS_NOT_STRINGS);
  const options = readOptions(request, reply);
  if (options === null) return;
  if (options.len && options.idx) return reply.error(ERRORS.LCS_LEN_AND_IDX);
  if ((a.length + 1) * (b.length + 1) * CELL_BYTES > db.engine.maxStringBytes) return reply.error(ERRORS.LCS_MEMORY);
  const table = new LengthTable(a, b);
  if (options.len) reply.integer(table.longest);
  else if (options.idx) replyRuns(table, options, reply);
  else reply.bulkBytes(sequence(table));
}

/** The bytes at a key, none where there is no key, null where it holds something else. */
function stringOf(request: Request, i: number, db: Database): Uint8Array | null {
  const e = db.lookup(request, i);
  if (e === NONE) return NO_BYTES;
  if (db.kind(e) > STRING_EMBSTR) return null;
  const from = db.valueOffset(e);
  return db.bytes(e).subarray(from, from + db.valueLength(e));
}

/** Null where they are wrong, and the reply says so. */
function readOptions(request: Request, reply: ReplyWriter): Options | null {
  let idx = false;
  let len = false;
  let withMatchLength = false;
  let minMatchLength = 0;
  for (let i = 3; i < request.argc; i++) {
    if (request.is(i, 'idx')) idx = true;
    else if (request.is(i, 'len')) len = true;
    else if (request.is(i, 'withmatchlen')) withMatchLength = true;
    else if (request.is(i, 'minmatchlen') && i + 1 < request.argc) {
      minMatchLength = readInteger(request, ++i, reply);
      if (Number.isNaN(minMatchLength)) return null;
    } else {
      reply.error(ERRORS.SYNTAX);
      return null;
    }
  }
  return { idx, len, withMatchLength, minMatchLength };
}

/** Cell (i, j) has the length for the first i bytes of a and the first j bytes of b. */
class LengthTable {
  readonly longest: number;
  private readonly width: number;
  private readonly cells: Uint32Array;

  constructor(
    readonly a: Uint8Array,
    readonly b: Uint8Array,
  ) {
    this.width = b.length + 1;
    this.cells = new Uint32Array((a.length + 1) * this.width);
    for (let i = 1; i <= a.length; i++) this.fillRow(i);
    this.longest = this.at(a.length, b.length);
  }

  private fillRow(i: number): void {
    const { b, cells, width } = this;
    const byte = this.a[i - 1];
    for (let j = 1, at = i * width + 1; j < width; j++, at++) {
      if (b[j - 1] === byte) cells[at] = cells[at - width - 1] + 1;
      else cells[at] = Math.max(cells[at - width], cells[at - 1]);
    }
  }

  private at(i: number, j: number): number {
    return this.cells[i * this.width + j];
  }

  /** Whether the way back leads to a shorter a; else to a shorter b. */
  shortensA(i: number, j: number): boolean {
    return this.at(i - 1, j) > this.at(i, j - 1);
  }
}

function sequence(table: LengthTable): Uint8Array {
  const { a, b } = table;
  const bytes = new Uint8Array(table.longest);
  let left = bytes.length;
  for (let i = a.length, j = b.length; i > 0 && j > 0; ) {
    if (a[i - 1] === b[j - 1]) {
      bytes[--left] = a[--i];
      j--;
    } else if (table.shortensA(i, j)) i--;
    else j--;
  }
  return bytes;
}

/** The runs of bytes in a row in both strings, the last one first. */
function replyRuns(table: LengthTable, options: Options, reply: ReplyWriter): void {
  const { a, b } = table;
  reply.mapHeader(2);
  reply.bulkText('matches');
  const mark = reply.mark();
  let count = 0;
  let length = 0; // of the run so far, which begins at (i, j)
  for (let i = a.length, j = b.length; i > 0 && j > 0; ) {
    const equal = a[i - 1] === b[j - 1];
    if (equal) {
      i--;
      j--;
      length++;
    }
    if (length > 0 && (!equal || i === 0 || j === 0)) {
      if (length >= options.minMatchLength) {
        replyRun(i, j, length, options, reply);
        count++;
      }
      length = 0;
    }
    if (equal) continue;
    if (table.shortensA(i, j)) i--;
    else j--;
  }
  reply.arrayAt(mark, count);
  reply.bulkText('len');
  reply.integer(table.longest);
}

function replyRun(i: number, j: number, length: number, options: Options, reply: ReplyWriter): void {
  reply.arrayHeader(options.withMatchLength ? 3 : 2);
  for (const from of [i, j]) {
    reply.arrayHeader(2);
    reply.integer(from);
    reply.integer(from + length - 1);
  }
  if (options.withMatchLength) reply.integer(length);
}
