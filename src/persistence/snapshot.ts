/**
 * A snapshot without fork: all keys as they are at one moment, written little by little while commands go on.
 *
 *   cursor ──▶ the next bucket's keys that are not emitted ──▶ writer ──▶ whoever takes its bytes
 *   a key is about to be changed ──▶ emitted at once, before ──▶ writer
 *                                                                ▲
 *              while a huge value goes out in pieces: ──▶ beside ┤ behind it
 *   a very big collection is about to be changed ──▶ opened ─────┘ and goes out member by member (open-value.ts)
 *
 * The moment is that of the constructor: what the engine holds then is what goes out, with keys whose time has come but
 * that nobody has met, as Redis writes them. Which keys are emitted is one bit of each (keyspace/marks.ts); keys come
 * in no order, and a SELECTDB stands wherever the database changes. SWAPDB and flushes exchange whole databases: the
 * snapshot follows the keys, not the index.
 *
 * The price against a fork: whoever changes a value first waits until it is written, once per snapshot, but for very
 * big sets, hashes and sorted sets; and what is emitted ahead of the cursor waits in the writer until it is taken.
 */
import type { Directory } from '../keyspace/directory.js';
import type { Engine } from '../keyspace/engine.js';
import { NONE } from '../keyspace/entry.js';
import type { MarkWalk, SnapshotGuard, SnapshotProgress } from '../keyspace/marks.js';
import { hasMembers } from '../keyspace/types/values.js';
import { bucketsFor, OpenValue, OpenValues } from './open-value.js';
import type { EntryPieces, KeyWriter } from './key-writer.js';

/** Nothing is selected yet. */
const NO_DATABASE = -1;

/** A database as it was at the beginning: hints for whoever loads it. */
interface Census {
  readonly keys: number;
  readonly mortals: number;
}

type State = 'running' | 'done' | 'cancelled';

export class Snapshot implements SnapshotGuard {
  state: State = 'running';
  private keys = 0;
  private keysAhead = 0;
  private peakBytes = 0;
  private readonly census: readonly Census[];
  private readonly walk: MarkWalk;
  private selected = NO_DATABASE;
  /** The huge value that goes out in pieces, and what has to wait for its end. */
  private pieces: EntryPieces | null = null;
  private huge = NONE;
  private readonly beside: KeyWriter;
  private readonly open: OpenValues;
  /** The first open value has begun to go out: nothing else may come between. */
  private isInside = false;
  private selectedBeside = NO_DATABASE;

  constructor(
    private readonly engine: Engine,
    private readonly writer: KeyWriter,
    aux: readonly (readonly [name: string, value: string])[],
  ) {
    this.beside = writer.beside();
    this.open = new OpenValues(engine);
    this.census = takeCensus(engine);
    this.walk = engine.beginSnapshot(this);
    writer.begin(aux);
  }

  get progress(): SnapshotProgress {
    const { census, keys, keysAhead, peakBytes } = this;
    const keysAtBegin = census.reduce((sum, each) => sum + each.keys, 0);
    return { keys, keysAtBegin, keysAhead, peakBytes };
  }

  /** Bytes that wait to be taken, or for a huge value to be complete. */
  get heldBytes(): number {
    return this.writer.pendingBytes + this.beside.pendingBytes + this.open.heldBytes;
  }

  /** Writes until about `bytes` wait in the writer or all is written, or it has looked at so much that it is time. */
  step(bytes: number): 'more' | 'done' {
    const { walk, writer } = this;
    if (this.state !== 'running') return 'done';
    let buckets = bucketsFor(bytes);
    while (writer.pendingBytes < bytes) {
      const { first } = this.open;
      if (this.pieces !== null) this.goOn(this.pieces, bytes - writer.pendingBytes);
      else if (first !== undefined) {
        this.goOnOpen(first, bytes - writer.pendingBytes);
        if (!first.isDone) return 'more';
      } else if (--buckets < 0) return 'more';
      else if (walk.next()) this.emitFound();
      else {
        writer.end();
        this.leave('done');
        return 'done';
      }
    }
    return 'more';
  }

  /** Breaks off. What the writer holds is no file. */
  cancel(): void {
    if (this.state === 'running') this.leave('cancelled');
  }

  private leave(state: State): void {
    this.state = state;
    this.pieces = null;
    this.open.closeAll();
    this.engine.endSnapshot(this.walk, state === 'done');
  }

