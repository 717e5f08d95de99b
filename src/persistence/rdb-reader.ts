/**
 * Loads an RDB file that arrives in pieces of any size: `feed` takes one, and loads each key as soon as it is complete.
 *
 *   stage   MAGIC ─▶ OPCODE ⇄ KEY ⇄ ELEMENTS          a step reads one whole thing, or goes back to its start
 *                      └─▶ CHECKSUM ─▶ DONE            and waits for more bytes
 *
 * A feed costs no more time than its bytes are worth, so the size of a feed is the size of a slice. A key hangs in its
 * database when it is complete, never before. What is expired goes at once on a primary; a replica keeps it until its
 * primary says so. What cannot be loaded ends it all, with a reason that names the key.
 *
 * HOT. `r` is what a step gave: OK to go on, or one of the codes of rdb-input.ts.
 */
import { quote } from '../base/quoting.js';
import type { Database } from '../keyspace/keyspace.js';
import { IMMORTAL, NONE } from '../keyspace/entry.js';
import type { Engine } from '../keyspace/engine.js';
import { HangMany } from '../keyspace/hang-many.js';
import { Libraries } from './functions/libraries.js';
import { readCode } from './functions/library-form.js';
import { ELEMENTS, EMPTY, ValueBuilder } from './rdb-builder.js';
import { BAD, MORE, moduleName, OK, RdbInput, RdbText } from './rdb-input.js';
import { CHECKSUM_BYTES, CHECKSUM_SINCE, isReadable, MAGIC, MAGIC_BYTES, NOT_READ, OPCODE } from './rdb-layout.js';

/** Where the keys go. */
export interface LoadTarget {
  readonly databaseCount: number;
  database(index: number): Database;
}

export interface LoadOptions {
  /** rdbchecksum: whether the checksum is computed and compared. */
  readonly checksum: boolean;
  /** Wall clock in ms: what died before it is expired. */
  readonly now: number;
  /** Expired keys are dropped. */
  readonly isPrimary: boolean;
  /** A key (or, in the file, a library) that is there already is replaced; otherwise it ends the load. */
  readonly replaces?: boolean;
  /** A collection without members was skipped. */
  readonly skipped?: (key: Uint8Array) => void;
  /** An expired key was dropped. */
  readonly expired?: (database: number, key: Uint8Array) => void;
}

export type Fed =
  | { readonly kind: 'more' }
  /** The file is complete; so many bytes of this feed are behind it. */
  | { readonly kind: 'done'; readonly rest: number }
  | { readonly kind: 'broken'; readonly reason: string };

const MORE_PLEASE: Fed = { kind: 'more' };

export const STAGE = { MAGIC: 0, OPCODE: 1, KEY: 2, ELEMENTS: 3, CHECKSUM: 4, DONE: 5, BROKEN: 6 } as const;

export const NOT_SAID = -1;
const SHOWN_BYTES = 128; // of a key, in a message

export class RdbLoader {
  readonly aux = new Map<string, string>();
  /** Libraries of functions in the file: for whoever loads it to keep. */
  readonly libraries = new Libraries();
  keysLoaded = 0;
  keysExpired = 0;
  emptyKeysSkipped = 0;
  /** Bytes that belonged to the file so far. */
  bytesLoaded = 0;
  /** The file says that no checksum was computed for it. */
  checksumMissing = false;

  protected readonly input: RdbInput;
  protected readonly builder: ValueBuilder;
  protected readonly key = new RdbText();
  protected readonly value = new RdbText();
  protected db: Database;
  protected stage: number = STAGE.MAGIC;
  // What opcodes said of the key that follows.
  protected type = 0;
  protected expireAt = IMMORTAL;
  protected idleSeconds = NOT_SAID;
  protected frequency = NOT_SAID;
  private readonly engine: Engine;
  private readonly hangers: HangMany;
  private from = 0; // where in the input this feed began
  private version = 0;
  private reason = '';

  constructor(
    private readonly target: LoadTarget,
    private readonly options: LoadOptions,
  ) {
    this.db = target.database(0);
    this.engine = this.db.engine;
    this.input = new RdbInput(options.checksum);
    this.builder = new ValueBuilder(this.engine);
    this.hangers = new HangMany(this.engine);
  }

  /** Takes the next bytes, in any split. They are not looked at any more when it returns. */
  feed(bytes: Uint8Array): Fed {
    const { input } = this;
    input.accept(bytes);
    const held = input.end - input.p;
    if (held < input.wanted) {
      if (this.stage === STAGE.CHECKSUM) input.keep();
      else input.wait();
      return MORE_PLEASE;
    }
    input.wanted = 0;
    this.from = input.p;
    const r = this.run();
    this.bytesLoaded = this.offset;
    if (r === BAD || !this.settle()) return this.broken();
    if (this.stage === STAGE.DONE) {
      const rest = input.end - input.p;
      input.p = input.end;
      input.keep();
      return { kind: 'done', rest };
    }
    input.keep();
    return MORE_PLEASE;
  }

