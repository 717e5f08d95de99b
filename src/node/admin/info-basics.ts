/**
 * INFO server, clients, cpu, cluster, keyspace.
 *
 * What C says of its compiler and its event loop is answered for ours.
 */
import { REDIS_VERSION, SEXTET_VERSION } from '../../base/version.js';
import type { Node } from '../node.js';
import type { Field } from './info.js';

const DAY_SECONDS = 86_400;
/** The clock of LRU counts seconds in 24 bits. */
const LRU_CLOCK_MASK = 0xffffff;

export function serverFields(node: Node): readonly Field[] {
  const { config, host } = node;
  const uptime = Math.floor((host.wallMs() - node.server.startedAt) / 1000);
  const { leftMs } = node.server.shutdown;
  const fields: Field[] = [
    ['redis_version', REDIS_VERSION],
    ['server_name', 'sextet'],
    ['sextet_version', SEXTET_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', 0],
    ['redis_mode', node.isCluster ? 'cluster' : 'standalone'],
    ['os', host.process.os],
    ['arch_bits', host.process.archBits],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['process_id', host.process.pid],
    ['process_supervised', 'no'],
    ['run_id', host.process.runId],
    ['tcp_port', config.port],
    ['server_time_usec', host.wallMicros()],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / DAY_SECONDS)],
    ['hz', config.hz],
    ['configured_hz', config.hz],
    ['lru_clock', Math.floor(host.wallMs() / 1000) & LRU_CLOCK_MASK],
    ['executable', host.process.executable],
    ['config_file', config.file ?? ''],
    ['io_threads_active', 0],
    ...(leftMs === null ? [] : ([['shutdown_in_milliseconds', leftMs]] as const)),
  ];
  return fields;
}

export function clientFields(node: Node): readonly Field[] {
  let input = 0;
  let output = 0;
  for (const client of node.clients.all.values()) {
    input = Math.max(input, client.parser?.capacity ?? 0);
    output = Math.max(output, client.link.queuedBytes());
  }
  return [
    ['connected_clients', node.clients.size - node.replication.replicas.size],
    ['cluster_connections', node.membership?.linkCount ?? 0],
    ['maxclients', node.config.maxclients],
    ['client_recent_max_input_buffer', input],
    ['client_recent_max_output_buffer', output],
    ['blocked_clients', node.gate.waitingCount + node.blocking.count],
    ['tracking_clients', 0],
    ['clients_in_timeout_table', node.blocking.timedCount],
  ];
}

export function cpuFields(node: Node): readonly Field[] {
  const { user, system, childrenUser, childrenSystem } = node.host.process.cpu();
  return [
    ['used_cpu_sys', system.toFixed(6)],
    ['used_cpu_user', user.toFixed(6)],
    ['used_cpu_sys_children', childrenSystem.toFixed(6)],
    ['used_cpu_user_children', childrenUser.toFixed(6)],
    ['used_cpu_sys_main_thread', system.toFixed(6)],
    ['used_cpu_user_main_thread', user.toFixed(6)],
  ];
}

export function clusterFields(node: Node): readonly Field[] {
  return [['cluster_enabled', node.isCluster ? 1 : 0]];
}

export function keyspaceFields({ engine }: Node): readonly Field[] {
  const fields: Field[] = [];
  for (let i = 0; i < engine.databaseCount; i++) {
    const db = engine.database(i);
    if (db.size === 0) continue;
    const ttl = db.mortalCount === 0 ? 0 : Math.floor(db.averageTtlMs);
    fields.push([`db${i}`, `keys=${db.size},expires=${db.mortalCount},avg_ttl=${ttl}`]);
  }
  return fields;
}