  // ── keys in their turn ────────────────────────────────────────────────────

  /** All keys of a bucket; of huge ones, only the first is begun, and the others are met again. */
  private emitFound(): void {
    const { found, database, index } = this.walk;
    let huge = NONE;
    for (const e of found) {
      if (!this.writer.isHuge(database, e)) this.emit(database, index, e, this.writer);
      else if (huge === NONE) huge = e;
      else this.walk.stay();
    }
    if (huge !== NONE) this.begin(database, index, huge);
  }

  private begin(db: Directory, index: number, e: number): void {
    if (this.isVeryBig(e)) return this.openValue(db, index, e);
    this.select(index);
    db.putMark(e);
    this.keys++;
    this.huge = e;
    this.pieces = this.writer.startEntry(this.engine.database(index), e);
  }

  private goOn(pieces: EntryPieces, bytes: number): void {
    if (!pieces.piece(bytes)) return;
    this.pieces = null;
    this.huge = NONE;
    this.letIn();
  }

  /** What had to wait for the end of a value in pieces. */
  private letIn(): void {
    if (this.beside.pendingBytes === 0) return;
    this.writer.append(this.beside.take());
    this.selected = this.selectedBeside;
    this.selectedBeside = NO_DATABASE;
  }

  // ── keys that cannot wait ─────────────────────────────────────────────────

  willChange(db: Directory, e: number): void {
    const index = db.snapshotIndex;
    if (e === this.huge && this.pieces !== null) this.finish(this.pieces);
    if (db.isMarked(e)) return;
    this.keysAhead++;
    if (this.isVeryBig(e)) return this.openValue(db, index, e);
    const writer = this.pieces === null && !this.isInside ? this.writer : this.beside;
    if (!writer.isHuge(this.engine.database(index), e)) this.emit(db, index, e, writer);
    else writer.hastily(() => this.emit(db, index, e, writer));
    this.peakBytes = Math.max(this.peakBytes, this.heldBytes);
  }

  private finish(pieces: EntryPieces): void {
    this.writer.hastily(() => this.goOn(pieces, Number.POSITIVE_INFINITY));
  }

  // ── very big values ───────────────────────────────────────────────────────

  private isVeryBig(e: number): boolean {
    const db = this.engine.database(0);
    return hasMembers(db.kind(e)) && this.engine.values.members.count(db.record(e)) > this.writer.openAbove;
  }

  private openValue(db: Directory, index: number, e: number): void {
    const writer = this.writer.beside();
    const { keys, mortals } = this.census[index];
    db.putMark(e);
    this.keys++;
    writer.selectDatabase(index, keys, mortals);
    this.open.open(new OpenValue(this.engine, this.engine.database(index), e, index, writer));
  }

  private goOnOpen(value: OpenValue, bytes: number): void {
    this.isInside = true;
    value.piece(bytes);
    this.writer.append(value.writer.take());
    if (!value.isDone) return;
    this.isInside = false;
    this.selected = value.index;
    this.open.close();
    this.letIn();
  }

  keeps(e: number, kind: number, record: number): boolean {
    return hasMembers(kind) && this.open.keeps(e, record);
  }

  recordMoved(from: number, to: number): void {
    this.open.recordMoved(from, to);
  }

  // ── writing ───────────────────────────────────────────────────────────────

  /** Reading an entry is the same through any database: they share the arena. */
  private emit(db: Directory, index: number, e: number, writer: KeyWriter): void {
    if (writer === this.writer) this.select(index);
    else this.selectBeside(index);
    db.putMark(e);
    this.keys++;
    writer.entry(this.engine.database(index), e);
  }

  private select(index: number): void {
    if (this.selected === index) return;
    this.selected = index;
    this.writer.selectDatabase(index, this.census[index].keys, this.census[index].mortals);
  }

  private selectBeside(index: number): void {
    if (this.selectedBeside === index) return;
    this.selectedBeside = index;
    this.beside.selectDatabase(index, this.census[index].keys, this.census[index].mortals);
  }
}

function takeCensus(engine: Engine): Census[] {
  const census: Census[] = [];
  for (let i = 0; i < engine.databaseCount; i++) {
    const { size, mortalCount } = engine.database(i);
    census.push({ keys: size, mortals: mortalCount });
  }
  return census;
}
