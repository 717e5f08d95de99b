/**
 * From a request to its handler: the checks, in the order in which Redis makes them, and the books.
 *
 *   known? ▸ arity ▸ allowed at all ▸ authenticated ▸ allowed in MULTI ▸ our slot ▸ memory ▸ paused ▸ queue or call
 *
 * Nearly always nothing unusual is going on: `gate.alert` is 0, and after name and arity the handler runs. Whoever
 * makes something unusual (cluster mode, maxmemory, a pause, a monitor, …) sets a bit of it.
 *
 * Time is read once for a row of quick commands (FAST ones, and SET of a short value) and shared evenly among them;
 * slow commands, and all while the slow log or the latency monitor looks closely, are timed one by one.
 *
 * HOT. bench: all
 */
import { ERRORS, notInSubscribedMode, unknownCommand, unknownSubcommand, wrongArity } from '../base/errors.js';
import { BATCH } from '../resp/reader.js';
import type { Engine } from '../keyspace/engine.js';
import type { ReadAhead } from '../keyspace/read-ahead.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';
import { CommandStats } from './command-stats.js';
import type { Handler, NodeDoor, Session } from './handler.js';
import { Propagation } from './propagation.js';
import { FLAG } from './row.js';
import { type CommandTable, UNKNOWN_COMMAND } from './table.js';

/** A command neither longer than this, nor its reply, is quick if its row says FAST, or if it is SET. */
const QUICK_BYTES = 64 * 1024;
/** What a monitor may not do: Redis takes it for a kind of replica, which no pause holds back. */
const TOUCHES_KEYS = FLAG.WRITE | FLAG.READONLY | FLAG.MAY_REPLICATE;
/** What is not refused in MULTI when memory is full. */
const LEAVES_MULTI: ReadonlySet<string> = new Set(['exec', 'discard', 'quit', 'reset']);
/** What is answered by messages, so that a client which expects nothing else understands it. */
const WHILE_SUBSCRIBED: ReadonlySet<string> = new Set(
  'subscribe psubscribe ssubscribe unsubscribe punsubscribe sunsubscribe ping quit reset'.split(' '),
);
/** A command longer than this moves the clock that expiry goes by. */
const LONG_MICROS = 500;

const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

/** What may keep a command from running. Bits of `alert`. */
export const ALERT = {
  cluster: 1,
  memory: 2,
  paused: 4,
  monitored: 8,
  closely: 16, // time each command by itself
  replication: 32, // we are a replica, or loading, or writes need replicas that keep up
  replicas: 64, // some of those who connect are replicas of ours
  ready: 128, // a key was made that somebody waits for
} as const;

/** These keep back no client that is not a replica itself: a primary with replicas serves the others as one without. */
const HOLDS_NOBODY = ALERT.replicas | ALERT.closely;

/** The node's part of the checks. Each gives an error text, or null where the command may run. */
export interface Gate {
  alert: number;
  /** Cluster mode: null, or where else to go. */
  redirect(request: Request, id: number, session: Session): string | null;
  /** Makes room; false where there is none left to make. */
  haveMemory(): boolean;
  /** Whether this request waits for the end of a pause; the session then waits. */
  postpone(request: Request, id: number, session: Session): boolean;
  /** Replicas, and primaries that need some: null, or why the command may not run. */
  roleRefusal(id: number, session: Session): string | null;
  /** DEBUG and MODULE, as far as the configuration allows; what only our primary may say. */
  protectedRefusal(name: string, session: Session): string | null;
  /** One command ran and took that long: slow log and latency monitor. Not called for quick ones, unless `closely`. */
  took(request: Request, id: number, session: Session, micros: number): void;
  /** EXEC stands still in its middle: what it answered since `mark` waits with it. */
  hold(request: Request, session: Session, mark: number): void;
  /** A command ran, and its reply is written. */
  feedMonitors(request: Request, session: Session): void;
  /** A key was made that somebody waits for, and the command, or the EXEC, that made it is over. */
  serveReady(): void;
  /** `POST` or `Host:` came in place of a command: the session ends. */
  httpSpoken(session: Session): void;
  monotonicMs(): number;
  /** A command took so long that the clock moves on, and times of death with it, unless EXEC ran it. */
  timePassed(nowMs: number, inExec: boolean): void;
  readonly latencyTracking: boolean;
}

