/**
 * What the doctor finds in a cluster: six healthy servers, and what each single change of what they say makes of it. A
 * row is the change, and the findings, of which the beginning is enough.
 */
import { refuses, type Row, testRows, type TextWard } from './ward.js';

const ID_27100 = '297a0841b26ec2ee9b6e286ef079d79cee366650';
const GHOST = `${'f'.repeat(40)} 127.0.0.1:6382@16382`;

/** All say that they are on another machine. */
function hosts(ward: TextWard, hostOf: (port: number) => string): void {
  for (const one of ward.all) {
    one.change('nodes', /127\.0\.0\.1:(\d+)@/g, '%$1@');
    for (const { port } of ward.all) one.change('nodes', `%${port}@`, `${hostOf(port)}:${port}@`);
  }
}

const ROWS: readonly Row[] = [
  ['all is well', () => {}],

  // who talks
  [
    'nobody there',
    (w) => (w.at(27104).rest = { access: { kind: 'unreachable', reason: 'no connection in time' } }),
    'wrong 27104: does not answer (no connection in time)',
  ],
  [
    'a password that was not given',
    refuses(27104, 'NOAUTH Authentication required.'),
    'wrong 27104: asks for a password',
  ],
  [
    'another password',
    refuses(27104, 'WRONGPASS invalid username-password pair or user is disabled.'),
    'wrong 27104: takes another password',
  ],
  [
    'protected mode',
    refuses(27104, 'DENIED Redis is running in protected mode because'),
    'wrong 27104: is in protected mode',
  ],
  [
    'a user without rights',
    refuses(27104, "NOPERM this user has no permissions to run the 'info' command"),
    'wrong 27104: does not let this user look',
  ],
  [
    'some other refusal',
    refuses(27104, 'ERR max number of clients reached'),
    'wrong 27104: refuses to talk: ERR max number of clients reached',
  ],
  [
    'one door is open',
    (w) => {
      w.at(27104).rest = { isUnlocked: true };
      w.at(27104).set('settings', 'requirepass', '');
    },
    'wrong 27104: asks for no password, while the others do',
  ],
  [
    'all doors are open',
    (w) => {
      for (const one of w.all) {
        one.rest = { isUnlocked: true };
        one.set('settings', 'requirepass', '');
      }
    },
    'hint 27100 27101 27102 27103 27104 27105: asks for no password, and one was given',
  ],

  // passwords
  [
    'requirepass without masterauth',
    (w) => {
      for (const one of w.all) one.set('settings', 'masterauth', '');
    },
    'wrong 27100 27101 27102 27103 27104 27105: has requirepass but no masterauth',
  ],
  [
    'a wrong masterauth',
    (w) => w.at(27104).set('settings', 'masterauth', 'wrong'),
    'wrong 27104: its masterauth is not the requirepass of 127.0.0.1:27100, 127.0.0.1:27101, 127.0.0.1:27102',
  ],
  [
    'another requirepass',
    (w) => w.at(27104).set('settings', 'requirepass', 'other'),
    'wrong 27100 27101 27102 27103 27105: its masterauth is not the requirepass of 127.0.0.1:27104',
  ],

  // slots
  [
    'slots of nobody',
    (w) => w.everywhere(/ 5461-10922/, ' 5461-10000'),
    'wrong : slots 10001-10922 have no owner; meanwhile all slots are refused',
  ],
  [
    'slots of nobody, and the rest is served',
    (w) => {
      w.everywhere(/ 5461-10922/, ' 5461-10000');
      for (const one of w.all) one.set('settings', 'cluster-require-full-coverage', 'no');
    },
    'wrong : slots 10001-10922 have no owner; the others are served',
  ],
  [
    'a primary without a successor',
    (w) => {
      w.dead(27105);
      w.dead(27100);
    },
    'wrong 27100: has failed with slots 0-5460, and no replica has taken over; meanwhile',
    'wrong 27100 27105: does not answer, and is held for failed by 4 of 4',
  ],
  [
    'a slot with two owners',
    (w) => w.at(27101).change('nodes', / 5461-10922/, ' 5460-10922'),
    'wrong 27100 27101: both claim slots 5460',
    'wrong 27100 27102 27103 27104 27105: has not heard of the slots of 127.0.0.1:27101',
  ],
  [
    'open slots',
    (w) =>
      w
        .at(27100)
        .change(
          'nodes',
          / 0-5460/,
          ` 0-5460 [7->-${GHOST.slice(0, 40)}] [9->-${GHOST.slice(0, 40)}] [9000-<-${GHOST.slice(0, 40)}]`,
        ),
    'wrong 27100: has open slots: 7 9 migrating, 9000 importing',
  ],
  [
    'a primary without slots',
    (w) => w.everywhere(/slave 297a\w+/, 'master -'),
    'wrong 27100: has no replica',
    'hint 27105: is a primary without slots',
  ],

  // members
  [
    'a replica has failed',
    (w) => w.dead(27105),
    'wrong 27105: does not answer, and is held for failed by 5 of 5',
    'wrong 27100: has no replica: if it fails, nobody takes over its slots',
  ],
  [
    'a node that answers here is held for failed',
    (w) => {
      for (const port of [27101, 27102]) w.at(port).change('nodes', /(:27100@\d+) master/, '$1 master,fail');
    },
    'wrong 27100: is held for failed by 2 of 6, though it answers here',
  ],
  [
    'failed for others, locked for us',
    (w) => {
      w.everywhere(/(:27104@\d+) (myself,)?slave/, '$1 $2slave,fail');
      refuses(27104, 'NOAUTH Authentication required.')(w);
    },
    'wrong 27104: asks for a password',
    'wrong 27104: is held for failed by 5 of 5, though it answers here',
    'wrong 27102: has no replica',
  ],
  [
    'a suspicion',
    (w) => w.at(27101).change('nodes', /(:27100@\d+) master/, '$1 master,fail?'),
    'wrong 27100: is suspected to have failed by 1 of 6, though it answers here',
  ],
  [
    'a node without address',
    (w) => w.at(27101).change('nodes', /$/, `${GHOST.slice(0, 40)} :0@0 master,noaddr - 0 0 0 disconnected\n`),
    'wrong : node ffffffff is known without an address',
  ],
  [
    'a handshake with nobody',
    (w) => w.at(27101).change('nodes', /$/, `${GHOST} handshake - 0 0 0 disconnected\n`),
    'wrong 27101: waits for a first answer of 127.0.0.1:6382 (bus 16382)',
  ],
  [
    'one does not know another',
    (w) => w.at(27101).change('nodes', /^.*:27104@.*\n/m, ''),
    'wrong 27101: does not know 127.0.0.1:27104',
  ],
  [
    'no link',
    (w) => w.at(27101).change('nodes', /^(.*:27104@.*) connected/m, '$1 disconnected'),
    'wrong 27101: has no link to 127.0.0.1:27104',
  ],
  [
    'another role',
    (w) => w.at(27101).change('nodes', /^(.*:27104@\d+) slave \w+/m, `$1 slave ${ID_27100}`),
    'wrong 27101: has not heard of the role of 127.0.0.1:27104',
  ],
  [
    'another epoch',
    (w) => w.at(27101).change('nodes', /^(.*:27100@.*) 1 connected/m, '$1 8 connected'),
    'wrong 27100: has config epoch 1, and for 1 of the others it is 8',
  ],
  [
    'one epoch twice',
    (w) => w.everywhere(/^(.*:2710[14]@.*) 2 connected/m, '$1 1 connected'),
    'wrong 27100 27101: have the same config epoch 1',
  ],
  [
    'no cluster node',
    (w) => {
      const one = w.at(27104);
      one.set('info', 'cluster_enabled', '0');
      one.change('nodes', /.*/s, '');
    },
    'wrong 27104: is no cluster node',
  ],
  [
    'a node alone',
    (w) => {
      w.all.splice(1);
      const [one] = w.all;
      one?.change('nodes', /.*/s, `${ID_27100} :27100@37100 myself,master - 0 0 0 connected\n`);
      one?.set('cluster', 'cluster_slots_assigned', '0');
    },
    'wrong 27100: is a cluster node that knows no other and serves nothing',
  ],
  [
    'a cluster of one',
    (w) => {
      w.all.splice(1);
      w.all[0]?.change('nodes', /.*/s, `${ID_27100} 127.0.0.1:27100@37100 myself,master - 0 0 1 connected 0-16383\n`);
    },
    'hint 27100: is a cluster of one node',
    'hint : no primary has a replica',
  ],
  [
    'the small side of a split',
    (w) => w.at(27104).set('cluster', 'cluster_state', 'fail'),
    'wrong 27104: says cluster_state:fail, though all slots have an owner',
  ],
  [
    'a closed bus port',
    (w) => (w.at(27104).rest = { busAnswers: false }),
    'wrong 27104: its bus port 37104 cannot be reached from here',
  ],
  [
    'two primaries',
    (w) => {
      w.everywhere(/ 5461-10922/, '');
      w.everywhere(/ 0-5460/, ' 0-10922');
    },
    'hint : 2 primaries with slots: when one fails, no majority is left',
    'hint 27101: is a primary without slots',
  ],

  // machines
  [
    'an address of this machine, told to others',
    (w) => hosts(w, (port) => (port === 27104 ? '127.0.0.1' : `10.0.0.${port % 100}`)),
    'wrong 27104: tells others that it is 127.0.0.1',
  ],
  ['six machines', (w) => hosts(w, (port) => `10.0.0.${port % 100}`)],
  ['one machine', (w) => hosts(w, () => '10.0.0.1'), 'hint : all nodes are on 10.0.0.1, and go down with it'],
  [
    'a replica beside its primary',
    (w) => hosts(w, (port) => `10.0.0.${port === 27105 ? 0 : port % 100}`),
    'wrong 27105: is on the same machine as its primary 127.0.0.1:27100',
  ],
  [
    'most primaries on one machine',
    (w) => hosts(w, (port) => (port < 27102 ? '10.0.0.1' : `10.0.0.${port}`)),
    'hint : 2 of 3 primaries are on 10.0.0.1: when it goes, no majority is left',
  ],
];

testRows(ROWS);
