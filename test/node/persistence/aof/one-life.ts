/**
 * A server with an append-only file that dies at one of its I/O steps, and the start on what it leaves.
 */
import { expect } from 'vitest';
import type { Disk } from '../../../../src/sim/world/disk.js';
import { type LogServer, serverWithLog } from './server-with-log.js';

class Death extends Error {}

export class Life {
  /** I/O steps so far. */
  steps = 0;
  private isOver = false;
  private server: LogServer | null = null;

  /** The step at which it dies; Infinity for none. */
  constructor(private readonly until: number) {}

  /** Starts, and does what it is there for, as far as it comes. */
  spend(conf: readonly string[], disk: Disk, work: (server: LogServer) => void): void {
    try {
      this.server = serverWithLog(conf, disk, () => {
        this.isOver ||= ++this.steps === this.until;
        this.goOn();
      });
      work(this.server);
    } catch (error) {
      if (!(error instanceof Death)) throw error;
    }
  }

  /** No further than its end: whatever it says behind it, nobody hears. */
  goOn(): void {
    if (this.isOver) throw new Death();
  }

  /** When it ended. */
  get atMs(): number {
    return this.server?.host.nowMs ?? 0;
  }
}

export function startsOn(disk: Disk, conf: readonly string[]): LogServer {
  const server = serverWithLog(conf, disk);
  expect(server.exits, server.log.join('\n')).toEqual([]);
  return server;
}

/** The number that a key holds, 0 where there is none. */
export function numberAt(say: (line: string) => string, key: string): number {
  return Number(/^\$\d+\r\n(\d+)/.exec(say(`GET ${key}`))?.[1] ?? 0);
}
