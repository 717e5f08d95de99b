/**
 * What an operator may ask of the cluster core, and what it answers.
 *
 * An order is a CLUSTER sub-command whose arguments were read: numbers are numbers, slots are within 0–16,383. Facts
 * that only the keyspace knows come along (`keysInSlot`, `holdsKeys`). All other conditions are judged where the order
 * is carried out, by what the core knows at that moment, and a refusal is a value with its facts in it.
 */

import type { NodeId } from '../node-table.js';

export type Order =
  | { name: 'MEET'; ip: string; port: number; busPort: number; given: { ip: string; port: string } }
  | { name: 'FORGET'; nodeId: string }
  | { name: 'ADDSLOTS'; slots: readonly number[] } // also ADDSLOTSRANGE, unrolled, in the order given
  | { name: 'DELSLOTS'; slots: readonly number[] }
  | { name: 'FLUSHSLOTS'; holdsKeys: boolean }
  | { name: 'SETSLOT'; slot: number; move: SlotOrder }
  | { name: 'BUMPEPOCH' }
  | { name: 'SET-CONFIG-EPOCH'; epoch: number }
  | { name: 'REPLICATE'; nodeId: string; holdsKeys: boolean }
  | { name: 'RESET'; hard: boolean; holdsKeys: boolean }
  | { name: 'SAVECONFIG' }
  | { name: 'FAILOVER'; how: 'agreed' | 'forced' | 'takeover' };

export type SlotOrder =
  | { to: 'migrating'; nodeId: string }
  | { to: 'importing'; nodeId: string }
  | { to: 'stable' }
  | { to: 'node'; nodeId: string; keysInSlot: number };

export type OrderAnswer = { ok: true; text: string } | { ok: false; refusal: OrderRefusal };

export type OrderRefusal =
  | { why: 'bad-address'; ip: string; port: string }
  | { why: 'node-unknown'; nodeId: string }
  | { why: 'node-not-heard-of'; nodeId: string } // the same, in the words of MIGRATING and IMPORTING
  | { why: 'target-not-primary' }
  | { why: 'forget-myself' }
  | { why: 'forget-my-primary' }
  | { why: 'slot-busy'; slot: number; ownerId: NodeId }
  | { why: 'slot-unassigned'; slot: number }
  | { why: 'slot-repeated'; slot: number }
  | { why: 'flush-with-keys' }
  | { why: 'setslot-on-replica' }
  | { why: 'not-slot-owner'; slot: number }
  | { why: 'already-slot-owner'; slot: number }
  | { why: 'slot-holds-keys'; slot: number }
  | { why: 'epoch-negative'; epoch: number }
  | { why: 'epoch-among-others' }
  | { why: 'epoch-already-set' }
  | { why: 'replicate-myself' }
  | { why: 'replicate-a-replica' }
  | { why: 'replicate-with-data' }
  | { why: 'reset-with-keys' }
  | { why: 'failover-on-primary' }
  | { why: 'failover-primary-unknown' }
  | { why: 'failover-primary-down' };

export const ACCEPTED: OrderAnswer = { ok: true, text: 'OK' };

export function refuse(refusal: OrderRefusal): OrderAnswer {
  return { ok: false, refusal };
}

/** The error replies of Redis, without their "ERR ". */
export function describeOrderRefusal(refusal: OrderRefusal): string {
  switch (refusal.why) {
    case 'bad-address':
      return `Invalid node address specified: ${refusal.ip}:${refusal.port}`;
    case 'node-unknown':
      return `Unknown node ${refusal.nodeId}`;
    case 'node-not-heard-of':
      return `I don't know about node ${refusal.nodeId}`;
    case 'slot-busy':
      return `Slot ${refusal.slot} is already busy`;
    case 'slot-unassigned':
      return `Slot ${refusal.slot} is already unassigned`;
    case 'slot-repeated':
      return `Slot ${refusal.slot} specified multiple times`;
    case 'not-slot-owner':
      return `I'm not the owner of hash slot ${refusal.slot}`;
    case 'already-slot-owner':
      return `I'm already the owner of hash slot ${refusal.slot}`;
    case 'slot-holds-keys':
      return `Can't assign hashslot ${refusal.slot} to a different node while I still hold keys for this hash slot.`;
    case 'epoch-negative':
      return `Invalid config epoch specified: ${refusal.epoch}`;
    default:
      return FIXED_WORDS[refusal.why];
  }
}

type FixedRefusal = Exclude<OrderRefusal, { slot: number } | { nodeId: string } | { ip: string } | { epoch: number }>;

const FIXED_WORDS: Record<FixedRefusal['why'], string> = {
  'target-not-primary': 'Target node is not a master',
  'forget-myself': "I tried hard but I can't forget myself...",
  'forget-my-primary': "Can't forget my master!",
  'flush-with-keys': 'DB must be empty to perform CLUSTER FLUSHSLOTS.',
  'setslot-on-replica': 'Please use SETSLOT only with masters.',
  'epoch-among-others': 'The user can assign a config epoch only when the node does not know any other node.',
  'epoch-already-set': 'Node config epoch is already non-zero',
  'replicate-myself': "Can't replicate myself",
  'replicate-a-replica': 'I can only replicate a master, not a replica.',
  'replicate-with-data': 'To set a master the node must be empty and without assigned slots.',
  'reset-with-keys': "CLUSTER RESET can't be called with master nodes containing keys",
  'failover-on-primary': 'You should send CLUSTER FAILOVER to a replica',
  'failover-primary-unknown': "I'm a replica but my master is unknown to me",
  'failover-primary-down': 'Master is down or failed, please use CLUSTER FAILOVER FORCE',
};
