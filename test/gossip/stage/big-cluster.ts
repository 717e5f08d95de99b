/** Many primaries with one replica each, as if they had been together for long: nobody has to meet anybody. */

import type { NodeId, SavedCluster, SavedNode } from '../../../src/gossip/node-table.js';
import { SLOT_COUNT } from '../../../src/slots/slot-set.js';
import { idOf } from './lone-node.js';
import { World } from './mini-world.js';

const FIRST_PRIMARY = 2000;
const FIRST_REPLICA = 4000;

export interface BigCluster {
  world: World;
  primaries: number[];
  replicas: number[];
}

/** `shards` primaries 2000…, with the replicas 4000… in another order than that of ids. */
export function bigCluster(seed: number, shards: number, nodeTimeoutMs: number): BigCluster {
  const world = new World(seed, { nodeTimeoutMs });
  const primaries = Array.from({ length: shards }, (_, i) => FIRST_PRIMARY + i);
  const replicas = primaries.map((_, i) => FIRST_REPLICA + i);
  const all = [...primaries, ...replicas];
  for (const me of all) world.addSaved(me, rememberedBy(me, primaries, replicas));
  return { world, primaries, replicas };
}

function rememberedBy(me: number, primaries: number[], replicas: number[]): SavedCluster {
  const share = SLOT_COUNT / primaries.length;
  const slotsOf = (i: number) => [{ from: Math.floor(i * share), to: Math.floor((i + 1) * share) - 1 }];
  const nodes = [
    ...primaries.map((port, i) => saved(port, me, { slots: slotsOf(i), configEpoch: i + 1, primaryId: null })),
    ...replicas.map((port, i) => saved(port, me, { slots: [], configEpoch: i + 1, primaryId: idOf(primaries[i]!) })),
  ];
  return { nodes, currentEpoch: primaries.length, lastVoteEpoch: 0, migrating: [], importing: [] };
}

type Part = Pick<SavedNode, 'slots' | 'configEpoch'> & { primaryId: NodeId | null };

function saved(port: number, me: number, part: Part): SavedNode {
  return {
    id: idOf(port),
    myself: port === me,
    address: { ip: '127.0.0.1', port, busPort: port + 10000, plainPort: 0 },
    hostname: '',
    role: part.primaryId === null ? 'primary' : 'replica',
    health: 'ok',
    noAddress: false,
    noFailover: false,
    pingSentMs: 0,
    pongReceivedMs: 0,
    connected: true,
    ...part,
  };
}
