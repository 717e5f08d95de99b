/**
 * Starts and ends the servers that the proofs compare: ours and Debian's redis-server, the same way.
 *
 * Each gets a folder and a config file of its own and listens on 127.0.0.1 only. Every server started here is ended
 * by its process id, also when the proof fails half-way (`stopAll`). "Up" means that a PING was answered.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

/** How each kind of server is called; `{conf}` is its config file, `{port}` its port. */
export const COMMANDS = {
  ours: ['node', join(PROJECT, 'bin/sextet-server.js'), '{conf}'],
  real: ['redis-server', '{conf}'],
};

const running = new Set();
/** As in src/kit/ports.ts: below the ports that systems give to outgoing connections, the bus (+10000) as well. */
const ANYWHERE = { from: 12_000, to: 20_000 };
let nextPort = ANYWHERE.from + (process.pid % 500) * 8;

/**
 * Starts one server and waits until it answers.
 * @param {{ kind: 'ours' | 'real', folder?: string, port?: number, config?: object, command?: string[] }} what
 * @returns a server: kind, port, pid, folder, startedMs, hasEnded(), lastWords(), stop()
 */
export async function startServer(what) {
  const port = what.port ?? (await freePort());
  const folder = what.folder ?? join(tmpdir(), `sextet-proof-${process.pid}-${port}`);
  mkdirSync(folder, { recursive: true });
  const conf = join(folder, 'redis.conf');
  writeFileSync(conf, configText({ port: String(port), dir: folder, ...what.config }));
  const [program, ...args] = (what.command ?? COMMANDS[what.kind]).map((word) =>
    word.replace('{conf}', conf).replace('{port}', String(port)),
  );
  const begunAt = performance.now();
  const child = spawn(program === 'node' ? process.execPath : program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said.push(chunk);
      if (said.length > 40) said.shift();
    });
  }
  let ended = false;
  const end = new Promise((resolve) => {
    child.once('error', (error) => resolve((ended = error.message)));
    child.once('exit', (code, signal) => resolve((ended = `exit ${code ?? signal}`)));
  });
  const server = {
    kind: what.kind,
    port,
    folder,
    pid: child.pid ?? 0,
    startedMs: 0,
    hasEnded: () => ended !== false,
    lastWords: () => Buffer.concat(said).toString().trim().split('\n').slice(-12).join('\n'),
    stop: () => stop(child, end, server, what.folder === undefined),
  };
  running.add(server);
  try {
    await untilAnswers(port, () => ended);
  } catch (failure) {
    await server.stop();
    throw new Error(`${program} ${args.join(' ')}: ${failure.message}\n${Buffer.concat(said).toString()}`);
  }
  server.startedMs = performance.now() - begunAt;
  return server;
}

/** Ends whatever is still running. */
export async function stopAll() {
  await Promise.all([...running].map((server) => server.stop()));
}

/** A free port whose bus port (+10000) is free too. */
export async function freePort() {
  for (let tries = 0; tries < 2000; tries++) {
    const port = nextPort++;
    if (nextPort > ANYWHERE.to) nextPort = ANYWHERE.from;
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
  throw new Error(`no free port between ${ANYWHERE.from} and ${ANYWHERE.to}`);
}

/** Sends bytes, collects the answer until `isWhole(answer)`, and closes. */
export function ask(port, request, isWhole = (answer) => answer.endsWith('\r\n')) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let answer = '';
    socket.setTimeout(60_000, () => socket.destroy(new Error('no answer in 60 s')));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (!isWhole(answer)) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after: ${answer}`)));
    socket.write(request);
  });
}

/** User plus system time of a process since its start, in clock ticks of 10 ms. */
export function cpuTicks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

export function residentKiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function configText(config) {
  const rows = { bind: '127.0.0.1', save: '""', appendonly: 'no', loglevel: 'warning', ...config };
  return Object.entries(rows)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

async function untilAnswers(port, ended) {
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    if (ended() !== false) throw new Error(`ended before it answered (${ended()})`);
    const answer = await ask(port, 'PING\r\n').catch(() => '');
    if (answer.startsWith('+') || answer.startsWith('-')) return;
    await pause(5);
  }
  throw new Error(`no answer to PING in ${START_LIMIT_MS / 1000} s`);
}

async function stop(child, end, server, folderIsOurs) {
  running.delete(server);
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await end;
  clearTimeout(timer);
  if (folderIsOurs) rmSync(server.folder, { recursive: true, force: true });
}

export function isFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
