/**
 * Payloads of single values: what goes out comes in again, whatever the encoding; and what is broken on the way is
 * refused, or is sound. That the bytes are those of redis-server show the golden replies (test/commands/dump.test.ts).
 */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { viewOf } from '../../src/base/bytes.js';
import { Crc64 } from '../../src/base/crc64.js';
import { Slice } from '../../src/base/slice.js';
import { IMMORTAL, NONE } from '../../src/keyspace/entry.js';
import { CHECKSUM_BYTES } from '../../src/persistence/rdb-layout.js';
import { holdingOf } from './content.js';
import { payloads, sealed, smallServer } from './fuzz/payloads.js';
import { tries } from '../support/tries.js';

const text = fc.oneof(
  { arbitrary: fc.integer({ min: -70_000, max: 70_000 }).map((n) => Buffer.from(String(n))), weight: 3 },
  { arbitrary: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((n) => Buffer.from(String(n))), weight: 1 },
  { arbitrary: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)), weight: 3 },
  { arbitrary: fc.integer({ min: 0, max: 5000 }).map((n) => Buffer.alloc(n, 'abcab')), weight: 1 },
);
const score = fc.double({ noNaN: true }).map((x) => (Number.isFinite(x) ? String(x) : x > 0 ? 'inf' : '-inf'));
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 12 });
const integer = fc.integer({ min: -100_000, max: 100_000 }).map((n) => Buffer.from(String(n)));

/** A command that makes the key k. */
const command: fc.Arbitrary<(string | Buffer)[]> = fc.oneof(
  text.map((value) => ['SET', 'k', value]),
  some(text).map((values) => ['RPUSH', 'k', ...values]),
  some(integer).map((members) => ['SADD', 'k', ...members]),
  some(text).map((members) => ['SADD', 'k', ...members]),
  some(fc.tuple(text, text)).map((fields) => ['HSET', 'k', ...fields.flat()]),
  some(fc.tuple(score, text)).map((members) => ['ZADD', 'k', ...members.flat()]),
);

const server = smallServer(); // every encoding comes up
const { engine } = server;
const db = engine.database(0);
const dumps = server.session.node.dumps;

function entryOf(key: string): number {
  const bytes = Buffer.from(key);
  return db.peekBytes(bytes, viewOf(bytes), 0, bytes.length);
}

/** Hangs the value of a payload under the key r; false if it was refused. */
function restore(payload: Uint8Array): boolean {
  const e = dumps.build(Slice.of(payload), Slice.of('r'), IMMORTAL);
  if (e === NONE) return false;
  const old = entryOf('r');
  if (old !== NONE) db.remove(old);
  return db.hang(e);
}

const describeKey = (key: string): string => `${holdingOf(db, entryOf(key))} ${server.run('OBJECT', 'ENCODING', key)}`;

function payloadOf(key: string): Uint8Array {
  return dumps.payload(db, entryOf(key));
}

test('each byte of a payload goes into its checksum once', () => {
  server.run('SET', 'k', 'x'.repeat(100_000));
  const summed = vi.spyOn(Crc64.prototype, 'update');
  const payload = payloadOf('k');
  expect(summed.mock.calls.reduce((sum, [, , , n]) => sum + n, 0)).toBe(payload.length - CHECKSUM_BYTES);
  summed.mockRestore();
});

test('there and back', () => {
  fc.assert(
    fc.property(command, (args) => {
      server.run('DEL', 'k');
      server.run(...args);
      const payload = payloadOf('k');
      expect(dumps.verify(Slice.of(payload))).toBe(true);
      expect(restore(payload)).toBe(true);
      expect(describeKey('r')).toBe(describeKey('k'));
    }),
    { numRuns: tries(400) },
  );
}, 60_000);

describe('a payload that was changed on the way', () => {
  test('is noticed', () => {
    server.run('DEL', 'k');
    server.run('RPUSH', 'k', 'a', 'b', 'c');
    const payload = payloadOf('k');
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const spoilt = Uint8Array.from(payload);
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(dumps.verify(Slice.of(spoilt)), `bit ${bit}`).toBe(false);
    }
    for (let n = 0; n < payload.length; n++) expect(dumps.verify(Slice.of(payload.subarray(0, n)))).toBe(false);
  });

  test('is refused or sound, whatever was changed, and nothing is lost or left behind', () => {
    server.run('FLUSHALL');
    server.run('SET', 'stays', 'v');
    let refused = 0;
    let taken = 0;
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('turn', 'insert', 'remove'));
    fc.assert(
      fc.property(command, fc.array(change, { minLength: 1, maxLength: 3 }), (args, changes) => {
        const { used } = engine.arena;
        server.run(...args);
        const payload = spoil(payloadOf('k'), changes);
        server.run('DEL', 'k');
        if (restore(payload)) {
          taken++;
          expectSound();
          server.run('DEL', 'r');
        } else refused++;
        expect(engine.arena.used).toBe(used);
      }),
      { numRuns: tries(3000) },
    );
    expect(Math.min(refused, taken)).toBeGreaterThan(tries(3000) / 10);
  }, 60_000);
});

