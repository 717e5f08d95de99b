/**
 * Commands on sets. The columns are explained in row.ts.
 *
 * SINTERCARD has the number of its keys in front of them, because options follow.
 */
/* literal table */
import type { Row } from '../row.js';
import { spop, srandmember } from './chance.js';
import { sdiff, sdiffstore, sinter, sintercard, sinterstore, sunion, sunionstore } from './combine.js';
import { sadd, scard, sismember, smembers, smismember, smove, srem, sscan } from './members.js';

// biome-ignore format: a table
export const SET_ROWS: readonly Row[] = [
  // name         arity flags and categories       keys                                          since    handler      summary
  ['sadd',        -3,   'write denyoom fast @set', 'RW insert @1 member@2',                      '1.0.0', sadd,        'Adds members, making the set where there is none.'],
  ['scard',       2,    'readonly fast @set',      'RO @1',                                      '1.0.0', scard,       'Counts the members of a set.'],
  ['sdiff',       -2,   'readonly @set',           'RO access @1..-1',                           '1.0.0', sdiff,       'Members of the first set that are in none of the others.'],
  ['sdiffstore',  -3,   'write denyoom @set',      'OW update @1; RO access @2..-1',             '1.0.0', sdiffstore,  'Stores the members of the first set that are in none of the others.'],
  ['sinter',      -2,   'readonly @set',           'RO access @1..-1',                           '1.0.0', sinter,      'Members that all the sets share.'],
  ['sintercard',  -3,   'readonly @set',           'RO access @1:numkeys',                       '7.0.0', sintercard,  'Counts the members that all the sets share, up to a limit.'],
  ['sinterstore', -3,   'write denyoom @set',      'RW update @1; RO access @2..-1',             '1.0.0', sinterstore, 'Stores the members that all the sets share.'],
  ['sismember',   3,    'readonly fast @set',      'RO @1 member@2',                             '1.0.0', sismember,   'Tells whether a value is in a set.'],
  ['smembers',    2,    'readonly @set',           'RO access @1',                               '1.0.0', smembers,    'Lists all members.'],
  ['smismember',  -3,   'readonly fast @set',      'RO access @1 member@2',                      '6.2.0', smismember,  'Tells for each of many values whether it is in a set.'],
  ['smove',       4,    'write fast @set',         'RW access delete @1; RW insert @2 member@3', '1.0.0', smove,       'Takes a member out of one set and puts it into another.'],
  ['spop',        -2,   'write fast @set',         'RW access delete @1',                        '1.0.0', spop,        'Takes members out at random.'],
  ['srandmember', -2,   'readonly @set',           'RO access @1',                               '1.0.0', srandmember, 'Picks members at random and leaves them where they are.'],
  ['srem',        -3,   'write fast @set',         'RW delete @1 member@2',                      '1.0.0', srem,        'Removes members, and the set with its last one.'],
  ['sscan',       -3,   'readonly @set',           'RO access @1',                               '2.8.0', sscan,       'Walks over the members of a set, some per call.'],
  ['sunion',      -2,   'readonly @set',           'RO access @1..-1',                           '1.0.0', sunion,      'Members that are in any of the sets.'],
  ['sunionstore', -3,   'write denyoom @set',      'OW update @1; RO access @2..-1',             '1.0.0', sunionstore, 'Stores the members that are in any of the sets.'],
];
