/**
 * What a node does not run because of its role, or because its data is on the way: with redis' words.
 *
 *   NOREPLICAS   min-replicas-to-write: too few replicas keep up
 *   READONLY     a replica takes writes from its primary only
 *   MASTERDOWN   a replica without its primary, and replica-serve-stale-data is off
 *   LOADING      a snapshot is being loaded
 */
import { ERRORS } from '../../base/errors.js';
import { FLAG } from '../../commands/row.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';

/** Null where it may run. `flags` are those of all that EXEC would run, `lacks` what one of them at least has not. */
export function refusal(node: Node, flags: number, lacks: number, client: Client): string | null {
  const { replication, config } = node;
  const writes = (flags & FLAG.WRITE) !== 0;
  if (writes && !hasGoodReplicas(node)) return ERRORS.NO_REPLICAS;
  if (writes && replication.isReplica && config.replicaReadOnly && !client.fromPrimary) return ERRORS.READ_ONLY_REPLICA;
  if (replication.isReplica && !replication.isConnected && !config.replicaServeStaleData && (lacks & FLAG.STALE) !== 0)
    return ERRORS.MASTER_DOWN;
  const { loading } = replication;
  if (loading === null) return null;
  const isRefused = loading.isAsync ? (flags & FLAG.NO_ASYNC_LOADING) !== 0 : (lacks & FLAG.LOADING) !== 0;
  return isRefused ? ERRORS.LOADING : null;
}

function hasGoodReplicas({ replication, config }: Node): boolean {
  const { minReplicasToWrite, minReplicasMaxLag } = config;
  if (replication.isReplica || minReplicasToWrite === 0 || minReplicasMaxLag === 0) return true;
  return replication.replicas.goodCount >= minReplicasToWrite;
}
