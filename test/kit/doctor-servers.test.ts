/**
 * What the doctor finds at servers one by one and in pairs: copies, disks, memory, clocks. As in doctor.test.ts, a row
 * is one change to six healthy servers, and the findings, of which the beginning is enough.
 */
import { expect, test } from 'vitest';
import { diagnose } from '../../src/kit/doctor/diagnose.js';
import { findingsOf, type Row, TextWard } from './ward.js';

const LINK_DOWN = 'master_link_status:down';

const ROWS: readonly Row[] = [
  // replicas
  [
    'a link that is down, and why',
    (w) => {
      w.at(27104).change('info', 'master_link_status:up', LINK_DOWN);
      w.at(27104).set('info', 'master_link_error', '-NOAUTH Authentication required.');
    },
    'wrong 27104: cannot copy its primary 127.0.0.1:27102: -NOAUTH Authentication required.',
  ],
  [
    'a link that is down for long',
    (w) => {
      w.at(27104).change('info', 'master_link_status:up', LINK_DOWN);
      w.at(27104).set('info', 'master_link_down_since_seconds', '70');
    },
    'wrong 27104: cannot copy its primary 127.0.0.1:27102, for 70 s',
  ],
  [
    'a sync',
    (w) => {
      const one = w.at(27104);
      one.change('info', 'master_link_status:up', LINK_DOWN);
      one.set('info', 'master_sync_in_progress', '1');
      one.set('info', 'master_sync_perc', '42.00');
    },
    'hint 27104: copies all data of its primary 127.0.0.1:27102 (42.00 %)',
  ],
  [
    'a replica far behind',
    (w) => w.at(27102).set('info', 'master_repl_offset', '9000014'),
    'wrong 27104: is 8.6 MiB behind its primary 127.0.0.1:27102, which keeps 1.0 MiB',
  ],
  [
    'a replica that says nothing',
    (w) => w.at(27102).change('info', /^(slave0:.*),lag=\d+/m, '$1,lag=30'),
    'wrong 27102: its replica 127.0.0.1:27104 (30 s) has said nothing for long',
  ],
  [
    'too few replicas for writes',
    (w) => {
      w.at(27102).set('settings', 'min-replicas-to-write', '2');
      w.at(27102).set('info', 'min_slaves_good_slaves', '1');
    },
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
  ['a primary that keeps nothing', (w) => w.at(27102).set('settings', 'save', ''), 'hint 27102: keeps nothing on disk'],

  // one by itself
  [
    'a failed save',
    (w) => w.at(27102).set('info', 'rdb_last_bgsave_status', 'err'),
    'wrong 27102: the last save failed, so writes are refused (MISCONF)',
  ],
  [
    'a failed save that stops nobody',
    (w) => {
      w.at(27102).set('info', 'rdb_last_bgsave_status', 'err');
      w.at(27102).set('settings', 'stop-writes-on-bgsave-error', 'no');
    },
    'wrong 27102: the last save failed',
  ],
  [
    'a failed append',
    (w) => {
      w.at(27102).set('info', 'aof_enabled', '1');
      w.at(27102).set('info', 'aof_last_write_status', 'err');
    },
    'wrong 27102: the last write to its AOF failed, so writes are refused (MISCONF)',
  ],
  [
    'a failed rewrite',
    (w) => {
      w.at(27102).set('info', 'aof_enabled', '1');
      w.at(27102).set('info', 'aof_last_bgrewrite_status', 'err');
    },
    'wrong 27102: the last rewrite of its AOF failed',
  ],
  [
    'loading',
    (w) => {
      w.at(27102).set('info', 'loading', '1');
      w.at(27102).set('info', 'loading_loaded_perc', '12.50');
    },
    'hint 27102: loads its data (12.50 %) and answers LOADING',
  ],
  [
    'maxmemory without a policy',
    (w) => {
      for (const one of w.all) one.set('info', 'maxmemory', '104857600');
    },
    'hint 27100 27101 27102 27103 27104 27105: has maxmemory 100 MiB without a policy',
  ],
  ['a full server', (w) => w.at(27102).set('info', 'maxmemory', '1048576'), 'wrong 27102: is full'],
  [
    'a full machine',
    (w) => w.at(27102).set('info', 'used_memory_rss', '25276510208'),
    'wrong 27102: holds 24106 MiB of the 24106 MiB of its machine',
  ],
  [
    'clients turned away',
    (w) => w.at(27102).set('info', 'rejected_connections', '3'),
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
    (w) => w.at(27104).set('info', 'redis_version', '6.2.14'),
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
    (w) => w.at(27104).set('settings', 'cluster-node-timeout', '15000'),
    'hint : cluster-node-timeout differs: 5000',
  ],
];

const CASES = ROWS.map(([name, change, ...expected]) => ({ name, change, expected }));

test.each(CASES)('$name', ({ change, expected }) => {
  const found = findingsOf(change);
  expect(found.map((text, i) => text.slice(0, expected[i]?.length))).toEqual(expected);
});

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
  ward.at(27104).set('settings', 'masterauth', 'wrong');
  ward.at(27104).change('info', 'master_link_status:up', LINK_DOWN);
  expect(diagnose(ward.patients).map(({ at, what }) => [...at, what])).toEqual([
    ['127.0.0.1:27104', 'its masterauth is not the requirepass of 127.0.0.1:27102'],
    ['127.0.0.1:27104', expect.stringMatching(/^cannot copy its primary 127.0.0.1:27102/)],
  ]);
});

test('a server that shows nothing but INFO is judged by that', () => {
  const ward = new TextWard();
  for (const one of ward.all) one.change('settings', /.*/s, '');
  expect(diagnose(ward.patients)).toEqual([]);
});
