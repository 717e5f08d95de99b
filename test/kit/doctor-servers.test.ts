/**
 * What the doctor finds at servers one by one and in pairs: copies, disks, memory, clocks. As in doctor.test.ts, a row
 * is one change to six healthy servers, and the findings, of which the beginning is enough.
 */
import { expect, test } from 'vitest';
import { diagnose } from '../../src/kit/doctor/diagnose.js';
import { type Row, says, testRows, TextWard } from './ward.js';

const ROWS: readonly Row[] = [
  // replicas
  [
    'a link that is down, and why',
    says(27104, {
      info: { master_link_status: 'down', master_link_error: '-NOAUTH Authentication required.' },
    }),
    'wrong 27104: cannot copy its primary 127.0.0.1:27102: -NOAUTH Authentication required.',
  ],
  [
    'a link that is down for long',
    says(27104, { info: { master_link_status: 'down', master_link_down_since_seconds: '70' } }),
    'wrong 27104: cannot copy its primary 127.0.0.1:27102, for 70 s',
  ],
  [
    'a sync',
    says(27104, {
      info: { master_link_status: 'down', master_sync_in_progress: '1', master_sync_perc: '42.00' },
    }),
    'hint 27104: copies all data of its primary 127.0.0.1:27102 (42.00 %)',
  ],
  [
    'a replica far behind',
    says(27102, { info: { master_repl_offset: '9000014' } }),
    'wrong 27104: is 8.6 MiB behind its primary 127.0.0.1:27102, which keeps 1.0 MiB',
  ],
  [
    'a replica that says nothing',
    (w) => w.at(27102).change('info', /^(slave0:.*),lag=\d+/m, '$1,lag=30'),
    'wrong 27102: its replica 127.0.0.1:27104 (30 s) has said nothing for long',
  ],
  [
    'too few replicas for writes',
    says(27102, { settings: { 'min-replicas-to-write': '2' }, info: { min_slaves_good_slaves: '1' } }),
    'wrong 27102: refuses writes (NOREPLICAS): 1 of 2 replicas are up to date',
  ],
  [
    'nobody has a replica',
    (w) => {
      w.all.splice(3);
      w.everywhere(/^.* slave .*\n/gm, '');
    },
    'hint : no primary has a replica',
  ],
  ['a primary that keeps nothing', says(27102, { settings: { save: '' } }), 'hint 27102: keeps nothing on disk'],

  // one by itself
  [
    'a failed save',
    says(27102, { info: { rdb_last_bgsave_status: 'err' } }),
    'wrong 27102: the last save failed, so writes are refused (MISCONF)',
  ],
  [
    'a failed save that stops nobody',
    says(27102, { info: { rdb_last_bgsave_status: 'err' }, settings: { 'stop-writes-on-bgsave-error': 'no' } }),
    'wrong 27102: the last save failed',
  ],
  [
    'a failed append',
    says(27102, { info: { aof_enabled: '1', aof_last_write_status: 'err' } }),
    'wrong 27102: the last write to its AOF failed, so writes are refused (MISCONF)',
  ],
  [
    'a failed rewrite',
    says(27102, { info: { aof_enabled: '1', aof_last_bgrewrite_status: 'err' } }),
    'wrong 27102: the last rewrite of its AOF failed',
  ],
  [
    'loading',
    says(27102, { info: { loading: '1', loading_loaded_perc: '12.50' } }),
    'hint 27102: loads its data (12.50 %) and answers LOADING',
  ],
  [
    'maxmemory without a policy',
    (w) => {
      for (const one of w.all) one.set('info', 'maxmemory', '104857600');
    },
    'hint 27100 27101 27102 27103 27104 27105: has maxmemory 100 MiB without a policy',
  ],
  ['a full server', says(27102, { info: { maxmemory: '1048576' } }), 'wrong 27102: is full'],
  [
    'a full machine',
    says(27102, { info: { used_memory_rss: '25276510208' } }),
    'wrong 27102: holds 24106 MiB of the 24106 MiB of its machine',
  ],
  [
    'clients turned away',
    says(27102, { info: { rejected_connections: '3' } }),
    'hint 27102: has turned 3 clients away (maxclients 10000',
  ],

  // alike
  [
    'a clock that is ahead',
    (w) => (w.at(27104).rest = { clock: { aheadMs: 2600, errorMs: 50 } }),
    'wrong 27104: its clock is 2.5 s ahead of 127.0.0.1:27100',
  ],
  ['a clock that may be right', (w) => (w.at(27104).rest = { clock: { aheadMs: 2600, errorMs: 2000 } })],
  [
    'an older version',
    says(27104, { info: { redis_version: '6.2.14' } }),
    'hint : servers of different versions: 7.0.15 (127.0.0.1:27100, 127.0.0.1:27101, 127.0.0.1:27102 and 2 more)',
  ],
  [
    'two versions of ours',
    (w) => {
      w.at(27103).set('info', 'sextet_version', '0.1.0');
      w.at(27104).set('info', 'sextet_version', '0.2.0');
    },
    'hint : sextet nodes of different versions: 0.1.0 (127.0.0.1:27103), 0.2.0 (127.0.0.1:27104)',
  ],
  [
    'another node timeout',
    says(27104, { settings: { 'cluster-node-timeout': '15000' } }),
    'hint : cluster-node-timeout differs: 5000',
  ],
];

testRows(ROWS);

/** A primary and its replica, without a cluster. */
function pair(): TextWard {
  const ward = new TextWard();
  ward.all.splice(0, 6, ward.at(27102), ward.at(27104));
  for (const one of ward.all) {
    one.set('info', 'cluster_enabled', '0');
    one.change('nodes', /.*/s, '');
  }
  return ward;
}

test('a primary and its replica, without a cluster', () => {
  expect(diagnose(pair().patients)).toEqual([]);
  const ward = pair();
  says(27104, { settings: { masterauth: 'wrong' }, info: { master_link_status: 'down' } })(ward);
  expect(diagnose(ward.patients).map(({ at, what }) => [...at, what])).toEqual([
    ['127.0.0.1:27104', 'its masterauth is not the requirepass of 127.0.0.1:27102'],
    ['127.0.0.1:27104', expect.stringMatching(/^cannot copy its primary 127.0.0.1:27102/)],
  ]);
});

test('a primary and its replica on another machine, where the one follows 127.0.0.1', () => {
  const ward = pair();
  for (const one of ward.all) one.rest = { address: { host: '10.0.0.1', port: one.port } };
  says(27104, { settings: { masterauth: 'wrong' } })(ward);
  expect(diagnose(ward.patients).map(({ at, what }) => [...at, what])).toEqual([
    ['10.0.0.1:27104', 'its masterauth is not the requirepass of 10.0.0.1:27102'],
  ]);
});

test('a server that shows nothing but INFO is judged by that', () => {
  const ward = new TextWard();
  for (const one of ward.all) one.change('settings', /.*/s, '');
  expect(diagnose(ward.patients)).toEqual([]);
});
