/**
 * What a primary decides about its replicas: when a snapshot begins, who is silent, who has what.
 */
import { describe, expect, test } from 'vitest';
import {
  countAcks,
  countGood,
  Feed,
  judgeSilence,
  judgeSync,
  lowestPlace,
  type SyncOptions,
} from '../../src/replication/primary.js';

const NOW = 100_000;
const OPTIONS: SyncOptions = { diskless: true, delayMs: 5000, enough: 0 };

function feed(parts: Partial<Feed> = {}): Feed {
  return Object.assign(new Feed(), { stage: 'waiting', understandsMark: true, askedAt: NOW - 6000 }, parts);
}

const NO_KEYS = { withoutKeys: true, withoutFunctions: false };

describe('whether a snapshot begins', () => {
  // biome-ignore format: a table
  test.each<[string, Feed[], Partial<SyncOptions>, string]>([
    ['nobody asks',                          [],                                         {},                'nobody-waits'],
    ['one has waited long enough',           [feed()],                                   {},                '1 to sockets'],
    ['one has just come',                    [feed({ askedAt: NOW - 4999 })],            {},                'others-may-come'],
    ['one has just come, the other waited',  [feed({ askedAt: NOW }), feed()],           {},                '2 to sockets'],
    ['enough have come',                     [feed({ askedAt: NOW })],                   { enough: 1 },     '1 to sockets'],
    ['not yet enough',                       [feed({ askedAt: NOW })],                   { enough: 2 },     'others-may-come'],
    ['no delay is wanted',                   [feed({ askedAt: NOW })],                   { delayMs: 0 },    '1 to sockets'],
    ['a file is wanted',                     [feed({ askedAt: NOW })],                   { diskless: false }, '1 to disk'],
    ['one knows no mark',                    [feed({ understandsMark: false }), feed()], {},                '2 to disk'],
    ['one knows no mark and has just come',  [feed({ understandsMark: false, askedAt: NOW })], {},          '1 to disk'],
    ['another one wishes less',              [feed(), feed({ wishes: NO_KEYS })],  {},     '1 to sockets'],
    ['less is wished, and a file wanted',    [feed({ wishes: NO_KEYS })],           { diskless: false }, '1 to sockets'],
    ['the others are served already',        [feed({ stage: 'online' }), feed({ stage: 'sent' })], {}, 'nobody-waits'],
  ])('%s', (_, feeds, options, expected) => {
    const verdict = judgeSync(feeds, { ...OPTIONS, ...options }, NOW);
    expect(verdict.start ? `${verdict.feeds.length} to ${verdict.target}` : verdict.why).toBe(expected);
  });
});

describe('who is silent for too long', () => {
  // biome-ignore format: a table
  test.each<[string, Partial<Feed>, string | null]>([
    ['online, heard just in time',      { stage: 'online', ackedAt: NOW - 60_000 },                 null],
    ['online, and not',                 { stage: 'online', ackedAt: NOW - 60_001 },                 'streaming sync'],
    ['online by SYNC: it never speaks', { stage: 'online', ackedAt: 0, isSilent: true },            null],
    ['sent, and not a word since',      { stage: 'sent', ackedAt: NOW - 60_001 },                   'streaming sync'],
    ['loading, takes bytes',            { stage: 'loading', movedAt: NOW - 60_000 },                null],
    ['loading, takes none',             { stage: 'loading', movedAt: NOW - 60_001 },                'full sync'],
    ['is sent a file, keeps nobody',    { stage: 'sending', ackedAt: 0, movedAt: 0, askedAt: 0 },   null],
    ['waits for its snapshot',          { stage: 'waiting', ackedAt: 0, movedAt: 0, askedAt: 0 },   null],
  ])('%s', (_, parts, expected) => expect(judgeSilence(feed(parts), 60_000, NOW)).toBe(expected));
});

test('acks count for those who are online, and never go back', () => {
  const one = feed({ stage: 'online' });
  const other = feed({ stage: 'online' });
  one.acked(100, NOW);
  one.acked(50, NOW);
  other.acked(80, NOW);
  const all = [one, other, feed({ stage: 'sent', ackedOffset: 1000 })];
  expect([80, 81, 100, 101].map((offset) => countAcks(all, offset))).toEqual([2, 1, 1, 0]);
});

test('good is who was heard within the lag, in whole seconds', () => {
  const all = [0, 9999, 10_000, 10_999, 11_000].map((ms) => feed({ stage: 'online', ackedAt: NOW - ms }));
  expect(countGood(all, 10_000, NOW)).toBe(4);
});

test('the backlog is kept from the place of the slowest on', () => {
  expect(lowestPlace([feed({ place: 70 }), feed({ place: null }), feed({ place: 50 })], 100)).toBe(50);
  expect(lowestPlace([], 100)).toBe(100);
});
