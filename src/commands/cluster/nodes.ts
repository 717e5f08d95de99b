/**
 * CLUSTER NODES, REPLICAS, MYID, COUNT-FAILURE-REPORTS and LINKS: the nodes as this one sees them.
 *
 * The core tells what it knows as data; the words are made here.
 */
import { ERRORS, quotedLast } from '../../base/errors.js';
import type { NodeView } from '../../gossip/operator/views.js';
import { flagsOfNode, formatNodeLine, type NodeLine } from '../../gossip/text/node-line.js';
import { clientPort } from '../../slots/endpoint.js';
import type { Handler } from '../handler.js';
import type { LinkReport } from './door.js';
import { type ClusterCall, inCluster } from './in-cluster.js';

export const myId: Handler = inCluster(({ reply, cluster }) => reply.bulkText(cluster.myId));

export const nodes: Handler = inCluster((call) => {
  const { nodes: known, migrating, importing } = call.cluster.describe();
  const lines = known.map((node) => {
    const [out, coming] = node.myself ? [migrating, importing] : [[], []];
    return `${formatNodeLine(lineOf(node, call), out, coming)}\n`;
  });
  call.reply.verbatim(lines.join(''));
});

/** Also under the name of SLAVES. */
export const replicas: Handler = inCluster((call) => {
  const { request, reply, cluster } = call;
  const { nodes: known } = cluster.describe();
  const id = request.text(2);
  const primary = known.find((node) => node.id === id);
  if (primary === undefined) return reply.error(`ERR Unknown node ${quotedLast(id)}`);
  if (primary.role === 'replica') return reply.error(ERRORS.NOT_A_PRIMARY);
  const followers = known.filter((node) => node.primaryId === id);
  reply.arrayHeader(followers.length);
  for (const node of followers) reply.bulkText(formatNodeLine(lineOf(node, call), [], []));
});

function lineOf(node: NodeView, { cluster, session }: ClusterCall): NodeLine {
  const { ip, busPort } = node.address;
  return { ...node, ip, busPort, port: clientPort(node, cluster.transportOf(session)), flags: flagsOfNode(node) };
}

export const countFailureReports: Handler = inCluster(({ request, reply, cluster }) => {
  const count = cluster.failureReportCount(request.text(2));
  if (count === null) reply.error(`ERR Unknown node ${quotedLast(request.text(2))}`);
  else reply.integer(count);
});

export const links: Handler = inCluster(({ reply, cluster }) => {
  const reports = cluster.links();
  reply.arrayHeader(reports.length);
  for (const report of reports) {
    reply.mapHeader(6);
    for (const [name, value] of fieldsOf(report)) {
      reply.bulkText(name);
      if (typeof value === 'number') reply.integer(value);
      else reply.bulkText(value);
    }
  }
});

/** Bytes are queued at their own size: what is allocated is what is used. */
function fieldsOf({ direction, nodeId, createdMs, queuedBytes }: LinkReport): [string, string | number][] {
  return [
    ['direction', direction],
    ['node', nodeId],
    ['create-time', createdMs],
    ['events', queuedBytes > 0 ? 'rw' : 'r'],
    ['send-buffer-allocated', queuedBytes],
    ['send-buffer-used', queuedBytes],
  ];
}
