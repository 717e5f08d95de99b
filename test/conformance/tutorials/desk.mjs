/**
 * The desk of somebody who follows a tutorial: a folder, a shell in it, and programs by the names that the text uses.
 *
 * What is typed runs in bash as it stands in the text. `redis-server` is our server (or Debian's, where `--server real`
 * asks for it) and `redis-cli` the stock one. Ports are those of the text where they are free; else all of them are
 * moved by the same distance, in whatever is typed and expected. All servers listen on 127.0.0.1, wherever a text says
 * more: `bind` is the one line that is added to its config files.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { COMMANDS, isFree } from '../../../bench/servers.mjs';
import { pathOf } from '../../../scripts/apt.mjs';
import { expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { converse } from '../cluster/managed.mjs';
import { cli, clusterNodes, inFolder, run } from '../cluster/nodes.mjs';

const WAIT_MS = 60_000;
const STEP = 20; // between the ranges that are tried
const taken = new Set();
const desks = new Set();

/** Servers in the background outlive whoever started them, so nobody leaves without this. */
export async function clearDesks() {
  await Promise.all([...desks].map((desk) => desk.clear()));
}

/** A desk for a text that speaks of these ports; all servers that were started at it are ended afterwards. */
export function atDesk(kind, ports, work) {
  return inFolder(async (folder) => {
    const desk = new Desk(kind, folder, await distanceFor(ports));
    desks.add(desk);
    try {
      await work(desk);
    } finally {
      await desk.clear();
      desks.delete(desk);
    }
  });
}

/** How far the ports have to be moved. What one text has is no longer free for another that runs beside it. */
async function distanceFor(ports) {
  for (let distance = 0; distance < 3_000; distance += STEP) {
    const wanted = ports.flatMap((port) => [port + distance, port + distance + 10_000]);
    if (wanted.some((port) => taken.has(port))) continue;
    for (const port of wanted) taken.add(port);
    if ((await Promise.all(wanted.map((port) => isFree(port)))).every(Boolean)) return distance;
    for (const port of wanted) taken.delete(port);
  }
  throw new Error(`the ports ${ports} are not free anywhere`);
}

class Desk {
  password = '';
  started = new Map(); // port → process id

