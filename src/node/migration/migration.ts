/**
 * MIGRATE at work: keys go to another server, and each leaves here on its own +OK.
 *
 *   here                                     there
 *    │── AUTH · SELECT ───────────────────────────▶ │       if asked to, and unless it is selected already
 *    │◀─ +OK  · +OK ─────────────────────────────── │
 *    │── RESTORE a · RESTORE b ───────────────────▶ │       RESTORE-ASKING in a cluster
 *    │◀─ +OK       · -BUSYKEY ───────────────────── │       a is deleted here, b stays: it is an error of b alone
 *    └─▶ replicas: DEL a                                    └─▶ the client: the first error, or OK
 *
 * Redis stands still until all answers are in. Here the bus and the clocks go on, and only clients wait: the one that
 * asked for its answer, all others in a pause of their own cause. So nobody sees a key in two places, none changes
 * after it was sent, and none expires or is evicted meanwhile. A key whose +OK does not come stays here: it may be in
 * both places then, as with Redis, and never in none. (Redis sends all at once; so keys are there although AUTH or
 * SELECT was refused, be it in another database.)
 *
 * A connection that breaks before anything was answered is tried once more: it may have been a kept one, which the
 * other end had closed. If the node's role changes meanwhile, or is about to, the rest is given up.
 *
 * In EXEC the same is done, and the EXEC stops there meanwhile: held-exec.ts.
 */
import type { Timer } from '../../base/host.js';
import type { MigrateOrder, MigrationDoor, Outcome } from '../../commands/migration/door.js';
import type { Session } from '../../commands/handler.js';
import { NONE, IMMORTAL } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import { type Reply, ReplyError } from '../../resp/reply-reader.js';
import type { Request } from '../../resp/request.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { HeldExec } from './held-exec.js';
import type { Target, TargetUser } from './target.js';
import { Targets } from './targets.js';

/** Redis takes the end of a connection attempt for its success, and finds out when it writes. */
const REFUSED = 'Connection refused';
const CONNECTING_FAILED = 'IOERR error or timeout connecting to the client';
const WRITING_FAILED = 'IOERR error or timeout writing to target instance';
const READING_FAILED = 'IOERR error or timeout reading to target instance';

export class Migration implements MigrationDoor {
  readonly targets: Targets;
  private transfer: Transfer | null = null;
  private held: HeldExec | null = null;
  private outcome: Outcome | null = null;
  /** There is no time: MIGRATE fails at once. */
  private isHurried = false;

  constructor(private readonly node: Node) {
    this.targets = new Targets(node);
  }

  begin(order: MigrateOrder, request: Request, session: Session): void {
    const { node } = this;
    const client = session as Client;
    if (client.inExec) return this.beginInExec(order, request, client);
    const isHeard = client.replies === 'on';
    const asked = request.copy();
    const began = node.host.monotonicMs();
    client.waiting = true;
    node.pause('migrate', 'all', Number.POSITIVE_INFINITY);
    this.transfer = new Transfer(node, this.targets, order, asked, client, (answer) => {
      this.transfer = null;
      node.unpause('migrate');
      this.count(asked, client, (node.host.monotonicMs() - began) * 1000, answer !== null);
      // What was answered within the command itself would stand in front of the answers to what came before it.
      node.host.endOfTurn(() => this.answer(client, answer, isHeard));
    });
    this.transfer.attempt();
  }

  private beginInExec(order: MigrateOrder, request: Request, client: Client): void {
    const { node } = this;
    if (this.isHurried) return void (this.outcome = { error: READING_FAILED, left: [] });
    this.transfer = new Transfer(node, this.targets, order, request.copy(), client, (error, left) => {
      this.transfer = null;
      this.outcome = { error, left };
      const { held } = this;
      if (held !== null) node.host.endOfTurn(() => this.letGoOn(held));
    });
    this.transfer.attempt();
    if (this.outcome !== null) return;
    client.waiting = true;
    node.pause('migrate', 'all', Number.POSITIVE_INFINITY);
  }

