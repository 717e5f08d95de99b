/** What a node of the mini world begins with: its id shows its port, and it knows nobody. */

import type { ClusterOptions } from '../../../src/gossip/cluster-state.js';
import type { Millis, NodeId, SavedCluster, SavedNode } from '../../../src/gossip/node-table.js';

/** Ids that show their port: a story full of random hex cannot be read aloud. */
export function idOf(port: number): NodeId {
  return String(port).repeat(10);
}

export function defaultOptions(port: number, nodeTimeoutMs: Millis): ClusterOptions {
  return {
    port,
    plainPort: 0,
    busPort: port + 10000,
    announceIp: '',
    hostname: '',
    nodeTimeoutMs,
    requireFullCoverage: true,
    allowReplicaMigration: true,
    noFailover: false,
    replicaValidityFactor: 10,
    replicaPingPeriodMs: 10_000,
    migrationBarrier: 1,
  };
}

export function loneNode(port: number): SavedCluster {
  const address = { ip: '', port, busPort: port + 10000, plainPort: 0 };
  const me: SavedNode = {
    id: idOf(port),
    myself: true,
    address,
    hostname: '',
    role: 'primary',
    primaryId: null,
    health: 'ok',
    noAddress: false,
    noFailover: false,
    pingSentMs: 0,
    pongReceivedMs: 0,
    configEpoch: 0,
    connected: true,
    slots: [],
  };
  return { nodes: [me], currentEpoch: 0, lastVoteEpoch: 0, migrating: [], importing: [] };
}
