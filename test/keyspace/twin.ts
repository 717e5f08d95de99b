/**
 * A database and a plain Map, changed in step: whatever one of them shows, the other has to show as well.
 *
 * Keys and values are latin1 texts here, one character a byte.
 */
import { expect } from 'vitest';
import { GROUP_SHIFT } from '../../src/keyspace/directory.js';
import { SLOT_COUNT } from '../../src/slots/slot-set.js';
import { Engine } from '../../src/keyspace/engine.js';
import { IMMORTAL, NONE, STRING_RAW, TYPE_STRING } from '../../src/keyspace/entry.js';
import type { Database } from '../../src/keyspace/keyspace.js';
import { eachKey } from '../../src/keyspace/scan.js';
import { Request } from '../../src/resp/request.js';
import { keySlot } from '../../src/slots/key-slot.js';
import { seeded } from '../golden/chance.mjs';

export const START = 1_700_000_000_000;

export function newEngine(seed = 1): Engine {
  const engine = new Engine({ databaseCount: 3, hashKey: [seed, ~seed], random: seeded(seed) });
  engine.setClock(START);
  return engine;
}

export interface Value {
  text: string;
  at: number;
}

/** The same operations on a Map of latin1 texts. */
export class Model {
  readonly keys = new Map<string, Value>();

  live(key: string, now: number): Value | undefined {
    const value = this.keys.get(key);
    if (value === undefined || value.at >= now) return value;
    this.keys.delete(key);
    return undefined;
  }
}

/** One database and its model, changed in step. */
export class Twin {
  readonly model = new Model();

  constructor(
    readonly engine: Engine,
    readonly db: Database,
  ) {}

  get(key: string): void {
    const e = this.db.find(request('GET', key), 1);
    const value = this.model.live(key, this.engine.now);
    expect(e === NONE ? null : textOf(this.db, e)).toBe(value?.text ?? null);
    if (value !== undefined) expect(this.db.expireAt(e)).toBe(value.at);
  }

  set(key: string, text: string, at: number): void {
    const set = request('SET', key, text);
    this.db.setString(this.db.find(set, 1), set, 1, 2, at);
    this.model.keys.set(key, { text, at });
  }

  incr(key: string, n: number): void {
    const set = request('INCR', key);
    this.db.setInteger(this.db.find(set, 1), set, 1, n);
    this.model.keys.set(key, { text: String(n), at: this.model.live(key, this.engine.now)?.at ?? IMMORTAL });
  }

  append(key: string, text: string): void {
    const append = request('APPEND', key, text);
    const e = this.db.find(append, 1);
    const value = this.model.live(key, this.engine.now);
    if (e === NONE) return this.set(key, text, IMMORTAL);
    const before = this.db.valueLength(e);
    const to = this.db.resize(e, before + append.len[2]!);
    this.db.setKind(to, STRING_RAW);
    this.db.putBytes(to, before, append.buf, append.view, append.off[2]!, append.len[2]!);
    if (value !== undefined) value.text += text;
  }

  cut(key: string, length: number): void {
    const e = this.db.find(request('CUT', key), 1);
    const value = this.model.live(key, this.engine.now);
    if (e === NONE || value === undefined || value.text.length < length) return;
    this.db.resize(e, length);
    value.text = value.text.slice(0, length);
  }

  remove(key: string): void {
    const e = this.db.find(request('DEL', key), 1);
    expect(e !== NONE).toBe(this.model.live(key, this.engine.now) !== undefined);
    if (e !== NONE) this.db.remove(e);
    this.model.keys.delete(key);
  }

  expire(key: string, at: number): void {
    const e = this.db.find(request('EXPIRE', key), 1);
    const value = this.model.live(key, this.engine.now);
    if (e === NONE || value === undefined) return;
    const to = this.db.setExpire(e, at);
    expect(this.db.find(request('EXPIRE', key), 1)).toBe(at < this.engine.now ? NONE : to);
    value.at = at;
  }

  rename(from: string, to: string, target: Twin): void {
    const rename = request('RENAME', from, to);
    const e = this.db.find(rename, 1);
    const value = this.model.live(from, this.engine.now);
    if (e === NONE || value === undefined || (from === to && target === this)) return;
    const old = target.db.find(rename, 2);
    if (old !== NONE) target.db.remove(old);
    const at = this.db.expireAt(e);
    this.db.unlink(e, this.db.tableOf(e));
    target.db.adopt(e, rename, 2, at);
    this.model.keys.delete(from);
    target.model.keys.set(to, value);
  }

  copy(from: string, to: string, target: Twin): void {
    const copy = request('COPY', from, to);
    const e = this.db.find(copy, 1);
    const value = this.model.live(from, this.engine.now);
    if (e === NONE || value === undefined || (from === to && target === this)) return;
    const old = target.db.find(copy, 2);
    if (old !== NONE) target.db.remove(old);
    target.db.copyFrom(e, copy, 2, this.db.expireAt(e));
    target.model.keys.set(to, { ...value });
  }

  /** All that can be seen of the database agrees with the model. */
  compare(): void {
    const { db, model } = this;
    const { now } = this.engine;
    const found = new Map<string, Value>();
    eachKey(db, (e) => found.set(keyOf(db, e), { text: textOf(db, e), at: db.expireAt(e) }));
    for (const key of [...model.keys.keys()]) model.live(key, now);
    expect(found).toEqual(model.keys);
  }

  /** Sizes, groups and mortal counts agree with what hangs in the tables, dead keys included. */
  compareCounts(): void {
    const { db } = this;
    const groups = new Int32Array(db.groups.length);
    const mortal = new Int32Array(SLOT_COUNT);
    let size = 0;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      if (db.keysInSlot(slot) === 0) continue;
      size += db.keysInSlot(slot);
      groups[slot >> GROUP_SHIFT]! += db.keysInSlot(slot);
      this.engine.tables.each(db.slotTable(slot), (e) => {
        if (keySlot(db.bytes(e), db.keyOffset(e), db.keyLength(e)) !== slot)
          expect.fail(`a key is not in slot ${slot}`);
        if (db.expireAt(e) !== IMMORTAL) mortal[slot]!++;
      });
    }
    expect(db.size).toBe(size);
    expect(Buffer.compare(bytesOf(db.groups), bytesOf(groups))).toBe(0);
    expect(db.mortalCount).toBe(mortal.reduce((sum, n) => sum + n, 0));
    if (db.mortalCount > 0) expect(Buffer.compare(bytesOf(db.mortalInSlot), bytesOf(mortal))).toBe(0);
  }
}

export function request(name: string, ...args: string[]): Request {
  return Request.of(name, ...args.map((text) => Buffer.from(text, 'latin1')));
}

function bytesOf(counts: Int32Array): Buffer {
  return Buffer.from(counts.buffer, counts.byteOffset, counts.byteLength);
}

export function textOf(db: Database, e: number): string {
  if (db.type(e) !== TYPE_STRING) expect.fail('no string');
  const from = db.valueOffset(e);
  return Buffer.from(db.bytes(e).subarray(from, from + db.valueLength(e))).toString('latin1');
}

function keyOf(db: Database, e: number): string {
  const from = db.keyOffset(e);
  return Buffer.from(db.bytes(e).subarray(from, from + db.keyLength(e))).toString('latin1');
}
