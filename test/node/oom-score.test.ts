/**
 * `oom-score-adj`: what a node asks of the system by its directive and its role, for itself and for who writes its
 * files, and what it says when the system refuses. The machine was started with 100.
 */
import { describe, expect, test } from 'vitest';
import { FileError, type FileWriter, type OomScores } from '../../src/base/host.js';
import { LoneNode, type TestConnection } from '../support/lone-node.js';
import { OneLinkHost } from '../support/one-link.js';

const ORIGIN = 100;
const WRITER = 99;
const ON = 'CONFIG SET oom-score-adj';
const VALUES = 'CONFIG SET oom-score-adj-values';
const OK = '+OK\r\n';

interface Scored {
  readonly server: LoneNode;
  readonly client: TestConnection;
  readonly scores: Map<number, number>;
  /** From now on the system lets nobody go below that, as Linux does with those who are not root. */
  floor: number;
  canRead: boolean;
}

/** It may follow a primary, which never answers. */
function lone(...conf: string[]): LoneNode {
  const server = new LoneNode(...conf);
  const primary = new OneLinkHost();
  server.host.connect = (address, events) => primary.connect(address, events);
  return server;
}

/** A server where the system has scores. */
function scored(...conf: string[]): Scored {
  const server = lone(...conf);
  const { host } = server;
  const scores = new Map([[host.process.pid, ORIGIN]]);
  const one: Scored = { server, client: server.connect(), scores, floor: -1000, canRead: true };
  const oomScores: OomScores = {
    read(pid) {
      if (!one.canRead) throw new FileError('ENOENT', 'No such file or directory');
      return scores.get(pid) ?? ORIGIN;
    },
    write(pid, score) {
      if (score < one.floor) throw new FileError('EACCES', 'Permission denied');
      scores.set(pid, score);
    },
  };
  const writer: FileWriter = {
    pid: WRITER,
    path: 'temp-99.rdb',
    write: () => {},
    queuedBytes: () => 0,
    finish: () => {},
    kill: () => {},
  };
  Object.assign(host, { oomScores, startWriter: () => writer });
  return one;
}

const own = ({ server, scores }: Scored): number | undefined => scores.get(server.host.process.pid);

/** Inline, as one types it. */
function play({ client }: { client: TestConnection }, ...lines: string[]): string {
  client.send(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
  return client.take();
}

describe('a score of our own', () => {
  // biome-ignore format: a table
  test.each<[score: number, ...lines: string[]]>([
    [100,   `${VALUES} "10 20 30"`],
    [110,   `${VALUES} "10 20 30"`, `${ON} yes`],
    [110,   `${VALUES} "10 20 30"`, `${ON} relative`],
    [10,    `${VALUES} "10 20 30"`, `${ON} absolute`],
    [115,   `${VALUES} "10 20 30"`, `${ON} yes`, `${VALUES} "15 20 30"`],
    [120,   `${VALUES} "10 20 30"`, `${ON} yes`, 'REPLICAOF 127.0.0.1 1'],
    [110,   `${VALUES} "10 20 30"`, `${ON} yes`, 'REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
    [100,   `${VALUES} "10 20 30"`, `${ON} yes`, `${ON} no`],
    [10,    `${VALUES} "10 20 30"`, `${ON} yes`, `${ON} absolute`],
    [110,   `${VALUES} "10 20 30"`, `${ON} absolute`, `${ON} yes`],
    [1000,  `${VALUES} "2000 2000 2000"`, `${ON} yes`],
    [-1000, `${VALUES} "-2000 0 0"`, `${ON} yes`],
    [109,   'CONFIG SET oom-score-adj-values "9 9 9" oom-score-adj yes'],
  ])('%i', (score, ...lines) => {
    const one = scored();
    expect(play(one, ...lines)).toBe(OK.repeat(lines.length));
    expect(own(one)).toBe(score);
  });

  test('what somebody else set before the directive acts is what comes back', () => {
    const one = scored();
    one.scores.set(one.server.host.process.pid, 22);
    play(one, `${ON} yes`, `${ON} no`);
    expect(own(one)).toBe(22);
    one.scores.set(one.server.host.process.pid, 33);
    play(one, `${VALUES} "1 2 3"`);
    expect(own(one)).toBe(33);
  });

  test('of the file, once the data is loaded', () => {
    const one = scored('oom-score-adj absolute', 'oom-score-adj-values 5 6 7');
    expect(own(one)).toBe(ORIGIN);
    expect(one.server.node.server.oomScore.follow()).toBe(true);
    expect(own(one)).toBe(5);
  });
});

describe('who writes a file', () => {
  test.each([
    ['yes', ORIGIN + 30],
    ['absolute', 30],
    ['no', undefined],
  ])('%s', (word, score) => {
    const one = scored();
    play(one, `${VALUES} "10 20 30"`, `${ON} ${word}`, 'BGSAVE');
    expect(one.scores.get(WRITER)).toBe(score);
    expect(own(one)).not.toBe(score);
  });
});

describe('a system that refuses', () => {
  const failed = (name: string): string =>
    `-ERR CONFIG SET failed (possibly related to argument '${name}') - ` +
    'Failed to set current oom_score_adj. Check server logs.\r\n';

  test('the directive stays as it was, and the log says why', () => {
    const one = scored();
    one.floor = ORIGIN;
    expect(play(one, `${VALUES} "-1000 -1000 -1000"`, `${ON} yes`)).toBe(OK + failed('oom-score-adj'));
    expect(play(one, 'CONFIG GET oom-score-adj')).toContain('\r\nno\r\n');
    expect(one.server.log).toContain('warning: Unable to write oom_score_adj: Permission denied');
    expect(own(one)).toBe(ORIGIN);
  });

  test('so do the values', () => {
    const one = scored();
    play(one, `${VALUES} "0 100 100"`, `${ON} yes`);
    one.floor = ORIGIN;
    expect(play(one, `${VALUES} "-1000 -1000 -1000"`)).toBe(failed('oom-score-adj-values'));
    expect(play(one, 'CONFIG GET oom-score-adj-values')).toContain('0 100 100');
    expect(own(one)).toBe(ORIGIN);
  });

  test('what cannot be read is not changed', () => {
    const one = scored();
    one.canRead = false;
    expect(play(one, `${ON} yes`)).toBe(failed('oom-score-adj'));
    expect(one.server.log).toContain('warning: Unable to read oom_score_adj: No such file or directory');
    expect(own(one)).toBe(ORIGIN);
  });

  test('one without scores refuses in silence, and a role changes all the same', () => {
    const server = lone();
    const client = server.connect();
    expect(play({ client }, `${ON} yes`, 'REPLICAOF 127.0.0.1 1')).toBe(failed('oom-score-adj') + OK);
    expect(server.log.filter((line) => line.includes('oom_score_adj:'))).toEqual([]);
  });
});
