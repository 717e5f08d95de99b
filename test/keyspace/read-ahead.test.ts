/**
 * Reading ahead is a hint, but for what it leaves behind: the hash and the slot of argument 1, the hash of a member.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slice } from '../../src/base/slice.js';
import { SET_INTSET, SET_TABLE } from '../../src/keyspace/entry.js';
import { KEYED, ReadAhead } from '../../src/keyspace/read-ahead.js';
import { Request } from '../../src/resp/request.js';
import { keySlot } from '../../src/slots/key-slot.js';
import { tries } from '../support/tries.js';
import { newEngine } from './twin.js';

const KEYED_BY_ID = Uint8Array.of(KEYED.no, KEYED.read, KEYED.made);

function requestOf(command: number, words: string[]): Request {
  const request = Request.of(...words);
  request.command = command;
  return request;
}

test('whose argument 1 is a key has its hash and its slot, also where keys repeat themselves', () => {
  const key = fc.constantFrom('a', 'b', '{a}b', 'key:000000000001', 'key:000000000002', '');
  const anyRequest = fc.tuple(fc.integer({ min: -1, max: 2 }), fc.array(key, { minLength: 1, maxLength: 3 }));
  const engine = newEngine(1);
  const { hasher } = engine;
  const ahead = new ReadAhead(engine);
  fc.assert(
    fc.property(fc.array(anyRequest, { maxLength: 12 }), (drawn) => {
      const batch = drawn.map(([command, words]) => requestOf(command, words));
      ahead.keys(batch, batch.length, KEYED_BY_ID, engine.database(0));
      for (const { command, argc, hashed, hash, slot, buf, view, off, len } of batch) {
        expect(hashed).toBe(command > 0 && argc > 1);
        if (!hashed) continue;
        expect(hash).toBe(hasher.hash(buf, view, off[1]!, len[1]!));
        expect(slot).toBe(keySlot(buf, off[1]!, len[1]!));
      }
    }),
    { numRuns: tries(500) },
  );
});

test('a member that is looked for in a big collection is hashed once, another one is not', () => {
  const engine = newEngine(2);
  const { hasher, values } = engine;
  const db = engine.database(0);
  const ahead = new ReadAhead(engine);
  const requests = ['big', 'big', 'small', 'none', 'big'].map((key, i) => requestOf(2, ['SADD', key, `m${i}`, 'x']));
  const sets = new Map(['big', 'small'].map((key) => [key, db.create(Request.of('SADD', key), 1, SET_INTSET, 0)]));
  for (const member of ['1', 'a']) values.sets.add(sets.get('big')!, Slice.of(member));
  values.sets.add(sets.get('small')!, Slice.of('1'));
  expect(db.kind(sets.get('big')!)).toBe(SET_TABLE);
  ahead.keys(requests, 5, KEYED_BY_ID, db);
  ahead.members(requests, 5, Uint8Array.of(0, 0, 2), db);
  expect(requests.map(({ memberArg }) => memberArg)).toEqual([2, 2, 0, 0, 2]);
  for (const { memberArg, memberHash, buf, view, off, len } of requests)
    if (memberArg !== 0) expect(memberHash).toBe(hasher.hash(buf, view, off[2]!, len[2]!));
  requests[0]!.restart();
  expect([requests[0]!.argc, requests[0]!.hashed, requests[0]!.memberArg]).toEqual([0, false, 0]);
});
