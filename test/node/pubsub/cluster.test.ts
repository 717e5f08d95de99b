/**
 * Pub/sub of a cluster: six whole nodes that speak over their bus, in virtual time. Golden replies of single nodes are
 * in redirect.test.ts.
 */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LittleNode, LittleWorld } from '../../support/little-world.js';
import type { TestConnection } from '../../support/lone-node.js';
import { sixNodes } from '../../support/six-nodes.js';

/** In the slots of node 2, and so of its replica, node 5. */
const CHANNEL = 'foo';
const SLOT = '12182';

/** Shared by tests that change nothing but who listens. */
let world: LittleWorld;

beforeAll(() => {
  world = sixNodes(1);
});

function listening(node: LittleNode, ...subscribe: readonly string[]): TestConnection {
  const client = node.connect();
  client.run(...subscribe);
  return client;
}

/** Messages one after the other, their parts parted by blanks. */
function said(client: TestConnection): string[] {
  const messages = client.take().split(/\*(?=\d\r\n\$)/);
  return messages.slice(1).map((text) => {
    const lines = text.split('\r\n').slice(1, -1);
    return lines.filter((line) => !line.startsWith('$')).join(' ');
  });
}

describe('PUBLISH', () => {
  test('reaches who listens at any node, by channel or by pattern', () => {
    const byChannel = world.nodes.map((node) => listening(node, 'SUBSCRIBE', 'news'));
    const byPattern = world.nodes.map((node) => listening(node, 'PSUBSCRIBE', 'n*'));
    expect(world.node(4).run('PUBLISH', 'news', 'hello')).toBe(':2\r\n');
    world.pass(10);
    for (const client of byChannel) expect(said(client)).toEqual(['message news hello']);
    for (const client of byPattern) expect(said(client)).toEqual(['pmessage n* news hello']);
  });

  test('is heard in the order in which one node published', () => {
    const client = listening(world.node(0), 'SUBSCRIBE', 'order');
    const texts = Array.from({ length: 50 }, (_, i) => `${i} ${'x'.repeat(i * 100)}`);
    for (const text of texts) world.node(3).run('PUBLISH', 'order', text);
    world.pass(20);
    expect(said(client)).toEqual(texts.map((text) => `message order ${text}`));
  });

  test('carries bytes', () => {
    const client = listening(world.node(0), 'SUBSCRIBE', 'a\0\r\n');
    const message = Buffer.from([0, 13, 10, 255, 128]);
    const speaker = world.node(1).connect();
    speaker.run('PUBLISH', 'a\0\r\n', message);
    world.pass(10);
    expect(client.take()).toBe(`*3\r\n$7\r\nmessage\r\n$4\r\na\0\r\n\r\n$5\r\n${message.toString('latin1')}\r\n`);
  });

  test('does not reach who listens to a shard channel of that name', () => {
    const client = listening(world.node(2), 'SSUBSCRIBE', 'x');
    world.node(0).run('PUBLISH', 'x', 'y');
    world.pass(10);
    expect(said(client)).toEqual([]);
  });
});

describe('SPUBLISH', () => {
  test('reaches the shard of the channel and nobody else', () => {
    const [primary, replica] = [world.node(2), world.node(5)];
    const [atPrimary, atReplica] = [primary, replica].map((node) => listening(node, 'SSUBSCRIBE', CHANNEL));
    const elsewhere = world.nodes.map((node) => listening(node, 'PSUBSCRIBE', '*'));
    expect(world.node(0).run('SSUBSCRIBE', CHANNEL)).toBe(`-MOVED ${SLOT} 127.0.0.1:7002\r\n`);
    expect(world.node(0).run('SPUBLISH', CHANNEL, 'x')).toBe(`-MOVED ${SLOT} 127.0.0.1:7002\r\n`);
    expect(primary.run('SPUBLISH', CHANNEL, 'one')).toBe(':1\r\n');
    expect(replica.run('SPUBLISH', CHANNEL, 'two')).toBe(':1\r\n');
    world.pass(10);
    for (const client of [atPrimary, atReplica])
      expect(said(client as TestConnection).sort()).toEqual(['smessage foo one', 'smessage foo two']);
    for (const client of elsewhere) expect(said(client)).toEqual([]);
  });
});