  /** Files of old versions have none. */
  get hasChecksum(): boolean {
    return this.version >= CHECKSUM_SINCE;
  }

  /** Where in the file the next byte stands, in the middle of a feed. */
  protected get offset(): number {
    return this.bytesLoaded + this.input.p - this.from;
  }

  /** Lets go of a value that was not complete. The keys that are complete stay. */
  abandon(): void {
    this.hangers.abandon();
    this.builder.abandon();
    this.input.wanted = 0;
    this.stage = STAGE.BROKEN;
  }

  private broken(): Fed {
    this.abandon();
    return { kind: 'broken', reason: this.reason };
  }

  protected bad(reason: string): number {
    this.reason = reason;
    return BAD;
  }

  /** Steps until bytes are missing, something is wrong or the file ends. */
  private run(): number {
    const { input } = this;
    for (;;) {
      const start = input.p;
      const r = this.step();
      if (this.stage === STAGE.DONE) return OK;
      if (r === OK) continue;
      if (r === MORE && this.stage !== STAGE.ELEMENTS) return input.retreat(start);
      return r;
    }
  }

  protected step(): number {
    const { stage } = this;
    if (stage === STAGE.OPCODE) return this.readOpcode();
    if (stage === STAGE.KEY) return this.readKey();
    if (stage === STAGE.ELEMENTS) return this.conclude(this.stepValue());
    if (stage === STAGE.MAGIC) return this.readMagic();
    if (stage === STAGE.CHECKSUM) return this.readChecksum();
    return stage === STAGE.DONE ? OK : this.bad('The file was broken before.');
  }

  // ── around the keys ───────────────────────────────────────────────────────

  protected readMagic(): number {
    const { input } = this;
    if (!input.has(MAGIC_BYTES)) return MORE;
    const magic = Buffer.from(input.u8.subarray(input.p, input.p + MAGIC_BYTES)).toString('latin1');
    if (!magic.startsWith(MAGIC)) return this.bad(NOT_READ.signature);
    const version = magic.slice(MAGIC.length);
    this.version = Number.parseInt(version, 10) || 0;
    if (!isReadable(version)) return this.bad(`${NOT_READ.version} ${this.version}`);
    input.p += MAGIC_BYTES;
    this.stage = STAGE.OPCODE;
    return OK;
  }

  private readChecksum(): number {
    const { input } = this;
    if (!this.hasChecksum) {
      this.stage = STAGE.DONE;
      return OK;
    }
    input.countChecksum(input.p);
    if (!input.has(CHECKSUM_BYTES)) return MORE;
    const { view, p, crc } = input;
    this.checksumMissing = view.getInt32(p, true) === 0 && view.getInt32(p + 4, true) === 0;
    if (this.options.checksum && !this.checksumMissing && !crc.isAt(view, p)) {
      const got = view.getBigUint64(p, true).toString(16);
      const expected = BigInt(`0x${crc}`).toString(16);
      return this.bad(`Wrong RDB checksum expected: (${expected}) but got (${got}). Aborting now.`);
    }
    input.p += CHECKSUM_BYTES;
    this.stage = STAGE.DONE;
    return OK;
  }

  protected readOpcode(): number {
    const { input } = this;
    const code = input.byte();
    if (code < OPCODE.FUNCTION2) {
      if (code === MORE) return MORE;
      this.type = code;
      this.stage = STAGE.KEY;
      return OK;
    }
    switch (code) {
      case OPCODE.EXPIRETIME_MS:
        if (!input.has(8)) return MORE;
        this.expireAt = input.int64();
        if (this.expireAt === -1) this.expireAt = IMMORTAL;
        return OK;
      case OPCODE.EXPIRETIME:
        if (!input.has(4)) return MORE;
        this.expireAt = input.view.getInt32(input.p, true) * 1000;
        input.p += 4;
        return OK;
      case OPCODE.IDLE:
        this.idleSeconds = input.length();
        return this.verdict(this.idleSeconds);
      case OPCODE.FREQ:
        this.frequency = input.byte();
        return this.verdict(this.frequency);
      case OPCODE.EOF:
        this.stage = STAGE.CHECKSUM;
        return OK;
      case OPCODE.SELECTDB:
        return this.selectDatabase();
      case OPCODE.RESIZEDB: {
        const keys = this.verdict(input.length());
        return keys === OK ? this.verdict(input.length()) : keys;
      }
      case OPCODE.AUX:
        return this.readAux();
      case OPCODE.MODULE_AUX:
        return this.readModuleAux();
      default:
        return this.readLibrary(code);
    }
  }

  /** OK for a length that was read. */
  protected verdict(n: number): number {
    if (n >= 0) return OK;
    return n === MORE ? MORE : this.bad('Invalid length.');
  }

