/** The network: streams keep their order, links overtake each other, cuts hold back and lose nothing. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/sim/random.js';
import { Clock } from '../../../src/sim/world/clock.js';
import type { End } from '../../../src/sim/world/end.js';
import { Network, type Party } from '../../../src/sim/world/network.js';

class Person implements Party {
  readonly aheadMs = 0;
  readonly ends = new Set<End>();
  readonly heard: string[] = [];
  accepted: End | null = null;

  constructor(
    readonly name: string,
    readonly address: string,
  ) {}

  deliver(run: () => void): void {
    run();
  }
}

function pair(seed: number) {
  const clock = new Clock();
  const network = new Network(clock, new Random(seed));
  const ann = new Person('ann', '10.0.0.1');
  const bob = new Person('bob', '10.0.0.2');
  const site = { name: 'bob', isPowered: true, party: bob as Person | null, isOpen: true };
  network.addSite(bob.address, {
    ...site,
    get isPowered() {
      return site.isPowered;
    },
    get party() {
      return site.party;
    },
    acceptorAt: (port) =>
      port === 1 && site.party !== null
        ? (end) => {
            bob.accepted = end;
            return events(bob);
          }
        : null,
  });
  const connect = (port = 1) => network.connect(ann, { host: bob.address, port }, events(ann));
  const pass = (ms: number) => clock.runUntil(clock.now + ms, () => false);
  return { network, ann, bob, site, connect, pass };
}

function events(person: Person) {
  return {
    onUp: () => void person.heard.push('up'),
    onBytes: (bytes: Uint8Array) => void person.heard.push(Buffer.from(bytes).toString()),
    onDown: (reason: string) => void person.heard.push(`down: ${reason}`),
  };
}

const TEXT = 'a stream of bytes that is cut somewhere';
const seeds = Array.from({ length: 20 }, (_, seed) => seed);

describe.each(seeds)('seed %i', (seed) => {
  test('what is written arrives in order, whatever the chunks', () => {
    const { bob, connect, pass } = pair(seed);
    const end = connect();
    for (const word of TEXT.split(/(?= )/)) end.write(Buffer.from(word)); // before it is up, too
    pass(100);
    expect(bob.heard.join('')).toBe(TEXT);
    end.close();
    pass(100);
    expect(bob.heard.at(-1)).toBe('down: ');
  });

  test('a cut holds back, and what was held back comes in order', () => {
    const { network, bob, connect, pass } = pair(seed);
    const end = connect();
    pass(10);
    network.cut('ann', 'bob');
    end.write(Buffer.from('one '));
    end.write(Buffer.from('two'));
    pass(10_000);
    expect(bob.heard).toEqual([]);
    bob.accepted?.write(Buffer.from('the other way is free'));
    network.heal('ann', 'bob');
    pass(1000);
    expect(bob.heard.join('')).toBe('one two');
  });
});

test('chunks are cut in different ways', () => {
  const cuts = new Set(
    seeds.map((seed) => {
      const { bob, connect, pass } = pair(seed);
      connect().write(Buffer.from(TEXT));
      pass(100);
      return bob.heard.length;
    }),
  );
  expect(cuts.size).toBeGreaterThan(2);
});

test('nobody listens there, nobody is there', () => {
  const { ann, site, connect, pass } = pair(1);
  connect(2);
  pass(10);
  expect(ann.heard).toEqual(['down: Connection refused']);
  site.isPowered = false;
  connect();
  pass(60_000);
  expect(ann.heard).toHaveLength(1);
});

test('a dead process is announced by its kernel, a machine without power only when it is back', () => {
  for (const announced of [true, false]) {
    const { ann, bob, site, connect, pass } = pair(1);
    const end = connect();
    pass(10);
    const { accepted } = bob;
    if (announced) accepted?.orphan();
    else accepted?.vanish();
    site.isPowered = announced;
    pass(10_000);
    expect(ann.heard).toEqual(announced ? ['up', 'down: '] : ['up']);
    if (announced) continue;
    end.write(Buffer.from('are you there?'));
    pass(10_000);
    expect(ann.heard).toEqual(['up']);
    site.isPowered = true;
    end.write(Buffer.from('and now?'));
    pass(10);
    expect(ann.heard).toEqual(['up', 'down: Connection reset by peer']);
  }
});

test('with skew, links of a pair overtake each other', () => {
  const { network, bob, connect, pass } = pair(3);
  network.skew('ann', 'bob', 1000);
  const ends = Array.from({ length: 6 }, () => connect());
  pass(10);
  bob.heard.length = 0;
  for (const [i, end] of ends.entries()) end.write(Buffer.from(String(i)));
  pass(2000);
  expect(bob.heard).toHaveLength(6);
  expect(bob.heard).not.toEqual(['0', '1', '2', '3', '4', '5']);
});
