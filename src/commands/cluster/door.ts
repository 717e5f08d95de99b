/**
 * What the CLUSTER commands ask of the node. null in its place (`NodeDoor.cluster`) means: not in cluster mode.
 *
 *   handler ──▶ ClusterDoor ─┬─ describe, links, explain, …             what the core knows, as data
 *                            └─ give(order) ─▶ answer                   what an operator wants, carried out at once
 */
import type { NodeId } from '../../gossip/node-table.js';
import type { Order, OrderAnswer } from '../../gossip/operator/order.js';
import type { ExplainSubject, Told } from '../../gossip/operator/explain.js';
import type { ClusterView, LinkView } from '../../gossip/operator/views.js';
import type { EndpointType } from '../../slots/endpoint.js';
import type { SlotMap } from '../../slots/slot-map.js';
import type { Session } from '../handler.js';

/** A link as the core knows it, with what the host knows of it. */
export interface LinkReport extends LinkView {
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number;
}

export interface ClusterDoor {
  readonly myId: NodeId;
  readonly role: 'primary' | 'replica';
  readonly slots: SlotMap;
  readonly preferredEndpoint: EndpointType;
  /** `tls-cluster`: the ports that nodes announce are those with TLS. */
  readonly usesTls: boolean;
  transportOf(session: Session): 'plain' | 'tls';
  describe(): ClusterView;
  /** null where there is no such node. */
  failureReportCount(id: string): number | null;
  links(): LinkReport[];
  /** null where the subject is not known. */
  explain(subject: ExplainSubject): Told;
  give(order: Order): OrderAnswer;
  /** DEBUG: packets of this type are thrown away on arrival; -1 for none. */
  dropPackets(type: number): void;
  /** DEBUG: closes the links to a node, from it, or both; they are made anew. */
  killLinks(nodeId: NodeId, direction: 'to' | 'from' | 'all'): void;
}