export class Dispatcher {
  readonly stats: CommandStats;
  /** INFO total_commands_processed. */
  processed = 0;
  /** How changes become the stream that replicas read. */
  readonly propagation: Propagation;
  private readonly quick: Uint8Array;
  /** 1 for what a subscribed client of RESP2 may say. */
  private readonly whileSubscribed: Uint8Array;
  private readonly handlers: readonly Handler[];
  private readonly engine: Engine;
  private readonly execId: number;
  /** Quick commands since the clock was last read. */
  private readonly untimed = new Int16Array(BATCH);
  private untimedCount = 0;
  private startedMs = 0;
  /** Error replies that were put to somebody's account: those of queued commands are not EXEC's. */
  private errorsNoted = 0;

  constructor(
    private readonly table: CommandTable,
    private readonly out: ReplyWriter,
    door: NodeDoor,
    private readonly gate: Gate,
    private readonly ahead: ReadAhead,
  ) {
    this.stats = new CommandStats(table.commands.length);
    this.engine = door.engine;
    this.propagation = new Propagation(door.engine);
    this.handlers = table.commands.map(({ run }) => run);
    this.quick = Uint8Array.from(table.commands, ({ name, flags }) =>
      ((flags & FLAG.FAST) !== 0 || name === 'set') && (flags & (FLAG.ADMIN | FLAG.BLOCKING)) === 0 ? 1 : 0,
    );
    this.whileSubscribed = Uint8Array.from(table.commands, ({ name }) => (WHILE_SUBSCRIBED.has(name) ? 1 : 0));
    this.execId = table.byName(Buffer.from('exec'))?.id ?? UNKNOWN_COMMAND;
  }

  /** A read begins at this monotonic moment: the first command is timed from it. */
  begin(nowMs: number): void {
    this.startedMs = nowMs;
  }

  /** Finds the commands of a batch, and reads ahead in the keyspace for their keys. */
  prepare(reqs: readonly Request[], n: number, session: Session): void {
    const { table } = this;
    let members = 0;
    for (let k = 0; k < n; k++) {
      const id = (reqs[k].command = k > 0 ? table.findAfter(reqs[k], reqs[k - 1]) : table.find(reqs[k]));
      if (id >= 0) members |= table.memberArg[id];
    }
    if (n <= 2) return;
    const db = this.engine.database(session.database);
    this.ahead.keys(reqs, n, table.keyed, db);
    if (members !== 0) this.ahead.members(reqs, n, table.memberArg, db);
  }

  /** Runs one request whose command was found. */
  execute(request: Request, session: Session): void {
    const id = request.command;
    if (id < 0 && isHttp(request)) return this.gate.httpSpoken(session);
    session.lastCommand = id;
    if (id < 0) return this.refuse(request, session, this.unknown(request), id);
    const arity = this.table.arity[id];
    if (arity > 0 ? request.argc !== arity : request.argc < -arity)
      return this.reject(request, session, wrongArity(this.table.commands[id].name), id);
    const flags = this.table.flags[id];
    if ((flags & FLAG.PROTECTED) !== 0) {
      const refusal = this.gate.protectedRefusal(this.table.commands[id].name, session);
      if (refusal !== null) return this.refuse(request, session, refusal, id);
    }
    if (!session.authenticated && (flags & FLAG.NO_AUTH) === 0)
      return this.reject(request, session, 'NOAUTH Authentication required.', id);
    if (!this.isUsual(session) && !this.mayRun(request, id, session)) return;
    this.call(request, session);
    if ((this.gate.alert & ALERT.ready) !== 0) this.gate.serveReady();
  }

  private isUsual(session: Session): boolean {
    const { alert } = this.gate;
    if (session.transaction !== null || session.isSubscribed || (alert & ~HOLDS_NOBODY) !== 0) return false;
    return alert === 0 || !session.isReplica;
  }

