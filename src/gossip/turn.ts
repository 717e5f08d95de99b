/**
 * The doors of the core: what comes in, what goes out, and in which order.
 *
 *            Event, clocks                    Effect[]
 *    Host ────────────────▶ Cluster.step ────────────────▶ Host
 *   (clocks,                reads and writes               1. Save   (fsync)
 *    sockets,               its own fields,                2. the rest, in
 *    files)                 nothing else                      order of creation
 *
 * Save comes before every Send and every Answer of the same step. A vote that was sent but not saved could be given
 * twice after a crash: two winners in one epoch, two owners of a slot. No handler can get this order wrong, because
 * none decides it: they gather effects in a Turn, and `effects` puts the Save in front.
 *
 * Events and effects are plain data, so that a run can be recorded and replayed.
 */

import type { ClusterOptions } from './cluster-state.js';
import type { ResyncOffer, ResyncVerdict } from './failover/rescue.js';
import type { LinkId, Millis, NodeId, SavedCluster } from './node-table.js';
import type { Order, OrderAnswer } from './operator/order.js';
import type { Malformed, Packet } from './packet-codec.js';

/** Timeouts run by the first, which never goes back; the seconds in packets and files come from the second. */
export interface Clocks {
  nowMs: Millis;
  wallMs: Millis;
}

export type Event =
  | { kind: 'Start' } // once, before all others
  | { kind: 'Tick' } // ten times a second
  | { kind: 'LinkAccepted'; link: LinkId; remoteIp: string; localIp: string }
  | { kind: 'LinkUp'; link: LinkId } // one that a Connect asked for
  | { kind: 'LinkDown'; link: LinkId; reason: string } // either kind, also before it was up
  | { kind: 'LinkCongested'; link: LinkId; queuedBytes: number } // over cluster-link-sendbuf-limit
  | { kind: 'Received'; link: LinkId; packet: Packet; byteCount: number }
  | { kind: 'ReceivedMalformed'; link: LinkId; malformed: Malformed }
  | { kind: 'Order'; order: Order }
  | { kind: 'Configured'; options: ClusterOptions } // CONFIG SET
  | Replicated
  | { kind: 'ResyncOffered'; offer: ResyncOffer } // before a full sync replaces our data: answered by one Resync
  | { kind: 'Loaded'; populatedSlots: readonly number[] } // the files were read: slots with keys in them
  | { kind: 'Publish'; channel: Uint8Array; message: Uint8Array; sharded: boolean };

/**
 * What replication knows, before each Tick, as soon as a WritesPaused is in force, and where an OffsetWanted asks.
 *
 * `offset`: at a replica what it has applied, at a primary what it has sent. 0 where there is no data.
 * `ageMs`: how long our primary has been silent; infinite before it was heard; 0 at a primary.
 * `synced`: a sync with our present primary has been completed, and no other is replacing our data. It stays true when
 * the connection breaks, and is true at a primary.
 */
export interface Replicated {
  kind: 'Replicated';
  offset: number;
  ageMs: Millis;
  synced: boolean;
}

/**
 * How much a save is worth. `durable`: on disk before the next effect, as others rely on it: votes, epochs, claims.
 * `written`: a process that is killed has it, a machine without power may not: what was given up stands in the newer
 * claim of whoever has it now. `soon`: before long, since others would only say it again.
 */
export type Care = 'soon' | 'written' | 'durable';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export type Effect =
  | { kind: 'Save'; reasons: readonly string[]; care: Care; state: SavedCluster }
  | { kind: 'Connect'; link: LinkId; nodeId: NodeId; ip: string; busPort: number }
  | { kind: 'CloseLink'; link: LinkId } // answered by no LinkDown: the core has forgotten it already
  | { kind: 'Send'; links: readonly LinkId[]; packet: Packet } // one packet for all: encoded once
  | { kind: 'RoleChanged'; role: 'primary' }
  | { kind: 'RoleChanged'; role: 'replica'; primary: { id: NodeId; ip: string; port: number } }
  | { kind: 'SlotsLost'; slots: readonly number[] } // while we stay primary: their keys go
  | { kind: 'KeysOutdated' } // a replica was reset: all of its keys go
  | { kind: 'WritesPaused'; untilMs: Millis } // monotonic; once it is done, Replicated is to tell the final offset
  | { kind: 'WritesResumed' }
  | { kind: 'OffsetWanted' } // Replicated is to tell what we have applied by now
  | { kind: 'Resync'; verdict: ResyncVerdict } // of a ResyncOffered, exactly one
  | { kind: 'StateChanged'; state: 'ok' | 'fail' }
  | { kind: 'Published'; channel: Uint8Array; message: Uint8Array; sharded: boolean } // for our own subscribers
  | { kind: 'Answer'; answer: OrderAnswer } // of an Order, exactly one
  | { kind: 'Log'; level: LogLevel; text: string };

/** One call of `step`: its clocks, and the effects gathered so far. */
export class Turn {
  private readonly gathered: Effect[] = [];
  private readonly saveReasons: string[] = [];
  private care: Care = 'soon';

  constructor(private readonly clocks: Clocks) {}

  get now(): Millis {
    return this.clocks.nowMs;
  }

  /** Wall time of a monotonic moment, 0 for NEVER: what packets, files and replies show. */
  wallOf(at: Millis): Millis {
    return at === Number.NEGATIVE_INFINITY ? 0 : Math.round(this.clocks.wallMs - (this.now - at));
  }

  /** The monotonic moment of a wall time that somebody else stated. */
  momentOf(wallMs: Millis): Millis {
    return this.now - (this.clocks.wallMs - wallMs);
  }

  log(level: LogLevel, text: string): void {
    this.gathered.push({ kind: 'Log', level, text });
  }

  send(links: readonly LinkId[], packet: Packet): void {
    if (links.length > 0) this.gathered.push({ kind: 'Send', links, packet });
  }

  emit(effect: Exclude<Effect, { kind: 'Save' | 'Send' | 'Log' }>): void {
    this.gathered.push(effect);
  }

  /** Something changed that a restart should still know. Asked for often, done once a step. */
  save(reason: string): void {
    if (!this.saveReasons.includes(reason)) this.saveReasons.push(reason);
  }

  /** Something changed that must survive a crash before anybody hears of it. */
  saveDurably(reason: string): void {
    this.care = 'durable';
    this.save(reason);
  }

  /** Something changed that must survive the end of this process. */
  saveWritten(reason: string): void {
    this.beWritten();
    this.save(reason);
  }

  /** Whatever this step saves is to survive the end of this process: an operator was told that it is done. */
  beWritten(): void {
    if (this.care === 'soon') this.care = 'written';
  }

  effects(snapshot: () => SavedCluster): Effect[] {
    if (this.saveReasons.length === 0) return this.gathered;
    return [{ kind: 'Save', reasons: this.saveReasons, care: this.care, state: snapshot() }, ...this.gathered];
  }
}
