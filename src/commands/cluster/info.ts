/**
 * CLUSTER INFO: the state of the cluster in a few lines, and what went over the bus.
 *
 * Tools parse it: names and order are those of Redis, and a type of message stands there once one was seen.
 */
import type { ClusterView, MessageCount } from '../../gossip/operator/views.js';
import type { Handler } from '../handler.js';
import { inCluster } from './in-cluster.js';

export const info: Handler = inCluster(({ reply, cluster }) => {
  const lines = linesOf(cluster.describe()).map(([name, value]) => `${name}:${value}\r\n`);
  reply.verbatim(lines.join(''));
});

function linesOf(view: ClusterView): [string, string | number][] {
  return [
    ['cluster_state', view.health.state],
    ['cluster_slots_assigned', view.slots.assigned],
    ['cluster_slots_ok', view.slots.ok],
    ['cluster_slots_pfail', view.slots.suspected],
    ['cluster_slots_fail', view.slots.failed],
    ['cluster_known_nodes', view.nodes.length],
    ['cluster_size', view.size],
    ['cluster_current_epoch', view.currentEpoch],
    ['cluster_my_epoch', view.myEpoch],
    ...messageLines(view.sent, 'sent'),
    ...messageLines(view.received, 'received'),
    ['total_cluster_links_buffer_limit_exceeded', view.linksOverLimit],
  ];
}

/** One line a type that was seen, and their sum. */
function messageLines(counts: readonly MessageCount[], way: 'sent' | 'received'): [string, number][] {
  const sum = counts.reduce((total, { count }) => total + count, 0);
  const lines = counts.map(({ name, count }): [string, number] => [`cluster_stats_messages_${name}_${way}`, count]);
  return [...lines, [`cluster_stats_messages_${way}`, sum]];
}
