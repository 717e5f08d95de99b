/**
 * Commands on strings. The columns are explained in row.ts.
 *
 * A counter is a string of digits: INCR and its kin have no type of their own.
 */
/* literal table */
import type { Row } from '../row.js';
import { decr, decrby, incr, incrby, incrbyfloat } from './counters.js';
import { get, getdel, getrange, getset, strlen } from './get.js';
import { lcs } from './lcs.js';
import { mget, mset, msetnx } from './many.js';
import { getex, psetex, set, setex, setnx } from './set.js';
import { append, setrange } from './splice.js';

// biome-ignore format: a table
export const STRING_ROWS: readonly Row[] = [
  // name         arity flags and categories          keys                                  since    handler      summary
  ['append',      3,    'write denyoom fast @string', 'RW insert @1',                       '2.0.0', append,      'Writes bytes at the end of a string, making the string where there is none.'],
  ['decr',        2,    'write denyoom fast @string', 'RW access update @1',                '1.0.0', decr,        'Takes one off a counter.'],
  ['decrby',      3,    'write denyoom fast @string', 'RW access update @1',                '1.0.0', decrby,      'Takes a given number off a counter.'],
  ['get',         2,    'readonly fast @string',      'RO access @1',                       '1.0.0', get,         'Reads a string.'],
  ['getdel',      2,    'write fast @string',         'RW access delete @1',                '6.2.0', getdel,      'Reads a string and deletes its key.'],
  ['getex',       -2,   'write fast @string',         'RW access update @1',                '6.2.0', getex,       'Reads a string and changes when its key expires.'],
  ['getrange',    4,    'readonly @string',           'RO access @1',                       '2.4.0', getrange,    'Reads the bytes of a string between two offsets.'],
  ['getset',      3,    'write denyoom fast @string', 'RW access update @1',                '1.0.0', getset,      'Replaces a string and returns what it was.'],
  ['incr',        2,    'write denyoom fast @string', 'RW access update @1',                '1.0.0', incr,        'Adds one to a counter.'],
  ['incrby',      3,    'write denyoom fast @string', 'RW access update @1',                '1.0.0', incrby,      'Adds a given number to a counter.'],
  ['incrbyfloat', 3,    'write denyoom fast @string', 'RW access update @1',                '2.6.0', incrbyfloat, 'Adds a given fraction to a number.'],
  ['lcs',         -3,   'readonly @string',           'RO access @1..+1',                   '7.0.0', lcs,         'Finds the longest sequence of bytes that two strings share, gaps allowed.'],
  ['mget',        -2,   'readonly fast @string',      'RO access @1..-1',                   '1.0.0', mget,        'Reads many strings at once.'],
  ['mset',        -3,   'write denyoom @string',      'OW update @1..-1/2',                 '1.0.1', mset,        'Writes many strings at once.'],
  ['msetnx',      -3,   'write denyoom @string',      'OW insert @1..-1/2',                 '1.0.1', msetnx,      'Writes many strings at once, or none if one of the keys is there already.'],
  ['psetex',      4,    'write denyoom @string',      'OW update @1',                       '2.6.0', psetex,      'Writes a string that lives for some milliseconds.'],
  ['set',         -3,   'write denyoom @string',      'RW access update variable_flags @1', '1.0.0', set,         'Writes a string, whatever the key held before.'],
  ['setex',       4,    'write denyoom @string',      'OW update @1',                       '2.0.0', setex,       'Writes a string that lives for some seconds.'],
  ['setnx',       3,    'write denyoom fast @string', 'OW insert @1',                       '1.0.0', setnx,       'Writes a string if the key is free.'],
  ['setrange',    4,    'write denyoom @string',      'RW update @1',                       '2.2.0', setrange,    'Writes bytes into a string from an offset on, padding with zero bytes.'],
  ['strlen',      2,    'readonly fast @string',      'RO @1',                              '2.2.0', strlen,      'Counts the bytes of a string.'],
  ['substr',      4,    'readonly @string',           'RO access @1',                       '1.0.0', getrange,    'The old name of GETRANGE.'],
];
