/**
 * Rules 21 to 24 of the promises: who may take writes, and for how long after it lost the others.
 *
 *   last heard of a majority ──1.5 × node timeout + 0.2 s──▶ no write any more      (heard itself, or by gossip)
 *                              └ a pause is no excuse: whoever slept through it must not go on as if nothing were (23)
 */
import type { Event } from '../../gossip/turn.js';
import type { NodeId } from '../../gossip/node-table.js';
import type { Packet } from '../../gossip/packet-codec.js';
import { FLAG } from '../../gossip/packet-layout.js';
import type { Node } from '../../node/node.js';
import type { Write } from '../clients/ledger.js';
import { writeBehind } from '../clients/talk.js';
import type { End } from '../world/end.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';

const SLACK_MS = 200;
/** Gossip of a pong that is further ahead than this is not believed. */
const CLOCK_TOLERANCE_MS = 500;

/** The age of a node's claim to its slots, null while it is a replica; since when it is that, and who gave it. */
interface Claim {
  readonly epoch: number | null;
  readonly sinceMs: number;
  readonly byOrder: boolean;
}

export class Serving implements Watcher {
  /** When a machine last heard of a node, in this life. */
  private readonly heard = new Map<Machine, Map<NodeId, number>>();
  private readonly claims = new Map<NodeId, Claim>();
  private readonly lastMoved = new Map<number, number>();

  constructor(
    private readonly world: World,
    private readonly nodeTimeoutMs: number,
  ) {}

  booted(machine: Machine): void {
    this.heard.set(machine, new Map());
  }

  stepped(machine: Machine, event: Event): void {
    const { now } = this.world.clock;
    if (event.kind === 'Received') this.hear(machine, event.packet);
    if (event.kind === 'Order' && event.order.name === 'SETSLOT') this.lastMoved.set(event.order.slot, now);
    const facts = machine.node?.membership?.cluster.facts;
    if (facts === undefined) return;
    const epoch = facts.me.role === 'primary' ? facts.me.configEpoch : null;
    if (this.claims.get(facts.me.id)?.epoch !== epoch)
      this.claims.set(facts.me.id, { epoch, sinceMs: now, byOrder: event.kind === 'Order' });
  }

  served(machine: Machine, _node: Node, end: End, changes: number): void {
    const write = writeBehind(end);
    if (write === null || changes === 0) return;
    this.checkRight(machine, write);
    this.checkMajority(machine);
    this.checkOwner(machine, write.key.slot);
  }

  /** A slot that is moved changes its owner without a promotion. */
  private movedAt(slot: number): number {
    const facts = this.world.running.map(({ node }) => node?.membership?.cluster.facts);
    const isMoving = facts.some((one) => one?.moves.isMoving(slot));
    return isMoving ? this.world.clock.now : (this.lastMoved.get(slot) ?? 0);
  }

  /** A node may trust the word of others that one was heard, by their clocks: then it asks that one the later. */
  private hear(machine: Machine, { sender, body }: Packet): void {
    const heard = this.heard.get(machine);
    const { life } = machine;
    if (heard === undefined || life === null) return;
    const { now } = this.world.clock;
    heard.set(sender.senderId, now);
    if (body.kind !== 'gossip') return;
    for (const { nodeId, pongReceivedSec, flags } of body.entries) {
      const at = now - (life.wallMs() - pongReceivedSec * 1000);
      const isVouched = (flags & (FLAG.suspected | FLAG.failed)) === 0 && at <= now + CLOCK_TOLERANCE_MS;
      if (isVouched && at > (heard.get(nodeId) ?? 0)) heard.set(nodeId, at);
    }
  }

  private get windowMs(): number {
    return 1.5 * this.nodeTimeoutMs + SLACK_MS;
  }

  /** 21. By its own word it owns the slot, or it takes it over and the client was sent here. */
  private checkRight(machine: Machine, { key, token, isAsking }: Write): void {
    const facts = machine.node?.membership?.cluster.facts;
    if (facts === undefined || (facts.me.role === 'primary' && facts.slots.isMine(key.slot))) return;
    if (isAsking && facts.moves.importingFrom(key.slot) !== null) return;
    const how = isAsking ? 'after ASKING' : 'without ASKING';
    this.world.violate('21: only the owner serves', `${machine.name} takes ${key.name} ${token ?? 'removed'}, ${how}`);
  }

  private checkMajority(machine: Machine): void {
    const facts = machine.node?.membership?.cluster.facts;
    const heard = this.heard.get(machine);
    if (facts === undefined || heard === undefined) return;
    const { now } = this.world.clock;
    const voters = facts.voters();
    const silence = (id: NodeId): number =>
      id === facts.me.id ? 0 : now - (heard.get(id) ?? Number.NEGATIVE_INFINITY);
    const reached = voters.filter(({ id }) => silence(id) <= this.windowMs).length;
    const quorum = Math.floor(voters.length / 2) + 1;
    if (reached >= quorum) return;
    const silences = voters.map(({ id }) => `${id} ${Math.round(silence(id))} ms`).join(', ');
    const rule = machine.hasStalledWithin(this.windowMs) ? '23: no write after a stall' : '22: a minority stops';
    this.world.violate(rule, `${machine.name} takes a write, and heard ${reached} of ${quorum}: ${silences}`);
  }

  /** Somebody has a newer claim, and has had it for too long. One that an order made, no majority knows: who can't hear
   *  of it goes on. */
  private checkOwner(machine: Machine, slot: number): void {
    const facts = machine.node?.membership?.cluster.facts;
    if (facts === undefined || facts.moves.importingFrom(slot) !== null) return; // by ASK, on behalf of the owner
    const mine = facts.me.configEpoch;
    for (const other of this.world.machines) {
      const theirs = other.node?.membership?.cluster.facts;
      if (other === machine || theirs === undefined || !theirs.slots.isMine(slot)) continue;
      if (theirs.me.role !== 'primary' || theirs.me.configEpoch <= mine) continue;
      const claim = this.claims.get(theirs.me.id);
      if (claim?.byOrder && (facts.table.get(theirs.me.id)?.configEpoch ?? 0) < theirs.me.configEpoch) continue;
      const forMs = this.world.clock.now - Math.max(claim?.sinceMs ?? 0, this.movedAt(slot));
      if (forMs <= this.windowMs) continue;
      const whose = `${other.name} has had the newer claim to slot ${slot} for ${Math.round(forMs)} ms`;
      this.world.violate('24: one writer a slot', `${machine.name} takes a write, although ${whose}`);
    }
  }
}
