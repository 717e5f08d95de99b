/**
 * Known bug 17: clusters mixed with 7.2 (redis #12604, #12832). Its heartbeats have extensions that 7.0 does not know:
 *
 *   0 host name   1 human name, with its NUL   2 a forgotten node: 40 digits, 8 bytes of seconds   3 shard: 40 digits
 *
 * The last one is always there. The heartbeats are those of a real 7.0.15, with such extensions behind them, byte by
 * byte. A whole cluster of both is scenario `redis-12604` of the simulator.
 */
import { expect, test } from 'vitest';
import { decodePacket, encodePacket, type Packet } from '../../../src/gossip/packet-codec.js';
import { FLAG } from '../../../src/gossip/packet-layout.js';
import { idOf } from '../stage/lone-node.js';
import { agree, follow, SIX, sixNodes, storyOf } from '../stage/scenes.js';
import { hear, heartbeatOf } from '../stage/words.js';
import { decoded, goldenBytes } from '../wire/golden-packets.js';

const SHARD = 'f5de5cc8bc87f66210d34f1017149ebd89e03ad7';
const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const SHARD_ID = `00000030 0003 0000 ${hexOf(SHARD)}`;
const HUMAN_NAME = `00000010 0001 0000 ${hexOf('node-3')}0000`;
const FORGOTTEN = `00000038 0002 0000 ${hexOf('a'.repeat(40))} 000000000000003c`;

const TOTAL_LENGTH_AT = 4;
const EXTENSION_COUNT_AT = 2214;
const MESSAGE_FLAGS_AT = 2253;
const EXTENSIONS = 4;

/** What 7.0.15 sent, as 7.2 would have sent it. */
function asLater(golden: string, extensions: readonly string[]): Buffer {
  const tails = extensions.map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const bytes = Buffer.concat([goldenBytes(golden), ...tails]);
  bytes.writeUInt32BE(bytes.length, TOTAL_LENGTH_AT);
  bytes.writeUInt16BE(bytes.readUInt16BE(EXTENSION_COUNT_AT) + tails.length, EXTENSION_COUNT_AT);
  bytes[MESSAGE_FLAGS_AT] = (bytes[MESSAGE_FLAGS_AT] ?? 0) | EXTENSIONS;
  return bytes;
}

const typesOf = ({ body }: Packet) =>
  body.kind === 'gossip' ? body.extensions.map((one) => (one.kind === 'hostname' ? one.hostname : one.type)) : null;

const HOST_NAME = typesOf(decoded(goldenBytes('ping-with-hostname')))?.[0];

// biome-ignore format: a table
test.each<[string, string, string[], unknown[]]>([
  // a heartbeat of                golden packet         what follows                       what is understood
  ['a node that knows nobody',     'ping',               [SHARD_ID],                        [3]],
  ['a replica',                    'ping-from-replica',  [SHARD_ID],                        [3]],
  ['a node with a host name',      'ping-with-hostname', [SHARD_ID],                        [HOST_NAME, 3]],
  ['a node with both names',       'ping-with-hostname', [HUMAN_NAME, SHARD_ID],            [HOST_NAME, 1, 3]],
  ['one that was told to forget',  'ping-with-suspect',  [FORGOTTEN, SHARD_ID],             [2, 3]],
  ['one that is met',              'meet',               [HUMAN_NAME, FORGOTTEN, SHARD_ID], [1, 2, 3]],
])('17: %s of 7.2 is read, and carried to the bit', (_, golden, extensions, understood) => {
  const bytes = asLater(golden, extensions);
  const packet = decoded(bytes);
  expect(typesOf(packet)).toEqual(understood);
  expect(Buffer.from(encodePacket(packet))).toEqual(bytes);
  const plain = decoded(goldenBytes(golden));
  expect({ ...packet, body: { ...packet.body, extensions: [] } }).toEqual({
    ...plain,
    sender: { ...plain.sender, messageFlags: packet.sender.messageFlags },
    body: { ...plain.body, extensions: [] },
  });
});

test.each([
  ['one digit short', `0000002f 0003 0000 ${hexOf(SHARD.slice(1))}`, 'extension-length'],
  ['longer than the packet', `00000038 0003 0000 ${hexOf(SHARD)}`, 'extension-outside'],
])('17: a shard id that is %s is no heartbeat', (_, extension, why) => {
  expect(decodePacket(asLater('ping', [extension]))).toMatchObject({ ok: false, malformed: { why } });
});

test('17: who hears of a shard answers as 7.0 does, and keeps replicas with their primaries', () => {
  const world = sixNodes(6);
  const before = JSON.stringify(SIX.map((port) => world.view(port).nodes.map(({ id, primaryId }) => [id, primaryId])));
  const replica = { flags: FLAG.replica, primaryId: idOf(7001), currentEpoch: 6, configEpoch: 1 };
  const ping = heartbeatOf(7004, 'PING', { ...replica, slots: world.cluster(7001).slots.bitmapOf(idOf(7001)) });
  if (ping.type !== 'PING') throw new Error('a PING was asked for');
  ping.body.extensions.push({ kind: 'unknown', type: 3, bytes: Buffer.from(SHARD) });
  world.onStep = (port, effects) => {
    const pongs = effects.flatMap((effect) => (effect.kind === 'Send' ? effect.packet : []));
    for (const pong of pongs) expect([port, typesOf(pong) ?? []]).toEqual([port, []]);
  };
  for (const at of SIX.filter((port) => port !== 7004)) hear(world, at, decoded(encodePacket(ping)));
  expect(storyOf(world)).toContain('7001  Received unknown extension type 3');
  world.run(3000);
  expect(JSON.stringify(SIX.map((port) => world.view(port).nodes.map(({ id, primaryId }) => [id, primaryId])))).toBe(
    before,
  );
  follow(world, 7004, 7002);
  expect(world.runUntil(() => agree(world, SIX), 10_000)).toBe(true);
});
