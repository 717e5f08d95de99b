/**
 * Rules 3 to 7 of the promises: a vote is kept before it is given, given once, given for cause, counted by voters, and
 * nobody wins what another has won.
 */
import { parseNodesConf } from '../../gossip/nodes-conf.js';
import type { NodeId, SavedCluster } from '../../gossip/node-table.js';
import { decodePacket, type PacketOf } from '../../gossip/packet-codec.js';
import { MESSAGE_FLAG, MESSAGES } from '../../gossip/packet-layout.js';
import { slotsIn } from '../../slots/slot-set.js';
import type { Machine } from '../world/machine.js';
import { isPacket, typeOf } from '../world/story.js';
import type { Watcher, World } from '../world/world.js';
import { type CoreStep, isPromotion, packetOf } from './core-step.js';

const CONF = 'nodes.conf';
const CONFIG_EPOCH_AT = 24;
const PRIMARY_BIT = 1;
const FLAGS_AT = 2250;
const AUTH_REQUEST = MESSAGES.findIndex(([name]) => name === 'FAILOVER_AUTH_REQUEST');
const AUTH_ACK = MESSAGES.findIndex(([name]) => name === 'FAILOVER_AUTH_ACK');

/** 3, 4. What was said is on the platter, so that a power failure cannot take it back. */
export class KeptBeforeSaid implements Watcher {
  /** Whom a voter gave its vote in an epoch. */
  private readonly given = new Map<string, string>();
  private readonly shownEpoch = new Map<Machine, number>();

  constructor(private readonly world: World) {}

  sent(machine: Machine, to: string, bytes: Uint8Array): void {
    if (!isPacket(bytes)) return;
    const type = typeOf(bytes);
    if (type === AUTH_ACK) this.checkVote(machine, to, bytes);
    else if (type === AUTH_REQUEST) this.checkCandidacy(machine, bytes);
    else this.checkClaim(machine, bytes);
  }

  private checkVote(machine: Machine, to: string, bytes: Uint8Array): void {
    const decoded = decodePacket(bytes);
    if (!decoded.ok) return;
    const { senderId, currentEpoch } = decoded.packet.sender;
    const kept = savedOf(machine)?.lastVoteEpoch ?? -1;
    if (kept < currentEpoch)
      this.world.violate(
        '3: a vote is durable before it is visible',
        `${machine.name} votes in ${currentEpoch}, kept is ${kept}`,
      );
    const vote = `${senderId} in epoch ${currentEpoch}`;
    const other = this.given.get(vote);
    if (other !== undefined) this.world.violate('3: one vote an epoch', `${vote} for ${other} and for ${to}`);
    this.given.set(vote, to);
  }

  private checkCandidacy(machine: Machine, bytes: Uint8Array): void {
    const decoded = decodePacket(bytes);
    if (!decoded.ok) return;
    const { currentEpoch } = decoded.packet.sender;
    const kept = savedOf(machine)?.currentEpoch ?? -1;
    if (kept < currentEpoch)
      this.world.violate(
        '4: a candidacy is durable before it is visible',
        `${machine.name} asks in ${currentEpoch}, kept is ${kept}`,
      );
  }

  private checkClaim(machine: Machine, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if ((view.getUint16(FLAGS_AT) & PRIMARY_BIT) === 0) return;
    const epoch = view.getUint32(CONFIG_EPOCH_AT + 4);
    if (this.shownEpoch.get(machine) === epoch) return;
    this.shownEpoch.set(machine, epoch);
    const kept = savedOf(machine)?.nodes.find((node) => node.myself)?.configEpoch ?? -1;
    if (kept < epoch)
      this.world.violate(
        '4: a claim is durable before it is visible',
        `${machine.name} claims in ${epoch}, kept is ${kept}`,
      );
  }
}

/** nodes.conf as it would be found after the worst power failure. */
function savedOf(machine: Machine): SavedCluster | null {
  const bytes = machine.disk.durable(CONF);
  const read = bytes === null ? null : parseNodesConf(bytes);
  return read?.ok ? read.saved : null;
}

/** 5. The voter is a primary with slots, has not voted in this epoch, and knows why a vote is needed. */
export function votesHaveCause(step: CoreStep): string | null {
  const { before, after, effects } = step;
  const packet = packetOf(step);
  const votes = effects.some((effect) => effect.kind === 'Send' && effect.packet.type === 'FAILOVER_AUTH_ACK');
  if (!votes) return null;
  if (packet?.type !== 'FAILOVER_AUTH_REQUEST') return 'a vote that nobody asked for';
  const { sender } = packet;
  if (after.me.role !== 'primary' || after.slots.countOf(after.me.id) === 0) return 'a vote of somebody who has none';
  if (sender.currentEpoch !== after.currentEpoch)
    return `a vote for epoch ${sender.currentEpoch} in ${after.currentEpoch}`;
  if (before.lastVoteEpoch >= after.currentEpoch) return `a second vote in epoch ${after.currentEpoch}`;
  const candidate = before.nodes.get(sender.senderId);
  if (candidate?.role !== 'replica' || candidate.primaryId === null)
    return 'a vote for somebody who is no known replica';
  const isForced = (sender.messageFlags & MESSAGE_FLAG.forceAck) !== 0;
  if (before.nodes.get(candidate.primaryId)?.health !== 'failed' && !isForced)
    return 'a vote against a primary that is up';
  return newerOwner(step, packet);
}

function newerOwner({ before }: CoreStep, { sender }: PacketOf<'FAILOVER_AUTH_REQUEST'>): string | null {
  for (const slot of slotsIn(sender.slots)) {
    const owner = before.abandoned.has(slot) ? null : (before.owners[slot] ?? null);
    const epoch = owner === null ? 0 : (before.nodes.get(owner)?.configEpoch ?? 0);
    if (epoch > sender.configEpoch) return `a vote for slot ${slot}, which has a newer owner`;
  }
  return null;
}

/** 6, 7. A promotion by election has the votes of a majority, and its epoch for itself. */
export class Elections {
  private readonly votes = new Map<Machine, Map<number, Set<NodeId>>>();
  private readonly winners = new Map<number, string>();

  /** Without votes, by an operator's order: such an epoch may be made twice. */
  readonly isWon = (step: CoreStep): string | null => {
    const packet = packetOf(step);
    if (packet?.type === 'FAILOVER_AUTH_ACK')
      this.votersOf(step.machine, packet.sender.currentEpoch).add(packet.sender.senderId);
    if (!isPromotion(step) || step.event.kind === 'Order') return null;
    const { before, machine, after } = step;
    const epoch = after.me.configEpoch;
    const voters = this.votersOf(machine, epoch).size;
    const sizeBefore = new Set(before.owners.filter((owner) => owner !== null)).size;
    const quorum = Math.floor(sizeBefore / 2) + 1;
    if (voters < quorum) return `6: promoted in epoch ${epoch} by ${voters} of ${quorum} voters`;
    const other = this.winners.get(epoch);
    if (other !== undefined && other !== machine.name) return `7: ${other} has won epoch ${epoch} already`;
    this.winners.set(epoch, machine.name);
    return null;
  };

  private votersOf(machine: Machine, epoch: number): Set<NodeId> {
    const byEpoch = this.votes.get(machine) ?? new Map<number, Set<NodeId>>();
    this.votes.set(machine, byEpoch);
    const voters = byEpoch.get(epoch) ?? new Set<NodeId>();
    byEpoch.set(epoch, voters);
    return voters;
  }
}
