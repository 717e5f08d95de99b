/**
 * Who watches which keys, for WATCH: a change of one makes the next EXEC of its watchers refuse.
 *
 * Kept by database and key. The engine asks only while somebody watches (`Engine.observer`).
 */
import type { Engine } from '../../keyspace/engine.js';

/** What a watcher has to do with it. */
export interface Watcher {
  watchBroken: boolean;
}

interface Watch {
  readonly database: number;
  readonly key: string; // latin1
}

export class WatchedKeys<W extends Watcher> {
  private readonly byDatabase = new Map<number, Map<string, Set<W>>>();
  private readonly byWatcher = new Map<W, Watch[]>();

  constructor(private readonly engine: Engine) {}

  get isEmpty(): boolean {
    return this.byWatcher.size === 0;
  }

  /** How many keys somebody watches. */
  countOf(watcher: W): number {
    return this.byWatcher.get(watcher)?.length ?? 0;
  }

  watch(watcher: W, database: number, key: string): void {
    const keys = getOrMake(this.byDatabase, database, () => new Map<string, Set<W>>());
    const watchers = getOrMake(keys, key, () => new Set<W>());
    if (watchers.has(watcher)) return;
    watchers.add(watcher);
    getOrMake(this.byWatcher, watcher, () => []).push({ database, key });
  }

  unwatch(watcher: W): void {
    for (const { database, key } of this.byWatcher.get(watcher) ?? []) {
      const keys = this.byDatabase.get(database);
      const watchers = keys?.get(key);
      watchers?.delete(watcher);
      if (watchers?.size === 0) keys?.delete(key);
      if (keys?.size === 0) this.byDatabase.delete(database);
    }
    this.byWatcher.delete(watcher);
  }

  /** A key was changed, removed or has expired. */
  touched(database: number, bytes: Uint8Array, offset: number, length: number): void {
    const keys = this.byDatabase.get(database);
    if (keys === undefined) return;
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
    for (const watcher of keys.get(key) ?? []) watcher.watchBroken = true;
  }

  /** All keys of a database are about to go, or to be exchanged with another's: those that exist are touched. */
  replacing(database: number, other: number | null): void {
    for (const [key, watchers] of this.byDatabase.get(database) ?? []) {
      if (!this.exists(database, key) && (other === null || !this.exists(other, key))) continue;
      for (const watcher of watchers) watcher.watchBroken = true;
    }
  }

  /** A watched key whose time has come meanwhile counts as touched: looking at it removes it, which says so. */
  lookAtAll(watcher: W): void {
    for (const { database, key } of this.byWatcher.get(watcher) ?? []) this.exists(database, key);
  }

  private exists(database: number, key: string): boolean {
    const bytes = Buffer.from(key, 'latin1');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.engine.database(database).peekBytes(bytes, view, 0, bytes.length) !== 0;
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
