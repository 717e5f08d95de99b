/** A stream gives the same packets however it is cut, and a lost one is given up. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BrokenStream } from '../../../src/gossip/packet-splitter.js';
import { describeBroken, PACKET_LIMIT, PacketSplitter } from '../../../src/gossip/packet-splitter.js';
import { GOLDEN, goldenBytes } from './golden-packets.js';
import { tries } from '../../support/tries.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const PACKETS = GOLDEN.map((name) => hex(goldenBytes(name)));
const STREAM = new Uint8Array(Buffer.concat(GOLDEN.map(goldenBytes)));

/** Each chunk lies in memory that is overwritten afterwards, as that of a socket is. */
function split(splitter: PacketSplitter, stream: Uint8Array, cuts: readonly number[]): string[] {
  const found: string[] = [];
  let from = 0;
  for (const to of [...cuts, stream.length]) {
    const chunk = new Uint8Array(stream.subarray(from, to));
    found.push(...splitter.push(chunk).map(hex));
    chunk.fill(0xee);
    from = to;
  }
  return found;
}

test.each([1, 7, 8, 1000, 2256, 100_000])('chunks of %i bytes', (size) => {
  const cuts = Array.from({ length: Math.ceil(STREAM.length / size) - 1 }, (_, i) => (i + 1) * size);
  const splitter = new PacketSplitter();
  expect(split(splitter, STREAM, cuts)).toEqual(PACKETS);
  expect([splitter.broken, splitter.heldBytes]).toEqual([null, 0]);
});

test('any cuts', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 30 }), (cuts) => {
      const sorted = [...cuts].sort((a, b) => a - b);
      expect(split(new PacketSplitter(), STREAM, sorted)).toEqual(PACKETS);
    }),
    { numRuns: tries(60) },
  );
});

const PING = 0;
const PUBLISH = 4;

/** How a packet begins: signature, length, and with a type also that. */
function prefix(signature: string, length: number, type?: number): Buffer {
  const bytes = Buffer.alloc(type === undefined ? 8 : 14);
  bytes.write(signature, 'latin1');
  bytes.writeUInt32BE(length, 4);
  if (type !== undefined) bytes.writeUInt16BE(type, 12);
  return bytes;
}

function tooLong(stated: number, limit: number): BrokenStream {
  return { why: 'length-above-limit', stated, limit };
}

describe('a stream is given up', () => {
  const limits = PACKET_LIMIT.stranger;
  const M = limits.message;

  // biome-ignore format: a table
  test.each<[string, Uint8Array, BrokenStream | null]>([
    ['that lost its place',     STREAM.slice(1),                 { why: 'wrong-signature' }],
    ['of another protocol',     Buffer.from('GET / HTTP/1.1'),   { why: 'wrong-signature' }],
    ['shorter than a header',   prefix('RCmb', 2255),            { why: 'length-below-header', stated: 2255 }],
    ['of length 0',             prefix('RCmb', 0),               { why: 'length-below-header', stated: 0 }],
    ['of 4 GB',                 prefix('RCmb', 2 ** 32 - 1),     tooLong(2 ** 32 - 1, limits.message)],
    ['a heartbeat too long',    prefix('RCmb', limits.gossip + 1, PING), tooLong(limits.gossip + 1, limits.gossip)],
    ['of no known type',        prefix('RCmb', limits.gossip + 1, 99),   tooLong(limits.gossip + 1, limits.gossip)],
    ['a message too long',      prefix('RCmb', M + 1, PUBLISH), tooLong(M + 1, M)],
    ['at the limit: not yet',   prefix('RCmb', limits.gossip, PING),     null],
    ['the same of a message',   prefix('RCmb', limits.message, PUBLISH), null],
    ['type not there: not yet', prefix('RCmb', limits.message),  null],
    ['7 bytes: too early',      prefix('XXXX', 0).slice(0, 7),   null],
  ])('%s', (_, stream, broken) => {
    for (const cuts of [[], [1], [4], [1, 2, 3, 4, 5, 6, 7]]) {
      const splitter = new PacketSplitter();
      expect(split(splitter, stream, cuts.filter((cut) => cut < stream.length))).toEqual([]);
      expect(splitter.broken).toEqual(broken);
      if (broken) expect(splitter.push(STREAM)).toEqual([]);
    }
  });

  test('after packets that were good: they are handed out', () => {
    const splitter = new PacketSplitter();
    expect(split(splitter, Buffer.concat([STREAM, Buffer.from('garbage!')]), [5000])).toEqual(PACKETS);
    expect(splitter.broken).toEqual({ why: 'wrong-signature' });
    expect(describeBroken(splitter.broken!)).toBe('Bad message length or signature received from Cluster bus.');
  });
});

test('who proved to be a member may send larger packets', () => {
  const large = Buffer.alloc(PACKET_LIMIT.stranger.gossip + 1);
  prefix('RCmb', large.length, PING).copy(large);
  const splitter = new PacketSplitter();
  splitter.trust();
  expect(split(splitter, large, [8, 100_000])[0] === hex(large)).toBe(true);
  expect(split(splitter, prefix('RCmb', 600 * 1024 * 1024, PUBLISH), [])).toEqual([]);
  expect(splitter.broken).toBeNull();
  const gossiping = new PacketSplitter();
  gossiping.trust();
  expect(split(gossiping, prefix('RCmb', 600 * 1024 * 1024, PING), [])).toEqual([]);
  expect(gossiping.broken?.why).toBe('length-above-limit');
});

test('memory follows what came, not what was announced', () => {
  const splitter = new PacketSplitter();
  splitter.trust();
  splitter.push(prefix('RCmb', 1_000_000_000, PUBLISH));
  splitter.push(new Uint8Array(10_000));
  expect(splitter.heldBytes).toBeLessThan(50_000);
});
