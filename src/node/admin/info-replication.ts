/**
 * INFO replication: who copies whom, and how far everybody is.
 *
 * The names speak of master and slave, as they go out. `master_link_error` is ours: what stands between a replica and
 * its primary, a wrong password above all.
 */
import type { FeedState } from '../../commands/server/facts.js';
import { type Feed, lagSeconds } from '../../replication/primary.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import type { Field } from './info.js';

/** As INFO names the stages of a replica. */
const STATES = {
  none: '',
  waiting: 'wait_bgsave',
  loading: 'wait_bgsave',
  sending: 'send_bulk',
  sent: 'online',
  online: 'online',
} as const;

/** What redis shows as the place of a replica that could not go on anywhere. */
const NOTHING_APPLIED = 1;

export function replicationFields(node: Node): readonly Field[] {
  const { config, replication } = node;
  const { history, backlog, replicas } = replication;
  const role = node.server.role();
  return [
    ['role', role.is === 'primary' ? 'master' : 'slave'],
    ...(role.is === 'replica' ? replicaFields(node, role.host, role.port, role.feed) : []),
    ['connected_slaves', replicas.size],
    ...goodReplicas(node),
    ...[...replicas.clients].map((client, i): Field => [`slave${i}`, replicaLine(node, client)]),
    ['master_failover_state', replication.handover.state],
    ['master_replid', history.id],
    ['master_replid2', history.secondId],
    ['master_repl_offset', history.offset],
    ['second_repl_offset', history.secondEnd],
    ['repl_backlog_active', backlog === null ? 0 : 1],
    ['repl_backlog_size', config.replBacklogSize],
    ['repl_backlog_first_byte_offset', backlog === null ? 0 : backlog.first + 1],
    ['repl_backlog_histlen', backlog?.length ?? 0],
  ];
}

function replicaFields(node: Node, host: string, port: number, feed: FeedState): readonly Field[] {
  const { config } = node;
  const { upstream, history } = node.replication;
  const now = node.host.monotonicMs();
  const isUp = feed === 'connected';
  const applied = upstream.canResume ? history.offset : NOTHING_APPLIED;
  return [
    ['master_host', host],
    ['master_port', port],
    ['master_link_status', isUp ? 'up' : 'down'],
    ['master_last_io_seconds_ago', isUp ? secondsSince(upstream.heardAt, now) : -1],
    ['master_sync_in_progress', feed === 'sync' ? 1 : 0],
    ['slave_read_repl_offset', upstream.stream?.received ?? applied],
    ['slave_repl_offset', applied],
    ...syncFields(node, now),
    ...(isUp ? [] : downFields(node, now)),
    ['slave_priority', config.replicaPriority],
    ['slave_read_only', config.replicaReadOnly ? 1 : 0],
    ['replica_announced', config.replicaAnnounced ? 1 : 0],
  ];
}

function syncFields({ replication }: Node, now: number): readonly Field[] {
  const { intake } = replication.upstream;
  if (intake === null) return [];
  const { totalBytes, readBytes, lastIoAt } = intake;
  const percent = totalBytes < 0 ? '-0.00' : totalBytes === 0 ? '0.00' : ((readBytes * 100) / totalBytes).toFixed(2);
  return [
    ['master_sync_total_bytes', totalBytes],
    ['master_sync_read_bytes', readBytes],
    ['master_sync_left_bytes', totalBytes - readBytes],
    ['master_sync_perc', percent],
    ['master_sync_last_io_seconds_ago', secondsSince(lastIoAt, now)],
  ];
}

function downFields({ replication }: Node, now: number): readonly Field[] {
  const { downAt, follower } = replication.upstream;
  const since: Field = ['master_link_down_since_seconds', downAt === null ? -1 : secondsSince(downAt, now)];
  return follower.trouble === '' ? [since] : [since, ['master_link_error', follower.trouble]];
}

function goodReplicas({ config, replication }: Node): readonly Field[] {
  const isAsked = config.minReplicasToWrite > 0 && config.minReplicasMaxLag > 0;
  return isAsked ? [['min_slaves_good_slaves', replication.replicas.goodCount]] : [];
}

function replicaLine({ replication, host }: Node, client: Client): string {
  const { feed } = client;
  if (feed === null) return '';
  const lag = feed.stage === 'online' || feed.stage === 'sent' ? lagSeconds(feed, host.monotonicMs()) : 0;
  const place = `ip=${replication.replicas.hostOf(client)},port=${feed.listeningPort}`;
  return `${place},state=${stateOf(feed)},offset=${feed.ackedOffset},lag=${lag}`;
}

/** As INFO and the log name the stage of a replica. */
export function stateOf({ stage }: Feed): string {
  return STATES[stage];
}

function secondsSince(at: number, now: number): number {
  return Math.floor((now - at) / 1000);
}
