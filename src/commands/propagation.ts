/**
 * From what commands did to the stream that replicas read, and to the append-only file. As redis 7.0 writes it, to the
 * byte.
 *
 *   one command, or one EXEC                     what is read
 *   SET k v                                      SELECT 0 · SET k v        SELECT: only if another one was selected
 *   EXPIRE k 10                                  PEXPIREAT k 1700000010000
 *   INCR n, and n had expired                    MULTI · DEL n · INCR n · EXEC   two or more of one unit
 *   MULTI SET a 1 · GET a · SET b 2 EXEC         MULTI · SET a 1 · SET b 2 · EXEC
 *   keys evicted, or expired without a command   DEL k1 · UNLINK k2 · …          never in MULTI
 *
 * A unit is gathered in one buffer. Room is kept in front of it, because only at its end is it known whether MULTI
 * goes before it. A command that is all of its unit, and came in the form in which it goes out, is not even copied:
 * the sinks are given the read buffer.
 *
 * There are two readers, the stream and the log. Each may come later than the other, so each has its own selected
 * database; a replica has a log only, for its stream is that of its primary. What concerns replicas alone (PUBLISH,
 * PING) does not go into the log.
 *
 * HOT. What a sink is given is good until `append` returns. bench: SET, with a replica
 */
import { copyBytes, decimalLength, viewOf, writeDigits } from '../base/bytes.js';
import type { Slice } from '../base/slice.js';
import type { Changes, ToWhom, Words } from '../keyspace/changes.js';
import type { Engine } from '../keyspace/engine.js';
import type { Request } from '../resp/request.js';

/** Where changes go. Takes whole commands, SELECT included; must copy what it keeps. */
export interface ChangeSink {
  append(bytes: Uint8Array, from: number, to: number): void;
}

/** Who reads what is told. */
export type ReaderName = 'stream' | 'log';

/** A unit whose EXEC stands still in its middle. */
export interface OpenUnit {
  readonly bytes: Buffer;
  readonly count: number;
  readonly firstDatabase: number;
  readonly lastDatabase: number;
  readonly unlogged: readonly number[];
}

class Reader {
  /** Null: nobody. */
  sink: ChangeSink | null = null;
  /** Which database it has selected. */
  selected = NO_DATABASE;
}

const CR = 13;
const LF = 10;
const DOLLAR = 36;
const STAR = 42;
/** The shortest way to the first argument: `*1`, CR, LF, `$1`, CR, LF. */
const FRAME_BYTES = 8;
/** A number of 32 bits, its mark and its line end. */
const COUNT_BYTES = 13;

const MULTI = Buffer.from('*1\r\n$5\r\nMULTI\r\n');
const EXEC = Buffer.from('*1\r\n$4\r\nEXEC\r\n');
const SELECT = Buffer.from('*2\r\n$6\r\nSELECT\r\n');
/** In front of a unit: SELECT with the longest index, and MULTI. */
const FRONT = SELECT.length + 2 * COUNT_BYTES + MULTI.length;
const SIZE_AT_FIRST = 4096;
/** A buffer that grew beyond this for one huge unit is let go behind it. */
const SIZE_TO_KEEP = 1 << 20;
const NO_DATABASE = -1;

export class Propagation implements Changes, Words {
  /** True while a handler runs, and for good after one has thrown. */
  inCommand = false;
  private readonly readers = { stream: new Reader(), log: new Reader() };
  private isMuted = false;
  private buf = Buffer.allocUnsafeSlow(SIZE_AT_FIRST);
  private view = viewOf(this.buf);
  private at = FRONT;
  /** Commands in the present unit. */
  private count = 0;
  private firstDatabase = NO_DATABASE;
  private lastDatabase = NO_DATABASE;
  /** Parts of the unit that are not for the log: from, to, from, to. */
  private readonly unlogged: number[] = [];
  /** Of the present command: it has spoken for itself; it goes out in any case, to all or to the stream alone. */
  private hasSpoken = false;
  private insists: 'no' | ToWhom = 'no';

  constructor(private readonly engine: Engine) {}

  sinkOf(reader: ReaderName): ChangeSink | null {
    return this.readers[reader].sink;
  }

  /** Null: nobody reads there. While nobody reads at all nothing is encoded, and nothing costs. */
  setSink(reader: ReaderName, sink: ChangeSink | null): void {
    this.readers[reader].sink = sink;
    this.followReaders();
  }

