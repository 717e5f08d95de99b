/**
 * Six processes of ours that form one cluster, as `sextet up` starts them, for one file of tests.
 *
 * Ports and folder are free ones, and both are given back at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringUp, type RunningCluster } from '../../src/kit/cluster.js';
import { ClusterFolder } from '../../src/kit/folder.js';
import { serverCommand } from '../../src/kit/launch.js';
import { startAnywhere } from '../../src/kit/ports.js';
import type { Setting } from '../../src/kit/redis-conf.js';

export const ROOT = join(import.meta.dirname, '..', '..');
const QUIET = { step: () => {}, note: () => {} };

export interface SixProcesses {
  readonly cluster: RunningCluster;
  /** Client ports: the first three are those of primaries. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** With lines of redis.conf beside those that `sextet up` writes. */
export async function startSixProcesses(...settings: readonly Setting[]): Promise<SixProcesses> {
  const above = mkdtempSync(join(tmpdir(), 'sextet-six-'));
  const folder = new ClusterFolder(join(above, 'data'));
  folder.claim();
  const server = serverCommand(ROOT, {});
  const wishes = { nodes: 6, replicas: 1, port: startAnywhere(Math.random()), settings, server };
  const cluster = await bringUp(folder, wishes, QUIET, new AbortController().signal);
  return {
    cluster,
    ports: cluster.processes.map(({ member }) => member.port),
    async stop() {
      const byForce = await cluster.stop();
      rmSync(above, { recursive: true, force: true });
      if (byForce.length > 0) throw new Error(`had to be ended by force: ${byForce.join(', ')}`);
    },
  };
}
