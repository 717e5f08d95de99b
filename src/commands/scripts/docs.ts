/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

const EVERYWHERE = 'request_policy:all_shards response_policy:all_succeeded';

export const scriptDocs = (): readonly DocRow[] => [
  ['function', 'Depends on subcommand.', ''],
  ['function|dump', 'O(N) where N is the number of functions', ''],
  ['function|flush', 'O(N) where N is the number of functions deleted', 'async(ASYNC | SYNC)?', { tips: EVERYWHERE }],
  [
    'function|list',
    'O(N) where N is the number of functions',
    'LIBRARYNAME=library-name-pattern? WITHCODE?',
    { tips: 'nondeterministic_output_order' },
  ],
  ['function|delete', 'O(1)', 'library-name', { tips: EVERYWHERE }],
  ['function|load', 'O(1) (considering compilation time is redundant)', 'REPLACE? function-code', { tips: EVERYWHERE }],
  [
    'function|restore',
    'O(N) where N is the number of functions on the payload',
    'serialized-value policy(FLUSH | APPEND | REPLACE)?',
    { tips: EVERYWHERE },
  ],
];
