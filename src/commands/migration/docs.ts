/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const migrationDocs = (): readonly DocRow[] => [
  [
    'migrate',
    'This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.',
    'host port:integer key_or_empty_string(key#0 | ""!empty_string) destination-db:integer timeout:integer COPY?@3.0.0 REPLACE?@3.0.0 authentication(AUTH=password?@4.0.7 | AUTH2=username_password{username password}?@6.0.0)? KEYS=key#1?*@3.0.6',
    {
      history: [
        ['3.0.0', 'Knows COPY and REPLACE.'],
        ['3.0.6', 'Knows KEYS.'],
        ['4.0.7', 'Knows AUTH.'],
        ['6.0.0', 'Knows AUTH2.'],
      ],
      tips: 'nondeterministic_output',
    },
  ],
];
