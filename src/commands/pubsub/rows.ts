/**
 * Commands of pub/sub. The columns are explained in row.ts.
 *
 * Shard channels are no keys, but go where a key of their name would.
 */
/* literal table */
import type { Row } from '../row.js';
import {
  pubsubChannels,
  pubsubHelp,
  pubsubNumPat,
  pubsubNumSub,
  pubsubShardChannels,
  pubsubShardNumSub,
} from './introspect.js';
import { publish, spublish } from './publish.js';
import { psubscribe, punsubscribe, ssubscribe, subscribe, sunsubscribe, unsubscribe } from './subscribe.js';

// biome-ignore format: a table
export const PUBSUB_ROWS: readonly Row[] = [
  // name                  arity flags and categories                      keys              since    handler              summary
  ['psubscribe',           -2,   'pubsub noscript loading stale',           '',               '2.0.0', psubscribe,          'Listens to all channels whose names fit patterns.'],
  ['publish',              3,    'pubsub loading stale fast may_replicate', '',               '2.0.0', publish,             'Says something on a channel.'],
  ['pubsub',               -2,   '',                                        '',               '2.8.0', null,                'Tells who listens to what.'],
  ['pubsub|channels',      -2,   'pubsub loading stale',                    '',               '2.8.0', pubsubChannels,      'Lists the channels that somebody listens to.'],
  ['pubsub|help',          2,    'loading stale',                           '',               '6.2.0', pubsubHelp,          'Lists what PUBSUB can do.'],
  ['pubsub|numpat',        2,    'pubsub loading stale',                    '',               '2.8.0', pubsubNumPat,        'Counts the patterns that somebody listens by.'],
  ['pubsub|numsub',        -2,   'pubsub loading stale',                    '',               '2.8.0', pubsubNumSub,        'Counts who listens to channels.'],
  ['pubsub|shardchannels', -2,   'pubsub loading stale',                    '',               '7.0.0', pubsubShardChannels, 'Lists the shard channels that somebody listens to.'],
  ['pubsub|shardnumsub',   -2,   'pubsub loading stale',                    '',               '7.0.0', pubsubShardNumSub,   'Counts who listens to shard channels.'],
  ['punsubscribe',         -1,   'pubsub noscript loading stale',           '',               '2.0.0', punsubscribe,        'Stops listening by patterns, some or all.'],
  ['spublish',             3,    'pubsub loading stale fast may_replicate', 'not_key @1',     '7.0.0', spublish,            'Says something on a shard channel.'],
  ['ssubscribe',           -2,   'pubsub noscript loading stale',           'not_key @1..-1', '7.0.0', ssubscribe,          'Listens to shard channels.'],
  ['subscribe',            -2,   'pubsub noscript loading stale',           '',               '2.0.0', subscribe,           'Listens to channels.'],
  ['sunsubscribe',         -1,   'pubsub noscript loading stale',           'not_key @1..-1', '7.0.0', sunsubscribe,        'Stops listening to shard channels, some or all.'],
  ['unsubscribe',          -1,   'pubsub noscript loading stale',           '',               '2.0.0', unsubscribe,         'Stops listening to channels, some or all.'],
];
