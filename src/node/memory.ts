/**
 * How much memory the node uses by its own account, and what it does about it: eviction, lazy freeing, active expiry.
 *
 *   used = arena (exact by construction) + what clients hold (parsers, unsent replies, queued commands)
 *          + libraries of functions + a fixed base
 *
 * The JavaScript heap and the process' resident size are not counted: they say nothing about the data.
 */
import type { Host } from '../base/host.js';
import type { Engine } from '../keyspace/engine.js';
import { DIRECTORY_BYTES } from '../keyspace/directory.js';
import { Eviction } from '../keyspace/upkeep/eviction.js';
import { Expiry } from '../keyspace/upkeep/expiry.js';
import type { Client } from './client.js';
import type { Clients } from './clients.js';
import type { Config } from './config.js';

/** What a server without keys and clients accounts for: tables of commands and directives, the shared buffers. */
const BASE_BYTES = 1024 * 1024;
/** Of one connection, beside its buffers. */
const CLIENT_BYTES = 2048;
/** So many clients are looked at in the time that a millisecond of serving can spare. */
const CLIENTS_A_MS = 200;
/** Lazy freeing may take this long in one turn of the loop. */
const FREE_SLICE_MS = 1;
/** About once a minute: an empty database that is used again soon keeps its directory. */
const TICKS_A_TIDYING = 600;
/** Memory that nobody needed for ten seconds goes back, as with Redis' allocator (`dirty_decay_ms`). */
const TICKS_OF_REST = 100;
/** Active expiry may take a quarter of the time, and a little more for each step of effort. */
const EXPIRY_SHARE = 0.25;
const EXPIRY_SHARE_PER_EFFORT = 0.02;

export class Memory {
  readonly eviction: Eviction;
  readonly expiry: Expiry;
  /** The most that was ever used, as far as it was looked at. */
  peakBytes = BASE_BYTES;
  /** Spent on active expiry so far. */
  expiryMs = 0;
  /** Told how long a round of expiry or eviction took, while the latency monitor is on. */
  onSpent: ((event: string, ms: number) => void) | null = null;
  /** What the backlog takes: of the memory in use, not of what has to fit into maxmemory beyond its own limit. */
  backlogBytes: () => number = () => 0;
  libraryBytes: () => number = () => 0;
  /** Nothing is evicted: in a pause, and at a replica that leaves it to its primary (replica-ignore-maxmemory). */
  isUnlimited = false;
  private freeing = false;
  private heldByClients = 0;
  private lookedAtClientsAt = 0;
  private evicting = false;
  private ticks = 0;

  constructor(
    private readonly engine: Engine,
    private readonly host: Host,
    private readonly config: Config,
    private readonly clients: Clients,
  ) {
    this.eviction = new Eviction(engine);
    this.expiry = new Expiry(engine);
    engine.usageClock.random = engine.random;
    engine.lazyFree.onWork = () => this.freeSoon();
    this.followConfig();
  }

  /** Takes over what the configuration says of memory, keys and encodings. */
  followConfig(): void {
    const { config, engine, eviction } = this;
    if (eviction.policy !== config.maxmemoryPolicy) eviction.forgetPool();
    eviction.policy = config.maxmemoryPolicy;
    eviction.samples = config.maxmemorySamples;
    engine.usage = config.maxmemoryPolicy.endsWith('lfu') ? 'lfu' : 'lru';
    engine.sharesIntegers = config.maxmemory === 0 || !config.maxmemoryPolicy.endsWith(engine.usage);
    engine.usageClock.logFactor = config.lfuLogFactor;
    engine.usageClock.decayMinutes = config.lfuDecayTime;
    this.expiry.effort = config.activeExpireEffort;
    engine.maxStringBytes = config.protoMaxBulkLen;
    engine.lazily.userDelete = config.lazyfreeLazyUserDel;
    engine.lazily.serverDelete = config.lazyfreeLazyServerDel;
    engine.lazily.expire = config.lazyfreeLazyExpire;
    const { limits } = engine.values;
    limits.listMaxListpackSize = config.listMaxListpackSize;
    limits.hashMaxListpackEntries = config.hashMaxListpackEntries;
    limits.hashMaxListpackValue = config.hashMaxListpackValue;
    limits.setMaxIntsetEntries = config.setMaxIntsetEntries;
    limits.zsetMaxListpackEntries = config.zsetMaxListpackEntries;
    limits.zsetMaxListpackValue = config.zsetMaxListpackValue;
  }

  /** CONFIG SET maxmemory: what is too much goes at once. */
  limitChanged(): null {
    const { maxmemory } = this.config;
    const used = this.usedBytes();
    if (maxmemory > 0 && used > maxmemory)
      this.host.log.log(
        'warning',
        `WARNING: the new maxmemory value set via CONFIG SET (${maxmemory}) is smaller than the current memory usage ` +
          `(${used}). This will result in key eviction and/or the inability to accept new write ` +
          'commands depending on the maxmemory-policy.',
      );
    this.makeRoom();
    return null;
  }

