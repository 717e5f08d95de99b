/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const hashDocs = (): readonly DocRow[] => [
  [
    'hdel',
    'O(N) where N is the number of fields to be removed.',
    'key#0 field*',
    { history: [['2.4.0', 'Takes many fields.']] },
  ],
  ['hexists', 'O(1)', 'key#0 field'],
  ['hget', 'O(1)', 'key#0 field'],
  ['hgetall', 'O(N) where N is the size of the hash.', 'key#0', { tips: 'nondeterministic_output_order' }],
  ['hincrby', 'O(1)', 'key#0 field increment:integer'],
  ['hincrbyfloat', 'O(1)', 'key#0 field increment:double'],
  ['hkeys', 'O(N) where N is the size of the hash.', 'key#0', { tips: 'nondeterministic_output_order' }],
  ['hlen', 'O(1)', 'key#0'],
  ['hmget', 'O(N) where N is the number of fields being requested.', 'key#0 field*'],
  [
    'hmset',
    'O(N) where N is the number of fields being set.',
    'key#0 field_value{field value}*',
    { deprecated: ['4.0.0', '`HSET` with multiple field-value pairs'] },
  ],
  [
    'hrandfield',
    'O(N) where N is the number of fields returned',
    'key#0 options{count:integer WITHVALUES?}?',
    { tips: 'nondeterministic_output' },
  ],
  [
    'hscan',
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    'key#0 cursor:integer MATCH=pattern:pattern? COUNT=count:integer?',
    { tips: 'nondeterministic_output' },
  ],
  [
    'hset',
    'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
    'key#0 field_value{field value}*',
    { history: [['4.0.0', 'Takes many fields with their values.']] },
  ],
  ['hsetnx', 'O(1)', 'key#0 field value'],
  ['hstrlen', 'O(1)', 'key#0 field'],
  ['hvals', 'O(N) where N is the size of the hash.', 'key#0', { tips: 'nondeterministic_output_order' }],
];
