/** What the tests of the types share: an arena with one collection entry in it, and slices. */
import { Slice } from '../../../src/base/slice.js';
import { Arena } from '../../../src/keyspace/arena.js';
import { KeyHasher } from '../../../src/keyspace/hash.js';
import { TableOps } from '../../../src/keyspace/slot-table.js';
import { kindOf, recordOf } from '../../../src/keyspace/types/record.js';
import type { TypeLimits } from '../../../src/keyspace/types/limits.js';
import { TypeValues } from '../../../src/keyspace/types/values.js';
import { KIND_SHIFT, RECORD_BYTES } from '../../../src/keyspace/entry.js';
import { seeded } from '../../golden/chance.mjs';

/** An entry without table: a key of `keyLength` bytes and a record of zeros, as the keyspace makes it. */
export function newEntry(arena: Arena, kind: number, keyLength = 3): number {
  const start = 16 + ((keyLength + 7) & ~7);
  const e = arena.alloc(start + (RECORD_BYTES[kind] ?? 0));
  const w = arena.i32[e >>> 21]!;
  const i = (e & 0x1fffff) << 1;
  w.fill(0, i, i + ((start + (RECORD_BYTES[kind] ?? 0)) >> 2));
  w[i + 2] = kind << KIND_SHIFT;
  w[i + 3] = keyLength;
  return e;
}

export function slice(text: string | Uint8Array): Slice {
  return Slice.of(text);
}

/** All types over one arena. */
export function newParts(seed = 1): {
  arena: Arena;
  values: TypeValues;
  limits: TypeLimits;
  chance: () => number;
} {
  const arena = new Arena();
  arena.alloc(8); // what is left of an arena is compared: let its first page be there
  const values = new TypeValues(arena, new TableOps(arena), new KeyHasher(seed, ~seed));
  return { arena, values, limits: values.limits, chance: seeded(seed) };
}

/** Frees what an entry holds beside itself, as the keyspace does. */
export function freeValue(arena: Arena, values: TypeValues, e: number): void {
  values.free(kindOf(arena, e), recordOf(arena, e));
}

/** Collects what is given to a sink, as latin1 text. */
export class Collected {
  readonly all: string[] = [];
  bulk(u8: Uint8Array, _view: DataView, off: number, len: number): void {
    this.all.push(Buffer.from(u8.buffer, u8.byteOffset + off, len).toString('latin1'));
  }
}
