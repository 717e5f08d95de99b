/** The stream of changes, against what a redis-server 7.0.15 sent to a replica, and by hand where chance has a say. */
import { describe, expect, test } from 'vitest';
import { MAKERS, Random } from '../golden/random.js';
import { seeded } from '../golden/chance.mjs';
import { LoneNode } from '../support/lone-node.js';
import { propagationGroups, readPropagation } from '../support/propagation-file.js';
import { commandsIn, linesOf } from '../support/stream-text.js';
import { seeds } from '../support/tries.js';

/** Keeps the stream. */
class Reader {
  private bytes = Buffer.alloc(0);

  append(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = Buffer.concat([this.bytes, bytes.subarray(from, to)]);
  }

  take(): Buffer {
    const { bytes } = this;
    this.bytes = Buffer.alloc(0);
    return bytes;
  }

  raw(): string {
    return this.take().toString('latin1');
  }
}

function started(...conf: string[]) {
  const server = new LoneNode('enable-debug-command yes', ...conf);
  const reader = new Reader();
  server.node.dispatcher.propagation.setSink('stream', reader);
  const lines = () => linesOf(reader.take(), server.node.engine.now);
  return { server, reader, lines, client: server.connect() };
}

describe.each(propagationGroups())('as Redis: %s', (group) => {
  test.each(readPropagation(group).map((each) => [each.title, each] as const))('%s', (_title, { steps }) => {
    const { server, lines, client } = started();
    const clients = [client, server.connect()];
    client.say('DEBUG SET-ACTIVE-EXPIRE 0');
    client.say('FLUSHALL');
    expect(lines()).toEqual(['SELECT 0', 'FLUSHALL']);
    for (const step of steps) {
      if (step.waitMs > 0) server.pass(step.waitMs);
      else clients[step.client]?.runBytes(step.args);
      expect({ line: step.line, text: step.text, stream: lines() }).toEqual({
        line: step.line,
        text: step.text,
        stream: step.stream,
      });
    }
  });
});

describe('the form', () => {
  test('a command goes out as it came, behind a SELECT', () => {
    const { client, reader } = started();
    client.run('set', 'k', 'v');
    client.run('GET', 'k');
    client.run('sEt', 'k', 'w');
    expect(reader.raw()).toBe(
      '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\r\n*3\r\n$3\r\nsEt\r\n$1\r\nk\r\n$1\r\nw\r\n',
    );
  });
});

