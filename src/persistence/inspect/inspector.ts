/**
 * Looks through an RDB file without loading it: each key's value is built as for loading, shown, and let go.
 *
 *   bytes ▸ RdbInspector ▸ visitor.aux … database … key key key …        feed, as for a loader
 *
 * So whatever loading finds wrong is found, the sizes are those the keys have in memory here, and no more is held than
 * one value. What could not be loaded, but has a known form (streams, values of modules), is passed over and told by
 * name. Not found are keys that stand twice in the file: that would mean to remember all of them.
 */
import type { Database } from '../../keyspace/keyspace.js';
import { Engine } from '../../keyspace/engine.js';
import { IMMORTAL } from '../../keyspace/entry.js';
import { readLibrary } from '../functions/library.js';
import { ELEMENTS, EMPTY } from '../rdb-builder.js';
import { BAD, MORE, moduleName, OK } from '../rdb-input.js';
import { FORM_NAMES, OPCODE, TYPE, UNREADABLE } from '../rdb-layout.js';
import { NOT_SAID, RdbLoader, STAGE } from '../rdb-reader.js';
import { ForeignValue } from './foreign-value.js';

/** A key of the file. Its bytes are good until the visitor returns. */
export interface FoundKey {
  readonly database: number;
  readonly key: Uint8Array;
  /** The type as the file has it: a number of rdb-layout.ts. */
  readonly rdbType: number;
  /** Where it begins in the file, and how many bytes it takes there, with all that is said of it. */
  readonly offset: number;
  readonly bytes: number;
  /** Wall clock in ms; null for a key that does not die. */
  readonly expireAt: number | null;
  /** What the file says of its use, if it does. */
  readonly idleSeconds: number | null;
  readonly frequency: number | null;
}

/** A value that is not known here. */
export interface ForeignFacts {
  /** Its type by name: `stream`, or what the module called it. */
  readonly type: string;
  readonly entries: number | null;
}

export interface Visitor {
  aux(name: string, value: string, offset: number): void;
  database(index: number, offset: number): void;
  /** A value that is known: entry `e` of `db`, which goes when the visitor returns. */
  key(found: FoundKey, db: Database, e: number): void;
  foreignKey(found: FoundKey, facts: ForeignFacts): void;
  /** A collection without members, which loading leaves out. */
  emptyKey(found: FoundKey): void;
  /** A library of functions, or facts that a module keeps beside the keys. */
  extra(what: 'function' | 'module', name: string, offset: number): void;
}

/** What redis-check-rdb calls the step in which something was wrong. */
const DOING: ReadonlyMap<number, string> = new Map([
  [OPCODE.EXPIRETIME, 'read-expire'],
  [OPCODE.EXPIRETIME_MS, 'read-expire'],
  [OPCODE.SELECTDB, 'read-len'],
  [OPCODE.RESIZEDB, 'read-len'],
  [OPCODE.AUX, 'read-aux'],
  [OPCODE.MODULE_AUX, 'read-module-aux'],
  [OPCODE.FUNCTION2, 'read-functions'],
  [OPCODE.FUNCTION_PRE_GA, 'read-functions'],
]);

/** One database is enough: nothing hangs in it. */
const ENGINE = { databaseCount: 1, hashKey: [1, 2], random: () => 0 } as const;
const ALL_DATABASES = Number.MAX_SAFE_INTEGER;
/** An arena that big values made bigger than this is emptied behind them. */
const KEPT_ARENA_BYTES = 1 << 26;

export class RdbInspector extends RdbLoader {
  private readonly scratch: Engine;
  private readonly foreign = new ForeignValue();
  /** Whose facts beside the keys are being passed over; null for none. */
  private aside: string | null = null;
  /** The type of a value that is not known, by name. */
  private foreignType = '';
  private index = 0;
  private begunAt = 0;
  private name: Uint8Array | null = null;
  private opcode = 0;
  private stepAt: number = STAGE.MAGIC;

  constructor(
    private readonly visitor: Visitor,
    checksum: boolean,
  ) {
    const scratch = new Engine(ENGINE);
    const target = { databaseCount: ALL_DATABASES, database: () => scratch.database(0) };
    super(target, { checksum, now: 0, isPrimary: false });
    this.scratch = scratch;
  }

  /** What was being done when the bytes ended, or were found to be broken. */
  get doing(): string {
    const { stepAt } = this;
    if (stepAt === STAGE.OPCODE) return DOING.get(this.opcode) ?? 'read-type';
    if (stepAt === STAGE.KEY) return this.name === null ? 'read-key' : 'read-object-value';
    if (stepAt === STAGE.ELEMENTS) return this.aside === null ? 'read-object-value' : 'read-module-aux';
    return stepAt === STAGE.CHECKSUM ? 'check-sum' : 'start';
  }

