/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const pubsubDocs = (): readonly DocRow[] => [
  [
    'psubscribe',
    'O(N) where N is the number of patterns the client is already subscribed to.',
    'pattern{pattern:pattern}*',
  ],
  [
    'publish',
    'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).',
    'channel message',
  ],
  ['pubsub', 'Depends on subcommand.', ''],
  [
    'pubsub|channels',
    'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)',
    'pattern:pattern?',
  ],
  ['pubsub|help', 'O(1)', ''],
  ['pubsub|numpat', 'O(1)', ''],
  ['pubsub|numsub', 'O(N) for the NUMSUB subcommand, where N is the number of requested channels', 'channel?*'],
  [
    'pubsub|shardchannels',
    'O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).',
    'pattern:pattern?',
  ],
  [
    'pubsub|shardnumsub',
    'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
    'shardchannel?*',
  ],
  [
    'punsubscribe',
    'O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).',
    'pattern:pattern?*',
  ],
  [
    'spublish',
    'O(N) where N is the number of clients subscribed to the receiving shard channel.',
    'shardchannel message',
  ],
  ['ssubscribe', 'O(N) where N is the number of shard channels to subscribe to.', 'shardchannel*'],
  ['subscribe', 'O(N) where N is the number of channels to subscribe to.', 'channel*'],
  ['sunsubscribe', 'O(N) where N is the number of clients already subscribed to a shard channel.', 'shardchannel?*'],
  ['unsubscribe', 'O(N) where N is the number of clients already subscribed to a channel.', 'channel?*'],
];
