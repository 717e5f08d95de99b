/**
 * Orders about slots: who serves them, and how one moves by hand.
 *
 *   source: SETSLOT s MIGRATING target   …keys move…   SETSLOT s NODE target   gives the slot away
 *   target: SETSLOT s IMPORTING source   …keys move…   SETSLOT s NODE target   takes it, in a new epoch, and tells all
 *
 * The new epoch at the target is what makes its claim win everywhere. A claim of ours is on disk before anybody hears
 * of it; what a source gives up, and which slots are on their way, is only written: a source that lost it with its
 * power meets the target's newer claim.
 */

import type { ClusterState } from '../cluster-state.js';
import { bumpEpochAlone } from '../epochs.js';
import { tell } from '../heartbeat.js';
import { becomeReplicaOf } from '../members/roles.js';
import type { Node } from '../node-table.js';
import type { Turn } from '../turn.js';
import { ACCEPTED, type OrderAnswer, type OrderRefusal, refuse, type SlotOrder } from './order.js';

export function addSlots(state: ClusterState, slots: readonly number[], turn: Turn): OrderAnswer {
  const refusal = firstRefusal(slots, (slot) => {
    const owner = state.ownerOf(slot);
    return owner && { why: 'slot-busy', slot, ownerId: owner.id };
  });
  if (refusal) return refuse(refusal);
  for (const slot of slots) {
    state.moves.import(slot, null); // we are its owner now
    state.giveSlot(slot, state.me);
  }
  turn.saveDurably('slots were added');
  return done(state);
}

export function deleteSlots(state: ClusterState, slots: readonly number[], turn: Turn): OrderAnswer {
  const refusal = firstRefusal(slots, (slot) => (state.ownerOf(slot) ? null : { why: 'slot-unassigned', slot }));
  if (refusal) return refuse(refusal);
  for (const slot of slots) {
    state.moves.import(slot, null);
    state.slots.assign(slot, null);
    state.abandoned.delete(slot);
  }
  turn.save('slots were deleted');
  return done(state);
}

/** All or nothing: the first slot that cannot be changed, or comes twice, stops the whole order. */
function firstRefusal(slots: readonly number[], judge: (slot: number) => OrderRefusal | null): OrderRefusal | null {
  const seen = new Set<number>();
  for (const slot of slots) {
    const refusal = judge(slot);
    if (refusal) return refusal;
    if (seen.has(slot)) return { why: 'slot-repeated', slot };
    seen.add(slot);
  }
  return null;
}

export function flushSlots(state: ClusterState, holdsKeys: boolean, turn: Turn): OrderAnswer {
  if (holdsKeys) return refuse({ why: 'flush-with-keys' });
  state.takeSlots(state.me);
  turn.save('slots were flushed');
  return done(state);
}

export function setSlot(state: ClusterState, slot: number, move: SlotOrder, turn: Turn): OrderAnswer {
  if (state.me.role === 'replica') return refuse({ why: 'setslot-on-replica' });
  const before = standingOf(state, slot);
  const answer = moveSlot(state, slot, move, turn);
  if (!answer.ok || standingOf(state, slot) === before) return answer; // most nodes have heard of it by gossip already
  turn.save('a slot was set');
  return done(state);
}

/** Whose a slot is, and where it goes to and comes from, as one word. */
function standingOf({ slots, moves, abandoned }: ClusterState, slot: number): string {
  return `${slots.ownerOf(slot)} ${moves.migratingTo(slot)} ${moves.importingFrom(slot)} ${abandoned.has(slot)}`;
}

function moveSlot(state: ClusterState, slot: number, move: SlotOrder, turn: Turn): OrderAnswer {
  const mine = state.slots.ownerOf(slot) === state.me.id;
  if (move.to === 'stable') {
    state.moves.close(slot);
    return ACCEPTED;
  }
  if (move.to === 'migrating' && !mine) return refuse({ why: 'not-slot-owner', slot });
  if (move.to === 'importing' && mine) return refuse({ why: 'already-slot-owner', slot });
  const node = state.table.get(move.nodeId);
  if (!node) return refuse({ why: move.to === 'node' ? 'node-unknown' : 'node-not-heard-of', nodeId: move.nodeId });
  if (node.role === 'replica') return refuse({ why: 'target-not-primary' });
  if (move.to === 'migrating') state.moves.migrate(slot, node.id);
  else if (move.to === 'importing') state.moves.import(slot, node.id);
  else return assignTo(state, slot, node, move.keysInSlot, turn);
  return ACCEPTED;
}

function assignTo(state: ClusterState, slot: number, node: Node, keysInSlot: number, turn: Turn): OrderAnswer {
  const { me } = state;
  const wasMine = state.slots.ownerOf(slot) === me.id;
  if (wasMine && node !== me && keysInSlot > 0) return refuse({ why: 'slot-holds-keys', slot });
  if (keysInSlot === 0) state.moves.migrate(slot, null);
  state.giveSlot(slot, node);
  if (wasMine && node !== me && state.slotCount(me) === 0 && state.options.allowReplicaMigration) {
    turn.log('warning', `Configuration change detected. Reconfiguring myself as a replica of ${node.id}`);
    becomeReplicaOf(state, node, 'none', turn);
  }
  if (node === me && !wasMine) turn.saveDurably('a slot is mine');
  if (node === me && state.moves.importingFrom(slot) !== null) finishImport(state, slot, turn);
  return ACCEPTED;
}

function finishImport(state: ClusterState, slot: number, turn: Turn): void {
  if (bumpEpochAlone(state, turn)) turn.log('warning', `configEpoch updated after importing slot ${slot}`);
  state.moves.import(slot, null);
  tell(state, state.table.members(), turn);
}

function done(state: ClusterState): OrderAnswer {
  state.healthIsStale = true;
  return ACCEPTED;
}
