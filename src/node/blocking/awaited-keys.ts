/**
 * Who waits for which keys, in the order in which they came, and which of these keys were made since.
 *
 *   BLPOP a b ──▶ a: {A}        RPUSH b ──▶ ready: b ──▶ served when the command is over
 *                 b: {A, C}
 *
 * A key is made ready by being made, as a list or a sorted set: a list that exists has no use for who waits, since it
 * was there when he came. A key that is overwritten is not made (so it is with Redis: SORT … STORE onto a string wakes
 * nobody). Each key is ready once, until it is taken.
 */
import type { Engine } from '../../keyspace/engine.js';
import { TYPE_LIST, TYPE_ZSET } from '../../keyspace/entry.js';

export interface AwaitedKey {
  readonly database: number;
  /** latin1. */
  readonly key: string;
}

export class AwaitedKeys<W> {
  private readonly byDatabase = new Map<number, Map<string, Set<W>>>();
  private readonly byWaiter = new Map<W, AwaitedKey[]>();
  /** By number of the database and key, in the order in which they were made. */
  private readonly ready = new Map<string, AwaitedKey>();

  constructor(
    private readonly engine: Engine,
    /** A key is ready, and none was before. */
    private readonly wake: () => void,
  ) {}

  get isEmpty(): boolean {
    return this.byWaiter.size === 0;
  }

  /** He waits for these keys from now on, behind those who wait for them already. */
  add(waiter: W, database: number, keys: readonly string[]): void {
    let awaited = this.byDatabase.get(database);
    if (awaited === undefined) this.byDatabase.set(database, (awaited = new Map()));
    const own: AwaitedKey[] = [];
    for (const key of keys) {
      let waiters = awaited.get(key);
      if (waiters === undefined) awaited.set(key, (waiters = new Set()));
      waiters.add(waiter);
      own.push({ database, key });
    }
    this.byWaiter.set(waiter, own);
  }

  forget(waiter: W): void {
    for (const { database, key } of this.byWaiter.get(waiter) ?? []) {
      const keys = this.byDatabase.get(database);
      const waiters = keys?.get(key);
      waiters?.delete(waiter);
      if (waiters?.size === 0) keys?.delete(key);
      if (keys?.size === 0) this.byDatabase.delete(database);
    }
    this.byWaiter.delete(waiter);
  }

  /** In the order in which they came. He who is served may be forgotten meanwhile. */
  waitersOf({ database, key }: AwaitedKey): Iterable<W> {
    return this.byDatabase.get(database)?.get(key) ?? [];
  }

  // ── readiness ─────────────────────────────────────────────────────────────

  /** A key was made, just now. */
  made(database: number, bytes: Uint8Array, offset: number, length: number): void {
    const keys = this.byDatabase.get(database);
    if (keys === undefined || !isAwaitable(this.engine.database(database).lastType)) return;
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
    if (keys.has(key)) this.makeReady(database, key);
  }

  /** SWAPDB: who waits in one database is about to see the keys of another. What is dead goes when it is served. */
  replacing(database: number, other: number): void {
    this.engine.amongDead(() => {
      for (const key of this.byDatabase.get(database)?.keys() ?? [])
        if (isAwaitable(this.typeOf({ database: other, key }))) this.makeReady(database, key);
    });
  }

  /** The key that was made ready first and is not taken, or null. */
  takeReady(): AwaitedKey | null {
    const [first] = this.ready;
    if (first === undefined) return null;
    this.ready.delete(first[0]);
    return first[1];
  }

  /** What is there now; -1 for nothing. */
  typeOf({ database, key }: AwaitedKey): number {
    const bytes = Buffer.from(key, 'latin1');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const db = this.engine.database(database);
    return db.peekBytes(bytes, view, 0, bytes.length) === 0 ? -1 : db.lastType;
  }

  private makeReady(database: number, key: string): void {
    const name = `${database} ${key}`;
    if (this.ready.has(name)) return;
    if (this.ready.size === 0) this.wake();
    this.ready.set(name, { database, key });
  }
}

function isAwaitable(type: number): boolean {
  return type === TYPE_LIST || type === TYPE_ZSET;
}
