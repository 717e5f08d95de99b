/** One fair case, and what each single change does to it. The order of the checks is part of the contract. */

import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../src/slots/endpoint.js';
import {
  decideBlockedRedirect,
  decideRedirect,
  describeRedirect,
  type KeyedRequest,
  type SlotView,
} from '../../src/slots/redirect.js';

const SLOT = 7;

/** I am A, a primary; slot 7 is mine, slot 8 is B's, slot 9 nobody's. */
const PRIMARY: SlotView<string> = {
  me: 'A',
  primary: null,
  state: 'ok',
  allowReadsWhenDown: false,
  allowShardChannelsWhenDown: true,
  ownerOf: (slot) => (slot === SLOT ? 'A' : slot === 8 ? 'B' : null),
  migratingTo: () => null,
  importingFrom: () => null,
};
/** I am R, a replica of A. */
const REPLICA: SlotView<string> = { ...PRIMARY, me: 'R', primary: 'A' };
const DOWN = { ...PRIMARY, state: 'fail' } as const;
const READS_WHEN_DOWN = { ...DOWN, allowReadsWhenDown: true };
const MIGRATING = { ...PRIMARY, migratingTo: () => 'B' };
const TO_MYSELF = { ...PRIMARY, migratingTo: () => PRIMARY.me };
/** Slot 8 comes to me from B. */
const IMPORTING = { ...PRIMARY, importingFrom: () => 'B' };

const READ: KeyedRequest = {
  slot: SLOT,
  otherSlot: null,
  severalKeys: false,
  countKeys: () => ({ here: 1, missing: 0 }),
  kind: 'ordinary',
  writes: false,
  writesAnything: false,
  asking: false,
  readsFromReplicas: false,
};
const WRITE = { ...READ, writes: true, writesAnything: true };
const ELSEWHERE = { ...READ, slot: 8 };
const UNBOUND = { ...READ, slot: 9 };
const ACROSS = { ...READ, otherSlot: 8, severalKeys: true };
const ASKING = { ...ELSEWHERE, asking: true };
const GONE = { ...READ, countKeys: () => ({ here: 0, missing: 1 }) };
const HALF_GONE = { ...READ, severalKeys: true, countKeys: () => ({ here: 1, missing: 1 }) };
const CHANNEL = { ...READ, kind: 'shard-channel', countKeys: mustNotCount } as const;
const EXEC_WITH_WRITE = { ...READ, writesAnything: true };

function mustNotCount(): never {
  throw new Error('channels are not keys');
}

// biome-ignore format: a table
const CASES: [string, KeyedRequest, SlotView<string>, string][] = [
  ['nothing special',                          READ,                                 PRIMARY,         'serve'],
  ['a write',                                  WRITE,                                PRIMARY,         'serve'],
  ['no key at all',                            { ...READ, slot: null },              DOWN,            'serve'],
  ["another's slot",                           ELSEWHERE,                            PRIMARY,         'moved 8 B'],
  ["another's slot, asking without import",    ASKING,                               PRIMARY,         'moved 8 B'],
  ["nobody's slot",                            UNBOUND,                              PRIMARY,         'slot-unbound'],
  ["nobody's slot, keys across slots",         { ...UNBOUND, otherSlot: 8 },         PRIMARY,         'slot-unbound'],
  ['keys across slots',                        ACROSS,                               PRIMARY,         'cross-slot 7 8'],
  ["keys across slots, first one another's",   { ...ACROSS, slot: 8, otherSlot: 7 }, PRIMARY,         'cross-slot 8 7'],
  ['several keys in one slot',                 { ...READ, severalKeys: true },       PRIMARY,         'serve'],
  // ── the cluster is down ──────────────────────────────────────────────────
  ['down',                                     READ,                                 DOWN,            'cluster-down'],
  ["down, another's slot",                     ELSEWHERE,                            DOWN,            'cluster-down'],
  ['down, keys across slots',                  ACROSS,                               DOWN,            'cross-slot 7 8'],
  ["down, nobody's slot",                      UNBOUND,                              DOWN,            'slot-unbound'],
  ['down, reads allowed: a read',              READ,                                 READS_WHEN_DOWN, 'serve'],
  ["down, reads allowed: another's slot",      ELSEWHERE,                            READS_WHEN_DOWN, 'moved 8 B'],
  ['down, reads allowed: a write',             WRITE,                                READS_WHEN_DOWN, 'read-only-when-down'],
  ['down, reads allowed: EXEC with a write',   EXEC_WITH_WRITE,                      READS_WHEN_DOWN, 'serve'],
  ['down, a shard channel',                    CHANNEL,                              DOWN,            'serve'],
  ['down, shard channels not allowed',         CHANNEL, { ...DOWN, allowShardChannelsWhenDown: false },     'cluster-down'],
  ['the same, reads allowed',                  CHANNEL, { ...READS_WHEN_DOWN, allowShardChannelsWhenDown: false }, 'cluster-down'],
  // ── my slot is migrating to B ────────────────────────────────────────────
  ['migrating, key here',                      READ,                                 MIGRATING,       'serve'],
  ['migrating, key gone',                      GONE,                                 MIGRATING,       'ask 7 B'],
  ['migrating, key gone, asking',              { ...GONE, asking: true },            MIGRATING,       'ask 7 B'],
  ['migrating, one of two keys gone',          HALF_GONE,                            MIGRATING,       'try-again 7'],
  ['migrating, both gone',                     { ...GONE, severalKeys: true },       MIGRATING,       'ask 7 B'],
  ['migrating to myself, key gone',           GONE,                                 TO_MYSELF,       'serve'],
  ['migrating to myself, one of two gone',    HALF_GONE,                            TO_MYSELF,       'try-again 7'],
  ['migrating, MIGRATE itself',                { ...HALF_GONE, kind: 'migrate' },    MIGRATING,       'serve'],
  ['migrating, a shard channel',               CHANNEL,                              MIGRATING,       'serve'],
  ["migrating, but another's slot",            { ...GONE, slot: 8 },                 MIGRATING,       'moved 8 B'],
  ['migrating, but down',                      GONE,               { ...MIGRATING, state: 'fail' },     'cluster-down'],
  // ── I am importing slot 8 from B ─────────────────────────────────────────
  ['importing, not asking',                    ELSEWHERE,                            IMPORTING,       'moved 8 B'],
  ['importing, asking',                        ASKING,                               IMPORTING,       'serve'],
  ['importing, asking for a key not here',     { ...ASKING, ...missing(1, 1) },      IMPORTING,       'serve'],
  ['importing, asking, one of two keys here',  { ...ASKING, ...missing(2, 1) },      IMPORTING,       'try-again 8'],
  ['importing, asking, neither here',          { ...ASKING, ...missing(2, 2) },      IMPORTING,       'try-again 8'],
  ['importing, asking, both here',             { ...ASKING, ...missing(2, 0) },      IMPORTING,       'serve'],
  ['importing, MIGRATE without asking',        { ...ELSEWHERE, kind: 'migrate' },    IMPORTING,       'serve'],
  ['MIGRATE, slot neither way',                { ...ELSEWHERE, kind: 'migrate' },    PRIMARY,         'moved 8 B'],
  ['importing, a channel, asking',             { ...CHANNEL, slot: 8, asking: true }, IMPORTING,      'serve'],
  ['importing what is mine already',           READ,                                 IMPORTING,       'serve'],
  // ── I am a replica of A ──────────────────────────────────────────────────
  ['replica',                                  READ,                                 REPLICA,         'moved 7 A'],
  ['replica after READONLY',                   readonly(READ),                       REPLICA,         'serve'],
  ['replica after READONLY, a write',          readonly(WRITE),                      REPLICA,         'moved 7 A'],
  ['replica after READONLY, EXEC with write',  readonly(EXEC_WITH_WRITE),            REPLICA,         'moved 7 A'],
  ["replica after READONLY, another's slot",   readonly(ELSEWHERE),                  REPLICA,         'moved 8 B'],
  ['replica, a shard channel',                 CHANNEL,                              REPLICA,         'serve'],
  ["replica, another's shard channel",         { ...CHANNEL, slot: 8 },              REPLICA,         'moved 8 B'],
  ['primary after READONLY',                   readonly(ELSEWHERE),                  PRIMARY,         'moved 8 B'],
];

