/**
 * The facts for coverage.ts, and what follows from its verdict.
 *
 * A step that changes something the verdict rests on marks it stale; at the end of the step it is given anew, once.
 */

import { SLOT_COUNT } from '../../slots/slot-set.js';
import type { ClusterState } from '../cluster-state.js';
import type { Millis } from '../node-table.js';
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

function circumstancesOf(state: ClusterState, now: Millis): Circumstances {
  const voters = state.voters();
  return {
    role: state.me.role,
    before: state.health.state,
    sinceStartMs: now - (state.startedAt ?? now),
    sinceMinorityMs: now - state.inMinorityAt,
    requireFullCoverage: state.options.requireFullCoverage,
    unassignedSlots: SLOT_COUNT - state.slots.assignedCount,
    failedOwner: state.slots.holders.find((id) => state.table.get(id)?.health === 'failed') ?? null,
    reachableVoters: voters.filter((node) => node.health === 'ok').length,
    voters: voters.length,
    nodeTimeoutMs: state.options.nodeTimeoutMs,
    stall: state.stall && { gapMs: state.stall.gapMs, heard: state.stall.heard.size },
  };
}
