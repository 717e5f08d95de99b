/**
 * How a node ends: by command and by signal, with the lines that Redis logs.
 */
import { describe, expect, test } from 'vitest';
import { FileError } from '../../src/base/host.js';
import { follow, loners } from '../support/copies.js';
import type { LittleNode } from '../support/little-world.js';
import { LoneNode } from '../support/lone-node.js';

const ASKED = 'warning: User requested shutdown...';
const BYE = 'warning: Redis is now ready to exit, bye bye...';

/** A server whose end is noted instead of carried out. */
function mortal(...conf: string[]): { server: LoneNode; ends: (string | number)[] } {
  const server = new LoneNode(...conf);
  const ends: (string | number)[] = [];
  server.node.server.machine = {
    block: () => {},
    crash: (what) => ends.push(what),
    tidy: () => ends.push('tidy'),
    exit: (code) => ends.push(code),
  };
  return { server, ends };
}

/** The disk is full. */
function unsavable(): ReturnType<typeof mortal> {
  const one = mortal();
  one.server.host.files.sync = () => {
    throw new FileError('ENOSPC', 'No space left on device');
  };
  return one;
}

describe('SHUTDOWN', () => {
  // biome-ignore format: a table
  test.each<[words: string]>([
    ['SHUTDOWN'],
    ['SHUTDOWN NOSAVE'],
    ['SHUTDOWN now force nosave'],
    ['SHUTDOWN SAVE'],
    ['SHUTDOWN SAVE FORCE'],
    ['SHUTDOWN NOW NOW'],
  ])('%s ends the process without an answer', (words) => {
    const { server, ends } = mortal();
    expect(server.connect().say(words)).toBe('');
    expect(ends).toEqual(['tidy', 0]);
    expect(server.log[0]).toBe(ASKED);
    expect(server.log.at(-1)).toBe(BYE);
  });

  // biome-ignore format: a table
  test.each<[words: string, answer: string]>([
    ['SHUTDOWN nosuch',       '-ERR syntax error\r\n'],
    ['SHUTDOWN SAVE NOSAVE',  '-ERR syntax error\r\n'],
    ['SHUTDOWN NOSAVE SAVE',  '-ERR syntax error\r\n'],
    ['SHUTDOWN ABORT NOW',    '-ERR syntax error\r\n'],
    ['SHUTDOWN NOW ABORT',    '-ERR syntax error\r\n'],
    ['SHUTDOWN ABORT',        '-ERR No shutdown in progress.\r\n'],
  ])('%s is refused', (words, answer) => {
    const { server, ends } = mortal();
    expect(server.connect().say(words)).toBe(answer);
    expect(ends).toEqual([]);
  });

  test('is refused where the keys cannot be saved, and says why', () => {
    const { server, ends } = unsavable();
    expect(server.connect().say('SHUTDOWN')).toBe('-ERR Errors trying to SHUTDOWN. Check logs.\r\n');
    expect(ends).toEqual([]);
    expect(server.log).toEqual([
      ASKED,
      'notice: Saving the final RDB snapshot before exiting.',
      'warning: Write error saving DB on disk(fsync): No space left on device',
      "warning: Error trying to save the DB, can't exit.",
      'warning: Errors trying to shut down the server. Check the logs for more information.',
    ]);
  });

  test('FORCE ends without the keys', () => {
    const { server, ends } = unsavable();
    expect(server.connect().say('SHUTDOWN FORCE')).toBe('');
    expect(ends).toEqual(['tidy', 0]);
    expect(server.log).toContain('warning: Error trying to save the DB. Exit anyway.');
  });
});

describe('a signal', () => {
  test('ends the process at the next tick', () => {
    const { server, ends } = mortal();
    server.node.server.shutdown.signal('SIGTERM');
    expect(ends).toEqual([]);
    server.pass(100);
    expect(ends).toEqual(['tidy', 0]);
    expect(server.log.filter((line) => !line.startsWith('notice'))).toEqual([
      'warning: Received SIGTERM scheduling shutdown...',
      ASKED,
      BYE,
    ]);
    expect(server.log).toContain('notice: DB saved on disk');
  });

  test('can be taken back', () => {
    const { server, ends } = mortal();
    server.node.server.shutdown.signal('SIGTERM');
    expect(server.connect().say('SHUTDOWN ABORT')).toBe('+OK\r\n');
    server.pass(1000);
    expect(ends).toEqual([]);
    expect(server.log.at(-1)).toBe('notice: Shutdown manually aborted.');
  });

  test('SIGINT twice is meant', () => {
    const { server, ends } = mortal();
    server.node.server.shutdown.signal('SIGINT');
    server.node.server.shutdown.signal('SIGINT');
    expect(ends).toEqual([1]);
    expect(server.log.at(-1)).toBe('warning: You insist... exiting now.');
  });

  test('does as configured', () => {
    for (const [word, isSaved] of [
      ['save', true],
      ['nosave', false],
    ] as const) {
      const { server, ends } = mortal(`shutdown-on-sigterm ${word}`, 'save ""');
      server.node.server.shutdown.signal('SIGTERM');
      server.pass(100);
      expect(ends).toEqual(['tidy', 0]);
      expect(server.host.pages.has('dump.rdb')).toBe(isSaved);
    }
  });
});

describe('while the keys of a primary are being loaded', () => {
  const SCHEDULED = 'Received shutdown signal during loading, scheduling shutdown.';

  /** Some of them are there. */
  function loading(): { replica: LittleNode; ends: number[]; pass(ms: number): void } {
    const all = loners(2, 'repl-diskless-load on-empty-db', 'key-load-delay 50000', 'save 3600 1');
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    for (let i = 0; i < 50; i++) primary.run('SET', `k${i}`, 'v');
    const ends: number[] = [];
    replica.node.server.machine = { block: () => {}, crash: () => {}, tidy: () => {}, exit: (code) => ends.push(code) };
    follow(replica, primary);
    for (let ms = 0; ms < 100 && replica.node.replication.loading === null; ms++) all.pass(1);
    all.pass(500);
    expect(replica.node.replication.loading).not.toBe(null);
    expect(replica.node.engine.size).toBeGreaterThan(0);
    return { replica, ends, pass: (ms) => all.pass(ms) };
  }

  test.each(['SHUTDOWN', 'SHUTDOWN SAVE'])('%s saves nothing', (words) => {
    const { replica, ends } = loading();
    replica.run(...words.split(' '));
    expect(ends).toEqual([0]);
    expect([...replica.host.pages.keys()].filter((path) => path.endsWith('dump.rdb'))).toEqual([]);
  });

  test('so does a signal, which is told in other words', () => {
    const { replica, ends, pass } = loading();
    replica.node.server.shutdown.signal('SIGTERM');
    expect(replica.log.at(-1)).toBe(`warning: ${SCHEDULED}`);
    pass(100);
    expect(ends).toEqual([0]);
    expect([...replica.host.pages.keys()].filter((path) => path.endsWith('dump.rdb'))).toEqual([]);
  });
});
