/** The bytes are the contract: what real nodes sent is read, and written again to the bit. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodePacket,
  describeMalformed,
  encodePacket,
  type GossipEntry,
  type Packet,
  type Sender,
} from '../../../src/gossip/packet-codec.js';
import * as layout from '../../../src/gossip/packet-layout.js';
import { decoded, GOLDEN, goldenBytes, goldenPacket, readGolden } from './golden-packets.js';
import { tries } from '../../support/tries.js';

const { FLAG, HEADER_SIZE, MESSAGE_FLAG } = layout;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

describe('the tables', () => {
  test('every field lies where the C compiler puts it', () => {
    const structs = [
      ['clusterMsg', layout.HEADER],
      ['clusterMsgDataGossip', layout.GOSSIP_ENTRY],
      ['clusterMsgPingExt', layout.EXTENSION_HEAD],
      ['clusterMsgDataFail', layout.FAIL_BODY],
      ['clusterMsgDataPublish', layout.PUBLISH_HEAD],
      ['clusterMsgDataUpdate', layout.UPDATE_BODY],
      ['clusterMsgModule', layout.MODULE_HEAD],
    ] as const;
    // one field of C is two of ours: its first byte, and the two that are reserved
    const merged = (name: string, offset: number, size: number): string =>
      name === 'mflags' ? '2253 3' : `${offset} ${size}`;
    const lines = structs.flatMap(([struct, rows]) =>
      rows.map(([offset, , size, , name]) => `${struct} ${name} ${merged(name, offset, size)}`),
    );
    expect([...new Set(lines)]).toEqual(readGolden('offsets-7.0.15.txt').trim().split('\n'));
  });

  test('sizes', () => {
    expect([layout.HEADER_SIZE, layout.GOSSIP_ENTRY_SIZE, layout.EXTENSION_HEAD_SIZE]).toEqual([2256, 104, 8]);
    expect([layout.UPDATE_BODY_SIZE, layout.PUBLISH_HEAD_SIZE, layout.MODULE_HEAD_SIZE]).toEqual([2096, 8, 13]);
  });
});

describe('golden packets', () => {
  test('every message is among them', () => {
    const types = new Set(GOLDEN.map((name) => goldenPacket(name).type));
    expect([...types].sort()).toEqual(layout.MESSAGES.map(([name]) => name as string).sort());
  });

  test.each(GOLDEN)('%s survives decode and encode to the bit', (name) => {
    expect(hex(encodePacket(goldenPacket(name)))).toBe(hex(goldenBytes(name)));
  });

  test('a node that knows nobody', () => {
    const { type, sender, body } = goldenPacket('meet');
    expect(type).toBe('MEET');
    expect(sender).toMatchObject({ port: 23400, busPort: 23420, plainPort: 0, primaryId: '', ip: '' });
    expect(sender).toMatchObject({ flags: FLAG.primary | FLAG.myself, clusterState: layout.STATE.fail });
    expect(body).toEqual({ kind: 'gossip', entries: [], extensions: [] });
  });

  test('a host name is an extension', () => {
    const { body, sender } = goldenPacket('ping-with-hostname');
    expect(body).toMatchObject({ extensions: [{ kind: 'hostname', hostname: 'node-2.example.org' }] });
    expect(sender.messageFlags).toBe(MESSAGE_FLAG.extensions);
  });

  test('a replica names its primary; a paused primary says so; a suspect is gossiped about', () => {
    const replica = goldenPacket('ping-from-replica');
    expect(replica.sender).toMatchObject({ flags: FLAG.replica | FLAG.myself, port: 23404 });
    expect(replica.sender.primaryId).toHaveLength(40);
    expect(goldenPacket('ping-while-paused').sender).toMatchObject({
      messageFlags: MESSAGE_FLAG.paused,
      replOffset: 14,
    });
    const { body } = goldenPacket('ping-with-suspect');
    const suspects = body.kind === 'gossip' ? body.entries.filter(({ flags }) => flags & FLAG.suspected) : [];
    expect(suspects.map(({ ip, port }) => `${ip}:${port}`)).toEqual(['127.0.0.1:23401']);
  });

  test('the rest of the bodies', () => {
    const publish = { kind: 'publish', channel: bytesOf('news'), message: bytesOf('hello, bus') };
    expect(goldenPacket('publish').body).toEqual(publish);
    expect(goldenPacket('publishshard').body).toMatchObject({ channel: bytesOf('shard-a'), message: bytesOf('x') });
    expect(goldenPacket('update').body).toMatchObject({ kind: 'update', configEpoch: 8 });
    expect(goldenPacket('fail').body).toMatchObject({ kind: 'fail' });
    expect(goldenPacket('mfstart').body).toEqual({ kind: 'empty' });
    expect(goldenPacket('auth-request-forced').sender.messageFlags).toBe(MESSAGE_FLAG.forceAck);
    expect(goldenPacket('module').body).toMatchObject({ kind: 'module', messageType: 1, payload: bytesOf('Hey') });
  });

  test('a decoded packet keeps nothing of the bytes it came from', () => {
    const bytes = Buffer.from(goldenBytes('publish'));
    const packet = decoded(bytes);
    bytes.fill(0xff);
    expect(packet).toEqual(goldenPacket('publish'));
  });
});

/** Why a packet is refused, as its facts in a row. */
function refusal(bytes: Uint8Array): string {
  const result = decodePacket(bytes);
  return result.ok ? 'read' : Object.values(result.malformed).join(' ');
}

