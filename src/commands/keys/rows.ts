/**
 * Commands on keys of any type. The columns are explained in row.ts.
 *
 * OBJECT is a container: its key is argument 2, behind the sub-command.
 */
/* literal table */
import type { Row } from '../row.js';
import { dump, restore } from './dump.js';
import { del, exists, touch, type, unlink } from './exist.js';
import { expire, expireat, expiretime, persist, pexpire, pexpireat, pexpiretime, pttl, ttl } from './expire.js';
import { objectEncoding, objectFreq, objectHelp, objectIdletime, objectRefcount } from './object.js';
import { copy, move, rename, renamenx } from './rename.js';
import { keys, randomkey, scan } from './walk.js';

// biome-ignore format: a table
export const KEY_ROWS: readonly Row[] = [
  // name             arity flags and categories                         keys                                 since    handler         summary
  ['copy',            -3,   'write denyoom @keyspace',                   'RO access @1; OW update @2',        '6.2.0', copy,           'Duplicates a value under another key, in this database or another one.'],
  ['del',             -2,   'write @keyspace',                           'RM delete @1..-1',                  '1.0.0', del,            'Deletes keys, and frees their values before it answers.'],
  ['dump',            2,    'readonly @keyspace',                        'RO access @1',                      '2.6.0', dump,           'Gives the value of a key as bytes that RESTORE takes.'],
  ['exists',          -2,   'readonly fast @keyspace',                   'RO @1..-1',                         '1.0.0', exists,         'Counts how many of the keys exist; a key named twice counts twice.'],
  ['expire',          -3,   'write fast @keyspace',                      'RW update @1',                      '1.0.0', expire,         'Lets a key die after some seconds.'],
  ['expireat',        -3,   'write fast @keyspace',                      'RW update @1',                      '1.2.0', expireat,       'Lets a key die at a moment given in seconds.'],
  ['expiretime',      2,    'readonly fast @keyspace',                   'RO access @1',                      '7.0.0', expiretime,     'Tells the moment at which a key dies, in seconds.'],
  ['keys',            2,    'readonly @keyspace @dangerous',             '',                                  '1.0.0', keys,           'Lists the keys that match a pattern, looking at every key.'],
  ['move',            3,    'write fast @keyspace',                      'RW access update @1',               '1.0.0', move,           'Takes a key over to another database.'],
  ['object',          -2,   '',                                          '',                                  '2.2.3', null,           'Looks at how a value is kept.'],
  ['object|encoding', 3,    'readonly @keyspace',                        'RO @2',                             '2.2.3', objectEncoding, 'Names the inner form of a value.'],
  ['object|freq',     3,    'readonly @keyspace',                        'RO @2',                             '4.0.0', objectFreq,     'Tells how often a value is used, as the LFU policies estimate it.'],
  ['object|help',     2,    'loading stale @keyspace',                   '',                                  '6.2.0', objectHelp,     'Lists what OBJECT can do.'],
  ['object|idletime', 3,    'readonly @keyspace',                        'RO @2',                             '2.2.3', objectIdletime, 'Tells for how many seconds a value was not used.'],
  ['object|refcount', 3,    'readonly @keyspace',                        'RO @2',                             '2.2.3', objectRefcount, 'Counts the references to a value.'],
  ['persist',         2,    'write fast @keyspace',                      'RW update @1',                      '2.2.0', persist,        'Lets a key live for good.'],
  ['pexpire',         -3,   'write fast @keyspace',                      'RW update @1',                      '2.6.0', pexpire,        'Lets a key die after some milliseconds.'],
  ['pexpireat',       -3,   'write fast @keyspace',                      'RW update @1',                      '2.6.0', pexpireat,      'Lets a key die at a moment given in milliseconds.'],
  ['pexpiretime',     2,    'readonly fast @keyspace',                   'RO access @1',                      '7.0.0', pexpiretime,    'Tells the moment at which a key dies, in milliseconds.'],
  ['pttl',            2,    'readonly fast @keyspace',                   'RO access @1',                      '2.6.0', pttl,           'Tells how many milliseconds a key has left.'],
  ['randomkey',       1,    'readonly touches_arbitrary_keys @keyspace', '',                                  '1.0.0', randomkey,      'Names some key of the database.'],
  ['rename',          3,    'write @keyspace',                           'RW access delete @1; OW update @2', '1.0.0', rename,         'Gives a value another key, replacing what was there.'],
  ['renamenx',        3,    'write fast @keyspace',                      'RW access delete @1; OW insert @2', '1.0.0', renamenx,       'Gives a value another key if that one is free.'],
  ['restore',         -4,   'write denyoom @keyspace @dangerous',        'OW update @1',                      '2.6.0', restore,        'Makes a key of what DUMP gave.'],
  ['scan',            -2,   'readonly touches_arbitrary_keys @keyspace', '',                                  '2.8.0', scan,           'Walks over the keys of the database, some per call.'],
  ['touch',           -2,   'readonly fast @keyspace',                   'RO @1..-1',                         '3.2.1', touch,          'Counts which of the keys exist, and marks them as used now.'],
  ['ttl',             2,    'readonly fast @keyspace',                   'RO access @1',                      '1.0.0', ttl,            'Tells how many seconds a key has left.'],
  ['type',            2,    'readonly fast @keyspace',                   'RO @1',                             '1.0.0', type,           'Names the type of the value at a key.'],
  ['unlink',          -2,   'write fast @keyspace',                      'RM delete @1..-1',                  '4.0.0', unlink,         'Takes keys out of sight at once and frees their values later.'],
];
