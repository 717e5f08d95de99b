/**
 * Clients that wait for something: a key (BLPOP and its kin), replicas (WAIT).
 *
 *   session.block ──▶ waiter ─┬─ a key is made ──▶ served behind the command, or the EXEC, that made it
 *                             ├─ the time is over, CLIENT UNBLOCK ──▶ timedOut, or -UNBLOCKED
 *                             ├─ its slot is no longer ours, the cluster is down ──▶ MOVED, CLUSTERDOWN
 *                             └─ we are a replica now ──▶ -UNBLOCKED, and the end of its connection
 *
 * Many may wait for one key: who came first is served first, as long as there is something to take. Serving may make
 * keys (BLMOVE), and so serve others, before the next command of anybody runs. What a waiter is answered is pushed to
 * it, behind the replies that it already has; what it sent meanwhile is served when the turn is over.
 *
 * Pause, RESET and QUIT need no word here: a waiter's requests are not looked at, and nobody else's are in its way.
 */
import { ERRORS } from '../../base/errors.js';
import type { Timer } from '../../base/host.js';
import type { KeyWait, Wait } from '../../commands/waiting.js';
import type { Request } from '../../resp/request.js';
import { BASE_SIZE, ReplyWriter } from '../../resp/writer.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import type { AwaitedKey } from './awaited-keys.js';

/** The longest time that a timer of the system takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Waiter {
  readonly client: Client;
  /** A copy of what it asked. */
  readonly request: Request;
  readonly wait: Wait;
  /** CLIENT REPLY OFF or SKIP holds for this very command. */
  readonly isMute: boolean;
  timer: Timer | null;
}

/** Who knows whether a client may go on waiting here for the key in an argument: null, or the error text. */
interface Judge {
  refuseToWait(request: Request, i: number, client: Client): string | null;
}

export class Blocking {
  private readonly waiters = new Map<Client, Waiter>();
  private released: Client[] = [];
  private answers: ReplyWriter | null = null;

  constructor(private readonly node: Node) {}

  /** INFO blocked_clients. */
  get count(): number {
    return this.waiters.size;
  }

  /** INFO clients_in_timeout_table. */
  get timedCount(): number {
    let count = 0;
    for (const { wait } of this.waiters.values()) if (wait.timeoutMs > 0) count++;
    return count;
  }

  /** Of the request that it waits with. */
  bytesOf(client: Client): number {
    return this.waiters.get(client)?.request.buf.length ?? 0;
  }

  block(client: Client, request: Request, wait: Wait): void {
    const { node } = this;
    const waiter: Waiter = { client, request: request.copy(), wait, isMute: client.replies !== 'on', timer: null };
    client.waiting = true;
    this.waiters.set(client, waiter);
    if (wait.keys !== null) node.keyEvents.awaitKeys(client, client.database, keysOf(waiter.request, wait.keys));
    if (wait.timeoutMs > 0) this.setTimer(waiter, node.host.monotonicMs() + wait.timeoutMs);
  }

  private setTimer(waiter: Waiter, deadline: number): void {
    const { host } = this.node;
    const left = Math.max(0, Math.ceil(deadline - host.monotonicMs()));
    waiter.timer = host.after(Math.min(left, LONGEST_TIMER_MS), () => {
      if (host.monotonicMs() < deadline) return this.setTimer(waiter, deadline);
      this.answer(waiter.client, (reply) => waiter.wait.timedOut(reply));
    });
  }

  /** The client is gone, or its wait is over. */
  forget(client: Client): void {
    const { node } = this;
    this.waiters.get(client)?.timer?.cancel();
    if (!this.waiters.delete(client)) return;
    node.keyEvents.awaited.forget(client);
    node.replication.waits.forget(client);
  }

  // ── keys ──────────────────────────────────────────────────────────────────

  /** A command ran, and keys were made that somebody waits for. */
  serveReady(): void {
    const { awaited } = this.node.keyEvents;
    this.node.dispatcher.settle();
    for (let ready = awaited.takeReady(); ready !== null; ready = awaited.takeReady()) this.serveKey(ready);
    this.node.gate.set('ready', false);
  }

  private serveKey(ready: AwaitedKey): void {
    const { awaited } = this.node.keyEvents;
    for (const client of awaited.waitersOf(ready)) {
      const waiter = this.waiters.get(client);
      const type = awaited.typeOf(ready);
      if (type < 0) break;
      if (waiter?.wait.keys?.type === type) this.serve(waiter, waiter.wait.keys, ready);
    }
    this.node.engine.changes?.settle(); // a key that was dead when it was looked at
  }

