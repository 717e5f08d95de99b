/**
 * `sextet up` as a person uses it: six processes in front, keys through a client, Ctrl-C, and the same cluster again.
 * The programs are those of `bin/`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const TOOLBOX = join(ROOT, 'bin', 'sextet.js');
/** Whatever is set here must not change what is tested. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SEXTET_')));
const onPosix = test.skipIf(process.platform === 'win32'); // where a signal can be sent to a process of its own

let above = '';
let dir = '';
let front: Front | null = null;

beforeAll(() => {
  above = mkdtempSync(join(tmpdir(), 'sextet-up-'));
  dir = join(above, 'data');
});

afterEach(() => {
  if (front?.child.exitCode === null) sextet('down');
  front = null;
});

afterAll(() => rmSync(above, { recursive: true, force: true }));

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

function sextet(command: string, ...args: string[]): Ran {
  const run = spawnSync(process.execPath, [TOOLBOX, command, '--dir', dir, ...args], {
    encoding: 'utf8',
    env: ENVIRONMENT,
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

interface NodeStatus {
  name: string;
  port: number;
  pid: number | null;
  id: string;
  role: string;
  primary: string | null;
  slots: [number, number][];
}

interface Status {
  state: string;
  slotsCovered: number;
  problems: string[];
  nodes: NodeStatus[];
}

function status(): Status {
  return JSON.parse(sextet('status', '--json').out);
}

/** A `sextet up` that stays in front. */
class Front {
  out = '';
  err = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [TOOLBOX, 'up', '--dir', dir, ...args], { env: ENVIRONMENT });
    this.child.stdout?.on('data', (bytes) => (this.out += bytes));
    this.child.stderr?.on('data', (bytes) => (this.err += bytes));
    this.ended = once(this.child, 'close').then(([code]) => code);
  }

  /** Resolves as soon as it says so, on either stream. */
  async says(text: string): Promise<void> {
    while (!(this.out + this.err).includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`it ended without saying "${text}":\n${this.out}${this.err}`);
      await Promise.race([once(this.child.stdout!, 'data'), once(this.child.stderr!, 'data'), this.ended]);
    }
  }
}

async function up(...args: string[]): Promise<Front> {
  front = new Front(...args);
  await front.says('stops all nodes');
  return front;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

onPosix('six nodes come up, keep keys, go with Ctrl-C, and come back as the same nodes', async () => {
  const first = await up('--port', '0');
  expect(first.out).toContain('The cluster is ready: 6 nodes, 3 primaries, all 16384 slots');
  const before = status();
  expect(before).toMatchObject({ state: 'ok', slotsCovered: 16384, problems: [] });
  expect(before.nodes.map(({ role }) => role)).toEqual([...Array(3).fill('primary'), ...Array(3).fill('replica')]);
  expect(before.nodes.map(({ primary }) => primary)).toEqual([null, null, null, 'node-1', 'node-2', 'node-3']);
  expect(before.nodes.flatMap(({ slots }) => slots)).toEqual([
    [0, 5460],
    [5461, 10922],
    [10923, 16383],
  ]);

  await writeAndReadKeys(before.nodes[0]!.port, 1000);

  first.child.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect(before.nodes.filter(({ pid }) => isAlive(pid!))).toEqual([]);
  expect(existsSync(join(dir, 'running.json'))).toBe(false);

  const second = await up();
  expect(second.out).toContain('The cluster is back');
  const after = status();
  expect(after.state).toBe('ok');
  expect(after.nodes.map(({ id, port }) => ({ id, port }))).toEqual(before.nodes.map(({ id, port }) => ({ id, port })));

  expect(sextet('up')).toMatchObject({ code: 1, err: expect.stringContaining('already runs') });
  expect(sextet('down')).toMatchObject({ code: 0, out: expect.stringContaining('Stopped 6 nodes') });
  expect(await second.ended).toBe(0); // it has seen all of them shut down
  expect(sextet('status').code).toBe(1);
});

/** Through a client that finds its way by itself, from one node. */
async function writeAndReadKeys(port: number, count: number): Promise<void> {
  const cluster = new Cluster([{ host: '127.0.0.1', port }], { clusterRetryStrategy: () => null });
  cluster.on('error', () => {}); // the commands tell it, too
  try {
    const keys = Array.from({ length: count }, (_, i) => `key:${i}`);
    expect(await Promise.all(keys.map((key) => cluster.set(key, `value of ${key}`)))).toEqual(Array(count).fill('OK'));
    expect(await Promise.all(keys.map((key) => cluster.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
    expect(cluster.nodes('master')).toHaveLength(3);
  } finally {
    cluster.disconnect();
  }
}

onPosix('a node that dies is told with its last lines, and the others stay', async () => {
  const running = await up('--port', '0');
  const [victim] = status().nodes;
  process.kill(victim!.pid!, 'SIGKILL');
  await running.says(`node-1 on port ${victim!.port} ended (signal SIGKILL). Its last lines:`);
  expect(status()).toMatchObject({
    state: 'degraded',
    problems: expect.arrayContaining([expect.stringContaining('node-1')]),
  });
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(1);
});

test('in the background, on the ports that are free, with a password', () => {
  dir = join(above, 'detached');
  const started = sextet(
    'up',
    '--port',
    '0',
    '--nodes',
    '3',
    '--replicas',
    '0',
    '--detach',
    '--config',
    'requirepass=secret',
  );
  expect(started).toMatchObject({ code: 0, out: expect.stringContaining('--askpass') });
  expect(status()).toMatchObject({ state: 'ok', slotsCovered: 16384 });
  expect(sextet('up', '--detach').code).toBe(0); // there already
  expect(sextet('down').code).toBe(0);
});

test('a mistyped setting leaves nothing behind', () => {
  dir = join(above, 'mistyped');
  const started = sextet('up', '--port', '0', '--config', 'maxmory=64mb', '--detach');
  expect(started.code).toBe(1);
  expect(started.err).toContain("'maxmory 64mb'");
  expect(existsSync(dir)).toBe(false);
});

test('the log of a node opens in the words of redis, with nothing before them', () => {
  dir = join(above, 'one');
  sextet('up', '--port', '0', '--nodes', '1', '--replicas', '0', '--detach');
  sextet('down');
  expect(readFileSync(join(dir, 'node-1', 'node.log'), 'utf8').split('\n')[0]).toMatch(
    /^\d+:[MC] \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo$/,
  );
});
