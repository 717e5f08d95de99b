/**
 * LATENCY on a whole node. Time passes by the look: each look at the clock takes `lookMicros`, and a command that is
 * timed takes one. The drawing is the one that redis-server 7.0.15 made of the same samples.
 */
import { describe, expect, test } from 'vitest';
import { drawLatency } from '../../../src/node/diagnosis/latency-graph.js';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';

const START_S = 1_700_000_000;

function serverOf(...lines: readonly string[]) {
  const server = new LoneNode('latency-monitor-threshold 20', ...lines);
  const client = server.connect();
  /** Runs a command that takes so long. */
  const slow = (ms: number, said: string): void => {
    server.host.lookMicros = ms * 1000;
    client.say(said);
    server.host.lookMicros = 0;
  };
  return { server, client, slow };
}

/** An array of arrays of integers, as text. */
const samples = (...pairs: readonly (readonly [number, number])[]): string =>
  `*${pairs.length}\r\n${pairs.map(([at, ms]) => `*2\r\n:${START_S + at}\r\n:${ms}\r\n`).join('')}`;

describe('events', () => {
  test('nothing is noted while the threshold is 0', () => {
    const { client, slow } = serverOf('latency-monitor-threshold 0');
    slow(500, 'KEYS *');
    expect(client.say('LATENCY LATEST')).toBe('*0\r\n');
  });

  test('from the threshold on, by kind of command', () => {
    const { client, slow } = serverOf();
    slow(19.9, 'KEYS *');
    slow(20, 'KEYS *');
    slow(21.7, 'GET k');
    expect(client.say('LATENCY HISTORY command')).toBe(samples([0, 20]));
    expect(client.say('LATENCY HISTORY fast-command')).toBe(samples([0, 21]));
  });

  test('of one second the worst stays', () => {
    const { client, slow } = serverOf();
    for (const ms of [30, 50, 40]) slow(ms, 'KEYS *');
    expect(client.say('LATENCY HISTORY command')).toBe(samples([0, 50]));
  });

  test('the last 160 stay, and the worst of all is not forgotten', () => {
    const { server, client, slow } = serverOf();
    slow(900, 'KEYS *');
    for (let i = 0; i < 160; i++) {
      server.pass(1000);
      slow(20, 'KEYS *');
    }
    const history = client.say('LATENCY HISTORY command');
    expect(history.startsWith('*160\r\n')).toBe(true);
    expect(history).not.toContain(':900');
    const now = Math.floor(server.host.wallMs() / 1000);
    expect(client.say('LATENCY LATEST')).toBe(`*1\r\n*4\r\n$7\r\ncommand\r\n:${now}\r\n:20\r\n:900\r\n`);
  });

  test('rounds of expiry and of eviction, and the freeing of each key', () => {
    const { server, client } = serverOf('maxmemory-policy allkeys-lru');
    client.say('SET mortal v PX 50');
    server.host.lookMicros = 30_000;
    server.pass(200);
    server.host.lookMicros = 0;
    expect(client.say('LATENCY LATEST')).toContain('expire-cycle');
    expect(client.say('LATENCY LATEST')).toContain('expire-del');
    client.run('SET', 'big', 'x'.repeat(3_000_000));
    client.say('CONFIG SET maxmemory-eviction-tenacity 100');
    server.host.lookMicros = 30_000;
    client.say('CONFIG SET maxmemory 2mb');
    server.host.lookMicros = 0;
    expect(client.say('LATENCY LATEST')).toContain('eviction-cycle');
    expect(client.say('LATENCY LATEST')).toContain('eviction-del');
    expect(client.say('EXISTS big')).toBe(':0\r\n');
  });

  test('RESET forgets those named, in any case, or all', () => {
    const { client, slow } = serverOf();
    slow(30, 'KEYS *');
    slow(30, 'GET k');
    expect(client.say('LATENCY RESET nope COMMAND command')).toBe(':1\r\n');
    expect(client.say('LATENCY HISTORY command')).toBe('*0\r\n');
    expect(client.say('LATENCY RESET')).toBe(':1\r\n');
    expect(client.say('LATENCY LATEST')).toBe('*0\r\n');
  });

  test.each([
    ['LATENCY HISTORY nope', '*0\r\n'],
    ['LATENCY RESET nope', ':0\r\n'],
    ['LATENCY GRAPH nope', "-ERR No samples available for event 'nope'\r\n"],
    ['LATENCY HISTORY', "-ERR wrong number of arguments for 'latency|history' command\r\n"],
    ['LATENCY help x', "-ERR wrong number of arguments for 'latency|help' command\r\n"],
  ])('%s', (said, expected) => {
    expect(serverOf().client.say(said)).toBe(expected);
  });
});

