/**
 * INFO: the sections and names of 7.0.15, and whether the figures are true.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../src/commands/histogram.js';
import { humanBytes } from '../../src/node/admin/memory-report.js';
import { Rate } from '../../src/node/admin/rates.js';
import { SEXTET_VERSION } from '../../src/base/version.js';
import { LittleWorld } from '../support/little-world.js';
import { LoneNode } from '../support/lone-node.js';

const OURS = ['server_name', 'sextet_version'];

function golden(name: string): string[] {
  return readFileSync(new URL(`../golden/info/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .slice(0, -1);
}

/** The text of a bulk string. */
function textOf(reply: string): string {
  return reply.slice(reply.indexOf('\r\n') + 2, -2);
}

function infoOf(server: LoneNode, ...sections: string[]): string {
  return textOf(server.connect().run('INFO', ...sections));
}

function fieldOf(server: LoneNode, name: string): string | undefined {
  const line = infoOf(server, 'everything')
    .split('\r\n')
    .find((each) => each.startsWith(`${name}:`));
  return line?.slice(name.length + 1);
}

/** Titles and names, as the golden files have them. */
function namesIn(text: string): string[] {
  const lines = text.split('\r\n').slice(0, -1);
  return lines.map((line) => line.split(':', 1)[0] ?? '').filter((name) => !OURS.includes(name));
}

function titlesIn(text: string): string {
  return namesIn(text)
    .filter((name) => name.startsWith('# '))
    .map((name) => name.slice(2))
    .join(' ');
}

const USUAL = 'Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace';
const ALL =
  'Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace';

describe('sections', () => {
  test('have the fields of 7.0.15 in their order', () => {
    expect(namesIn(infoOf(new LoneNode(), 'all'))).toEqual(golden('all-7.0.15.txt'));
  });

  // biome-ignore format: a table
  test.each<[asked: string[], titles: string]>([
    [[],                          USUAL],
    [['default'],                 USUAL],
    [['all'],                     ALL],
    [['EVERYTHING'],              ALL],
    [['cpu'],                     'CPU'],
    [['keyspace', 'Cpu', 'cpu'],  'CPU Keyspace'],
    [['cpu', 'default'],          USUAL],
    [['cpu', 'all'],              ALL],
    [['commandSTATS'],            'Commandstats'],
    [['latencystats', 'default'], USUAL.replace('Errorstats', 'Errorstats Latencystats')],
    [['modules'],                 'Modules'],
    [['module_list'],             'Modules'],
    [['nosuch'],                  ''],
    [['nosuch', 'cluster'],       'Cluster'],
  ])('%j', (asked, titles) => expect(titlesIn(infoOf(new LoneNode(), ...asked))).toBe(titles));

  test('are parted by an empty line', () => {
    expect(infoOf(new LoneNode(), 'cluster', 'keyspace')).toBe('# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n');
  });

  test('are a text for people in RESP3', () => {
    const client = new LoneNode().connect();
    client.say('HELLO 3');
    expect(client.say('INFO cluster')).toBe('=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n');
  });
});

