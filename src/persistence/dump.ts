/**
 * One value as bytes that travel alone: what DUMP gives, and what RESTORE and MIGRATE take.
 *
 *   │ type │ value as in an RDB file │ version u16 │ CRC64 of all before it │
 *   │ libraries as in an RDB file    │                                      │     FUNCTION DUMP and RESTORE
 *
 * A payload comes from a stranger: the checksum says no more than that it arrived as it was sent. Whether the value is
 * sound is found out while it is built, in full, always.
 */
import type { Slice } from '../base/slice.js';
import type { Engine } from '../keyspace/engine.js';
import { NONE } from '../keyspace/entry.js';
import type { Database } from '../keyspace/keyspace.js';
import type { Libraries } from './functions/libraries.js';
import { readPayload, writeLibrary } from './functions/library-form.js';
import { ELEMENTS, ValueBuilder } from './rdb-builder.js';
import { OK, RdbInput } from './rdb-input.js';
import { CHECKSUM_BYTES, NEWEST_OF_PAYLOADS, RDB_VERSION } from './rdb-layout.js';
import { type OutputOptions, RdbOutput } from './rdb-output.js';
import { typeNumber, ValueWriter } from './rdb-values.js';

const VERSION_BYTES = 2;
const FOOTER_BYTES = VERSION_BYTES + CHECKSUM_BYTES;

export interface DumpSettings {
  readonly rdbcompression: boolean;
}

/** Makes payloads and takes them in: one for a node. */
export class Dumps implements OutputOptions {
  readonly checksum = true;
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: what fuzzers need to come further than the checksum. */
  skipsChecksum = false;
  /** Why the last `build` failed. */
  reason = '';
  private readonly out = new RdbOutput(this);
  private readonly values = new ValueWriter(this.out);
  private readonly builder: ValueBuilder;

  constructor(
    engine: Engine,
    private readonly settings: DumpSettings,
  ) {
    this.builder = new ValueBuilder(engine);
  }

  get compress(): boolean {
    return this.settings.rdbcompression;
  }

  /** The payload of a key's value: a copy, the caller's own. */
  payload(db: Database, e: number): Uint8Array {
    const { out, values } = this;
    out.crc.reset();
    out.byte(typeNumber(db.kind(e)));
    if (!values.start(db, e)) values.step(Number.POSITIVE_INFINITY);
    return this.sealed();
  }

  payloadOfLibraries(libraries: Libraries): Uint8Array {
    const { out } = this;
    out.crc.reset();
    for (const { code } of libraries.all) writeLibrary(out, code);
    return this.sealed();
  }

  private sealed(): Uint8Array {
    const { out } = this;
    out.byte(RDB_VERSION & 255);
    out.byte(RDB_VERSION >> 8);
    out.checksum();
    return out.take();
  }

  /** The libraries of a payload that was verified, or why they are none. */
  librariesOf(payload: Slice): Libraries | string {
    return readPayload(bodyOf(payload));
  }

  /** Whether a payload is of a version that is known, and arrived as it was sent. */
  verify(payload: Slice): boolean {
    const { u8, view, off, len } = payload;
    if (len < FOOTER_BYTES) return false;
    const footer = off + len - FOOTER_BYTES;
    if (view.getUint16(footer, true) > RDB_VERSION) return false;
    if (this.skipsChecksum) return true;
    const { crc } = this.out;
    crc.reset();
    crc.update(u8, view, off, len - CHECKSUM_BYTES);
    return crc.isAt(view, footer + VERSION_BYTES);
  }

  /**
   * Builds the value of a payload that was verified, for a key that dies at `at`: an entry that hangs in no table, for
   * `hang` or `release`. NONE if the value is not sound.
   */
  build(payload: Slice, key: Slice, at: number): number {
    const { builder } = this;
    const input = bodyOf(payload);
    const type = input.byte();
    if (type > NEWEST_OF_PAYLOADS) {
      this.reason = `Unknown RDB encoding type ${type}`;
      return NONE;
    }
    let r = type < 0 ? type : builder.start(input, type, key, at);
    if (r === ELEMENTS) r = builder.step(input);
    if (r !== OK) {
      this.reason = r > OK || builder.reason === '' ? 'Bad data format' : builder.reason;
      builder.abandon();
      return NONE;
    }
    const { entry } = builder;
    builder.entry = NONE;
    return entry;
  }
}

function bodyOf({ u8, off, len }: Slice): RdbInput {
  const input = new RdbInput(false);
  input.accept(u8.subarray(off, off + len - FOOTER_BYTES));
  return input;
}
