/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

const WHOM = 'args(host-port{host port:integer} | no-one{NO ONE})';

export const replicationDocs = (): readonly DocRow[] => [
  ['failover', 'O(1)', 'TO=target{host port:integer FORCE?}? ABORT? TIMEOUT=milliseconds:integer?'],
  ['psync', '', 'replicationid offset:integer'],
  ['replconf', 'O(1)', '', { system: true }],
  ['replicaof', 'O(1)', WHOM],
  ['slaveof', 'O(1)', WHOM, { deprecated: ['5.0.0', '`REPLICAOF`'] }],
  ['sync', '', ''],
];

export const waitDocs = (): readonly DocRow[] => [
  [
    'wait',
    'O(1)',
    'numreplicas:integer timeout:integer',
    { tips: 'request_policy:all_shards response_policy:agg_min' },
  ],
];
