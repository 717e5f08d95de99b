/**
 * What a node is stays in nodes.conf: after a kill it comes back as itself, a second process is refused, and a damaged
 * file is left as it is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from './one-server.js';

const BIN = join(import.meta.dirname, '../../bin/sextet-server.js');
const READY = 'Ready to accept connections';

let folder = '';
let port = 0;
let busPort = 0;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sextet-identity-'));
  [port, busPort] = [await freePort(), await freePort()];
});

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly log: string;
  readonly code: number | null;
}

/** A node in the folder: resolves when it is ready, or has ended. */
function start(...more: readonly string[]): Promise<Started> {
  const args = ['--port', String(port), '--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
  const child = spawn(process.execPath, [BIN, ...args, '--bind', '127.0.0.1', '--dir', folder, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  return new Promise((resolve) => {
    let log = '';
    child.stdout.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      if (log.includes(READY)) resolve({ child, log, code: null });
    });
    child.once('close', (code) => {
      running.delete(child);
      resolve({ child, log, code });
    });
  });
}

const idIn = (log: string): string | undefined => /I'm ([0-9a-f]{40})/.exec(log)?.[1];

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'close');
}

test('a killed node comes back under its id, and nobody else may take its place meanwhile', async () => {
  const first = await start();
  expect(first.log).toContain('No cluster configuration found');
  const second = await start();
  expect(second.code).toBe(1);
  expect(second.log).toContain('Sorry, the cluster configuration file nodes.conf is already used');
  await kill(first.child);
  const again = await start();
  expect(again.code).toBeNull();
  expect(again.log).toContain('Node configuration loaded');
  expect(idIn(again.log)).toBe(idIn(first.log));
  await kill(again.child);
});

test('a file in a folder that is not there cannot be locked', async () => {
  const { code, log } = await start('--cluster-config-file', 'none/nodes.conf');
  expect(code).toBe(1);
  expect(log).toContain("Can't open none/nodes.conf in order to acquire a lock: No such file or directory");
});

test('a damaged file ends the start and stays untouched', async () => {
  const path = join(folder, 'nodes.conf');
  const damaged = readFileSync(path, 'latin1').slice(0, 50);
  writeFileSync(path, damaged);
  const { code, log } = await start();
  expect(code).toBe(1);
  expect(log).toContain('Unrecoverable error: corrupted cluster config file.');
  expect(readFileSync(path, 'latin1')).toBe(damaged);
});
