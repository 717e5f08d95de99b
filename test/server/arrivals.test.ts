/**
 * Connections that come at once all come in before anybody is served, and nothing that was sent gets lost by it.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Arrivals } from '../../src/server/net/arrivals.js';
import { createServer, type Reception } from '../../src/server/net/sockets.js';

const NO_END_MS = 1e9;

describe('what is kept', () => {
  const shared = Buffer.alloc(64 * 1024);
  let told: string[];

  beforeEach(() => {
    told = [];
  });

  function sender(name: string): { received(length: number): void } {
    return { received: (length) => told.push(`${name}: ${shared.toString('latin1', 0, length)}`) };
  }

  function sends(arrivals: Arrivals, who: { received(length: number): void }, text: string): void {
    arrivals.received(who, shared.write(text, 'latin1'));
  }

  test('nobody came: bytes go straight on', () => {
    const arrivals = new Arrivals(shared, NO_END_MS);
    sends(arrivals, sender('a'), 'PING');
    expect(told).toEqual(['a: PING']);
  });

  test('while connections come in bytes are kept; a turn without one hands them on, in their order', async () => {
    const arrivals = new Arrivals(shared, NO_END_MS);
    const a = sender('a');
    const b = sender('b');
    for (const text of ['1', '2', '3']) {
      arrivals.came();
      sends(arrivals, a, text);
      sends(arrivals, b, text);
      await turn();
      expect(told).toEqual([]);
    }
    await turn();
    expect(told).toEqual(['a: 1', 'b: 1', 'a: 2', 'b: 2', 'a: 3', 'b: 3']);
    sends(arrivals, a, '4');
    expect(told.at(-1)).toBe('a: 4');
  });

  test('whoever connects without end delays nobody for longer than that', async () => {
    const arrivals = new Arrivals(shared, -1); // any time is too long
    arrivals.came();
    sends(arrivals, sender('a'), 'PING');
    arrivals.came();
    await turn();
    expect(told).toEqual(['a: PING']);
  });

  test('more than 1 MiB is not kept', () => {
    const arrivals = new Arrivals(shared, NO_END_MS);
    const lengths: number[] = [];
    arrivals.came();
    for (let i = 0; i < 17; i++) arrivals.received({ received: (length) => lengths.push(length) }, shared.length);
    expect(lengths).toEqual(Array(17).fill(shared.length));
  });
});

describe('sockets', () => {
  const VISITORS = 30;
  const events: string[] = [];
  const reception: Reception<{ name: string }> = {
    shared: Buffer.alloc(64 * 1024),
    accept(link) {
      events.push('came');
      return { name: link.remote };
    },
    received(_, length) {
      events.push(`sent ${reception.shared.toString('latin1', 0, length)}`);
    },
    ended: () => events.push('ended'),
    gone: () => {},
  };
  const server = createServer(reception, new Arrivals(reception.shared, NO_END_MS), () => 0, '');

  afterEach(() => {
    server.close();
  });

  test('thirty that connect at once are all let in before the first is served', async () => {
    const visitors = await visit(VISITORS, (visitor, i) => visitor.write(`${i}`));
    while (count('sent') < VISITORS) await turn();
    expect(events.slice(0, VISITORS)).toEqual(Array(VISITORS).fill('came'));
    expect(new Set(events.slice(VISITORS))).toEqual(new Set(visitors.map((_, i) => `sent ${i}`)));
    for (const visitor of visitors) visitor.destroy();
    while (count('ended') < VISITORS) await turn();
  });

  test('what was sent before the end is read before the end', async () => {
    const [visitor] = await visit(1, (visitor) => visitor.end('last words'));
    while (count('ended') < 1) await turn();
    expect(events).toEqual(['came', 'sent last words', 'ended']);
    visitor?.destroy();
  });

  async function visit(n: number, greet: (visitor: Socket, i: number) => void): Promise<Socket[]> {
    events.length = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const visitors = Array.from({ length: n }, () => connect(port, '127.0.0.1'));
    visitors.forEach(greet);
    return visitors;
  }

  function count(kind: string): number {
    return events.filter((event) => event.startsWith(kind)).length;
  }
});
