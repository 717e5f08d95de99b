/**
 * The node's part of the checks before a command runs: memory, pauses, protected commands, the cluster.
 *
 * Each sets its bit of `alert` while it has something to say, so that otherwise nobody is asked.
 */
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
}

export class NodeGate implements Gate {
  alert = 0;
  latencyTracking = true;
  /** CLIENT PAUSE: which commands wait, and until when (monotonic ms). */
  private pausing: 'all' | 'writes' = 'all';
  private pausedUntilMs = 0;
  private readonly waiting: Client[] = [];

  constructor(
    private readonly table: CommandTable,
    private readonly config: Config,
    private readonly keepers: GateKeepers,
    readonly monotonicMs: () => number,
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

  protectedRefusal(name: string, session: Session): string | null {
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

  get pause(): { until: number; kind: 'all' | 'writes' } | null {
    return this.pausedUntilMs > this.monotonicMs() ? { until: this.pausedUntilMs, kind: this.pausing } : null;
  }

  /** A pause never gets weaker or shorter by another one. */
  pauseClients(kind: 'all' | 'writes', untilMs: number): void {
    const running = this.pause;
    this.pausing = running !== null && running.kind === 'all' ? 'all' : kind;
    this.pausedUntilMs = Math.max(running?.until ?? 0, untilMs);
    this.set('paused', true);
  }

  /** The clients that waited, in order: the caller lets them go on. */
  endPause(): Client[] {
    this.pausedUntilMs = 0;
    this.set('paused', false);
    return this.waiting.splice(0);
  }

  /** True once a pause ran out that nobody ended. */
  pauseRanOut(): boolean {
    return (this.alert & ALERT.paused) !== 0 && this.pause === null;
  }

  postpone(_request: Request, id: number, session: Session): boolean {
    if (this.pause === null) return false;
    const client = session as Client;
    if (this.pausing === 'writes' && !this.mayWrite(id, client)) return false;
    client.waiting = true;
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