  constructor(kind, folder, distance) {
    this.kind = kind;
    this.folder = folder;
    this.distance = distance;
    const programs = join(folder, '.programs');
    mkdirSync(programs);
    const [program, ...args] = COMMANDS[kind].filter((word) => word !== '{conf}');
    const call = [program === 'node' ? process.execPath : pathOf(program), ...args].map((word) => `'${word}'`);
    this.server = join(programs, 'redis-server');
    writeFileSync(this.server, `#!/bin/sh\nexec ${call.join(' ')} "$@"\n`);
    chmodSync(this.server, 0o755);
    this.env = { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH}` };
  }

  /** A port of the text, as it is here. */
  port(number) {
    return number + this.distance;
  }

  /** A text of the tutorial with the ports of here: `6379`, `127.0.0.1:16379`, `{6379,6380}`. */
  here(text) {
    return this.distance === 0 ? text : text.replace(/\b[67]\d{3}\b/g, (digits) => String(this.port(Number(digits))));
  }

  file(path, lines) {
    const full = join(this.folder, this.here(path));
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, `${this.here(lines.join('\n'))}\nbind 127.0.0.1\n`);
  }

  read(path) {
    const full = join(this.folder, this.here(path));
    return existsSync(full) ? readFileSync(full, 'utf8') : '';
  }

  /** One line typed into the shell; what it printed, and its exit code. */
  type(line, { input = '', cwd = '.' } = {}) {
    const options = { input: this.here(input), cwd: join(this.folder, cwd), env: this.env, limitMs: 120_000 };
    return run('bash', ['-c', this.here(line)], options);
  }

  /** A line that runs on, as one in a terminal of its own: what it has printed so far, and its end. */
  terminal(line, cwd = '.') {
    const options = { cwd: join(this.folder, cwd), env: this.env, stdio: ['ignore', 'pipe', 'pipe'] };
    const child = spawn('bash', ['-c', `exec ${this.here(line)}`], options);
    const shown = { text: '', code: null, ended: null };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (shown.text += bytes));
    shown.ended = new Promise((resolve) => child.once('close', (code) => resolve((shown.code = code))));
    return shown;
  }

  /** One command to one node. */
  ask(number, ...words) {
    const login = this.password === '' ? [] : ['-a', this.password, '--no-auth-warning'];
    return cli(this.port(number), ...login, ...words);
  }

  nodes(number) {
    return clusterNodes(this.port(number), (port, ...words) => this.ask(port - this.distance, ...words));
  }

  async node(number, about) {
    const rows = await this.nodes(number);
    return rows.find(({ address }) => address.includes(`:${this.port(about)}@`));
  }

  async id(number) {
    return (await this.node(number, number)).id;
  }

  /** The server at that port answers; its process is remembered, so that it is ended with the desk. */
  async answers(number) {
    await until(WAIT_MS, async () => (await this.ask(number, 'ping')) === 'PONG');
    const pid = /process_id:(\d+)/.exec(await this.ask(number, 'info', 'server'))?.[1];
    this.started.set(number, Number(pid));
  }

  async allAnswer(numbers) {
    for (const number of numbers) await this.answers(number);
  }

  /** Until these fields of CLUSTER INFO are so, at all of them. */
  async info(numbers, pattern) {
    for (const number of numbers)
      await until(
        WAIT_MS,
        async () => pattern.test(await this.ask(number, 'cluster', 'info')),
        async () => `${await this.ask(number, 'cluster', 'info')}\n${await this.ask(number, 'cluster', 'nodes')}`,
      );
  }

  /** Until the views of all of them satisfy. */
  views(numbers, holds) {
    return until(
      WAIT_MS,
      async () => (await Promise.all(numbers.map((number) => this.nodes(number)))).every(holds),
      () => this.ask(numbers[0], 'cluster', 'nodes'),
    );
  }

  /** Ends one, as Ctrl-C in its terminal or `kill` does, and waits until it is gone. */
  async end(number, signal = 'SIGTERM') {
    const pid = this.started.get(number);
    this.started.delete(number);
    if (pid === undefined || !isAlive(pid)) return;
    process.kill(pid, signal);
    await until(WAIT_MS, () => !isAlive(pid)).catch(() => process.kill(pid, 'SIGKILL'));
  }

  async clear() {
    await Promise.all([...this.started.keys()].map((number) => this.end(number)));
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

/** Every line typed into `redis-cli`, and what came, without line ends. */
export async function typed(desk, call, lines) {
  const { out, err } = await desk.type(call, { input: `${lines.join('\n')}\n` });
  const text = out
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return { text, err };
}

/** `redis-cli --cluster create` of these nodes, "yes" to its plan: three primaries, all slots, everybody content. */
export async function createCluster(desk, ports) {
  const places = ports.map((port) => `127.0.0.1:${desk.port(port)}`);
  const replicas = ports.length > 3 ? ['--cluster-replicas', '1'] : [];
  const login = desk.password === '' ? [] : ['-a', desk.password];
  const answers = [["Can I set the above configuration? (type 'yes' to accept): ", 'yes']];
  const { code, all } = await converse(['create', ...places, ...replicas, ...login], answers);
  expectSame(code, 0, all);
  for (const range of ['0 - 5460', '5461 - 10922', '10923 - 16383'])
    expectMatch(all, new RegExp(`Slots ${range}`), 'plan');
  const added = all.match(/^Adding replica \S+ to \S+$/gm) ?? [];
  expectSame(added.length, ports.length - 3, `lines "Adding replica … to …" in\n${all}`);
  expectMatch(all, /\[OK\] All nodes agree about slots configuration\./, 'agreement');
  expectMatch(all, /\[OK\] All 16384 slots covered\./, 'coverage');
  await desk.info(ports, /cluster_state:ok/);
}

export const isReplicaOf = (id) => (row) => row?.flags.includes('slave') === true && row.primary === id;
