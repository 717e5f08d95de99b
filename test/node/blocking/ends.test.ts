/**
 * What ends a wait beside the keys and the time: CLIENT UNBLOCK, a slot that goes, a change of role, the end of the
 * connection. And what INFO, CLIENT LIST, the slow log and the latency monitor say of it. The texts and figures are
 * those that 7.0.15 gave to the same steps.
 */
import { describe, expect, test } from 'vitest';
import { LittleWorld } from '../../support/little-world.js';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';

const UNBLOCKED = '-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)\r\n';

function field(client: TestConnection, section: string, name: string): string {
  const line = client
    .run('INFO', section)
    .split('\r\n')
    .find((each) => each.startsWith(`${name}:`));
  return line?.slice(name.length + 1) ?? '';
}

function flagsOf(client: TestConnection, id: number): string {
  return /flags=(\S+)/.exec(client.run('CLIENT', 'LIST', 'ID', String(id)))?.[1] ?? '';
}

function blocked(...request: readonly string[]) {
  const server = new LoneNode('save ""');
  const [waiter, other] = [server.connect(), server.connect()];
  expect(waiter.run(...request)).toBe('');
  const id = waiter.client?.id ?? 0;
  return { server, waiter, other, id };
}

describe('CLIENT UNBLOCK', () => {
  test.each<[string, readonly string[], string]>([
    ['as its time would', [], '*-1\r\n'],
    ['TIMEOUT says the same', ['TIMEOUT'], '*-1\r\n'],
    ['with an error', ['error'], '-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n'],
  ])('ends a wait: %s', (_, how, expected) => {
    const { waiter, other, id } = blocked('BLPOP', 'k', '0');
    expect(other.run('CLIENT', 'UNBLOCK', String(id), ...how)).toBe(':1\r\n');
    expect(waiter.take()).toBe(expected);
    expect(other.run('CLIENT', 'UNBLOCK', String(id))).toBe(':0\r\n');
    expect(other.run('RPUSH', 'k', 'a')).toBe(':1\r\n');
    expect(waiter.run('LLEN', 'k')).toBe(':1\r\n');
    expect(field(other, 'commandstats', 'cmdstat_blpop')).toMatch(/^calls=1,.*failed_calls=1$/);
  });

  test('does not end a pause', () => {
    const server = new LoneNode('save ""');
    const [waiter, other] = [server.connect(), server.connect()];
    other.run('CLIENT', 'PAUSE', '1000', 'WRITE');
    expect(waiter.run('RPUSH', 'k', 'a')).toBe('');
    expect(other.run('CLIENT', 'UNBLOCK', String(waiter.client?.id))).toBe(':0\r\n');
    server.pass(1200);
    expect(waiter.take()).toBe(':1\r\n');
  });

  test('what came behind the wait is served', () => {
    const { waiter, other, id } = blocked('BLPOP', 'k', '0');
    expect(waiter.run('PING')).toBe('');
    other.run('CLIENT', 'UNBLOCK', String(id));
    expect(waiter.take()).toBe('*-1\r\n+PONG\r\n');
  });
});

describe('times', () => {
  test.each<[string, number]>([
    ['0.001', 1],
    ['1e-9', 1],
    ['0x.1p-4', 4],
    ['0.25', 250],
    ['1.0000001', 1001],
  ])('%s seconds are over after %i ms', (timeout, ms) => {
    const { server, waiter } = blocked('BLPOP', 'k', timeout);
    server.pass(ms - 0.5);
    expect(waiter.take()).toBe('');
    server.pass(1);
    expect(waiter.take()).toBe('*-1\r\n');
  });

  test('a time that no timer takes is waited for in parts', () => {
    const server = new LoneNode('save ""');
    const timers: { ms: number; run: () => void }[] = [];
    server.host.after = (ms, run) => {
      timers.push({ ms, run });
      return { cancel: () => {} };
    };
    const waiter = server.connect();
    waiter.run('BLPOP', 'k', '3000000'); // 35 days
    server.host.nowMs = 2 ** 31 - 1;
    timers[0]?.run();
    expect(timers.map(({ ms }) => ms)).toEqual([2 ** 31 - 1, 3e9 - (2 ** 31 - 1)]);
    expect(waiter.take()).toBe('');
  });

  test('a wait that is over does not end the next one', () => {
    const { server, waiter, other } = blocked('BLPOP', 'k', '0.1');
    other.run('RPUSH', 'k', 'a');
    expect(waiter.take()).toBe('*2\r\n$1\r\nk\r\n$1\r\na\r\n');
    expect(waiter.run('BLPOP', 'k', '0')).toBe('');
    server.pass(1000);
    expect(waiter.take()).toBe('');
  });
});

