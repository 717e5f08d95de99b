/**
 * MIGRATE as a row. The columns are explained in ../row.ts.
 *
 * Its keys stand in one of two places; keys.ts knows which.
 */
/* literal table */
import type { Row } from '../row.js';
import { migrate } from './migrate.js';

// biome-ignore format: a table
export const MIGRATION_ROWS: readonly Row[] = [
  // name    arity flags and categories           keys                                                       since    handler  summary
  ['migrate', -6,  'write @keyspace @dangerous',  'RW access delete @3; RW access delete incomplete @KEYS>-2..-1', '2.6.0', migrate, 'Takes keys to another server, and removes them here once they are there.'],
];