  /** The unusual: false where the request was answered, queued or put off. */
  private mayRun(request: Request, id: number, session: Session): boolean {
    const { gate } = this;
    const flags = this.table.flags[id];
    const { transaction } = session;
    if (session.fromPrimary) return this.obey(request, id, session);
    if (transaction !== null && (flags & FLAG.NO_MULTI) !== 0) {
      this.refuse(request, session, ERRORS.NOT_IN_MULTI, id);
      return false;
    }
    if ((gate.alert & ALERT.cluster) !== 0) {
      const refusal = gate.redirect(request, id, session);
      if (refusal !== null) {
        this.refuse(request, session, refusal, id);
        if (id === this.execId) session.discardTransaction();
        return false;
      }
    }
    if (!this.hasMemoryFor(id, session)) {
      this.reject(request, session, OUT_OF_MEMORY, id);
      return false;
    }
    if ((gate.alert & ALERT.replication) !== 0) {
      const refusal = gate.roleRefusal(id, session);
      if (refusal !== null) {
        this.reject(request, session, refusal, id);
        return false;
      }
    }
    if (session.isSubscribed && session.resp === 2 && this.whileSubscribed[id] === 0) {
      this.reject(request, session, notInSubscribedMode(this.table.commands[id].name), id);
      return false;
    }
    if ((session.monitor || session.isReplica) && (this.flagsOf(id, session) & TOUCHES_KEYS) !== 0) {
      this.reject(request, session, "ERR Replica can't interact with the keyspace", id);
      return false;
    }
    if ((gate.alert & ALERT.paused) !== 0 && gate.postpone(request, id, session)) return false;
    if (transaction === null || this.runsAtOnce(id)) return true;
    const mark = this.out.mark();
    transaction.queue(request);
    this.out.simple('QUEUED');
    this.applyReplyMode(session, mark);
    return false;
  }

  /** What our primary says has been checked there: nothing holds it back but MULTI, and memory if that is watched. */
  private obey(request: Request, id: number, session: Session): boolean {
    if (!this.hasMemoryFor(id, session)) {
      this.reject(request, session, OUT_OF_MEMORY, id);
      return false;
    }
    if (session.transaction === null || this.runsAtOnce(id)) return true;
    session.transaction.queue(request);
    return false;
  }

  private hasMemoryFor(id: number, session: Session): boolean {
    const { gate } = this;
    return (gate.alert & ALERT.memory) === 0 || gate.haveMemory() || !this.takesMemory(id, session);
  }

  /** What is queued does, whatever it is. */
  private takesMemory(id: number, session: Session): boolean {
    if (session.transaction !== null && !LEAVES_MULTI.has(this.table.commands[id].name)) return true;
    return (this.flagsOf(id, session) & FLAG.DENYOOM) !== 0;
  }

  /** Of EXEC, with those of what it will run. */
  private flagsOf(id: number, session: Session): number {
    const flags = this.table.flags[id];
    return id === this.execId && session.transaction !== null ? flags | session.transaction.flags : flags;
  }

  private runsAtOnce(id: number): boolean {
    switch (this.table.commands[id].name) {
      case 'exec':
      case 'discard':
      case 'multi':
      case 'watch':
      case 'quit':
      case 'reset':
        return true;
      default:
        return false;
    }
  }

  /** Runs the handler of a request that passed all checks. EXEC calls it for each queued command. */
  call(request: Request, session: Session): void {
    const { out, gate, engine, propagation } = this;
    const id = request.command;
    const alone = this.quick[id] === 0 || sizeOf(request) > QUICK_BYTES || (gate.alert & ALERT.closely) !== 0;
    if (alone) this.settle();
    const began = this.startedMs;
    const mark = out.mark();
    this.errorsNoted = out.errorCount;
    const { dirty } = engine;
    const wasHeard = session.replies === 'on'; // what an EXEC says before the CLIENT REPLY OFF in it goes out
    propagation.inCommand = true;
    this.handlers[id](request, out, engine.database(session.database), session);
    if (alone && session.waiting && session.inExec) return this.hold(request, session, mark);
    this.processed++;
    propagation.inCommand = session.inExec;
    if (engine.changes !== null) this.propagate(request, id, session, engine.dirty > dirty);
    if (out.errorCount !== this.errorsNoted) this.noteFailure(id);
    if (session.asking) session.commandDone(id);
    if ((gate.alert & ALERT.monitored) !== 0) gate.feedMonitors(request, session);
    const wrote = out.mark() - mark;
    if (session.replies !== 'on') this.applyReplyMode(session, wasHeard ? out.mark() : mark);
    if (alone) {
      this.settle(); // what EXEC ran
      this.timeOne(request, id, session, began);
    } else if (wrote > QUICK_BYTES) this.timeOne(request, id, session, began);
    else {
      this.untimed[this.untimedCount++] = id;
      if (this.untimedCount === BATCH) this.settle();
    }
  }

  /** MIGRATE in EXEC waits for another server, and that EXEC with it: once it has answered, both are called again. */
  private hold(request: Request, session: Session, mark: number): void {
    if (request.command === this.execId) this.gate.hold(request, session, mark);
  }

