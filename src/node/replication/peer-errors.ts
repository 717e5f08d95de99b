/**
 * What the two ends of a replication link must not say to each other: an error, and from a replica anything at all.
 *
 * An error on either side tells that the two do not hold the same data, or that somebody plays a replica. Redis logs it
 * as critical; a replica may be told to stop rather than go on (propagation-error-behavior).
 */
import type { Request } from '../../resp/request.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';

const MOST_LOGGED = 4096;

/** One end answered a command of the other with an error. */
export function errorToPeer(node: Node, client: Client, command: number, error: string): void {
  const [here, there] = client.fromPrimary ? ['replica', 'master'] : ['master', 'replica'];
  const name = node.table.commands[command]?.name ?? '<unknown>';
  const end = `to its ${there}`;
  const what = `after processing the command '${name}'`;
  const text = asLogged(error).slice(0, MOST_LOGGED);
  node.log('warning', `== CRITICAL == This ${here} is sending an error ${end}: '${text}' ${what}`);
  node.replication.unexpectedErrors++;
  const behavior = node.config.propagationErrorBehavior;
  const mayPanic = behavior === 'panic' || behavior === 'panic-on-replicas';
  if (client.fromPrimary && node.config.replicaReadOnly && mayPanic)
    node.fatal(`This ${here} panicked sending an error ${end} ${what}`);
}

/** As C has it at that point: the usual code is put before it later, any other one has its dash already. */
function asLogged(error: string): string {
  return error.startsWith('ERR ') ? error.slice('ERR '.length) : `-${error}`;
}

/** Runs a command of a client that is, or will be, a replica: once it is one, an answer is the end of its link. */
export function serveReplica(node: Node, client: Client, request: Request): void {
  const { out, dispatcher } = node;
  const wasReplica = client.isReplica;
  const mark = out.mark();
  const errors = out.errorCount;
  dispatcher.execute(request, client);
  if (!wasReplica || client.gone || out.mark() === mark) return;
  out.dropFrom(mark);
  const name = node.table.commands[request.command]?.name ?? '<unknown>';
  const line = node.connections.describe(client, null);
  node.log('warning', `Replica generated a reply to command '${name}', disconnecting it: ${line}`);
  if (out.errorCount !== errors) errorToPeer(node, client, request.command, out.lastError);
  node.drop(client);
}
