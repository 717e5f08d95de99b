/** What a node believes, and whom: packets of strangers, of ourselves, of the past. */

import { expect, test } from 'vitest';
import type { Cluster } from '../../src/gossip/cluster.js';
import type { GossipEntry, Packet, Sender } from '../../src/gossip/packet-codec.js';
import { FLAG, MESSAGE_FLAG } from '../../src/gossip/packet-layout.js';
import type { Effect } from '../../src/gossip/turn.js';
import { bitmapOf, emptyBitmap } from '../../src/slots/slot-set.js';
import { idOf } from './stage/lone-node.js';
import type { World } from './stage/mini-world.js';
import { picture, sixNodes, slotsFrom } from './stage/scenes.js';
import { headerOf } from './stage/words.js';

const STRANGER = 'f'.repeat(40);
const EMPTY = { kind: 'empty' } as const;

/** A header as its sender would write it in the cluster of `sixNodes`. */
function header(port: number, changes: Partial<Sender> = {}): Sender {
  return headerOf(port, { currentEpoch: 6, configEpoch: port - 7000, slots: slots(port), ...changes });
}

function slots(port: number): Uint8Array {
  const shares = [slotsFrom(0, 5460), slotsFrom(5461, 10922), slotsFrom(10923, 16383)];
  return port < 7004 ? bitmapOf(shares[port - 7001]!) : emptyBitmap();
}

function ping(sender: Sender, entries: GossipEntry[] = []): Packet {
  return { type: 'PING', sender, body: { kind: 'gossip', entries, extensions: [] } };
}

function about(nodeId: string, changes: Partial<GossipEntry> = {}): GossipEntry {
  const times = { pingSentSec: 0, pongReceivedSec: 0 };
  return {
    nodeId,
    ip: '127.0.0.1',
    port: 7050,
    busPort: 17050,
    plainPort: 0,
    flags: FLAG.primary,
    ...times,
    ...changes,
  };
}

let links = -1000;

/** Given to 7001 on a link that somebody opened just now. */
function give(world: World, ...packets: Packet[]): Effect[] {
  const link = --links;
  world.tell(7001, { kind: 'LinkAccepted', link, remoteIp: '127.0.0.1', localIp: '127.0.0.1' });
  return packets.flatMap((packet) => world.tell(7001, { kind: 'Received', link, packet, byteCount: 2256 }));
}

function whatMatters(cluster: Cluster, world: World): string {
  return `${picture(world, 7001)}\n${world.view(7001).currentEpoch}\n${cluster.role}`;
}

const CLAIM_ALL = { slots: bitmapOf(slotsFrom(0, 16383)), configEpoch: 99, currentEpoch: 99 };
const SUSPECT_TWO = [about(idOf(7002), { flags: FLAG.primary | FLAG.failed })];

const fail = (sender: Sender, nodeId: string): Packet => ({ type: 'FAIL', sender, body: { kind: 'fail', nodeId } });
const bare = (type: 'FAILOVER_AUTH_REQUEST' | 'FAILOVER_AUTH_ACK' | 'MFSTART', sender: Sender): Packet => ({
  type,
  sender,
  body: EMPTY,
});
function update(sender: Sender, nodeId: string, configEpoch: number, claim: Uint8Array): Packet {
  return { type: 'UPDATE', sender, body: { kind: 'update', nodeId, configEpoch, slots: claim } };
}

const stranger = (changes: Partial<Sender> = {}): Sender => header(7050, { senderId: STRANGER, ...changes });
const replica = (port: number, changes: Partial<Sender> = {}): Sender =>
  header(port, {
    primaryId: idOf(port - 3),
    flags: FLAG.replica,
    configEpoch: port - 7003,
    slots: slots(port - 3),
    ...changes,
  });
const demoted = about(idOf(7003), { flags: FLAG.replica, port: 7003, busPort: 17003 });
const homeless = about(STRANGER, { flags: FLAG.primary | FLAG.noAddress });