// biome-ignore format: a table
test.each<[string, string, (packet: Uint8Array) => Uint8Array, string]>([
  ['less than a header',     'fail',    (p) => p.slice(0, 100),              'too-short 100'],
  ['another protocol',       'fail',    (p) => p.fill(0x58, 0, 1),           'wrong-signature'],
  ['another version',        'fail',    (p) => p.fill(9, 9, 10),             'wrong-version 9'],
  ['a type of the future',   'fail',    (p) => p.fill(77, 13, 14),           'unknown-type 77'],
  ['a cut packet',           'fail',    (p) => p.slice(0, -1),               'wrong-length FAIL 2296 2295'],
  ['a body too long',        'fail',    (p) => longer(p, 1),                 'wrong-length FAIL 2297 2296'],
  ['a vote with a body', 'auth-ack', (p) => longer(p, 8), 'wrong-length FAILOVER_AUTH_ACK 2264 2256'],
  ['an absurd epoch',        'fail',    (p) => p.fill(255, 16, 24),          'number-too-large FAIL currentEpoch'],
  ['epoch 2^53',             'fail',    (p) => p.fill(0, 24, 32).fill(32, 25, 26), 'number-too-large FAIL configEpoch'],
  ['an absurd offset',       'fail',    (p) => p.fill(255, 32, 40),          'number-too-large FAIL replOffset'],
  ['an absurd UPDATE epoch', 'update',  (p) => p.fill(255, 2256, 2264),      'number-too-large UPDATE configEpoch'],
  ['a name with a line end', 'fail',    (p) => p.fill(10, 50, 51),           'bad-text FAIL senderId'],
  ['half a name',            'fail',    (p) => p.fill(0, 60, 80),            'bad-text FAIL senderId'],
  ['an address of blanks',   'fail',    (p) => p.fill(32, 2168, 2170),       'bad-text FAIL ip'],
  ['a nameless FAIL',        'fail',    (p) => p.fill(0, 2256),              'bad-text FAIL nodeId'],
  ['gossip of 65,535',       'ping-with-suspect', (p) => p.fill(255, 14, 16), 'entries-outside PING 2672 65535'],
  ['gossip without a name',  'ping-with-suspect', (p) => p.fill(0, 2256, 2296), 'bad-text PING nodeId'],
  ['entries unannounced',  'ping-with-suspect', (p) => p.fill(2, 15, 16),  'wrong-length PING 2672 2464'],
  ['a channel of 4 GB',      'publish', (p) => p.fill(255, 2256, 2260),      'wrong-length PUBLISH 2278 4294969569'],
  ['lengths that wrap',      'publish', (p) => wrapped(p),                   'wrong-length PUBLISH 2278 4294969574'],
  ['PUBLISH without a head', 'publish', (p) => stating(p.slice(0, 2260)),    'wrong-length PUBLISH 2260 2264'],
  ['MODULE without a head',  'module',  (p) => stating(p.slice(0, 2260)),    'wrong-length MODULE 2260 2269'],
  ['a payload too short',    'module',  (p) => stating(p.slice(0, -1)),      'wrong-length MODULE 2271 2272'],
])('%s is refused with a reason', (_, name, damage, malformed) => {
  expect(refusal(damage(goldenBytes(name)))).toBe(malformed);
});

function stating(packet: Uint8Array): Uint8Array {
  new DataView(packet.buffer).setUint32(4, packet.length);
  return packet;
}

function longer(packet: Uint8Array, by: number): Uint8Array {
  const grown = new Uint8Array(packet.length + by);
  grown.set(packet);
  return stating(grown);
}

/** The two lengths sum up to the right one plus 2^32: in 32-bit numbers nobody would notice. */
function wrapped(packet: Uint8Array): Uint8Array {
  const view = new DataView(packet.buffer);
  view.setUint32(2256, 2 ** 32 - 100);
  view.setUint32(2260, 114);
  return packet;
}

