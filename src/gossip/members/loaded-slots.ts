/**
 * Keys that were read from files, and slots that nodes.conf gives to others: which of the two is right?
 *
 *   key's slot is ours, or being imported ──▶ fine
 *   it has no owner                       ──▶ it is ours from now on
 *   it has another owner                  ──▶ we import it from there: nothing is deleted, and redis-cli sees it
 *
 * A replica depends on its primary alone and is not asked.
 */

import type { ClusterState } from '../cluster-state.js';
import type { NodeId } from '../node-table.js';
import type { Turn } from '../turn.js';

export interface SlotRecord {
  ownerOf(slot: number): NodeId | null;
  importingFrom(slot: number): NodeId | null;
}

export interface Adoption {
  take: number[];
  import: { slot: number; from: NodeId }[];
}

/** What has to change for slots with keys in them. */
export function reconcile(populatedSlots: readonly number[], myId: NodeId, record: SlotRecord): Adoption {
  const adoption: Adoption = { take: [], import: [] };
  for (const slot of populatedSlots) {
    const owner = record.ownerOf(slot);
    if (owner === myId || record.importingFrom(slot) !== null) continue;
    if (owner === null) adoption.take.push(slot);
    else adoption.import.push({ slot, from: owner });
  }
  return adoption;
}

export function adoptLoadedSlots(state: ClusterState, populatedSlots: readonly number[], turn: Turn): void {
  if (state.me.role === 'replica') return;
  const { slots, moves, me } = state;
  const adoption = reconcile(populatedSlots, me.id, {
    ownerOf: (slot) => slots.ownerOf(slot),
    importingFrom: (slot) => moves.importingFrom(slot),
  });
  for (const slot of adoption.take) {
    turn.log('warning', `I have keys for unassigned slot ${slot}. Taking responsibility for it.`);
    state.giveSlot(slot, me);
  }
  for (const { slot, from } of adoption.import) {
    const words = `I have keys for slot ${slot}, but the slot is assigned to another node.`;
    turn.log('warning', `${words} Setting it to importing state.`);
    moves.import(slot, from);
  }
  if (adoption.take.length + adoption.import.length === 0) return;
  state.healthIsStale = true;
  turn.saveDurably('loaded keys need slots');
}