describe('figures', () => {
  test('the version is that of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(SEXTET_VERSION).toBe(version);
  });

  test('keyspace counts keys and mortal keys', () => {
    const server = new LoneNode();
    const client = server.connect();
    for (const line of ['SET a 1', 'SET b 1 EX 100', 'SELECT 3', 'SET c 1']) client.say(line);
    expect(infoOf(server, 'keyspace')).toMatch(
      /^# Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=\d+\r\ndb3:keys=1,expires=0,avg_ttl=0\r\n$/,
    );
  });

  // biome-ignore format: a table
  test.each<[name: string, said: string[], value: string]>([
    ['keyspace_hits',               ['SET k v', 'GET k', 'GET k'],  '2'],
    ['keyspace_misses',             ['GET k'],                      '1'],
    ['total_error_replies',         ['NOSUCH', 'GET', 'PING'],      '2'],
    ['total_connections_received',  [],                             '2'],
    ['connected_clients',           [],                             '2'],
    ['blocked_clients',             ['CLIENT PAUSE 1000 WRITE', 'SET k v'], '1'],
    ['rdb_changes_since_last_save', ['SET k v', 'SET k v'],         '2'],
    ['errorstat_ERR',               ['NOSUCH', 'GET'],              'count=2'],
    ['errorstat_WRONGPASS',         ['AUTH x y'],                   'count=1'],
    ['maxmemory_human',             ['CONFIG SET maxmemory 10mb'],  '10.00M'],
    ['role',                        [],                             'master'],
    ['cluster_enabled',             [],                             '0'],
  ])('%s after %j', (name, said, value) => {
    const server = new LoneNode();
    const client = server.connect();
    for (const line of said) client.say(line);
    expect(fieldOf(server, name)).toBe(value);
  });

  test('a command counts as soon as it is over', () => {
    const client = new LoneNode().connect();
    const counted = (said: string): string | undefined => /total_commands_processed:(\d+)/.exec(client.say(said))?.[1];
    expect(counted('INFO stats')).toBe('0');
    for (const said of ['PING', 'NOSUCH', 'GET', 'MULTI', 'PING', 'INFO stats']) client.say(said);
    expect(counted('EXEC')).toBe('4'); // INFO, PING, MULTI, and PING in EXEC
    expect(counted('INFO stats')).toBe('6');
    client.say('CONFIG RESETSTAT');
    expect(counted('INFO stats')).toBe('1');
  });

  test('an error of the protocol is one among errors, heard or not', () => {
    const server = new LoneNode();
    for (const said of ['*x\r\n', 'CLIENT REPLY OFF\r\n*1\r\nPING\r\n']) server.connect().send(Buffer.from(said));
    expect([fieldOf(server, 'errorstat_ERR'), fieldOf(server, 'total_error_replies')]).toEqual(['count=2', '2']);
  });

  test('commandstats tells calls, refusals and failures', () => {
    const server = new LoneNode();
    const client = server.connect();
    for (const line of ['SET k v', 'GET k', 'GET k', 'GET', 'INCR k', 'CONFIG GET port']) client.say(line);
    const stats = infoOf(server, 'commandstats');
    expect(stats).toMatch(/cmdstat_get:calls=2,usec=\d+,usec_per_call=[\d.]+,rejected_calls=1,failed_calls=0\r\n/);
    expect(stats).toMatch(/cmdstat_incr:calls=1,usec=\d+,usec_per_call=[\d.]+,rejected_calls=0,failed_calls=1\r\n/);
    expect(stats).toContain('cmdstat_config|get:calls=1,');
  });

  test('latencystats follows the configuration', () => {
    const server = new LoneNode();
    const client = server.connect();
    client.say('GET k');
    expect(fieldOf(server, 'latency_percentiles_usec_get')).toMatch(/^p50=[\d.]+,p99=[\d.]+,p99\.9=[\d.]+$/);
    client.run('CONFIG', 'SET', 'latency-tracking-info-percentiles', '0 100');
    expect(fieldOf(server, 'latency_percentiles_usec_get')).toMatch(/^p0=[\d.]+,p100=[\d.]+$/);
    client.say('CONFIG SET latency-tracking no');
    expect(infoOf(server, 'latencystats')).toBe('# Latencystats\r\n');
  });

  test('CONFIG RESETSTAT sets counters back', () => {
    const server = new LoneNode();
    const client = server.connect();
    for (const line of ['GET k', 'NOSUCH', 'CONFIG RESETSTAT']) client.say(line);
    const info = infoOf(server, 'all');
    expect(info).toContain('keyspace_misses:0\r\n');
    expect(info).toContain('total_error_replies:0\r\n');
    expect(info).not.toContain('cmdstat_get');
    expect(info).not.toContain('errorstat_');
  });

  test('used memory grows with the data and is back after a flush', () => {
    const server = new LoneNode();
    const client = server.connect();
    const used = (): number => Number(fieldOf(server, 'used_memory'));
    const before = used();
    client.run('SET', 'k', 'x'.repeat(1_000_000));
    expect(used()).toBeGreaterThan(before + 1_000_000);
    client.say('FLUSHALL');
    expect(used()).toBeLessThan(before + 100_000);
  });
});

describe('Histogram', () => {
  test('has the borders of 7.0.15', () => {
    const histogram = new Histogram();
    for (let bits = 0; bits < 20; bits++) histogram.record(2 ** bits * 1.02, 1);
    expect(histogram.sums().map(({ upTo }) => upTo)).toEqual([
      1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16908, 33816, 67633, 135266, 270532, 541065,
    ]);
  });

  // biome-ignore format: a table
  test.each<[micros: number[], percent: number, ns: number]>([
    [[7],            50,  7007],       // as observed on 7.0.15: p50=7.007
    [[35],           99,  35071],
    [[1],            50,  1003],
    [[3, 3, 57],     50,  3007],
    [[3, 3, 57],     99,  57087],
    [[3, 57],        0,   2992],
    [[2_000_000],    100, 1002438655],
  ])('of %j has %f%% up to %i ns', (micros, percent, ns) => {
    const histogram = new Histogram();
    for (const each of micros) histogram.record(each, 1);
    expect(histogram.atPercentile(percent)).toBe(ns);
  });

  test('tells the time of any rank to one part in 128', () => {
    const calls = fc.array(fc.double({ min: 0, max: 900_000, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 100 }), (micros, percent) => {
        const histogram = new Histogram();
        for (const each of micros) histogram.record(each, 1);
        const sorted = micros.map((each) => Math.floor(each * 1000)).sort((a, b) => a - b);
        const rank = Math.max(1, Math.floor((percent / 100) * sorted.length + 0.5));
        const exact = sorted[rank - 1] ?? 0;
        expect(histogram.atPercentile(percent)).toBeGreaterThanOrEqual(exact);
        expect(histogram.atPercentile(percent)).toBeLessThanOrEqual(exact * (1 + 1 / 128));
      }),
    );
  });

  test('sums count all that is not longer', () => {
    const histogram = new Histogram();
    for (const micros of [0.5, 1, 1.5, 100, 1_000_000]) histogram.record(micros, 1);
    expect(histogram.sums()).toEqual([
      { upTo: 1, calls: 2 },
      { upTo: 2, calls: 3 },
      { upTo: 132, calls: 4 },
      { upTo: 1002438, calls: 5 },
    ]);
  });
});

