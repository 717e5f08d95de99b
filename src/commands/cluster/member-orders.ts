/**
 * CLUSTER MEET, FORGET, REPLICATE, FAILOVER, RESET, SET-CONFIG-EPOCH, BUMPEPOCH, SAVECONFIG: who is in, and as what.
 *
 * Arguments are read here, everything else is judged by the core (gossip/operator/member-orders.ts).
 */
import { ERRORS, quotedLast } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import { integerAt, readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';
import { answerOrder, inCluster, wrongSubcommandForm } from './in-cluster.js';

/** Where the bus port is not given it is this far above the client port. */
const BUS_PORT_STEP = 10_000;

export const meet: Handler = inCluster((call) => {
  const { request, reply, cluster } = call;
  if (request.argc > 5) return wrongSubcommandForm(call);
  const port = integerAt(request, 3);
  if (Number.isNaN(port)) return reply.error(`ERR Invalid TCP base port specified: ${quotedLast(request.text(3))}`);
  const busPort = request.argc === 5 ? integerAt(request, 4) : port + BUS_PORT_STEP;
  if (Number.isNaN(busPort)) return reply.error(`ERR Invalid TCP bus port specified: ${quotedLast(request.text(4))}`);
  const ip = request.text(2);
  answerOrder(reply, cluster.give({ name: 'MEET', ip, port, busPort, given: { ip, port: request.text(3) } }));
});

export const forget: Handler = inCluster(({ request, reply, cluster }) => {
  answerOrder(reply, cluster.give({ name: 'FORGET', nodeId: request.text(2) }));
});

export const replicate: Handler = inCluster(({ request, reply, db, cluster }) => {
  answerOrder(reply, cluster.give({ name: 'REPLICATE', nodeId: request.text(2), holdsKeys: db.size > 0 }));
});

export const reset: Handler = inCluster((call) => {
  const { request, reply, db, cluster } = call;
  if (request.argc > 3) return wrongSubcommandForm(call);
  const hard = request.argc === 3 && request.is(2, 'hard');
  if (request.argc === 3 && !hard && !request.is(2, 'soft')) return reply.error(ERRORS.SYNTAX);
  answerOrder(reply, cluster.give({ name: 'RESET', hard, holdsKeys: db.size > 0 }));
});

/** Answered as soon as it is begun: whether the replica was elected is for CLUSTER NODES or EXPLAIN to tell. */
export const failover: Handler = inCluster((call) => {
  const { request, reply, cluster } = call;
  if (request.argc > 3) return wrongSubcommandForm(call);
  const how = howToFailOver(request);
  if (how === null) return reply.error(ERRORS.SYNTAX);
  answerOrder(reply, cluster.give({ name: 'FAILOVER', how }));
});

function howToFailOver(request: Request): 'agreed' | 'forced' | 'takeover' | null {
  if (request.argc === 2) return 'agreed';
  if (request.is(2, 'force')) return 'forced';
  return request.is(2, 'takeover') ? 'takeover' : null;
}

/** Above 2⁵³ an epoch would no longer be exact; Redis goes on to 2⁶³. */
export const setConfigEpoch: Handler = inCluster(({ request, reply, cluster }) => {
  const epoch = readInteger(request, 2, reply);
  if (Number.isNaN(epoch)) return;
  if (epoch < 0) return reply.error(`ERR Invalid config epoch specified: ${quotedLast(request.text(2))}`);
  if (!Number.isSafeInteger(epoch)) return reply.error(ERRORS.NOT_INTEGER);
  answerOrder(reply, cluster.give({ name: 'SET-CONFIG-EPOCH', epoch }));
});

export const bumpEpoch: Handler = inCluster(({ reply, cluster }) => {
  answerOrder(reply, cluster.give({ name: 'BUMPEPOCH' }));
});

export const saveConfig: Handler = inCluster(({ reply, cluster }) => {
  answerOrder(reply, cluster.give({ name: 'SAVECONFIG' }));
});
