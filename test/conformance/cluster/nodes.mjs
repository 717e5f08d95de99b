/**
 * Cluster nodes as processes of their own, and the stock redis-cli to talk to them.
 *
 * Each node has a plain config file in a folder of its own, as a person would write it. Where the same proof is to be
 * shown with redis-server itself (`--server real`), only the program differs: a check that fails there is wrong.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startServer } from '../../../bench/servers.mjs';
import { until } from './checks.mjs';

const CLI_LIMIT_MS = 60_000;

/** A folder that is gone when the proof ends, whatever happens in it. */
export async function inFolder(run) {
  const folder = mkdtempSync(join(tmpdir(), 'sextet-proof-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 }); // a server that goes may write once more
  }
}

/** One node that can be killed and started again in its place. */
export class ClusterNode {
  server = null;

  constructor(kind, port, folder, nodeTimeoutMs, more = {}) {
    this.more = more; // directives beside the usual ones
    this.kind = kind;
    this.port = port;
    this.folder = folder;
    this.nodeTimeoutMs = nodeTimeoutMs;
    this.id = '';
  }

  get name() {
    return `${this.kind} ${this.port}`;
  }

  async start() {
    this.server = await startServer({
      kind: this.kind,
      port: this.port,
      folder: this.folder,
      config: {
        'cluster-enabled': 'yes',
        'cluster-config-file': 'nodes.conf',
        'cluster-node-timeout': String(this.nodeTimeoutMs),
        logfile: join(this.folder, 'log.txt'),
        loglevel: 'notice',
        ...this.more,
      },
    });
    this.id = await cli(this.port, 'cluster', 'myid');
  }

  /** Without a word to anybody, as when a machine dies. */
  async kill() {
    process.kill(this.server.pid, 'SIGKILL');
    await this.server.stop();
  }

  log() {
    return readFileSync(join(this.folder, 'log.txt'), 'utf8');
  }
}

/** Starts one node of each kind given, on free ports, each in a folder of its own below `folder`. */
export async function startNodes(kinds, folder, nodeTimeoutMs, more = {}) {
  const nodes = [];
  for (const kind of kinds) {
    const port = await freePort();
    nodes.push(new ClusterNode(kind, port, join(folder, String(port)), nodeTimeoutMs, more));
  }
  await Promise.all(nodes.map((node) => node.start()));
  return nodes;
}

/** Runs a program. Never rejects for its exit code: that is part of the answer. */
export function run(program, args, { input = '', limitMs = CLI_LIMIT_MS, cwd, env } = {}) {
  return new Promise((resolve) => {
    const options = { timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 64 << 20, cwd, env };
    const child = execFile(program, args, options, (failure, stdout, stderr) => {
      const code = failure === null ? 0 : failure.killed ? `still running after ${limitMs / 1000} s` : failure.code;
      const [out, err] = [plain(stdout), plain(stderr)];
      resolve({ code, out, err, all: out + err });
    });
    child.stdin.on('error', () => {}); // it may end before it has read all
    child.stdin.end(input);
  });
}

/** Without the colours that redis-cli gives its reports. */
function plain(text) {
  const [first, ...rest] = text.split('\u001b[');
  return [first, ...rest.map((part) => part.slice(part.indexOf('m') + 1))].join('');
}

/** What redis-cli prints for one command, without the last line end. */
export async function cli(port, ...command) {
  const { all } = await run('redis-cli', ['-p', String(port), ...command]);
  return all.trimEnd();
}

/** Lines typed into `redis-cli -c`, and all that it prints. */
export function typeInto(port, lines) {
  return run('redis-cli', ['-c', '-p', String(port)], { input: `${lines.join('\n')}\n` });
}

/** `cluster nodes` as rows; the line of the asked node has `myself` among its flags. `ask` may know a password. */
export async function clusterNodes(port, ask = cli) {
  const text = await ask(port, 'cluster', 'nodes');
  return text
    .split('\n')
    .filter((line) => /^[0-9a-f]{40} /.test(line))
    .map((line) => {
      const [id, address, flags, primary, pingSent, pongReceived, epoch, link, ...slots] = line.split(' ');
      return { id, address, flags: flags.split(','), primary, pingSent, pongReceived, epoch, link, slots, line };
    });
}

/** `cluster slots` in an order that does not depend on who tells it. */
export async function clusterSlots(port) {
  const answer = JSON.parse(await cli(port, '--json', 'cluster', 'slots'));
  return answer
    .map(([from, to, primary, ...replicas]) => {
      const places = replicas.map(([ip, at, id]) => `${ip}:${at} ${id}`).sort();
      return `${from}-${to} ${primary[0]}:${primary[1]} ${primary[2]} ${places.join(' ')}`.trimEnd();
    })
    .sort();
}

export async function clusterInfo(port) {
  const rows = (await cli(port, 'cluster', 'info')).split(/\r?\n/).filter((line) => line.includes(':'));
  return Object.fromEntries(rows.map((line) => line.split(':')));
}

/** All nodes know each other, all links stand, all slots are served. */
export async function untilOk(nodes, limitMs) {
  await Promise.all(
    nodes.map(({ port }) =>
      until(
        limitMs,
        async () => {
          const { cluster_state: state, cluster_known_nodes: known } = await clusterInfo(port);
          return state === 'ok' && Number(known) === nodes.length;
        },
        () => cli(port, 'cluster', 'nodes'),
      ),
    ),
  );
}
