/**
 * How a node ends: by command and by signal, with the lines that Redis logs.
 */
import { describe, expect, test } from 'vitest';
import { FileError } from '../../src/base/host.js';
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