  protected selectDatabase(): number {
    const index = this.input.length();
    if (index < 0) return this.verdict(index);
    const { databaseCount } = this.target;
    if (index >= databaseCount)
      return this.bad(
        `FATAL: Data file was created with a Redis server configured to handle more than ${databaseCount} databases. Exiting`,
      );
    if (!this.settle()) return BAD;
    this.db = this.target.database(index);
    return OK;
  }

  protected readAux(): number {
    const { input, key, value } = this;
    const name = input.text(key);
    if (name !== OK) return this.verdict(name);
    const read = input.text(value);
    if (read !== OK) return this.verdict(read);
    this.aux.set(key.toString().toLowerCase(), value.toString());
    return OK;
  }

  protected readModuleAux(): number {
    const name = moduleName(this.input);
    if (name === MORE) return MORE;
    return this.bad(`The RDB file contains AUX module data I can't load: no matching module '${name}'`);
  }

  private readLibrary(opcode: number): number {
    const code = readCode(this.input, opcode);
    return typeof code === 'number' ? this.verdict(code) : this.keepLibrary(code);
  }

  protected keepLibrary(code: Uint8Array): number {
    const loaded = this.libraries.load(code, this.options.replaces === true ? 'replace' : 'append');
    return loaded.ok ? OK : this.bad(`Failed loading library, ${loaded.why}`);
  }

  // ── keys ──────────────────────────────────────────────────────────────────

  private readKey(): number {
    const { input, key } = this;
    const read = input.text(key);
    if (read !== OK) return this.verdict(read);
    const r = this.startValue();
    if (r === ELEMENTS) {
      this.stage = STAGE.ELEMENTS;
      return OK;
    }
    return this.conclude(r);
  }

  /** The key was read. */
  protected startValue(): number {
    return this.builder.start(this.input, this.type, this.key, this.expireAt);
  }

  protected stepValue(): number {
    return this.builder.step(this.input);
  }

  /** What becomes of a key whose value is complete, or is none. */
  protected conclude(r: number): number {
    if (r === MORE) return MORE;
    if (r === BAD) return this.bad(`${this.builder.reason} ${this.whichKey()}`);
    if (r === EMPTY) {
      this.emptyKeysSkipped++;
      this.options.skipped?.(this.keyBytes());
      this.builder.abandon();
    } else if (this.options.isPrimary && this.expireAt < this.options.now) {
      this.keysExpired++;
      this.options.expired?.(this.db.index, this.keyBytes());
      this.builder.abandon();
    } else if (!this.hang()) return BAD;
    this.stage = STAGE.OPCODE;
    this.expireAt = IMMORTAL;
    this.idleSeconds = this.frequency = NOT_SAID;
    return OK;
  }

  /** A key that is complete waits with others for its place: they are hung many at a time. */
  protected hang(): boolean {
    const { builder, db } = this;
    const { entry } = builder;
    if (this.idleSeconds !== NOT_SAID || this.frequency !== NOT_SAID) this.stamp(entry);
    builder.entry = NONE;
    this.keysLoaded++;
    if (this.options.replaces === true) this.removeTwin(entry);
    return this.hangers.add(db, entry) || this.refuseTwin();
  }

  /** What waits is hung: at the end of each feed nothing is held back. */
  private settle(): boolean {
    return this.hangers.flush() || this.refuseTwin();
  }

  /** A file has no key twice: what is there was there before. */
  private removeTwin(e: number): void {
    const { db } = this;
    const twin = db.peekBytes(db.bytes(e), db.view(e), db.keyOffset(e), db.keyLength(e));
    if (twin !== NONE) db.remove(twin);
  }

  private refuseTwin(): boolean {
    const { db, hangers } = this;
    this.reason = `RDB has duplicated key '${shown(db.keyBytes(hangers.refused))}' in DB ${db.index}`;
    db.release(hangers.refused);
    return false;
  }

  private stamp(e: number): void {
    const { usage, usageClock, now } = this.engine;
    if (usage === 'lfu') {
      if (this.frequency >= 0) this.db.setUsage(e, usageClock.lfuBits(now, this.frequency));
    } else if (this.idleSeconds >= 0) this.db.setUsage(e, usageClock.idleBits(now, this.idleSeconds));
  }

  protected get databaseIndex(): number {
    return this.db.index;
  }

  private whichKey(): string {
    return `(key '${shown(this.keyBytes())}' in DB ${this.databaseIndex}, type ${this.type})`;
  }

  protected keyBytes(): Uint8Array {
    const { builder, db, key } = this;
    return builder.entry === NONE ? key.copy() : db.keyBytes(builder.entry);
  }
}

/** A key for a message: not all of a long one, and nothing that breaks a line. */
function shown(bytes: Uint8Array): string {
  return quote(bytes.subarray(0, SHOWN_BYTES)).slice(1, -1);
}