test.each([
  [0, '0B'],
  [1023, '1023B'],
  [1024, '1.00K'],
  [1_138_576, '1.09M'],
  [25_276_510_208, '23.54G'],
])('%i bytes are %s', (bytes, text) => expect(humanBytes(bytes)).toBe(text));

test('a rate is the mean of sixteen samples', () => {
  const rate = new Rate();
  for (let i = 1; i <= 8; i++) rate.sample(i * 50, i * 100);
  expect(rate.perSecond()).toBe(250);
  for (let i = 9; i <= 40; i++) rate.sample(i * 50, i * 100);
  expect(rate.perSecond()).toBe(500);
});

describe('in a cluster', () => {
  function primaryAndReplica(): LittleWorld {
    const world = new LittleWorld(2, 1);
    world.node(0).run('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    world.node(1).run('CLUSTER', 'MEET', '127.0.0.1', '7000');
    world.pass(3000);
    const id = textOf(world.node(0).run('CLUSTER', 'MYID'));
    world.node(0).isUp = false; // its client port is closed, so it is looked for in vain
    expect(world.node(1).run('CLUSTER', 'REPLICATE', id)).toBe('+OK\r\n');
    return world;
  }

  test('a replica has the fields of 7.0.15, and names its primary', () => {
    const world = primaryAndReplica();
    world.pass(100);
    const text = textOf(world.node(1).run('INFO', 'replication'));
    const names = namesIn(text).filter((name) => name !== 'master_link_error'); // ours
    expect(names).toEqual(golden('replica-7.0.15.txt'));
    expect(text).toContain('role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:7000\r\nmaster_link_status:down\r\n');
    expect(world.node(1).run('ROLE')).toBe('*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:7000\r\n$7\r\nconnect\r\n:-1\r\n');
  });

  test('a primary says so, and counts its links', () => {
    const world = primaryAndReplica();
    expect(world.node(0).run('ROLE')).toBe('*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n');
    const text = textOf(world.node(0).run('INFO'));
    expect(text).toContain('redis_mode:cluster\r\n');
    expect(text).toContain('cluster_connections:2\r\n');
    expect(text).toContain('cluster_enabled:1\r\n');
  });
});

test('a snapshot that is taken', () => {
  const server = new LoneNode('rdb-key-save-delay 1000000');
  const client = server.connect();
  for (let i = 0; i < 100; i++) client.say(`SET k${i} v`);
  expect([fieldOf(server, 'rdb_bgsave_in_progress'), fieldOf(server, 'current_save_keys_total')]).toEqual(['0', '0']);
  client.say('BGSAVE');
  for (let i = 0; i < 25; i++) client.say(`DEL k${i}`);
  const { heldBytes: held = 0, progress = null } = server.node.engine.snapshot ?? {};
  const keys = progress?.keys ?? 0;
  expect(held).toBeGreaterThan(0);
  expect(keys).toBeGreaterThanOrEqual(25);
  const fields = [
    'rdb_bgsave_in_progress',
    'current_save_keys_processed',
    'current_save_keys_total',
    'current_fork_perc',
  ];
  expect(fields.map((name) => fieldOf(server, name))).toEqual(['1', `${keys}`, '100', `${keys}.00`]);
  expect(fieldOf(server, 'current_cow_size')).toBe(`${held}`);
  expect(fieldOf(server, 'current_cow_peak')).toBe(`${held}`);
  client.say('CONFIG SET rdb-key-save-delay 0');
  server.pass(2000);
  expect(fields.map((name) => fieldOf(server, name))).toEqual(['0', '0', '0', '0.00']);
});
