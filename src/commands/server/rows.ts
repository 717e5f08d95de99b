/**
 * Commands about the server as a whole. The columns are explained in row.ts.
 *
 * CONFIG, LATENCY, MEMORY and SLOWLOG are containers: their sub-commands run, they themselves never do.
 */
/* literal table */
import type { Row } from '../row.js';
import {
  commandAll,
  commandCount,
  commandDocs,
  commandGetKeys,
  commandGetKeysAndFlags,
  commandHelp,
  commandInfo,
  commandList,
} from './command.js';
import { configGet, configHelp, configResetStat, configRewrite, configSet } from './config.js';
import { dbSize, flushAll, flushDb, swapDb } from './databases.js';
import { debug } from './debug/debug.js';
import { role, time } from './facts.js';
import { info } from './info.js';
import {
  latencyDoctor,
  latencyGraph,
  latencyHelp,
  latencyHistogram,
  latencyHistory,
  latencyLatest,
  latencyReset,
} from './latency.js';
import { lolwut } from './lolwut.js';
import { memoryDoctor, memoryHelp, memoryMallocStats, memoryPurge, memoryStats, memoryUsage } from './memory.js';
import { monitor } from './monitor.js';
import { slowlogGet, slowlogHelp, slowlogLen, slowlogReset } from './slowlog.js';
import { restore } from '../keys/dump.js';
import { backgroundRewrite, backgroundSave, lastSave, save } from './saving.js';
import { shutdown } from './shutdown.js';