describe('extensions', () => {
  /** A PING with these extensions, as bytes. */
  const ping = (extensions: Uint8Array, count: number): Uint8Array => {
    const packet = new Uint8Array(HEADER_SIZE + extensions.length);
    packet.set(goldenBytes('meet'));
    packet.set(extensions, HEADER_SIZE);
    packet[2215] = count;
    packet[2253] = MESSAGE_FLAG.extensions;
    return stating(packet);
  };
  const extension = (length: number, type: number, content: string): Uint8Array => {
    const bytes = new Uint8Array(8 + content.length);
    new DataView(bytes.buffer).setUint32(0, length);
    new DataView(bytes.buffer).setUint16(4, type);
    bytes.set(bytesOf(content), 8);
    return bytes;
  };

  // biome-ignore format: a table
  test.each<[string, Uint8Array, number, string]>([
    ['none under the flag',         new Uint8Array(0),                         0, 'read'],
    ['a name',                      extension(16, 0, 'alpha\0\0\0'),           1, 'read'],
    ['one of the future',           extension(16, 3, '\xff234567\xfe'),        1, 'read'],
    ['an empty one of the future',  extension(8, 9, ''),                       1, 'read'],
    ['announced, not there',        new Uint8Array(0),                         1, 'extension-outside MEET 2256'],
    ['there, not announced',        extension(16, 0, 'alpha\0\0\0'),           0, 'wrong-length MEET 2272 2256'],
    ['one, announced as 255',       extension(16, 0, 'alpha\0\0\0'),         255, 'extension-outside MEET 2272'],
    ['length 0: would never end',   extension(0, 0, 'alpha\0\0\0'),          255, 'extension-length MEET 0'],
    ['length not a multiple of 8',  extension(15, 0, 'alpha\0\0'),             1, 'extension-length MEET 15'],
    ['length beyond the packet',    extension(24, 0, 'alpha\0\0\0'),           1, 'extension-outside MEET 2272'],
    ['length 2^32 - 8',             extension(2 ** 32 - 8, 0, 'alpha\0\0\0'),  1, 'extension-outside MEET 2272'],
    ['length 2^16: 0 in 16 bits',   extension(65536, 0, 'alpha\0\0\0'),        1, 'extension-outside MEET 2272'],
    ['a name without its end',      extension(16, 0, 'alphabet'),              1, 'extension-unterminated MEET 0'],
    ['a name without anything',     extension(8, 0, ''),                       1, 'extension-unterminated MEET 0'],
    ['a name with a line end',      extension(16, 0, 'al\npha\0\0'),           1, 'bad-text MEET hostname'],
  ])('%s', (_, extensions, count, expected) => {
    const packet = ping(extensions, count);
    expect(refusal(packet)).toBe(expected);
    if (expected === 'read') expect(hex(encodePacket(decoded(packet)))).toBe(hex(packet));
  });

  test('without the flag the count is not looked at, as in Redis', () => {
    const packet = goldenBytes('meet').fill(7, 2214, 2216);
    expect(decodePacket(packet)).toMatchObject({ ok: true, packet: { body: { extensions: [] } } });
  });
});

test('the words of Redis for what it refuses, too', () => {
  const described = (damage: (packet: Uint8Array) => Uint8Array): string => {
    const result = decodePacket(damage(goldenBytes('ping-with-suspect')));
    return result.ok ? 'read' : describeMalformed(result.malformed);
  };
  expect(described((p) => p.fill(255, 14, 16))).toBe(
    'Received invalid ping packet with gossip count 65535 that exceeds total packet length (2672)',
  );
  expect(described((p) => p.fill(2, 15, 16))).toBe(
    'Received invalid ping packet of length 2672 but expected length 2464',
  );
  expect(described((p) => p.fill(77, 13, 14))).toBe('Received unknown packet type: 77');
});

