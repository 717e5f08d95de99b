/**
 * The two clients that most Node programs use, against six processes of ours: ioredis and node-redis.
 *
 * Each is given one node, finds the others, and goes where the keys are. A slot that changes its owner behind a
 * client's back shows that MOVED is followed.
 */
import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SixProcesses, startSixProcesses } from './six-processes.js';

const COUNT = 1000;

let six: SixProcesses;

beforeAll(async () => {
  six = await startSixProcesses();
});

afterAll(() => six.stop());

/** One node, without any cleverness of a cluster client. */
async function askNode<T>(i: number, ask: (node: Redis) => Promise<T>): Promise<T> {
  const node = new Redis(six.ports[i]!, '127.0.0.1', { retryStrategy: () => null });
  try {
    return await ask(node);
  } finally {
    node.disconnect();
  }
}

const order = (i: number, ...words: (string | number)[]): Promise<unknown> =>
  askNode(i, (node) => node.call('CLUSTER', ...words));

/** Gives a slot without keys to another primary, in the steps of a reshard: these make its epoch the higher. */
async function moveSlot(slot: number, from: number, to: number): Promise<void> {
  const [fromId, toId] = (await Promise.all([order(from, 'MYID'), order(to, 'MYID')])).map(String);
  await order(to, 'SETSLOT', slot, 'IMPORTING', fromId!);
  await order(from, 'SETSLOT', slot, 'MIGRATING', toId!);
  for (const i of [to, from]) await order(i, 'SETSLOT', slot, 'NODE', toId!);
}

const keysOf = (prefix: string): string[] => Array.from({ length: COUNT }, (_, i) => `${prefix}:${i}`);

describe('ioredis', () => {
  let client: Cluster;

  beforeAll(() => {
    client = new Cluster([{ host: '127.0.0.1', port: six.ports[0]! }], { clusterRetryStrategy: () => null });
    client.on('error', () => {}); // the commands tell it, too
  });

  afterAll(() => client.disconnect());

  test(`${COUNT} keys, written and read back, on three primaries`, async () => {
    const keys = keysOf('ioredis');
    expect(await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)))).toEqual(Array(COUNT).fill('OK'));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
    const primaries = client.nodes('master');
    expect(primaries.map(({ options }) => options.port).sort()).toEqual(six.ports.slice(0, 3));
    const sizes = await Promise.all(primaries.map((node) => node.dbsize()));
    expect(Math.min(...sizes)).toBeGreaterThan(COUNT / 10);
  });

  test('keys with the same tag go into one MULTI, and into one MSET', async () => {
    const done = await client.multi().set('{cart:7}:a', '1').incr('{cart:7}:a').rpush('{cart:7}:b', 'x').exec();
    expect(done).toEqual([
      [null, 'OK'],
      [null, 2],
      [null, 1],
    ]);
    expect(await client.mset('{cart:7}:c', '3', '{cart:7}:d', '4')).toBe('OK');
    expect(await client.mget('{cart:7}:a', '{cart:7}:c', '{cart:7}:d')).toEqual(['2', '3', '4']);
  });

  test('keys of two slots in one command are refused', async () => {
    await expect(client.mget('name', 'fruits')).rejects.toThrow(
      "CROSSSLOT Keys in request don't hash to the same slot",
    );
  });

  test('a slot that moved is found through MOVED', async () => {
    expect(await client.cluster('KEYSLOT', 'moving')).toBe(14604);
    expect(await client.get('moving')).toBe(null);
    await moveSlot(14604, 2, 0);
    await expect(askNode(2, (node) => node.get('moving'))).rejects.toThrow(`MOVED 14604 127.0.0.1:${six.ports[0]}`);
    expect(await client.set('moving', 'on')).toBe('OK');
    expect(await askNode(0, (node) => node.get('moving'))).toBe('on');
  });
});

describe('node-redis', () => {
  const connect = () => createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${six.ports[4]}` }] });
  let client: ReturnType<typeof connect>;

  beforeAll(async () => {
    client = connect();
    client.on('error', () => {}); // the commands tell it, too
    await client.connect();
  });

  afterAll(() => client.destroy());

  test(`${COUNT} keys, written and read back, begun at a replica`, async () => {
    const keys = keysOf('node-redis');
    expect(await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)))).toEqual(Array(COUNT).fill('OK'));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
    expect(client.masters.map(({ port }) => port).sort()).toEqual(six.ports.slice(0, 3));
  });

  test('keys with the same tag go into one MULTI, and into one MSET', async () => {
    const done = await client.multi().set('{cart:8}:a', '1').incr('{cart:8}:a').hSet('{cart:8}:b', 'x', '1').exec();
    expect(done).toEqual(['OK', 2, 1]);
    expect(await client.mSet({ '{cart:8}:c': '3', '{cart:8}:d': '4' })).toBe('OK');
    expect(await client.mGet(['{cart:8}:a', '{cart:8}:c', '{cart:8}:d'])).toEqual(['2', '3', '4']);
  });

  test('keys of two slots in one command are refused', async () => {
    await expect(client.mGet(['name', 'fruits'])).rejects.toThrow(
      "CROSSSLOT Keys in request don't hash to the same slot",
    );
  });

  test('a slot that moved is found through MOVED', async () => {
    expect(await client.get('tramp')).toBe(null);
    await moveSlot(5159, 0, 1);
    await expect(askNode(0, (node) => node.get('tramp'))).rejects.toThrow(`MOVED 5159 127.0.0.1:${six.ports[1]}`);
    expect(await client.set('tramp', 'on')).toBe('OK');
    expect(await askNode(1, (node) => node.get('tramp'))).toBe('on');
  });
});
