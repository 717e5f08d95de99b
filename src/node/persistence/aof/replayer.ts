/**
 * Runs the commands of an append-only file as those of a client whom nothing holds back and nobody answers.
 *
 * There are no checks and no books: what is in the file was done before. Nothing waits, nothing expires, and nobody
 * hears of it. A command that fails is told in the log: the data is not what it was.
 */
import type { Request } from '../../../resp/request.js';
import { Client, type Connection } from '../../client.js';
import type { Node } from '../../node.js';

const NOWHERE: Connection = {
  kind: 'unix',
  remote: '',
  local: '',
  descriptor: -1,
  unsentBytes: 0,
  write: () => {},
  queuedBytes: () => 0,
  end: () => {},
  close: () => {},
};

export class Replayer {
  private readonly client: Client;
  private readonly execId: number;

  constructor(private readonly node: Node) {
    this.client = new Client(-1, node, NOWHERE, node.host.monotonicMs());
    this.client.fromPrimary = true;
    this.execId = node.table.byName(Buffer.from('exec'))?.id ?? -1;
  }

  /** Null, or the name of a command that there is not, or that has too few arguments to be run. */
  run(request: Request): string | null {
    const { client, node } = this;
    const id = node.table.find(request);
    const arity = id < 0 ? 0 : (node.table.arity[id] ?? 0);
    if (id < 0 || (arity > 0 ? request.argc !== arity : request.argc < -arity)) return request.text(0);
    request.command = id;
    if (client.transaction !== null && id !== this.execId) client.transaction.queue(request);
    else this.replay(request, id);
    return null;
  }

  private replay(request: Request, id: number): void {
    const { client, node } = this;
    const { out } = node;
    const mark = out.mark();
    const errors = out.errorCount;
    client.inExec = true; // nothing waits
    node.dispatcher.replay(request, client);
    client.inExec = false;
    out.dropFrom(mark);
    if (out.errorCount !== errors) this.failed(id);
  }

  private failed(id: number): void {
    const { node } = this;
    const error = node.out.lastError;
    const text = error.startsWith('ERR ') ? error.slice('ERR '.length) : `-${error}`;
    const what = `after processing the command '${node.table.commands[id]?.name ?? '<unknown>'}'`;
    const whom = 'sending an error to its AOF-loading-client';
    node.log('warning', `== CRITICAL == This server is ${whom}: '${text}' ${what}`);
    node.replication.unexpectedErrors++;
    if (node.config.propagationErrorBehavior === 'panic') node.fatal(`This server panicked ${whom} ${what}`);
  }
}
