/**
 * The commands on sorted sets: as Redis answers them, and what the golden file cannot show.
 */
import { describe, expect, test } from 'vitest';
import { Commander } from '../support/commander.js';
import { playOnNode } from '../support/play-on-node.js';

playOnNode('sorted-sets');

/** A server on which some lines were said, words parted by blanks. */
function serverAfter(...lines: readonly string[]): Commander {
  const server = new Commander();
  for (const line of lines) server.run(...line.split(' '));
  return server;
}

describe('what is announced, and how many changes are counted', () => {
  // biome-ignore format: a table
  test.each<[before: string, line: string, changes: number, events: string[]]>([
    ['PING',             'ZADD z 1 a',                    1, ['new 0 z', 'zadd 0 z']],
    ['ZADD z 1 a',       'ZADD z 1 a',                    0, []],
    ['ZADD z 1 a',       'ZADD z 2 a 3 b 1 c',            3, ['zadd 0 z']],
    ['ZADD z 1 a',       'ZADD z NX 2 a',                 0, []],
    ['PING',             'ZADD z XX 2 a',                 0, []],
    ['ZADD z 1 a',       'ZADD z INCR 2 a',               1, ['zincr 0 z']],
    ['ZADD z 1 a',       'ZINCRBY z 0 a',                 0, []],
    ['PING',             'ZINCRBY z 1 a',                 1, ['new 0 z', 'zincr 0 z']],
    ['ZADD z 1 a 2 b',   'ZREM z a x',                    1, ['zrem 0 z']],
    ['ZADD z 1 a 2 b',   'ZREM z a b',                    2, ['zrem 0 z', 'del 0 z']],
    ['ZADD z 1 a',       'ZREM z x',                      0, []],
    ['ZADD z 1 a 2 b',   'ZREMRANGEBYRANK z 0 0',         1, ['zremrangebyrank 0 z']],
    ['ZADD z 1 a 2 b',   'ZREMRANGEBYSCORE z -inf inf',   2, ['zremrangebyscore 0 z', 'del 0 z']],
    ['ZADD z 0 a 0 b',   'ZREMRANGEBYLEX z - (b',         1, ['zremrangebylex 0 z']],
    ['ZADD z 0 a 0 b',   'ZREMRANGEBYLEX z (b +',         0, []],
    ['ZADD z 1 a 2 b',   'ZPOPMIN z',                     1, ['zpopmin 0 z']],
    ['ZADD z 1 a 2 b',   'ZPOPMAX z 5',                   2, ['zpopmax 0 z', 'del 0 z']],
    ['ZADD z 1 a 2 b',   'ZPOPMAX z 0',                   0, []],
    ['ZADD z 1 a 2 b',   'ZMPOP 2 y z MAX',               1, ['zpopmax 0 z']],
    ['ZADD z 1 a 2 b',   'ZMPOP 1 z MIN COUNT 2',         2, ['zpopmin 0 z', 'del 0 z']],
    ['ZADD z 1 a',       'ZUNIONSTORE z 1 z',             1, ['zunionstore 0 z']],
    ['ZADD z 1 a',       'ZINTERSTORE z 1 z',             1, ['zinterstore 0 z']],
    ['ZADD z 1 a',       'ZDIFFSTORE z 1 z',              1, ['zdiffstore 0 z']],
    ['ZADD z 1 a',       'ZDIFFSTORE z 2 z z',            1, ['del 0 z']],
    ['ZADD z 1 a',       'ZDIFFSTORE y 2 z z',            0, []],
    ['ZADD z 1 a',       'ZRANGESTORE z z 0 -1',          1, ['zrangestore 0 z']],
    ['ZADD z 1 a',       'ZRANGESTORE z z 5 6',           1, ['del 0 z']],
  ])('%s · %s', (before, line, changes, events) => {
    const server = serverAfter(before);
    const dirty = server.engine.dirty;
    server.run(...line.split(' '));
    // What was stored in place of a key that was there is told by the event of the command alone.
    const isStore = line.includes('STORE');
    expect(server.events.filter((event) => !isStore || !event.startsWith('new '))).toEqual(events);
    expect(server.engine.dirty - dirty).toBe(changes);
  });
});

describe.each([
  ['a small one', 20],
  ['a big one', 1000],
])('%s', (_, count) => {
  const members = Array.from({ length: count }, (_, i) => `m${i}`);

  function filled(): Commander {
    return serverAfter(`ZADD z ${members.map((member, i) => `${i} ${member}`).join(' ')}`);
  }

  test('ZRANDMEMBER picks each member at some time, and never one twice in a call', () => {
    const server = filled();
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const picked = elements(server.run('ZRANDMEMBER', 'z', '15'));
      expect(new Set(picked).size).toBe(15);
      for (const member of picked) seen.add(member);
    }
    expect([...seen].every((member) => members.includes(member))).toBe(true);
    expect(seen.size).toBeGreaterThan(count * 0.9);
  });

  test('ZRANDMEMBER with a count below zero draws each time from all', () => {
    const picked = elements(filled().run('ZRANDMEMBER', 'z', `-${count * 3}`));
    expect(picked.length).toBe(count * 3);
    expect(new Set(picked).size).toBeLessThanOrEqual(count);
  });

  test('ZSCAN meets each member while others come and go', () => {
    const server = filled();
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const [next, ...found] = elements(server.run('ZSCAN', 'z', cursor, 'COUNT', '7'));
      for (let i = 0; i < found.length; i += 2) seen.add(found[i] ?? '');
      cursor = next ?? '0';
      server.run('ZADD', 'z', '5', `other${seen.size}`);
      server.run('ZREM', 'z', `other${seen.size - 50}`);
    } while (cursor !== '0');
    expect(members.filter((member) => !seen.has(member))).toEqual([]);
  });

  test('ZPOPMIN empties it in order, and the key is gone', () => {
    const server = filled();
    const popped = Array.from({ length: count }, () => elements(server.run('ZPOPMIN', 'z'))[0]);
    expect(popped).toEqual(members);
    expect(server.run('EXISTS', 'z')).toBe(':0\r\n');
  });
});

/** The bulk strings of a reply, whatever arrays they stand in. */
function elements(reply: string): string[] {
  const lines = reply.split('\r\n');
  return lines.filter((_, i) => lines[i - 1]?.startsWith('$'));
}
