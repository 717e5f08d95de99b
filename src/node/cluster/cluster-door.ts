/**
 * CLUSTER as clients reach it: what the core knows, with what only the host and the configuration know.
 *
 * The one fulfilment of `ClusterDoor`; it decides nothing.
 */
import type { ClusterDoor, LinkReport } from '../../commands/cluster/door.js';
import type { NodeId } from '../../gossip/node-table.js';
import type { ExplainSubject, Told } from '../../gossip/operator/explain.js';
import type { Order, OrderAnswer } from '../../gossip/operator/order.js';
import type { ClusterView } from '../../gossip/operator/views.js';
import type { EndpointType } from '../../slots/endpoint.js';
import type { SlotMap } from '../../slots/slot-map.js';
import type { Config } from '../config.js';
import type { Membership } from './membership.js';

/** The core hears of each directive that is its own. */
export function followClusterConfig(config: Config, membership: Membership): void {
  for (const act of ['cluster-flags', 'cluster-hostname', 'cluster-ip', 'cluster-ports'] as const)
    config.onAct(act, () => {
      membership.reconfigure();
      return null;
    });
  config.onChange((names) => {
    if (names.some((name) => name.startsWith('cluster-'))) membership.reconfigure();
  });
}

export class NodeCluster implements ClusterDoor {
  readonly usesTls = false;

  constructor(
    private readonly membership: Membership,
    private readonly config: Config,
  ) {}

  get myId(): NodeId {
    return this.membership.cluster.myId;
  }
  get role(): 'primary' | 'replica' {
    return this.membership.cluster.role;
  }
  get slots(): SlotMap {
    return this.membership.cluster.slots;
  }
  get preferredEndpoint(): EndpointType {
    return this.config.clusterPreferredEndpointType;
  }

  transportOf(): 'plain' | 'tls' {
    return 'plain';
  }

  describe(): ClusterView {
    return this.membership.cluster.describeCluster(this.membership.clocks);
  }

  failureReportCount(id: string): number | null {
    return this.membership.cluster.failureReportCount(id, this.membership.clocks);
  }

  links(): LinkReport[] {
    const links = this.membership.cluster.describeLinks(this.membership.clocks);
    return links.map((link) => ({ ...link, queuedBytes: this.membership.queuedBytes(link.link) }));
  }

  explain(subject: ExplainSubject): Told {
    return this.membership.cluster.explainSubject(subject, this.membership.clocks);
  }

  give(order: Order): OrderAnswer {
    return this.membership.order(order);
  }

  dropPackets(type: number): void {
    this.membership.droppedType = type;
  }

  killLinks(nodeId: NodeId, direction: 'to' | 'from' | 'all'): void {
    for (const link of this.links())
      if (link.nodeId === nodeId && (direction === 'all' || link.direction === direction))
        this.membership.cut(link.link);
  }
}
