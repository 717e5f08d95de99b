/**
 * MIGRATE in EXEC: the EXEC waits in its middle, and nobody sees a half of it. What is heard and told is what
 * redis-server 7.0.15 answers and tells (test/conformance/replication/moves-in-exec.mjs asks it).
 */
import { describe, expect, test } from 'vitest';
import { expectSame, pair as copies } from '../../support/copies.js';
import type { TestConnection } from '../../support/lone-node.js';
import { sixNodes } from '../../support/six-nodes.js';
import { linesOf } from '../../support/stream-text.js';
import { Pair } from './pair.js';

const CONNECTING = '-IOERR error or timeout connecting to the client';
const READING = '-IOERR error or timeout reading to target instance';
const MOVE = 'MIGRATE 127.0.0.1 7001';

/** Says all of this in one piece, between MULTI and EXEC; what was answered up to EXEC is taken. */
function exec(client: TestConnection, ...queued: readonly string[]): void {
  const lines = ['MULTI', ...queued, 'EXEC', ''];
  client.send(Buffer.from(lines.join('\r\n')));
}

/** Without the answers that came at once. */
function heard(client: TestConnection): string {
  return client
    .take()
    .replaceAll('\r\n', ' ')
    .replace(/^\+OK (\+QUEUED )+/, '')
    .trim();
}

/** What replicas of `here` are told from now on, one command a line. */
function streamOf(pair: Pair): () => string[] {
  const told: Buffer[] = [];
  pair.here.node.dispatcher.propagation.setSink('stream', {
    append: (bytes, from, to) => void told.push(Buffer.from(bytes.subarray(from, to))),
  });
  return () => linesOf(Buffer.concat(told), 0);
}

describe('what is heard, and where the keys are then', () => {
  /** Keys that are here, what is queued, and `heard | keys here | keys there`. */
  test.each<[string, string, string[], string]>([
    ['the value of the EXEC', 'a', ['SET a new', `${MOVE} a 0 1000`, 'GET a'], '*3 +OK +OK $-1 |  | a'],
    ['a key that is not here', '', ['INCR n', `${MOVE} a 0 1000`, 'INCR n'], '*3 :1 +NOKEY :2 | n | '],
    [
      'two of them',
      'a b',
      [`${MOVE} a 0 1000`, 'SET a 9', `${MOVE} b 0 1000`, 'GET a'],
      '*4 +OK +OK +OK $1 9 | a | a b',
    ],
    ['a copy', 'a', [`${MOVE} a 0 1000 COPY`, 'EXISTS a'], '*2 +OK :1 | a | a'],
    [
      'nobody answers there',
      'a',
      ['INCR n', 'MIGRATE 10.0.0.9 1 a 0 200', 'INCR n'],
      `*3 :1 ${CONNECTING} :2 | a n | `,
    ],
    [
      'a port beyond all ports',
      'a',
      ['INCR n', 'MIGRATE 127.0.0.1 70000 a 0 200', 'INCR n'],
      `*3 :1 ${CONNECTING} :2 | a n | `,
    ],
    ['to itself', 'a', ['INCR n', 'MIGRATE 127.0.0.1 7000 a 0 200', 'INCR n'], `*3 :1 ${READING} :2 | a n | `],
    ['an option that is none', 'a', [`${MOVE} a 0 1000 NOW`, 'EXISTS a'], '*2 -ERR syntax error :1 | a | '],
  ])('%s', (_, keys, queued, expected) => {
    const pair = new Pair();
    pair.network.silent.add('10.0.0.9');
    for (const key of keys.split(' ').filter((each) => each !== '')) pair.a.say(`SET ${key} here`);
    exec(pair.a, ...queued);
    pair.pass(500);
    expect(`${heard(pair.a)} | ${pair.keys()}`).toBe(expected);
  });

  test('what came before it is answered at once, all of it at its end, what came behind it then', () => {
    const pair = new Pair();
    pair.a.say('SET a here');
    pair.a.send(Buffer.from(`PING\r\nMULTI\r\nGET a\r\n${MOVE} a 0 1000\r\nGET a\r\nEXEC\r\nEXISTS a\r\n`));
    expect(pair.a.take()).toBe('+PONG\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n');
    pair.a.send(Buffer.from('ECHO more\r\n'));
    expect(pair.a.take()).toBe('');
    pair.pass(20);
    expect(pair.a.take()).toBe('*3\r\n$4\r\nhere\r\n+OK\r\n$-1\r\n:0\r\n$4\r\nmore\r\n');
  });

  test('CLIENT REPLY OFF holds for all of it', () => {
    const pair = new Pair();
    pair.a.say('SET a here');
    pair.a.say('CLIENT REPLY OFF');
    exec(pair.a, 'INCR n', `${MOVE} a 0 1000`, 'INCR n');
    pair.pass(20);
    expect(pair.a.say('CLIENT REPLY ON') + pair.keys()).toBe('+OK\r\nn | a');
  });

  test('the books have each command once', () => {
    const pair = new Pair();
    pair.a.say('SET a here');
    const processed = (): number => Number(/total_commands_processed:(\d+)/.exec(pair.a.say('INFO stats'))?.[1]);
    const before = processed();
    exec(pair.a, 'INCR n', `${MOVE} a 0 1000`, 'INCR n');
    pair.pass(20);
    pair.a.take();
    expect(processed() - before).toBe(6); // INFO, MULTI, three, EXEC
    const stats = pair.a.say('INFO commandstats').match(/cmdstat_(exec|migrate|incr):calls=\d+/g);
    expect(stats?.sort()).toEqual(['cmdstat_exec:calls=1', 'cmdstat_incr:calls=2', 'cmdstat_migrate:calls=1']);
  });
});

