/** Whatever comes in, in whatever order: the core neither throws nor contradicts itself. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Cluster } from '../../src/gossip/cluster.js';
import type { ClusterOptions } from '../../src/gossip/cluster-state.js';
import type { LinkId, SavedCluster, SavedNode } from '../../src/gossip/node-table.js';
import type { Order } from '../../src/gossip/operator/order.js';
import type { Packet, Sender } from '../../src/gossip/packet-codec.js';
import { MESSAGES } from '../../src/gossip/packet-layout.js';
import type { Effect, Event } from '../../src/gossip/turn.js';
import { bitmapOf, type SlotRange } from '../../src/slots/slot-set.js';
import { tries } from '../support/tries.js';

const OPTIONS: ClusterOptions = {
  port: 7000,
  plainPort: 0,
  busPort: 17000,
  announceIp: '',
  hostname: '',
  nodeTimeoutMs: 1000,
  requireFullCoverage: true,
  allowReplicaMigration: true,
  noFailover: false,
  replicaValidityFactor: 0,
  replicaPingPeriodMs: 10_000,
  migrationBarrier: 1,
};

/** Few names, so that they meet: `me` stands for whatever our id is at the moment. */
const NAMES = ['me', 'a', 'b', 'c', 'd', 'e'];
const name = fc.constantFrom(...NAMES);
const someSlots = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 });
const epoch = fc.integer({ min: 0, max: 9 });

const packetPlan = fc.record({
  type: fc.constantFrom(...MESSAGES.map(([type]) => type)),
  sender: name,
  primary: fc.option(name, { nil: null }),
  flags: fc.integer({ min: 0, max: 1023 }),
  currentEpoch: epoch,
  configEpoch: epoch,
  slots: someSlots,
  replOffset: fc.integer({ min: 0, max: 100 }),
  messageFlags: fc.integer({ min: 0, max: 3 }),
  about: fc.array(fc.record({ who: name, flags: fc.integer({ min: 0, max: 1023 }), port: fc.nat(3) }), {
    maxLength: 4,
  }),
});
type PacketPlan = typeof packetPlan extends fc.Arbitrary<infer T> ? T : never;

const orderPlan = fc.record({
  which: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(0, 2, 3, 4, 5, 6, 7, 8, 9, 11) },
    { weight: 1, arbitrary: fc.constantFrom(1, 10) }, // seldom: there is little to see in a node that is alone
  ),
  who: name,
  slots: someSlots,
  flag: fc.boolean(),
  epoch,
});
type OrderPlan = typeof orderPlan extends fc.Arbitrary<infer T> ? T : never;

const plan = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('packet' as const), packet: packetPlan, link: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(3000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('order' as const), order: orderPlan }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('link' as const), link: fc.nat(30), up: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('data' as const), offset: fc.nat(100) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      shared: fc.boolean(),
      keys: fc.tuple(fc.nat(1), fc.nat(1)),
      offsets: fc.tuple(fc.nat(1), fc.nat(1)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('loaded' as const), populatedSlots: someSlots }) },
);

const idOf = (who: string): string => (who === 'me' ? '0'.repeat(40) : who.repeat(40));

/** `me`, `a` and `b` have slots, the others copy one each; or `me` and `c` have changed places. */
function sixKnown(asReplica: boolean): SavedCluster {
  const followers: Record<string, string> = { d: 'a', e: 'b', ...(asReplica ? { me: 'c' } : { c: 'me' }) };
  const shares: Record<string, SlotRange> = {
    [asReplica ? 'c' : 'me']: { from: 0, to: 13 },
    a: { from: 14, to: 27 },
    b: { from: 28, to: 40 },
  };
  const nodes = NAMES.map((who, i): SavedNode => {
    const primary = followers[who];
    const share = shares[who];
    return {
      id: idOf(who),
      myself: who === 'me',
      address: { ip: '127.0.0.1', port: 7000 + i, busPort: 17000 + i, plainPort: 0 },
      hostname: '',
      role: primary === undefined ? 'primary' : 'replica',
      primaryId: primary === undefined ? null : idOf(primary),
      health: 'ok',
      noAddress: false,
      noFailover: false,
      pingSentMs: 0,
      pongReceivedMs: 0,
      configEpoch: i % 3,
      connected: true,
      slots: share === undefined ? [] : [share],
    };
  });
  return { nodes, currentEpoch: 3, lastVoteEpoch: 0, migrating: [], importing: [] };
}

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** Turns plans into events that a host could give: links exist before they speak. */
class Tormentor {
  readonly cluster: Cluster;
  readonly effects: Effect[] = [];
  private readonly links: LinkId[] = [-1];
  private nowMs = 1000;
  private chance = 1;