describe('what is told', () => {
  test('INFO counts who waits, and who waits for a time', () => {
    const { waiter, other } = blocked('BLPOP', 'k', '10');
    expect(field(other, 'clients', 'blocked_clients')).toBe('1');
    expect(field(other, 'clients', 'clients_in_timeout_table')).toBe('1');
    waiter.close();
    expect(other.run('PING')).toBe('+PONG\r\n');
    expect(field(other, 'clients', 'blocked_clients')).toBe('0');
    expect(field(other, 'clients', 'clients_in_timeout_table')).toBe('0');
  });

  test('CLIENT LIST says b, and CLIENT KILL ends it', () => {
    const { waiter, other, id } = blocked('BZPOPMIN', 'k', '0');
    expect(flagsOf(other, id)).toBe('b');
    expect(other.run('CLIENT', 'KILL', 'ID', String(id))).toBe(':1\r\n');
    expect(waiter.open).toBe(false);
    expect(other.run('ZADD', 'k', '1', 'm')).toBe(':1\r\n');
    expect(other.run('ZCARD', 'k')).toBe(':1\r\n');
  });

  test('who was served waits no more', () => {
    const { other, id } = blocked('BLPOP', 'k', '0');
    other.run('RPUSH', 'k', 'a');
    expect(flagsOf(other, id)).toBe('N');
    expect(field(other, 'clients', 'blocked_clients')).toBe('0');
    expect(field(other, 'commandstats', 'cmdstat_blpop')).toMatch(/^calls=1,.*failed_calls=0$/);
  });

  test('a command that waits is slow or not when it is served', () => {
    const { other } = blocked('BLPOP', 'k', '0');
    other.run('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
    other.run('SLOWLOG', 'RESET');
    const late = other.run('RPUSH', 'k', 'a');
    expect(late).toBe(':1\r\n');
    expect(other.run('SLOWLOG', 'GET', '1')).toContain('*3\r\n$5\r\nBLPOP\r\n$1\r\nk\r\n$1\r\n0\r\n');
  });

  test('the latency monitor has a name for it', () => {
    const { server, other } = blocked('BLPOP', 'k', '0');
    other.run('CONFIG', 'SET', 'latency-monitor-threshold', '1');
    server.host.lookMicros = 2000;
    other.run('RPUSH', 'k', 'a');
    expect(other.run('LATENCY', 'LATEST')).toContain('command-unblocking');
  });

  test('an error on being served is an error of that command', () => {
    const { waiter, other } = blocked('BLMOVE', 's', 'd', 'LEFT', 'LEFT', '0');
    other.run('SET', 'd', 'v');
    other.run('RPUSH', 's', 'a');
    expect(waiter.take()).toMatch(/^-WRONGTYPE /);
    expect(field(other, 'commandstats', 'cmdstat_blmove')).toMatch(/failed_calls=1$/);
    expect(field(other, 'commandstats', 'cmdstat_rpush')).toMatch(/failed_calls=0$/);
    expect(field(other, 'errorstats', 'errorstat_WRONGTYPE')).toBe('count=1');
    expect(field(other, 'stats', 'total_error_replies')).toBe('1');
  });

  test('the error of a client that is unblocked counts once, and as a failure of both commands', () => {
    const { other, id } = blocked('BLPOP', 'k', '0');
    other.run('CLIENT', 'UNBLOCK', String(id), 'ERROR');
    expect(field(other, 'errorstats', 'errorstat_UNBLOCKED')).toBe('count=1');
    expect(field(other, 'commandstats', 'cmdstat_client|unblock')).toMatch(/failed_calls=1$/);
    expect(field(other, 'commandstats', 'cmdstat_blpop')).toMatch(/failed_calls=1$/);
    expect(field(other, 'stats', 'total_error_replies')).toBe('1');
  });

  test('LATENCY HISTOGRAM has who was served, and not who waits', () => {
    const { server, waiter, other } = blocked('BZPOPMIN', 'k', '0.1');
    server.pass(200);
    expect(other.run('LATENCY', 'HISTOGRAM', 'bzpopmin')).toBe('*0\r\n');
    waiter.run('BZPOPMIN', 'k', '0');
    other.run('ZADD', 'k', '1', 'm');
    expect(other.run('LATENCY', 'HISTOGRAM', 'bzpopmin')).toContain('$5\r\ncalls\r\n:1\r\n');
  });

  test('what is taken after a wait is a change', () => {
    const { other } = blocked('BLPOP', 'k', '0');
    const before = Number(field(other, 'persistence', 'rdb_changes_since_last_save'));
    other.run('RPUSH', 'k', 'a');
    expect(Number(field(other, 'persistence', 'rdb_changes_since_last_save'))).toBe(before + 2);
  });

  test('while nobody waits the engine has nobody to tell', () => {
    const { server, other } = blocked('BLPOP', 'k', '0');
    expect(server.node.engine.observer).not.toBeNull();
    other.run('RPUSH', 'k', 'a');
    other.run('RPUSH', 'k', 'b');
    expect(server.node.engine.observer).toBeNull();
  });
});

describe('a change of role', () => {
  test('who waits is told, and its connection ends', () => {
    const world = new LittleWorld(2, 1, 'cluster-enabled no', 'repl-diskless-sync-delay 0');
    const [primary, other] = [world.node(0), world.node(1)];
    const waiter = primary.connect();
    expect(waiter.run('BLPOP', 'k', '0')).toBe('');
    primary.run('REPLICAOF', '127.0.0.1', String(other.port));
    expect(waiter.take()).toBe(UNBLOCKED);
    expect(waiter.open).toBe(false);
  });
});

describe('in a cluster', () => {
  const SLOT_OF_K = '7629';

  function pair(...conf: readonly string[]) {
    const world = new LittleWorld(2, 3, 'cluster-node-timeout 2000', ...conf);
    const [here, there] = [world.node(0), world.node(1)];
    here.run('CLUSTER', 'MEET', '127.0.0.1', String(there.port));
    here.run('CLUSTER', 'ADDSLOTSRANGE', '0', '10000');
    there.run('CLUSTER', 'ADDSLOTSRANGE', '10001', '16383');
    world.pass(5000);
    const waiter = here.connect();
    expect(waiter.run('BLPOP', 'k', '0')).toBe('');
    return { world, here, there, waiter };
  }

  test('who waits for a slot that is another one’s now is sent there', () => {
    const { world, here, there, waiter } = pair();
    here.run('CLUSTER', 'SETSLOT', SLOT_OF_K, 'NODE', there.text('CLUSTER', 'MYID'));
    world.pass(1000);
    expect(waiter.take()).toBe(`-MOVED ${SLOT_OF_K} 127.0.0.1:${there.port}\r\n`);
    expect(waiter.run('PING')).toBe('+PONG\r\n');
  });

  test('a slot that is on its way is ours until it is not', () => {
    const { world, here, there, waiter } = pair();
    here.run('CLUSTER', 'SETSLOT', SLOT_OF_K, 'MIGRATING', there.text('CLUSTER', 'MYID'));
    world.pass(1000);
    expect(waiter.take()).toBe('');
  });

  test('a slot that is nobody’s', () => {
    const { world, here, waiter } = pair('cluster-require-full-coverage no');
    here.run('CLUSTER', 'DELSLOTS', SLOT_OF_K);
    world.pass(1000);
    expect(waiter.take()).toBe('-CLUSTERDOWN Hash slot not served\r\n');
  });

  test('while the cluster is down', () => {
    const { world, here, waiter } = pair('cluster-allow-reads-when-down yes');
    here.run('CLUSTER', 'DELSLOTS', '1');
    world.pass(1000);
    expect(waiter.take()).toBe('-CLUSTERDOWN The cluster is down\r\n');
  });
});
