/**
 * The node's part of the checks before a command runs: memory, pauses, protected commands, the cluster.
 *
 * Each sets its bit of `alert` while it has something to say, so that otherwise nobody is asked.
 */
import { unknownSubcommand } from '../base/errors.js';
import { ALERT, type Gate } from '../commands/dispatch.js';
import type { Session } from '../commands/handler.js';
import { FLAG } from '../commands/row.js';
import type { CommandTable } from '../commands/table.js';
import type { Request } from '../resp/request.js';
import type { Client } from './client.js';
import { isLocal } from './clients.js';
import type { Config } from './config.js';

/** What the gate asks others. Each is absent until its part of the node is there. */
export interface GateKeepers {
  redirect: (request: Request, id: number, client: Client) => string | null;
  haveMemory: () => boolean;
  took: (request: Request, id: number, client: Client, micros: number) => void;
  feedMonitors: (request: Request, client: Client) => void;
  hold: (request: Request, client: Client, mark: number) => void;
  serveReady: () => void;
  httpSpoken: (client: Client) => void;
  /** Our role, our file: null, or why not. `lacks` are the flags that one command at least does not have. */
  refuse: (id: number, meant: { flags: number; lacks: number }, client: Client) => string | null;
}

/** CLIENT PAUSE, a primary that hands over or waits for its replicas to end, keys that are on their way. */
export type PauseCause = 'command' | 'failover' | 'shutdown' | 'migrate';

interface Pause {
  readonly kind: 'all' | 'writes';
  readonly until: number;
}

export class NodeGate implements Gate {
  alert = 0;
  latencyTracking = true;
  /** Which commands wait, and until when (monotonic ms). Each cause ends its own pause. */
  private readonly pauses = new Map<PauseCause, Pause>();
  private readonly waiting: Client[] = [];
  /** An EXEC is not over: the pause is for monitors and replicas as well, whom no other one holds back. */
  isAmidExec = false;

  constructor(
    private readonly table: CommandTable,
    private readonly config: Config,
    private readonly keepers: GateKeepers,
    readonly monotonicMs: () => number,
    readonly timePassed: (nowMs: number, inExec: boolean) => void,
  ) {}

  set(bit: keyof typeof ALERT, on: boolean): void {
    this.alert = on ? this.alert | ALERT[bit] : this.alert & ~ALERT[bit];
  }

  redirect(request: Request, id: number, session: Session): string | null {
    return this.keepers.redirect(request, id, session as Client);
  }

  haveMemory(): boolean {
    return this.keepers.haveMemory();
  }

  took(request: Request, id: number, session: Session, micros: number): void {
    this.keepers.took(request, id, session as Client, micros);
  }

  feedMonitors(request: Request, session: Session): void {
    this.keepers.feedMonitors(request, session as Client);
  }

  hold(request: Request, session: Session, mark: number): void {
    this.keepers.hold(request, session as Client, mark);
  }

  serveReady(): void {
    this.keepers.serveReady();
  }

  httpSpoken(session: Session): void {
    this.keepers.httpSpoken(session as Client);
  }

  /** EXEC stands for all that it would run. */
  roleRefusal(id: number, session: Session): string | null {
    const flags = this.table.flags[id] ?? 0;
    const queued = this.table.commands[id]?.name === 'exec' ? (session.transaction?.queued ?? []) : [];
    let all = flags;
    let lacks = ~flags;
    for (const { command } of queued) {
      all |= this.table.flags[command] ?? 0;
      lacks |= ~(this.table.flags[command] ?? 0);
    }
    return this.keepers.refuse(id, { flags: all, lacks }, session as Client);
  }

  protectedRefusal(name: string, session: Session): string | null {
    if (name === 'function|load') return session.fromPrimary ? null : unknownSubcommand('FUNCTION', 'LOAD');
    const top = name.split('|', 1)[0] ?? name;
    const option = top === 'debug' ? 'enable-debug-command' : 'enable-module-command';
    const allowed = top === 'debug' ? this.config.enableDebugCommand : this.config.enableModuleCommand;
    if (allowed === 'yes' || (allowed === 'local' && isLocal(session as Client))) return null;
    return (
      `ERR ${top.toUpperCase()} command not allowed. If the ${option} option is set to "local", you can run it from a ` +
      'local connection, otherwise you need to set this option in the configuration file, and then restart the server.'
    );
  }

  // ── CLIENT PAUSE ──────────────────────────────────────────────────────────

  /** All that run, as one: the strictest and the longest. */
  get pause(): Pause | null {
    const now = this.monotonicMs();
    let running: Pause | null = null;
    for (const pause of this.pauses.values()) if (pause.until > now) running = stricter(running, pause);
    return running;
  }

  isPausedFor(cause: PauseCause): boolean {
    const pause = this.pauses.get(cause);
    return pause !== undefined && pause.until > this.monotonicMs();
  }

  /** A pause never gets weaker or shorter by another one of the same cause. */
  pauseClients(cause: PauseCause, kind: Pause['kind'], untilMs: number): void {
    this.pauses.set(cause, stricter(this.pauses.get(cause) ?? null, { kind, until: untilMs }));
    this.set('paused', true);
  }

  /** The clients that waited, in order: the caller lets them go on, and whom another pause means comes back. */
  endPause(cause: PauseCause): Client[] {
    this.pauses.delete(cause);
    this.set('paused', this.pauses.size > 0);
    return this.waiting.splice(0);
  }

  /** The causes of pauses that ran out without being ended. */
  pausesRanOut(): PauseCause[] {
    const now = this.monotonicMs();
    return [...this.pauses].filter(([, pause]) => pause.until <= now).map(([cause]) => cause);
  }

  postpone(_request: Request, id: number, session: Session): boolean {
    const { pause } = this;
    if (pause === null || ((session.monitor || session.isReplica) && !this.isAmidExec)) return false;
    const client = session as Client;
    if (pause.kind === 'writes' && !this.mayWrite(id, client)) return false;
    client.waiting = client.postponed = true;
    this.waiting.push(client);
    return true;
  }

  private mayWrite(id: number, client: Client): boolean {
    const flags = this.table.flags[id] ?? 0;
    const queued = this.table.commands[id]?.name === 'exec' ? (client.transaction?.flags ?? 0) : 0;
    return ((flags | queued) & (FLAG.WRITE | FLAG.MAY_REPLICATE)) !== 0;
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** A client that waited is gone. */
  forget(client: Client): void {
    const at = this.waiting.indexOf(client);
    if (at >= 0) this.waiting.splice(at, 1);
  }
}

function stricter(a: Pause | null, b: Pause): Pause {
  if (a === null) return b;
  return { kind: a.kind === 'all' ? 'all' : b.kind, until: Math.max(a.until, b.until) };
}
