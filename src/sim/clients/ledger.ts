/**
 * The book of every write: who asked for it, which node made it, whether the client was told, and what may be lost.
 *
 *   sent ──▶ served by 7002 ──▶ acknowledged ──▶ WAIT: on all replicas
 *                                   │
 *                                   └── lost by a failover? only what the winner cannot have had: `excuse`
 *
 * Keys are written by one client each, and in three ways, so that what is found tells how far it got:
 *
 *   register  SET k v1, SET k v2 …        found v2: all up to it were made
 *   list      APPEND k ";v1", ";v2" …     found ";v1;v3": v2 is missing, however old it is
 *   grave     SET k v1, DEL k             found nothing: dead, and must stay so
 *   mortal    SET k v1 PX …               found nothing once its time is over, whoever is promoted
 *
 * A key whose last write was not answered is left alone: that write may still be on its way.
 */
import { keySlot } from '../../slots/key-slot.js';

export type KeyKind = 'register' | 'list' | 'grave' | 'mortal';

/** A life of a machine: what it serves dies with it, unless it is on a disk or at a replica. */
export interface Place {
  readonly machine: string;
  readonly life: number;
  readonly atMs: number;
}

export interface Write {
  readonly key: Key;
  /** What is looked for in the value; a DEL has none. */
  readonly token: string | null;
  readonly sentAtMs: number;
  state: 'open' | 'acknowledged' | 'unknown' | 'refused';
  /** The last node that was asked for it was told ASKING before. */
  isAsking: boolean;
  /** Where it changed the data; null if it never did. */
  served: Place | null;
  /** WAIT said that all replicas have it: this many, and it was all there are. */
  isReplicated: boolean;
  /** Why it may be lost. */
  excuse: string | null;
}

export class Key {
  readonly slot: number;
  readonly writes: Write[] = [];
  /** Nothing is written to it any more. */
  isRetired = false;

  constructor(
    readonly name: string,
    readonly kind: KeyKind,
  ) {
    const bytes = Buffer.from(name);
    this.slot = keySlot(bytes, 0, bytes.length);
  }
}

/** Keys share some slots, so that a slot that moves has keys: `client-1:{17}:5` is in the slot of `17`. */
export const TAGS: readonly string[] = Array.from({ length: 60 }, (_, i) => `{${i}}`);
export const TAG_SLOTS: readonly number[] = TAGS.map((tag) => keySlot(Buffer.from(tag), 0, tag.length));

/** How long a mortal key lives: not beyond the end of a run. */
export const MORTAL_MS = 800;

export class Ledger {
  readonly keys: Key[] = [];
  private made = 0;

  newKey(name: string, kind: KeyKind): Key {
    const key = new Key(name, kind);
    this.keys.push(key);
    return key;
  }

  begin(key: Key, isRemoval: boolean, atMs: number): Write {
    const token = isRemoval ? null : `v${++this.made}`;
    const outcome = { state: 'open', served: null, isReplicated: false, excuse: null } as const;
    const write: Write = { key, token, sentAtMs: atMs, isAsking: false, ...outcome };
    key.writes.push(write);
    return write;
  }

  get counts(): { acknowledged: number; replicated: number; unknown: number; excused: number } {
    const counts = { acknowledged: 0, replicated: 0, unknown: 0, excused: 0 };
    for (const key of this.keys)
      for (const write of key.writes) {
        if (write.state === 'acknowledged') counts.acknowledged++;
        if (write.state === 'unknown') counts.unknown++;
        if (write.isReplicated) counts.replicated++;
        if (write.state === 'acknowledged' && write.excuse !== null) counts.excused++;
      }
    return counts;
  }
}

/** Whether a write is in what was found under its key. */
export function isIn(found: string | null, write: Write): boolean {
  const { key, token } = write;
  if (key.kind === 'mortal') return true; // it may be over
  if (key.kind === 'list') return token !== null && tokensOf(found).includes(token);
  const last = key.writes.findIndex((other) => other.token === found);
  const mine = key.writes.indexOf(write);
  if (found !== null) return last >= mine;
  return key.kind === 'grave' && key.writes.some((other) => other.token === null && other.state !== 'refused');
}

/** The place of the last write that is in what was found, among all that were made to its key. */
export function newestIn(found: string, key: Key): number {
  const last = tokensOf(found).at(-1);
  return key.writes.findIndex(({ token }) => token === last);
}

/** What is wrong with a value as such: nobody wrote it, or not in this order, or twice. */
export function whyInvented(found: string | null, key: Key): string | null {
  if (found === null) return null;
  const possible = key.writes.filter((write) => write.state !== 'refused').map((write) => write.token);
  let at = -1;
  for (const token of key.kind === 'list' ? tokensOf(found) : [found]) {
    const next = possible.indexOf(token);
    if (next < 0) return `nobody wrote "${token}"`;
    if (next <= at) return `"${token}" is there twice, or too late`;
    at = next;
  }
  return null;
}

function tokensOf(found: string | null): string[] {
  return found === null ? [] : found.split(';').filter((token) => token !== '');
}