describe('replicas are told', () => {
  test.each<[string, string[], string[]]>([
    ['all of it as one', ['SET c 1', `${MOVE} a 0 1000`, 'INCR n'], ['MULTI', 'SET c 1', 'DEL a', 'INCR n', 'EXEC']],
    ['DEL alone', [`${MOVE} "" 0 1000 KEYS a b`], ['DEL a b']],
    ['nothing of a copy', [`${MOVE} a 0 1000 COPY`, 'GET a'], []],
    [
      'in which database',
      ['SELECT 2', 'SET x 1', `${MOVE} x 0 1000`, 'SELECT 0', `${MOVE} a 0 1000`],
      ['MULTI', 'SET x 1', 'DEL x', 'SELECT 0', 'DEL a', 'EXEC'],
    ],
  ])('%s', (_, queued, expected) => {
    const pair = new Pair();
    for (const key of ['a', 'b']) pair.a.say(`SET ${key} here`);
    const told = streamOf(pair);
    exec(pair.a, ...queued);
    expect(told()).toEqual([]);
    pair.pass(50);
    expect(told().filter((line, i) => i > 0 || !line.startsWith('SELECT'))).toEqual(expected);
  });
});

describe('while it waits', () => {
  /** Its time is over after five seconds. */
  function waiting(...hereConf: readonly string[]): Pair {
    const pair = new Pair([], hereConf);
    pair.a.say('SET a here');
    pair.network.isMute = true;
    exec(pair.a, 'SET b new', 'RPUSH q 1', `${MOVE} a 0 5000`, 'SET b newer');
    pair.a.take();
    return pair;
  }

  test('others see nothing of it, and all of it then, in the order in which they came', () => {
    const pair = waiting();
    const others = ['GET b', 'SET b last', 'GET b'].map((line) => {
      const other = pair.here.connect();
      other.send(Buffer.from(`${line}\r\n`));
      return other;
    });
    pair.pass(4900);
    expect(others.map((other) => other.take()).join('')).toBe('');
    pair.pass(200);
    expect(others.map((other) => other.take())).toEqual(['$5\r\nnewer\r\n', '+OK\r\n', '$4\r\nlast\r\n']);
    expect(heard(pair.a)).toBe(`*4 +OK :1 ${READING} +OK`);
  });

  test('a second one holds them back again', () => {
    const pair = new Pair();
    for (const key of ['a', 'b']) pair.a.say(`SET ${key} here`);
    pair.network.isMute = true;
    exec(pair.a, `${MOVE} a 0 100`, 'INCR n', `${MOVE} b 0 100`, 'INCR n');
    const other = pair.here.connect();
    other.send(Buffer.from('INCR n\r\n'));
    pair.pass(150);
    expect(other.take()).toBe('');
    pair.pass(100);
    expect(other.take()).toBe(':3\r\n');
  });

  test('neither a monitor nor a replica is served; who waits for a key has it behind the EXEC', () => {
    const pair = new Pair();
    const [popper, monitor, replica] = [pair.here.connect(), pair.here.connect(), pair.here.connect()];
    popper.send(Buffer.from('BLPOP q 0\r\n'));
    monitor.say('MONITOR');
    replica.say('SYNC');
    pair.pass(6000);
    replica.take();
    pair.a.say('SET a here');
    monitor.take();
    pair.network.isMute = true;
    exec(pair.a, 'RPUSH q 1', `${MOVE} a 0 5000`, 'LLEN q');
    for (const client of [monitor, replica]) client.send(Buffer.from('PING\r\n'));
    pair.pass(3000);
    expect(monitor.take()).toMatch(/^.*"MULTI"\r\n.*"RPUSH".*\r\n$/);
    expect(popper.take()).toBe('');
    pair.pass(3000);
    expect(popper.take()).toBe('*2\r\n$1\r\nq\r\n$1\r\n1\r\n');
    expect(heard(pair.a)).toBe(`*3 :1 ${READING} :1`);
    expect(monitor.take()).toMatch(/^.*"MIGRATE".*\r\n.*"LLEN".*\r\n.*"EXEC".*\r\n\+PONG/);
  });

  test('no save begins, and no copy for a replica', () => {
    const pair = waiting('save 1 1', 'repl-diskless-sync-delay 0');
    const replica = pair.here.connect();
    replica.send(Buffer.from('SYNC\r\n'));
    pair.pass(4900);
    expect(pair.here.host.pages.has('dump.rdb')).toBe(false);
    expect(replica.take()).toBe('');
    pair.pass(3000);
    expect(pair.here.host.pages.has('dump.rdb')).toBe(true);
    expect(replica.take()).toContain('newer');
  });

  test('SIGTERM waits', () => {
    const pair = waiting();
    const ends: number[] = [];
    pair.here.node.server.machine = { block() {}, crash() {}, tidy() {}, exit: (code) => void ends.push(code) };
    pair.here.node.server.shutdown.signal('SIGTERM');
    pair.pass(4900);
    expect(ends).toEqual([]);
    pair.pass(250);
    expect(heard(pair.a)).toBe(`*4 +OK :1 ${READING} +OK`);
    expect(ends[0]).toBe(0);
  });

  test('its client may leave: the rest is run, and nothing of it stays', () => {
    const pair = new Pair();
    pair.a.say('SET a here');
    pair.network.isMute = true;
    exec(pair.a, `${MOVE} a 0 100`, 'SUBSCRIBE news', 'INCR n');
    pair.a.close();
    const other = pair.here.connect();
    pair.pass(200);
    expect(other.say('GET n') + other.say('PUBSUB NUMSUB news')).toBe('$1\r\n1\r\n*2\r\n$4\r\nnews\r\n:0\r\n');
    expect(pair.here.node.clients.all.size).toBe(1);
  });

  test('who watches a key that it has written, or that leaves, is refused', () => {
    const pair = new Pair();
    for (const key of ['a', 'b']) pair.a.say(`SET ${key} here`);
    const watchers = ['a', 'b', 'c'].map((key) => {
      const watcher = pair.here.connect();
      watcher.say(`WATCH ${key}`);
      watcher.say('MULTI');
      return watcher;
    });
    exec(pair.a, 'SET b new', `${MOVE} a 0 1000`);
    for (const watcher of watchers) watcher.send(Buffer.from('EXEC\r\n'));
    pair.pass(20);
    expect(watchers.map((watcher) => watcher.take())).toEqual(['*-1\r\n', '*-1\r\n', '*0\r\n']);
  });
});

