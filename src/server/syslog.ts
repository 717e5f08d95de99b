/**
 * The system's log, through the `logger` program: Node has no datagrams for unix sockets.
 *
 *   <133>text ──▶ logger --prio-prefix --tag redis --id=4711 ──▶ syslog: redis[4711]: text
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { LogLevel } from '../base/host.js';

const PRIORITY: Record<LogLevel, number> = { debug: 7, verbose: 6, notice: 5, warning: 4 };
const LOCAL_0 = 16;
const USER = 1;

export class Syslog {
  private readonly program: ChildProcess;
  private readonly facility: number;

  /** `facility` is `user`, or `local0` to `local7`. */
  constructor(ident: string, facility: string) {
    this.facility = facility === 'user' ? USER : LOCAL_0 + Number(facility.slice(-1));
    const words = ['--prio-prefix', '--tag', ident, `--id=${process.pid}`];
    this.program = spawn('logger', words, { stdio: ['pipe', 'ignore', 'ignore'] });
    this.program.on('error', () => {}); // no such program: the log file still has every line
    this.program.stdin?.on('error', () => {});
    this.program.unref();
  }

  write(level: LogLevel, text: string): void {
    this.program.stdin?.write(`<${this.facility * 8 + PRIORITY[level]}>${text}\n`);
  }
}
