/**
 * The facts for coverage.ts, and what follows from its verdict.
 *
 * A step that changes something the verdict rests on marks it stale; at the end of the step it is given anew, once.
 */

import { SLOT_COUNT } from '../../slots/slot-set.js';
import type { ClusterState } from '../cluster-state.js';
import type { Millis, Node, NodeId } from '../node-table.js';
import type { Turn } from '../turn.js';
import { type Circumstances, judgeHealth } from './coverage.js';

/** Judges anew, and tells of a change. */
export function reviewHealth(state: ClusterState, turn: Turn): void {
  state.healthIsStale = false;
  const circumstances = circumstancesOf(state, turn.now);
  const before = state.health.state;
  const health = judgeHealth(circumstances);
  if (health.state === 'fail' && health.why === 'in-minority') state.inMinorityAt = turn.now;
  state.health = health;
  if (health.state === before) return;
  turn.log('warning', `Cluster state changed: ${health.state}`);
  turn.emit({ kind: 'StateChanged', state: health.state });
}

/** It has failed, and not all of its slots are served by somebody else. */
function isMissed(state: ClusterState, owner: NodeId): boolean {
  if (state.table.get(owner)?.health !== 'failed') return false;
  return !state.slots.slotsOf(owner).every((slot) => serves(state.heirOf(slot)));
}

/** Their old owner is back as a replica, and the heir claims them with its next heartbeat. */
function claimedByHeirs(state: ClusterState): number {
  const isWaiting = (slot: number): boolean => state.slots.ownerOf(slot) === null && serves(state.heirOf(slot));
  return [...state.heirs.keys()].filter(isWaiting).length;
}

function serves(heir: Node | null): boolean {
  return heir?.role === 'primary' && heir.health !== 'failed';
}

function circumstancesOf(state: ClusterState, now: Millis): Circumstances {
  const voters = state.voters();
  return {
    role: state.me.role,
    before: state.health.state,
    sinceStartMs: now - (state.startedAt ?? now),
    sinceMinorityMs: now - state.inMinorityAt,
    requireFullCoverage: state.options.requireFullCoverage,
    unassignedSlots: SLOT_COUNT - state.slots.assignedCount - claimedByHeirs(state),
    failedOwner: state.slots.holders.find((id) => isMissed(state, id)) ?? null,
    reachableVoters: voters.filter((node) => node.health === 'ok').length,
    voters: voters.length,
    nodeTimeoutMs: state.options.nodeTimeoutMs,
    stall: state.stall && { gapMs: state.stall.gapMs, heard: state.stall.heard.size },
  };
}
