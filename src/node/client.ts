/**
 * The state of one connection of a client: who it is, what it said, what it waits for.
 *
 *   ready ──▶ waiting (BLPOP, MIGRATE) ─▶ ready          requests that came meanwhile stay in its own parser
 *     │         waiting, postponed (a pause)               the present request with them: it will be run again
 *     └─────▶ closing                                     QUIT, a protocol error, CLIENT KILL, a limit
 */
import type { NodeDoor, Session, Transaction } from '../commands/handler.js';
import type { Wait } from '../commands/waiting.js';
import type { RequestParser } from '../resp/reader.js';
import type { Blocking } from './blocking/blocking.js';
import type { ClientClass } from './config/fields.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';
import type { Addressee, ReplyLink } from './outbox.js';
import type { Feed } from '../replication/primary.js';
import type { PubSub } from './pubsub/pubsub.js';
import type { WatchedKeys } from './key-events/watched-keys.js';

/** A watched key, in the books of both sides, about. */
const WATCH_BYTES = 100;

export interface Connection extends ReplyLink {
  /** `127.0.0.1:51234`, or the path of a unix socket with `:0`. */
  readonly remote: string;
  readonly local: string;
  readonly kind: 'tcp' | 'unix';
  /** The descriptor, for CLIENT LIST; -1 where there is none. */
  readonly descriptor: number;
  /** Bytes that the system has not taken: goes down while the other end reads, be it slowly. */
  readonly unsentBytes: number;
  /** From now on the system may hold back what is little, and send it with what follows: Nagle's algorithm. */
  gatherParts?(): void;
}

/** What a client asks of the node that it cannot do itself. */
export interface ClientOwner extends NodeDoor {
  backlogGrew(client: Client, bytes: number): void;
  readonly pubsub: PubSub;
  readonly watchedKeys: WatchedKeys<Client>;
  watch(client: Client, request: Request, i: number): void;
  readonly blocking: Blocking;
  /** Runs a request that passed all checks. */
  run(request: Request, client: Client): void;
  /** Dense id of ASKING. */
  readonly askingId: number;
  /** Connections of the cluster bus, which count as clients. */
  readonly peerConnections: number;
}

/** An EXEC that waits in its middle (migration/held-exec.ts). */
export interface StoppedExec {
  /** The command that it waits for: it will be called again. */
  readonly next: number;
  /** What was answered so far. */
  answered: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** What MULTI gathers: copies, since the read buffer is reused. */
class QueuedCommands implements Transaction {
  readonly queued: Request[] = [];
  flags = 0;
  broken = false;
  /** Bytes of all arguments: CLIENT LIST's multi-mem. */
  bytes = 0;

  constructor(
    private readonly flagsOf: Int32Array,
    private readonly client: Client,
  ) {}

  /** What EXEC will not run is not kept: a client that reads no replies may send much of it. */
  queue(request: Request): void {
    if (this.broken || this.client.watchBroken) return;
    const copy = request.copy();
    this.queued.push(copy);
    this.bytes += copy.buf.length;
    this.flags |= this.flagsOf[request.command] ?? 0;
  }
}

export class Client implements Session, Addressee {
  name = '';
  database = 0;
  resp = 2;
  authenticated = true;
  readOnly = false;
  asking = false;
  noEvict = false;
  replies: Session['replies'] = 'on';
  monitor = false;
  fromPrimary = false;
  inExec = false;
  transaction: Transaction | null = null;
  /** What EXEC is running: nothing is queued any more. */
  running: Transaction | null = null;
  stopped: StoppedExec | null = null;
  /** A key watched by this client was touched: EXEC will refuse. */
  watchBroken = false;

  /** The parser of a command split over reads, or of a client that waits; null most of the time. */
  parser: RequestParser | null = null;
  waiting = false;
  /** It waits to run its present request, not for the answer to it. */
  postponed = false;
  pushed: Buffer[] | null = null;
  pushedBytes = 0;
  isSubscribed = false;
  /** What it is as a replica of ours; null for nearly all. */
  feed: Feed | null = null;
  /** Offset of the stream behind its last command, be that a read: what WAIT waits for. */
  hasSeen = 0;
  closing = false;
  gone = false;

