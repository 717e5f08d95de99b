/**
 * Rules 9 and 14 of the promises: for what reasons alone a slot may change hands at a node, and what goes with it.
 *
 *   nobody claims it (any longer) · a newer claim · an operator's order · my own promotion · its owner is gone
 */
import type { Effect, Event } from '../../gossip/turn.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';
import { type CoreStep, isPromotion, packetOf, type SlotChange } from './core-step.js';

export function slotsMoveForAReason(step: CoreStep): string | null {
  if (step.event.kind === 'Order') return null;
  for (const change of step.changes) {
    const wrong = reasonAgainst(step, change);
    if (wrong !== null) return `slot ${change.slot}: ${change.from ?? 'nobody'} → ${change.to ?? 'nobody'}, ${wrong}`;
  }
  return null;
}

function reasonAgainst(step: CoreStep, { slot, from, to }: SlotChange): string | null {
  const { before, after } = step;
  if (to === null) return ownerStepsDown(step, from) ? null : 'although its owner did not go';
  if (to === before.myId) return isPromotion(step) ? null : 'although I was not promoted';
  if (before.importing.has(slot) && from !== null) return 'although I am importing it';
  if (from === null || before.abandoned.has(slot) || ownerStepsDown(step, from)) return null;
  const mine = before.nodes.get(from)?.configEpoch ?? 0;
  const theirs = claimedEpoch(step, to) ?? after.table.get(to)?.configEpoch ?? 0;
  return theirs > mine ? null : `although its claim is of epoch ${theirs} and the owner's of ${mine}`;
}

/** It is forgotten, or it says that it is a replica now. */
function ownerStepsDown({ before, after }: CoreStep, owner: string | null): boolean {
  if (owner === null) return true;
  const node = owner === before.myId ? after.me : after.table.get(owner);
  return node === null || node.role === 'replica';
}

function claimedEpoch(step: CoreStep, claimant: string): number | null {
  const packet = packetOf(step);
  if (packet?.type === 'UPDATE' && packet.body.nodeId === claimant) return packet.body.configEpoch;
  return packet?.sender.senderId === claimant ? packet.sender.configEpoch : null;
}

/** 14. A primary that loses a slot keeps none of its keys. */
export class KeysGoWithSlots implements Watcher {
  private readonly lost = new Map<Machine, readonly number[]>();

  constructor(private readonly world: World) {}

  stepped(machine: Machine, _event: Event, effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.kind === 'SlotsLost') this.lost.set(machine, effect.slots);
  }

  ran(machine: Machine): void {
    const slots = this.lost.get(machine);
    if (slots === undefined) return;
    this.lost.delete(machine);
    const facts = machine.node?.membership?.cluster.facts;
    if (machine.node === null || facts === undefined || facts.me.role !== 'primary') return;
    for (const slot of slots) {
      const count = facts.slots.isMine(slot) ? 0 : machine.node.engine.database(0).keysInSlot(slot);
      if (count > 0)
        this.world.violate('14: keys go with their slot', `${machine.name} keeps ${count} of slot ${slot}`);
    }
  }
}
