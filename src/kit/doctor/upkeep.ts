/**
 * What one server needs for itself: memory, disk, room for clients. Where one of them is short, writes are refused
 * (MISCONF, OOM) while all else looks well.
 */
import { count, field } from './patient.js';
import { forEach, hint, mib, type Rule, wrong } from './finding.js';

/** From here on the system swaps, or ends a process. */
const MEMORY_SHARE = 0.9;

/** Writes are refused until a save succeeds, as `stop-writes-on-bgsave-error` says. */
export const failedSave: Rule = forEach(({ info, settings }) => {
  if (field(info, 'rdb_last_bgsave_status') !== 'err') return null;
  const isStrict = field(settings, 'stop-writes-on-bgsave-error') !== 'no' && field(settings, 'save') !== '';
  const dir = field(settings, 'dir');
  return wrong(
    `the last save failed${isStrict ? ', so writes are refused (MISCONF)' : ''}`,
    `its log tells why: no room or no rights in ${dir || 'its dir'}, no memory for fork (overcommit_memory 1); then BGSAVE`,
  );
});

export const failedAppend: Rule = forEach(({ info, settings }) => {
  if (field(info, 'aof_enabled') !== '1') return null;
  const dir = field(settings, 'dir') || 'its dir';
  if (field(info, 'aof_last_write_status') === 'err') {
    return wrong(
      'the last write to its AOF failed, so writes are refused (MISCONF)',
      `make room in ${dir}; it goes on by itself`,
    );
  }
  if (field(info, 'aof_last_bgrewrite_status') !== 'err') return null;
  return wrong(
    'the last rewrite of its AOF failed: the file grows on',
    `its log tells why, mostly no room in ${dir}; then BGREWRITEAOF`,
  );
});

export const loading: Rule = forEach(({ info }) => {
  if (field(info, 'loading') !== '1') return null;
  const percent = field(info, 'loading_loaded_perc');
  return hint(`loads its data${percent ? ` (${percent} %)` : ''} and answers LOADING`, 'wait until it is done');
});

export const memory: Rule = forEach(({ info }) => {
  const [limit, used] = [count(info, 'maxmemory'), count(info, 'used_memory')];
  const policy = field(info, 'maxmemory_policy');
  const room = count(info, 'total_system_memory');
  if (limit > 0 && used >= limit && policy === 'noeviction') {
    return wrong(
      `is full (${mib(used)} of ${mib(limit)}): writes answer OOM`,
      'CONFIG SET maxmemory higher, or maxmemory-policy allkeys-lru where keys may go; or move slots away',
    );
  }
  if (limit > 0 && policy === 'noeviction') {
    return hint(
      `has maxmemory ${mib(limit)} without a policy: once full, writes answer OOM`,
      'for a cache: CONFIG SET maxmemory-policy allkeys-lru; else keep an eye on used_memory',
    );
  }
  const resident = count(info, 'used_memory_rss');
  if (room === 0 || resident < room * MEMORY_SHARE) return null;
  return wrong(
    `holds ${mib(resident)} of the ${mib(room)} of its machine`,
    'CONFIG SET maxmemory below what the machine has, or move slots away',
  );
});

export const fullOfClients: Rule = forEach(({ info }) => {
  const [connected, most] = [count(info, 'connected_clients'), count(info, 'maxclients')];
  const rejected = count(info, 'rejected_connections');
  if (rejected === 0 || most === 0) return null;
  const what = `has turned ${rejected} clients away (maxclients ${most}, ${connected} connected)`;
  return hint(
    what,
    'CONFIG SET maxclients higher (and ulimit -n), or look who does not close connections: CLIENT LIST',
  );
});
