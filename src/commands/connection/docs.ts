/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const connectionDocs = (): readonly DocRow[] => [
  [
    'auth',
    'O(N) where N is the number of passwords defined for the user',
    'username?@6.0.0 password',
    { history: [['6.0.0', 'Takes a user name.']] },
  ],
  ['client', 'Depends on subcommand.', ''],
  ['client|getname', 'O(1)', ''],
  ['client|help', 'O(1)', ''],
  ['client|id', 'O(1)', ''],
  ['client|info', 'O(1)', '', { tips: 'nondeterministic_output' }],
  [
    'client|kill',
    'O(N) where N is the number of client connections',
    'filter(ip:port<2.8.12 | new-format(ID=client-id:integer?@2.8.12 | TYPE=normal_master_slave_pubsub(NORMAL | MASTER@3.2.0 | SLAVE | REPLICA@5.0.0 | PUBSUB)?@2.8.12 | USER=username? | ADDR=ip:port? | LADDR=ip:port?@6.2.0 | SKIPME=yes/no?)*)',
    {
      history: [
        ['2.8.12', 'Takes filters.'],
        ['2.8.12', 'Knows ID.'],
        ['3.2.0', 'TYPE can be master.'],
        ['5.0.0', 'TYPE can be replica, the new word for slave.'],
        ['6.2.0', 'Knows LADDR.'],
      ],
    },
  ],
  [
    'client|list',
    'O(N) where N is the number of client connections',
    'TYPE=normal_master_replica_pubsub(NORMAL | MASTER | REPLICA | PUBSUB)?@5.0.0 ID=id{client-id:integer*}?@6.2.0',
    {
      history: [
        ['2.8.12', 'Tells the id.'],
        ['5.0.0', 'Filters by TYPE.'],
        ['6.0.0', 'Tells the user.'],
        ['6.2.0', 'Tells argv-mem, tot-mem, laddr and redir, and filters by ID.'],
        ['7.0.0', 'Tells resp, multi-mem, rbs and rbp.'],
        ['7.0.3', 'Tells ssub.'],
      ],
      tips: 'nondeterministic_output',
    },
  ],
  ['client|no-evict', 'O(1)', 'enabled(ON | OFF)'],
  [
    'client|pause',
    'O(1)',
    'timeout:integer mode(WRITE | ALL)?@6.2.0',
    { history: [['6.2.0', 'Can hold back writes only.']] },
  ],
  ['client|reply', 'O(1)', 'on_off_skip(ON | OFF | SKIP)'],
  ['client|setname', 'O(1)', 'connection-name'],
  [
    'client|unblock',
    'O(log N) where N is the number of client connections',
    'client-id:integer timeout_error(TIMEOUT | ERROR)?',
  ],
  ['client|unpause', 'O(N) Where N is the number of paused clients', ''],
  ['echo', 'O(1)', 'message'],
  [
    'hello',
    'O(1)',
    'arguments{protover:integer AUTH=username_password{username password}? SETNAME=clientname?}?',
    { history: [['6.2.0', 'Without a version it only describes the connection.']] },
  ],
  ['ping', 'O(1)', 'message?', { tips: 'request_policy:all_shards response_policy:all_succeeded' }],
  ['quit', 'O(1)', ''],
  ['reset', 'O(1)', ''],
  ['select', 'O(1)', 'index:integer'],
];
