/** CLUSTER and its kin: replies recorded from redis-server 7.0.15, then what a lone server cannot show. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodePacket, decodePacket, type Packet } from '../../src/gossip/packet-codec.js';
import { FLAG } from '../../src/gossip/packet-layout.js';
import { bitmapOf } from '../../src/slots/slot-set.js';
import { ClusterBench } from './cluster-bench.js';

const golden = (file: string): string => {
  return readFileSync(new URL(`../golden/cluster/${file}`, import.meta.url), 'latin1');
};

// biome-ignore format: a table
test.each<[string, string, number]>([
  ['single',  '',             2],
  ['single',  '',             3],
  ['keys',    '',             2],
  ['six',     'six.conf',     2],
  ['six',     'six.conf',     3],
  ['replica', 'replica.conf', 2],
])('%s %s, RESP%i', (name, conf, resp) => {
  const bench = new ClusterBench(conf === '' ? '' : golden(conf));
  bench.session.resp = resp;
  const rows = golden(`${name}.resp${resp}.txt`).trimEnd().split('\n').map((line) => line.split(' -> ')[0]!);
  const ours = rows.map((request) => `${request} -> ${bench.run(request)}`);
  expect(`${ours.join('\n')}\n`).toBe(golden(`${name}.resp${resp}.txt`));
});

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const D = 'd'.repeat(40);

/** A PING of D, replica of A, which has copied 1,234 bytes. */
function pingOfReplica(): Packet {
  return {
    type: 'PING',
    sender: {
      port: 23503,
      busPort: 33503,
      plainPort: 0,
      currentEpoch: 6,
      configEpoch: 3,
      replOffset: 1234,
      senderId: D,
      primaryId: A,
      slots: bitmapOf([]),
      ip: '127.0.0.1',
      flags: FLAG.replica,
      clusterState: 0,
      messageFlags: 0,
    },
    body: { kind: 'gossip', entries: [], extensions: [{ kind: 'hostname', hostname: 'delta' }] },
  };
}

describe('among others that speak', () => {
  const bench = new ClusterBench(golden('six.conf'));
  const decoded = decodePacket(encodePacket(pingOfReplica()));
  if (!decoded.ok) throw new Error(decoded.malformed.why);
  bench.step({ kind: 'LinkAccepted', link: -1, remoteIp: '127.0.0.1', localIp: '127.0.0.1' });
  bench.step({ kind: 'Received', link: -1, packet: decoded.packet, byteCount: 2272 });

  test('a replica with data is shown to clients', () => {
    const first = '*3 :0 :5460 *4 $9 127.0.0.1 :7000 $40 <me> *0';
    const replica = `*4 $9 127.0.0.1 :23503 $40 ${D} *2 $8 hostname $5 delta`;
    expect(bench.run('CLUSTER SLOTS')).toContain(`${first.replace('*3', '*4')} ${replica}`);
    expect(bench.run('CLUSTER SHARDS')).toContain(
      '$4 role $7 replica $18 replication-offset :1234 $6 health $6 online',
    );
  });

  test('LINKS is a list of maps', () => {
    const link = `$9 direction $4 from $4 node $40 ${D} $11 create-time :1700000000000 $6 events $2 rw`;
    const buffers = '$21 send-buffer-allocated :42 $16 send-buffer-used :42';
    bench.session.resp = 2;
    expect(bench.run('CLUSTER LINKS')).toBe(`*1 *12 ${link} ${buffers}`);
    bench.session.resp = 3;
    expect(bench.run('CLUSTER LINKS')).toBe(`*1 %6 ${link} ${buffers}`);
    bench.session.resp = 2;
  });

  test('INFO counts what came', () => {
    expect(bench.run('CLUSTER INFO')).toContain('cluster_stats_messages_ping_received:1\\r\\n');
  });
});

test('a replica of another is refused, and so is a key in a slot that goes', () => {
  const bench = new ClusterBench(golden('six.conf'));
  bench.run('SET {5460}x y'); // whatever its slot
  const slot = Number(bench.run('CLUSTER KEYSLOT {5460}x').slice(1));
  bench.run(`CLUSTER SETSLOT ${slot} NODE ${B}`);
  expect(bench.run(`CLUSTER GETKEYSINSLOT ${slot} 5`)).toBe('*1 $7 {5460}x');
});

test('keys in a slot: as many as wanted, each once', () => {
  const bench = new ClusterBench('');
  const keys = Array.from({ length: 100 }, (_, i) => `{tag}${i}`);
  for (const key of keys) bench.run(`SET ${key} v`);
  const slot = Number(bench.run('CLUSTER KEYSLOT tag').slice(1));
  const listed = (count: number) =>
    bench
      .run(`CLUSTER GETKEYSINSLOT ${slot} ${count}`)
      .split(' ')
      .filter((word) => word.startsWith('{'));
  expect(listed(1000).sort()).toEqual([...keys].sort());
  expect(new Set(listed(37)).size).toBe(37);
  expect(bench.run(`CLUSTER COUNTKEYSINSLOT ${slot}`)).toBe(':100');
});

test('READONLY and ASKING are said of the connection', () => {
  const bench = new ClusterBench('');
  const { session } = bench;
  const said = () => [session.readOnly, session.asking];
  bench.run('READONLY');
  bench.run('ASKING');
  expect(said()).toEqual([true, true]);
  bench.run('READWRITE');
  expect(said()).toEqual([false, true]);
});

// biome-ignore format: a table
test.each([
  ['',        'CLUSTER FAILOVER',          '-ERR You should send CLUSTER FAILOVER to a replica'],
  ['',        'CLUSTER FAILOVER TAKEOVER', '-ERR You should send CLUSTER FAILOVER to a replica'],
  ['',        'CLUSTER FAILOVER NOW',      '-ERR syntax error'],
  ['',        'CLUSTER FAILOVER FORCE NOW', "-ERR unknown subcommand or wrong number of arguments for 'FAILOVER'. Try CLUSTER HELP."],
  ['replica', 'CLUSTER FAILOVER',          '-ERR Master is down or failed, please use CLUSTER FAILOVER FORCE'],
  ['replica', 'cluster failover force',    '+OK'],
  ['replica', 'CLUSTER FAILOVER TAKEOVER', '+OK'],
])('of a %s node: %s', (conf, line, reply) => {
  expect(new ClusterBench(conf === '' ? '' : golden(`${conf}.conf`)).run(line)).toBe(reply);
});

test('HELP names every sub-command that is there', () => {
  const help = new ClusterBench('').run('CLUSTER HELP');
  for (const name of [
    'ADDSLOTSRANGE',
    'COUNT-FAILURE-REPORTS',
    'SET-CONFIG-EPOCH',
    'SHARDS',
    'LINKS',
    'FAILOVER',
    'HELP',
  ]) {
    expect(help).toContain(`+${name}`);
  }
});
