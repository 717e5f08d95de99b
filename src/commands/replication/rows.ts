/**
 * Commands by which servers copy each other, and by which one is told to. The columns are explained in row.ts.
 *
 * Two tables, because COMMAND DOCS puts WAIT among the commands for everybody.
 */
/* literal table */
import type { Row } from '../row.js';
import { failover } from './failover.js';
import { psync, sync } from './psync.js';
import { replConf } from './replconf.js';
import { replicaOf } from './replicaof.js';
import { wait } from './wait.js';

// biome-ignore format: a table
export const REPLICATION_ROWS: readonly Row[] = [
  // name       arity flags and categories                            keys since    handler    summary
  ['failover',  -1,   'admin noscript stale',                         '',  '6.2.0', failover,  'Hands the role of the primary to a replica that has everything.'],
  ['psync',     -3,   'admin noscript no_async_loading no_multi',     '',  '2.8.0', psync,     'Asks for the stream of changes from a given byte on.'],
  ['replconf',  -1,   'admin noscript loading stale allow_busy',      '',  '3.0.0', replConf,  'Tells the other end of a replication link about this one.'],
  ['replicaof', 3,    'admin noscript stale no_async_loading',        '',  '5.0.0', replicaOf, 'Makes this server copy another one, or ends that.'],
  ['slaveof',   3,    'admin noscript stale no_async_loading',        '',  '1.0.0', replicaOf, 'The old name of REPLICAOF.'],
  ['sync',      1,    'admin noscript no_async_loading no_multi',     '',  '1.0.0', sync,      'Asks for a snapshot and the stream behind it.'],
];

// biome-ignore format: a table
export const WAIT_ROWS: readonly Row[] = [
  ['wait',      3,    'noscript @connection',                         '',  '3.0.0', wait,      'Waits until replicas have what this connection wrote.'],
];