  /** Runs what was written down when it was done: no checks, no books, and no word of it to anybody. */
  replay(request: Request, session: Session): void {
    this.handlers[request.command](request, this.out, this.engine.database(session.database), session);
  }

  /** EXEC is told by what it ran. */
  private propagate(request: Request, id: number, session: Session, changed: boolean): void {
    if (session.inExec) return this.propagation.ran(request, session.database, changed);
    if (id === this.execId) return this.propagation.endUnit(false);
    const apart = (this.table.flags[id] & FLAG.TOUCHES_ARBITRARY_KEYS) !== 0;
    this.propagation.ranAlone(request, session.database, changed, apart);
  }

  /** True while a handler runs, and for good after one has thrown. */
  get inCommand(): boolean {
    return this.propagation.inCommand;
  }

  /** Shares the time since the clock was last read among the quick commands that ran. */
  settle(): void {
    const n = this.untimedCount;
    if (n === 0) return;
    const now = this.gate.monotonicMs();
    const micros = ((now - this.startedMs) * 1000) / n;
    const track = this.gate.latencyTracking;
    for (let k = 0, from = 0; k < n; from = k) {
      const id = this.untimed[k];
      while (k < n && this.untimed[k] === id) k++;
      this.stats.ran(id, k - from, micros, track);
    }
    this.untimedCount = 0;
    this.startedMs = now;
  }

  /** The quick commands before one with a long reply are timed with those behind it. */
  private timeOne(request: Request, id: number, session: Session, began: number): void {
    const now = this.gate.monotonicMs();
    const micros = (now - began) * 1000;
    this.startedMs = now;
    if (micros > LONG_MICROS) this.gate.timePassed(now, session.inExec);
    this.stats.ran(id, 1, micros, this.gate.latencyTracking && !session.waiting);
    this.gate.took(request, id, session, micros);
  }

  /** An error went to a client that had waited: it is no failure of the command that runs. */
  erredElsewhere(text: string): void {
    this.out.errorCount++;
    this.errorsNoted++;
    this.stats.erred(text);
  }

  private noteFailure(id: number): void {
    this.errorsNoted = this.out.errorCount;
    this.stats.failed[id]++;
    this.stats.erred(this.out.lastError);
  }

  /** EXEC does not end with the error itself: its transaction is over, the answer says why, and monitors see an end. */
  private reject(request: Request, session: Session, text: string, id: number): void {
    if (id !== this.execId) return this.refuse(request, session, text, id);
    const why = text.startsWith('ERR ') ? text.slice('ERR '.length) : text;
    this.refuse(request, session, `EXECABORT Transaction discarded because of: ${why}`, id);
    session.discardTransaction(); // ends watches, too, without a MULTI as well
    if ((this.gate.alert & ALERT.monitored) !== 0) this.gate.feedMonitors(request, session);
  }

  /** Answers with an error a request that does not run; a transaction that it was meant for is broken. */
  private refuse(_request: Request, session: Session, text: string, id: number): void {
    const mark = this.out.mark();
    this.out.error(text);
    this.stats.erred(text);
    if (id >= 0) this.stats.rejected[id]++;
    if (session.transaction !== null) session.transaction.broken = true;
    if (session.asking) session.commandDone(id);
    if (session.replies !== 'on') this.applyReplyMode(session, mark);
  }

  /** SKIP is about the next request that a client sends: an EXEC is one, whatever runs in it. */
  private applyReplyMode(session: Session, mark: number): void {
    if (session.replies === 'skip-next') {
      if (!session.inExec) session.replies = 'skip';
    } else if (session.replies !== 'on') {
      this.out.dropFrom(mark);
      if (session.replies === 'skip' && !session.inExec) session.replies = 'on';
    }
  }

  private unknown(request: Request): string {
    const name = request.text(0);
    if (request.command !== UNKNOWN_COMMAND) return unknownSubcommand(name.toUpperCase(), request.text(1));
    return unknownCommand(name, argumentTexts(request));
  }
}

function* argumentTexts(request: Request): Generator<string> {
  for (let i = 1; i < request.argc; i++) yield request.text(i);
}

/** What a browser sends that was made to talk to us. */
function isHttp(request: Request): boolean {
  return request.is(0, 'post') || request.is(0, 'host:');
}

function sizeOf({ argc, len, off, start }: Request): number {
  return off[argc - 1] + len[argc - 1] - start;
}
