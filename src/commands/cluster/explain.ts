/**
 * CLUSTER EXPLAIN: why the cluster is down, why a node is thought dead, why a replica is no primary. Ours, not Redis'.
 *
 *   CLUSTER EXPLAIN              this node: may it serve, may it be promoted, how did it vote
 *   CLUSTER EXPLAIN <node-id>    a node: its health with the reasons, and its replicas as candidates
 *   CLUSTER EXPLAIN <slot>       a slot: who serves it, and if nobody, why
 *
 * The answer is a map; each judgement in it has a `reason`, one of a fixed set of words, and `words`, a sentence with
 * the numbers. docs/EXPLAIN.md lists the fields.
 */
import { quotedLast } from '../../base/errors.js';
import type { ExplainSubject, Told } from '../../gossip/operator/explain.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';
import { integerAt } from '../arguments.js';
import type { Handler } from '../handler.js';
import { inCluster, wrongSubcommandForm } from './in-cluster.js';

export const explain: Handler = inCluster((call) => {
  const { request, reply, cluster } = call;
  if (request.argc > 3) return wrongSubcommandForm(call);
  const told = cluster.explain(subjectOf(request));
  if (told === null) return reply.error(`ERR Unknown node ${quotedLast(request.text(2))}`);
  write(told, reply);
});

/** A node id has forty digits, so it is never a slot. */
function subjectOf(request: Request): ExplainSubject {
  if (request.argc === 2) return { kind: 'cluster' };
  const slot = integerAt(request, 2);
  return slot >= 0 && slot < SLOT_COUNT ? { kind: 'slot', slot } : { kind: 'node', id: request.text(2) };
}

function write(told: Told, reply: ReplyWriter): void {
  if (told === null) return reply.nil();
  if (typeof told === 'number') return reply.integer(told);
  if (typeof told === 'string') return reply.bulkText(told);
  if (told instanceof Map) return writeMap(told, reply);
  reply.arrayHeader(told.length);
  for (const item of told) write(item, reply);
}

function writeMap(map: ReadonlyMap<string, Told>, reply: ReplyWriter): void {
  reply.mapHeader(map.size);
  for (const [name, value] of map) {
    reply.bulkText(name);
    write(value, reply);
  }
}
