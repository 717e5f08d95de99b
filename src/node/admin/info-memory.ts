/**
 * INFO memory. `allocator_*` are the arena and what else is accounted for; the resident size is that of the process,
 * with Node itself in it.
 */
import type { Libraries } from '../../persistence/functions/libraries.js';
import type { Node } from '../node.js';
import type { Field } from './info.js';
import { humanBytes, ratio, reportMemory } from './memory-report.js';

export function memoryFields(node: Node): readonly Field[] {
  const { config, engine, host } = node;
  const report = reportMemory(node);
  const total = host.process.totalMemoryBytes();
  const buffered = node.replication.backlog?.bytes ?? 0;
  return [
    ['used_memory', report.used],
    ['used_memory_human', humanBytes(report.used)],
    ['used_memory_rss', report.rss],
    ['used_memory_rss_human', humanBytes(report.rss)],
    ['used_memory_peak', report.peak],
    ['used_memory_peak_human', humanBytes(report.peak)],
    ['used_memory_peak_perc', `${report.peakPercent.toFixed(2)}%`],
    ['used_memory_overhead', report.overhead],
    ['used_memory_startup', report.startup],
    ['used_memory_dataset', report.dataset],
    ['used_memory_dataset_perc', `${report.datasetPercent.toFixed(2)}%`],
    ['allocator_allocated', report.allocated],
    ['allocator_active', report.active],
    ['allocator_resident', report.rss],
    ['total_system_memory', total],
    ['total_system_memory_human', humanBytes(total)],
    ...scriptFields(node.server.libraries),
    ['maxmemory', config.maxmemory],
    ['maxmemory_human', humanBytes(config.maxmemory)],
    ['maxmemory_policy', config.maxmemoryPolicy],
    ['allocator_frag_ratio', ratio(report.active, report.allocated)],
    ['allocator_frag_bytes', report.active - report.allocated],
    ['allocator_rss_ratio', ratio(report.rss, report.active)],
    ['allocator_rss_bytes', report.rss - report.active],
    ['rss_overhead_ratio', ratio(report.rss, report.rss)],
    ['rss_overhead_bytes', 0],
    ['mem_fragmentation_ratio', ratio(report.rss, report.used)],
    ['mem_fragmentation_bytes', report.rss - report.used],
    ['mem_not_counted_for_evict', Math.max(0, buffered - config.replBacklogSize)],
    ['mem_replication_backlog', Math.min(buffered, config.replBacklogSize)],
    ['mem_total_replication_buffers', buffered],
    ['mem_clients_slaves', Math.max(0, buffered - config.replBacklogSize)],
    ['mem_clients_normal', report.clients],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', node.server.aof.log.capacity],
    ['mem_allocator', 'libc'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', engine.lazyFree.pending],
    ['lazyfreed_objects', engine.lazyFree.freed],
  ];
}

/** Nobody scripts here: libraries of functions are kept for others, and nobody knows what is in them. */
function scriptFields({ bytes, size }: Libraries): readonly Field[] {
  return [
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', humanBytes(0)],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', size],
    ['used_memory_vm_functions', 0],
    ['used_memory_vm_total', 0],
    ['used_memory_vm_total_human', humanBytes(0)],
    ['used_memory_functions', bytes],
    ['used_memory_scripts', bytes],
    ['used_memory_scripts_human', humanBytes(bytes)],
  ];
}
