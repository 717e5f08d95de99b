/**
 * An empty primary must not wipe its replicas.
 *
 *   primary P holds keys ── is killed ── is started again, without a file, before anybody marked it FAIL
 *   replica R asks for a sync: P offers a new history without a single key. A copy of it would be the end of the data.
 *   Here R refuses, and stands for election instead, with the flag that a failover by order has: voters need no FAIL.
 *   R wins, P follows R, and gets the data back.
 *
 * The wire is that of 7.0: voters of any make understand. What is refused is narrow, because a replica that will not
 * follow is a danger, too. It must be the very primary we were in step with; a history that shares nothing with ours;
 * no key in it at all, and keys here. A FLUSHALL is not that (its history goes on), nor is a primary that was elected,
 * nor one that loaded its file. An operator who wants the emptiness says CLUSTER REPLICATE once more, or has set
 * `cluster-replica-no-failover`.
 *
 * The same for who was primary itself, or follows the heir of its primary: it was never in step with this one, but an
 * heir has what went before it. Here a shared history may be forgotten by two failovers with a FLUSHALL between them,
 * so there is one more condition: an offset behind ours, as only a restart makes it.
 *
 * Nor is a primary copied that was marked FAIL and comes back with an older file, while its replica stands for
 * election: it would win with what is left after the copy. If nobody wins, FAIL ends after two node timeouts, and R
 * follows.
 */

import type { ClusterState } from '../cluster-state.js';
import type { DataKind } from '../election.js';
import type { NodeId } from '../node-table.js';
import type { Turn } from '../turn.js';

/** A full sync that a primary offers, once it is known whether any key comes with it. */
export interface ResyncOffer {
  /** Whether one of the primary's two replication ids is that of our data. */
  history: 'shared' | 'unknown';
  keysOffered: number;
  keysHeld: number;
  offsetOffered: number;
  offsetHeld: number;
}

export type ResyncVerdict =
  | { may: true; because: 'not-a-replica' | 'history-shared' | 'keys-offered' | 'nothing-to-lose' }
  | { may: true; because: 'another-primary' | 'primary-has-no-slots' | 'failover-switched-off' }
  | { may: false; why: 'primary-is-empty' | 'primary-has-failed'; primaryId: NodeId; keysHeld: number };

export interface ResyncFacts extends ResyncOffer {
  primary: { id: NodeId; slotCount: number; failed: boolean } | null;
  syncedWith: NodeId | null;
  data: DataKind;
  noFailover: boolean;
}

export function judgeResync(facts: ResyncFacts): ResyncVerdict {
  const { primary, keysHeld } = facts;
  if (primary === null) return { may: true, because: 'not-a-replica' };
  if (facts.history === 'shared') return { may: true, because: 'history-shared' };
  if (facts.keysOffered > 0 && !primary.failed) return { may: true, because: 'keys-offered' };
  if (keysHeld === 0) return { may: true, because: 'nothing-to-lose' };
  if (facts.syncedWith !== primary.id && !isForgetfulHeir(facts)) return { may: true, because: 'another-primary' };
  if (primary.slotCount === 0) return { may: true, because: 'primary-has-no-slots' };
  if (facts.noFailover) return { may: true, because: 'failover-switched-off' };
  return {
    may: false,
    why: primary.failed ? 'primary-has-failed' : 'primary-is-empty',
    primaryId: primary.id,
    keysHeld,
  };
}

/** Our data is what this shard had before; who has taken it over went on from there, and offsets only grow. */
function isForgetfulHeir({ data, keysOffered, offsetOffered, offsetHeld }: ResyncFacts): boolean {
  return data === 'of-shard' && keysOffered === 0 && offsetOffered < offsetHeld;
}

export function describeRescue({ keysHeld }: { keysHeld: number }): string {
  return `my primary came back without any data, I keep my ${keysHeld} keys and stand for election`;
}

/** Replication asks before it gives up what it has. */
export function onResyncOffered(state: ClusterState, offer: ResyncOffer, turn: Turn): void {
  const primary = state.me.role === 'replica' ? state.table.primaryOf(state.me) : null;
  const verdict = judgeResync({
    ...offer,
    primary: primary && { id: primary.id, slotCount: state.slotCount(primary), failed: primary.health === 'failed' },
    syncedWith: state.syncedWith,
    data: state.data,
    noFailover: state.options.noFailover,
  });
  turn.emit({ kind: 'Resync', verdict });
  if (verdict.may) {
    state.rescue = null;
    return;
  }
  if (state.rescue !== null || verdict.why === 'primary-has-failed') return; // the election is on already
  const dataAt = Math.max(state.replicatedAt, state.ledUntil);
  state.rescue = { since: turn.now, keysHeld: verdict.keysHeld, dataAt };
  const words = `My master ${verdict.primaryId} was restarted without data: I keep my ${verdict.keysHeld} keys`;
  turn.log('warning', `${words} and ask to replace it.`);
}
