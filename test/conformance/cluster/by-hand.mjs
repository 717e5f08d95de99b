/**
 * A cluster built by hand, as the common tutorials do: config files, CLUSTER MEET, ADDSLOTS, REPLICATE, then keys.
 *
 *   6379 ─▶ 0-5000        6380 ─▶ 5001-10000        6381 ─▶ 10001-16383        (free ports stand for these)
 *   6479 replica          6480 replica              6481 replica
 *
 * Six config files lie in one folder and are started from there into the background; each names its own nodes.conf,
 * log and dump. Rows follow the order in which a reader of such a tutorial types them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, freePort } from '../../../bench/servers.mjs';
import { expect, expectMatch, expectSame, until } from './checks.mjs';
import { cli, clusterInfo, clusterNodes, inFolder, run, typeInto } from './nodes.mjs';

const NODE_TIMEOUT_MS = 3_000;
const WAIT_MS = 20_000;
const RANGES = ['0..5000', '5001..10000', '10001..16383'];

export async function proveByHand(checks, kind) {
  checks.heading(`a cluster built by hand: six ${kind} nodes`);
  await inFolder(async (folder) => {
    const nodes = [];
    for (let i = 0; i < 6; i++) nodes.push(new HandNode(kind, folder, await freePort()));
    try {
      if (!(await startAll(checks, nodes))) return;
      await meet(checks, nodes);
      await assignSlots(checks, nodes);
      await makeReplicas(checks, nodes);
      await useKeys(checks, nodes);
      await loseOne(checks, nodes);
    } finally {
      await Promise.all(nodes.map((node) => node.end('SIGTERM')));
    }
  });
}

/** A node in the background, known by its files only. */
class HandNode {
  id = '';

  constructor(kind, folder, port) {
    this.kind = kind;
    this.folder = folder;
    this.port = port;
    this.conf = `redis_${port}_cluster.conf`;
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      'cluster-enabled yes',
      `cluster-config-file "node-${port}.conf"`,
      `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
      `logfile "redis-server-${port}.log"`,
      `dbfilename "dump-${port}.rdb"`,
      `pidfile "${join(folder, `${port}.pid`)}"`,
      'daemonize yes',
    ];
    writeFileSync(join(folder, this.conf), `# ${this.conf}\n${lines.join('\n')}\n`);
  }

  async start() {
    const [program, ...args] = COMMANDS[this.kind].map((word) => word.replace('{conf}', this.conf));
    const { code, all } = await run(program === 'node' ? process.execPath : program, args, { cwd: this.folder });
    expectSame(code, 0, `${this.conf}\n${all}`);
    await until(
      WAIT_MS,
      async () => (await cli(this.port, 'ping')) === 'PONG',
      () => this.log(),
    );
  }

  log() {
    return readFileSync(join(this.folder, `redis-server-${this.port}.log`), 'utf8');
  }

  get pid() {
    const path = join(this.folder, `${this.port}.pid`);
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  }

