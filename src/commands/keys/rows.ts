/**
 * Commands on keys of any type. The columns are explained in row.ts.
 *
 * OBJECT is a container: its key is argument 2, behind the sub-command.
 */
/* literal table */
import type { Row } from '../row.js';

// biome-ignore format: a table
export const KEY_ROWS: readonly Row[] = [
  // name             arity flags and categories                         keys                                 since    handler      summary
  ['copy',            -3,   'write denyoom @keyspace',                   'RO access @1; OW update @2',        '6.2.0', null,        'Duplicates a value under another key, in this database or another one.'],
  ['del',             -2,   'write @keyspace',                           'RM delete @1..-1',                  '1.0.0', null,        'Deletes keys, and frees their values before it answers.'],
  ['exists',          -2,   'readonly fast @keyspace',                   'RO @1..-1',                         '1.0.0', null,        'Counts how many of the keys exist; a key named twice counts twice.'],
  ['expire',          -3,   'write fast @keyspace',                      'RW update @1',                      '1.0.0', null,        'Lets a key die after some seconds.'],
  ['expireat',        -3,   'write fast @keyspace',                      'RW update @1',                      '1.2.0', null,        'Lets a key die at a moment given in seconds.'],
  ['expiretime',      2,    'readonly fast @keyspace',                   'RO access @1',                      '7.0.0', null,        'Tells the moment at which a key dies, in seconds.'],
  ['keys',            2,    'readonly @keyspace @dangerous',             '',                                  '1.0.0', null,        'Lists the keys that match a pattern, looking at every key.'],
  ['move',            3,    'write fast @keyspace',                      'RW access update @1',               '1.0.0', null,        'Takes a key over to another database.'],
  ['object',          -2,   '',                                          '',                                  '2.2.3', null,        'Looks at how a value is kept.'],
  ['object|encoding', 3,    'readonly @keyspace',                        'RO @2',                             '2.2.3', null,        'Names the inner form of a value.'],
  ['object|freq',     3,    'readonly @keyspace',                        'RO @2',                             '4.0.0', null,        'Tells how often a value is used, as the LFU policies estimate it.'],
  ['object|help',     2,    'loading stale @keyspace',                   '',                                  '6.2.0', null,        'Lists what OBJECT can do.'],
  ['object|idletime', 3,    'readonly @keyspace',                        'RO @2',                             '2.2.3', null,        'Tells for how many seconds a value was not used.'],
  ['object|refcount', 3,    'readonly @keyspace',                        'RO @2',                             '2.2.3', null,        'Counts the references to a value.'],
  ['persist',         2,    'write fast @keyspace',                      'RW update @1',                      '2.2.0', null,        'Lets a key live for good.'],
  ['pexpire',         -3,   'write fast @keyspace',                      'RW update @1',                      '2.6.0', null,        'Lets a key die after some milliseconds.'],
  ['pexpireat',       -3,   'write fast @keyspace',                      'RW update @1',                      '2.6.0', null,        'Lets a key die at a moment given in milliseconds.'],
  ['pexpiretime',     2,    'readonly fast @keyspace',                   'RO access @1',                      '7.0.0', null,        'Tells the moment at which a key dies, in milliseconds.'],
  ['pttl',            2,    'readonly fast @keyspace',                   'RO access @1',                      '2.6.0', null,        'Tells how many milliseconds a key has left.'],
  ['randomkey',       1,    'readonly touches_arbitrary_keys @keyspace', '',                                  '1.0.0', null,        'Names some key of the database.'],
  ['rename',          3,    'write @keyspace',                           'RW access delete @1; OW update @2', '1.0.0', null,        'Gives a value another key, replacing what was there.'],
  ['renamenx',        3,    'write fast @keyspace',                      'RW access delete @1; OW insert @2', '1.0.0', null,        'Gives a value another key if that one is free.'],
  ['scan',            -2,   'readonly touches_arbitrary_keys @keyspace', '',                                  '2.8.0', null,        'Walks over the keys of the database, some per call.'],
  ['touch',           -2,   'readonly fast @keyspace',                   'RO @1..-1',                         '3.2.1', null,        'Counts which of the keys exist, and marks them as used now.'],
  ['ttl',             2,    'readonly fast @keyspace',                   'RO access @1',                      '1.0.0', null,        'Tells how many seconds a key has left.'],
  ['type',            2,    'readonly fast @keyspace',                   'RO @1',                             '1.0.0', null,        'Names the type of the value at a key.'],
  ['unlink',          -2,   'write fast @keyspace',                      'RM delete @1..-1',                  '4.0.0', null,        'Takes keys out of sight at once and frees their values later.'],
];