  /** The key at whose value it was; null between keys, or before its name is known. */
  get present(): FoundKey | null {
    return this.name === null ? null : this.found(this.name, this.bytesLoaded);
  }

  private found(key: Uint8Array, end: number): FoundKey {
    const { begunAt, expireAt, frequency, idleSeconds, index, type } = this;
    return {
      database: index,
      key,
      rdbType: type,
      offset: begunAt,
      bytes: end - begunAt,
      expireAt: expireAt === IMMORTAL ? null : expireAt,
      idleSeconds: idleSeconds === NOT_SAID ? null : idleSeconds,
      frequency: frequency === NOT_SAID ? null : frequency,
    };
  }

  // ── around the keys ───────────────────────────────────────────────────────

  protected override step(): number {
    this.stepAt = this.stage;
    if (this.stage === STAGE.OPCODE) {
      this.name = null;
      const isFirst = this.expireAt === IMMORTAL && this.idleSeconds === NOT_SAID && this.frequency === NOT_SAID;
      if (isFirst) this.begunAt = this.offset;
    }
    return super.step();
  }

  protected override readOpcode(): number {
    const { input } = this;
    this.opcode = input.p < input.end ? input.u8[input.p] : 0;
    const r = super.readOpcode();
    const isUnknown = this.stage === STAGE.KEY && !FORM_NAMES.has(this.type);
    return isUnknown ? this.bad(`Invalid object type: ${this.type}`) : r;
  }

  protected override readAux(): number {
    const r = super.readAux();
    if (r === OK) this.visitor.aux(this.key.toString(), this.value.toString(), this.offset);
    return r;
  }

  protected override selectDatabase(): number {
    const index = this.input.length();
    if (index < 0) return this.verdict(index);
    this.index = index;
    this.visitor.database(index, this.offset);
    return OK;
  }

  protected override keepLibrary(code: Uint8Array): number {
    const r = super.keepLibrary(code);
    const read = readLibrary(code);
    if (r === OK && read.ok) this.visitor.extra('function', read.library.name, this.offset);
    return r;
  }

  protected override readModuleAux(): number {
    const { foreign, input } = this;
    const name = moduleName(input);
    if (name === MORE) return MORE;
    for (let i = 0; i < 2; i++) {
      const when = this.verdict(input.length());
      if (when !== OK) return when;
    }
    foreign.begin(TYPE.MODULE_2);
    this.aside = name;
    this.stage = STAGE.ELEMENTS; // it may be long: what was passed over is not read again
    return OK;
  }

  private endModuleAux(r: number, name: string): number {
    if (r !== OK) return this.verdict(r);
    this.visitor.extra('module', name, this.offset);
    this.aside = null;
    this.stage = STAGE.OPCODE;
    return OK;
  }

  // ── keys ──────────────────────────────────────────────────────────────────

  protected override startValue(): number {
    const { foreign, input, key, type } = this;
    this.name = key.copy();
    this.foreignType = '';
    if (!ForeignValue.knows(type)) return super.startValue();
    let name: string | typeof MORE = UNREADABLE.get(type) ?? '';
    if (type === TYPE.MODULE_2) name = moduleName(input);
    if (name === MORE) return MORE;
    this.foreignType = name;
    foreign.begin(type);
    return ELEMENTS;
  }

  protected override stepValue(): number {
    if (this.foreignType === '' && this.aside === null) return super.stepValue();
    const r = this.foreign.step(this.input);
    if (r === BAD) this.builder.reason = 'Invalid length or string.';
    return r;
  }

  protected override conclude(r: number): number {
    if (this.aside !== null) return this.endModuleAux(r, this.aside);
    if (r === EMPTY && this.name !== null) this.visitor.emptyKey(this.found(this.name, this.offset));
    return super.conclude(r);
  }

  protected override hang(): boolean {
    const { builder, db, foreign, foreignType, name, offset, scratch, visitor } = this;
    if (name === null) throw new Error('a value without a key');
    const found = this.found(name, offset);
    this.keysLoaded++;
    if (foreignType !== '') visitor.foreignKey(found, { type: foreignType, entries: foreign.entries });
    else visitor.key(found, db, builder.entry);
    builder.abandon();
    if (scratch.arena.reserved > KEPT_ARENA_BYTES) scratch.flushAll();
    return true;
  }

  protected override get databaseIndex(): number {
    return this.index;
  }

  protected override keyBytes(): Uint8Array {
    return this.name ?? super.keyBytes();
  }
}
