/**
 * An order finds whoever carries it out: slot-orders.ts, member-orders.ts.
 *
 * Each of them judges first and changes then: a refused order has changed nothing.
 */

import type { ClusterState } from '../cluster-state.js';
import type { Turn } from '../turn.js';
import { bumpEpoch, failover, forget, meet, replicate, reset, setConfigEpoch } from './member-orders.js';
import { ACCEPTED, type Order, type OrderAnswer } from './order.js';
import { addSlots, deleteSlots, flushSlots, setSlot } from './slot-orders.js';

export function carryOut(state: ClusterState, order: Order, turn: Turn): OrderAnswer {
  switch (order.name) {
    case 'MEET':
      return meet(state, order, turn);
    case 'FORGET':
      return forget(state, order.nodeId, turn);
    case 'ADDSLOTS':
      return addSlots(state, order.slots, turn);
    case 'DELSLOTS':
      return deleteSlots(state, order.slots, turn);
    case 'FLUSHSLOTS':
      return flushSlots(state, order.holdsKeys, turn);
    case 'SETSLOT':
      return setSlot(state, order.slot, order.move, turn);
    case 'BUMPEPOCH':
      return bumpEpoch(state, turn);
    case 'SET-CONFIG-EPOCH':
      return setConfigEpoch(state, order.epoch, turn);
    case 'REPLICATE':
      return replicate(state, order.nodeId, order.holdsKeys, turn);
    case 'RESET':
      return reset(state, order.hard, order.holdsKeys, turn);
    case 'FAILOVER':
      return failover(state, order.how, turn);
    case 'SAVECONFIG':
      turn.saveDurably('an order to save');
      return ACCEPTED;
  }
}