  constructor(asReplica: boolean) {
    const random = (): number => (this.chance = (this.chance * 16807) % 2147483647) / 2147483647;
    this.cluster = new Cluster(OPTIONS, sixKnown(asReplica), random, this.clocks);
    this.give({ kind: 'Start' });
    this.give({ kind: 'LinkAccepted', link: -1, remoteIp: '127.0.0.1', localIp: '127.0.0.1' });
  }

  get clocks() {
    return { nowMs: this.nowMs, wallMs: 1_700_000_000_000 + this.nowMs };
  }

  give(event: Event): void {
    const effects = this.cluster.step(event, this.clocks);
    for (const effect of effects) if (effect.kind === 'Connect') this.links.push(effect.link);
    this.effects.push(...effects);
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.give({ kind: 'Tick' });
  }

  link(i: number): LinkId {
    return this.links[i % this.links.length]!;
  }

  accept(): void {
    const link = -1 - this.links.length;
    this.links.push(link);
    this.give({ kind: 'LinkAccepted', link, remoteIp: '127.0.0.1', localIp: '127.0.0.1' });
  }

  id(who: string): string {
    return who === 'me' ? this.cluster.myId : idOf(who);
  }

  packet(p: PacketPlan): Packet {
    const sender: Sender = {
      ip: '',
      port: 7001,
      plainPort: 0,
      busPort: 17001,
      senderId: this.id(p.sender),
      primaryId: p.primary === null ? '' : this.id(p.primary),
      flags: p.flags,
      currentEpoch: p.currentEpoch,
      configEpoch: p.configEpoch,
      slots: bitmapOf(p.slots),
      replOffset: p.replOffset,
      clusterState: 0,
      messageFlags: p.messageFlags,
    };
    const [first] = p.about;
    const nodeId = this.id(first?.who ?? 'a');
    switch (p.type) {
      case 'PING':
      case 'PONG':
      case 'MEET': {
        const times = { pingSentSec: 0, pongReceivedSec: 0, plainPort: 0, ip: '127.0.0.1', busPort: 17001 };
        const entries = p.about.map(({ who, flags, port }) => ({ nodeId: this.id(who), flags, port, ...times }));
        return { type: p.type, sender, body: { kind: 'gossip', entries, extensions: [] } };
      }
      case 'FAIL':
        return { type: p.type, sender, body: { kind: 'fail', nodeId } };
      case 'UPDATE':
        return {
          type: p.type,
          sender,
          body: { kind: 'update', nodeId, configEpoch: p.configEpoch, slots: sender.slots },
        };
      case 'PUBLISH':
      case 'PUBLISHSHARD':
        return { type: p.type, sender, body: { kind: 'publish', channel: sender.slots, message: sender.slots } };
      case 'MODULE':
        return {
          type: p.type,
          sender,
          body: { kind: 'module', moduleId: sender.slots, messageType: 0, payload: sender.slots },
        };
      default:
        return { type: p.type, sender, body: { kind: 'empty' } };
    }
  }

