/**
 * What happens to keys, told to all who want to know. The engine has one observer, and this is it.
 *
 *   Engine ──▶ KeyEvents ─┬─▶ WatchedKeys        WATCH: EXEC will refuse
 *                         ├─▶ AwaitedKeys        BLPOP and its kin: a key that is waited for was made
 *                         ├─▶ Notifications      notify-keyspace-events: a message to who listens
 *                         └─▶ OwnMortals         a replica that takes writes: keys that die by its own clock
 *
 * While nobody wants to know it takes itself away, and a write costs one look at a null.
 */
import type { Engine } from '../../keyspace/engine.js';
import { EVENT, type KeyObserver } from '../../keyspace/events.js';
import type { Request } from '../../resp/request.js';
import type { Client } from '../client.js';
import { AwaitedKeys } from '../blocking/awaited-keys.js';
import { Notifications, type Publisher } from '../pubsub/notifications.js';
import { OwnMortals } from './own-mortals.js';
import { WatchedKeys } from './watched-keys.js';

export class KeyEvents implements KeyObserver {
  readonly watchedKeys: WatchedKeys<Client>;
  readonly awaited: AwaitedKeys<Client>;
  private readonly notifications: Notifications;
  /** At a replica that takes writes. */
  ownMortals: OwnMortals | null = null;

  constructor(
    private readonly engine: Engine,
    publisher: Publisher,
    /** A key was made that somebody waits for. */
    keyReady: () => void,
  ) {
    this.awaited = new AwaitedKeys(engine, keyReady);
    this.watchedKeys = new WatchedKeys(engine);
    this.notifications = new Notifications(publisher);
  }

  /** The value of notify-keyspace-events. */
  followConfig(notify: number): void {
    this.notifications.follow(notify);
    this.review();
  }

  followRole(takesWritesAsReplica: boolean): void {
    if (!takesWritesAsReplica) this.ownMortals = null;
    else this.ownMortals ??= new OwnMortals(this.engine);
    this.review();
  }

  watch(client: Client, request: Request, i: number): void {
    this.engine.database(client.database).peek(request, i); // if its time has come it is gone now, not later
    this.watchedKeys.watch(client, client.database, request.text(i));
    this.review();
  }

  awaitKeys(client: Client, database: number, keys: readonly string[]): void {
    this.awaited.add(client, database, keys);
    this.review();
  }

  private review(): void {
    const isObserved = !this.watchedKeys.isEmpty || !this.awaited.isEmpty;
    const isAsked = isObserved || this.notifications.isOn || this.ownMortals !== null;
    this.engine.observer = isAsked ? this : null;
  }

  keyChanged(database: number, bytes: Uint8Array, offset: number, length: number, event: number): void {
    this.watchedKeys.touched(database, bytes, offset, length);
    if (event === EVENT.new) this.awaited.made(database, bytes, offset, length);
    if (this.ownMortals !== null) this.ownMortals.happened(database, bytes, offset, length, event);
    if (this.notifications.isOn) this.notifications.happened(database, bytes, offset, length, event);
    else if (this.watchedKeys.isEmpty) this.review();
  }

  keyExpired(database: number, bytes: Uint8Array, offset: number, length: number): void {
    this.watchedKeys.touched(database, bytes, offset, length);
    if (this.notifications.isOn) this.notifications.happened(database, bytes, offset, length, EVENT.expired);
  }

  keyMissed(database: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.notifications.isOn) this.notifications.happened(database, bytes, offset, length, EVENT.keymiss);
  }

  replacing(database: number, other: number | null): void {
    this.watchedKeys.replacing(database, other);
    if (other !== null) this.awaited.replacing(database, other);
    if (other === null) this.ownMortals?.forget(database);
  }
}