  /** Monotonic ms. */
  readonly createdAt: number;
  usedAt: number;
  /** `unsentBytes` when it was last looked at. */
  unsentBefore = 0;
  /** When the soft limit of the output buffer was first passed, 0 if it is not passed now. */
  softLimitAt = 0;
  /** Dense id of the last command, -1 before the first. */
  lastCommand = -1;

  constructor(
    readonly id: number,
    readonly node: ClientOwner,
    readonly link: Connection,
    now: number,
  ) {
    this.createdAt = this.usedAt = now;
  }

  /** Bytes kept for this client beside its own state: unparsed requests, queued and waiting commands, unsent replies,
   *  watches, subscriptions. */
  get heldBytes(): number {
    const watched = this.node.watchedKeys.countOf(this) * WATCH_BYTES;
    const listens = this.node.pubsub.bytesOf(this);
    const asked =
      ((this.transaction ?? this.running)?.bytes ?? 0) + (this.waiting ? this.node.blocking.bytesOf(this) : 0);
    const waits = this.isReplica ? 0 : this.waitingBytes; // of a replica it is a part of the backlog, which is counted
    return (this.parser?.capacity ?? 0) + asked + waits + watched + listens;
  }

  /** What was written and pushed for it, and is not sent. */
  get waitingBytes(): number {
    return this.link.queuedBytes() + this.pushedBytes;
  }

  /** Whose limits it has. A monitor is an ordinary client, as in Redis. */
  get class(): ClientClass {
    if (this.isReplica) return 'replica';
    return this.isSubscribed ? 'pubsub' : 'normal';
  }

  get isReplica(): boolean {
    return this.feed !== null && this.feed.isReplica;
  }

  /** It waits for nothing, and nobody waits for it. */
  get mayBeIdle(): boolean {
    return !this.waiting && !this.monitor && !this.isSubscribed && !this.isReplica && !this.fromPrimary;
  }

  onBacklog(bytes: number): void {
    this.node.backlogGrew(this, bytes);
  }

  closeAfterReply(): void {
    this.closing = true;
  }

  block(request: Request, wait: Wait): void {
    this.node.blocking.block(this, request, wait);
  }

  beginTransaction(): void {
    this.transaction = new QueuedCommands(this.node.table.flags, this);
  }

  discardTransaction(): void {
    this.transaction = null;
    this.unwatch();
  }

  runTransaction(transaction: Transaction): void {
    this.runFrom(transaction, 0);
  }

  private runFrom(transaction: Transaction, first: number): void {
    const { queued } = transaction;
    this.inExec = true;
    this.running = transaction;
    for (let i = first; i < queued.length; i++) {
      this.node.run(queued[i]!, this);
      if (this.waiting) return void (this.stopped = { next: i, answered: NOTHING });
    }
    this.inExec = false;
    this.running = null;
  }

  resumeTransaction(reply: ReplyWriter): boolean {
    const { stopped, running } = this;
    if (stopped === null || running === null) return false;
    this.stopped = null;
    reply.rawBytes(stopped.answered);
    this.runFrom(running, stopped.next);
    return true;
  }

  watch(request: Request, i: number): void {
    this.node.watch(this, request, i);
  }

  unwatch(): void {
    this.node.watchedKeys.unwatch(this);
    this.watchBroken = false;
  }

  watchesTouched(): boolean {
    if (!this.watchBroken) this.node.watchedKeys.lookAtAll(this);
    return this.watchBroken;
  }

  commandDone(id: number): void {
    if (id !== this.node.askingId && this.transaction === null) this.asking = false; // said for a whole transaction
  }

  reset(): void {
    this.discardTransaction();
    this.node.pubsub.forget(this);
    this.name = '';
    this.database = 0;
    this.resp = 2;
    this.readOnly = this.asking = this.noEvict = this.monitor = false;
    this.authenticated = !this.node.hasPassword;
    if (this.replies !== 'skip') this.replies = 'on'; // whose answer is to be skipped is this very command
  }
}
