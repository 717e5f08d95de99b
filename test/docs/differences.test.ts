/**
 * What docs/DIFFERENCES.md says and no other test shows: one row there, one test here.
 */
import { describe, expect, test } from 'vitest';
import { Cluster } from '../../src/gossip/cluster.js';
import type { Effect } from '../../src/gossip/turn.js';
import { parseCommandLine } from '../../src/node/config/command-line.js';
import { pagesWorld } from '../../src/node/config/world.js';
import { Config } from '../../src/node/config.js';
import { defaultOptions, idOf, loneNode } from '../gossip/stage/lone-node.js';
import { LoneNode } from '../support/lone-node.js';

describe('configuration', () => {
  const newConfig = (): Config => new Config(pagesWorld(() => null));

  test('CONFIG GET names directives in the order of our table', () => {
    const names = newConfig()
      .show(['*'])
      .map(([name]) => name);
    expect(names.slice(0, 4)).toEqual(['port', 'bind', 'unixsocket', 'unixsocketperm']);
  });

  test('percentiles are decimal', () => {
    const change = newConfig().change(['latency-tracking-info-percentiles', '0x10'], {
      isLocal: true,
      isLoading: false,
    });
    expect(change).toMatchObject({ ok: false, error: expect.stringContaining('Invalid latency-tracking-info-') });
  });

  test('a file ends at its first NUL byte', () => {
    const file = Buffer.from('timeout 33\0 x\nmaxclients 77\n');
    const line = parseCommandLine(
      ['/r.conf'],
      pagesWorld(() => file),
    );
    if (!line.ok || !line.run) throw new Error('it does not start');
    expect([line.config.timeout, line.config.maxclients]).toEqual([33, 10_000]);
  });
});

describe('figures', () => {
  test('the time of a batch of quick commands is shared evenly among them', () => {
    const server = new LoneNode();
    const client = server.connect();
    client.say('SET k v');
    client.say('CONFIG RESETSTAT');
    server.host.lookMicros = 30;
    const get = '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n';
    client.send(Buffer.from(get.repeat(3)));
    client.take();
    server.host.lookMicros = 0;
    expect(client.say('INFO commandstats')).toContain('cmdstat_get:calls=3,usec=30,usec_per_call=10.00,');
  });

  test('INFO names no allocator, compiler or build but ours', () => {
    const info = new LoneNode().connect().say('INFO everything');
    for (const field of ['mem_allocator:libc', 'gcc_version:0.0.0', 'redis_build_id:0', 'multiplexing_api:libuv'])
      expect(info).toContain(`\r\n${field}\r\n`);
  });

  test('dead keys that nobody asks for go within a second', () => {
    const server = new LoneNode();
    const client = server.connect();
    for (let i = 0; i < 5000; i++) client.say(`SET ${i} v PX 50`);
    expect(client.say('DBSIZE')).toBe(':5000\r\n');
    server.pass(1000);
    expect(client.say('DBSIZE')).toBe(':0\r\n');
  });

  test('a copied small integer is one of those that are kept once for all', () => {
    const client = new LoneNode().connect();
    client.say('SET a 5');
    client.say('COPY a b');
    expect(client.say('OBJECT REFCOUNT b')).toBe(':2147483647\r\n');
  });

  test.each(['hz 500', 'activerehashing no', 'dynamic-hz no'])('%s is kept', (setting) => {
    const client = new LoneNode().connect();
    const [name, value = ''] = setting.split(' ');
    expect(client.say(`CONFIG SET ${setting}`)).toBe('+OK\r\n');
    expect(client.say(`CONFIG GET ${name}`)).toContain(`\r\n${value}\r\n`);
  });
});

describe('connections', () => {
  test.each([
    [63, `$${63 * 1024 - 5}\r\n`],
    [66, '-ERR Protocol error: too big inline request\r\n'],
  ])('an inline request that comes in one piece of %d KiB', (kib, expected) => {
    const client = new LoneNode().connect();
    client.send(Buffer.from(`ECHO ${'x'.repeat(kib * 1024 - 5)}\r\n`));
    expect(client.take()).toMatch(new RegExp(`^${expected.replace('$', '\\$')}`));
  });

  test('who mutes replies hears of its SUBSCRIBE behind those to the same read', () => {
    const client = new LoneNode().connect();
    client.send(Buffer.from('CLIENT REPLY SKIP\r\nSUBSCRIBE a\r\nPING\r\n'));
    const heard = client.take();
    expect(heard.indexOf('pong')).toBeGreaterThan(0);
    expect(heard.indexOf('subscribe')).toBeGreaterThan(heard.indexOf('pong'));
  });

  test('a pause that ends beyond 64 bits holds', () => {
    const server = new LoneNode();
    const client = server.connect();
    expect(client.say('CLIENT PAUSE 9223372036854775807 WRITE')).toBe('+OK\r\n');
    server.pass(60_000);
    expect(server.connect().say('SET k v')).toBe('');
    expect(client.say('CLIENT UNPAUSE')).toBe('+OK\r\n');
  });
});

describe('the cluster', () => {
  const NODE_TIMEOUT_MS = 1000;

  /** Two primaries; ours has sent a PING at 100 ms that is not answered. `wallMs` is what the machine's clock says. */
  function waiting() {
    const saved = loneNode(7001);
    const other = { ...loneNode(7002).nodes[0]!, myself: false, address: { ...address(7002), ip: '10.0.0.2' } };
    const nodes = [
      { ...saved.nodes[0]!, slots: [{ from: 0, to: 8000 }] },
      { ...other, slots: [{ from: 8001, to: 16_383 }] },
    ];
    const options = defaultOptions(7001, NODE_TIMEOUT_MS);
    const cluster = new Cluster(options, { ...saved, nodes }, () => 0.5, { nowMs: 0, wallMs: 0 });
    const step = (kind: 'Start' | 'Tick', nowMs: number, wallMs: number): Effect[] =>
      cluster.step({ kind }, { nowMs, wallMs });
    step('Start', 0, 0);
    const [connect] = step('Tick', 100, 100).filter((effect) => effect.kind === 'Connect');
    if (connect === undefined) throw new Error('no link is opened');
    cluster.step({ kind: 'LinkUp', link: connect.link }, { nowMs: 100, wallMs: 100 });
    const health = () => cluster.node(idOf(7002))?.health;
    return { step, health };
  }

  const address = (port: number) => loneNode(port).nodes[0]!.address;

  test('a wall clock that jumps an hour makes nobody fail', () => {
    const { step, health } = waiting();
    step('Tick', 200, 3_600_200);
    expect(health()).toBe('ok');
  });

  test('…and one that stands still keeps nobody alive', () => {
    const { step, health } = waiting();
    for (let now = 200; now <= 3000; now += 100) step('Tick', now, 100);
    expect(health()).toBe('suspected');
  });
});

describe('not there yet', () => {
  // biome-ignore format: a table
  test.each([
    'SORT k', 'EVAL x 0', 'ACL LIST', 'MODULE LIST',
    'XADD s * f v', 'GEOADD g 1 1 m', 'PFADD p x', 'SETBIT b 0 1',
  ])('%s is an unknown command', (line) => {
    expect(new LoneNode().connect().say(line)).toMatch(/^-ERR unknown command '/);
  });

  test('DEBUG REPLYBUFFER is an unknown sub-command', () => {
    const client = new LoneNode('enable-debug-command yes').connect();
    expect(client.say('DEBUG REPLYBUFFER PEAK-RESET-TIME 1')).toMatch(
      /^-ERR unknown subcommand or wrong number of arguments for 'REPLYBUFFER'/,
    );
  });
});