// biome-ignore format: a table
export const SERVER_ROWS: readonly Row[] = [
  // name                     arity flags and categories                                keys     since     handler                 summary
  ['bgrewriteaof',            1,    'admin noscript no_async_loading',                  '',      '1.0.0',  backgroundRewrite,      'Begins the append-only file anew, from the keys as they are.'],
  ['bgsave',                  -1,   'admin noscript no_async_loading',                  '',      '1.0.0',  backgroundSave,         'Writes all keys into the file beside the commands.'],
  ['command',                 -1,   'loading stale @connection',                        '',      '2.8.13', commandAll,             'Describes all commands for clients.'],
  ['command|count',           2,    'loading stale @connection',                        '',      '2.8.13', commandCount,           'Counts the commands.'],
  ['command|docs',            -2,   'loading stale @connection',                        '',      '7.0.0',  commandDocs,            'Describes commands for people.'],
  ['command|getkeys',         -4,   'loading stale @connection',                        '',      '2.8.13', commandGetKeys,         'Picks the keys out of a whole command.'],
  ['command|getkeysandflags', -4,   'loading stale @connection',                        '',      '7.0.0',  commandGetKeysAndFlags, 'Picks the keys out of a whole command, and says how it uses each.'],
  ['command|help',            2,    'loading stale @connection',                        '',      '5.0.0',  commandHelp,            'Lists what COMMAND can do.'],
  ['command|info',            -2,   'loading stale @connection',                        '',      '2.8.13', commandInfo,            'Describes some commands for clients, or all of them.'],
  ['command|list',            -2,   'loading stale @connection',                        '',      '7.0.0',  commandList,            'Lists the names of commands, filtered if wanted.'],
  ['config',                  -2,   '',                                                 '',      '2.0.0',  null,                   'Reads and changes the configuration of a running server.'],
  ['config|get',              -3,   'admin noscript loading stale',                     '',      '2.0.0',  configGet,              'Reads directives by name or pattern.'],
  ['config|help',             2,    'loading stale',                                    '',      '5.0.0',  configHelp,             'Lists what CONFIG can do.'],
  ['config|resetstat',        2,    'admin noscript loading stale',                     '',      '2.0.0',  configResetStat,        'Sets the counters of INFO back to zero.'],
  ['config|rewrite',          2,    'admin noscript loading stale',                     '',      '2.8.0',  configRewrite,          'Writes the present configuration into the configuration file.'],
  ['config|set',              -4,   'admin noscript loading stale',                     '',      '2.0.0',  configSet,              'Changes directives, all of them or none.'],
  ['dbsize',                  1,    'readonly fast @keyspace',                          '',      '1.0.0',  dbSize,                 'Counts the keys of the database.'],
  ['debug',                   -2,   'admin noscript loading stale protected',           '',      '1.0.0',  debug,                  'Tools for those who test the server.'],
  ['flushall',                -1,   'write @keyspace @dangerous',                       '',      '1.0.0',  flushAll,               'Deletes every key of every database.'],
  ['flushdb',                 -1,   'write @keyspace @dangerous',                       '',      '1.0.0',  flushDb,                'Deletes every key of the database.'],
  ['info',                    -1,   'loading stale @dangerous',                         '',      '1.0.0',  info,                   'Reports on the server in sections of `name:value` lines.'],
  ['lastsave',                1,    'loading stale fast @admin @dangerous',             '',      '1.0.0',  lastSave,               'Tells when data was last saved, in seconds since 1970.'],
  ['latency',                 -2,   '',                                                 '',      '2.8.13', null,                   'Looks at what made the server slow.'],
  ['latency|doctor',          2,    'admin noscript loading stale',                     '',      '2.8.13', latencyDoctor,          'Explains the latency spikes seen and what may help.'],
  ['latency|graph',           3,    'admin noscript loading stale',                     '',      '2.8.13', latencyGraph,           'Draws the latency of an event over time.'],
  ['latency|help',            2,    'loading stale',                                    '',      '2.8.13', latencyHelp,            'Lists what LATENCY can do.'],
  ['latency|histogram',       -2,   'admin noscript loading stale',                     '',      '7.0.0',  latencyHistogram,       'Counts the calls of commands by how long they took.'],
  ['latency|history',         3,    'admin noscript loading stale',                     '',      '2.8.13', latencyHistory,         'Lists the samples of one event.'],
  ['latency|latest',          2,    'admin noscript loading stale',                     '',      '2.8.13', latencyLatest,          'Lists the last and the worst sample of each event.'],
  ['latency|reset',           -2,   'admin noscript loading stale',                     '',      '2.8.13', latencyReset,           'Forgets the samples of some events or of all.'],
  ['lolwut',                  -1,   'readonly fast',                                    '',      '5.0.0',  lolwut,                 'Draws a picture and tells the version.'],
  ['memory',                  -2,   '',                                                 '',      '4.0.0',  null,                   'Looks at where memory goes.'],
  ['memory|doctor',           2,    '',                                                 '',      '4.0.0',  memoryDoctor,           'Explains what is odd about the use of memory.'],
  ['memory|help',             2,    'loading stale',                                    '',      '4.0.0',  memoryHelp,             'Lists what MEMORY can do.'],
  ['memory|malloc-stats',     2,    '',                                                 '',      '4.0.0',  memoryMallocStats,      'Prints what the allocator tells about itself.'],
  ['memory|purge',            2,    '',                                                 '',      '4.0.0',  memoryPurge,            'Asks the allocator to give unused memory back.'],
  ['memory|stats',            2,    '',                                                 '',      '4.0.0',  memoryStats,            'Breaks the memory in use down by purpose.'],
  ['memory|usage',            -3,   'readonly',                                         'RO @2', '4.0.0',  memoryUsage,            'Estimates the bytes that a key and its value take.'],
  ['monitor',                 1,    'admin noscript loading stale',                     '',      '1.0.0',  monitor,                'Shows every command that the server runs, as it runs.'],
  ['restore-asking',          -4,   'write denyoom asking @keyspace @dangerous',          'OW update @1', '3.0.0', restore,           'Makes a key of what DUMP gave, in a slot that is being moved here.'],
  ['role',                    1,    'noscript loading stale fast @admin @dangerous',    '',      '2.8.12', role,                   'Tells whether the server is a primary or a replica, and of whom.'],
  ['save',                    1,    'admin noscript no_async_loading no_multi',         '',      '1.0.0',  save,                   'Writes all keys into the file while everything waits.'],
  ['shutdown',                -1,   'admin noscript loading stale no_multi allow_busy', '',      '1.0.0',  shutdown,               'Saves if so configured, then ends the server.'],
  ['slowlog',                 -2,   '',                                                 '',      '2.2.12', null,                   'Looks at the commands that took long.'],
  ['slowlog|get',             -2,   'admin loading stale',                              '',      '2.2.12', slowlogGet,             'Lists the latest entries.'],
  ['slowlog|help',            2,    'loading stale',                                    '',      '6.2.0',  slowlogHelp,            'Lists what SLOWLOG can do.'],
  ['slowlog|len',             2,    'admin loading stale',                              '',      '2.2.12', slowlogLen,             'Counts the entries.'],
  ['slowlog|reset',           2,    'admin loading stale',                              '',      '2.2.12', slowlogReset,           'Drops all entries.'],
  ['swapdb',                  3,    'write fast @keyspace @dangerous',                  '',      '4.0.0',  swapDb,                 'Exchanges two databases, under the eyes of their clients.'],
  ['time',                    1,    'loading stale fast',                               '',      '2.6.0',  time,                   "Tells the server's time, in seconds and microseconds."],
];
