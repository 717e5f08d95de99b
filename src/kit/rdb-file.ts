/**
 * An RDB file, looked through part by part: who wants to know what stands in it is told of each key.
 *
 *   const file = new RdbFile(path, { key: (key) => …, note: (offset, text) => … });
 *   while (file.step());                 a MiB at a time
 *   file.damage                          null, or what is wrong with it and where
 *
 * Nothing of it is loaded or changed. A value is held while it is looked at, and no two at a time, so a file may be as
 * big as it likes. Facts that are not keys come as notes, in the words of redis-check-rdb.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { encodingOf } from '../commands/keys/object.js';
import { bytesOf } from '../commands/server/memory.js';
import { STRING_EMBSTR, TYPE_NAMES } from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import { type ForeignFacts, type FoundKey, RdbInspector, type Visitor } from '../persistence/inspect/inspector.js';
import { FORM_NAMES, NOT_READ } from '../persistence/rdb-layout.js';
import { keySlot } from '../slots/key-slot.js';
import { withFile } from './trouble.js';

const PART_BYTES = 1 << 20;

/** A key, and what is known of its value. The bytes of the key are good until the listener returns. */
export interface RdbKey extends FoundKey {
  readonly slot: number;
  readonly type: string;
  /** OBJECT ENCODING after loading; null for what cannot be loaded here. */
  readonly encoding: string | null;
  /** What redis-check-rdb calls its form in the file. */
  readonly form: string;
  /** Bytes of a string, elements of everything else; null where that is not known. */
  readonly length: number | null;
  /** MEMORY USAGE after loading; null for what cannot be loaded here. */
  readonly memory: number | null;
}

export interface RdbListener {
  key(key: RdbKey): void;
  note(offset: number, text: string): void;
}

/** The first thing that is wrong with a file; what stands behind it was not looked at. */
export interface RdbDamage {
  readonly reason: string;
  /** How far all is well, or the end of a file that ends too early. */
  readonly offset: number;
  /** What was being read, in the words of redis-check-rdb. */
  readonly doing: string;
  /** The key whose value was being read. */
  readonly key: FoundKey | null;
}

const UNEXPECTED_END = 'Unexpected EOF reading RDB file';

/** It is not damaged: it never was an RDB file. */
export function isNoRdb({ reason }: RdbDamage): boolean {
  return reason === NOT_READ.signature;
}

export function formName(rdbType: number): string {
  return FORM_NAMES.get(rdbType) ?? 'unknown';
}

export class RdbFile {
  damage: RdbDamage | null = null;
  /** Bytes behind the end of the file proper: an AOF may begin with an RDB file. */
  trailingBytes = 0;
  emptyKeys = 0;
  /** Of functions, as far as was looked. */
  libraries = 0;
  private readonly file: number;
  private readonly inspector: RdbInspector;
  private readonly part = Buffer.allocUnsafe(PART_BYTES);
  private readBytes = 0;
  private isOver = false;

  constructor(
    private readonly path: string,
    private readonly listener: RdbListener,
  ) {
    this.file = withFile(path, () => openSync(path, 'r'));
    this.inspector = new RdbInspector(this.visitor(), true);
  }

  /** Bytes that belong to the file proper, as far as they were looked at. */
  get endsAt(): number {
    return this.inspector.bytesLoaded;
  }

  /** Looks at the next part; false when there is nothing more to look at. */
  step(): boolean {
    if (this.isOver) return false;
    const n = this.read();
    this.readBytes += n;
    if (n === 0) this.end({ reason: UNEXPECTED_END, offset: this.readBytes, ...this.place() });
    else this.feed(this.part.subarray(0, n));
    return !this.isOver;
  }

  close(): void {
    if (!this.isOver) this.end(null);
  }

  private feed(bytes: Uint8Array): void {
    const { inspector, listener } = this;
    const fed = inspector.feed(bytes);
    if (fed.kind === 'more') return;
    const offset = inspector.bytesLoaded;
    if (fed.kind === 'broken') return this.end({ reason: wordsOf(fed.reason), offset, ...this.place() });
    const { checksumMissing, hasChecksum } = inspector;
    if (hasChecksum)
      listener.note(
        offset,
        checksumMissing ? 'RDB file was saved with checksum disabled: no check performed.' : 'Checksum OK',
      );
    this.trailingBytes = Math.max(fed.rest, fstatSync(this.file).size - offset); // of a pipe no size is known
    this.end(null);
  }

  private place(): Pick<RdbDamage, 'doing' | 'key'> {
    const { doing, present } = this.inspector;
    return { doing, key: present };
  }

  private end(damage: RdbDamage | null): void {
    this.isOver = true;
    this.damage = damage;
    closeSync(this.file);
  }

  private read(): number {
    return withFile(this.path, () => readSync(this.file, this.part, 0, PART_BYTES, null));
  }

  private visitor(): Visitor {
    const { listener } = this;
    return {
      aux: (name, value, offset) => listener.note(offset, `AUX FIELD ${name} = '${value}'`),
      database: (index, offset) => listener.note(offset, `Selecting DB ID ${index}`),
      extra: (what, name, offset) => {
        if (what === 'function') this.libraries++;
        listener.note(offset, what === 'module' ? `MODULE AUX for: ${name}` : `FUNCTION LIBRARY ${name}`);
      },
      key: (found, db, e) => listener.key(known(found, db, e)),
      foreignKey: (found, facts) => listener.key(foreign(found, facts)),
      emptyKey: () => this.emptyKeys++,
    };
  }
}

function known(found: FoundKey, db: Database, e: number): RdbKey {
  const kind = db.kind(e);
  const length = kind <= STRING_EMBSTR ? db.valueLength(e) : db.engine.values.count(kind, db.record(e));
  const type = TYPE_NAMES[db.type(e)] ?? '';
  return withValue(found, { type, encoding: encodingOf(db, e), length, memory: bytesOf(db, e) });
}

function foreign(found: FoundKey, { type, entries }: ForeignFacts): RdbKey {
  return withValue(found, { type, encoding: null, length: entries, memory: null });
}

/** Written out: to spread one object into another took half of all the time. */
function withValue(found: FoundKey, value: Pick<RdbKey, 'type' | 'encoding' | 'length' | 'memory'>): RdbKey {
  const { key, rdbType } = found;
  return {
    database: found.database,
    key,
    rdbType,
    offset: found.offset,
    bytes: found.bytes,
    expireAt: found.expireAt,
    idleSeconds: found.idleSeconds,
    frequency: found.frequency,
    slot: keySlot(key, 0, key.length),
    form: formName(rdbType),
    type: value.type,
    encoding: value.encoding,
    length: value.length,
    memory: value.memory,
  };
}

/** What the loader says of a checksum names both; redis-check-rdb has fewer words. */
function wordsOf(reason: string): string {
  return reason.startsWith('Wrong RDB checksum') ? 'RDB CRC error' : reason;
}