  /** Sends the signal and waits until the process is gone; by force when it does not go. */
  async end(signal) {
    const { pid } = this;
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    const gone = () => until(WAIT_MS, () => !isAlive(pid));
    await gone().catch(() => process.kill(pid, 'SIGKILL'));
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

async function startAll(checks, nodes) {
  const started = await checks.check('six config files in one folder start six nodes in the background', () =>
    Promise.all(nodes.map((node) => node.start())).then(() => {}),
  );
  if (!started) return false;
  await checks.check('ps shows address and [cluster]', async () => {
    for (const { pid, port } of nodes) {
      const { out } = await run('ps', ['-o', 'args=', '-p', String(pid)]);
      expectMatch(out.trim(), new RegExp(`^\\S+-server 127\\.0\\.0\\.1:${port} \\[cluster\\]$`), 'ps');
    }
  });
  await checks.check('CLUSTER NODES of a lone node: no address yet, no slots', async () => {
    for (const node of nodes) {
      const line = await cli(node.port, 'cluster', 'nodes');
      const bus = node.port + 10_000;
      expectMatch(line, new RegExp(`^[0-9a-f]{40} :${node.port}@${bus} myself,master - 0 0 0 connected$`), 'the line');
      node.id = line.slice(0, 40);
    }
  });
  await checks.check('the log says who it is, and that it is ready', () => {
    for (const node of nodes) {
      expectMatch(node.log(), new RegExp(`^\\d+:M .* \\* No cluster configuration found, I'm ${node.id}$`, 'm'), 'log');
      expectMatch(node.log(), /^\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} \* Ready to accept connections$/m, 'log');
      expect(existsSync(join(node.folder, `node-${node.port}.conf`)), 'its cluster-config-file is not there');
    }
  });
  await checks.check('addslots with a busy slot among free ones is refused, and takes none', async () => {
    const { port } = nodes[3];
    expectSame(await cli(port, 'cluster', 'addslots', '5002'), 'OK', 'addslots 5002');
    expectSame(await cli(port, 'cluster', 'addslots', '5001', '5002'), 'ERR Slot 5002 is already busy', 'a busy one');
    expectSame((await clusterInfo(port)).cluster_slots_assigned, '1', 'assigned');
    expectSame(await cli(port, 'cluster', 'delslots', '5002'), 'OK', 'delslots 5002');
  });
  return true;
}

async function meet(checks, nodes) {
  const [first, ...others] = nodes;
  const deadPort = await freePort();
  await checks.check('MEET: each once, one a second time, one where nobody listens: OK each time', async () => {
    for (const port of [...others.map((node) => node.port), others[1].port, deadPort])
      expectSame(await cli(first.port, 'cluster', 'meet', '127.0.0.1', port), 'OK', `meet ${port}`);
  });
  await checks.check('the dead address is shown as in handshake', async () => {
    const row = (await clusterNodes(first.port)).find(({ address }) => address.includes(`:${deadPort}@`));
    expect(row?.flags.includes('handshake'), row?.line ?? 'there is no such line');
  });
  await checks.check('all six know all six as primaries, each in its own epoch; the dead one is gone', () =>
    until(
      WAIT_MS,
      async () => {
        const views = await Promise.all(nodes.map(({ port }) => clusterNodes(port)));
        return views.every(isFullMesh);
      },
      () => cli(first.port, 'cluster', 'nodes'),
    ),
  );
  await checks.check('a MEET without a port, and one with a strange one, are refused', async () => {
    expectSame(
      await cli(first.port, 'cluster', 'meet', '127.0.0.1'),
      "ERR wrong number of arguments for 'cluster|meet' command",
      'without a port',
    );
    expectSame(
      await cli(first.port, 'cluster', 'meet', '127.0.0.1', '70000'),
      'ERR Invalid node address specified: 127.0.0.1:70000',
      'a strange one',
    );
  });
}

function isFullMesh(rows) {
  const fields = /^[0-9a-f]{40} 127\.0\.0\.1:\d+@\d+ (myself,)?master - \d+ \d+ \d+ connected$/;
  return (
    rows.length === 6 && rows.every(({ line }) => fields.test(line)) && new Set(rows.map((r) => r.epoch)).size === 6
  );
}

async function assignSlots(checks, nodes) {
  await checks.check('cluster_state is fail before', async () => {
    expectSame((await clusterInfo(nodes[0].port)).cluster_state, 'fail', 'cluster_state');
    expectSame(await cli(nodes[0].port, 'get', 'name'), 'CLUSTERDOWN Hash slot not served', 'get name');
  });
  for (const [i, range] of RANGES.entries())
    await checks.check(`cluster addslots {${range}}`, async () => {
      const { all } = await run('bash', ['-c', `redis-cli -p ${nodes[i].port} cluster addslots {${range}}`]);
      expectSame(all.trim(), 'OK', 'redis-cli');
    });
  await checks.check('cluster info: ok, 16384 assigned, 16384 ok, everywhere', () =>
    until(
      WAIT_MS,
      async () => {
        const infos = await Promise.all(nodes.map(({ port }) => clusterInfo(port)));
        return infos.every(
          (info) =>
            info.cluster_state === 'ok' && info.cluster_slots_assigned === '16384' && info.cluster_slots_ok === '16384',
        );
      },
      () => cli(nodes[0].port, 'cluster', 'info'),
    ),
  );
  await checks.check('the slots are shown behind their owners', async () => {
    const rows = await clusterNodes(nodes[5].port);
    for (const [i, range] of RANGES.entries())
      expectSame(rows.find(({ id }) => id === nodes[i].id).slots, [range.replace('..', '-')], nodes[i].port);
  });
  await checks.check('the log says "Cluster state changed: ok"', () => {
    for (const node of nodes) expectMatch(node.log(), /^\d+:M .* # Cluster state changed: ok$/m, String(node.port));
  });
}

async function makeReplicas(checks, nodes) {
  await checks.check('cluster replicate: three nodes are replicas, as all see', async () => {
    for (let i = 0; i < 3; i++)
      expectSame(await cli(nodes[i + 3].port, 'cluster', 'replicate', nodes[i].id), 'OK', `at ${nodes[i + 3].port}`);
    await until(
      WAIT_MS,
      async () => {
        const views = await Promise.all(nodes.map(({ port }) => clusterNodes(port)));
        return views.every((rows) =>
          [0, 1, 2].every((i) => {
            const row = rows.find(({ id }) => id === nodes[i + 3].id);
            return row.flags.includes('slave') && row.primary === nodes[i].id;
          }),
        );
      },
      () => cli(nodes[0].port, 'cluster', 'nodes'),
    );
  });
  await checks.check('a primary with slots is no replica', async () => {
    const answer = await cli(nodes[0].port, 'cluster', 'replicate', nodes[1].id);
    expectSame(answer, 'ERR To set a master the node must be empty and without assigned slots.', 'its answer');
  });
}

async function useKeys(checks, nodes) {
  const ports = nodes.map(({ port }) => port);
  await checks.check('cluster keyslot: name 5798, fruits 14943, foo 12182', async () => {
    for (const [key, slot] of [
      ['name', '5798'],
      ['fruits', '14943'],
      ['foo', '12182'],
    ])
      expectSame(await cli(ports[0], 'cluster', 'keyslot', key), slot, key);
  });
  await checks.check('redis-cli -c tells where it was sent, and follows', async () => {
    const { out } = await typeInto(ports[0], ['set name huey', 'set fruits apple', 'get name', 'get fruits']);
    const sent = (slot, i) => `-> Redirected to slot [${slot}] located at 127.0.0.1:${ports[i]}`;
    expectSame(
      out.trimEnd().split('\n'),
      [sent(5798, 1), 'OK', sent(14943, 2), 'OK', sent(5798, 1), 'huey', sent(14943, 2), 'apple'],
      'what it printed',
    );
  });
  await checks.check('without -c the answer is MOVED', async () => {
    expectSame(await cli(ports[0], 'get', 'name'), `MOVED 5798 127.0.0.1:${ports[1]}`, 'get name');
  });
  await checks.check('a replica answers KEYS * itself, and sends a reader on to its primary', async () => {
    const { out } = await typeInto(ports[4], ['keys *', 'get name']);
    const lines = out.trimEnd().split('\n');
    expectSame(lines.slice(-2), [`-> Redirected to slot [5798] located at 127.0.0.1:${ports[1]}`, 'huey'], 'get name');
    expect(!lines.slice(0, -2).some((line) => line.startsWith('->')), 'KEYS was redirected');
    return `KEYS * said ${JSON.stringify(lines.slice(0, -2).join(' '))}`;
  });
  await checks.check('a replica refuses to write', async () => {
    expectSame(await cli(ports[4], 'set', 'name', 'dewey'), `MOVED 5798 127.0.0.1:${ports[1]}`, 'set name');
  });
}

/** What the others say when a primary goes; and that it has its place when it is back. */
async function loseOne(checks, nodes) {
  const lost = nodes[1];
  const others = nodes.filter((node) => node !== lost);
  await lost.end('SIGKILL');
  await checks.check('a primary is killed: the logs say who failed, and that somebody said so', async () => {
    const marked = `Marking node ${lost.id} as failing (quorum reached).`;
    const heard = new RegExp(`^\\d+:[MS] .* \\* FAIL message received from [0-9a-f]{40} about ${lost.id}$`, 'm');
    await until(
      WAIT_MS,
      () => others.every((node) => node.log().includes(marked) || heard.test(node.log())),
      () => others.map((node) => node.log().slice(-300)).join('\n'),
    );
    expect(
      others.some((node) => heard.test(node.log())),
      'nobody logged a FAIL message',
    );
    return others.map((node) => (heard.test(node.log()) ? 'heard' : 'marked')).join(' ');
  });
}
