/**
 * Commands on sorted sets. The columns are explained in row.ts.
 *
 * The commands with BY and REV in their names are older forms of ZRANGE, kept for old clients.
 */
/* literal table */
import type { Row } from '../row.js';
import { zadd, zincrby } from './add.js';
import { zrandmember } from './chance.js';
import { zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore } from './combine.js';
import { zcard, zmscore, zrank, zrem, zrevrank, zscan, zscore } from './members.js';
import { bzmpop, bzpopmax, bzpopmin, zmpop, zpopmax, zpopmin } from './pop.js';
import {
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
} from './range.js';
import { zcount, zlexcount, zremrangebylex, zremrangebyrank, zremrangebyscore } from './spans.js';

// biome-ignore format: a table
export const SORTED_SET_ROWS: readonly Row[] = [
  // name              arity flags and categories                     keys                                  since    handler           summary
  ['bzmpop',           -5, 'write blocking @sortedset',               'RW access delete @2:numkeys',        '7.0.0', bzmpop,           'Pops from the first sorted set among the keys that is not empty, and waits for one where all are.'],
  ['bzpopmax',         -3, 'write noscript fast blocking @sortedset', 'RW access delete @1..-2',            '5.0.0', bzpopmax,         'Pops the member with the highest score from the first sorted set that is not empty, and waits for one where all are.'],
  ['bzpopmin',         -3, 'write noscript fast blocking @sortedset', 'RW access delete @1..-2',            '5.0.0', bzpopmin,         'Pops the member with the lowest score from the first sorted set that is not empty, and waits for one where all are.'],
  ['zadd',             -4, 'write denyoom fast @sortedset',           'RW update @1 member@3',              '1.2.0', zadd,             'Adds members with their scores, or moves those that are there to new scores.'],
  ['zcard',            2,  'readonly fast @sortedset',                'RO @1',                              '1.2.0', zcard,            'Counts the members of a sorted set.'],
  ['zcount',           4,  'readonly fast @sortedset',                'RO access @1',                       '2.0.0', zcount,           'Counts the members with scores between two bounds.'],
  ['zdiff',            -3, 'readonly @sortedset',                     'RO access @1:numkeys',               '6.2.0', zdiff,            'Members of the first sorted set that are in none of the others.'],
  ['zdiffstore',       -4, 'write denyoom @sortedset',                'OW update @1; RO access @2:numkeys', '6.2.0', zdiffstore,       'Stores the members of the first sorted set that are in none of the others.'],
  ['zincrby',          4,  'write denyoom fast @sortedset',           'RW access update @1 member@3',       '1.2.0', zincrby,          'Adds to the score of a member, which is made if missing.'],
  ['zinter',           -3, 'readonly @sortedset',                     'RO access @1:numkeys',               '6.2.0', zinter,           'Members that all the sorted sets share, their scores combined.'],
  ['zintercard',       -3, 'readonly @sortedset',                     'RO access @1:numkeys',               '7.0.0', zintercard,       'Counts the members that all the sorted sets share, up to a limit.'],
  ['zinterstore',      -4, 'write denyoom @sortedset',                'OW update @1; RO access @2:numkeys', '2.0.0', zinterstore,      'Stores the members that all the sorted sets share, their scores combined.'],
  ['zlexcount',        4,  'readonly fast @sortedset',                'RO access @1',                       '2.8.9', zlexcount,        'Counts the members between two names, where all scores are equal.'],
  ['zmpop',            -4, 'write @sortedset',                        'RW access delete @1:numkeys',        '7.0.0', zmpop,            'Pops from the first sorted set among the keys that is not empty.'],
  ['zmscore',          -3, 'readonly fast @sortedset',                'RO access @1 member@2',              '6.2.0', zmscore,          'Reads the scores of many members.'],
  ['zpopmax',          -2, 'write fast @sortedset',                   'RW access delete @1',                '5.0.0', zpopmax,          'Pops the members with the highest scores.'],
  ['zpopmin',          -2, 'write fast @sortedset',                   'RW access delete @1',                '5.0.0', zpopmin,          'Pops the members with the lowest scores.'],
  ['zrandmember',      -2, 'readonly @sortedset',                     'RO access @1',                       '6.2.0', zrandmember,      'Picks members at random and leaves them where they are.'],
  ['zrange',           -4, 'readonly @sortedset',                     'RO access @1',                       '1.2.0', zrange,           'Reads members by rank, by score or by name, in either direction.'],
  ['zrangebylex',      -4, 'readonly @sortedset',                     'RO access @1',                       '2.8.9', zrangebylex,      'Reads the members between two names, where all scores are equal.'],
  ['zrangebyscore',    -4, 'readonly @sortedset',                     'RO access @1',                       '1.0.5', zrangebyscore,    'Reads the members with scores between two bounds.'],
  ['zrangestore',      -5, 'write denyoom @sortedset',                'OW update @1; RO access @2',         '6.2.0', zrangestore,      'Stores what ZRANGE would read.'],
  ['zrank',            3,  'readonly fast @sortedset',                'RO access @1 member@2',              '2.0.0', zrank,            'Tells how many members stand below a member.'],
  ['zrem',             -3, 'write fast @sortedset',                   'RW delete @1 member@2',              '1.2.0', zrem,             'Removes members, and the sorted set with its last one.'],
  ['zremrangebylex',   4,  'write @sortedset',                        'RW delete @1',                       '2.8.9', zremrangebylex,   'Removes the members between two names, where all scores are equal.'],
  ['zremrangebyrank',  4,  'write @sortedset',                        'RW delete @1',                       '2.0.0', zremrangebyrank,  'Removes the members between two ranks.'],
  ['zremrangebyscore', 4,  'write @sortedset',                        'RW delete @1',                       '1.2.0', zremrangebyscore, 'Removes the members with scores between two bounds.'],
  ['zrevrange',        -4, 'readonly @sortedset',                     'RO access @1',                       '1.2.0', zrevrange,        'Reads the members between two ranks counted from the top.'],
  ['zrevrangebylex',   -4, 'readonly @sortedset',                     'RO access @1',                       '2.8.9', zrevrangebylex,   'Reads the members between two names, last name first.'],
  ['zrevrangebyscore', -4, 'readonly @sortedset',                     'RO access @1',                       '2.2.0', zrevrangebyscore, 'Reads the members with scores between two bounds, highest first.'],
  ['zrevrank',         3,  'readonly fast @sortedset',                'RO access @1 member@2',              '2.0.0', zrevrank,         'Tells how many members stand above a member.'],
  ['zscan',            -3, 'readonly @sortedset',                     'RO access @1',                       '2.8.0', zscan,            'Walks over the members and scores of a sorted set, some per call.'],
  ['zscore',           3,  'readonly fast @sortedset',                'RO access @1 member@2',              '1.2.0', zscore,           'Reads the score of a member.'],
  ['zunion',           -3, 'readonly @sortedset',                     'RO access @1:numkeys',               '6.2.0', zunion,           'Members that are in any of the sorted sets, their scores combined.'],
  ['zunionstore',      -4, 'write denyoom @sortedset',                'OW update @1; RO access @2:numkeys', '2.0.0', zunionstore,      'Stores the members that are in any of the sorted sets, their scores combined.'],
];