describe('what cannot wait lets it come to its end at once', () => {
  function moving(): { pair: Pair; told: () => string[] } {
    const pair = new Pair();
    for (const key of ['a', 'b']) pair.a.say(`SET ${key} here`);
    const told = streamOf(pair);
    pair.network.isMute = true;
    exec(pair.a, 'SET foo 1', `${MOVE} a 0 5000`, 'INCR n', `${MOVE} b 0 5000`, 'INCR n');
    pair.pass(10);
    expect(told()).toEqual([]);
    return { pair, told };
  }
  const UNIT = ['SELECT 0', 'MULTI', 'SET foo 1', 'INCR n', 'INCR n', 'EXEC'];
  const ENDED = `*5 +OK ${READING} :1 ${READING} :2`;

  test('a failover by hand, which asks how far the stream is', () => {
    const { pair, told } = moving();
    pair.here.node.writesPaused(1000);
    expect(told()).toEqual(UNIT);
    pair.pass(5);
    expect(heard(pair.a)).toBe(ENDED);
  });

  test('slots that go, with the keys that it has written', () => {
    const { pair, told } = moving();
    pair.here.node.slotsLost([12182]);
    expect(told()).toEqual([...UNIT, 'DEL foo']);
    pair.pass(5);
    expect(heard(pair.a)).toBe(ENDED);
  });

  test('keys that are all replaced', () => {
    const { pair, told } = moving();
    pair.here.node.keysOutdated();
    expect(told().slice(0, UNIT.length)).toEqual(UNIT);
    pair.pass(5);
    expect(heard(pair.a)).toBe(ENDED);
    expect(pair.a.say('DBSIZE')).toBe(':0\r\n');
  });
});