function spoil(payload: Uint8Array, changes: readonly [number, number, string][]): Uint8Array {
  const body = [...payload.subarray(0, -10)];
  for (const [where, value, how] of changes) {
    const at = where % (body.length + 1);
    if (how === 'turn') body[at] = value;
    else if (how === 'insert') body.splice(at, 0, value);
    else body.splice(at, 1);
  }
  return sealed(Uint8Array.from(body));
}

/** What can be done with a value: walk it, write it and read that again, change it from both ends. */
function expectSound(): void {
  const before = describeKey('r');
  expect(restore(payloadOf('r'))).toBe(true);
  expect(describeKey('r')).toBe(before);
  const type = server.run('TYPE', 'r').trim().slice(1);
  const steps: Record<string, string[][]> = {
    string: [['APPEND', 'r', 'x']],
    list: [
      ['LPUSH', 'r', 'a', '1'],
      ['RPUSH', 'r', 'b'],
      ['LSET', 'r', '1', 'c'],
      ['LTRIM', 'r', '1', '-2'],
    ],
    set: [
      ['SADD', 'r', '5', 'x'],
      ['SREM', 'r', '5'],
      ['SPOP', 'r'],
    ],
    hash: [
      ['HSET', 'r', 'f', 'v', 'g', '1'],
      ['HDEL', 'r', 'f'],
      ['HINCRBY', 'r', 'g', '1'],
    ],
    zset: [
      ['ZADD', 'r', '1', 'x', '-inf', 'y'],
      ['ZREM', 'r', 'x'],
      ['ZPOPMAX', 'r'],
      ['ZRANK', 'r', 'y'],
    ],
  };
  for (const step of steps[type] ?? []) expect(server.run(...step)).not.toMatch(/^-ERR/);
  if (entryOf('r') !== NONE) expect(describeKey('r')).toContain(type);
}

test('a zipmap that states another count than it has is refused, as redis does', () => {
  const zipmap = (count: string): Buffer =>
    Buffer.from(`091a${count}0161010061013701003702626302006263022d3302002d33ff`, 'hex');
  const replies = ['04', 'fe', 'ff', '05'].map((count) =>
    server.run('RESTORE', 'r', '0', sealed(zipmap(count)), 'REPLACE'),
  );
  expect(replies).toEqual(['+OK\r\n', '+OK\r\n', '-ERR Bad data format\r\n', '-ERR Bad data format\r\n']);
});

test('a form of Redis 7.2 is taken from its files, not from payloads, as with redis', () => {
  const [, body] = payloads().find(([name]) => name === 'set-listpack') ?? [];
  expect(server.run('RESTORE', 'r', '0', sealed(body ?? Buffer.of(0)), 'REPLACE')).toBe('-ERR Bad data format\r\n');
  expect(dumps.reason).toBe('Unknown RDB encoding type 20');
});

// biome-ignore format: a table
test.each([
  ['a value that reads on into the footer',        '0005680a002e51822c78f04555'],
  ['digits of an old score, and something behind', '0305016103302e35013703312e3502626303322e35022d3303332e80016eff0a00fbcd939b98ccd3e6'],
  ['a small sorted set whose score is no number',  '0c1f1f0000001a00000006000001e003feff03f8020332803505016303c02c01ff0a0015674d90b72f89f0'],
  ['a zipmap with bytes behind its end',           '091a040161010095013701003702626302006263022d330000ffffff0a006e9d393b552b60e0'],
  ['what unpacks to nothing, and is broken',       '00c30d4000c805616263946261e0b7040161620a009ed8681a31490399'],
  ['the form of an integer as a length',           '02c100300a005accf660a1de37f8'],
  ['a backward length of too many bytes',          '12030216160000000500816102070182626303dffd02c12c02ff02232300000005008081f270110104f2c063ff04f38096980005f4351cdcdf0200000009ff02c31c418008800100000200e04678e03c000348e12c79e0ff00e01a000202aeff0a00fc2655aabbfff211'],
])('what redis lets pass is refused: %s', (_, payload) => {
  expect(server.run('RESTORE', 'r', '0', Buffer.from(payload, 'hex'), 'REPLACE')).toBe('-ERR Bad data format\r\n');
});
