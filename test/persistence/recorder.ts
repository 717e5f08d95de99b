/**
 * A writer that also keeps, as plain texts, what it was given and under which database: what a snapshot emits, and
 * that it emits nothing twice, nor a huge value that changes between two pieces.
 */
import type { Engine } from '../../src/keyspace/engine.js';
import { STRING_EMBSTR } from '../../src/keyspace/entry.js';
import type { Database } from '../../src/keyspace/keyspace.js';
import type { EntryPieces } from '../../src/persistence/key-writer.js';
import { RdbWriter } from '../../src/persistence/rdb-writer.js';
import { type Content, keyOf, holdingOf } from './content.js';

/** So little counts as huge here, that pieces are met often. */
const HUGE_ELEMENTS = 3;
const OPEN_ELEMENTS = 6;
const HUGE_BYTES = 40;
const OPTIONS = { compress: true, checksum: true, usage: 'none' } as const;

/** What is selected behind bytes that were taken. */
const SELECTED = new WeakMap<Uint8Array, number>();

export class Recorder extends RdbWriter {
  override readonly openAbove = OPEN_ELEMENTS;
  /** How many huge values were begun. */
  begun = 0;
  private database = -1;

  constructor(readonly content: Content) {
    super(OPTIONS);
  }

  static of(engine: Engine): Recorder {
    return new Recorder(Array.from({ length: engine.databaseCount }, () => new Map()));
  }

  override beside(): RdbWriter {
    return new Recorder(this.content);
  }

  override selectDatabase(index: number, keys: number, mortals: number): void {
    this.database = index;
    super.selectDatabase(index, keys, mortals);
  }

  override isHuge(db: Database, e: number): boolean {
    const kind = db.kind(e);
    if (kind <= STRING_EMBSTR) return db.valueLength(e) > HUGE_BYTES;
    return db.engine.values.count(kind, db.record(e)) > HUGE_ELEMENTS;
  }

  override entry(db: Database, e: number): void {
    this.record(keyOf(db, e), holdingOf(db, e));
    super.entry(db, e);
  }

  override startEntry(db: Database, e: number): EntryPieces {
    const value = holdingOf(db, e);
    const pieces = super.startEntry(db, e);
    this.begun++;
    this.record(keyOf(db, e), value);
    return {
      piece(bytes: number): boolean {
        if (holdingOf(db, e) !== value) throw new Error('changed while it was written');
        return pieces.piece(bytes);
      },
    };
  }

  override startMembers(db: Database, e: number): void {
    this.record(keyOf(db, e), holdingOf(db, e));
    super.startMembers(db, e);
  }

  override take(): Uint8Array {
    const bytes = super.take();
    SELECTED.set(bytes, this.database);
    return bytes;
  }

  override append(bytes: Uint8Array): void {
    this.database = SELECTED.get(bytes) ?? -1;
    super.append(bytes);
  }

  private record(key: string, value: string): void {
    const keys = this.content[this.database];
    if (keys === undefined) throw new Error(`no database is selected for ${key}`);
    if (keys.has(key)) throw new Error(`emitted twice: ${key}`);
    keys.set(key, value);
  }
}
