/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const RESTORE_COMPLEXITY =
  'O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).';
export const RESTORE_SYNTAX =
  'key#0 ttl:integer serialized-value REPLACE?@3.0.0 ABSTTL?@5.0.0 IDLETIME=seconds:integer?@5.0.0 FREQ=frequency:integer?@5.0.0';
export const RESTORE_HISTORY: readonly (readonly [string, string])[] = [
  ['3.0.0', 'Knows REPLACE.'],
  ['5.0.0', 'Knows ABSTTL.'],
  ['5.0.0', 'Knows IDLETIME and FREQ.'],
];

export const keyDocs = (): readonly DocRow[] => [
  [
    'copy',
    'O(N) worst case for collections, where N is the number of nested items. O(1) for string values.',
    'source#0 destination#1 DB=destination-db:integer? REPLACE?',
  ],
  [
    'del',
    'O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).',
    'key#0*',
    { tips: 'request_policy:multi_shard response_policy:agg_sum' },
  ],
  [
    'dump',
    'O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).',
    'key#0',
    { tips: 'nondeterministic_output' },
  ],
  [
    'exists',
    'O(N) where N is the number of keys to check.',
    'key#0*',
    { history: [['3.0.3', 'Takes many keys.']], tips: 'request_policy:multi_shard response_policy:agg_sum' },
  ],
  [
    'expire',
    'O(1)',
    'key#0 seconds:integer condition(NX | XX | GT | LT)?@7.0.0',
    { history: [['7.0.0', 'Knows NX, XX, GT and LT.']] },
  ],
  [
    'expireat',
    'O(1)',
    'key#0 unix-time-seconds:unix-time condition(NX | XX | GT | LT)?@7.0.0',
    { history: [['7.0.0', 'Knows NX, XX, GT and LT.']] },
  ],
  ['expiretime', 'O(1)', 'key#0'],
  [
    'keys',
    'O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.',
    'pattern:pattern',
    { tips: 'request_policy:all_shards nondeterministic_output_order' },
  ],
  ['move', 'O(1)', 'key#0 db:integer'],
  ['object', 'Depends on subcommand.', ''],
  ['object|encoding', 'O(1)', 'key#0', { tips: 'nondeterministic_output' }],
  ['object|freq', 'O(1)', 'key#0', { tips: 'nondeterministic_output' }],
  ['object|help', 'O(1)', ''],
  ['object|idletime', 'O(1)', 'key#0', { tips: 'nondeterministic_output' }],
  ['object|refcount', 'O(1)', 'key#0', { tips: 'nondeterministic_output' }],
  ['persist', 'O(1)', 'key#0'],
  [
    'pexpire',
    'O(1)',
    'key#0 milliseconds:integer condition(NX | XX | GT | LT)?@7.0.0',
    { history: [['7.0.0', 'Knows NX, XX, GT and LT.']] },
  ],
  [
    'pexpireat',
    'O(1)',
    'key#0 unix-time-milliseconds:unix-time condition(NX | XX | GT | LT)?@7.0.0',
    { history: [['7.0.0', 'Knows NX, XX, GT and LT.']] },
  ],
  ['pexpiretime', 'O(1)', 'key#0'],
  ['pttl', 'O(1)', 'key#0', { history: [['2.8.0', 'Answers -2 for a missing key.']], tips: 'nondeterministic_output' }],
  ['randomkey', 'O(1)', '', { tips: 'request_policy:all_shards nondeterministic_output' }],
  ['rename', 'O(1)', 'key#0 newkey#1'],
  ['renamenx', 'O(1)', 'key#0 newkey#1', { history: [['3.2.0', 'The new name may equal the old one.']] }],
  ['restore', RESTORE_COMPLEXITY, RESTORE_SYNTAX, { history: RESTORE_HISTORY }],
  [
    'scan',
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    'cursor:integer MATCH=pattern:pattern? COUNT=count:integer? TYPE=type?@6.0.0',
    { history: [['6.0.0', 'Knows TYPE.']], tips: 'nondeterministic_output request_policy:special' },
  ],
  [
    'touch',
    'O(N) where N is the number of keys that will be touched.',
    'key#0*',
    { tips: 'request_policy:multi_shard response_policy:agg_sum' },
  ],
  ['ttl', 'O(1)', 'key#0', { history: [['2.8.0', 'Answers -2 for a missing key.']], tips: 'nondeterministic_output' }],
  ['type', 'O(1)', 'key#0'],
  [
    'unlink',
    'O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.',
    'key#0*',
    { tips: 'request_policy:multi_shard response_policy:agg_sum' },
  ],
];
