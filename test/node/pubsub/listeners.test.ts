/**
 * Those who listen, as the rest of the node sees them: a class of their own, with limits of their own.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';

function field(text: string, name: string): string {
  return new RegExp(`(?:^|[ \\n])${name}[=:]([^ \\r\\n]*)`).exec(text)?.[1] ?? `no ${name}`;
}

function listening(server: LoneNode, ...subscribe: readonly string[]): TestConnection {
  const client = server.connect();
  client.run(...subscribe);
  return client;
}

describe('in lists and figures', () => {
  const open = () => {
    const server = new LoneNode('save ""');
    const admin = server.connect();
    return { server, admin };
  };

  test('CLIENT LIST counts channels, patterns and shard channels', () => {
    const { server, admin } = open();
    const client = listening(server, 'SUBSCRIBE', 'a', 'b', 'c');
    client.run('PSUBSCRIBE', 'p', 'q');
    client.run('SSUBSCRIBE', 's');
    const line = admin.run('CLIENT', 'LIST', 'TYPE', 'pubsub');
    expect(['flags', 'sub', 'psub', 'ssub'].map((name) => field(line, name))).toEqual(['P', '3', '2', '1']);
    expect(line.match(/id=/g)).toHaveLength(1);
    expect(admin.run('CLIENT', 'LIST', 'TYPE', 'normal').match(/id=/g)).toHaveLength(1);
  });

  test.each([
    ['SUBSCRIBE', 'UNSUBSCRIBE'],
    ['PSUBSCRIBE', 'PUNSUBSCRIBE'],
    ['SSUBSCRIBE', 'SUNSUBSCRIBE'],
  ])('%s makes a listener, %s an ordinary client again', (begin, end) => {
    const { server, admin } = open();
    const client = listening(server, begin, 'x');
    expect(admin.run('CLIENT', 'LIST', 'TYPE', 'normal').match(/id=/g)).toHaveLength(1);
    client.run(end);
    expect(admin.run('CLIENT', 'LIST', 'TYPE', 'normal').match(/id=/g)).toHaveLength(2);
  });

  test('INFO counts topics, not listeners', () => {
    const { server, admin } = open();
    const figures = (): string[] =>
      ['pubsub_channels', 'pubsub_patterns', 'pubsubshard_channels'].map((name) =>
        field(admin.run('INFO', 'stats'), name),
      );
    expect(figures()).toEqual(['0', '0', '0']);
    listening(server, 'SUBSCRIBE', 'a', 'b');
    const client = listening(server, 'SUBSCRIBE', 'a');
    client.run('PSUBSCRIBE', 'p');
    client.run('SSUBSCRIBE', 's', 't', 'u');
    expect(figures()).toEqual(['2', '1', '3']);
    client.close();
    server.host.finishTurn();
    expect(figures()).toEqual(['2', '0', '0']);
  });

  test('what is unsubscribed from, and PUBSUB, come in the order of the subscriptions', () => {
    const { server, admin } = open();
    const client = listening(server, 'SUBSCRIBE', 'z', 'a', 'm');
    expect(admin.run('PUBSUB', 'CHANNELS')).toBe('*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\nm\r\n');
    expect([...client.run('UNSUBSCRIBE').matchAll(/\r\n(\w)\r\n:/g)].map(([, name]) => name)).toEqual(['z', 'a', 'm']);
  });

  test('subscriptions take memory, which is given back', () => {
    const { server, admin } = open();
    const client = server.connect();
    const total = (): number => Number(field(admin.run('CLIENT', 'LIST', 'ID', '2'), 'tot-mem'));
    const before = total();
    const channels = Array.from({ length: 1000 }, (_, i) => `channel:${i}`);
    client.run('SUBSCRIBE', ...channels);
    client.run('SUBSCRIBE', ...channels);
    expect(total() - before).toBeGreaterThan(100_000);
    expect(total() - before).toBeLessThan(200_000);
    client.run('UNSUBSCRIBE', ...channels);
    expect(total()).toBe(before);
  });
});

describe('limits', () => {
  const LIMITS = 'client-output-buffer-limit pubsub 100kb 50kb 2';
  const message = 'x'.repeat(10_000);

  test('who does not read is closed when the hard limit is passed, and not before', () => {
    const server = new LoneNode('save ""', LIMITS);
    const [deaf, speaker] = [listening(server, 'SUBSCRIBE', 'c'), server.connect()];
    deaf.isDeaf = true;
    for (let i = 0; i < 9; i++) expect(speaker.run('PUBLISH', 'c', message)).toBe(':1\r\n');
    expect(deaf.open).toBe(true);
    speaker.run('PUBLISH', 'c', message);
    expect(deaf.open).toBe(false);
    expect(speaker.run('PUBLISH', 'c', message)).toBe(':0\r\n');
    expect(server.log.at(-1)).toMatch(
      /^warning: Client id=1 .* scheduled to be closed ASAP for overcoming of output buffer limits\.$/,
    );
  });

  test('also amid a transaction that says too much at once', () => {
    const server = new LoneNode('save ""', LIMITS);
    const [client, other, speaker] = [
      listening(server, 'SUBSCRIBE', 'c'),
      listening(server, 'SUBSCRIBE', 'c'),
      server.connect(),
    ];
    speaker.run('MULTI');
    for (let i = 0; i < 20; i++) speaker.run('PUBLISH', 'c', message);
    expect(speaker.run('EXEC')).toMatch(/^\*20\r\n:2\r\n.*:0\r\n$/s);
    expect([client.open, other.open, speaker.open]).toEqual([false, false, true]);
  });

  test('and after a while above the soft limit', () => {
    const server = new LoneNode('save ""', LIMITS);
    const [deaf, speaker] = [listening(server, 'SUBSCRIBE', 'c'), server.connect()];
    deaf.isDeaf = true;
    for (let i = 0; i < 9; i++) speaker.run('PUBLISH', 'c', message);
    server.pass(2000);
    expect(deaf.open).toBe(true);
    server.pass(2000);
    expect(deaf.open).toBe(false);
  });

  test('are those of the class: an ordinary client that does not read has none', () => {
    const server = new LoneNode('save ""', LIMITS);
    const [deaf, speaker] = [server.connect(), server.connect()];
    speaker.run('SET', 'k', message);
    deaf.isDeaf = true;
    for (let i = 0; i < 20; i++) deaf.run('GET', 'k');
    server.pass(5000);
    expect(deaf.open).toBe(true);
  });

  test('who listens is not idle', () => {
    const server = new LoneNode('save ""', 'timeout 2');
    const [client, ordinary] = [listening(server, 'SUBSCRIBE', 'c'), server.connect()];
    server.pass(5000);
    expect([client.open, ordinary.open]).toEqual([true, false]);
  });

  test('maxmemory-clients counts what waits and what is subscribed to', () => {
    const server = new LoneNode('save ""', 'maxmemory-clients 200kb');
    const [greedy, modest] = [server.connect(), listening(server, 'SUBSCRIBE', 'c')];
    greedy.run('SUBSCRIBE', ...Array.from({ length: 3000 }, (_, i) => `channel:${i}`));
    server.pass(200);
    expect([greedy.open, modest.open]).toEqual([false, true]);
    expect(modest.run('PING')).toContain('pong');
  });
});

describe('notify-keyspace-events', () => {
  test('costs nothing while it is off: the engine asks nobody', () => {
    const server = new LoneNode('save ""');
    const client = server.connect();
    const { engine } = server.node;
    expect(engine.observer).toBeNull();
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
    expect(engine.observer).not.toBeNull();
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'A');
    expect(engine.observer).toBeNull();
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'KE');
    expect(engine.observer).toBeNull();
  });

  test('and WATCH ask the engine side by side', () => {
    const server = new LoneNode('save ""', 'notify-keyspace-events KEA');
    const [client, other] = [server.connect(), server.connect()];
    const listener = listening(server, 'SUBSCRIBE', '__keyevent@0__:set');
    client.run('WATCH', 'k');
    client.run('CONFIG', 'SET', 'notify-keyspace-events', '');
    client.run('MULTI');
    other.run('SET', 'k', 'v');
    expect(client.run('EXEC')).toBe('*-1\r\n');
    expect(listener.take()).toBe('');
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'E$');
    other.run('SET', 'k', 'v');
    expect(listener.take()).toContain('__keyevent@0__:set');
  });

  test('tells of keys that are evicted', () => {
    const server = new LoneNode('save ""', 'notify-keyspace-events Ee', 'maxmemory-policy allkeys-lru');
    const [client, listener] = [server.connect(), listening(server, 'SUBSCRIBE', '__keyevent@0__:evicted')];
    client.run('SET', 'k', 'x'.repeat(100_000));
    client.run('CONFIG', 'SET', 'maxmemory', '1');
    expect(listener.take()).toBe('*3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:evicted\r\n$1\r\nk\r\n');
  });

  test('tells of keys that expire while nobody asks for them', () => {
    const server = new LoneNode('save ""', 'notify-keyspace-events Ex');
    const [client, listener] = [server.connect(), listening(server, 'SUBSCRIBE', '__keyevent@0__:expired')];
    client.run('SET', 'k', 'v', 'PX', '50');
    server.pass(400);
    expect(listener.take()).toBe('*3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:expired\r\n$1\r\nk\r\n');
  });
});

describe('replicas hear what was published', () => {
  const streamOf = (server: LoneNode): string[] => {
    const parts: string[] = [];
    server.node.dispatcher.propagation.setSink('stream', {
      append: (bytes, from, to) => void parts.push(Buffer.from(bytes.subarray(from, to)).toString('latin1')),
    });
    return parts;
  };
  const request = (...words: readonly string[]): string =>
    `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

  test.each(['PUBLISH', 'SPUBLISH'])('%s is in the stream, whether anybody listens here or not', (command) => {
    const server = new LoneNode('save ""');
    const stream = streamOf(server);
    server.connect().run(command, 'c', 'm');
    expect(stream.join('')).toBe(request('SELECT', '0') + request(command, 'c', 'm'));
  });

  test('within its transaction', () => {
    const server = new LoneNode('save ""');
    const stream = streamOf(server);
    const client = server.connect();
    for (const line of ['MULTI', 'SET k v', 'PUBLISH c m', 'EXEC']) client.say(line);
    const commands = [['SELECT', '0'], ['MULTI'], ['SET', 'k', 'v'], ['PUBLISH', 'c', 'm'], ['EXEC']];
    expect(stream.join('')).toBe(commands.map((words) => request(...words)).join(''));
  });

  test('but not what is published of keys: a replica publishes that itself', () => {
    const server = new LoneNode('save ""', 'notify-keyspace-events KEA');
    listening(server, 'PSUBSCRIBE', '*');
    const stream = streamOf(server);
    server.connect().say('SET k v');
    expect(stream.join('')).toBe(request('SELECT', '0') + request('SET', 'k', 'v'));
  });
});
