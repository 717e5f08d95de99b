/**
 * What a node does not run because of its role, or because its data is on the way: with redis' words.
 *
 *   MISCONF      the last save failed, and stop-writes-on-bgsave-error is on; or the append-only file cannot be written
 *   NOREPLICAS   min-replicas-to-write: too few replicas keep up
 *   READONLY     a replica takes writes from its primary only
 *   MASTERDOWN   a replica without its primary, and replica-serve-stale-data is off
 *   LOADING      a snapshot is being loaded
 */
import { cannotLog, ERRORS } from '../../base/errors.js';
import { FLAG } from '../../commands/row.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';

/** Flags: those of all that EXEC would run together, and what one of them at least has not. */
export interface Meant {
  readonly flags: number;
  readonly lacks: number;
}

/** Null where it may run. */
export function refusal(node: Node, id: number, { flags, lacks }: Meant, client: Client): string | null {
  const { replication, config } = node;
  const writes = (flags & FLAG.WRITE) !== 0;
  const trouble = diskTrouble(node);
  if (trouble !== null && (writes || node.table.commands[id]?.name === 'ping')) return trouble;
  if (writes && !hasGoodReplicas(node)) return ERRORS.NO_REPLICAS;
  if (writes && replication.isReplica && config.replicaReadOnly && !client.fromPrimary) return ERRORS.READ_ONLY_REPLICA;
  if (replication.isReplica && !replication.isConnected && !config.replicaServeStaleData && (lacks & FLAG.STALE) !== 0)
    return ERRORS.MASTER_DOWN;
  const { loading } = replication;
  if (loading === null) return null;
  const isRefused = loading.isAsync ? (flags & FLAG.NO_ASYNC_LOADING) !== 0 : (lacks & FLAG.LOADING) !== 0;
  return isRefused ? ERRORS.LOADING : null;
}

/** Why what is written now may be lost, and clients are not to write. */
export function diskTrouble({ server }: Node): string | null {
  if (server.saving.refusesWrites) return ERRORS.CANNOT_SAVE;
  const { trouble } = server.aof;
  return trouble === null ? null : cannotLog(trouble);
}

function hasGoodReplicas({ replication, config }: Node): boolean {
  const { minReplicasToWrite, minReplicasMaxLag } = config;
  if (replication.isReplica || minReplicasToWrite === 0 || minReplicasMaxLag === 0) return true;
  return replication.replicas.goodCount >= minReplicasToWrite;
}
