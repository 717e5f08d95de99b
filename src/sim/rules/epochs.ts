/**
 * Rules 1, 2, 10, 11, 12 of the promises: epochs only grow, and only its own word changes what a node is.
 *
 * A step is compared with the picture of before; the packet that caused it says what it may have changed.
 */
import { type CoreStep, isHeartbeat, packetOf, type Sighting } from './core-step.js';
import type { NodeId } from '../../gossip/node-table.js';

const isHardReset = ({ event }: CoreStep): boolean =>
  event.kind === 'Order' && event.order.name === 'RESET' && event.order.hard;

/** 1. The cluster's clock never goes back at a node. */
export function currentEpochGrows(step: CoreStep): string | null {
  const { before, after } = step;
  if (after.currentEpoch >= before.currentEpoch || isHardReset(step)) return null;
  return `the current epoch falls from ${before.currentEpoch} to ${after.currentEpoch}`;
}

/** 2. The age of a claim never falls, and nothing is newer than the clock. */
export function configEpochsGrow(step: CoreStep): string | null {
  const { before, after } = step;
  if (isHardReset(step)) return null;
  for (const [id, sighting] of before.nodes) {
    const now = id === before.myId ? after.me : after.table.get(id);
    if (now !== null && now.configEpoch < sighting.configEpoch)
      return `the config epoch of ${id} falls from ${sighting.configEpoch} to ${now.configEpoch}`;
  }
  const { me, currentEpoch, lastVoteEpoch } = after;
  if (me.configEpoch > currentEpoch)
    return `my config epoch ${me.configEpoch} is above the current one, ${currentEpoch}`;
  return lastVoteEpoch > currentEpoch ? `voted in epoch ${lastVoteEpoch}, but it is ${currentEpoch}` : null;
}

/** 10. What a heartbeat says of third nodes never changes their role, their slots or their epoch. */
export function gossipIsHearsay(step: CoreStep): string | null {
  const packet = packetOf(step);
  if (packet === null || !isHeartbeat(packet)) return null;
  const { before, after } = step;
  const { senderId } = packet.sender;
  for (const [id, sighting] of before.nodes) {
    if (id === senderId || id === before.myId) continue;
    const node = after.table.get(id);
    if (node === null) continue;
    if (node.role !== sighting.role || node.configEpoch !== sighting.configEpoch)
      return `${id} was ${describe(sighting)} and is ${describe(node)}`;
    if (node.primaryId !== sighting.primaryId && node.primaryId !== null) return `${id} got another primary`;
  }
  for (const { slot, to } of step.changes)
    if (to !== null && to !== senderId && to !== before.myId) return `slot ${slot} went to ${to}`;
  return null;
}

/** 11. An UPDATE is news of a known node that is newer than what is known, and never of myself. */
export function updatesAreNews(step: CoreStep): string | null {
  const packet = packetOf(step);
  if (packet?.type !== 'UPDATE') return null;
  const { nodeId, configEpoch } = packet.body;
  const known = step.before.nodes.get(nodeId);
  const isNews = known !== undefined && nodeId !== step.before.myId && configEpoch > known.configEpoch;
  if (isNews) return null;
  const changed = step.changes.length;
  return changed > 0 ? `an UPDATE that is no news moved ${changed} slots` : null;
}

/** 12. A packet that was overtaken changes neither role nor slots of its sender. */
export function staleIsIgnored(step: CoreStep): string | null {
  const packet = packetOf(step);
  if (packet === null || !isHeartbeat(packet)) return null;
  const { senderId, currentEpoch } = packet.sender;
  const known = step.before.nodes.get(senderId);
  if (known === undefined || senderId === step.before.myId || currentEpoch >= known.heardEpoch) return null;
  if (roleChanged(step, senderId, known)) return `it is of epoch ${currentEpoch}, and changed its sender's role`;
  for (const { slot, from, to } of step.changes)
    if (from === senderId || to === senderId) return `it is of epoch ${currentEpoch}, and moved slot ${slot}`;
  return null;
}

function roleChanged({ after }: CoreStep, id: NodeId, before: Sighting): boolean {
  const node = after.table.get(id);
  return node !== null && (node.role !== before.role || node.primaryId !== before.primaryId);
}

function describe({ role, configEpoch }: Pick<Sighting, 'role' | 'configEpoch'>): string {
  return `${role} in epoch ${configEpoch}`;
}