// biome-ignore format: a table
test.each<[string, Packet]>([
  // who says what to whom it is nobody
  ['a PING of a stranger that claims all slots', ping(stranger(CLAIM_ALL))],
  ['a PING of a stranger that suspects',         ping(stranger(), SUSPECT_TWO)],
  ['a FAIL of a stranger',                       fail(stranger(), idOf(7002))],
  ['an UPDATE of a stranger',                    update(stranger(), idOf(7002), 99, slots(7001))],
  ['a vote request of a stranger',               bare('FAILOVER_AUTH_REQUEST', stranger({ currentEpoch: 99 }))],
  // ourselves, as an echo or a forgery
  ['a PING of ourselves with other slots',       ping(header(7001, CLAIM_ALL))],
  ['a PING of ourselves as a replica',           ping(header(7001, { primaryId: idOf(7002), flags: FLAG.replica }))],
  ['a FAIL about ourselves',                     fail(header(7002), idOf(7001))],
  ['an UPDATE about ourselves',                  update(header(7002), idOf(7001), 99, emptyBitmap())],
  // members that tell nothing new
  ['an UPDATE that is not newer',                update(header(7003), idOf(7002), 2, slots(7001))],
  ['an UPDATE about nobody',                     update(header(7003), STRANGER, 99, slots(7001))],
  ['a claim that is not newer',                  ping(header(7002, { slots: slots(7001), configEpoch: 1 }))],
  ['a claim by a replica',                       ping(replica(7004, { slots: slots(7002), configEpoch: 9 }))],
  ['gossip that names another role',             ping(header(7002), [demoted])],
  ['a suspicion of a replica',                   ping(replica(7006), SUSPECT_TWO)],
  ['gossip of a node without address',           ping(header(7002), [homeless])],
  ['a vote nobody asked for',                    bare('FAILOVER_AUTH_ACK', header(7002))],
  ['MFSTART of another shard',                   bare('MFSTART', replica(7005))],
])('%s changes nothing', (_, packet) => {
  const world = sixNodes(1);
  const before = whatMatters(world.cluster(7001), world);
  give(world, packet);
  expect(whatMatters(world.cluster(7001), world)).toBe(before);
});

test('gossip of a member brings a node in; a stranger needs a MEET', () => {
  const world = sixNodes(1);
  give(world, ping(header(7002), [about(STRANGER)]));
  expect(world.cluster(7001).node(STRANGER)).toMatchObject({ role: 'primary', address: { port: 7050 } });

  const met: Packet = { ...ping(header(7060, { senderId: 'e'.repeat(40) })), type: 'MEET' } as Packet;
  const effects = give(world, met, met);
  expect(world.view(7001).nodes.filter((node) => node.inHandshake)).toMatchObject([{ address: { port: 7060 } }]);
  expect(effects.filter((effect) => effect.kind === 'Send').map(({ packet }) => packet.type)).toEqual(['PONG', 'PONG']);
});

test('a PING is answered, whoever it comes from, by the link it came by', () => {
  const world = sixNodes(1);
  const [sent] = give(world, ping(header(7050, { senderId: STRANGER }))).filter((effect) => effect.kind === 'Send');
  expect(sent).toMatchObject({ links: [links], packet: { type: 'PONG', sender: { senderId: idOf(7001) } } });
});

test('a FAIL of a stranger is mentioned', () => {
  const world = sixNodes(1);
  const sender = header(7050, { senderId: STRANGER });
  const effects = give(world, { type: 'FAIL', sender, body: { kind: 'fail', nodeId: idOf(7002) } });
  const text = `Ignoring FAIL message from unknown node ${STRANGER} about ${idOf(7002)}`;
  expect(effects).toEqual([{ kind: 'Log', level: 'notice', text }]);
});

test('a heartbeat that was overtaken on the other link proves life, and nothing else', () => {
  const world = sixNodes(1);
  // 7004 was elected in epoch 7 and said so; then its last word as a replica arrives.
  give(world, ping(header(7004, { currentEpoch: 7, configEpoch: 7, slots: slots(7001) })));
  const after = picture(world, 7001);
  expect(after).toContain('7004 primary - 7 ok 0-5460');
  give(world, ping(header(7004, { primaryId: idOf(7001), flags: FLAG.replica, configEpoch: 1, slots: slots(7001) })));
  expect(picture(world, 7001)).toBe(after);
});

test('an epoch that is heard of is adopted, from members alone', () => {
  const world = sixNodes(1);
  give(world, ping(header(7050, { senderId: STRANGER, currentEpoch: 50 })));
  expect(world.view(7001).currentEpoch).toBe(6);
  give(world, ping(header(7002, { currentEpoch: 50 })));
  expect(world.view(7001).currentEpoch).toBe(50);
});

