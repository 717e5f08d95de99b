/**
 * The log, in redis' own line or as JSON.
 *
 *   10654:M 21 Nov 2026 07:50:06.328 * Node abc joined          pid:role day month year time mark text
 *
 * role: X sentinel, C child, S replica, M primary. mark: `.` debug, `-` verbose, `*` notice, `#` warning. pino decides
 * what is logged and makes the JSON; for the line it hands over the text, and the line is made here.
 */
import pino from 'pino';
import type { LogLevel, LogSink } from '../base/host.js';

const LEVELS = { debug: 20, verbose: 30, notice: 35, warning: 40 } as const;
const MARKS: Record<number, string> = { 20: '.', 30: '-', 35: '*', 40: '#' };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface LogOptions {
  /** '' is standard output. */
  readonly path: string;
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** `M`, or `S` for a replica: asked for each line. */
  readonly role: () => string;
}

type Logger = pino.Logger<keyof typeof LEVELS>;

export interface LogCopy {
  write(level: LogLevel, text: string): void;
}

export class Log implements LogSink {
  private copy: LogCopy | null = null;
  private readonly logger: Logger;
  private readonly destination: { write(text: string): void; flushSync(): void };

  constructor(private readonly options: LogOptions) {
    this.destination = pino.destination({ dest: options.path === '' ? 1 : options.path, sync: true, append: true });
    this.logger = this.makeLogger();
  }

  private makeLogger(): Logger {
    const { level, format, role } = this.options;
    const options = { level, customLevels: LEVELS, useOnlyCustomLevels: true, base: null } as const;
    if (format === 'json') {
      const timestamp = (): string => `,"time":"${new Date().toISOString()}"`;
      const mixin = (): object => ({ pid: process.pid, role: role() });
      return pino(
        { ...options, timestamp, mixin, formatters: { level: (label) => ({ level: label }) } },
        this.destination,
      );
    }
    return pino({ ...options, timestamp: false }, new RedisLines(this.destination, role));
  }

  log(level: LogLevel, text: string): void {
    this.logger[level](text);
    if (this.copy !== null && this.logger.isLevelEnabled(level)) this.copy.write(level, text);
  }

  /** From now on every line goes there as well. */
  copyTo(copy: LogCopy): void {
    this.copy = copy;
  }

  setLevel(level: LogLevel): void {
    this.logger.level = level;
  }

  /** Text as it is, without a line's head: the logo. */
  raw(text: string): void {
    this.destination.write(text);
  }
}

/** Turns what pino hands over into redis' lines. */
class RedisLines {
  /** Filled in by pino before `write`. */
  lastLevel = 0;
  lastMsg = '';
  private second = -1;
  private stampUpToSecond = '';

  constructor(
    private readonly destination: { write(text: string): void },
    private readonly role: () => string,
  ) {
    Object.assign(this, { [Symbol.for('pino.metadata')]: true }); // then pino tells level and text beside the JSON
  }

  write(): void {
    const mark = MARKS[this.lastLevel] ?? '*';
    this.destination.write(`${process.pid}:${this.role()} ${this.stamp()} ${mark} ${this.lastMsg}\n`);
  }

  private stamp(): string {
    const now = Date.now();
    const second = Math.floor(now / 1000);
    if (second !== this.second) {
      this.second = second;
      this.stampUpToSecond = describeSecond(new Date(now));
    }
    return `${this.stampUpToSecond}.${String(now % 1000).padStart(3, '0')}`;
  }
}

function describeSecond(t: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${two(t.getDate())} ${MONTHS[t.getMonth()]} ${t.getFullYear()}`;
  return `${day} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}
