/**
 * An EXEC in which MIGRATE waits for another server: redis stands still with it, here it is put by and called again.
 *
 *   EXEC ─▶ SET a ─▶ MIGRATE a ─┬─ put by: answers, the unit for replicas and file, who is to be served   │ the world
 *                               │     … RESTORE a ─▶ +OK …                                                │ waits
 *                               └─ called again: MIGRATE tells its outcome ─▶ GET b ─▶ *3, MULTI … EXEC out
 *
 * Nobody sees a half of it, but for what it published. All clients wait, monitors and replicas with them, and so do
 * the stream of a primary, snapshots that would begin, time that lets keys die, and whatever else runs regularly but
 * for the cluster's own. What cannot wait (a change of role, slots that go, a failover by hand) lets it go on at once
 * to its end: that is the order in which redis would see them. Its client may leave; the rest is run all the same.
 */
import type { OpenUnit } from '../../commands/propagation.js';
import { ALERT } from '../../commands/dispatch.js';
import type { Request } from '../../resp/request.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';

export class HeldExec {
  private readonly request: Request;
  private readonly unit: OpenUnit;
  /** Keys were made that somebody waits for: he is served behind the EXEC. */
  private readonly isReady: boolean;

  /** What was answered since `mark` is not sent before all of it is. */
  constructor(
    private readonly node: Node,
    request: Request,
    readonly client: Client,
    mark: number,
  ) {
    const { gate, dispatcher, out } = node;
    this.request = request.copy();
    this.unit = dispatcher.propagation.setAside();
    this.isReady = (gate.alert & ALERT.ready) !== 0;
    gate.set('ready', false);
    gate.isAmidExec = true;
    if (client.stopped === null) throw new Error('an EXEC waits that did not stop');
    client.stopped.answered = out.takeFrom(mark);
  }

  /** From where it stopped, to its end or to the next MIGRATE. It is its client's turn. */
  goOn(): void {
    const { node, client } = this;
    const { gate, intake, outbox, dispatcher } = node;
    gate.isAmidExec = false;
    const waiting = gate.endPause('migrate');
    node.followExpiry();
    outbox.sendAll();
    if (client.pushed !== null) outbox.pushFirst(client);
    if (this.isReady) gate.set('ready', true);
    dispatcher.propagation.goOn(this.unit);
    client.waiting = false;
    intake.served = client;
    dispatcher.call(this.request, client);
    if (client.stopped === null && (gate.alert & ALERT.ready) !== 0) node.blocking.serveReady();
    intake.served = null;
    if (client.gone) intake.dropReplies();
    else outbox.flush(client);
    if (client.stopped === null) this.over(waiting);
    else node.host.endOfTurn(() => node.blocking.letGoOn(waiting)); // they wait again, in the same order
  }

  /** What came meanwhile is served, its own first; not amid whatever has brought this about. */
  private over(waiting: readonly Client[]): void {
    const { node, client } = this;
    if (client.gone) node.gone(client); // it may have subscribed since
    client.waiting = true;
    node.host.endOfTurn(() => node.blocking.letGoOn([client, ...waiting]));
    node.replication.upstream.stream?.goOn();
  }
}