  private serve(waiter: Waiter, keys: KeyWait, { database, key }: AwaitedKey): void {
    const { dispatcher, diagnosis, engine, gate, host } = this.node;
    const { client, request } = waiter;
    const db = engine.database(database);
    const argument = argumentOf(request, keys, key);
    const began = host.monotonicMs();
    const hasFailed = this.answer(client, (reply) =>
      dispatcher.propagation.serving(database, request, () =>
        keys.take(request, argument, reply, db, db.find(request, argument)),
      ),
    );
    const now = host.monotonicMs();
    const micros = (now - began) * 1000;
    dispatcher.stats.wentOn(request.command, micros, hasFailed, gate.latencyTracking);
    dispatcher.begin(now);
    diagnosis.wentOn(request, client, micros);
  }

  // ── other ends of a wait ──────────────────────────────────────────────────

  /** CLIENT UNBLOCK: false where the client does not wait, or is not there. A pause is no such wait. */
  unblock(id: number, withError: boolean, by: Request): boolean {
    const client = this.node.clients.all.get(id);
    const waiter = client === undefined ? undefined : this.waiters.get(client);
    if (client === undefined || waiter === undefined) return false;
    this.answer(client, (reply) => {
      if (withError) reply.error(ERRORS.UNBLOCKED_BY_CLIENT);
      else waiter.wait.timedOut(reply);
    });
    const { dispatcher, gate } = this.node;
    dispatcher.stats.wentOn(waiter.request.command, 0, true, gate.latencyTracking);
    // As Redis has it, an error is the failure of the command that runs when it is written, whoever gets it.
    if (withError) dispatcher.stats.wentOn(by.command, 0, true, false);
    return true;
  }

  /** We were a primary and are a replica: nothing that was waited for will come. */
  endAll(): void {
    for (const client of [...this.waiters.keys()]) {
      this.answer(client, (reply) => reply.error(ERRORS.UNBLOCKED_BY_ROLE));
      client.closing = true;
    }
  }

  /** In cluster mode, ten times a second: who waits for keys of a slot that others serve is sent to them. */
  redirect(judge: Judge | null): void {
    if (judge === null) return;
    for (const { client, request, wait } of [...this.waiters.values()]) {
      if (wait.keys === null) continue;
      const refusal = judge.refuseToWait(request, wait.keys.first, client);
      if (refusal !== null) this.answer(client, (reply) => reply.error(refusal));
    }
  }

  // ── answers ───────────────────────────────────────────────────────────────

  /** The wait is over: what is written goes to the client, which then goes on. True where that was an error. */
  answer(client: Client, write: (reply: ReplyWriter) => void): boolean {
    const waiter = this.waiters.get(client);
    if (waiter === undefined) return false;
    this.forget(client);
    const { node } = this;
    const reply = (this.answers ??= new ReplyWriter());
    const errors = reply.errorCount;
    reply.resp = client.resp;
    write(reply);
    const parts = takeAll(reply);
    if (!waiter.isMute) for (const part of parts) node.outbox.push(client, part);
    const hasFailed = reply.errorCount !== errors;
    if (hasFailed) node.dispatcher.erredElsewhere(reply.lastError);
    if (this.released.push(client) === 1) node.host.endOfTurn(this.letReleasedGoOn);
    return hasFailed;
  }

  private readonly letReleasedGoOn = (): void => {
    const { released } = this;
    this.released = [];
    this.letGoOn(released);
  };

  /** What these clients sent while they waited is served. Not amid the replies to another one. */
  letGoOn(clients: readonly Client[]): void {
    const { node } = this;
    for (const client of clients) {
      if (client.gone) continue;
      if (client.closing) node.close(client);
      else {
        node.turnOf(client);
        node.intake.resume(client);
      }
    }
  }
}

function keysOf(request: Request, { first, last }: KeyWait): string[] {
  return Array.from({ length: last - first + 1 }, (_, k) => request.text(first + k));
}

function argumentOf(request: Request, { first, last }: KeyWait, key: string): number {
  let i = first;
  while (i < last && request.text(i) !== key) i++;
  return i;
}

/** Everything that was written, as bytes of their own. */
function takeAll(reply: ReplyWriter): Buffer[] {
  if (reply.spilledBytes > 0) return reply.takeSpilled();
  if (reply.pos === 0) return [];
  const bytes = Buffer.from(reply.buf.subarray(0, reply.pos));
  reply.pos = 0;
  if (reply.buf.length > BASE_SIZE) reply.replaceBuffer();
  return [bytes];
}
