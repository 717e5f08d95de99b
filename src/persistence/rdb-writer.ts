/**
 * Writes an RDB file, key after key (key-writer.ts). Who calls it, and when, is its user's business: a snapshot, a
 * replica's full sync. Nothing is held but what was not taken yet, and nothing is looked at but the key at hand.
 *
 * HOT. `e` is the entry of a key.
 */
import { viewOf } from '../base/bytes.js';
import { EXTRA } from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import type { TypeValues } from '../keyspace/types/values.js';
import { writeLibrary } from './functions/library-form.js';
import { type EntryPieces, type KeyWriter, OPEN_ABOVE } from './key-writer.js';
import { MAGIC, OPCODE, RDB_VERSION } from './rdb-layout.js';
import { type OutputOptions, RdbOutput } from './rdb-output.js';
import { isHuge, typeNumber, ValueWriter } from './rdb-values.js';

export interface WriterOptions extends OutputOptions {
  /** Whether each key carries when, or how often, it was used: as `maxmemory-policy` is one of LRU or LFU. */
  readonly usage: 'none' | 'lru' | 'lfu';
}

export class RdbWriter implements KeyWriter {
  readonly openAbove: number = OPEN_ABOVE;
  private readonly out: RdbOutput;
  private readonly values: ValueWriter;

  constructor(private readonly options: WriterOptions) {
    this.out = new RdbOutput(options);
    this.values = new ValueWriter(this.out);
  }

  get pendingBytes(): number {
    return this.out.pendingBytes;
  }

  take(): Uint8Array {
    return this.out.take();
  }

  beside(): RdbWriter {
    return new RdbWriter({ ...this.options, checksum: false });
  }

  /** The magic bytes, and facts of the server. */
  begin(aux: readonly (readonly [name: string, value: string])[]): void {
    const { out } = this;
    const magic = Buffer.from(MAGIC + String(RDB_VERSION).padStart(4, '0'), 'latin1');
    out.raw(magic, viewOf(magic), 0, magic.length);
    for (const [name, value] of aux) {
      out.byte(OPCODE.AUX);
      out.latin1(name);
      out.latin1(value);
    }
  }

  library(code: Uint8Array): void {
    writeLibrary(this.out, code);
  }

  /** The keys that follow belong to this database; how many there are is a hint. */
  selectDatabase(index: number, keys: number, mortals: number): void {
    const { out } = this;
    out.byte(OPCODE.SELECTDB);
    out.length(index);
    out.byte(OPCODE.RESIZEDB);
    out.length(keys);
    out.length(mortals);
  }

  entry(db: Database, e: number): void {
    this.head(db, e);
    if (!this.values.start(db, e)) this.values.step(Number.POSITIVE_INFINITY);
  }

  /** Writes something for which somebody waits: nothing is compressed. */
  hastily(write: () => void): void {
    this.out.packs = false;
    write();
    this.out.packs = true;
  }

  isHuge(db: Database, e: number): boolean {
    return isHuge(db, e);
  }

  startEntry(db: Database, e: number): EntryPieces {
    this.head(db, e);
    const values = new ValueWriter(this.out);
    let isDone = values.start(db, e);
    return {
      piece(bytes: number): boolean {
        isDone ||= values.step(bytes);
        return isDone;
      },
    };
  }

  /** Begins a big set, hash or sorted set, whose members are written one by one, in any order. */
  startMembers(db: Database, e: number): void {
    this.head(db, e);
    this.out.length(db.engine.values.members.count(db.record(e)));
  }

  member(values: TypeValues, kind: number, m: number): void {
    this.values.member(values, kind, m);
  }

  private head(db: Database, e: number): void {
    const { out } = this;
    const meta = db.meta(e);
    if ((meta & EXTRA) !== 0) {
      out.byte(OPCODE.EXPIRETIME_MS);
      out.int64(db.expireAt(e));
    }
    if (this.options.usage !== 'none') this.usage(db, meta);
    out.byte(typeNumber(db.kind(e)));
    out.string(db.bytes(e), db.view(e), db.keyOffset(e), db.keyLength(e));
  }

  private usage(db: Database, meta: number): void {
    const { out } = this;
    const { usageClock, now } = db.engine;
    if (this.options.usage === 'lru') {
      out.byte(OPCODE.IDLE);
      out.length(usageClock.idleSeconds(meta, now));
    } else {
      out.byte(OPCODE.FREQ);
      out.byte(usageClock.frequency(meta, now));
    }
  }

  append(bytes: Uint8Array): void {
    this.out.raw(bytes, viewOf(bytes), 0, bytes.length);
  }

  /** The end of the file, with its checksum. */
  end(): void {
    this.out.byte(OPCODE.EOF);
    this.out.checksum();
  }
}
