/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const clusterDocs = (): readonly DocRow[] => [
  ['asking', 'O(1)', ''],
  ['cluster', 'Depends on subcommand.', ''],
  ['cluster|addslots', 'O(N) where N is the total number of hash slot arguments', 'slot:integer*'],
  [
    'cluster|addslotsrange',
    'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    'start-slot_end-slot{start-slot:integer end-slot:integer}*',
  ],
  ['cluster|bumpepoch', 'O(1)', '', { tips: 'nondeterministic_output' }],
  [
    'cluster|count-failure-reports',
    'O(N) where N is the number of failure reports',
    'node-id',
    { tips: 'nondeterministic_output' },
  ],
  ['cluster|countkeysinslot', 'O(1)', 'slot:integer'],
  ['cluster|delslots', 'O(N) where N is the total number of hash slot arguments', 'slot:integer*'],
  [
    'cluster|delslotsrange',
    'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    'start-slot_end-slot{start-slot:integer end-slot:integer}*',
  ],
  [
    'cluster|explain',
    'O(N) where N is the total number of Cluster nodes',
    'subject(node-id | slot:integer)?',
    { tips: 'nondeterministic_output' },
  ],
  ['cluster|failover', 'O(1)', 'options(FORCE | TAKEOVER)?'],
  ['cluster|flushslots', 'O(1)', ''],
  ['cluster|forget', 'O(1)', 'node-id'],
  [
    'cluster|getkeysinslot',
    'O(log(N)) where N is the number of requested keys',
    'slot:integer count:integer',
    { tips: 'nondeterministic_output' },
  ],
  ['cluster|help', 'O(1)', ''],
  ['cluster|info', 'O(1)', '', { tips: 'nondeterministic_output' }],
  ['cluster|keyslot', 'O(N) where N is the number of bytes in the key', 'key'],
  ['cluster|links', 'O(N) where N is the total number of Cluster nodes', '', { tips: 'nondeterministic_output' }],
  [
    'cluster|meet',
    'O(1)',
    'ip port:integer cluster_bus_port:integer?@4.0.0',
    { history: [['4.0.0', 'Takes the port of the bus.']] },
  ],
  ['cluster|myid', 'O(1)', ''],
  ['cluster|nodes', 'O(N) where N is the total number of Cluster nodes', '', { tips: 'nondeterministic_output' }],
  ['cluster|replicas', 'O(1)', 'node-id', { tips: 'nondeterministic_output' }],
  ['cluster|replicate', 'O(1)', 'node-id'],
  [
    'cluster|reset',
    'O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.',
    'hard_soft(HARD | SOFT)?',
  ],
  ['cluster|saveconfig', 'O(1)', ''],
  ['cluster|set-config-epoch', 'O(1)', 'config-epoch:integer'],
  ['cluster|setslot', 'O(1)', 'slot:integer subcommand(IMPORTING=node-id | MIGRATING=node-id | NODE=node-id | STABLE)'],
  ['cluster|shards', 'O(N) where N is the total number of cluster nodes', '', { tips: 'nondeterministic_output' }],
  [
    'cluster|slaves',
    'O(1)',
    'node-id',
    { deprecated: ['5.0.0', '`CLUSTER REPLICAS`'], tips: 'nondeterministic_output' },
  ],
  [
    'cluster|slots',
    'O(N) where N is the total number of Cluster nodes',
    '',
    {
      history: [
        ['4.0.0', 'Tells node ids.'],
        ['7.0.0', 'Tells further ways to reach a node.'],
      ],
      deprecated: ['7.0.0', '`CLUSTER SHARDS`'],
      tips: 'nondeterministic_output',
    },
  ],
  ['readonly', 'O(1)', ''],
  ['readwrite', 'O(1)', ''],
];