  order({ which, who, slots, flag, epoch: number }: OrderPlan): Order {
    const nodeId = this.id(who);
    const slot = slots[0] ?? 0;
    const orders: Order[] = [
      { name: 'MEET', ip: '127.0.0.1', port: 7001, busPort: 17001, given: { ip: '', port: '' } },
      { name: 'FORGET', nodeId },
      { name: 'ADDSLOTS', slots },
      { name: 'DELSLOTS', slots },
      { name: 'FLUSHSLOTS', holdsKeys: flag },
      { name: 'SETSLOT', slot, move: { to: flag ? 'migrating' : 'importing', nodeId } },
      { name: 'SETSLOT', slot, move: { to: 'node', nodeId, keysInSlot: flag ? 1 : 0 } },
      { name: 'BUMPEPOCH' },
      { name: 'SET-CONFIG-EPOCH', epoch: number },
      { name: 'REPLICATE', nodeId, holdsKeys: flag },
      { name: 'RESET', hard: flag, holdsKeys: false },
      { name: 'FAILOVER', how: flag ? 'forced' : 'takeover' },
    ];
    return orders[which]!;
  }
}

function torment(asReplica: boolean, plans: readonly Plan[]): void {
  const t = new Tormentor(asReplica);
  let highest = 0;
  for (const step of plans) {
    const before = t.effects.length;
    if (step.kind === 'packet')
      t.give({ kind: 'Received', link: t.link(step.link), packet: t.packet(step.packet), byteCount: 0 });
    if (step.kind === 'time') t.wait(step.ms);
    if (step.kind === 'order') t.give({ kind: 'Order', order: t.order(step.order) });
    if (step.kind === 'data')
      t.give({ kind: 'Replicated', offset: step.offset, ageMs: 0, synced: step.offset % 3 > 0 });
    if (step.kind === 'loaded') t.give({ kind: 'Loaded', populatedSlots: step.populatedSlots });
    if (step.kind === 'offer') {
      const [keysOffered, keysHeld] = step.keys;
      const [offsetOffered, offsetHeld] = step.offsets;
      const history = step.shared ? 'shared' : 'unknown';
      t.give({ kind: 'ResyncOffered', offer: { history, keysOffered, keysHeld, offsetOffered, offsetHeld } });
    }
    if (step.kind === 'link') {
      if (step.up) t.give({ kind: 'LinkUp', link: t.link(step.link) });
      else t.give({ kind: 'LinkDown', link: t.link(step.link), reason: 'gone' });
      t.accept();
    }
    const wasReset = step.kind === 'order' && step.order.which === 10 && step.order.flag;
    highest = checkSelf(t, wasReset ? 0 : highest, t.effects.slice(before));
  }
}

/** What must hold after every step. */
function checkSelf(t: Tormentor, highest: number, effects: Effect[]): number {
  const view = t.cluster.describeCluster(t.clocks);
  const me = view.nodes.find((node) => node.myself)!;
  expect(view.currentEpoch).toBeGreaterThanOrEqual(highest);
  expect(view.lastVoteEpoch).toBeLessThanOrEqual(view.currentEpoch);
  expect(me.health).toBe('ok');
  for (const subject of [{ kind: 'cluster' }, { kind: 'slot', slot: 3 }] as const)
    t.cluster.explainSubject(subject, t.clocks);
  for (const { id } of view.nodes) expect(t.cluster.explainSubject({ kind: 'node', id }, t.clocks)).not.toBeNull();
  expect(me.primaryId).not.toBe(me.id);
  expect(new Set(view.nodes.map((node) => node.id)).size).toBe(view.nodes.length);
  const owned = view.nodes.reduce((sum, node) => sum + t.cluster.slots.countOf(node.id), 0);
  expect(owned).toBe(view.slots.assigned);
  for (const { primaryId } of view.nodes) if (primaryId !== null) expect(t.cluster.node(primaryId)).not.toBeNull();
  expect(effects.findIndex((effect) => effect.kind === 'Save')).toBeLessThanOrEqual(0);
  return view.currentEpoch;
}

test('any hundred events', () => {
  fc.assert(fc.property(fc.boolean(), fc.array(plan, { minLength: 20, maxLength: 100 }), torment), {
    numRuns: tries(60),
  });
});
