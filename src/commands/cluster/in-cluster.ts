/**
 * Every command about the cluster first needs one: what the handlers of this folder share.
 *
 * Outside of cluster mode each of them, HELP included, gives the same error.
 */
import { ERRORS, quotedLast, wrongSubcommand } from '../../base/errors.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { OrderAnswer } from '../../gossip/operator/order.js';
import { describeOrderRefusal } from '../../gossip/operator/order.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';
import { integerAt } from '../arguments.js';
import type { Handler, Session } from '../handler.js';
import type { ClusterDoor } from './door.js';

/** What a handler of this folder gets. */
export interface ClusterCall {
  readonly request: Request;
  readonly reply: ReplyWriter;
  readonly db: Database;
  readonly session: Session;
  readonly cluster: ClusterDoor;
}

/** A handler that runs in cluster mode only; elsewhere the client is told. */
export function inCluster(run: (call: ClusterCall) => void): Handler {
  return (request, reply, db, session) => {
    const { cluster } = session.node;
    if (cluster === null) return reply.error(ERRORS.CLUSTER_DISABLED);
    run({ request, reply, db, session, cluster });
  };
}

export function answerOrder(reply: ReplyWriter, answer: OrderAnswer): void {
  if (!answer.ok) return reply.error(`ERR ${quotedLast(describeOrderRefusal(answer.refusal))}`);
  if (answer.text === 'OK') reply.ok();
  else reply.simple(answer.text);
}

/** Argument i as a slot; NaN where it is none, and the reply says so. */
export function readSlot(request: Request, i: number, reply: ReplyWriter): number {
  const slot = integerAt(request, i);
  if (slot >= 0 && slot < SLOT_COUNT) return slot;
  reply.error(ERRORS.INVALID_SLOT);
  return Number.NaN;
}

/** A known sub-command with a count of arguments that its row could not rule out. */
export function wrongSubcommandForm({ request, reply }: ClusterCall): void {
  reply.error(wrongSubcommand('CLUSTER', request.text(1)));
}
