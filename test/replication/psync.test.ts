/**
 * PSYNC: one fair request, and what each single change does to the verdict.
 */
import { describe, expect, test } from 'vitest';
import { History, NO_ID } from '../../src/replication/history.js';
import { describePsync, judgePsync, type Kept, type PsyncRequest } from '../../src/replication/psync.js';

const OURS = 'a'.repeat(40);
const FORMER = 'b'.repeat(40);
const STRANGE = 'c'.repeat(40);

/** We took over from FORMER at 500, have written up to 1000, and keep everything from 400 on. */
function ours(): History {
  const history = new History(() => OURS);
  history.id = FORMER;
  history.offset = 500;
  history.branch();
  history.offset = 1000;
  return history;
}
const KEPT: Kept = { first: 400, end: 1000 };

describe('the verdict', () => {
  // biome-ignore format: a table
  test.each<[string, PsyncRequest, Kept, string]>([
    ['our id, in the middle',                   { id: OURS, offset: 801 },    KEPT, 'from 800'],
    ['the very next byte',                      { id: OURS, offset: 1001 },   KEPT, 'from 1000'],
    ['the oldest byte',                         { id: OURS, offset: 401 },    KEPT, 'from 400'],
    ['one older',                               { id: OURS, offset: 400 },    KEPT, 'too-old'],
    ['one beyond',                              { id: OURS, offset: 1002 },   KEPT, 'from-the-future'],
    ['in capitals',                             { id: OURS.toUpperCase(), offset: 801 }, KEPT, 'from 800'],
    ['the former id, where we left it',         { id: FORMER, offset: 501 },  KEPT, 'from 500'],
    ['the former id, before that',              { id: FORMER, offset: 450 },  KEPT, 'from 449'],
    ['the former id, beyond: it went its way',  { id: FORMER, offset: 502 },  KEPT, 'histories-parted'],
    ['an unknown id',                           { id: STRANGE, offset: 801 }, KEPT, 'other-history'],
    ['whoever has nothing',                     { id: '?', offset: -1 },      KEPT, 'asked-for-it'],
    ['nothing kept',                            { id: OURS, offset: 801 },    null, 'no-backlog'],
    ['nothing kept, and more than we have',     { id: OURS, offset: 1002 },   null, 'from-the-future'],
  ])('%s', (_, request, kept, expected) => {
    const verdict = judgePsync(request, ours(), kept);
    expect(verdict.partial ? `from ${verdict.from}` : verdict.why).toBe(expected);
  });

  test('an empty backlog serves exactly who is up to date', () => {
    const kept = { first: 1000, end: 1000 };
    expect(judgePsync({ id: OURS, offset: 1001 }, ours(), kept).partial).toBe(true);
    expect(judgePsync({ id: OURS, offset: 1000 }, ours(), kept).partial).toBe(false);
  });
});

describe('its words', () => {
  const words = (request: PsyncRequest, kept: Kept): string[] => {
    const verdict = judgePsync(request, ours(), kept);
    return describePsync(verdict, request, ours(), kept, '10.0.0.9:7001').map(({ level, text }) => `${level}: ${text}`);
  };

  test.each<[PsyncRequest, string[]]>([
    [
      { id: OURS, offset: 801 },
      [
        'notice: Partial resynchronization request from 10.0.0.9:7001 accepted. ' +
          'Sending 200 bytes of backlog starting from offset 801.',
      ],
    ],
    [
      { id: STRANGE, offset: 801 },
      [
        'notice: Partial resynchronization not accepted: Replication ID mismatch ' +
          `(Replica asked for '${STRANGE}', my replication IDs are '${OURS}' and '${FORMER}')`,
      ],
    ],
    [
      { id: FORMER, offset: 777 },
      [
        'notice: Partial resynchronization not accepted: ' +
          'Requested offset for second ID was 777, but I can reply up to 501',
      ],
    ],
    [{ id: '?', offset: -1 }, ['notice: Full resync requested by replica 10.0.0.9:7001']],
    [
      { id: OURS, offset: 5000 },
      [
        'notice: Unable to partial resync with replica 10.0.0.9:7001 for lack of backlog (Replica request was: 5000).',
        'warning: Warning: replica 10.0.0.9:7001 tried to PSYNC with an offset that is greater than the master ' +
          'replication offset.',
      ],
    ],
  ])('%o', (request, expected) => expect(words(request, KEPT)).toEqual(expected));
});

test('a full sync leaves nothing of the former history', () => {
  const history = ours();
  history.adopt(STRANGE, 77);
  expect([history.id, history.offset, history.secondId, history.secondEnd]).toEqual([STRANGE, 77, NO_ID, -1]);
});

test('a primary that goes on under another id takes us along, with our past', () => {
  const history = ours();
  expect(history.continueAs(OURS)).toBe(false);
  expect(history.continueAs(STRANGE)).toBe(true);
  expect([history.id, history.secondId, history.secondEnd]).toEqual([STRANGE, OURS, 1001]);
});
