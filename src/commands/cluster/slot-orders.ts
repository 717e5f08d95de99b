/**
 * CLUSTER ADDSLOTS, DELSLOTS, their ranges, FLUSHSLOTS and SETSLOT: who serves which slot, by hand.
 *
 * Arguments are read here, everything else is judged by the core (gossip/operator/slot-orders.ts).
 */
import { ERRORS, wrongArity } from '../../base/errors.js';
import type { SlotOrder } from '../../gossip/operator/order.js';
import { describeOrderRefusal } from '../../gossip/operator/order.js';
import type { Handler } from '../handler.js';
import { answerOrder, type ClusterCall, inCluster, readSlot } from './in-cluster.js';

type Change = 'ADDSLOTS' | 'DELSLOTS';

export const addSlots: Handler = inCluster((call) => changeSlots(call, 'ADDSLOTS'));
export const deleteSlots: Handler = inCluster((call) => changeSlots(call, 'DELSLOTS'));
export const addSlotsRange: Handler = inCluster((call) => changeRanges(call, 'ADDSLOTS'));
export const deleteSlotsRange: Handler = inCluster((call) => changeRanges(call, 'DELSLOTS'));

function changeSlots({ request, reply, cluster }: ClusterCall, name: Change): void {
  const slots: number[] = [];
  for (let i = 2; i < request.argc; i++) {
    const slot = readSlot(request, i, reply);
    if (Number.isNaN(slot)) return;
    slots.push(slot);
  }
  answerOrder(reply, cluster.give({ name, slots }));
}

function changeRanges(call: ClusterCall, name: Change): void {
  const { request, reply, cluster } = call;
  if (request.argc % 2 === 1) return reply.error(wrongArity(`cluster|${name.toLowerCase()}range`));
  const slots: number[] = [];
  const seen = new Set<number>();
  for (let i = 2; i < request.argc; i += 2) {
    const from = readSlot(request, i, reply);
    if (Number.isNaN(from)) return;
    const to = readSlot(request, i + 1, reply);
    if (Number.isNaN(to)) return;
    if (from > to) return reply.error(`ERR start slot number ${from} is greater than end slot number ${to}`);
    for (let slot = from; slot <= to; slot++) {
      if (refuses(call, name, slot, seen)) return;
      slots.push(slot);
    }
  }
  answerOrder(reply, cluster.give({ name, slots }));
}

/** A range that cannot be changed is told before a later one that cannot be read. */
function refuses({ reply, cluster }: ClusterCall, name: Change, slot: number, seen: Set<number>): boolean {
  const ownerId = cluster.slots.ownerOf(slot);
  if (name === 'ADDSLOTS' && ownerId !== null) return refuse(describeOrderRefusal({ why: 'slot-busy', slot, ownerId }));
  if (name === 'DELSLOTS' && ownerId === null) return refuse(describeOrderRefusal({ why: 'slot-unassigned', slot }));
  if (seen.has(slot)) return refuse(describeOrderRefusal({ why: 'slot-repeated', slot }));
  seen.add(slot);
  return false;

  function refuse(words: string): true {
    reply.error(`ERR ${words}`);
    return true;
  }
}

export const flushSlots: Handler = inCluster(({ reply, db, cluster }) => {
  answerOrder(reply, cluster.give({ name: 'FLUSHSLOTS', holdsKeys: db.size > 0 }));
});

export const setSlot: Handler = inCluster((call) => {
  const { request, reply, cluster } = call;
  if (cluster.role === 'replica') return reply.error(`ERR ${describeOrderRefusal({ why: 'setslot-on-replica' })}`);
  const slot = readSlot(request, 2, reply);
  if (Number.isNaN(slot)) return;
  const move = readMove(call, slot);
  if (move === null) return reply.error(ERRORS.SETSLOT_FORM);
  answerOrder(reply, cluster.give({ name: 'SETSLOT', slot, move }));
});

function readMove({ request, db }: ClusterCall, slot: number): SlotOrder | null {
  if (request.argc === 4) return request.is(3, 'stable') ? { to: 'stable' } : null;
  if (request.argc !== 5) return null;
  const nodeId = request.text(4);
  if (request.is(3, 'migrating')) return { to: 'migrating', nodeId };
  if (request.is(3, 'importing')) return { to: 'importing', nodeId };
  return request.is(3, 'node') ? { to: 'node', nodeId, keysInSlot: db.keysInSlot(slot) } : null;
}