  takeOutcome(): Outcome | null {
    const { outcome } = this;
    this.outcome = null;
    return outcome;
  }

  /** MIGRATE waits in this EXEC, which has answered something since `mark`. */
  hold(request: Request, client: Client, mark: number): void {
    this.held = new HeldExec(this.node, request, client, mark);
  }

  /** Nobody may see, or keep, what is done so far: it is half of a transaction. */
  get isAmidExec(): boolean {
    return this.held !== null;
  }

  private letGoOn(held: HeldExec): void {
    this.node.turnOf(held.client); // that we stood still may be found out here, and have ended it
    if (this.held !== held) return;
    this.held = null;
    held.goOn();
  }

  private answer(client: Client, error: string | null, isHeard: boolean): void {
    const { node } = this;
    if (error !== null) node.dispatcher.stats.erred(error);
    node.answerWaiting(client, (reply) => {
      if (!isHeard) return;
      if (error === null) reply.ok();
      else reply.error(error);
    });
  }

  /** All of its time is its own, though others were served meanwhile: so it stands in the statistics. */
  private count(request: Request, client: Client, micros: number, hasFailed: boolean): void {
    const { dispatcher, gate, diagnosis } = this.node;
    dispatcher.stats.wentOn(request.command, micros, hasFailed, gate.latencyTracking);
    diagnosis.tookLong(request, client, micros);
  }

  tick(nowMs: number): void {
    this.targets.closeUnused(nowMs);
  }

  /** Keys are about to go that it has written, or may still look for. */
  endExec(): void {
    if (this.held !== null) this.abandon();
  }

  /** The keys are no longer ours to give away, or nothing may be told any more. An EXEC comes to its end now. */
  abandon(): void {
    this.isHurried = true;
    this.transfer?.fail(READING_FAILED);
    if (this.held !== null) this.letGoOn(this.held);
    this.isHurried = false;
  }
}

/** One MIGRATE, from the moment its client waits to its answer. */
class Transfer implements TargetUser {
  private readonly database: Database;
  private target: Target | null = null;
  private timer: Timer | null = null;
  private mayRetry = true;
  /** In the present attempt, anything was sent. */
  private hasSpoken = false;
  /** Answers that come before those to RESTORE: to AUTH and SELECT. */
  private preludes = 0;
  /** The keys that went out, in order: places of arguments. */
  private sent: number[] = [];
  private answered = 0;
  /** The first thing that was refused. */
  private error: string | null = null;
  private unsentBefore = 0;
  private readonly deleted: number[] = [];

  constructor(
    private readonly node: Node,
    private readonly targets: Targets,
    private readonly order: MigrateOrder,
    private readonly request: Request,
    private readonly client: Client,
    private readonly done: (error: string | null, left: readonly number[]) => void,
  ) {
    this.database = node.engine.database(client.database);
  }

  attempt(): void {
    const target = this.targets.to(this.order.host, this.order.port);
    if (target === null) return this.fail(CONNECTING_FAILED);
    this.preludes = 0;
    this.sent = [];
    this.hasSpoken = false;
    this.target = target;
    target.user = this;
    target.usedAt = this.node.host.monotonicMs();
    this.wait();
    if (target.state === 'up') this.up();
    else if (target.state === 'down') this.fail(CONNECTING_FAILED);
  }

  // ── the connection ────────────────────────────────────────────────────────

  up(): void {
    const { order, target } = this;
    if (target === null) return;
    this.hasSpoken = true;
    if (order.login.length > 0) this.prelude(['AUTH', ...order.login]);
    if (target.database !== order.database) this.prelude(['SELECT', order.database]);
    if (this.preludes === 0) this.sendKeys(target);
    if (this.target !== null) this.wait();
  }

  private prelude(args: readonly (string | Uint8Array)[]): void {
    this.target?.send(args);
    this.preludes++;
  }

