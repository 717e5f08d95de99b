/**
 * Rules 15 to 19 of the promises: who comes into the table, who is called failed, and how that is taken back.
 * Counted anew from what the node knows, not with the functions that it decides by.
 */
import type { NodeId } from '../../gossip/node-table.js';
import { type CoreStep, packetOf } from './core-step.js';

const REPORT_VALIDITY = 2; // × node timeout
const FAIL_UNDO = 2; // × node timeout
const BAN_MS = 60_000;

/** 15. A stranger's packet changes nothing, unless it is a MEET or the answer to our own handshake. */
export function strangersChangeNothing(step: CoreStep): string | null {
  const packet = packetOf(step);
  if (packet === null || packet.type === 'MEET') return null;
  const { before, after, event } = step;
  const { senderId } = packet.sender;
  const sender = before.nodes.get(senderId);
  if (sender !== undefined && !sender.inHandshake) return null;
  if (event.kind === 'Received' && event.link > 0) return null; // our own link: a handshake of ours
  if (after.table.size > before.nodes.size) return 'a stranger brought a node along';
  if (after.slots.version !== before.slotsVersion) return 'a stranger moved slots';
  return after.currentEpoch !== before.currentEpoch ? 'a stranger set the clock' : null;
}

/** 16. Nobody of another cluster comes in, whatever address it has. */
export function clustersStayApart({ world, machine, before, after }: CoreStep): string | null {
  if (after.table.size <= before.nodes.size) return null;
  for (const { id } of after.table.all()) {
    const other = world.machineOf(id);
    if (other !== null && other.cluster !== machine.cluster) return `${other.name} is of another cluster`;
  }
  return null;
}

/** 17. Failed is who a majority suspects, or whom a known node's FAIL names; never oneself. */
export function failNeedsAQuorum(step: CoreStep): string | null {
  const { before, after, event, nodeTimeoutMs, machine } = step;
  if (after.me.health === 'failed') return 'I call myself failed';
  const packet = packetOf(step);
  for (const [id, sighting] of before.nodes) {
    const node = after.table.get(id);
    if (node === null || sighting.health === 'failed' || node.health !== 'failed') continue;
    if (packet?.type === 'FAIL' && packet.body.nodeId === id) {
      if (before.nodes.has(packet.sender.senderId)) continue;
      return `${id} failed by the word of a stranger`;
    }
    const now = Math.floor((machine.life?.monotonicMs() ?? 0) as number);
    let reports = after.me.role === 'primary' ? 1 : 0;
    for (const at of node.failReports.values()) if (now - at <= nodeTimeoutMs * REPORT_VALIDITY) reports++;
    const quorum = Math.floor(after.voters().length / 2) + 1;
    if (reports < quorum) return `${id} failed with ${reports} of ${quorum} reports, on ${event.kind}`;
  }
  return null;
}

/** 18. Failed is over for who is heard again: at once without slots, later with them. */
export function failEndsByRule(step: CoreStep): string | null {
  const { before, after, nodeTimeoutMs, machine } = step;
  const now = Math.floor((machine.life?.monotonicMs() ?? 0) as number);
  for (const [id, sighting] of before.nodes) {
    const node = after.table.get(id);
    if (node === null || sighting.health !== 'failed' || node.health === 'failed') continue;
    if (packetOf(step)?.sender.senderId !== id) return `${id} is well again without having been heard`;
    if (node.role === 'replica' || !before.owners.includes(id)) continue;
    if (now - sighting.failedAt <= nodeTimeoutMs * FAIL_UNDO) return `${id}, with slots, is well again too soon`;
  }
  return null;
}

/** 19. Whoever was forgotten is not taken in again for a minute. */
export class ForgottenStayAway {
  private readonly bans = new Map<string, number>();

  readonly check = (step: CoreStep): string | null => {
    const { event, machine, world, before, after } = step;
    const { now } = world.clock;
    if (event.kind === 'Order' && event.order.name === 'FORGET' && isGone(step, event.order.nodeId))
      this.bans.set(`${machine.name} ${machine.lives} ${event.order.nodeId}`, now + BAN_MS);
    if (this.bans.size === 0 || after.table.size <= before.nodes.size) return null;
    const isBack = ({ id }: { id: NodeId }): boolean =>
      !before.nodes.has(id) && (this.bans.get(`${machine.name} ${machine.lives} ${id}`) ?? 0) > now;
    const found = after.table.all().find(isBack);
    return found === undefined || packetOf(step)?.sender.senderId === found.id ? null : `${found.id} is back too soon`;
  };
}

function isGone({ before, after }: CoreStep, id: NodeId): boolean {
  return before.nodes.has(id) && after.table.get(id) === null;
}