test('two nodes, each to the other: both have waited in vain, and serve again', () => {
  const pair = new Pair();
  pair.a.say('SET a 1');
  pair.b.say('SET b 2');
  exec(pair.a, 'INCR n', 'MIGRATE 127.0.0.1 7001 a 0 300', 'INCR n');
  exec(pair.b, 'INCR n', 'MIGRATE 127.0.0.1 7000 b 0 300', 'INCR n');
  pair.pass(290);
  expect(heard(pair.a) + heard(pair.b)).toBe('');
  pair.pass(50);
  for (const client of [pair.a, pair.b]) {
    expect(heard(client)).toBe(`*3 :1 ${READING} :2`);
    expect(client.say('GET n')).toBe('$1\r\n2\r\n');
  }
});

describe('at a replica', () => {
  test('that takes writes the stream waits as well', () => {
    const { all, primary, replica } = copies('replica-read-only no');
    const client = replica.connect();
    client.say('SET own 1');
    exec(client, 'EXISTS x', `MIGRATE 127.0.0.1 ${primary.port} own 0 1000`, 'EXISTS x');
    primary.run('SET', 'x', '1');
    all.pass(50);
    expect(heard(client)).toBe('*3 :0 +OK :0');
    expect(client.say('GET x')).toBe('$1\r\n1\r\n');
    expect(primary.run('EXISTS', 'own')).toBe(':1\r\n');
    primary.run('SET', 'y', '1');
    all.pass(50);
    expect(client.say('EXISTS x y')).toBe(':2\r\n');
  });

  test('a primary that says it is not followed: its stream cannot wait', () => {
    const { all, primary, replica } = copies();
    for (const words of [['MULTI'], ['MIGRATE', '127.0.0.1', '1', 'k', '0', '100'], ['EXEC']])
      primary.run('DEBUG', 'REPLICATE', ...words);
    primary.run('SET', 'x', '1');
    all.pass(20);
    expect(replica.run('GET', 'x')).toBe('$1\r\n1\r\n');
    expect(replica.log.join('\n')).toContain(
      "This replica is sending an error to its master: 'Command not allowed inside a transaction'",
    );
  });

  test('data that was on its way takes the place of all that the EXEC has done', () => {
    const conf = ['replica-read-only no', 'repl-diskless-load swapdb', 'repl-backlog-size 16kb', 'key-load-delay 500'];
    const { all, primary, replica } = copies(...conf);
    all.breakLinks();
    for (let i = 0; i < 3000; i++) primary.run('SET', `key:${i}`, 'x'.repeat(50));
    for (let i = 0; replica.node.replication.loading === null && i < 3000; i++) all.pass(1);
    expect(replica.node.replication.loading?.isAsync).toBe(true);
    const client = replica.connect();
    exec(client, 'SET own 1', `MIGRATE 127.0.0.1 ${replica.port} k 0 60000`, 'INCR n');
    all.pass(2000);
    expect(heard(client)).toBe(`*3 +OK ${READING} :1`);
    expectSame(primary, replica);
  });
});

test('a slot that moves: the EXEC is served, its key leaves, and the replica hears of it', () => {
  const world = sixNodes(3);
  const [source, target, replica] = [world.node(2), world.node(0), world.node(5)];
  source.run('SET', 'foo', 'old');
  target.run('CLUSTER', 'SETSLOT', '12182', 'IMPORTING', source.text('CLUSTER', 'MYID'));
  source.run('CLUSTER', 'SETSLOT', '12182', 'MIGRATING', target.text('CLUSTER', 'MYID'));
  const client = source.connect();
  exec(client, 'SET foo new', `MIGRATE 127.0.0.1 ${target.port} foo 0 1000`, 'EXISTS foo');
  world.pass(50);
  expect(heard(client)).toBe('*3 +OK +OK :0');
  expect(client.say('GET foo')).toBe(`-ASK 12182 127.0.0.1:${target.port}\r\n`);
  target.run('ASKING');
  expect(target.run('GET', 'foo')).toBe('$3\r\nnew\r\n');
  expect(replica.run('DBSIZE')).toBe(':0\r\n');
  exec(client, 'GET foo', `MIGRATE 127.0.0.1 ${target.port} foo 0 1000`);
  expect(client.take()).toContain(`-EXECABORT`);
});

test('a failover by hand in a cluster loses nothing of it', () => {
  const world = sixNodes(3);
  const [primary, replica] = [world.node(0), world.node(3)];
  const client = primary.connect();
  client.say('SET {b}a here');
  exec(client, 'SET {b}b 1', 'MIGRATE 127.0.0.1 7000 {b}a 0 60000', 'INCR {b}b');
  world.pass(100);
  expect(replica.run('CLUSTER', 'FAILOVER')).toBe('+OK\r\n');
  world.pass(3000);
  expect(heard(client)).toBe(`*3 +OK ${READING} :2`);
  expect(replica.run('GET', '{b}b')).toBe('$1\r\n2\r\n');
  expect(replica.run('ROLE')).toContain('master');
});
