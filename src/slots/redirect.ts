/**
 * May this node serve a request, and if not, who does? The verdict is a value with its reason.
 *
 *    no keys ─────────────────────────────▶ serve
 *    slot of the first key has no owner ──▶ slot-unbound
 *    keys in several slots ───────────────▶ cross-slot
 *    the cluster is down ─────────────────▶ cluster-down, read-only-when-down    (as far as configured)
 *    slot is migrating, keys are gone ────▶ ask; some here, some gone: try-again
 *    slot is importing, client is asking ─▶ serve; several keys, some not here: try-again
 *    replica, client reads only ──────────▶ serve, if its primary owns the slot
 *    mine ▶ serve · another's ────────────▶ moved
 *
 * The order is that of Redis 7.0.15, and matters: a request across slots is refused as such also while the cluster is
 * down. Nearly every request is settled by two bytes, `isMine` and `isMoving`, before any of this is asked.
 */

import type { Endpoint } from './endpoint.js';

/** A request as far as it matters here. In MULTI these are the facts of all queued commands together. */
export interface KeyedRequest {
  /** Slot of the first key, null where there is no key (then nothing else counts). */
  slot: number | null;
  /** The first slot that differs from it, null where all keys agree. */
  otherSlot: number | null;
  /** Two different keys or more. */
  severalKeys: boolean;
  /** How many keys of the request are here, and how many are not. Asked only while the slot is moving. */
  countKeys(): { here: number; missing: number };
  /** SSUBSCRIBE and its kin carry channels, which are never "here"; MIGRATE moves the keys of a moving slot itself. */
  kind: 'ordinary' | 'shard-channel' | 'migrate';
  /** The command itself writes. EXEC does not, whatever is queued: the queue was judged command by command. */
  writes: boolean;
  /** It writes, or a command queued in front of an EXEC does. */
  writesAnything: boolean;
  /** After ASKING, or a command that implies it (RESTORE-ASKING). */
  asking: boolean;
  /** After READONLY. */
  readsFromReplicas: boolean;
}

/** What the verdict needs to know of this node. */
export interface SlotView<Owner> {
  readonly me: Owner;
  /** Whom this node replicates, null for a primary. */
  readonly primary: Owner | null;
  readonly state: 'ok' | 'fail';
  readonly allowReadsWhenDown: boolean;
  readonly allowShardChannelsWhenDown: boolean;
  ownerOf(slot: number): Owner | null;
  migratingTo(slot: number): Owner | null;
  importingFrom(slot: number): Owner | null;
}

export type Redirect<Owner> =
  | { serve: true }
  | { serve: false; why: 'slot-unbound'; slot: number }
  | { serve: false; why: 'cross-slot'; slot: number; otherSlot: number }
  | { serve: false; why: 'cluster-down' | 'read-only-when-down'; slot: number }
  | { serve: false; why: 'try-again'; slot: number; here: number; missing: number }
  | { serve: false; why: 'ask' | 'moved'; slot: number; to: Owner };

const SERVE = { serve: true } as const;

export function decideRedirect<Owner>(request: KeyedRequest, view: SlotView<Owner>): Redirect<Owner> {
  const { slot, otherSlot } = request;
  if (slot === null) return SERVE;
  const owner = view.ownerOf(slot);
  if (owner === null) return { serve: false, why: 'slot-unbound', slot };
  if (otherSlot !== null) return { serve: false, why: 'cross-slot', slot, otherSlot };
  if (view.state !== 'ok') {
    const why = refusalWhenDown(request, view);
    if (why) return { serve: false, why, slot };
  }
  const moving = judgeMove(request, slot, owner, view);
  if (moving) return moving;
  if (owner === view.me || replicaServes(request, owner, view)) return SERVE;
  return { serve: false, why: 'moved', slot, to: owner };
}

function refusalWhenDown<Owner>(
  request: KeyedRequest,
  view: SlotView<Owner>,
): 'cluster-down' | 'read-only-when-down' | null {
  if (request.kind === 'shard-channel') return view.allowShardChannelsWhenDown ? null : 'cluster-down';
  if (!view.allowReadsWhenDown) return 'cluster-down';
  return request.writes ? 'read-only-when-down' : null;
}

/** What follows from the slot being on its way; null where that changes nothing. */
function judgeMove<Owner>(
  request: KeyedRequest,
  slot: number,
  owner: Owner,
  view: SlotView<Owner>,
): Redirect<Owner> | null {
  const target = owner === view.me ? view.migratingTo(slot) : null;
  const importing = target === null && view.importingFrom(slot) !== null;
  if (target === null && !importing) return null;
  if (request.kind === 'migrate') return SERVE;
  const { here, missing } = request.kind === 'shard-channel' ? NO_KEYS : request.countKeys();
  const tryAgain = { serve: false, why: 'try-again', slot, here, missing } as const;
  if (target !== null) {
    if (missing === 0) return null;
    if (here === 0 && target === view.me) return null; // redis takes this order, and sends nobody away
    return here > 0 ? tryAgain : { serve: false, why: 'ask', slot, to: target };
  }
  if (!request.asking) return null;
  return request.severalKeys && missing > 0 ? tryAgain : SERVE;
}

const NO_KEYS = { here: 0, missing: 0 } as const;

function replicaServes<Owner>(request: KeyedRequest, owner: Owner, view: SlotView<Owner>): boolean {
  if (view.primary !== owner || request.writesAnything) return false;
  return request.readsFromReplicas || request.kind === 'shard-channel';
}

/** A client waits for keys of this slot (BLPOP and its kin): may it go on waiting here? */
export function decideBlockedRedirect<Owner>(
  slot: number,
  canReadHere: boolean,
  view: SlotView<Owner>,
): Redirect<Owner> {
  // Reads are not excepted here as they are above: what unblocks a client is a write, and none may come.
  if (view.state !== 'ok') return { serve: false, why: 'cluster-down', slot };
  const owner = view.ownerOf(slot);
  const served = owner === view.me || (canReadHere && owner !== null && owner === view.primary);
  if (served || view.importingFrom(slot) !== null) return SERVE;
  return owner === null ? { serve: false, why: 'slot-unbound', slot } : { serve: false, why: 'moved', slot, to: owner };
}

export type Refusal<Owner> = Exclude<Redirect<Owner>, { serve: true }>;

/** The error reply, without its leading '-'. `endpointOf` says how this client reaches a node. */
export function describeRedirect<Owner>(refusal: Refusal<Owner>, endpointOf: (owner: Owner) => Endpoint): string {
  switch (refusal.why) {
    case 'ask':
    case 'moved': {
      const { host, port } = endpointOf(refusal.to);
      return `${refusal.why === 'ask' ? 'ASK' : 'MOVED'} ${refusal.slot} ${host}:${port}`;
    }
    case 'cross-slot':
      return "CROSSSLOT Keys in request don't hash to the same slot";
    case 'try-again':
      return 'TRYAGAIN Multiple keys request during rehashing of slot';
    case 'slot-unbound':
      return 'CLUSTERDOWN Hash slot not served';
    case 'cluster-down':
      return 'CLUSTERDOWN The cluster is down';
    case 'read-only-when-down':
      return 'CLUSTERDOWN The cluster is down and only accepts read commands';
  }
}