describe('GRAPH', () => {
  const eventOf = (...samplesOf: readonly (readonly [number, number])[]) => ({
    name: 'command',
    worstMs: Math.max(...samplesOf.map(([, ms]) => ms)),
    samples: samplesOf.map(([at, ms]) => ({ at, ms })),
  });
  const RULE = '-'.repeat(80);

  test('as redis-server draws 100, 300 and 50 ms', () => {
    expect(drawLatency(eventOf([10, 100], [11, 300], [12, 50]), 13).split('\n')).toEqual([
      'command - high 300 ms, low 50 ms (all time high 300 ms)',
      RULE,
      ' # ',
      ' | ',
      ' | ',
      '#|_',
      '   ',
      '321',
      'sss',
      '',
    ]);
  });

  test('one sample lies on the ground, and ages are cut to a unit', () => {
    const drawing = drawLatency(eventOf([0, 5]), 3 * 86_400).split('\n');
    expect(drawing.slice(2)).toEqual([' ', ' ', ' ', '_', ' ', '3', 'd', '']);
    expect(
      drawLatency(eventOf([0, 5]), 7200)
        .split('\n')
        .slice(7),
    ).toEqual(['2', 'h', '']);
    expect(
      drawLatency(eventOf([0, 5]), 119)
        .split('\n')
        .slice(7),
    ).toEqual(['1', 'm', '']);
  });

  test('80 columns, then the rest in a block below', () => {
    const many = Array.from({ length: 81 }, (_, i): [number, number] => [i, 20 + i]);
    const lines = drawLatency(eventOf(...many), 81).split('\n');
    expect(lines[2]).toHaveLength(80);
    expect(lines.slice(-8)).toEqual(['#', '|', '|', '|', ' ', '1', 's', '']);
  });

  test('is text, in RESP3 as well', () => {
    const { client, slow } = serverOf();
    slow(30, 'KEYS *');
    client.say('HELLO 3');
    expect(client.say('LATENCY GRAPH command')).toMatch(/^=\d+\r\ntxt:command - high 30 ms/);
  });
});

describe('DOCTOR', () => {
  const doctor = (client: TestConnection): string => client.say('LATENCY DOCTOR');

  test('says that it is off, or that all is well', () => {
    expect(doctor(serverOf('latency-monitor-threshold 0').client)).toContain('CONFIG SET latency-monitor-threshold');
    expect(doctor(serverOf().client)).toContain('Nothing has taken 20 ms');
  });

  test('counts, averages, and gives each advice once', () => {
    const { server, client, slow } = serverOf();
    slow(100, 'KEYS *');
    server.pass(2000);
    slow(300, 'KEYS *');
    const text = doctor(client);
    expect(text).toContain(
      '1. command: 2 latency spikes (average 200ms, mean deviation 100ms, period 1.00 sec). Worst all time event 300ms.\n',
    );
    expect(text.match(/- Large values/g)).toHaveLength(1);
    expect(text).toContain('- SLOWLOG GET names the commands.');
  });

  test.each([
    ['-1', 'The slow log is off'],
    ['30000', 'keeps fewer commands'],
  ])('with slowlog-log-slower-than %s', (slowerThan, expected) => {
    const { client, slow } = serverOf(`slowlog-log-slower-than ${slowerThan}`);
    slow(25, 'KEYS *');
    expect(doctor(client)).toContain(expected);
  });
});

describe('HISTOGRAM', () => {
  test('calls up to 1, 2, 4, … µs, each where it is more than the one before', () => {
    const { client, slow } = serverOf('latency-monitor-threshold 1000');
    client.say('CONFIG RESETSTAT');
    for (const ms of [0.001, 0.0015, 0.005, 0.1, 0.1]) slow(ms, 'GET k');
    const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
    expect(client.say('LATENCY HISTOGRAM get')).toBe(
      `*2\r\n${bulk('get')}*4\r\n${bulk('calls')}:5\r\n${bulk('histogram_usec')}` +
        '*8\r\n:1\r\n:1\r\n:2\r\n:2\r\n:8\r\n:3\r\n:132\r\n:5\r\n',
    );
  });

  test('maps in RESP3, sub-commands by their container, nothing for who is unknown', () => {
    const { client } = serverOf();
    client.say('HELLO 3');
    client.say('CLIENT ID');
    client.say('CONFIG RESETSTAT');
    expect(client.say('LATENCY HISTOGRAM nope client get')).toBe('%0\r\n');
    client.say('CLIENT ID');
    client.say('CLIENT LIST');
    expect(client.say('LATENCY HISTOGRAM nope client')).toMatch(/^%2\r\n\$9\r\nclient\|id\r\n%2\r\n\$5\r\ncalls\r\n:1/);
    expect(client.say('LATENCY HISTOGRAM CLIENT|LIST')).toMatch(/^%1\r\n\$11\r\nclient\|list\r\n/);
    const all = client.say('LATENCY HISTOGRAM');
    expect(all).toMatch(/^%4\r\n/);
    expect(all).toContain('config|resetstat');
    expect(all).toContain('latency|histogram');
  });

  test('none while latency-tracking is off', () => {
    const { client } = serverOf('latency-tracking no');
    client.say('GET k');
    expect(client.say('LATENCY HISTOGRAM')).toBe('*0\r\n');
  });
});
