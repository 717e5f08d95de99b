/**
 * What real nodes sent, given to the core: it stands in for one of the five nodes the golden packets come from, and
 * does what the others would expect of that node.
 */

import { expect, test } from 'vitest';
import { Cluster } from '../../src/gossip/cluster.js';
import type { ClusterOptions } from '../../src/gossip/cluster-state.js';
import type { NodeId, SavedCluster, SavedNode } from '../../src/gossip/node-table.js';
import type { Packet } from '../../src/gossip/packet-codec.js';
import type { Clocks, Effect } from '../../src/gossip/turn.js';
import { goldenPacket } from './wire/golden-packets.js';

const ID = {
  23400: goldenPacket('meet').sender.senderId,
  23401: goldenPacket('ping').sender.senderId,
  23402: goldenPacket('ping-with-hostname').sender.senderId,
  23403: goldenPacket('pong').sender.senderId,
  23404: goldenPacket('auth-request').sender.senderId,
};
type Port = keyof typeof ID;
const PORTS = [23400, 23401, 23402, 23403, 23404] as const;
const SLOTS = { 23400: [0, 5460], 23401: [5461, 10922], 23402: [10923, 16383] } as const;
const EPOCHS = { 23400: 5, 23401: 4, 23402: 2, 23403: 0, 23404: 0 };
const PRIMARY_OF: Partial<Record<Port, Port>> = { 23403: 23400, 23404: 23401 };

function optionsOf(port: Port): ClusterOptions {
  return {
    port,
    plainPort: 0,
    busPort: port + 20,
    announceIp: '',
    hostname: '',
    nodeTimeoutMs: 2000,
    requireFullCoverage: true,
    allowReplicaMigration: true,
    noFailover: false,
    replicaValidityFactor: 10,
    replicaPingPeriodMs: 10_000,
    migrationBarrier: 1,
  };
}

function savedAt(me: Port, failed: Port[]): SavedCluster {
  const nodes = PORTS.map((port): SavedNode => {
    const primary = PRIMARY_OF[port];
    const range = port === 23403 || port === 23404 ? null : SLOTS[port];
    return {
      id: ID[port],
      myself: port === me,
      address: { ip: '127.0.0.1', port, busPort: port + 20, plainPort: 0 },
      hostname: '',
      role: primary ? 'replica' : 'primary',
      primaryId: primary ? ID[primary] : null,
      health: failed.includes(port) ? 'failed' : 'ok',
      noAddress: false,
      noFailover: false,
      pingSentMs: 0,
      pongReceivedMs: 0,
      configEpoch: EPOCHS[port],
      connected: true,
      slots: range ? [{ from: range[0], to: range[1] }] : [],
    };
  });
  return { nodes, currentEpoch: 6, lastVoteEpoch: 0, migrating: [], importing: [] };
}

/** A node that gets packets on a link of somebody else's, one after the other. */
class StandIn {
  readonly cluster: Cluster;
  private links = 0;
  private chance = 0;
  private readonly clocks: Clocks = { nowMs: 100_000, wallMs: 1_700_000_000_000 };

  constructor(saved: SavedCluster | null, me: Port) {
    this.cluster = new Cluster(optionsOf(me), saved, () => (this.chance = (this.chance + 0.381966) % 1), this.clocks);
  }

  hear(...names: string[]): Effect[] {
    return names.flatMap((name) => {
      const link = --this.links;
      this.cluster.step({ kind: 'LinkAccepted', link, remoteIp: '127.0.0.1', localIp: '127.0.0.1' }, this.clocks);
      const packet = goldenPacket(name);
      return this.cluster.step({ kind: 'Received', link, packet, byteCount: 0 }, this.clocks);
    });
  }

  /** Links to all others come up. */
  connect(): this {
    const effects = this.cluster.step({ kind: 'Tick' }, this.clocks);
    for (const { link } of effects.filter((effect) => effect.kind === 'Connect')) {
      this.cluster.step({ kind: 'LinkUp', link }, this.clocks);
    }
    return this;
  }

  node(id: NodeId) {
    return this.cluster.describeNode(id, this.clocks);
  }

  reportsAbout(id: NodeId): number | null {
    return this.cluster.failureReportCount(id, this.clocks);
  }
}

function standIn(me: Port, failed: Port[] = []): StandIn {
  return new StandIn(savedAt(me, failed), me).connect();
}

function sent(effects: Effect[]): Packet[] {
  return effects.flatMap((effect) => (effect.kind === 'Send' ? effect.packet : []));
}

