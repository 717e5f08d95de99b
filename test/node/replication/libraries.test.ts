/**
 * Libraries of functions on their way to a copy, and in the stream of a primary that makes and deletes them.
 */
import { describe, expect, test } from 'vitest';
import { Libraries } from '../../../src/persistence/functions/libraries.js';
import { FULL_SYNCS, follow, loners } from '../../support/copies.js';
import type { LittleNode, LittleWorld } from '../../support/little-world.js';
import { libraryOf } from '../../persistence/functions/samples.js';
import { ServerOn } from '../persistence/server-on.js';

const librariesOf = ({ node }: LittleNode): Libraries => node.server.libraries;
const kept = (one: LittleNode): string[] => [...librariesOf(one).all].map(({ code }) => Buffer.from(code).toString());
const codes = (...names: readonly string[]): string[] => names.map((name) => libraryOf(name).toString());

function keep(one: LittleNode, ...names: readonly string[]): void {
  for (const name of names) librariesOf(one).load(libraryOf(name), 'append');
}

function synced(...conf: readonly string[]): { all: LittleWorld; primary: LittleNode; replica: LittleNode } {
  const all = loners(2, ...conf);
  const [primary, replica] = all.nodes as [LittleNode, LittleNode];
  primary.run('SET', 'k', 'v');
  keep(primary, 'a', 'b');
  keep(replica, 'stale');
  follow(replica, primary);
  all.pass(50);
  return { all, primary, replica };
}

/** As a primary that runs functions says it to its replicas. */
function say(primary: LittleNode, ...args: readonly string[]): void {
  expect(primary.run('DEBUG', 'REPLICATE', ...args)).toBe('+OK\r\n');
}

describe.each(FULL_SYNCS)('a full sync, %s', (_, conf) => {
  test('brings those of the primary in place of what was there', () => {
    const { replica } = synced(...conf);
    expect(kept(replica)).toEqual(codes('a', 'b'));
    expect(replica.run('GET', 'k')).toBe('$1\r\nv\r\n');
  });

  test('brings those of its moment, and the stream the rest', () => {
    const { all, primary, replica } = synced(...conf);
    replica.run('REPLICAOF', 'NO', 'ONE');
    primary.run('SET', 'more', 'v');
    replica.run('SET', 'mine', 'v');
    follow(replica, primary);
    for (let ms = 0; ms < 20 && !primary.node.replication.desk.isBusy; ms++) all.pass(1);
    primary.run('FUNCTION', 'DELETE', 'a');
    all.pass(50);
    expect(kept(replica)).toEqual(codes('b'));
  });
});

test('one that comes to nothing takes them only where it takes the keys', () => {
  for (const [load, left] of [
    ['swapdb', 1],
    ['on-empty-db', 0],
  ] as const) {
    const all = loners(2, `repl-diskless-load ${load}`, 'key-load-delay 50000');
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    for (let i = 0; i < 100; i++) primary.run('SET', `k${i}`, 'v');
    keep(primary, 'a', 'b');
    keep(replica, 'mine');
    follow(replica, primary);
    for (let ms = 0; ms < 100 && replica.node.replication.loading === null; ms++) all.pass(1);
    expect(replica.node.replication.loading).not.toBe(null);
    replica.run('REPLICAOF', 'NO', 'ONE');
    expect(librariesOf(replica).size).toBe(left);
  }
});

describe('the stream', () => {
  test('makes, replaces and deletes them', () => {
    const { all, primary, replica } = synced();
    say(primary, 'FUNCTION', 'LOAD', libraryOf('c').toString());
    say(primary, 'function', 'load', 'REPLACE', libraryOf('a', 'new').toString());
    say(primary, 'FUNCTION', 'DELETE', 'b');
    all.pass(10);
    expect(kept(replica)).toEqual([...codes('c'), libraryOf('a', 'new').toString()]);
    say(primary, 'FUNCTION', 'FLUSH', 'ASYNC');
    all.pass(10);
    expect(kept(replica)).toEqual([]);
    expect(replica.log.join('\n')).not.toContain('CRITICAL');
  });

  test('in a transaction: at its end, and not before', () => {
    const { all, primary, replica } = synced();
    say(primary, 'MULTI');
    say(primary, 'FUNCTION', 'LOAD', libraryOf('c').toString());
    say(primary, 'SET', 'k', 'changed');
    all.pass(10);
    expect(kept(replica)).toEqual(codes('a', 'b'));
    say(primary, 'EXEC');
    all.pass(10);
    expect(kept(replica)).toEqual(codes('a', 'b', 'c'));
    expect(replica.run('GET', 'k')).toBe('$7\r\nchanged\r\n');
  });

  test('RESTORE at the primary is one at the replica', () => {
    const { all, primary, replica } = synced();
    const others = new Libraries();
    others.load(libraryOf('a', 'other'), 'append');
    const payload = primary.node.dumps.payloadOfLibraries(others);
    expect(primary.connect().run('FUNCTION', 'RESTORE', payload, 'REPLACE')).toBe('+OK\r\n');
    all.pass(10);
    expect(kept(primary)).toEqual([...codes('b'), libraryOf('a', 'other').toString()]);
    expect(kept(replica)).toEqual(kept(primary));
  });

  test('is written down by a replica with a log', () => {
    const { all, primary, replica } = synced('appendonly yes', 'repl-diskless-sync no');
    all.pass(1500);
    say(primary, 'FUNCTION', 'LOAD', libraryOf('c').toString());
    primary.run('FUNCTION', 'DELETE', 'a');
    all.pass(3000);
    const later = new ServerOn(replica.host.pages, { conf: ['appendonly yes'] });
    later.pass(10);
    expect([...later.node.server.libraries.all].map(({ name }) => name)).toEqual(['b', 'c']);
  });
});

test('there and back: whoever ran them has them again, with all that changed meanwhile', () => {
  const { all, primary, replica } = synced();
  say(primary, 'FUNCTION', 'LOAD', libraryOf('c').toString());
  all.pass(10);
  librariesOf(primary).clear(); // a new machine in its place
  replica.run('REPLICAOF', 'NO', 'ONE');
  replica.run('SET', 'later', 'v');
  primary.run('SET', 'lost', 'v');
  follow(primary, replica);
  all.pass(50);
  expect(kept(primary)).toEqual(codes('a', 'b', 'c'));
});
