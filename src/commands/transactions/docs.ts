/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const transactionDocs = (): readonly DocRow[] => [
  ['discard', 'O(N), when N is the number of queued commands', ''],
  ['exec', 'Depends on commands in the transaction', ''],
  ['multi', 'O(1)', ''],
  ['unwatch', 'O(1)', ''],
  ['watch', 'O(1) for every key.', 'key#0*'],
];
