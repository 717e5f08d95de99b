/**
 * The main job, measured: `sextet up` until all six nodes say `cluster_state:ok`, then what six idle nodes cost.
 *
 * The nodes are found by their ports and asked for their process ids (INFO), so nothing is assumed about how they
 * were started. At the end the front process gets the Ctrl-C a person would press, and all six must be gone.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixed } from './numbers.mjs';
import { ask, cpuTicks, PROJECT, pause, residentKiB } from './servers.mjs';

const NODES = 6;
/** Where a row of ports is looked for; the bus is as far above as Redis has it. */
const FIRST_PORT = 21_000;
const LAST_PORT = 22_000;
const BUS_STEP = 10_000;
const UP_LIMIT_MS = 30_000;
const DOWN_LIMIT_MS = 15_000;
/** Heartbeats and cron settle after the birth of a cluster: its first seconds are not idle. */
const SETTLE_MS = 5_000;

/** @param {{ idleMs: number }} plan */
export async function measureCluster({ idleMs }, verdicts) {
  const first = await freeRange();
  const dir = mkdtempSync(join(tmpdir(), 'sextet-bench-'));
  const begunAt = performance.now();
  const front = spawn('npm', ['start', '--silent', '--', '--port', String(first), '--dir', dir], {
    cwd: PROJECT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = [];
  for (const stream of [front.stdout, front.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const gone = new Promise((resolve) => front.once('exit', resolve));
  const pids = [];
  try {
    const ports = Array.from({ length: NODES }, (_, i) => first + i);
    await Promise.all(ports.map((port) => untilOk(port, () => Buffer.concat(said).toString())));
    const upMs = performance.now() - begunAt;
    pids.push(...(await Promise.all(ports.map(processOf))));
    await pause(SETTLE_MS);
    const idle = await idleShare(pids, idleMs);
    const memory = pids.map((pid) => residentKiB(pid) / 1024);
    report({ upMs, idle, memory, idleMs }, verdicts);
    const leftBehind = await interrupt(front, gone, pids);
    verdicts.judge('left by Ctrl-C', '', leftBehind);
    return { upMs, idle, memory, leftBehind };
  } finally {
    await interrupt(front, gone, pids);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What Ctrl-C does in a terminal: SIGINT to the whole group. Whoever stays is ended, and named. */
async function interrupt(front, gone, pids) {
  if (front.exitCode === null && front.signalCode === null) process.kill(-front.pid, 'SIGINT');
  const timer = setTimeout(() => process.kill(-front.pid, 'SIGKILL'), DOWN_LIMIT_MS);
  await gone;
  clearTimeout(timer);
  const left = pids.filter(isAlive);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  if (left.length > 0) console.log(`  Ctrl-C left ${left.length} processes behind: ${left.join(', ')}`);
  return left.length;
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Six ports in a row that can be listened on, with their bus ports. Asking the system for one at a time finds no row
 *  while thousands of closed connections still hold theirs. */
async function freeRange() {
  for (let first = FIRST_PORT; first < LAST_PORT; first += NODES) {
    const ports = Array.from({ length: NODES }, (_, i) => [first + i, first + i + BUS_STEP]).flat();
    const free = await Promise.all(ports.map(canListen));
    if (free.every(Boolean)) return first;
  }
  throw new Error('no six free neighbouring ports');
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function untilOk(port, said) {
  const limit = performance.now() + UP_LIMIT_MS;
  while (performance.now() < limit) {
    const answer = await ask(port, 'CLUSTER INFO\r\n', isWholeBulk).catch(() => '');
    if (answer.includes('cluster_state:ok')) return;
    await pause(10);
  }
  throw new Error(`port ${port}: no cluster_state:ok in ${UP_LIMIT_MS / 1000} s. npm start said:\n${said()}`);
}

/** An error line, or as many bytes as the bulk header says. */
function isWholeBulk(answer) {
  const header = /^\$(\d+)\r\n/.exec(answer);
  if (!header) return answer.startsWith('-') && answer.endsWith('\r\n');
  return answer.length >= header[0].length + Number(header[1]) + 2;
}

async function processOf(port) {
  const answer = await ask(port, 'INFO server\r\n', isWholeBulk);
  const pid = Number(/process_id:(\d+)/.exec(answer)?.[1]);
  if (!(pid > 0)) throw new Error(`INFO of port ${port} names no process_id`);
  return pid;
}

/** Percent of one core of each process over `idleMs`. */
async function idleShare(pids, idleMs) {
  const before = pids.map(cpuTicks);
  const begunAt = performance.now();
  await pause(idleMs);
  const elapsed = performance.now() - begunAt;
  return pids.map((pid, i) => ((cpuTicks(pid) - before[i]) * 10 * 100) / elapsed);
}

function report({ upMs, idle, memory, idleMs }, verdicts) {
  const worst = { idle: Math.max(...idle), memory: Math.max(...memory) };
  console.log('\nsix nodes by npm start');
  console.log(`  up: ${fixed(upMs, 0)} ms ${verdicts.judge('npm start to ok', '', upMs)}`);
  const seconds = `over ${idleMs / 1000} s`;
  const shares = idle.map((share) => fixed(share, 1)).join(' ');
  console.log(
    `  idle CPU ${seconds}, % of a core: ${shares} ${verdicts.judge('idle node', 'the busiest', worst.idle)}`,
  );
  const sizes = memory.map((size) => fixed(size, 0)).join(' ');
  console.log(`  resident, MB: ${sizes} ${verdicts.judge('idle memory', 'the biggest', worst.memory)}`);
}
