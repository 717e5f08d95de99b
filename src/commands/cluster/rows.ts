/**
 * Commands about the cluster, and how a connection deals with it. The columns are explained in row.ts.
 *
 * None has keys, not even CLUSTER KEYSLOT: the node that is asked answers.
 */
/* literal table */
import type { Row } from '../row.js';
import { asking, readOnly, readWrite } from './connection.js';
import { explain } from './explain.js';
import { help } from './help.js';
import { info } from './info.js';
import { countKeysInSlot, getKeysInSlot, slotOfKey } from './keys-in-slot.js';
import { bumpEpoch, failover, forget, meet, replicate, reset, saveConfig, setConfigEpoch } from './member-orders.js';
import { countFailureReports, links, myId, nodes, replicas } from './nodes.js';
import { shards, slots } from './shards.js';
import { addSlots, addSlotsRange, deleteSlots, deleteSlotsRange, flushSlots, setSlot } from './slot-orders.js';

// biome-ignore format: a table
export const CLUSTER_ROWS: readonly Row[] = [
  // name                           arity flags and categories              keys since    handler                     summary
  ['asking',                        1,    'fast @connection',               '',  '3.0.0', asking,                     'Asks for a slot that this node is only importing, for the next command.'],
  ['cluster',                       -2,   '',                               '',  '3.0.0', null,                       'Looks at the cluster and changes it.'],
  ['cluster|addslots',              -3,   'admin stale no_async_loading',   '',  '3.0.0', addSlots,                   'Takes free slots for this node.'],
  ['cluster|addslotsrange',         -4,   'admin stale no_async_loading',   '',  '7.0.0', addSlotsRange,              'Takes free slots for this node, as ranges.'],
  ['cluster|bumpepoch',             2,    'admin stale no_async_loading',   '',  '3.0.0', bumpEpoch,                  'Gives this node a config epoch above all others.'],
  ['cluster|count-failure-reports', 3,    'admin stale',                    '',  '3.0.0', countFailureReports,        'Counts the nodes that report a node as failing.'],
  ['cluster|countkeysinslot',       3,    'stale',                          '',  '3.0.0', countKeysInSlot,            'Counts the keys that this node holds in a slot.'],
  ['cluster|delslots',              -3,   'admin stale no_async_loading',   '',  '3.0.0', deleteSlots,                'Forgets who serves some slots, on this node only.'],
  ['cluster|delslotsrange',         -4,   'admin stale no_async_loading',   '',  '7.0.0', deleteSlotsRange,           'Forgets who serves some ranges of slots, on this node only.'],
  ['cluster|explain',               -2,   'stale',                          '',  '7.0.15', explain,                    'Says why the cluster is down, a node suspected, a replica not promoted.'],
  ['cluster|failover',              -2,   'admin stale no_async_loading',   '',  '3.0.0', failover,                   'Makes this replica the primary of its shard.'],
  ['cluster|flushslots',            2,    'admin stale no_async_loading',   '',  '3.0.0', flushSlots,                 'Gives up all slots of this node, which must be empty.'],
  ['cluster|forget',                3,    'admin stale no_async_loading',   '',  '3.0.0', forget,                     'Strikes a node off the list, and does not let it back for a minute.'],
  ['cluster|getkeysinslot',         4,    'stale',                          '',  '3.0.0', getKeysInSlot,              'Lists some keys that this node holds in a slot.'],
  ['cluster|help',                  2,    'loading stale',                  '',  '5.0.0', help,                       'Lists what CLUSTER can do.'],
  ['cluster|info',                  2,    'stale',                          '',  '3.0.0', info,                       'Reports on the state of the cluster as this node sees it.'],
  ['cluster|keyslot',               3,    'stale',                          '',  '3.0.0', slotOfKey,                  'Computes the slot of a key.'],
  ['cluster|links',                 2,    'stale',                          '',  '7.0.0', links,                      'Lists the connections of this node to its peers.'],
  ['cluster|meet',                  -4,   'admin stale no_async_loading',   '',  '3.0.0', meet,                       'Introduces this node to another one.'],
  ['cluster|myid',                  2,    'stale',                          '',  '3.0.0', myId,                       'Tells the id of this node.'],
  ['cluster|nodes',                 2,    'stale',                          '',  '3.0.0', nodes,                      "Lists all nodes, in the format of the cluster's own file."],
  ['cluster|replicas',              3,    'admin stale',                    '',  '5.0.0', replicas,                   'Lists the replicas of a primary.'],
  ['cluster|replicate',             3,    'admin stale no_async_loading',   '',  '3.0.0', replicate,                  'Makes this node a replica of another one.'],
  ['cluster|reset',                 -2,   'admin noscript stale',           '',  '3.0.0', reset,                      'Lets this node forget its cluster; HARD gives it a new id as well.'],
  ['cluster|saveconfig',            2,    'admin stale no_async_loading',   '',  '3.0.0', saveConfig,                 "Writes the cluster's file to disk now."],
  ['cluster|set-config-epoch',      3,    'admin stale no_async_loading',   '',  '3.0.0', setConfigEpoch,             'Gives a fresh node its first config epoch.'],
  ['cluster|setslot',               -4,   'admin stale no_async_loading',   '',  '3.0.0', setSlot,                    'Starts, ends or cancels the move of a slot.'],
  ['cluster|shards',                2,    'stale',                          '',  '7.0.0', shards,                     'Describes each shard: its slots and its nodes.'],
  ['cluster|slaves',                3,    'admin stale',                    '',  '3.0.0', replicas,                   'The old name of CLUSTER REPLICAS.'],
  ['cluster|slots',                 2,    'stale',                          '',  '3.0.0', slots,                      'Lists ranges of slots with the nodes that serve them.'],
  ['readonly',                      1,    'loading stale fast @connection', '',  '3.0.0', readOnly,                   'Allows this connection to read from a replica.'],
  ['readwrite',                     1,    'loading stale fast @connection', '',  '3.0.0', readWrite,                  "Sends this connection's reads to the primary again."],
];