  /** Only now that the other end is known to take them: a key that it keeps after an error is in two places. */
  private sendKeys(target: Target): void {
    const { order, request, node, database } = this;
    node.turnOf(this.client); // what keys have left is counted from now
    target.database = order.database;
    const command = node.isCluster ? 'RESTORE-ASKING' : 'RESTORE';
    for (let i = order.firstKey; i < order.firstKey + order.keyCount; i++) {
      const e = database.peek(request, i);
      if (e === NONE) continue;
      const restore = [command, request.bytes(i), this.lifeOf(e), node.dumps.payload(database, e)];
      target.send(order.replaces ? [...restore, 'REPLACE'] : restore);
      this.sent.push(i);
    }
    if (this.sent.length === 0) this.finish();
  }

  /** Milliseconds that the key has left; 0: for good. */
  private lifeOf(e: number): string {
    const at = this.database.expireAt(e);
    return at === IMMORTAL ? '0' : String(Math.max(1, at - this.database.engine.now));
  }

  reply(reply: Reply): void {
    const { target } = this;
    if (target === null) return;
    const refusal = reply instanceof ReplyError ? `ERR Target instance replied with error: ${reply.text}` : null;
    this.error ??= refusal;
    if (this.preludes > 0) this.preludeDone(target);
    else this.restored(this.answered++, refusal);
    if (this.target !== null) this.wait();
  }

  private preludeDone(target: Target): void {
    if (--this.preludes > 0) return;
    if (this.error === null) this.sendKeys(target);
    else this.finish();
  }

  private restored(k: number, refusal: string | null): void {
    const i = this.sent[k];
    if (refusal === null && i !== undefined && !this.order.copies) this.remove(i);
    if (this.answered === this.sent.length) this.finish();
  }

  private remove(i: number): void {
    const { database, request } = this;
    const e = database.find(request, i);
    if (e === NONE) return;
    database.remove(e);
    database.wrote(request, i, EVENT.del, 1);
    this.deleted.push(i);
  }

  /** The connection broke: where nothing was answered yet, once more. */
  down(reason: string): void {
    this.leave();
    if (!this.hasSpoken) return this.fail(reason === REFUSED ? WRITING_FAILED : CONNECTING_FAILED);
    if (this.answered === 0 && this.mayRetry) {
      this.mayRetry = false;
      this.attempt();
    } else this.fail(this.unsentBefore > 0 ? WRITING_FAILED : READING_FAILED);
  }

  // ── time ──────────────────────────────────────────────────────────────────

  /** From now on there is time for the next sign of life. */
  private wait(): void {
    this.timer?.cancel();
    this.unsentBefore = this.target?.unsentBytes ?? 0;
    this.timer = this.node.host.after(this.order.timeoutMs, () => this.timeOut());
  }

  private timeOut(): void {
    const { target } = this;
    if (target === null) return;
    const unsent = target.unsentBytes;
    if (unsent > 0 && unsent < this.unsentBefore) return this.wait(); // it takes them, slowly
    const wasConnecting = target.state === 'connecting';
    this.leave();
    target.close();
    this.fail(wasConnecting ? CONNECTING_FAILED : unsent > 0 ? WRITING_FAILED : READING_FAILED);
  }

  // ── the end ───────────────────────────────────────────────────────────────

  private finish(): void {
    if (this.target !== null && this.error !== null) this.target.database = null; // who knows
    this.leave();
    this.end(this.error);
  }

  /** What was refused before says more than that the connection broke behind it. */
  fail(error: string): void {
    const { target } = this;
    this.leave();
    target?.close();
    this.end(this.error ?? error);
  }

  private leave(): void {
    this.timer?.cancel();
    this.timer = null;
    if (this.target !== null) this.target.user = null;
    this.target = null;
  }

  private end(error: string | null): void {
    if (!this.client.inExec) {
      this.tellReplicas();
      this.client.hasSeen = this.node.replication.history.offset;
    }
    this.done(error, this.deleted);
  }

  /** In one DEL, as redis does. */
  private tellReplicas(): void {
    const { deleted, request, database, node } = this;
    if (deleted.length === 0) return;
    const words = node.dispatcher.propagation.aside(database.index, deleted.length + 1).word('DEL');
    for (const i of deleted) words.argument(request, i);
    node.dispatcher.propagation.settle();
  }
}
