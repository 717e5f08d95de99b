/**
 * Pub/sub with the two clients that most Node programs use, over six processes of ours: messages from any node to any
 * node, and shard channels whose slot goes elsewhere.
 */
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/kit/wait.js';
import { type SixProcesses, startSixProcesses } from './six-processes.js';

/** Its slot is 12182, of the third primary. */
const CHANNEL = 'foo';
const SLOT = 12182;
const QUIET = { retryStrategy: () => null };

let six: SixProcesses;

beforeAll(async () => {
  six = await startSixProcesses();
});

afterAll(() => six.stop());

/** What was heard, and a wait until there is as much of it as is expected. */
class Heard {
  readonly texts: string[] = [];
  private check = (): void => {};

  readonly note = (text: string): void => {
    this.texts.push(text);
    this.check();
  };

  until(count: number): Promise<string[]> {
    return new Promise((resolve) => {
      this.check = () => this.texts.length >= count && resolve(this.texts);
      this.check();
    });
  }
}

/**
 * Says it again until all have heard it: a link of the bus that breaks, as on a machine that stands still for seconds,
 * takes its messages along. Nobody may hear it more often than it was said.
 */
async function sayUntilHeard(say: () => Promise<unknown>, text: string, listeners: readonly Heard[]): Promise<void> {
  let said = 0;
  const heardBy = (listener: Heard) => listener.texts.filter((one) => one === text).length;
  const look = async () => {
    if (said > 0 && listeners.every((listener) => heardBy(listener) > 0)) return true;
    await say();
    said++;
    return null;
  };
  expect(await until(look, { everyMs: 100, atMostMs: 50_000 })).toBe(true);
  for (const listener of listeners) expect(heardBy(listener)).toBeLessThanOrEqual(said);
}

const order = async (i: number, ...words: (string | number)[]): Promise<unknown> => {
  const node = new Redis(six.ports[i] ?? 0, '127.0.0.1', QUIET);
  try {
    return await node.call('CLUSTER', ...words);
  } finally {
    node.disconnect();
  }
};

async function moveSlot(from: number, to: number): Promise<void> {
  const [fromId, toId] = (await Promise.all([order(from, 'MYID'), order(to, 'MYID')])).map(String);
  await order(to, 'SETSLOT', SLOT, 'IMPORTING', fromId ?? '');
  await order(from, 'SETSLOT', SLOT, 'MIGRATING', toId ?? '');
  for (const i of [to, from]) await order(i, 'SETSLOT', SLOT, 'NODE', toId ?? '');
}

describe('ioredis', () => {
  test('who subscribes at one node hears what is published at each', async () => {
    const nodes = six.ports.map((port) => new Redis(port, '127.0.0.1', QUIET));
    const [listener, patterns] = [nodes[0]?.duplicate(), nodes[5]?.duplicate()] as [Redis, Redis];
    const [heard, fitting] = [new Heard(), new Heard()];
    listener.on('message', (channel, text) => heard.note(`${channel}: ${text}`));
    patterns.on('pmessage', (_, channel, text) => fitting.note(`${channel}: ${text}`));
    await listener.subscribe('news');
    await patterns.psubscribe('n*');
    for (const [i, node] of nodes.entries())
      await sayUntilHeard(() => node.publish('news', `from ${i}`), `news: from ${i}`, [heard, fitting]);
    const expected = nodes.map((_, i) => `news: from ${i}`);
    for (const { texts } of [heard, fitting]) expect([...new Set(texts)].sort()).toEqual(expected);
    for (const node of [...nodes, listener, patterns]) node.disconnect();
  });

  test('its cluster client subscribes and publishes', async () => {
    const client = new Cluster([{ host: '127.0.0.1', port: six.ports[0] ?? 0 }]);
    const heard = new Heard();
    client.on('message', (channel, text) => heard.note(`${channel} ${text}`));
    await client.subscribe('sports');
    await sayUntilHeard(() => client.publish('sports', 'goal'), 'sports goal', [heard]);
    client.disconnect();
  });
});

describe('node-redis', () => {
  const open = async () => {
    const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${six.ports[0]}` }] });
    client.on('error', () => {}); // a connection that is closed on purpose
    await client.connect();
    return client;
  };

  test('its cluster client subscribes to channels and patterns, and publishes', async () => {
    const client = await open();
    const [heard, fitting] = [new Heard(), new Heard()];
    await client.subscribe('weather', heard.note);
    await client.pSubscribe('wea*', fitting.note);
    await sayUntilHeard(() => client.publish('weather', 'rain'), 'rain', [heard, fitting]);
    await client.unsubscribe('weather');
    await client.pUnsubscribe('wea*');
    client.destroy();
  });

  test('shard channels; where their slot goes, who listens is sent away and may come again', async () => {
    const [client, speaker] = [await open(), await open()];
    const heard = new Heard();
    await client.sSubscribe(CHANNEL, heard.note);
    expect(await speaker.sPublish(CHANNEL, 'before')).toBe(1);
    expect(await heard.until(1)).toEqual(['before']);
    await moveSlot(2, 0);
    const old = new Redis(six.ports[2] ?? 0, '127.0.0.1', QUIET);
    expect(await old.call('PUBSUB', 'SHARDCHANNELS')).toEqual([]);
    old.disconnect();
    expect(await speaker.sPublish(CHANNEL, 'between')).toBe(0);
    const another = await open();
    await another.sSubscribe(CHANNEL, heard.note);
    expect(await speaker.sPublish(CHANNEL, 'after')).toBe(1);
    expect(await heard.until(2)).toEqual(['before', 'after']);
    await moveSlot(0, 2);
    for (const each of [client, speaker, another]) each.destroy();
  });

  test('in RESP3 one connection listens and works', async () => {
    const client = await createClient({ url: `redis://127.0.0.1:${six.ports[2]}`, RESP: 3 }).connect();
    const heard = new Heard();
    await client.subscribe('both', heard.note);
    await client.set(CHANNEL, '1');
    expect(await client.publish('both', 'x')).toBe(1);
    expect(await client.get(CHANNEL)).toBe('1');
    expect(await heard.until(1)).toEqual(['x']);
    await client.del(CHANNEL);
    client.destroy();
  });
});