test('two primaries that report a third within two node timeouts are needed; a withdrawn report does not count', () => {
  const world = sixNodes(1);
  const down = [about(idOf(7003), { flags: FLAG.primary | FLAG.suspected, port: 7003, busPort: 17003 })];
  const well = [about(idOf(7003), { port: 7003, busPort: 17003 })];
  const reports = () => world.cluster(7001).failureReportCount(idOf(7003), world.clocks());
  world.plug(7001, false); // 7003 is silent, as seen from 7001
  world.runUntil(
    () => world.view(7001).nodes.some(({ id, health }) => id === idOf(7003) && health === 'suspected'),
    5000,
  );
  give(world, ping(header(7002), down), ping(header(7002), down));
  expect(world.cluster(7001).node(idOf(7003))?.health).toBe('failed'); // our opinion and one report: two of three

  const other = sixNodes(1);
  give(other, ping(header(7002), down));
  expect(other.cluster(7001).failureReportCount(idOf(7003), other.clocks())).toBe(1);
  give(other, ping(header(7002), well));
  expect(other.cluster(7001).failureReportCount(idOf(7003), other.clocks())).toBe(0);
  expect(reports()).toBe(1);
});

test('a packet on a link that is closed is not heard', () => {
  const world = sixNodes(1);
  const packet = ping(header(7002, { currentEpoch: 50 }));
  expect(world.tell(7001, { kind: 'Received', link: -12345, packet, byteCount: 2256 })).toEqual([]);
});

test('a primary that asks for votes is denied, in words', () => {
  const world = sixNodes(1);
  const asks = (sender: Sender) => bare('FAILOVER_AUTH_REQUEST', sender);
  const texts = (...packets: Packet[]) =>
    give(world, ...packets).flatMap((effect) =>
      effect.kind === 'Log' && effect.level === 'warning' ? effect.text : [],
    );
  expect(texts(asks(header(7002, { currentEpoch: 7 })))).toEqual([
    `Failover auth denied to ${idOf(7002)}: it is a master node`,
  ]);
  expect(texts(asks(replica(7005, { currentEpoch: 7 })))).toEqual([
    `Failover auth denied to ${idOf(7005)}: its master is up`,
  ]);
  const forced = asks(replica(7005, { currentEpoch: 7, messageFlags: MESSAGE_FLAG.forceAck }));
  expect(texts(forced, forced)).toEqual([
    `Failover auth granted to ${idOf(7005)} for epoch 7`,
    `Failover auth denied to ${idOf(7005)}: already voted for epoch 7`,
  ]);
});

test('a link with too much to send is closed, counted, and opened again', () => {
  const world = sixNodes(1);
  const [link] = world.cluster(7001).describeLinks(world.clocks());
  const effects = world.tell(7001, { kind: 'LinkCongested', link: link!.link, queuedBytes: 5_000_000 });
  expect(effects).toMatchObject([
    {
      text: `Freeing cluster link(to node ${link!.nodeId}, used memory: 5000000) due to exceeding send buffer memory limit.`,
    },
    { kind: 'CloseLink', link: link!.link },
  ]);
  expect(world.view(7001).linksOverLimit).toBe(1);
  world.run(500);
  expect(world.cluster(7001).describeLinks(world.clocks())).toHaveLength(10);
});

test('published messages go to all, sharded ones to the shard', () => {
  const world = sixNodes(1);
  const [channel, message] = [new Uint8Array([99]), new Uint8Array([109])];
  const heard: string[] = [];
  world.onStep = (port, effects) => {
    for (const effect of effects) if (effect.kind === 'Published') heard.push(`${port} ${effect.sharded}`);
  };
  world.tell(7001, { kind: 'Publish', channel, message, sharded: false });
  world.run(100);
  expect(heard.sort()).toEqual([7002, 7003, 7004, 7005, 7006].map((port) => `${port} false`));
  heard.length = 0;
  world.tell(7001, { kind: 'Publish', channel, message, sharded: true });
  world.run(100);
  expect(heard).toEqual(['7004 true']);
});

test('packets are counted by type, in the names of CLUSTER INFO', () => {
  const world = sixNodes(1);
  const { sent, received } = world.view(7001);
  expect(sent.map(({ name }) => name)).toEqual(['ping', 'pong', 'meet']);
  expect(received.every(({ count }) => count > 0)).toBe(true);
});
