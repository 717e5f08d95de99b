/**
 * Whether a request's keys are served here, asked for every command of a node in cluster mode.
 *
 *   one key, its slot ours and not moving, cluster up ──▶ go on          three bytes looked at
 *   anything else ──▶ KeyTally ──▶ decideRedirect ──▶ the error text
 *
 * HOT. bench: GET, SET in cluster mode
 */
import { findKeys, KeyPlaces } from '../../commands/keys.js';
import { FLAG, KEY_FLAG } from '../../commands/row.js';
import type { CommandTable } from '../../commands/table.js';
import type { Cluster } from '../../gossip/cluster.js';
import type { NodeId } from '../../gossip/node-table.js';
import type { Engine } from '../../keyspace/engine.js';
import type { Request } from '../../resp/request.js';
import { clientPort, type Endpoint, preferredHost } from '../../slots/endpoint.js';
import { keySlot } from '../../slots/key-slot.js';
import { KeyTally } from '../../slots/key-tally.js';
import {
  decideBlockedRedirect,
  decideRedirect,
  describeRedirect,
  type KeyedRequest,
  type SlotView,
} from '../../slots/redirect.js';
import type { Client } from '../client.js';
import type { Config } from '../config.js';

export class Redirector implements SlotView<NodeId> {
  private readonly tally = new KeyTally();
  private readonly places = new KeyPlaces();
  private readonly singleKey: Uint8Array;
  private readonly keyless: Uint8Array;
  /** 1 for SSUBSCRIBE and its kin: their channels go where keys of those names would. */
  private readonly onShardChannels: Uint8Array;
  /** 1 for ZUNIONSTORE and its kin: redis judges their sources first, the destination last. */
  private readonly sourcesFirst: Uint8Array;
  private readonly execId: number;
  private readonly migrateId: number;

  constructor(
    private readonly cluster: Cluster,
    private readonly table: CommandTable,
    private readonly engine: Engine,
    private readonly config: Config,
  ) {
    const movable = (flags: number): boolean => (flags & FLAG.MOVABLEKEYS) !== 0;
    this.singleKey = Uint8Array.from(table.commands, ({ range, flags }) =>
      range.first === 1 && range.last === 1 && !movable(flags) ? 1 : 0,
    );
    this.keyless = Uint8Array.from(table.commands, ({ range, flags }) =>
      range.first === 0 && !movable(flags) ? 1 : 0,
    );
    this.onShardChannels = Uint8Array.from(table.commands, ({ keySpecs }) =>
      keySpecs.length > 0 && keySpecs.every((spec) => (spec.flags & KEY_FLAG.NOT_KEY) !== 0) ? 1 : 0,
    );
    this.sourcesFirst = Uint8Array.from(table.commands, ({ keySpecs: [first, second] }) =>
      first?.find === 'range' && second?.find === 'keynum' ? 1 : 0,
    );
    this.execId = table.byName(Buffer.from('exec'))?.id ?? -1;
    this.migrateId = table.byName(Buffer.from('migrate'))?.id ?? -1;
  }

  // ── SlotView ──────────────────────────────────────────────────────────────

  get me(): NodeId {
    return this.cluster.myId;
  }
  get primary(): NodeId | null {
    return this.cluster.role === 'replica' ? this.cluster.shardPrimaryId : null;
  }
  get state(): 'ok' | 'fail' {
    return this.cluster.health.state;
  }
  get allowReadsWhenDown(): boolean {
    return this.config.clusterAllowReadsWhenDown;
  }
  get allowShardChannelsWhenDown(): boolean {
    return this.config.clusterAllowPubsubshardWhenDown;
  }
  ownerOf(slot: number): NodeId | null {
    return this.cluster.slots.ownerOf(slot);
  }
  migratingTo(slot: number): NodeId | null {
    return this.cluster.moves.migratingTo(slot);
  }
  importingFrom(slot: number): NodeId | null {
    return this.cluster.moves.importingFrom(slot);
  }

  // ── the question ──────────────────────────────────────────────────────────

