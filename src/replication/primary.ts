/**
 * The replicas of a node as it sees them: what each said of itself, how far it came, and what is to be done for them.
 *
 *   (a client) ──PSYNC──▶ waiting ──snapshot begins──▶ loading ──all sent──▶ sent ──REPLCONF ACK──▶ online
 *                  │                                      └──file made──▶ sending ──all sent──────────▲
 *                  └──────── its offset is still in the backlog ──────────────────────────────────────┘
 *
 * A snapshot that goes straight to sockets serves those who were there when it began; the first one who asks waits
 * a while for others. Who comes later waits for the next.
 */
export type FeedStage = 'none' | 'waiting' | 'loading' | 'sending' | 'sent' | 'online';

/** What the snapshot of one replica shall hold. Different wishes need different snapshots. */
export interface Wishes {
  readonly withoutKeys: boolean;
  readonly withoutFunctions: boolean;
}

const EVERYTHING: Wishes = { withoutKeys: false, withoutFunctions: false };

/** One replica, or a client that says it will be one. */
export class Feed {
  stage: FeedStage = 'none';
  /** What it says of itself; '' and 0 where it said nothing. */
  announcedAddress = '';
  listeningPort = 0;
  understandsMark = false;
  understandsNewIds = false;
  /** Wants the snapshot, and no stream behind it (redis-cli --rdb). */
  rdbOnly = false;
  wishes: Wishes = EVERYTHING;
  /** Came with SYNC: says nothing of its offset, ever (redis-cli --replica). */
  isSilent = false;
  /** Place in the backlog of the next byte to send; null while it is not yet to have any. */
  place: number | null = null;
  ackedOffset = 0;
  /** Monotonic ms. */
  ackedAt = 0;
  askedAt = 0;
  /** When the link took bytes of the snapshot for the last time. */
  movedAt = 0;

  get isReplica(): boolean {
    return this.stage !== 'none';
  }

  acked(offset: number, nowMs: number): void {
    if (offset > this.ackedOffset) this.ackedOffset = offset;
    this.ackedAt = nowMs;
  }
}

export interface SyncOptions {
  /** repl-diskless-sync, -delay in ms, -max-replicas. */
  readonly diskless: boolean;
  readonly delayMs: number;
  readonly enough: number;
}

export type SyncVerdict<F> =
  | { start: true; feeds: readonly F[]; target: 'sockets' | 'disk' }
  | { start: false; why: 'nobody-waits' | 'others-may-come' };

/** Whether a snapshot for those who wait is to begin now, and for whom. Asked while none is under way. */
export function judgeSync<F extends Feed>(all: readonly F[], options: SyncOptions, nowMs: number): SyncVerdict<F> {
  const waiting = all.filter(({ stage }) => stage === 'waiting');
  const first = waiting[0];
  if (first === undefined) return { start: false, why: 'nobody-waits' };
  const feeds = waiting.filter(({ wishes }) => sameWishes(wishes, first.wishes));
  const maxIdleMs = Math.max(...feeds.map(({ askedAt }) => nowMs - askedAt));
  const areEnough = options.enough > 0 && feeds.length >= options.enough;
  const mayWait = options.diskless && feeds.every(({ understandsMark }) => understandsMark);
  if (mayWait && !areEnough && maxIdleMs < options.delayMs) return { start: false, why: 'others-may-come' };
  return { start: true, feeds, target: targetOf(feeds, options.diskless) };
}

/** A filtered snapshot never becomes a file, and who knows no mark has to be told the length. */
function targetOf(feeds: readonly Feed[], diskless: boolean): 'sockets' | 'disk' {
  const allKnowMarks = feeds.every(({ understandsMark }) => understandsMark);
  const isFiltered = feeds.some(({ wishes }) => wishes.withoutKeys || wishes.withoutFunctions);
  return (diskless || isFiltered) && allKnowMarks ? 'sockets' : 'disk';
}

function sameWishes(a: Wishes, b: Wishes): boolean {
  return a.withoutKeys === b.withoutKeys && a.withoutFunctions === b.withoutFunctions;
}

/** How many have what we wrote up to this offset. */
export function countAcks(feeds: Iterable<Feed>, offset: number): number {
  let count = 0;
  for (const feed of feeds) if (feed.stage === 'online' && feed.ackedOffset >= offset) count++;
  return count;
}

/** min-replicas-max-lag: how many were heard in the last `maxLagMs`. */
export function countGood(feeds: Iterable<Feed>, maxLagMs: number, nowMs: number): number {
  let count = 0;
  for (const feed of feeds) if (feed.stage === 'online' && lagSeconds(feed, nowMs) * 1000 <= maxLagMs) count++;
  return count;
}

/** As INFO shows it. */
export function lagSeconds(feed: Feed, nowMs: number): number {
  return Math.floor((nowMs - feed.ackedAt) / 1000);
}

/** Which replica is silent for too long, and in which part of its life. */
export function judgeSilence(feed: Feed, timeoutMs: number, nowMs: number): 'streaming sync' | 'full sync' | null {
  if (feed.stage === 'online' || feed.stage === 'sent')
    return !feed.isSilent && nowMs - feed.ackedAt > timeoutMs ? 'streaming sync' : null;
  return feed.stage === 'loading' && nowMs - feed.movedAt > timeoutMs ? 'full sync' : null;
}

/** The place from which on somebody still has to read; `end` where nobody does. */
export function lowestPlace(feeds: Iterable<Feed>, end: number): number {
  let lowest = end;
  for (const { place } of feeds) if (place !== null && place < lowest) lowest = place;
  return lowest;
}
