/**
 * Two nodes and a link: how one comes to have the keys of the other, and keeps having them.
 */
import { describe, expect, test } from 'vitest';
import { expectSame, FULL_SYNCS, field, fillNextLink, follow, loners } from '../../support/copies.js';
import type { LittleNode, LittleWorld } from '../../support/little-world.js';
import { ServerOn } from '../persistence/server-on.js';
import { some } from '../../support/tries.js';

/** Keys of all types and sizes, mortal ones among them, in two databases. */
function fill(node: LittleNode): void {
  for (let i = 0; i < 200; i++) node.run('SET', `key:${i}`, `value ${i}`.repeat(1 + (i % 7)));
  node.run('SET', 'mortal', 'v', 'PX', '3600000');
  node.run('RPUSH', 'list', ...Array.from({ length: 600 }, (_, i) => `element ${i}`));
  node.run('HSET', 'hash', ...Array.from({ length: 400 }, (_, i) => `f${i}`));
  node.run('SADD', 'set', '1', '2', '3');
  node.run('SADD', 'words', 'one', 'two');
  node.run('ZADD', 'zset', '1', 'a', '2.5', 'b', '-inf', 'c');
  node.run('SELECT', '5');
  node.run('SET', 'elsewhere', 'x');
  node.run('SELECT', '0');
}

describe.each(FULL_SYNCS)('a full sync, %s', (_, conf) => {
  test('brings all keys, and the stream the rest', () => {
    const all = loners(2, ...conf);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    replica.run('SET', 'stale', 'x');
    follow(replica, primary);
    all.pass(50);
    expect(field(replica, 'master_link_status')).toBe('up');
    expectSame(primary, replica);
    primary.run('SET', 'after', 'x');
    primary.run('INCR', 'n');
    primary.run('SELECT', '3');
    primary.run('RPUSH', 'l', 'a', 'b');
    all.pass(10);
    expectSame(primary, replica);
    expect(replica.run('GET', 'stale')).toBe('$-1\r\n');
    expect([...replica.host.pages.keys(), ...primary.host.pages.keys()].filter((name) => name.includes('rdb'))).toEqual(
      [],
    );
  });

  test('while keys are written', () => {
    const all = loners(2, ...conf);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    follow(replica, primary);
    for (let i = 0; i < 40; i++) {
      all.pass(1);
      primary.run('SET', `key:${i}`, 'changed');
      primary.run('DEL', `key:${100 + i}`);
      primary.run('HSET', 'hash', `f${i}`, 'changed');
    }
    all.pass(20);
    expectSame(primary, replica);
  });
});

test('a few keys are loaded at once, on a slow machine too: nobody is told LOADING', () => {
  const all = loners(2);
  const [primary, replica] = all.nodes as [LittleNode, LittleNode];
  fill(primary);
  let heard = '';
  const client = replica.connect();
  const ask = (): unknown => (heard += client.say('GET mortal'));
  follow(replica, primary);
  const later = replica.host.endOfTurn.bind(replica.host);
  replica.host.endOfTurn = (run) =>
    later(() => {
      ask(); // a client comes in wherever the node lets go
      run();
    });
  replica.host.lookMicros = 20_000;
  for (let i = 0; i < 200; i++) {
    all.pass(1);
    ask();
  }
  replica.host.lookMicros = 0;
  expect(heard.endsWith('$1\r\nv\r\n')).toBe(true);
  expect(heard).not.toContain('LOADING');
});

const filesOf = (node: LittleNode): string[] => [...node.host.pages.keys()].filter((name) => name.includes('rdb'));

