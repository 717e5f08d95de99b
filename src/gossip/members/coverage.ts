/**
 * May this node serve? The `cluster_state` of CLUSTER INFO, as a verdict with its reason.
 *
 *   all slots served (or not required)  and  a majority of voters reachable  and  not too soon  →  ok
 *
 * Too soon: a primary that was away may have been replaced meanwhile. It waits until it would have heard of that, two
 * seconds after its start, and half a second to five after it was in a minority. Replicas take no writes, so they need
 * not wait; nor does a node without a past, nor one that has not yet heard of any primary with slots. After a stall of
 * its own a primary first asks the others (stall.ts).
 */

import type { Millis, NodeId, Role } from '../node-table.js';

const COVERAGE = {
  afterStartMs: 2000,
  afterMinorityMinMs: 500, // between these two: the node timeout
  afterMinorityMaxMs: 5000,
} as const;

export type NotServing =
  | { why: 'not-judged-yet' }
  | { why: 'just-started'; leftMs: Millis }
  | { why: 'no-voters' } // nobody serves a slot: no cluster yet, so not a minority of one either
  | { why: 'slots-unassigned'; count: number }
  | { why: 'slot-owner-failed'; nodeId: NodeId }
  | { why: 'in-minority'; reachable: number; quorum: number }
  | { why: 'minority-just-left'; leftMs: Millis }
  | { why: 'stalled'; gapMs: Millis; heard: number; quorum: number };

export type ClusterHealth = { state: 'ok' } | ({ state: 'fail' } & NotServing);

export interface Circumstances {
  role: Role; // our own
  before: 'ok' | 'fail';
  sinceStartMs: Millis;
  sinceMinorityMs: Millis;
  requireFullCoverage: boolean;
  unassignedSlots: number;
  failedOwner: NodeId | null;
  reachableVoters: number;
  voters: number;
  nodeTimeoutMs: Millis;
  /** We stood still, and since then a majority was not heard. */
  stall: { gapMs: Millis; heard: number } | null;
}

export function judgeHealth(c: Circumstances): ClusterHealth {
  const waits = c.role === 'primary' && c.before === 'fail';
  const startLeftMs = COVERAGE.afterStartMs - c.sinceStartMs;
  if (waits && startLeftMs > 0) return fail({ why: 'just-started', leftMs: startLeftMs });

  if (c.voters === 0) return fail({ why: 'no-voters' });
  const quorum = Math.floor(c.voters / 2) + 1;
  if (c.reachableVoters < quorum) return fail({ why: 'in-minority', reachable: c.reachableVoters, quorum });
  if (c.role === 'primary' && c.stall) return fail({ why: 'stalled', ...c.stall, quorum });
  if (c.requireFullCoverage && c.unassignedSlots > 0)
    return fail({ why: 'slots-unassigned', count: c.unassignedSlots });
  if (c.requireFullCoverage && c.failedOwner) return fail({ why: 'slot-owner-failed', nodeId: c.failedOwner });

  const rejoinMs = Math.min(Math.max(c.nodeTimeoutMs, COVERAGE.afterMinorityMinMs), COVERAGE.afterMinorityMaxMs);
  const rejoinLeftMs = rejoinMs - c.sinceMinorityMs;
  if (waits && rejoinLeftMs > 0) return fail({ why: 'minority-just-left', leftMs: rejoinLeftMs });
  return { state: 'ok' };
}

/** For `explain`. */
export function describeNotServing(reason: NotServing): string {
  switch (reason.why) {
    case 'not-judged-yet':
      return 'I have just been created';
    case 'just-started':
      return `I started a moment ago, and may have been replaced: ${reason.leftMs} ms to go`;
    case 'no-voters':
      return 'no node serves a slot';
    case 'slots-unassigned':
      return `${reason.count} slots have no owner`;
    case 'slot-owner-failed':
      return `the slots of ${reason.nodeId} are not served: it has failed`;
    case 'in-minority':
      return `I reach ${reason.reachable} primaries with slots, a majority would be ${reason.quorum}`;
    case 'stalled':
      return (
        `I stood still for ${reason.gapMs} ms, and may have been replaced: ` +
        `${reason.heard} of ${reason.quorum} primaries were heard since`
      );
    case 'minority-just-left':
      return `I was in a minority, and may have been replaced: ${reason.leftMs} ms to go`;
  }
}

function fail(reason: NotServing): ClusterHealth {
  return { state: 'fail', ...reason };
}
