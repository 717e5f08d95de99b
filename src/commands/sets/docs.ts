/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const setDocs = (): readonly DocRow[] => [
  [
    'sadd',
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    'key#0 member*',
    { history: [['2.4.0', 'Takes many members.']] },
  ],
  ['scard', 'O(1)', 'key#0'],
  [
    'sdiff',
    'O(N) where N is the total number of elements in all given sets.',
    'key#0*',
    { tips: 'nondeterministic_output_order' },
  ],
  ['sdiffstore', 'O(N) where N is the total number of elements in all given sets.', 'destination#0 key#1*'],
  [
    'sinter',
    'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    'key#0*',
    { tips: 'nondeterministic_output_order' },
  ],
  [
    'sintercard',
    'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    'numkeys:integer key#0* LIMIT=limit:integer?',
  ],
  [
    'sinterstore',
    'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    'destination#0 key#1*',
  ],
  ['sismember', 'O(1)', 'key#0 member'],
  ['smembers', 'O(N) where N is the set cardinality.', 'key#0', { tips: 'nondeterministic_output_order' }],
  ['smismember', 'O(N) where N is the number of elements being checked for membership', 'key#0 member*'],
  ['smove', 'O(1)', 'source#0 destination#1 member'],
  [
    'spop',
    'Without the count argument O(1), otherwise O(N) where N is the value of the passed count.',
    'key#0 count:integer?@3.2.0',
    { history: [['3.2.0', 'Takes a count.']], tips: 'nondeterministic_output' },
  ],
  [
    'srandmember',
    'Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.',
    'key#0 count:integer?@2.6.0',
    { history: [['2.6.0', 'Takes a count.']], tips: 'nondeterministic_output' },
  ],
  [
    'srem',
    'O(N) where N is the number of members to be removed.',
    'key#0 member*',
    { history: [['2.4.0', 'Takes many members.']] },
  ],
  [
    'sscan',
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    'key#0 cursor:integer MATCH=pattern:pattern? COUNT=count:integer?',
    { tips: 'nondeterministic_output' },
  ],
  [
    'sunion',
    'O(N) where N is the total number of elements in all given sets.',
    'key#0*',
    { tips: 'nondeterministic_output_order' },
  ],
  ['sunionstore', 'O(N) where N is the total number of elements in all given sets.', 'destination#0 key#1*'],
];
