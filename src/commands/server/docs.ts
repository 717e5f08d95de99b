/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';
import { RESTORE_COMPLEXITY, RESTORE_HISTORY, RESTORE_SYNTAX } from '../keys/docs.js';

export const serverDocs = (): readonly DocRow[] => [
  ['command', 'O(N) where N is the total number of Redis commands', '', { tips: 'nondeterministic_output_order' }],
  ['command|count', 'O(1)', ''],
  [
    'command|docs',
    'O(N) where N is the number of commands to look up',
    'command-name?*',
    { tips: 'nondeterministic_output_order' },
  ],
  ['command|getkeys', 'O(N) where N is the number of arguments to the command', ''],
  ['command|getkeysandflags', 'O(N) where N is the number of arguments to the command', ''],
  ['command|help', 'O(1)', ''],
  [
    'command|info',
    'O(N) where N is the number of commands to look up',
    'command-name?*',
    { history: [['7.0.0', 'Without a name it describes all commands.']], tips: 'nondeterministic_output_order' },
  ],
  [
    'command|list',
    'O(N) where N is the total number of Redis commands',
    'FILTERBY=filterby(MODULE=module-name | ACLCAT=category | PATTERN=pattern:pattern)?',
    { tips: 'nondeterministic_output_order' },
  ],
  ['config', 'Depends on subcommand.', ''],
  [
    'config|get',
    'O(N) when N is the number of configuration parameters provided',
    'parameter{parameter}*',
    { history: [['7.0.0', 'Takes many patterns.']] },
  ],
  ['config|help', 'O(1)', ''],
  ['config|resetstat', 'O(1)', ''],
  ['config|rewrite', 'O(1)', ''],
  [
    'config|set',
    'O(N) when N is the number of configuration parameters provided',
    'parameter_value{parameter value}*',
    { history: [['7.0.0', 'Takes many directives.']], tips: 'request_policy:all_nodes response_policy:all_succeeded' },
  ],
  ['dbsize', 'O(1)', '', { tips: 'request_policy:all_shards response_policy:agg_sum' }],
  ['debug', 'Depends on subcommand.', '', { system: true }],
  [
    'flushall',
    'O(N) where N is the total number of keys in all databases',
    'async(ASYNC@4.0.0 | SYNC@6.2.0)?',
    {
      history: [
        ['4.0.0', 'Knows ASYNC.'],
        ['6.2.0', 'Knows SYNC.'],
      ],
      tips: 'request_policy:all_shards response_policy:all_succeeded',
    },
  ],
  [
    'flushdb',
    'O(N) where N is the number of keys in the selected database',
    'async(ASYNC@4.0.0 | SYNC@6.2.0)?',
    {
      history: [
        ['4.0.0', 'Knows ASYNC.'],
        ['6.2.0', 'Knows SYNC.'],
      ],
      tips: 'request_policy:all_shards response_policy:all_succeeded',
    },
  ],
  [
    'info',
    'O(1)',
    'section?*',
    {
      history: [['7.0.0', 'Takes many sections.']],
      tips: 'nondeterministic_output request_policy:all_shards response_policy:special',
    },
  ],
  ['bgrewriteaof', 'O(1)', ''],
  ['bgsave', 'O(1)', 'SCHEDULE?@3.2.2', { history: [['3.2.2', 'Knows SCHEDULE.']] }],
  ['save', 'O(N) where N is the total number of keys in all databases', ''],
  ['lastsave', 'O(1)', '', { tips: 'nondeterministic_output' }],
  ['latency', 'Depends on subcommand.', ''],
  ['latency|doctor', 'O(1)', '', { tips: 'nondeterministic_output request_policy:all_nodes response_policy:special' }],
  [
    'latency|graph',
    'O(1)',
    'event',
    { tips: 'nondeterministic_output request_policy:all_nodes response_policy:special' },
  ],
  ['latency|help', 'O(1)', ''],
  [
    'latency|histogram',
    'O(N) where N is the number of commands with latency information being retrieved.',
    'command?*',
    { tips: 'nondeterministic_output request_policy:all_nodes response_policy:special' },
  ],
  [
    'latency|history',
    'O(1)',
    'event',
    { tips: 'nondeterministic_output request_policy:all_nodes response_policy:special' },
  ],
  ['latency|latest', 'O(1)', '', { tips: 'nondeterministic_output request_policy:all_nodes response_policy:special' }],
  ['latency|reset', 'O(1)', 'event?*', { tips: 'request_policy:all_nodes response_policy:all_succeeded' }],
  ['lolwut', '', 'VERSION=version:integer?'],
  ['memory', 'Depends on subcommand.', ''],
  ['memory|doctor', 'O(1)', '', { tips: 'nondeterministic_output request_policy:all_shards response_policy:special' }],
  ['memory|help', 'O(1)', ''],
  [
    'memory|malloc-stats',
    'Depends on how much memory is allocated, could be slow',
    '',
    { tips: 'nondeterministic_output request_policy:all_shards response_policy:special' },
  ],
  [
    'memory|purge',
    'Depends on how much memory is allocated, could be slow',
    '',
    { tips: 'request_policy:all_shards response_policy:all_succeeded' },
  ],
  ['memory|stats', 'O(1)', '', { tips: 'nondeterministic_output request_policy:all_shards response_policy:special' }],
  ['memory|usage', 'O(N) where N is the number of samples.', 'key#0 SAMPLES=count:integer?'],
  ['monitor', '', ''],
  ['restore-asking', RESTORE_COMPLEXITY, RESTORE_SYNTAX, { history: RESTORE_HISTORY, system: true }],
  ['role', 'O(1)', ''],
  [
    'shutdown',
    'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
    'nosave_save(NOSAVE | SAVE)? NOW?@7.0.0 FORCE?@7.0.0 ABORT?@7.0.0',
    { history: [['7.0.0', 'Knows NOW, FORCE and ABORT.']] },
  ],
  ['slowlog', 'Depends on subcommand.', ''],
  [
    'slowlog|get',
    'O(N) where N is the number of entries returned',
    'count:integer?',
    {
      history: [['4.0.0', 'Tells the address and the name of the client.']],
      tips: 'request_policy:all_nodes nondeterministic_output',
    },
  ],
  ['slowlog|help', 'O(1)', ''],
  ['slowlog|len', 'O(1)', '', { tips: 'request_policy:all_nodes response_policy:agg_sum nondeterministic_output' }],
  [
    'slowlog|reset',
    'O(N) where N is the number of entries in the slowlog',
    '',
    { tips: 'request_policy:all_nodes response_policy:all_succeeded' },
  ],
  [
    'swapdb',
    'O(N) where N is the count of clients watching or blocking on keys from both databases.',
    'index1:integer index2:integer',
  ],
  ['time', 'O(1)', '', { tips: 'nondeterministic_output' }],
];
