/**
 * CLUSTER FAILOVER: a replica takes over from a healthy primary, without losing a write.
 *
 *   replica                                         primary
 *      │ PING (to all voters), MFSTART                 │
 *      ├──────────────────────────────────────────────▶│ pauses its writers
 *      │ PING, `paused` flag, offset o                 │
 *      │◀──────────────────────────────────────────────┤
 *      │ has applied o: agreed; asks for votes with the `force` flag, since the primary is well
 *
 * FORCE leaves out the agreement, TAKEOVER the votes as well.
 *
 * The primary says `paused` only when the pause is in force and the offset was taken after it: an offset of before
 * could be overtaken by a write, and the replica would start without it.
 */

import type { ClusterState } from '../cluster-state.js';
import { packetFrom, ping } from '../heartbeat.js';
import { sendTo } from '../members/links.js';
import type { Node } from '../node-table.js';
import { MESSAGE_FLAG } from '../packet-layout.js';
import type { Turn } from '../turn.js';

const MANUAL_FAILOVER = {
  timeoutMs: 5000,
  pauseFactor: 2, // × timeout: writers stay paused while the election may still be going on
} as const;

const NOTHING_YET = { by: null, paused: false, primaryOffset: null, agreed: false } as const;

/** At the replica, by order. */
export function beginManualFailover(state: ClusterState, how: 'agreed' | 'forced', primary: Node, turn: Turn): void {
  endManualFailover(state, turn);
  state.election = null; // an attempt of before must not hold this one up
  const endsAt = turn.now + MANUAL_FAILOVER.timeoutMs;
  state.manualFailover = { ...NOTHING_YET, endsAt, agreed: how === 'forced' };
  // A role is heard in heartbeats alone. Ours may be of this moment, and who does not know it hears neither MFSTART nor
  // the request for its vote.
  for (const node of new Set([primary, ...state.voters()])) ping(state, node, turn);
  if (how === 'forced') return turn.log('warning', 'Forced failover user request accepted.');
  turn.log('warning', 'Manual failover user request accepted.');
  sendTo(state, [primary], packetFrom(state, 'MFSTART', { kind: 'empty' }), turn);
}

/** At the primary: one of its replicas asks. */
export function onManualFailoverStart(state: ClusterState, replica: Node, turn: Turn): void {
  if (state.me.role !== 'primary' || replica.primaryId !== state.me.id) return;
  endManualFailover(state, turn);
  state.manualFailover = { ...NOTHING_YET, endsAt: turn.now + MANUAL_FAILOVER.timeoutMs, by: replica.id };
  const untilMs = turn.now + MANUAL_FAILOVER.timeoutMs * MANUAL_FAILOVER.pauseFactor;
  turn.emit({ kind: 'WritesPaused', untilMs });
  turn.log('warning', `Manual failover requested by replica ${replica.id}.`);
}

/** At the primary: the host has told the offset, after it paused the writers. */
export function onOffsetKnown(state: ClusterState, turn: Turn): void {
  const { manualFailover } = state;
  if (!manualFailover || manualFailover.by === null || manualFailover.paused) return;
  manualFailover.paused = true;
  const replica = state.table.get(manualFailover.by);
  if (replica) ping(state, replica, turn);
}

/** At the replica: our primary has stopped at this offset. */
export function hearPause(state: ClusterState, sender: Node, messageFlags: number, turn: Turn): void {
  const { manualFailover, me } = state;
  if (!manualFailover || me.role !== 'replica' || me.primaryId !== sender.id) return;
  if ((messageFlags & MESSAGE_FLAG.paused) === 0 || manualFailover.primaryOffset !== null) return;
  manualFailover.primaryOffset = sender.replOffset;
  turn.log('warning', `Received replication offset for paused master manual failover: ${sender.replOffset}`);
  turn.emit({ kind: 'OffsetWanted' }); // what we know of our own is of the last tick
}

/** At the replica: all of the primary's stream is applied. */
export function agreeIfCaughtUp(state: ClusterState, turn: Turn): void {
  const { manualFailover, me } = state;
  if (!manualFailover || me.role !== 'replica' || manualFailover.agreed) return;
  if (manualFailover.primaryOffset !== me.replOffset || state.data !== 'synced') return;
  manualFailover.agreed = true;
  turn.log('warning', 'All master replication stream processed, manual failover can start.');
}

export function giveUpInTime(state: ClusterState, turn: Turn): void {
  if (!state.manualFailover || turn.now <= state.manualFailover.endsAt) return;
  turn.log('warning', 'Manual failover timed out.');
  endManualFailover(state, turn);
}

export function endManualFailover(state: ClusterState, turn: Turn): void {
  if (state.manualFailover && state.manualFailover.by !== null) turn.emit({ kind: 'WritesResumed' });
  state.manualFailover = null;
}