  /** While what was written before is run again, nobody is told. */
  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.followReaders();
  }

  private followReaders(): void {
    const { stream, log } = this.readers;
    const isHeard = !this.isMuted && (stream.sink !== null || log.sink !== null);
    this.engine.changes = isHeard ? this : null;
    if (!isHeard) this.forgetUnit();
  }

  /** Which database whoever reads the stream stands in; 0 where the next command is led by SELECT anyway. */
  get selectedDatabase(): number {
    return Math.max(0, this.readers.stream.selected);
  }

  /** The next command is led by SELECT: somebody begins to read who has selected nothing. */
  forgetDatabase(reader: ReaderName): void {
    this.readers[reader].selected = NO_DATABASE;
  }

  /** A command that the node gives to its replicas by itself, in no database: PING, REPLCONF GETACK. */
  command(...args: readonly (string | Uint8Array)[]): void {
    const parts = args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg, 'latin1') : arg));
    const bytes = parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')]);
    const whole = Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...bytes]);
    this.readers.stream.sink?.append(whole, 0, whole.length);
  }

  // ── the dispatcher's side ─────────────────────────────────────────────────

  /** A command ran, by itself or in EXEC. */
  ran(request: Request, database: number, changed: boolean): void {
    const whom = changed ? 'all' : this.insists;
    const goesOut = whom !== 'no' && !this.hasSpoken;
    this.hasSpoken = false;
    this.insists = 'no';
    if (!goesOut) return;
    const selects = this.count > 0 && database !== this.lastDatabase;
    const from = this.at + (selects ? selectLength(database) : 0);
    this.repeat(request, database);
    if (whom === 'replicas') this.unlogged.push(from, this.at);
  }

  /** The same at the top: the unit ends with it. `apart`: what it says is not held together by MULTI. */
  ranAlone(request: Request, database: number, changed: boolean, apart: boolean): void {
    const whom = changed ? 'all' : this.insists;
    const goesOut = whom !== 'no' && !this.hasSpoken && this.count === 0;
    if (goesOut && this.stand(whom, database) && isCanonical(request)) {
      const { stream, log } = this.readers;
      this.insists = 'no';
      if (whom === 'all') log.sink?.append(request.buf, request.start, endOf(request));
      stream.sink?.append(request.buf, request.start, endOf(request));
      return;
    }
    this.ran(request, database, changed);
    this.endUnit(apart);
  }

  /** Whoever reads has selected this database. */
  private stand(whom: ToWhom, database: number): boolean {
    const { stream, log } = this.readers;
    if (whom === 'all' && log.sink !== null && log.selected !== database) return false;
    return stream.sink === null || stream.selected === database;
  }

  /** What a command that waited does at last: a unit of its own, told in words of its own. */
  serving(database: number, request: Request, serve: () => void): void {
    this.inCommand = true;
    serve();
    this.inCommand = false;
    this.ranAlone(request, database, false, false);
  }

  /** What was gathered goes out. */
  endUnit(apart: boolean): void {
    if (this.count === 0) return;
    const { stream, log } = this.readers;
    let from = FRONT;
    if (this.count > 1 && !apart) {
      from -= MULTI.length;
      MULTI.copy(this.buf, from);
      this.room(EXEC.length);
      EXEC.copy(this.buf, this.at);
      this.at += EXEC.length;
    }
    if (this.unlogged.length === 0) this.giveTo(log, from);
    else if (this.count > 1) this.giveLogged(log, from);
    this.giveTo(stream, from);
    this.forgetUnit();
  }

  private giveTo(reader: Reader, from: number): void {
    if (reader.sink !== null) reader.sink.append(this.buf, this.lead(reader, from), this.at);
  }

  /** Puts SELECT in front, if it has to be there; where what is told begins. */
  private lead(reader: Reader, from: number): number {
    const begin = this.firstDatabase === reader.selected ? from : from - selectLength(this.firstDatabase);
    if (begin < from) this.putSelect(begin, this.firstDatabase);
    reader.selected = this.lastDatabase;
    return begin;
  }

  /** Parts of a transaction are for replicas alone. */
  private giveLogged(log: Reader, from: number): void {
    if (log.sink === null) return;
    const parts: Buffer[] = [];
    let at = this.lead(log, from);
    for (let i = 0; i < this.unlogged.length; i += 2) {
      parts.push(this.buf.subarray(at, this.unlogged[i]));
      at = this.unlogged[i + 1];
    }
    const rest = Buffer.concat([...parts, this.buf.subarray(at, this.at)]);
    log.sink.append(rest, 0, rest.length);
  }

  /** The unit as it is so far, until `goOn`: what is told meanwhile is no part of it. */
  setAside(): OpenUnit {
    const { count, firstDatabase, lastDatabase } = this;
    const bytes = Buffer.from(this.buf.subarray(FRONT, this.at));
    const unit = { bytes, count, firstDatabase, lastDatabase, unlogged: [...this.unlogged] };
    this.forgetUnit();
    this.inCommand = false;
    return unit;
  }

  goOn(unit: OpenUnit): void {
    this.room(unit.bytes.length);
    unit.bytes.copy(this.buf, FRONT);
    this.at = FRONT + unit.bytes.length;
    this.count = unit.count;
    this.firstDatabase = unit.firstDatabase;
    this.lastDatabase = unit.lastDatabase;
    this.unlogged.push(...unit.unlogged);
  }

  private forgetUnit(): void {
    this.count = this.unlogged.length = 0;
    this.at = FRONT;
    if (this.buf.length > SIZE_TO_KEEP) this.resize(SIZE_AT_FIRST);
  }

  // ── the handlers' side (Changes) ──────────────────────────────────────────

  instead(database: number, count: number): Words {
    this.hasSpoken = this.inCommand; // what is said between commands silences none
    return this.begin(database, count);
  }

  verbatim(request: Request, i: number): void {
    this.command(...Array.from({ length: request.argc - i }, (_, k) => request.bytes(i + k)));
  }

  /** Outside of any command: one of the node's own. `settle` ends it. */
  aside(database: number, count: number): Words {
    return this.begin(database, count);
  }

  silence(): void {
    this.hasSpoken = true;
  }

  insist(whom: ToWhom): void {
    this.insists = whom;
  }

  removed(database: number, bytes: Uint8Array, view: DataView, offset: number, length: number, lazily: boolean): void {
    this.begin(database, 2)
      .word(lazily ? 'UNLINK' : 'DEL')
      .bytes(bytes, view, offset, length);
  }

  settle(): void {
    if (!this.inCommand) this.endUnit(true);
  }

  // ── encoding (Words) ──────────────────────────────────────────────────────

  private begin(database: number, count: number): Words {
    if (this.count++ === 0) this.firstDatabase = database;
    else if (database !== this.lastDatabase) {
      const n = selectLength(database);
      this.room(n);
      this.putSelect(this.at, database);
      this.at += n;
    }
    this.lastDatabase = database;
    this.room(COUNT_BYTES);
    this.putCount(STAR, count);
    return this;
  }

  word(text: string): Words {
    const n = text.length;
    this.room(n + 2 * COUNT_BYTES);
    this.putCount(DOLLAR, n);
    for (let i = 0; i < n; i++) this.buf[this.at++] = text.charCodeAt(i);
    return this.endLine();
  }

  argument(request: Request, i: number): Words {
    return this.bytes(request.buf, request.view, request.off[i], request.len[i]);
  }

  integer(n: number): Words {
    if (!Number.isSafeInteger(n)) return this.word(BigInt(n).toString());
    this.room(4 * COUNT_BYTES);
    this.putCount(DOLLAR, decimalLength(n));
    this.at = writeDigits(this.buf, this.at, n);
    return this.endLine();
  }

  slice({ u8, view, off, len }: Slice): Words {
    return this.bytes(u8, view, off, len);
  }

  bytes(bytes: Uint8Array, view: DataView, offset: number, length: number): Words {
    this.room(length + 2 * COUNT_BYTES);
    this.putCount(DOLLAR, length);
    copyBytes(this.buf, this.view, this.at, bytes, view, offset, length);
    this.at += length;
    return this.endLine();
  }

  /** The command as the client wrote it. */
  private repeat(request: Request, database: number): void {
    this.begin(database, request.argc);
    for (let i = 0; i < request.argc; i++) this.argument(request, i);
  }

  private putSelect(p: number, database: number): void {
    const keep = this.at;
    SELECT.copy(this.buf, p);
    this.at = p + SELECT.length;
    this.putCount(DOLLAR, decimalLength(database));
    this.at = writeDigits(this.buf, this.at, database);
    this.endLine();
    this.at = keep;
  }

  private putCount(mark: number, n: number): void {
    this.buf[this.at] = mark;
    this.at = writeDigits(this.buf, this.at + 1, n);
    this.endLine();
  }

  private endLine(): Words {
    this.buf[this.at++] = CR;
    this.buf[this.at++] = LF;
    return this;
  }

  private room(n: number): void {
    if (this.at + n > this.buf.length) this.resize(Math.max(this.at + n, this.buf.length * 2));
  }

  private resize(size: number): void {
    const grown = Buffer.allocUnsafeSlow(size);
    this.buf.copy(grown, 0, 0, Math.min(this.at, size));
    this.buf = grown;
    this.view = viewOf(grown);
  }
}

function selectLength(database: number): number {
  const digits = decimalLength(database);
  return SELECT.length + 1 + decimalLength(digits) + 2 + digits + 2;
}

function endOf({ argc, off, len }: Request): number {
  return off[argc - 1] + len[argc - 1] + 2;
}

/** Whether the bytes of the request are what it would be encoded as: the parser looks at lengths, at no line end. */
function isCanonical(request: Request): boolean {
  const { buf, start, argc, off, len } = request;
  if (buf[start] !== STAR || off[0] - start < FRAME_BYTES) return false; // inline, or a copy made by MULTI
  let p = start + 1 + decimalLength(argc);
  for (let i = 0; i < argc; i++) {
    if (buf[p] !== CR || buf[p + 1] !== LF) return false;
    p += 3 + decimalLength(len[i]);
    if (buf[p] !== CR || buf[p + 1] !== LF || off[i] !== p + 2) return false;
    p = off[i] + len[i];
  }
  return buf[p] === CR && buf[p + 1] === LF;
}