describe.each([
  ['by way of a file', 'no', '1'],
  ['straight to sockets', 'yes', '0'],
])('INFO during a full sync, %s', (_, diskless, saves) => {
  const figures = (node: LittleNode): readonly string[] =>
    ['bgsave_in_progress', 'current_bgsave_time_sec', 'last_bgsave_time_sec', 'saves'].map((name) =>
      field(node, `rdb_${name}`),
    );

  function slowly(): { all: LittleWorld; primary: LittleNode; replica: LittleNode } {
    const all = loners(2, `repl-diskless-sync ${diskless}`, 'rdb-key-save-delay 30000');
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    for (let i = 0; i < 100; i++) primary.run('SET', `k${i}`, 'v');
    follow(replica, primary);
    all.pass(20);
    return { all, primary, replica };
  }

  test('tells for how long the snapshot is being made, and then how long it took', () => {
    const { all, primary, replica } = slowly();
    expect(figures(primary)).toEqual(['1', '0', '-1', saves]);
    all.pass(2000);
    expect(figures(primary)).toEqual(['1', '2', '-1', saves]);
    all.pass(1500);
    expectSame(primary, replica);
    expect(figures(primary)).toEqual(['0', '-1', '3', saves]);
  });

  test('so too when nobody wants it any more', () => {
    const { all, primary, replica } = slowly();
    all.pass(2000);
    primary.run('CONFIG', 'SET', 'save', '');
    replica.run('REPLICAOF', 'NO', 'ONE');
    all.pass(20);
    expect(figures(primary)).toEqual(['0', '-1', '2', saves]);
  });
});

describe('the file of a snapshot', () => {
  function synced(...conf: readonly string[]): { all: LittleWorld; primary: LittleNode; replica: LittleNode } {
    const all = loners(2, 'repl-diskless-sync no', ...conf);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    follow(replica, primary);
    all.pass(50);
    expectSame(primary, replica);
    return { all, primary, replica };
  }

  test('becomes that of the last save, at both ends', () => {
    const { primary, replica } = synced('save 3600 1');
    for (const node of [primary, replica]) {
      expect(filesOf(node)).toEqual(['dump.rdb']);
      const later = new ServerOn(node.host.pages);
      later.pass(50);
      expect(later.say('DEBUG DIGEST')).toBe(primary.run('DEBUG', 'DIGEST'));
    }
    expect(field(primary, 'rdb_changes_since_last_save')).toBe('0');
    expect(field(primary, 'rdb_saves')).toBe('1');
    expect(primary.log.filter((line) => line.includes('Background saving started'))).toHaveLength(1);
  });

  test('gives way to one that was made while it was sent', () => {
    const { all, primary, replica } = synced('save 3600 1');
    replica.run('REPLICAOF', 'NO', 'ONE');
    replica.run('SET', 'mine', 'x');
    const letGo = fillNextLink(primary);
    follow(replica, primary);
    all.pass(20);
    expect(field(primary, 'slave0')).toContain('state=send_bulk');
    primary.run('SET', 'later', 'x');
    expect(primary.run('SAVE')).toBe('+OK\r\n');
    expect(filesOf(primary)).toHaveLength(2);
    letGo();
    all.pass(50);
    expectSame(primary, replica);
    expect(filesOf(primary)).toEqual(['dump.rdb']);
    const later = new ServerOn(primary.host.pages);
    later.pass(50);
    expect(later.say('EXISTS later')).toBe(':1\r\n');
  });

  test.each(['yes', 'no'])('is removed where nothing is ever saved: rdb-del-sync-files %s', (removes) => {
    const { primary, replica } = synced(`rdb-del-sync-files ${removes}`);
    expect(filesOf(primary)).toEqual([]);
    expect(filesOf(replica)).toEqual([]);
  });

  test('is for those, too, who come while it is made, and not broken off while one of them waits', () => {
    const all = loners(3, 'repl-diskless-sync no', 'rdb-key-save-delay 5000');
    const [primary, one, other] = all.nodes as [LittleNode, LittleNode, LittleNode];
    fill(primary);
    follow(one, primary);
    all.pass(20);
    primary.run('SET', 'in between', 'x');
    follow(other, primary);
    all.pass(20);
    expect(field(primary, 'slave1')).toContain('state=wait_bgsave');
    one.run('REPLICAOF', 'NO', 'ONE');
    all.pass(3000);
    expectSame(primary, other);
    expect(other.run('GET', 'in between')).toBe('$1\r\nx\r\n');
    expect(primary.log.filter((line) => line.includes('Starting BGSAVE for SYNC'))).toHaveLength(1);
    expect(primary.log.join('\n')).toContain('Waiting for end of BGSAVE for SYNC');
  });

  test.each([
    ['made', 5000, 20],
    ['sent', 0, 20],
  ])('does not stay behind when the process ends while it is %s', (_, delay, ms) => {
    const all = loners(2, 'repl-diskless-sync no', `rdb-key-save-delay ${delay}`);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    const accept = primary.node.accept.bind(primary.node);
    const queuedBytes = (): number => (primary.node.replication.replicas.size > 0 ? 2 ** 30 : 0);
    primary.node.accept = (link) => accept(Object.assign(link, { queuedBytes }));
    primary.node.server.machine = { block: () => {}, crash: () => {}, tidy: () => {}, exit: () => {} };
    follow(replica, primary);
    all.pass(ms);
    expect(filesOf(primary)).toHaveLength(1);
    primary.run('SHUTDOWN', 'NOSAVE', 'NOW');
    all.pass(1);
    expect(filesOf(primary)).toEqual([]);
  });

  test('waits where another one is being made', () => {
    const all = loners(2, 'repl-diskless-sync no', 'save 3600 1', 'rdb-key-save-delay 1000');
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    primary.run('BGSAVE');
    follow(replica, primary);
    all.pass(20);
    expect(primary.log.join('\n')).toContain("Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE");
    all.pass(3000);
    expectSame(primary, replica);
  });

  test('is not made a second time: a save of old keys ends when new ones come', () => {
    const { all, primary, replica } = synced('save 3600 1');
    replica.run('REPLICAOF', 'NO', 'ONE');
    replica.run('CONFIG', 'SET', 'rdb-key-save-delay', '10000');
    replica.run('SET', 'mine', 'x');
    replica.run('BGSAVE');
    expect(field(replica, 'rdb_bgsave_in_progress')).toBe('1');
    follow(replica, primary);
    all.pass(100);
    expectSame(primary, replica);
    expect(field(replica, 'rdb_bgsave_in_progress')).toBe('0');
    expect(replica.log.join('\n')).toContain('there is a pending RDB child running. Killing process');
    expect(filesOf(replica)).toEqual(['dump.rdb']);
  });
});

