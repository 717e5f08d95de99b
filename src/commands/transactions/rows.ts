/**
 * Commands of transactions. The columns are explained in row.ts.
 *
 * They are obeyed at once inside of a transaction, where all else is queued.
 */
/* literal table */
import type { Row } from '../row.js';
import { discard, exec, multi, unwatch, watch } from './transactions.js';

// biome-ignore format: a table
export const TRANSACTION_ROWS: readonly Row[] = [
  // name     arity flags and categories                                   keys         since    handler  summary
  ['discard', 1,    'noscript loading stale fast allow_busy @transaction', '',          '2.0.0', discard, 'Drops the transaction and its queued commands.'],
  ['exec',    1,    'noscript loading stale skip_slowlog @transaction',    '',          '1.2.0', exec,    'Runs the queued commands as one, unless a watched key was touched.'],
  ['multi',   1,    'noscript loading stale fast allow_busy @transaction', '',          '1.2.0', multi,   'Opens a transaction: from now on commands are queued.'],
  ['unwatch', 1,    'noscript loading stale fast allow_busy @transaction', '',          '2.2.0', unwatch, 'Stops watching keys.'],
  ['watch',   -2,   'noscript loading stale fast allow_busy @transaction', 'RO @1..-1', '2.2.0', watch,   'Makes the next EXEC depend on these keys staying as they are.'],
];
