/**
 * What a snapshot writes to: an RDB file (rdb-writer.ts), or the commands of an AOF base (aof/aof-writer.ts).
 *
 *   begin ▸ library … ▸ selectDatabase ▸ entry entry entry … ▸ selectDatabase ▸ … ▸ end          take at any time
 *
 * A huge value may be written in pieces. Then nothing else may come between them; what must be written meanwhile goes
 * to another writer, and from there over here by `append`. HOT. `e` is the entry of a key.
 */
import type { Database } from '../keyspace/keyspace.js';
import type { TypeValues } from '../keyspace/types/values.js';

/** More members take too long to be written at once: about 0.3 µs each. */
export const OPEN_ABOVE = 16_384;

/** A huge value that is being written: each `piece` writes about so many bytes more. */
export interface EntryPieces {
  /** True once the value is complete. */
  piece(bytes: number): boolean;
}

export interface KeyWriter {
  /** A set, hash or sorted set of more members is written member by member. */
  readonly openAbove: number;
  /** What `take` would give. */
  readonly pendingBytes: number;
  /** What was written since the last take: a copy, the caller's own. */
  take(): Uint8Array;
  /** Another writer in the same manner, for what must wait until a value in pieces is complete. */
  beside(): KeyWriter;
  /** What stands in front of all keys, with facts of the server where there is room for them. */
  begin(aux: readonly (readonly [name: string, value: string])[]): void;
  /** A library of functions: all of them stand in front of all keys. */
  library(code: Uint8Array): void;
  /** The keys that follow belong to this database; how many there are is a hint. */
  selectDatabase(index: number, keys: number, mortals: number): void;
  /** A whole key. */
  entry(db: Database, e: number): void;
  /** Writes something for which somebody waits. */
  hastily(write: () => void): void;
  /** Whether a key is worth to be written in pieces. */
  isHuge(db: Database, e: number): boolean;
  /** Begins a key whose value is written in pieces. */
  startEntry(db: Database, e: number): EntryPieces;
  /** Begins a big set, hash or sorted set, whose members are written one by one, in any order, each once. */
  startMembers(db: Database, e: number): void;
  /** A member of a collection of this kind. */
  member(values: TypeValues, kind: number, m: number): void;
  /** Whole keys that another writer wrote. */
  append(bytes: Uint8Array): void;
  /** What stands behind all keys. */
  end(): void;
}
