/**
 * The server as its administrators see it: what the commands of `commands/server/` ask of a node.
 *
 *   ROLE, TIME, LASTSAVE ──▶ Administration ──▶ host's clocks, membership
 */
import type { Clock, ServerDoor } from '../../commands/server/door.js';
import type { Role } from '../../commands/server/facts.js';
import type { Node } from '../node.js';

export class Administration implements ServerDoor {
  readonly clock: Clock;
  readonly lastSaveAt: number;

  constructor(private readonly node: Node) {
    this.clock = node.host;
    this.lastSaveAt = Math.floor(node.host.wallMs() / 1000);
  }

  random(): number {
    return this.node.host.random();
  }

  /** Nothing is copied between nodes here: a primary feeds nobody, and a replica has yet to reach its primary. */
  role(): Role {
    const cluster = this.node.membership?.cluster;
    if (cluster === undefined || cluster.role === 'primary') return { is: 'primary', offset: 0, replicas: [] };
    const address = cluster.node(cluster.shardPrimaryId)?.address;
    return { is: 'replica', host: address?.ip ?? '', port: address?.port ?? 0, feed: 'connect', offset: -1 };
  }
}
