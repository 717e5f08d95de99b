/**
 * A snapshot on its way to replicas, whatever way that is.
 *
 *   socket-sync.ts   made and sent at once, to all at the speed of the slowest
 *   file-sync.ts     made into a file, which goes to each at its own speed
 */
import type { Feed } from '../../replication/primary.js';
import type { Client } from '../client.js';

/** So much may wait in a link before it counts as full, and then one looks again. */
export const LINK_BYTES = 512 * 1024;
export const RETRY_MS = 1;
/** How long one goes on without looking at anybody else. */
export const SLICE_MS = 1;

export interface FullSync {
  /** It goes into a file, so far: replicas hear nothing of it. */
  readonly isSpooling: boolean;
  /** True where one more may have the same snapshot. */
  join(client: Client): boolean;
  /** A replica is gone: with the last one there is nobody left to do this for. */
  forget(client: Client): void;
  /** The process ends: nothing of it stays behind. */
  abandon(): void;
}

export function feedOf(client: Client): Feed {
  if (client.feed === null) throw new Error('a client is synced that is no replica');
  return client.feed;
}
