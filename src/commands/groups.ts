/**
 * All commands, group by group, in the order in which COMMAND lists them.
 *
 * A new group of commands is a line here; a new command is a row in its group, and a row of docs.
 */
import { clusterDocs } from './cluster/docs.js';
import { CLUSTER_ROWS } from './cluster/rows.js';
import { connectionDocs } from './connection/docs.js';
import { CONNECTION_ROWS } from './connection/rows.js';
import { hashDocs } from './hashes/docs.js';
import { HASH_ROWS } from './hashes/rows.js';
import { keyDocs } from './keys/docs.js';
import { KEY_ROWS } from './keys/rows.js';
import { listDocs } from './lists/docs.js';
import { LIST_ROWS } from './lists/rows.js';
import { migrationDocs } from './migration/docs.js';
import { MIGRATION_ROWS } from './migration/rows.js';
import { pubsubDocs } from './pubsub/docs.js';
import { PUBSUB_ROWS } from './pubsub/rows.js';
import { replicationDocs, waitDocs } from './replication/docs.js';
import { REPLICATION_ROWS, WAIT_ROWS } from './replication/rows.js';
import { scriptDocs } from './scripts/docs.js';
import { SCRIPT_ROWS } from './scripts/rows.js';
import { serverDocs } from './server/docs.js';
import { SERVER_ROWS } from './server/rows.js';
import { setDocs } from './sets/docs.js';
import { SET_ROWS } from './sets/rows.js';
import { sortedSetDocs } from './sorted-sets/docs.js';
import { SORTED_SET_ROWS } from './sorted-sets/rows.js';
import { stringDocs } from './strings/docs.js';
import { STRING_ROWS } from './strings/rows.js';
import type { CommandGroup } from './table.js';
import { transactionDocs } from './transactions/docs.js';
import { TRANSACTION_ROWS } from './transactions/rows.js';

// biome-ignore format: a table
export const GROUPS: readonly CommandGroup[] = [
  { name: 'string',       rows: STRING_ROWS,      docs: stringDocs },
  { name: 'list',         rows: LIST_ROWS,        docs: listDocs },
  { name: 'hash',         rows: HASH_ROWS,        docs: hashDocs },
  { name: 'set',          rows: SET_ROWS,         docs: setDocs },
  { name: 'sorted-set',   rows: SORTED_SET_ROWS,  docs: sortedSetDocs },
  { name: 'generic',      rows: KEY_ROWS,         docs: keyDocs },
  { name: 'transactions', rows: TRANSACTION_ROWS, docs: transactionDocs },
  { name: 'pubsub',       rows: PUBSUB_ROWS,      docs: pubsubDocs },
  { name: 'scripting',    rows: SCRIPT_ROWS,      docs: scriptDocs },
  { name: 'connection',   rows: CONNECTION_ROWS,  docs: connectionDocs },
  { name: 'server',       rows: SERVER_ROWS,      docs: serverDocs },
  { name: 'server',       rows: REPLICATION_ROWS, docs: replicationDocs },
  { name: 'generic',      rows: WAIT_ROWS,        docs: waitDocs },
  { name: 'generic',      rows: MIGRATION_ROWS,   docs: migrationDocs },
  { name: 'cluster',      rows: CLUSTER_ROWS,     docs: clusterDocs },
];