  /** Null where the request is served here, else the error text. */
  redirect(request: Request, id: number, client: Client): string | null {
    if (this.keyless[id] === 1 && id !== this.execId) return null;
    const { cluster, tally } = this;
    if (this.singleKey[id] === 1) {
      if (!request.hashed) this.hash(request);
      const { slot } = request;
      if (cluster.health.state === 'ok' && cluster.slots.isMine(slot) && !cluster.moves.isMoving(slot)) return null;
    }
    tally.reset();
    if (id !== this.execId) this.addKeys(request, id);
    else for (const queued of client.transaction?.queued ?? []) this.addKeys(queued, queued.command);
    if (tally.slot < 0) return null;
    const verdict = decideRedirect(this.describe(request, id, client), this);
    return verdict.serve ? null : describeRedirect(verdict, (owner) => this.endpointOf(owner));
  }

  /** A client waits for the key in argument i: null where it may go on waiting here, else the error text. */
  refuseToWait(request: Request, i: number, client: Client): string | null {
    const slot = keySlot(request.buf, request.off[i] ?? 0, request.len[i] ?? 0);
    const isRead = ((this.table.flags[request.command] ?? 0) & FLAG.WRITE) === 0;
    const verdict = decideBlockedRedirect(slot, client.readOnly && isRead, this);
    return verdict.serve ? null : describeRedirect(verdict, (owner) => this.endpointOf(owner));
  }

  /** Hash and slot at once: the keyspace will not have to hash the key again. */
  private hash(request: Request): void {
    const { hasher } = this.engine;
    request.hash = hasher.hash(request.buf, request.view, request.off[1] ?? 0, request.len[1] ?? 0);
    request.slot = hasher.slot;
    request.hashed = true;
  }

  private addKeys(request: Request, id: number): void {
    const count = this.findPlaces(request, id);
    const start = this.sourcesFirst[id] ?? 0;
    for (let k = 0; k < count; k++) {
      const i = this.places.at[(start + k) % count] ?? 0;
      this.tally.add(request.buf, request.off[i] ?? 0, request.len[i] ?? 0);
    }
  }

  /** The arguments that say where to go: keys or shard channels. */
  private findPlaces(request: Request, id: number): number {
    const { places } = this;
    const command = this.table.commands[id];
    if (command === undefined) return 0;
    if (this.onShardChannels[id] === 0) return findKeys(command, request, places);
    const { first, last } = command.range;
    places.count = 0;
    for (let i = first; i <= (last < 0 ? request.argc + last : last); i++) places.push(i, 0);
    return places.count;
  }

  private describe(request: Request, id: number, client: Client): KeyedRequest {
    const { tally } = this;
    const flags = this.table.flags[id] ?? 0;
    const isExec = id === this.execId;
    const queued = isExec ? (client.transaction?.flags ?? 0) : 0;
    return {
      slot: tally.slot,
      otherSlot: tally.otherSlot < 0 ? null : tally.otherSlot,
      severalKeys: tally.severalKeys,
      countKeys: () => this.countKeys(isExec ? (client.transaction?.queued ?? []) : [request]),
      kind: this.onShardChannels[id] === 1 ? 'shard-channel' : id === this.migrateId ? 'migrate' : 'ordinary',
      writes: (flags & FLAG.WRITE) !== 0,
      writesAnything: ((flags | queued) & FLAG.WRITE) !== 0,
      asking: client.asking || (flags & FLAG.ASKING) !== 0,
      readsFromReplicas: client.readOnly,
    };
  }

  /** Of all keys of these requests: how many there are here, and how many not. */
  private countKeys(requests: readonly Request[]): { here: number; missing: number } {
    const db = this.engine.database(0);
    let here = 0;
    let missing = 0;
    for (const request of requests) {
      const count = this.findPlaces(request, request.command);
      for (let k = 0; k < count; k++) {
        if (db.peek(request, this.places.at[k] ?? 0) === 0) missing++;
        else here++;
      }
    }
    return { here, missing };
  }

  endpointOf(owner: NodeId): Endpoint {
    const node = this.cluster.node(owner);
    if (node === null) throw new Error(`slots are owned by ${owner}, whom nobody knows`);
    const host = preferredHost(node, this.config.clusterPreferredEndpointType);
    return { host, port: clientPort(node, 'plain') };
  }
}