const SLOW = ['repl-ping-replica-period 1', 'key-load-delay 20000'];

test.each(['disabled', 'on-empty-db', 'swapdb'])(
  'a snapshot that takes longer to load than repl-timeout is loaded all the same: repl-diskless-load %s',
  (mode) => {
    const all = loners(2, `repl-diskless-load ${mode}`, 'repl-timeout 3', ...SLOW);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    follow(replica, primary);
    all.pass(10_000);
    expect(replica.log.filter((line) => /imeout/.test(line))).toEqual([]);
    expect(field(replica, 'master_link_status')).toBe('up');
  },
);

test.each([
  ['allkeys-lru', 'IDLETIME', 100],
  ['allkeys-lfu', 'FREQ', 10],
])('with maxmemory-policy %s a snapshot tells how the keys were used', (policy, word, least) => {
  const all = loners(2, `maxmemory-policy ${policy}`, 'lfu-log-factor 0');
  const [primary, replica] = all.nodes as [LittleNode, LittleNode];
  primary.run('SET', 'k', 'v');
  for (let i = 0; i < 10; i++) primary.run('GET', 'k');
  primary.host.nowMs += 100_000;
  follow(replica, primary);
  all.pass(50);
  const used = primary.run('OBJECT', word, 'k');
  expect(Number(used.slice(1))).toBeGreaterThanOrEqual(least);
  expect(replica.run('OBJECT', word, 'k')).toBe(used);
});