describe('the form, by hand', () => {
  test('what is inline, or framed by other bytes than CR LF, goes out in the one form that replicas read', () => {
    const { client, reader } = started();
    client.say('SET k 0');
    reader.take();
    client.send(Buffer.from('  SET  k "a b"\r\n'));
    expect(reader.raw()).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na b\r\n');
    client.send(Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nkxx$1\r\nvxx'));
    expect(reader.raw()).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n');
    client.send(Buffer.from('*3\r\n$3\r\nSET\r\n$1\rxk\r\n$1\r\nv\r\n'));
    expect(reader.raw()).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n');
  });

  test('a command that came in pieces is told once, and whole', () => {
    const { client, reader } = started();
    const whole = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n';
    client.say('SET k 0');
    reader.take();
    for (const byte of whole) client.send(Buffer.from(byte));
    expect(reader.raw()).toBe(whole);
  });

  test('a value larger than any buffer goes out whole, in a transaction, too', () => {
    const { client, lines } = started();
    const value = 'x'.repeat(3_000_000);
    client.run('SET', 'k', value);
    client.say('MULTI');
    client.run('SET', 'a', value);
    client.run('SET', 'b', value);
    client.say('EXEC');
    expect(lines()).toEqual(['SELECT 0', `SET k ${value}`, 'MULTI', `SET a ${value}`, `SET b ${value}`, 'EXEC']);
  });

  test('whoever begins to read is told the database anew', () => {
    const { server, client, lines } = started();
    client.say('SET k v');
    lines();
    server.node.dispatcher.propagation.forgetDatabase('stream');
    client.say('SET k v');
    expect(lines()).toEqual(['SELECT 0', 'SET k v']);
  });

  test('what the node says by itself selects nothing', () => {
    const { server, client, lines } = started();
    server.node.dispatcher.propagation.command('PING');
    client.say('SELECT 1');
    client.say('SET k v');
    server.node.dispatcher.propagation.command('REPLCONF', 'GETACK', Buffer.from('*'));
    client.say('SET k w');
    expect(lines()).toEqual(['PING', 'SELECT 1', 'SET k v', 'REPLCONF GETACK *', 'SET k w']);
  });

  test('without a sink nothing is said to anybody, and nothing is left over', () => {
    const { server, client, reader, lines } = started();
    server.node.dispatcher.propagation.setSink('stream', null);
    expect(server.node.engine.changes).toBeNull();
    client.say('SET k v PX 1');
    server.pass(20);
    client.say('INCR k');
    server.node.dispatcher.propagation.setSink('stream', reader);
    client.say('SET k v');
    expect(lines()).toEqual(['SELECT 0', 'SET k v']);
  });
});

describe('the log beside the stream', () => {
  const both = () => {
    const { server, client, lines } = started();
    const log = new Reader();
    const { propagation } = server.node.dispatcher;
    propagation.setSink('log', log);
    return { client, propagation, stream: lines, log: () => linesOf(log.take(), server.node.engine.now) };
  };

  test('each is told where it does not stand yet', () => {
    const { client, propagation, stream, log } = both();
    client.say('SET k v');
    expect([stream(), log()]).toEqual([
      ['SELECT 0', 'SET k v'],
      ['SELECT 0', 'SET k v'],
    ]);
    propagation.forgetDatabase('log');
    client.say('SET k w');
    expect([stream(), log()]).toEqual([['SET k w'], ['SELECT 0', 'SET k w']]);
    client.say('SET k x');
    expect([stream(), log()]).toEqual([['SET k x'], ['SET k x']]);
  });

  test.each<[string, string[], string[]]>([
    ['PUBLISH c m', ['PUBLISH c m'], []],
    [
      'MULTI|SET a 1|PUBLISH c m|SET b 2|EXEC',
      ['MULTI', 'SET a 1', 'PUBLISH c m', 'SET b 2', 'EXEC'],
      ['MULTI', 'SET a 1', 'SET b 2', 'EXEC'],
    ],
    [
      'MULTI|PUBLISH c m|SELECT 2|PUBLISH c n|SET b 2|EXEC',
      ['MULTI', 'PUBLISH c m', 'SELECT 2', 'PUBLISH c n', 'SET b 2', 'EXEC'],
      ['MULTI', 'SELECT 2', 'SET b 2', 'EXEC'],
    ],
    ['FLUSHALL', ['FLUSHALL'], ['FLUSHALL']],
  ])('%s', (said, told, logged) => {
    const { client, stream, log } = both();
    client.say('SET k v');
    stream();
    log();
    for (const line of said.split('|')) client.say(line);
    expect([stream(), log()]).toEqual([told, logged]);
  });

  test('stands alone, and what the node tells its replicas is not for it', () => {
    const { client, propagation, stream, log } = both();
    propagation.setSink('stream', null);
    propagation.command('PING');
    client.say('SET k v');
    expect([stream(), log()]).toEqual([[], ['SELECT 0', 'SET k v']]);
  });

  test('while it is muted nobody is told', () => {
    const { client, propagation, stream, log } = both();
    propagation.mute(true);
    client.say('SET k v');
    propagation.mute(false);
    expect([stream(), log()]).toEqual([[], []]);
    client.say('SET k v');
    expect([stream(), log()]).toEqual([
      ['SELECT 0', 'SET k v'],
      ['SELECT 0', 'SET k v'],
    ]);
  });
});

describe('keys that go without a command', () => {
  test.each([
    ['no', 'DEL'],
    ['yes', 'UNLINK'],
  ])('active expiry, lazily: %s', (lazily, word) => {
    const { server, client, lines } = started(`lazyfree-lazy-expire ${lazily}`);
    for (const key of ['a', 'b', 'c']) client.say(`SET ${key} v PX 50`);
    client.say('SELECT 3');
    client.say('SET d v PX 50');
    lines();
    server.pass(300);
    const told = lines();
    expect(told).not.toContain('MULTI');
    expect(told.filter((line) => line.startsWith('SELECT'))).toEqual(['SELECT 0', 'SELECT 3']);
    expect(told.filter((line) => line.startsWith(word)).sort()).toEqual(
      ['a', 'b', 'c', 'd'].map((k) => `${word} ${k}`),
    );
  });

  test.each([
    ['no', 'DEL'],
    ['yes', 'UNLINK'],
  ])('eviction, lazily: %s', (lazily, word) => {
    const { client, lines } = started('maxmemory-policy allkeys-lru', `lazyfree-lazy-eviction ${lazily}`);
    const value = 'x'.repeat(10_000);
    client.say('CONFIG SET maxmemory 3mb');
    const alive = new Set<string>();
    for (let i = 0; i < 300; i++) client.run('SET', `k${i}`, value);
    const size = client.say('DBSIZE'); // makes room, too
    for (const line of lines()) {
      const [name = '', key = ''] = line.split(' ');
      expect(['SELECT', 'SET', word]).toContain(name);
      if (name === 'SET') alive.add(key);
      else if (name === word) expect(alive.delete(key)).toBe(true);
    }
    expect(size).toBe(`:${alive.size}\r\n`);
    expect(alive.size).toBeLessThan(300);
  });

  test('eviction inside of a transaction does not cut it in two', () => {
    const { client, lines } = started('maxmemory-policy allkeys-lru');
    const value = 'x'.repeat(100_000);
    for (let i = 0; i < 20; i++) client.run('SET', `k${i}`, value);
    lines();
    client.say('MULTI');
    client.say('SET a 1');
    client.say('CONFIG SET maxmemory 2mb');
    client.say('SET b 1');
    client.say('EXEC');
    const told = lines();
    expect(told[0]).toBe('MULTI');
    expect(told.at(-1)).toBe('EXEC');
    expect(told.some((line) => line.startsWith('DEL k'))).toBe(true);
  });

  test('WATCH of a key that is dead', () => {
    const { server, client, lines } = started();
    client.say('DEBUG SET-ACTIVE-EXPIRE 0');
    client.say('SET a v PX 1');
    lines();
    server.pass(20);
    client.say('WATCH a');
    expect(lines()).toEqual(['DEL a']);
    client.say('MULTI');
    client.say('SET b v');
    expect(client.say('EXEC')).toBe('*1\r\n+OK\r\n');
  });

  test('slots that went to another node', () => {
    const { server, client, lines } = started();
    client.say('SET {a}1 v');
    client.say('SET {a}2 v');
    lines();
    server.node.slotsLost([15495]);
    expect(lines().sort()).toEqual(['DEL {a}1', 'DEL {a}2']);
  });
});

describe('what chance decides', () => {
  test('SPOP of many: what was taken, by name, as one', () => {
    const { client, lines } = started();
    client.run('SADD', 's', ...Array.from({ length: 50 }, (_, i) => `m${i}`));
    lines();
    const taken = client.say('SPOP s 3').match(/m\d+/g);
    expect(lines()).toEqual(['MULTI', ...(taken ?? []).map((member) => `SREM s ${member}`), 'EXEC']);
  });

  test('SPOP of one member that is a number', () => {
    const { client, lines } = started();
    client.say('SADD s 1 22 333');
    lines();
    const taken = client.say('SPOP s').split('\r\n')[1];
    expect(lines()).toEqual([`SREM s ${taken}`]);
  });

  test.each(seeds(10))('who obeys the stream holds the same data (seed %i)', (seed) => {
    const random = new Random(seeded(seed));
    const makers = [...MAKERS.values()].flat();
    const { server, client, reader } = started();
    const replica = new LoneNode('enable-debug-command yes');
    const obeying = replica.connect();
    for (let step = 0; step < 400; step++) {
      const args = random.below(20) === 0 ? ['SPOP', random.some('key'), '3'] : random.pick(makers)(random);
      if (random.below(15) === 0) client.say('MULTI');
      client.runBytes(args);
      if (random.below(5) === 0) client.say('EXEC');
      server.pass(random.below(30));
    }
    client.say('DISCARD');
    const stream = reader.take();
    replica.node.engine.spareDead(true);
    for (const words of commandsIn(stream)) expect(obeying.runBytes(words).toString('latin1')).not.toMatch(/^-/);
    replica.node.engine.spareDead(false);
    expect(obeying.say('DEBUG DIGEST')).toBe(client.say('DEBUG DIGEST'));
  });
});