// ── any packet of ours ──────────────────────────────────────────────────────
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const epoch = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.maxSafeNat());
const nodeId = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(hex);
const ip = fc.constantFrom('', '127.0.0.1', '::1', 'fe80::1%eth0', '255.255.255.255', 'node-1.example.org');
const slots = fc.uint8Array({ minLength: 2048, maxLength: 2048 });
const payload = fc.uint8Array({ maxLength: 100 });
const ports = { port: u16, busPort: u16, plainPort: u16, flags: u16 };
const entry: fc.Arbitrary<GossipEntry> = fc.record({ nodeId, ip, ...ports, pingSentSec: u32, pongReceivedSec: u32 });
const extension = fc.oneof(
  fc.record({
    kind: fc.constant('hostname' as const),
    hostname: fc.constantFrom('', 'a', 'seven77', 'eight888', 'x.y-z'),
  }),
  fc.record({
    kind: fc.constant('unknown' as const),
    type: fc.integer({ min: 1, max: 0xffff }),
    bytes: fc.integer({ min: 0, max: 4 }).map((words) => new Uint8Array(words * 8).fill(words)),
  }),
);
const sender: fc.Arbitrary<Sender> = fc.record({
  currentEpoch: epoch,
  configEpoch: epoch,
  replOffset: fc.maxSafeNat(),
  senderId: nodeId,
  slots,
  primaryId: fc.oneof(fc.constant(''), nodeId),
  ip,
  ...ports,
  clusterState: fc.integer({ min: 0, max: 1 }),
  messageFlags: fc.integer({ min: 0, max: 3 }),
});
const bodies = {
  gossip: fc.record({
    kind: fc.constant('gossip' as const),
    entries: fc.array(entry, { maxLength: 5 }),
    extensions: fc.array(extension, { maxLength: 3 }),
  }),
  fail: fc.record({ kind: fc.constant('fail' as const), nodeId }),
  publish: fc.record({ kind: fc.constant('publish' as const), channel: payload, message: payload }),
  empty: fc.record({ kind: fc.constant('empty' as const) }),
  update: fc.record({ kind: fc.constant('update' as const), configEpoch: epoch, nodeId, slots }),
  module: fc.record({
    kind: fc.constant('module' as const),
    moduleId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    messageType: fc.integer({ min: 0, max: 255 }),
    payload,
  }),
};
const anyPacket = fc.constantFrom(...layout.MESSAGES).chain(([type, kind]) => {
  return fc.record({ type: fc.constant(type), sender, body: bodies[kind] }) as fc.Arbitrary<Packet>;
});

test('what we send is read as what we meant, and its reserved bytes are zero', () => {
  fc.assert(
    fc.property(anyPacket, (packet) => {
      const bytes = encodePacket(packet);
      const { body } = packet;
      const extended = body.kind === 'gossip' && body.extensions.length > 0;
      const messageFlags = packet.sender.messageFlags | (extended ? MESSAGE_FLAG.extensions : 0);
      expect(decoded(bytes)).toEqual({ ...packet, sender: { ...packet.sender, messageFlags } });
      const reserved = [...bytes.subarray(2216, 2246), ...bytes.subarray(2254, 2256)];
      if (body.kind === 'gossip')
        for (let i = 0; i < body.entries.length; i++) reserved.push(...bytes.subarray(2358 + i * 104, 2360 + i * 104));
      expect(reserved.every((byte) => byte === 0)).toBe(true);
    }),
    { numRuns: tries(150) },
  );
});

test('our own mistakes throw before a byte leaves', () => {
  const packet = goldenPacket('fail');
  expect(() => encodePacket({ ...packet, sender: { ...packet.sender, senderId: 'x'.repeat(41) } })).toThrow('longer');
  expect(() => encodePacket({ ...packet, sender: { ...packet.sender, slots: new Uint8Array(7) } })).toThrow('2048');
});

describe('no bytes make the decoder throw', () => {
  test('golden packets with some bytes changed, cut or grown', () => {
    const damage = fc.array(fc.tuple(fc.nat(6000), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...GOLDEN), damage, fc.integer({ min: -300, max: 300 }), fc.boolean(), readsDamaged),
      { numRuns: tries(1500) },
    );
  });

  /** Whatever is accepted must be written back as it was, apart from bytes that mean nothing. */
  function readsDamaged(name: string, damage: [number, number][], growth: number, honest: boolean): void {
    const original = goldenBytes(name);
    const packet = new Uint8Array(Math.max(0, original.length + growth));
    packet.set(original.subarray(0, packet.length));
    // Half of the changes go to where the lengths, counts and kinds are.
    for (const [at, byte] of damage) packet[at % 2 ? at % packet.length : INTERESTING[at % INTERESTING.length]!] = byte;
    if (honest && packet.length >= 8) stating(packet);
    const result = decodePacket(packet);
    if (result.ok) expect(decoded(encodePacket(result.packet))).toEqual(result.packet);
    else expect(describeMalformed(result.malformed)).not.toContain('undefined');
  }

  const INTERESTING = [
    8, 9, 12, 13, 14, 15, 16, 24, 32, 2214, 2215, 2253, 2256, 2257, 2258, 2259, 2260, 2263, 2264, 2268,
  ];

  test('random bytes behind a good header', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.uint8Array({ maxLength: 400 }),
        fc.boolean(),
        (type, body, extended) => {
          const packet = longer(goldenBytes('meet'), body.length);
          packet.set(body, HEADER_SIZE);
          packet[13] = type;
          packet[15] = body.length >> 7;
          packet[2215] = body[0] ?? 0;
          packet[2253] = extended ? MESSAGE_FLAG.extensions : 0;
          const result = decodePacket(packet);
          if (result.ok) expect(decoded(encodePacket(result.packet))).toEqual(result.packet);
        },
      ),
      { numRuns: tries(500) },
    );
  });
});
