/**
 * Commands on lists. The columns are explained in row.ts.
 *
 * An empty list is no list: who pops the last element deletes the key.
 */
/* literal table */
import type { Row } from '../row.js';
import { lmove, lmpop, lpop, lpush, lpushx, rpop, rpoplpush, rpush, rpushx } from './ends.js';
import { lindex, linsert, llen, lpos, lrange, lrem, lset, ltrim } from './places.js';
import { blmove, blmpop, blpop, brpop, brpoplpush } from './waiting.js';

// biome-ignore format: a table
export const LIST_ROWS: readonly Row[] = [
  // name        arity flags and categories                   keys                                 since    handler     summary
  ['blmove',     6,  'write denyoom noscript blocking @list', 'RW access delete @1; RW insert @2', '6.2.0', blmove,     'Moves an element from an end of one list to an end of another, and waits for it where there is none.'],
  ['blmpop',     -5, 'write blocking @list',                  'RW access delete @2:numkeys',       '7.0.0', blmpop,     'Pops elements from the first list among the keys that is not empty, and waits for one where all are.'],
  ['blpop',      -3, 'write noscript blocking @list',         'RW access delete @1..-2',           '2.0.0', blpop,      'Pops the head of the first list that is not empty, and waits for one where all are.'],
  ['brpop',      -3, 'write noscript blocking @list',         'RW access delete @1..-2',           '2.0.0', brpop,      'Pops the tail of the first list that is not empty, and waits for one where all are.'],
  ['brpoplpush', 4,  'write denyoom noscript blocking @list', 'RW access delete @1; RW insert @2', '2.2.0', brpoplpush, 'Moves the tail of one list to the head of another, and waits for it where there is none.'],
  ['lindex',     3,  'readonly @list',                        'RO access @1',                      '1.0.0', lindex,     'Reads the element at an index.'],
  ['linsert',    5,  'write denyoom @list',                   'RW insert @1',                      '2.2.0', linsert,    'Puts an element before or behind the first one that equals the pivot.'],
  ['llen',       2,  'readonly fast @list',                   'RO @1',                             '1.0.0', llen,       'Counts the elements of a list.'],
  ['lmove',      5,  'write denyoom @list',                   'RW access delete @1; RW insert @2', '6.2.0', lmove,      'Moves an element from an end of one list to an end of another.'],
  ['lmpop',      -4, 'write @list',                           'RW access delete @1:numkeys',       '7.0.0', lmpop,      'Pops elements from the first list among the keys that is not empty.'],
  ['lpop',       -2, 'write fast @list',                      'RW access delete @1',               '1.0.0', lpop,       'Pops elements from the head of a list.'],
  ['lpos',       -3, 'readonly @list',                        'RO access @1',                      '6.0.6', lpos,       'Finds the index of elements that equal a value.'],
  ['lpush',      -3, 'write denyoom fast @list',              'RW insert @1',                      '1.0.0', lpush,      'Puts elements at the head of a list, making the list where there is none.'],
  ['lpushx',     -3, 'write denyoom fast @list',              'RW insert @1',                      '2.2.0', lpushx,     'Puts elements at the head of a list that exists.'],
  ['lrange',     4,  'readonly @list',                        'RO access @1',                      '1.0.0', lrange,     'Reads the elements between two indexes.'],
  ['lrem',       4,  'write @list',                           'RW delete @1',                      '1.0.0', lrem,       'Removes elements that equal a value, from either end.'],
  ['lset',       4,  'write denyoom @list',                   'RW update @1',                      '1.0.0', lset,       'Replaces the element at an index.'],
  ['ltrim',      4,  'write @list',                           'RW delete @1',                      '1.0.0', ltrim,      'Keeps the elements between two indexes and drops the others.'],
  ['rpop',       -2, 'write fast @list',                      'RW access delete @1',               '1.0.0', rpop,       'Pops elements from the tail of a list.'],
  ['rpoplpush',  3,  'write denyoom @list',                   'RW access delete @1; RW insert @2', '1.2.0', rpoplpush,  'Moves the tail of one list to the head of another.'],
  ['rpush',      -3, 'write denyoom fast @list',              'RW insert @1',                      '1.0.0', rpush,      'Puts elements at the tail of a list, making the list where there is none.'],
  ['rpushx',     -3, 'write denyoom fast @list',              'RW insert @1',                      '2.2.0', rpushx,     'Puts elements at the tail of a list that exists.'],
];
