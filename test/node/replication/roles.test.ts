/**
 * Roles change: who is promoted, who follows, who may do what meanwhile, and what each says of it.
 */
import { describe, expect, test } from 'vitest';
import { expectSame, family, field, follow, loners } from '../../support/copies.js';
import type { LittleNode, LittleWorld } from '../../support/little-world.js';

describe('a promotion', () => {
  test('the others, and the old primary, go on with the new one without a full sync', () => {
    const { all, nodes } = family(3);
    const [old, fresh, other] = nodes as [LittleNode, LittleNode, LittleNode];
    const former = field(old, 'master_replid');
    const offset = Number(field(fresh, 'master_repl_offset'));
    fresh.run('REPLICAOF', 'NO', 'ONE');
    fresh.run('SET', 'new', 'age');
    follow(other, fresh);
    follow(old, fresh);
    all.pass(1200);
    expectSame(fresh, other);
    expectSame(fresh, old);
    expect(field(fresh, 'master_replid2')).toBe(former);
    expect(field(other, 'master_replid2')).toBe(former);
    expect(field(fresh, 'sync_full')).toBe('0');
    expect(field(fresh, 'sync_partial_ok')).toBe('2');
    const lines = fresh.log.slice(fresh.log.findIndex((line) => line.includes('Connection with master lost.')));
    expect(lines.slice(0, 5).map((line) => line.replace(/'id=.*/, '').replaceAll(/[0-9a-f]{40}/g, 'ID'))).toEqual([
      'warning: Connection with master lost.',
      'notice: Caching the disconnected master state.',
      'notice: Discarding previously cached master state.',
      `warning: Setting secondary replication ID to ID, valid up to offset: ${offset + 1}. New replication ID is ID`,
      'notice: MASTER MODE enabled (user request from ',
    ]);
    const lost = 'warning: Connection with replica 127.0.0.1:7001 lost.';
    expect(old.log).toContain(lost);
  });

  test('an old primary that wrote more in vain is synced anew', () => {
    const { all, nodes } = family(2);
    const [old, fresh] = nodes as [LittleNode, LittleNode];
    fresh.run('REPLICAOF', 'NO', 'ONE');
    old.run('SET', 'lost', 'x');
    follow(old, fresh);
    all.pass(50);
    expect(old.run('GET', 'lost')).toBe('$-1\r\n');
    expect(field(fresh, 'sync_full')).toBe('1');
    expectSame(fresh, old);
  });

  test('replicas of the promoted one stay with it', () => {
    const all = loners(3);
    const [top, middle, bottom] = all.nodes as [LittleNode, LittleNode, LittleNode];
    top.run('SET', 'k', 'v');
    follow(middle, top);
    all.pass(50);
    follow(bottom, middle);
    all.pass(50);
    middle.run('REPLICAOF', 'NO', 'ONE');
    middle.run('SET', 'k', 'w');
    all.pass(1200);
    expectSame(middle, bottom);
    expect(field(middle, 'sync_full')).toBe('1');
  });
});

describe('a replica', () => {
  test('takes writes from its primary only', () => {
    const { nodes } = family(2);
    expect(nodes[1]?.run('SET', 'k', 'x')).toBe("-READONLY You can't write against a read only replica.\r\n");
    nodes[1]?.run('MULTI');
    expect(nodes[1]?.run('SET', 'k', 'x')).toMatch(/^-READONLY/);
    expect(nodes[1]?.run('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.\r\n');
    expect(nodes[1]?.run('GET', 'k')).toBe('$1\r\nv\r\n');
  });

  test('may be told to take them from others too', () => {
    const { nodes } = family(2, 'replica-read-only no');
    expect(nodes[1]?.run('SET', 'mine', 'x')).toBe('+OK\r\n');
    expect(nodes[0]?.run('GET', 'mine')).toBe('$-1\r\n');
  });

  test('says in ROLE and INFO whom it copies, and how far it is', () => {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    all.pass(2000);
    const offset = field(primary, 'master_repl_offset');
    expect(replica.run('ROLE')).toBe(
      `*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:7000\r\n$9\r\nconnected\r\n:${offset}\r\n`,
    );
    expect(primary.run('ROLE')).toBe(
      `*3\r\n$6\r\nmaster\r\n:${offset}\r\n*1\r\n*3\r\n$9\r\n127.0.0.1\r\n$4\r\n7001\r\n$${offset.length}\r\n${offset}\r\n`,
    );
    expect(field(primary, 'slave0')).toMatch(/^ip=127\.0\.0\.1,port=7001,state=online,offset=\d+,lag=[01]$/);
    expect(primary.text('CLIENT', 'LIST', 'TYPE', 'replica')).toMatch(/ flags=S /);
    expect(replica.text('CLIENT', 'LIST', 'TYPE', 'master')).toMatch(/ flags=M /);
  });

  test('says so in its configuration, as long as it is one', () => {
    const { nodes } = family(2);
    const replica = nodes[1] as LittleNode;
    expect(replica.run('CONFIG', 'GET', 'replicaof')).toContain('127.0.0.1 7000');
    replica.run('REPLICAOF', 'NO', 'ONE');
    expect(replica.run('CONFIG', 'GET', 'replicaof')).toBe('*2\r\n$9\r\nreplicaof\r\n$0\r\n\r\n');
  });

  test('without its primary serves what it has, or nothing if so configured', () => {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    primary.isUp = false;
    all.breakLinks();
    all.pass(100);
    expect(field(replica, 'master_link_status')).toBe('down');
    expect(replica.run('GET', 'k')).toBe('$1\r\nv\r\n');
    replica.run('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    expect(replica.run('GET', 'k')).toMatch(/^-MASTERDOWN Link with MASTER is down/);
    expect(replica.run('PING')).toMatch(/^-MASTERDOWN/);
    expect(replica.run('INFO', 'replication')).toMatch(/^\$/);
  });

  test('counts the silence from the moment its link was killed, not from when the end was heard of', () => {
    const { all, nodes } = family(2, 'enable-debug-command yes');
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    primary.run('CLIENT', 'PAUSE', '60000');
    replica.node.server.machine = {
      ...replica.node.server.machine,
      block: (ms) => {
        replica.host.nowMs += ms;
      },
    };
    replica.run('MULTI');
    replica.run('CLIENT', 'KILL', '127.0.0.1:7000');
    replica.run('DEBUG', 'SLEEP', '20');
    expect(replica.run('EXEC')).toBe('*2\r\n+OK\r\n+OK\r\n');
    all.pass(200);
    expect(field(replica, 'master_link_status')).toBe('down');
    expect(Number(field(replica, 'master_link_down_since_seconds'))).toBeGreaterThanOrEqual(20);
  });

  test('notices a primary that falls silent', () => {
    const { all, nodes } = family(2, 'repl-timeout 3', 'repl-ping-replica-period 1');
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    all.pass(10_000);
    expect(field(replica, 'master_link_status')).toBe('up');
    primary.isUp = false;
    all.pass(6000);
    expect(replica.log.join('\n')).toContain('MASTER timeout: no data nor PING received...');
  });

  test('keeps what its primary has not buried: keys whose time has come are hidden', () => {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    primary.run('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    primary.run('SET', 'mortal', 'v', 'PX', '100');
    all.pass(200);
    expect(replica.run('GET', 'mortal')).toBe('$-1\r\n');
    expect(replica.run('DBSIZE')).toBe(':2\r\n');
    primary.run('GET', 'mortal');
    all.pass(10);
    expect(replica.run('DBSIZE')).toBe(':1\r\n');
  });
});

describe('passwords', () => {
  function guarded(masterauth: string): { all: LittleWorld; primary: LittleNode; replica: LittleNode } {
    const all = loners(2);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    primary.run('CONFIG', 'SET', 'requirepass', 'secret');
    primary.run('AUTH', 'secret');
    replica.run('CONFIG', 'SET', 'masterauth', masterauth);
    follow(replica, primary);
    all.pass(1500);
    return { all, primary, replica };
  }

  test('the right one', () => {
    expect(field(guarded('secret').replica, 'master_link_status')).toBe('up');
  });

  test('a wrong password is said in INFO', () => {
    const { all, replica } = guarded('wrong');
    expect(field(replica, 'master_link_error')).toMatch(/^WRONGPASS /);
    expect(replica.log.join('\n')).toContain('warning: Unable to AUTH to MASTER: -WRONGPASS');
    replica.run('CONFIG', 'SET', 'masterauth', 'secret');
    all.pass(2000);
    expect(field(replica, 'master_link_status')).toBe('up');
    expect(field(replica, 'master_link_error')).toBe('');
  });

  test('a missing one too', () => {
    const { replica } = guarded('');
    expect(field(replica, 'master_link_error')).toContain("'masterauth' is not set");
    expect(replica.log.join('\n')).toContain("'masterauth' is not set");
  });

  test.each(['', 'wrong'])('it is said while the next try has said nothing yet: password "%s"', (password) => {
    const { all, replica } = guarded(password);
    const silent: number[] = [];
    for (let ms = 0; ms < 3000; ms++) {
      all.pass(1);
      if (field(replica, 'master_link_error') === '') silent.push(ms);
    }
    expect(silent).toEqual([]);
  });
});

describe('writes that need replicas', () => {
  test('are refused from the start on, in a transaction too', () => {
    const server = loners(1, 'min-replicas-to-write 1').nodes[0] as LittleNode;
    expect(server.run('SET', 'k', 'x')).toBe('-NOREPLICAS Not enough good replicas to write.\r\n');
    server.run('MULTI');
    expect(server.run('SET', 'k', 'x')).toMatch(/^-NOREPLICAS/);
    expect(server.run('EXEC')).toMatch(/^-EXECABORT/);
    expect(server.run('CONFIG', 'SET', 'min-replicas-to-write', '0')).toBe('+OK\r\n');
    expect(server.run('SET', 'k', 'x')).toBe('+OK\r\n');
  });

  test('are refused while too few keep up', () => {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    primary.run('CONFIG', 'SET', 'min-replicas-to-write', '1');
    primary.run('CONFIG', 'SET', 'min-replicas-max-lag', '2');
    all.pass(1100);
    expect(primary.run('SET', 'k', 'x')).toBe('+OK\r\n');
    expect(field(primary, 'min_slaves_good_slaves')).toBe('1');
    replica.isUp = false;
    all.pass(4000);
    expect(primary.run('SET', 'k', 'x')).toBe('-NOREPLICAS Not enough good replicas to write.\r\n');
    expect(primary.run('GET', 'k')).toBe('$1\r\nx\r\n');
  });
});

describe('FAILOVER', () => {
  test('hands the role over, and nothing is lost', () => {
    const { all, nodes } = family(3);
    const [old, fresh, other] = nodes as [LittleNode, LittleNode, LittleNode];
    all.pass(1100);
    expect(old.run('FAILOVER', 'TO', '127.0.0.1', '7001')).toBe('+OK\r\n');
    old.connect().run('SET', 'late', 'x');
    all.pass(1500);
    expect(field(old, 'role')).toBe('slave');
    expect(field(fresh, 'role')).toBe('master');
    expect(field(old, 'master_failover_state')).toBe('no-failover');
    expect(fresh.run('GET', 'late')).toBe('$-1\r\n');
    expectSame(fresh, old);
    expect(field(fresh, 'sync_full')).toBe('0');
    expect(field(other, 'role')).toBe('slave');
  });

  test.each<[string, string[], string]>([
    ['nobody to hand it to', ['TO', '127.0.0.1', '9'], 'FAILOVER target HOST and PORT is not a replica.'],
    ['force without a target', ['FORCE'], 'FAILOVER with force option requires both a timeout and target HOST and IP.'],
    ['a timeout of nothing', ['TIMEOUT', '0'], 'FAILOVER timeout must be greater than 0'],
    ['nothing to abort', ['ABORT'], 'No failover in progress.'],
    ['nonsense', ['NOW'], 'syntax error'],
  ])('%s', (_, args, text) => {
    expect(family(2).nodes[0]?.run('FAILOVER', ...args)).toBe(`-ERR ${text}\r\n`);
  });

  test('a target that does not catch up in time keeps its role', () => {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    all.pass(1100);
    replica.isUp = false;
    primary.run('SET', 'k', 'x');
    primary.run('FAILOVER', 'TO', '127.0.0.1', '7001', 'TIMEOUT', '300');
    expect(field(primary, 'master_failover_state')).toBe('waiting-for-sync');
    all.pass(1000);
    expect(field(primary, 'master_failover_state')).toBe('no-failover');
    expect(primary.log.join('\n')).toContain('aborted: Replica never caught up before timeout');
    expect(primary.run('SET', 'k', 'y')).toBe('+OK\r\n');
  });
});

describe('SHUTDOWN', () => {
  function ending(): { all: LittleWorld; primary: LittleNode; replica: LittleNode; ends: number[] } {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    const ends: number[] = [];
    primary.node.server.machine = { block: () => {}, crash: () => {}, tidy: () => {}, exit: (code) => ends.push(code) };
    replica.isUp = false;
    primary.run('SET', 'k', 'x');
    expect(primary.connect().run('SHUTDOWN')).toBe('');
    all.pass(500);
    expect(ends).toEqual([]);
    return { all, primary, replica, ends };
  }

  test('waits for replicas that lag', () => {
    const { all, primary, replica, ends } = ending();
    expect(Number(field(primary, 'shutdown_in_milliseconds'))).toBeGreaterThan(9000);
    replica.isUp = true;
    all.pass(1500); // the answer to GETACK does not count GETACK itself: the next ACK does
    expect(ends[0]).toBe(0);
    expect(primary.log.join('\n')).toContain('1 of 1 replicas are in sync when shutting down.');
  });

  test('but not for ever', () => {
    const { all, primary, ends } = ending();
    all.pass(11_000);
    expect(ends[0]).toBe(0);
    const log = primary.log.join('\n');
    expect(log).toMatch(/Lagging replica 127\.0\.0\.1:7001 reported offset \d+ behind master, lag=\d+, state=online\./);
    expect(log).toContain('0 of 1 replicas are in sync when shutting down.');
  });

  test('may be taken back: writes go on', () => {
    const { primary, ends } = ending();
    expect(primary.run('SHUTDOWN', 'ABORT')).toBe('+OK\r\n');
    expect(primary.run('SET', 'k', 'y')).toBe('+OK\r\n');
    expect(ends).toEqual([]);
  });
});

describe('a replica that lags', () => {
  /** Its link takes nothing, and so much is written. */
  function lagging(limit: string, bytes: number): { all: LittleWorld; primary: LittleNode } {
    const { all, nodes } = family(2);
    const [primary, replica] = nodes as [LittleNode, LittleNode];
    primary.run('CONFIG', 'SET', 'client-output-buffer-limit', limit);
    for (const { link, feed } of primary.node.clients.all.values())
      if (feed !== null) Object.assign(link, { queuedBytes: () => 2 ** 21 });
    replica.isUp = false;
    for (let sent = 0; sent < bytes; sent += 100_000) primary.run('SET', 'big', 'x'.repeat(100_000));
    all.pass(10);
    return { all, primary };
  }

  test('is sent away beyond its limit', () => {
    const { primary } = lagging('replica 3mb 0 0', 4_000_000);
    expect(field(primary, 'connected_slaves')).toBe('0');
    expect(primary.log.join('\n')).toContain('scheduled to be closed ASAP for overcoming of output buffer limits.');
  });

  test('is not for what the backlog holds anyway', () => {
    const { primary } = lagging('replica 100kb 0 0', 0);
    primary.run('CONFIG', 'SET', 'repl-backlog-size', '10mb');
    for (let i = 0; i < 20; i++) primary.run('SET', 'big', 'x'.repeat(100_000));
    expect(field(primary, 'connected_slaves')).toBe('1');
  });

  test('holds the stream in the backlog, and nowhere else', () => {
    const { primary } = lagging('replica 0 0 0', 4_000_000);
    expect(Number(field(primary, 'repl_backlog_histlen'))).toBeGreaterThan(4_000_000);
    expect(Number(field(primary, 'mem_total_replication_buffers'))).toBeLessThan(5_500_000);
  });

  test("is not counted twice: what waits in its link is the backlog's", () => {
    const { primary } = lagging('replica 0 0 0', 0);
    const buffers = Number(field(primary, 'mem_total_replication_buffers'));
    expect(Number(field(primary, 'used_memory')) - buffers).toBeLessThan(2 ** 21);
  });
});