describe('a link that breaks', () => {
  function synced(...conf: readonly string[]): { all: LittleWorld; primary: LittleNode; replica: LittleNode } {
    const all = loners(2, ...conf);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    follow(replica, primary);
    all.pass(50);
    expect(field(replica, 'master_link_status')).toBe('up');
    return { all, primary, replica };
  }

  test('the stream goes on where it stopped', () => {
    const { all, primary, replica } = synced();
    all.breakLinks();
    primary.run('SET', 'meanwhile', 'x');
    all.pass(50);
    expect(field(primary, 'sync_partial_ok')).toBe('1');
    expect(field(primary, 'sync_full')).toBe('1');
    expectSame(primary, replica);
    const log = replica.log.join('\n');
    expect(log).toContain('Successful partial resynchronization with master.');
    expect(log).toContain('MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
  });

  test('amid a transaction nothing of it is applied twice', () => {
    const { all, primary, replica } = synced();
    for (let i = 0; i < 30; i++) {
      primary.run('MULTI');
      primary.run('INCR', 'n');
      primary.run('APPEND', 'long', 'x'.repeat(3000));
      primary.run('INCR', 'n');
      primary.run('EXEC');
      all.pass(1);
      if (i % 3 === 0) all.breakLinks();
    }
    all.pass(1500);
    expect(field(primary, 'sync_full')).toBe('1');
    expect(replica.run('GET', 'n')).toBe('$2\r\n60\r\n');
    expectSame(primary, replica);
  });

  test('for longer than the backlog reaches: all anew', () => {
    const { all, primary, replica } = synced('repl-backlog-size 16kb');
    replica.isUp = false;
    all.breakLinks();
    for (let i = 0; i < 100; i++) primary.run('SET', 'big', 'x'.repeat(2000));
    all.pass(5);
    replica.isUp = true;
    all.pass(50);
    expect(field(primary, 'sync_partial_err')).toBe('2'); // once when they met
    expect(field(primary, 'sync_full')).toBe('2');
    expectSame(primary, replica);
    expect(primary.log.join('\n')).toMatch(/Unable to partial resync with replica 127.0.0.1:7001 for lack of backlog/);
  });

  test('the backlog is kept short though nobody reads it', () => {
    const { all, primary, replica } = synced('repl-backlog-size 16kb');
    replica.isUp = false;
    all.breakLinks();
    all.pass(5);
    expect(field(primary, 'connected_slaves')).toBe('0');
    for (let i = 0; i < 100; i++) primary.run('SET', 'big', 'x'.repeat(2000));
    expect(Number(field(primary, 'repl_backlog_histlen'))).toBeLessThan(40_000);
  });

  test.each(some(Array.from({ length: 20 }, (_, ms) => ms)))('%i ms after the first word', (ms) => {
    const all = loners(2);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    fill(primary);
    follow(replica, primary);
    all.pass(ms);
    all.breakLinks();
    all.pass(1500);
    expect(field(replica, 'master_link_status')).toBe('up');
    expectSame(primary, replica);
  });
});

test('replicas of a replica get the very same stream', () => {
  const all = loners(3);
  const [top, middle, bottom] = all.nodes as [LittleNode, LittleNode, LittleNode];
  fill(top);
  follow(middle, top);
  all.pass(50);
  follow(bottom, middle);
  all.pass(50);
  top.run('SET', 'k', 'v');
  all.pass(10);
  expectSame(top, middle);
  expectSame(top, bottom);
  expect(field(bottom, 'master_replid')).toBe(field(top, 'master_replid'));
});

test('two who ask in time share one snapshot', () => {
  const all = loners(3, 'repl-diskless-sync-delay 2');
  const [primary, one, other] = all.nodes as [LittleNode, LittleNode, LittleNode];
  fill(primary);
  follow(one, primary);
  all.pass(1000);
  follow(other, primary);
  all.pass(3000);
  expectSame(primary, one);
  expectSame(primary, other);
  expect(primary.log.filter((line) => line.includes('Starting BGSAVE for SYNC'))).toHaveLength(1);
});