function missing(keys: number, gone: number): Partial<KeyedRequest> {
  return { severalKeys: keys > 1, countKeys: () => ({ here: keys - gone, missing: gone }) };
}

function readonly(request: KeyedRequest): KeyedRequest {
  return { ...request, readsFromReplicas: true };
}

test.each(CASES)('%s', (_, request, view, expected) => {
  const verdict = decideRedirect(request, view);
  const words: (string | number)[] = [verdict.serve ? 'serve' : verdict.why];
  if (!verdict.serve && (verdict.why === 'moved' || verdict.why === 'ask')) words.push(verdict.slot, verdict.to);
  if (!verdict.serve && verdict.why === 'cross-slot') words.push(verdict.slot, verdict.otherSlot);
  if (!verdict.serve && verdict.why === 'try-again') words.push(verdict.slot);
  expect(words.join(' ')).toBe(expected);
});

// biome-ignore format: a table
test.each<[string, number, boolean, SlotView<string>, string]>([
  ['mine',                               7, false, PRIMARY,   'serve'],
  ["another's",                          8, false, PRIMARY,   'moved'],
  ['being imported',                     8, false, IMPORTING, 'serve'],
  ["nobody's",                           9, false, PRIMARY,   'slot-unbound'],
  ["nobody's, being imported",           9, false, IMPORTING, 'serve'],
  ['down, although reads are allowed',   7, true,  READS_WHEN_DOWN, 'cluster-down'],
  ["my primary's, reads only",           7, true,  REPLICA,   'serve'],
  ["my primary's, may write",            7, false, REPLICA,   'moved'],
])('a client that waits for a slot: %s', (_, slot, canReadHere, view, expected) => {
  const verdict = decideBlockedRedirect(slot, canReadHere, view);
  expect(verdict.serve ? 'serve' : verdict.why).toBe(expected);
});

describe('the reply', () => {
  const endpointOf = (owner: string): Endpoint => ({ host: owner === 'B' ? '10.0.0.2' : '', port: 7002 });

  // biome-ignore format: a table
  test.each<[KeyedRequest, SlotView<string>, string]>([
    [ELSEWHERE,       PRIMARY,         'MOVED 8 10.0.0.2:7002'],
    [READ,            REPLICA,         'MOVED 7 :7002'],
    [GONE,            MIGRATING,       'ASK 7 10.0.0.2:7002'],
    [HALF_GONE,       MIGRATING,       'TRYAGAIN Multiple keys request during rehashing of slot'],
    [ACROSS,          PRIMARY,         "CROSSSLOT Keys in request don't hash to the same slot"],
    [UNBOUND,         PRIMARY,         'CLUSTERDOWN Hash slot not served'],
    [READ,            DOWN,            'CLUSTERDOWN The cluster is down'],
    [WRITE,           READS_WHEN_DOWN, 'CLUSTERDOWN The cluster is down and only accepts read commands'],
  ])('%#: %o', (request, view, text) => {
    const verdict = decideRedirect(request, view);
    expect(verdict.serve ? 'served' : describeRedirect(verdict, endpointOf)).toBe(text);
  });
});
