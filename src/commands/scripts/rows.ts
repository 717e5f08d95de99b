/**
 * FUNCTION as rows. The columns are explained in ../row.ts.
 *
 * A container: its sub-commands run, it itself never does.
 */
/* literal table */
import type { Row } from '../row.js';
import {
  functionDelete,
  functionDump,
  functionFlush,
  functionList,
  functionLoad,
  functionRestore,
} from './functions.js';

// biome-ignore format: a table
export const SCRIPT_ROWS: readonly Row[] = [
  // name             arity flags and categories                keys since    handler           summary
  ['function',         -2,  '',                                 '',  '7.0.0', null,            'Looks after libraries of functions.'],
  ['function|delete',  3,   'write noscript @scripting',        '',  '7.0.0', functionDelete,  'Deletes a library.'],
  ['function|dump',    2,   'noscript @scripting',              '',  '7.0.0', functionDump,    'Gives all libraries as bytes that FUNCTION RESTORE takes.'],
  ['function|flush',   -2,  'write noscript @scripting',        '',  '7.0.0', functionFlush,   'Deletes all libraries.'],
  ['function|list',    -2,  'noscript @scripting',              '',  '7.0.0', functionList,    'Lists the libraries and what is in them.'],
  ['function|load',    -3,  'write denyoom noscript protected @scripting', '', '7.0.0', functionLoad, 'Makes a library of its code: our primary alone may say so.'],
  ['function|restore', -3,  'write denyoom noscript @scripting', '', '7.0.0', functionRestore, 'Makes libraries of what FUNCTION DUMP gave.'],
];