  // ── accounting ────────────────────────────────────────────────────────────

  clientBytes(): number {
    let sum = 0;
    for (const client of this.clients.all.values()) sum += this.bytesOf(client);
    return sum;
  }

  bytesOf(client: Client): number {
    return CLIENT_BYTES + client.heldBytes;
  }

  /** The same, looked at every millisecond, and more seldom the more clients there are: asked for at every write. */
  private recentClientBytes(): number {
    const { now } = this.engine;
    if (now - this.lookedAtClientsAt > this.clients.size / CLIENTS_A_MS || now < this.lookedAtClientsAt) {
      this.lookedAtClientsAt = now;
      this.heldByClients = this.clientBytes();
    }
    return this.heldByClients;
  }

  /** The first key after a FLUSHALL brings the directory back: it is counted all the time, so that nothing jumps. */
  private dataBytes(): number {
    return this.engine.arena.used || DIRECTORY_BYTES;
  }

  usedBytes(): number {
    const heldAside = this.engine.snapshot?.heldBytes ?? 0;
    const beside = this.clientBytes() + this.backlogBytes() + this.libraryBytes();
    const used = BASE_BYTES + this.dataBytes() + beside + heldAside;
    if (used > this.peakBytes) this.peakBytes = used;
    return used;
  }

  get baseBytes(): number {
    return BASE_BYTES;
  }

  /** A replica that lags must not make us evict: beyond its usual size the backlog does not count. */
  private countedBacklogBytes(): number {
    return Math.min(this.backlogBytes(), this.config.replBacklogSize);
  }

  // ── maxmemory ─────────────────────────────────────────────────────────────

  /** Makes room as far as the policy allows. False where a command that needs memory must be refused. */
  makeRoom(): boolean {
    const { maxmemory } = this.config;
    const held = BASE_BYTES + this.recentClientBytes() + this.countedBacklogBytes() + this.libraryBytes();
    if (maxmemory === 0 || this.isUnlimited || held + this.dataBytes() <= maxmemory) return true;
    if (this.eviction.policy === 'noeviction') return false;
    const since = this.host.monotonicMs();
    const enough = this.evict(held, since + this.evictionLimitMs());
    this.engine.changes?.settle();
    this.onSpent?.('eviction-cycle', this.host.monotonicMs() - since);
    return enough;
  }

  private evict(held: number, until: number): boolean {
    const { maxmemory, lazyfreeLazyEviction } = this.config;
    const { arena } = this.engine;
    for (let n = 1; held + arena.used > maxmemory; n++) {
      if (!this.eviction.evictOne(lazyfreeLazyEviction)) return this.engine.lazyFree.pending > 0;
      if (n % 16 === 0 && this.host.monotonicMs() > until) {
        this.evictSoon();
        return true;
      }
    }
    return true;
  }

  /** maxmemory-eviction-tenacity: 10 is 0.5 ms, 100 is no limit. */
  private evictionLimitMs(): number {
    const tenacity = this.config.maxmemoryEvictionTenacity;
    if (tenacity >= 100) return Number.POSITIVE_INFINITY;
    return tenacity <= 10 ? 0.05 * tenacity : 0.5 * 1.15 ** (tenacity - 10);
  }

  /** The limit passed, and the time for it as well: goes on between other work. */
  private evictSoon(): void {
    if (this.evicting) return;
    this.evicting = true;
    this.host.after(0, () => {
      this.evicting = false;
      this.makeRoom();
    });
  }

  // ── time ──────────────────────────────────────────────────────────────────

  /** Called `hz` times a second or fewer. */
  tick(periodMs: number): void {
    if (++this.ticks % TICKS_A_TIDYING === 0) this.engine.tidy();
    if (this.ticks % TICKS_OF_REST === 0) this.engine.arena.tidy();
    const share = EXPIRY_SHARE + EXPIRY_SHARE_PER_EFFORT * (this.config.activeExpireEffort - 1);
    const since = this.host.monotonicMs();
    const until = since + periodMs * share;
    this.expiry.run(() => this.host.monotonicMs() > until);
    const spentMs = this.host.monotonicMs() - since;
    this.expiryMs += spentMs;
    this.onSpent?.('expire-cycle', spentMs);
  }

  private freeSoon(): void {
    if (this.freeing) return;
    this.freeing = true;
    this.host.endOfTurn(() => this.free());
  }

  private free(): void {
    const until = this.host.monotonicMs() + FREE_SLICE_MS;
    this.freeing = false;
    if (this.engine.lazyFree.work(() => this.host.monotonicMs() > until)) this.freeSoon();
  }
}
