/**
 * maxmemory-clients: when all clients together hold too much, those that hold the most are closed.
 *
 *   a client may hold more ─▶ its share of the sum ─▶ too much? ─▶ count all anew ─▶ the biggest go, until it fits
 *
 * The sum is kept in step with every read and every backlog, so that nobody is counted in vain. It may be too high, for
 * clients that have read their replies meanwhile: therefore all are counted once more before anybody goes. It happens
 * between the turns, and before keys would have to go (maxmemory): a client that does not read its replies must not
 * cost others their data.
 */
import type { LogLevel } from '../base/host.js';
import type { Client } from './client.js';
import type { Clients } from './clients.js';
import type { Config } from './config.js';

/** With less than that no client could say anything. */
const LEAST_LIMIT = 128 * 1024;

/** What it asks of the node. */
export interface EvictionSurroundings {
  bytesOf(client: Client): number;
  /** As CLIENT LIST has it. */
  describe(client: Client): string;
  drop(client: Client): void;
  endOfTurn(run: () => void): void;
  log(level: LogLevel, text: string): void;
}

export class ClientEviction {
  /** INFO evicted_clients. */
  evicted = 0;
  /** 0 is none. */
  private limit = 0;
  private total = 0;
  private readonly counted = new Map<Client, number>();
  private looking = false;
  /** The log says once that nobody is left to go, until all fit again. */
  private complained = false;

  constructor(
    private readonly clients: Clients,
    private readonly config: Config,
    private readonly around: EvictionSurroundings,
  ) {}

  /** Below 0, maxmemory-clients is a percentage of maxmemory. */
  followConfig(): void {
    const { maxmemory, maxmemoryClients } = this.config;
    const bytes = maxmemoryClients >= 0 ? maxmemoryClients : (maxmemory * -maxmemoryClients) / 100;
    this.limit = bytes === 0 ? 0 : Math.max(LEAST_LIMIT, bytes);
    this.tick();
  }

  /** This client may hold more than before, or less. */
  update(client: Client): void {
    if (this.limit === 0) return;
    this.count(client);
    if (this.total >= this.limit) this.lookSoon();
  }

  private count(client: Client): void {
    const bytes = this.around.bytesOf(client);
    this.total += bytes - (this.counted.get(client) ?? 0);
    this.counted.set(client, bytes);
  }

  forget(client: Client): void {
    this.total -= this.counted.get(client) ?? 0;
    this.counted.delete(client);
  }

  /** Ten times a second: replies leave without a word. */
  tick(): void {
    this.countAll();
    if (this.limit > 0 && this.total >= this.limit) this.lookSoon();
    else this.complained = false;
  }

  private countAll(): void {
    this.counted.clear();
    this.total = 0;
    if (this.limit > 0) for (const client of this.clients.all.values()) this.count(client);
  }

  private lookSoon(): void {
    if (this.looking) return;
    this.looking = true;
    this.around.endOfTurn(() => {
      this.looking = false;
      this.relieve(null);
    });
  }

  /** Closes clients until the rest fits, but never the one that is being served. */
  relieve(served: Client | null): void {
    if (this.limit === 0 || this.total < this.limit) return;
    this.countAll();
    if (this.total < this.limit) return;
    const biggestFirst = [...this.counted].sort(([, a], [, b]) => b - a);
    for (const [client] of biggestFirst) {
      if (this.total < this.limit) return;
      if (!client.noEvict && client !== served) this.evict(client);
    }
    if (this.total < this.limit || served !== null || this.complained) return;
    this.complained = true;
    this.around.log('warning', 'Over client maxmemory after evicting all evictable clients');
  }

  private evict(client: Client): void {
    this.around.log('notice', `Evicting client: ${this.around.describe(client)}`);
    this.evicted++;
    this.around.drop(client);
  }
}
