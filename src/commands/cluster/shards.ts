/**
 * CLUSTER SLOTS and SHARDS: the map that clients route by.
 *
 *    SLOTS   range by range:  from, to, primary, replica …          node: host, port, id, {what else is known}
 *    SHARDS  primary by primary: slots: [from, to, from, to …], nodes: [{…}, {…}]
 */
import type { ClusterView, NodeView } from '../../gossip/operator/views.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { clientPort, preferredHost } from '../../slots/endpoint.js';
import type { Handler } from '../handler.js';
import { type ClusterCall, inCluster } from './in-cluster.js';

export const slots: Handler = inCluster((call) => {
  const view = call.cluster.describe();
  const runs = view.nodes.flatMap((owner) => owner.slots.map((range) => ({ range, owner })));
  runs.sort((a, b) => a.range.from - b.range.from);
  call.reply.arrayHeader(runs.length);
  for (const { range, owner } of runs) {
    const followers = view.nodes.filter((node) => node.primaryId === owner.id && canServeReads(node));
    call.reply.arrayHeader(3 + followers.length);
    call.reply.integer(range.from);
    call.reply.integer(range.to);
    for (const node of [owner, ...followers]) writeEndpoint(node, call);
  }
});

/** A replica that has nothing yet, or is down, is not shown to clients. */
function canServeReads(node: NodeView): boolean {
  return node.health !== 'failed' && node.replOffset !== 0;
}

function writeEndpoint(node: NodeView, { reply, cluster, session }: ClusterCall): void {
  const preferred = cluster.preferredEndpoint;
  reply.arrayHeader(4);
  if (preferred === 'unknown-endpoint') reply.nil();
  else reply.bulkText(preferredHost(node, preferred));
  reply.integer(clientPort(node, cluster.transportOf(session)));
  reply.bulkText(node.id);
  const others: [string, string][] = [];
  if (preferred !== 'ip') others.push(['ip', node.address.ip]);
  if (preferred !== 'hostname' && node.hostname !== '') others.push(['hostname', node.hostname]);
  reply.mapHeader(others.length);
  for (const [name, value] of others) {
    reply.bulkText(name);
    reply.bulkText(value);
  }
}

export const shards: Handler = inCluster((call) => {
  const view = call.cluster.describe();
  const primaries = view.nodes.filter((node) => node.role === 'primary');
  call.reply.arrayHeader(primaries.length);
  for (const primary of primaries) writeShard(primary, view, call);
});

function writeShard(primary: NodeView, view: ClusterView, call: ClusterCall): void {
  const { reply } = call;
  reply.mapHeader(2);
  reply.bulkText('slots');
  reply.arrayHeader(primary.slots.length * 2);
  for (const { from, to } of primary.slots) {
    reply.integer(from);
    reply.integer(to);
  }
  reply.bulkText('nodes');
  const members = [primary, ...view.nodes.filter((node) => node.primaryId === primary.id)];
  reply.arrayHeader(members.length);
  for (const node of members) writeFields(reply, fieldsOf(node, call));
}

function fieldsOf(node: NodeView, { cluster }: ClusterCall): [string, string | number][] {
  const { ip, port, plainPort } = node.address;
  const plain = cluster.usesTls ? plainPort : port;
  const fields: [string, string | number][] = [['id', node.id]];
  if (plain !== 0) fields.push(['port', plain]);
  if (cluster.usesTls && port !== 0) fields.push(['tls-port', port]);
  fields.push(['ip', ip], ['endpoint', preferredHost(node, cluster.preferredEndpoint)]);
  if (node.hostname !== '') fields.push(['hostname', node.hostname]);
  fields.push(
    ['role', node.role === 'replica' ? 'replica' : 'master'],
    ['replication-offset', node.replOffset],
    ['health', healthOf(node)],
  );
  return fields;
}

function healthOf(node: NodeView): string {
  if (node.health === 'failed') return 'fail';
  return node.role === 'replica' && node.replOffset === 0 ? 'loading' : 'online';
}

function writeFields(reply: ReplyWriter, fields: readonly [string, string | number][]): void {
  reply.mapHeader(fields.length);
  for (const [name, value] of fields) {
    reply.bulkText(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.bulkText(value);
  }
}