describe('the slot of a shard channel', () => {
  beforeEach(() => {
    world = sixNodes(1);
  });

  const GONE = [`sunsubscribe ${CHANNEL} :0`];

  const listeners = (): TestConnection[] => [2, 5].map((i) => listening(world.node(i), 'SSUBSCRIBE', CHANNEL));

  test('goes to another primary: who listens is told, at the primary and at its replica', () => {
    const clients = listeners();
    const target = world.node(0).text('CLUSTER', 'MYID');
    for (const i of [0, 2]) expect(world.node(i).run('CLUSTER', 'SETSLOT', SLOT, 'NODE', target)).toBe('+OK\r\n');
    world.node(0).run('CLUSTER', 'BUMPEPOCH');
    world.pass(3000);
    for (const client of clients) {
      expect(said(client)).toEqual(GONE);
      expect(client.run('PUBSUB', 'SHARDCHANNELS')).toBe('*0\r\n');
    }
  });

  test('goes to nobody', () => {
    const clients = listeners();
    world.node(2).run('CLUSTER', 'DELSLOTS', SLOT);
    expect(clients.map(said)).toEqual([GONE, []]);
  });

  test('is taken over by the replica: all of the shard listen anew, as with 7.0.15', () => {
    const clients = listeners();
    world.node(5).run('CLUSTER', 'FAILOVER', 'TAKEOVER');
    world.pass(3000);
    expect(clients.map(said)).toEqual([GONE, GONE]);
    expect(listening(world.node(5), 'SSUBSCRIBE', CHANNEL).run('PING')).toContain('pong');
  });

  test('is of another shard than before, since the replica follows another primary', () => {
    const [, atReplica] = listeners();
    world.node(5).run('CLUSTER', 'REPLICATE', world.node(0).text('CLUSTER', 'MYID'));
    expect(said(atReplica as TestConnection)).toEqual(GONE);
  });

  test('comes here while it is imported: who listens already goes on to listen', () => {
    const [source, target] = [world.node(2), world.node(0)];
    target.run('CLUSTER', 'SETSLOT', SLOT, 'IMPORTING', source.text('CLUSTER', 'MYID'));
    const client = target.connect();
    client.run('ASKING');
    client.run('SSUBSCRIBE', CHANNEL);
    target.run('CLUSTER', 'SETSLOT', SLOT, 'NODE', target.text('CLUSTER', 'MYID'));
    expect(target.run('SPUBLISH', CHANNEL, 'x')).toBe(':1\r\n');
    expect(said(client)).toEqual(['smessage foo x']);
  });

  test('only its own channels are given up', () => {
    const client = listening(world.node(2), 'SSUBSCRIBE', CHANNEL, `{${CHANNEL}}b`);
    client.run('SSUBSCRIBE', 'x');
    client.run('SUBSCRIBE', 'plain');
    world.node(2).run('CLUSTER', 'DELSLOTS', SLOT);
    expect(said(client).slice(-2)).toEqual(['sunsubscribe foo :2', 'sunsubscribe {foo}b :1']);
    expect(client.run('SUNSUBSCRIBE')).toBe('*3\r\n$12\r\nsunsubscribe\r\n$1\r\nx\r\n:0\r\n');
  });

  test('takes its keys along without a notification, as with 7.0.15, and WATCH notices', () => {
    const [source, target] = [world.node(2), world.node(0)];
    source.run('CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
    source.run('SET', CHANNEL, 'v');
    const listener = listening(source, 'PSUBSCRIBE', '*');
    const watcher = listening(source, 'WATCH', CHANNEL);
    target.run('CLUSTER', 'SETSLOT', SLOT, 'NODE', target.text('CLUSTER', 'MYID'));
    target.run('CLUSTER', 'BUMPEPOCH');
    world.pass(3000);
    expect(source.run('DBSIZE')).toBe(':0\r\n');
    expect(said(listener)).toEqual([]);
    watcher.run('MULTI');
    expect(watcher.run('EXEC')).toBe('*-1\r\n');
  });
});
