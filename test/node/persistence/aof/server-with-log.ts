/**
 * A lone node that keeps an append-only file on a simulated disk; what it does to the disk, and what its clients hear,
 * is noted in order.
 */
import { Random } from '../../../../src/sim/random.js';
import { Disk, DiskFiles } from '../../../../src/sim/world/disk.js';
import type { TestConnection } from '../../../support/lone-node.js';
import { ServerOn } from '../server-on.js';

export const INCR = 'appendonlydir/appendonly.aof.1.incr.aof';
export const MANIFEST = 'appendonlydir/appendonly.aof.manifest';

export interface LogServer extends ServerOn {
  readonly disk: Disk;
  /** `append to the log …incr.aof`, `sync the log …`, `reply +OK`. */
  readonly steps: string[];
}

/** Steps are called as they happen; one that throws ends there. */
export function serverWithLog(
  conf: readonly string[] = [],
  disk = new Disk(new Random(1, 1)),
  onStep: (step: string) => void = () => {},
): LogServer {
  const steps: string[] = [];
  let host: ServerOn['host'] | null = null;
  const files = new DiskFiles(
    disk,
    (what, path) => {
      steps.push(`${what} ${path}`);
      onStep(what);
    },
    () => {},
    (ms, run) => void host?.after(ms, run),
  );
  const server = new ServerOn(new Map(), { conf: ['appendonly yes', 'save ""', ...conf], files });
  host = server.host;
  server.pass(1);
  return Object.assign(server, { disk, steps });
}

export function textOf(disk: Disk, path: string): string {
  return Buffer.from(disk.page(path)?.bytes ?? new Uint8Array(0)).toString('latin1');
}

/** A command as it stands in the file. */
export function written(line: string): string {
  const words = line.split(' ');
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** From now on it is noted what this client hears. */
export function noteReplies(server: LogServer, client: TestConnection): void {
  const write = client.write.bind(client);
  client.write = (bytes) => {
    server.steps.push(`reply ${bytes.toString('latin1').trim()}`);
    write(bytes);
  };
}
