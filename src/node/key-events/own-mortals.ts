/**
 * A replica that takes writes: the keys to which its own clients gave a time of death.
 *
 *   client: SET k v PX 50 ──▶ remembered ──▶ a few are looked at per tick ──▶ dead: removed
 *                                                                       └──▶ alive: back to the end of the queue
 *
 * All other keys of a replica wait for the DEL of its primary; for these none will ever come. What a remembered key is
 * by now does not matter: it goes if its time has come, and is forgotten if it has none.
 */
import type { Engine } from '../../keyspace/engine.js';
import { EXTRA, NONE } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';

/** So many living keys in a row, and the rest may wait for the next tick: as in Redis. */
const LIVING_AT_MOST = 3;

/** Events behind which a key may have got a time of death. */
const GIVES_TIME: ReadonlySet<number> = new Set([
  EVENT.expire,
  EVENT.rename_to,
  EVENT.move_to,
  EVENT.copy_to,
  EVENT.restore,
]);

export class OwnMortals {
  /** By database: keys in latin1, in the order in which they will be looked at. */
  private readonly keys: Set<string>[];

  constructor(private readonly engine: Engine) {
    this.keys = Array.from({ length: engine.databaseCount }, () => new Set<string>());
  }

  /** INFO slave_expires_tracked_keys. */
  get size(): number {
    return this.keys.reduce((sum, { size }) => sum + size, 0);
  }

  happened(database: number, bytes: Uint8Array, offset: number, length: number, event: number): void {
    if (!GIVES_TIME.has(event) || this.engine.sparesDead) return;
    this.keys[database]?.add(Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1'));
  }

  /** All keys of a database go: what comes now under these names may be the primary's. */
  forget(database: number): void {
    this.keys[database]?.clear();
  }

  /** Removes some of those whose time has come. */
  expire(): void {
    for (const [database, keys] of this.keys.entries()) {
      let living = 0;
      for (const key of keys) {
        if (living > LIVING_AT_MOST) break;
        keys.delete(key);
        if (this.expireOne(database, key)) continue;
        keys.add(key);
        living++;
      }
    }
    this.engine.changes?.settle();
  }

  /** True where the key is gone, or no mortal. */
  private expireOne(database: number, key: string): boolean {
    const db = this.engine.database(database);
    const bytes = Buffer.from(key, 'latin1');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const e = this.engine.amongDead(() => db.peekBytes(bytes, view, 0, bytes.length));
    if (e === NONE || (db.meta(e) & EXTRA) === 0) return true;
    if (!db.isDead(e)) return false;
    db.expireNow(e, db.tableOf(e));
    return true;
  }
}
