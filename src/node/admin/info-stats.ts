/**
 * INFO persistence and stats.
 *
 * Every row is a field of 7.0.15; those of features to come are zero. What a fork would copy is here what a snapshot
 * holds: keys that were written before their turn, and wait to be sent.
 */
import type { Node } from '../node.js';
import type { Administration } from './administration.js';
import type { Aof } from '../persistence/aof/aof.js';
import type { Loading } from '../replication/sync-intake.js';
import type { Field } from './info.js';

const NO_SNAPSHOT = { keys: 0, keysAtBegin: 0, peakBytes: 0 };

export function persistenceFields({ config, engine, server, replication }: Node): readonly Field[] {
  const { loading } = replication;
  const { aof, saving } = server;
  const { rewriting } = aof;
  const { snapshot } = engine;
  const { keys, keysAtBegin, peakBytes } = snapshot?.progress ?? NO_SNAPSHOT;
  return [
    ['loading', loading === null || loading.isAsync ? 0 : 1],
    ['async_loading', loading?.isAsync ? 1 : 0],
    ['current_cow_peak', peakBytes],
    ['current_cow_size', snapshot?.heldBytes ?? 0],
    ['current_cow_size_age', 0],
    ['current_fork_perc', ((keys / Math.max(1, keysAtBegin)) * 100).toFixed(2)],
    ['current_save_keys_processed', keys],
    ['current_save_keys_total', keysAtBegin],
    ['rdb_changes_since_last_save', engine.dirty],
    ['rdb_bgsave_in_progress', saving.isSaving ? 1 : 0],
    ['rdb_last_save_time', saving.lastSaveAt],
    ['rdb_last_bgsave_status', saving.status],
    ['rdb_last_bgsave_time_sec', saving.lastSeconds],
    ['rdb_current_bgsave_time_sec', saving.currentSeconds],
    ['rdb_saves', saving.count],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', saving.keysExpired],
    ['rdb_last_load_keys_loaded', saving.keysLoaded],
    ['aof_enabled', aof.state === 'off' ? 0 : 1],
    ['aof_rewrite_in_progress', rewriting.isOn ? 1 : 0],
    ['aof_rewrite_scheduled', rewriting.isScheduled ? 1 : 0],
    ['aof_last_rewrite_time_sec', rewriting.lastSeconds],
    ['aof_current_rewrite_time_sec', rewriting.currentSeconds],
    ['aof_last_bgrewrite_status', rewriting.status],
    ['aof_rewrites', rewriting.count],
    ['aof_rewrites_consecutive_failures', rewriting.limit.failures],
    ['aof_last_write_status', aof.log.trouble === null ? 'ok' : 'err'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...(config.appendonly ? logFields(aof) : []),
    ...(loading === null ? [] : loadingFields(loading, server)),
  ];
}

function logFields({ log, rewriting }: Aof): readonly Field[] {
  return [
    ['aof_current_size', log.totalBytes],
    ['aof_base_size', rewriting.baseBytes],
    ['aof_pending_rewrite', rewriting.isScheduled ? 1 : 0],
    ['aof_buffer_length', log.waitingBytes],
    ['aof_pending_bio_fsync', log.syncsBeside],
    ['aof_delayed_fsync', log.delayedSyncs],
  ];
}

/** How far a snapshot is that is being loaded. */
function loadingFields(loading: Loading, { clock, saving }: Administration): readonly Field[] {
  const { startedAt, totalBytes, loadedBytes } = loading;
  const share = totalBytes === 0 ? 0 : loadedBytes / totalBytes;
  const elapsed = Math.floor(clock.wallMs() / 1000) - startedAt;
  return [
    ['loading_start_time', startedAt],
    ['loading_total_bytes', totalBytes],
    ['loading_rdb_used_mem', saving.makerBytes],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', (share * 100).toFixed(2)],
    ['loading_eta_seconds', share === 0 ? 1 : Math.floor((elapsed * (1 - share)) / share)],
  ];
}

export function statsFields(node: Node): readonly Field[] {
  const { clientEviction, clients, dispatcher, engine, intake, memory, migration, outbox, pubsub } = node;
  const { server, replication } = node;
  const { rates } = server;
  return [
    ['total_connections_received', clients.received],
    ['total_commands_processed', dispatcher.processed],
    ['instantaneous_ops_per_sec', Math.floor(rates.commands.perSecond())],
    ['total_net_input_bytes', intake.receivedBytes],
    ['total_net_output_bytes', outbox.sentBytes],
    ['total_net_repl_input_bytes', replication.receivedBytes],
    ['total_net_repl_output_bytes', replication.sentBytes],
    ['instantaneous_input_kbps', (rates.input.perSecond() / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (rates.output.perSecond() / 1024).toFixed(2)],
    ['instantaneous_input_repl_kbps', (rates.replicationInput.perSecond() / 1024).toFixed(2)],
    ['instantaneous_output_repl_kbps', (rates.replicationOutput.perSecond() / 1024).toFixed(2)],
    ['rejected_connections', clients.rejected],
    ['sync_full', replication.desk.counts.full],
    ['sync_partial_ok', replication.desk.counts.partial],
    ['sync_partial_err', replication.desk.counts.refused],
    ['expired_keys', engine.expiredKeys],
    ['expired_stale_perc', memory.expiry.stalePercent.toFixed(2)],
    ['expired_time_cap_reached_count', memory.expiry.timeCapReached],
    ['expire_cycle_cpu_milliseconds', Math.floor(memory.expiryMs)],
    ['evicted_keys', engine.evictedKeys],
    ['evicted_clients', clientEviction.evicted],
    ['total_eviction_exceeded_time', 0],
    ['current_eviction_exceeded_time', 0],
    ['keyspace_hits', engine.hits],
    ['keyspace_misses', engine.misses],
    ['pubsub_channels', pubsub.topicCount('channel')],
    ['pubsub_patterns', pubsub.topicCount('pattern')],
    ['pubsubshard_channels', pubsub.topicCount('shard')],
    ['latest_fork_usec', 0],
    ['total_forks', engine.snapshotCount],
    ['migrate_cached_sockets', migration.targets.count],
    ['slave_expires_tracked_keys', node.keyEvents.ownMortals?.size ?? 0],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['total_active_defrag_time', 0],
    ['current_active_defrag_time', 0],
    ['tracking_total_keys', 0],
    ['tracking_total_items', 0],
    ['tracking_total_prefixes', 0],
    ['unexpected_error_replies', replication.unexpectedErrors],
    ['total_error_replies', server.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', intake.reads],
    ['total_writes_processed', outbox.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['reply_buffer_shrinks', 0],
    ['reply_buffer_expands', 0],
  ];
}
