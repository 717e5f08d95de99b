/**
 * One step of a node's cluster core, with what the node knew before it: what the rules about the core are told in.
 *
 * `CoreWatch` keeps the picture of before, for each node of the world; a rule compares it with `after` and the event.
 */
import type { ClusterState } from '../../gossip/cluster-state.js';
import type { Health, Node, NodeId, Role } from '../../gossip/node-table.js';
import type { Packet } from '../../gossip/packet-codec.js';
import type { Effect, Event } from '../../gossip/turn.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';

/** A node as the observing one knew it. */
export interface Sighting {
  readonly role: Role;
  readonly primaryId: NodeId | null;
  readonly configEpoch: number;
  readonly heardEpoch: number;
  readonly health: Health;
  readonly failedAt: number;
  readonly inHandshake: boolean;
}

export interface Picture {
  readonly myId: NodeId;
  readonly currentEpoch: number;
  readonly lastVoteEpoch: number;
  readonly nodes: ReadonlyMap<NodeId, Sighting>;
  readonly slotsVersion: number;
  readonly owners: (NodeId | null)[];
  readonly abandoned: ReadonlySet<number>;
  readonly importing: ReadonlySet<number>;
}

export interface CoreStep {
  readonly world: World;
  readonly machine: Machine;
  readonly event: Event;
  readonly effects: readonly Effect[];
  readonly before: Picture;
  readonly after: Readonly<ClusterState>;
  readonly nodeTimeoutMs: number;
  /** The slots that changed hands. */
  readonly changes: readonly SlotChange[];
}

export interface SlotChange {
  readonly slot: number;
  readonly from: NodeId | null;
  readonly to: NodeId | null;
}

const NO_CHANGES: readonly SlotChange[] = [];

/** What is wrong with a step, or null. */
export type StepRule = (step: CoreStep) => string | null;

const NO_SLOTS: ReadonlySet<number> = new Set();

export class CoreWatch implements Watcher {
  private readonly pictures = new Map<Machine, Picture>();

  constructor(
    private readonly world: World,
    private readonly rules: readonly (readonly [name: string, rule: StepRule])[],
    private readonly nodeTimeoutMs: number,
  ) {}

  booted(machine: Machine): void {
    const facts = machine.node?.membership?.cluster.facts;
    if (facts !== undefined) this.pictures.set(machine, takePicture(facts, null));
  }

  stepped(machine: Machine, event: Event, effects: readonly Effect[]): void {
    const after = machine.node?.membership?.cluster.facts;
    const before = this.pictures.get(machine);
    if (after === undefined || before === undefined) return;
    const { world, nodeTimeoutMs } = this;
    const changes = before.slotsVersion === after.slots.version ? NO_CHANGES : changesOf(before, after);
    const step: CoreStep = { world, machine, event, effects, before, after, nodeTimeoutMs, changes };
    for (const [name, rule] of this.rules) {
      const what = rule(step);
      if (what !== null) world.violate(name, `${machine.name}, on ${describeEvent(event)}: ${what}`);
    }
    for (const { slot, to } of changes) before.owners[slot] = to; // the array goes on into the next picture
    this.pictures.set(machine, takePicture(after, before));
  }
}

function takePicture(facts: Readonly<ClusterState>, before: Picture | null): Picture {
  const nodes = new Map<NodeId, Sighting>();
  for (const node of facts.table.all()) nodes.set(node.id, sightingOf(node));
  const { version } = facts.slots;
  return {
    myId: facts.me.id,
    currentEpoch: facts.currentEpoch,
    lastVoteEpoch: facts.lastVoteEpoch,
    nodes,
    slotsVersion: version,
    owners: before?.owners ?? ownersOf(facts),
    abandoned: facts.abandoned.size === 0 ? NO_SLOTS : new Set(facts.abandoned),
    importing: facts.moves.isEmpty ? NO_SLOTS : importingOf(facts),
  };
}

function sightingOf({ role, primaryId, configEpoch, heardEpoch, health, failedAt, inHandshake }: Node): Sighting {
  return { role, primaryId, configEpoch, heardEpoch, health, failedAt, inHandshake };
}

function ownersOf(facts: Readonly<ClusterState>): (NodeId | null)[] {
  return Array.from({ length: SLOT_COUNT }, (_, slot) => facts.slots.ownerOf(slot));
}

function changesOf(before: Picture, { slots }: Readonly<ClusterState>): SlotChange[] {
  const changes: SlotChange[] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const from = before.owners[slot] ?? null;
    const to = slots.ownerOf(slot);
    if (from !== to) changes.push({ slot, from, to });
  }
  return changes;
}

function importingOf(facts: Readonly<ClusterState>): Set<number> {
  const slots = new Set<number>();
  for (let slot = 0; slot < SLOT_COUNT; slot++) if (facts.moves.importingFrom(slot) !== null) slots.add(slot);
  return slots;
}

// ── what rules ask of a step ────────────────────────────────────────────────

/** The packet of this step, if it was one. */
export function packetOf({ event }: CoreStep): Packet | null {
  return event.kind === 'Received' ? event.packet : null;
}

export function isHeartbeat(packet: Packet): boolean {
  return packet.type === 'PING' || packet.type === 'PONG' || packet.type === 'MEET';
}

export function isPromotion({ effects }: CoreStep): boolean {
  return effects.some((effect) => effect.kind === 'RoleChanged' && effect.role === 'primary');
}

export function describeEvent(event: Event): string {
  if (event.kind === 'Received') return `${event.packet.type} of ${event.packet.sender.senderId}`;
  return event.kind === 'Order' ? `CLUSTER ${event.order.name}` : event.kind;
}
