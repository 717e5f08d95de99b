/**
 * INFO replication: who feeds whom. Until data is copied between nodes a replica is one without a link.
 *
 * The names speak of master and slave, as they go out.
 */
import type { Node } from '../node.js';
import type { Field } from './info.js';

const NO_ID = '0'.repeat(40);

export function replicationFields(node: Node): readonly Field[] {
  const { config } = node;
  const role = node.server.role();
  return [
    ['role', role.is === 'primary' ? 'master' : 'slave'],
    ...(role.is === 'replica' ? replicaFields(node, role.host, role.port) : []),
    ['connected_slaves', role.is === 'primary' ? role.replicas.length : 0],
    ...goodReplicas(node),
    ['master_failover_state', 'no-failover'],
    ['master_replid', node.server.replicationId],
    ['master_replid2', NO_ID],
    ['master_repl_offset', role.is === 'primary' ? role.offset : 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', config.replBacklogSize],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ];
}

function replicaFields({ config }: Node, host: string, port: number): readonly Field[] {
  return [
    ['master_host', host],
    ['master_port', port],
    ['master_link_status', 'down'],
    ['master_last_io_seconds_ago', -1],
    ['master_sync_in_progress', 0],
    ['slave_read_repl_offset', 0],
    ['slave_repl_offset', 0],
    ['master_link_down_since_seconds', -1],
    ['slave_priority', config.replicaPriority],
    ['slave_read_only', config.replicaReadOnly ? 1 : 0],
    ['replica_announced', config.replicaAnnounced ? 1 : 0],
  ];
}

function goodReplicas({ config }: Node): readonly Field[] {
  return config.minReplicasToWrite > 0 && config.minReplicasMaxLag > 0 ? [['min_slaves_good_slaves', 0]] : [];
}