function logged(effects: Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'Log' ? effect.text : []));
}

test('a MEET is let in under a provisional name, and answered', () => {
  const node = new StandIn(null, 23402);
  expect(sent(node.hear('meet')).map(({ type }) => type)).toEqual(['PONG']);
  const [me, guest] = node.cluster.describeCluster({ nowMs: 0, wallMs: 0 }).nodes;
  expect(me?.address.ip).toBe('127.0.0.1');
  expect(guest).toMatchObject({ inHandshake: true, address: { ip: '127.0.0.1', port: 23400, busPort: 23420 } });
  expect(guest?.id).not.toBe(ID[23400]);
});

test('a host name is learnt', () => {
  const node = standIn(23400);
  node.hear('ping-with-hostname');
  expect(node.node(ID[23402])?.hostname).not.toBe('');
});

test('a replica tells of its primary', () => {
  const node = standIn(23402);
  node.hear('ping-from-replica');
  expect(node.node(ID[23404])).toMatchObject({ role: 'replica', primaryId: ID[23401], configEpoch: 4 });
});

test('a suspicion is a report, and FAIL is believed', () => {
  const node = standIn(23402);
  node.hear('ping-with-suspect');
  expect(node.reportsAbout(ID[23401])).toBe(1);
  expect(logged(node.hear('fail'))).toContain(`FAIL message received from ${ID[23400]} about ${ID[23401]}`);
  expect(node.node(ID[23401])?.health).toBe('failed');
});

test('a replica of a failed primary gets our vote, once', () => {
  const node = standIn(23402, [23401]);
  const effects = node.hear('auth-request');
  expect(effects[0]).toMatchObject({ kind: 'Save', care: 'durable', state: { lastVoteEpoch: 8 } });
  expect(sent(effects)).toMatchObject([
    { type: 'FAILOVER_AUTH_ACK', sender: { senderId: ID[23402], currentEpoch: 8 } },
  ]);
  expect(sent(node.hear('auth-request'))).toEqual([]);
});

test('a replica of a healthy primary gets it only if the failover was ordered', () => {
  expect(sent(standIn(23402).hear('auth-request'))).toEqual([]);
  expect(sent(standIn(23402).hear('auth-request-forced')).map(({ type }) => type)).toEqual(['FAILOVER_AUTH_ACK']);
});

test('UPDATE gives the slots of the failed primary to its heir', () => {
  const node = standIn(23402, [23401]);
  node.hear('update');
  expect(node.node(ID[23404])).toMatchObject({ role: 'primary', configEpoch: 8, slots: [{ from: 5461, to: 10922 }] });
  expect(node.node(ID[23401])?.slots).toEqual([]);
});

test('the primary pauses its writers when its replica asks, and says so once its offset is final', () => {
  const node = standIn(23400);
  const effects = node.hear('mfstart');
  expect(effects.map(({ kind }) => kind)).toContain('WritesPaused');
  expect(sent(effects)).toEqual([]);
});

test('the replica of a paused primary waits until it has caught up', () => {
  const node = standIn(23403);
  const clocks = { nowMs: 100_000, wallMs: 1_700_000_000_000 };
  node.cluster.step({ kind: 'Order', order: { name: 'FAILOVER', how: 'agreed' } }, clocks);
  const heard = logged(node.hear('ping-while-paused'));
  expect(heard).toContain('Received replication offset for paused master manual failover: 14');
  const caughtUp = node.cluster.step({ kind: 'Replicated', offset: 14, ageMs: 0, synced: true }, clocks);
  expect(sent(caughtUp).map(({ type }) => type)).toContain('FAILOVER_AUTH_REQUEST');
});

test('messages of the publish kind come through, those of modules are not ours', () => {
  const node = standIn(23402);
  const published = node.hear('publish', 'publishshard', 'module').filter((effect) => effect.kind === 'Published');
  expect(published.map(({ channel, sharded }) => [Buffer.from(channel).toString(), sharded])).toEqual([
    ['news', false],
    ['shard-a', true],
  ]);
});

test('a vote counts once, in the election it was given in', () => {
  const node = standIn(23403);
  const clocks = { nowMs: 100_000, wallMs: 1_700_000_000_000 };
  node.cluster.step({ kind: 'Order', order: { name: 'FAILOVER', how: 'forced' } }, clocks); // asks in epoch 7
  expect(node.hear('auth-ack', 'auth-ack').map(({ kind }) => kind)).not.toContain('RoleChanged');
  expect(node.cluster.explain(clocks)).toContain('Not promoted: I have 1 of 2 votes.');
});
