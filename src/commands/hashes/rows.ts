/**
 * Commands on hashes. The columns are explained in row.ts.
 *
 * HMSET and HSET differ only in what they answer.
 */
/* literal table */
import type { Row } from '../row.js';
import { hdel, hexists, hget, hincrby, hincrbyfloat, hlen, hmget, hmset, hset, hsetnx, hstrlen } from './fields.js';
import { hgetall, hkeys, hrandfield, hscan, hvals } from './walks.js';

// biome-ignore format: a table
export const HASH_ROWS: readonly Row[] = [
  // name          arity flags and categories        keys                            since    handler       summary
  ['hdel',         -3,   'write fast @hash',         'RW delete @1 member@2',        '2.0.0', hdel,         'Removes fields, and the hash with its last one.'],
  ['hexists',      3,    'readonly fast @hash',      'RO @1 member@2',               '2.0.0', hexists,      'Tells whether a hash has a field.'],
  ['hget',         3,    'readonly fast @hash',      'RO access @1 member@2',        '2.0.0', hget,         'Reads a field.'],
  ['hgetall',      2,    'readonly @hash',           'RO access @1',                 '2.0.0', hgetall,      'Reads all fields with their values.'],
  ['hincrby',      4,    'write denyoom fast @hash', 'RW access update @1 member@2', '2.0.0', hincrby,      'Adds a whole number to a field.'],
  ['hincrbyfloat', 4,    'write denyoom fast @hash', 'RW access update @1 member@2', '2.6.0', hincrbyfloat, 'Adds a fraction to a field.'],
  ['hkeys',        2,    'readonly @hash',           'RO access @1',                 '2.0.0', hkeys,        'Lists the names of all fields.'],
  ['hlen',         2,    'readonly fast @hash',      'RO @1',                        '2.0.0', hlen,         'Counts the fields of a hash.'],
  ['hmget',        -3,   'readonly fast @hash',      'RO access @1 member@2',        '2.0.0', hmget,        'Reads many fields at once.'],
  ['hmset',        -4,   'write denyoom fast @hash', 'RW update @1 member@2',        '2.0.0', hmset,        'Writes many fields at once; HSET does the same.'],
  ['hrandfield',   -2,   'readonly @hash',           'RO access @1',                 '6.2.0', hrandfield,   'Picks fields at random and leaves them where they are.'],
  ['hscan',        -3,   'readonly @hash',           'RO access @1',                 '2.8.0', hscan,        'Walks over the fields of a hash, some per call.'],
  ['hset',         -4,   'write denyoom fast @hash', 'RW update @1 member@2',        '2.0.0', hset,         'Writes fields, making the hash where there is none.'],
  ['hsetnx',       4,    'write denyoom fast @hash', 'RW insert @1 member@2',        '2.0.0', hsetnx,       'Writes a field that is not there yet.'],
  ['hstrlen',      3,    'readonly fast @hash',      'RO @1 member@2',               '3.2.0', hstrlen,      "Counts the bytes of a field's value."],
  ['hvals',        2,    'readonly @hash',           'RO access @1',                 '2.0.0', hvals,        'Lists the values of all fields.'],
];
