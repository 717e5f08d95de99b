/**
 * Many failovers of a cluster of six processes under writers, and what became of each acknowledged write.
 *
 *    node test/conformance/cluster/rounds.mjs [--rounds 200] [--how kill|failover] [--server ours|real]
 *
 *    kill       SIGKILL to a primary while each shard has a writer that says SET, then WAIT 1: a write that WAIT
 *               confirmed must be there afterwards. Timed: from the kill until every survivor says `ok` and has a new
 *               owner for the slots. Then the node comes back and must follow, with its data.
 *    failover   CLUSTER FAILOVER to the replica, writers without WAIT: no acknowledged write may be missing at all.
 *               A voter votes once in two node timeouts for replicas of the same primary, and an order that got no
 *               votes is dropped after five seconds: so nobody is replaced again before that time is over.
 *
 * Prints the times and the losses; exit code 0 only if no write was lost that must not be.
 */
import { parseArgs } from 'node:util';
import { pause, stopAll } from '../../../bench/servers.mjs';
import { Line } from '../line.mjs';
import { cli, inFolder, run, startNodes, untilOk } from './nodes.mjs';

const NODE_TIMEOUT_MS = 2000;
const RECOVERY_LIMIT_MS = 60_000;
const WAIT_MS = 1000;
/** × node timeout, and a little: so long nobody votes for another replica of the same primary. */
const VOTE_PAUSE = 2.05;
/** Keys asked for at once when the books are checked. */
const CHECK_BATCH = 500;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    how: { type: 'string', default: 'kill' },
    server: { type: 'string', default: 'ours' },
    timeout: { type: 'string', default: String(NODE_TIMEOUT_MS) },
  },
});
const isKill = options.how === 'kill';

async function ownerOf(port, slot) {
  const line = new Line(port);
  try {
    const ranges = await line.say('CLUSTER', 'SLOTS');
    const range = Array.isArray(ranges) ? ranges.find(([from, to]) => slot >= from && slot <= to) : undefined;
    return range === undefined ? null : range[2][1];
  } catch {
    return null;
  } finally {
    line.end();
  }
}

/** Writes to one shard without pause, wherever it is served, and keeps the books. */
class Writer {
  constructor(nodes, tag, slot) {
    Object.assign(this, { nodes, tag, slot, next: 0, isOver: false, refusals: 0 });
    this.acknowledged = []; // numbers of writes that were answered with OK
    this.confirmed = new Set(); // … and that WAIT found on the replica
    this.done = this.work();
  }

  key(n) {
    return `{${this.tag}}:${n}`;
  }

  async work() {
    let line = null;
    let asked = 0;
    while (!this.isOver) {
      try {
        if (line === null || line.isDown) {
          const port = await ownerOf(this.nodes[asked++ % this.nodes.length].port, this.slot);
          if (port === null) await pause(20);
          else line = new Line(port);
          continue;
        }
        const n = this.next++;
        const [reply, copies] = await Promise.all([
          line.say('SET', this.key(n), n),
          isKill ? line.say('WAIT', 1, WAIT_MS) : 0,
        ]);
        if (reply !== 'OK') {
          this.refusals++;
          line.end();
          await pause(10);
          continue;
        }
        this.acknowledged.push(n);
        if (isKill && copies >= 1) this.confirmed.add(n);
      } catch {
        await pause(10);
      }
    }
    line?.end();
  }

  /** What is missing of the writes from number `from` on: [of those that had to stay, of the others]. */
  async missing(port, from) {
    const line = new Line(port);
    const lost = [0, 0];
    const numbers = this.acknowledged.filter((n) => n >= from);
    for (let at = 0; at < numbers.length; at += CHECK_BATCH) {
      const batch = numbers.slice(at, at + CHECK_BATCH);
      const values = await line.say('MGET', ...batch.map((n) => this.key(n)));
      if (!Array.isArray(values)) throw new Error(`MGET: ${values}`);
      values.forEach((value, i) => {
        if (value === String(batch[i])) return;
        lost[!isKill || this.confirmed.has(batch[i]) ? 0 : 1]++;
      });
    }
    line.end();
    return lost;
  }
}

/** A hash tag for each shard, and its slot. */
async function tagsOf(nodes) {
  const found = new Map();
  for (let i = 0; found.size < 3; i++) {
    const slot = Number(await cli(nodes[0].port, 'cluster', 'keyslot', `t${i}`));
    const owner = await ownerOf(nodes[0].port, slot);
    if (owner !== null && !found.has(owner)) found.set(owner, [`t${i}`, slot]);
  }
  return [...found.values()];
}

async function until(isSo, what) {
  const limit = performance.now() + RECOVERY_LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > limit) throw new Error(`not within ${RECOVERY_LIMIT_MS / 1000} s: ${what}`);
    await pause(15);
  }
}

async function sees(port, slot, oldOwner) {
  const line = new Line(port);
  try {
    const [info, ranges] = await Promise.all([line.say('CLUSTER', 'INFO'), line.say('CLUSTER', 'SLOTS')]);
    const owner = ranges.find(([from, to]) => slot >= from && slot <= to)?.[2][1];
    return owner !== undefined && owner !== oldOwner && String(info).startsWith('cluster_state:ok') ? owner : 0;
  } catch {
    return 0;
  } finally {
    line.end();
  }
}

async function follows(port, primary) {
  const info = await cli(port, 'info', 'replication');
  return info.includes('master_link_status:up') && info.includes(`master_port:${primary}`);
}

async function replicaOf(nodes, primary) {
  for (const node of nodes) if (node.port !== primary && (await follows(node.port, primary))) return node;
  return null;
}

/** When each node was replaced last, by port. */
const replacedAt = new Map();

/** Voters have forgotten that they voted for a replica of this node. */
async function untilVotersMayVote(port) {
  const mayAt = (replacedAt.get(port) ?? Number.NEGATIVE_INFINITY) + VOTE_PAUSE * Number(options.timeout);
  await pause(Math.max(0, mayAt - performance.now()));
}

async function round(nodes, writer) {
  const old = await ownerOf(nodes.find(({ server }) => !server.hasEnded()).port, writer.slot);
  const node = nodes.find(({ port }) => port === old);
  await untilVotersMayVote(old);
  const from = Math.max(0, writer.next - 2000);
  let heir = await replicaOf(nodes, old);
  const begun = performance.now();
  if (isKill) await node.kill();
  else if ((await cli(heir.port, 'cluster', 'failover')) !== 'OK') throw new Error('CLUSTER FAILOVER was refused');
  const others = nodes.filter((each) => each !== node);
  for (const { port } of others) await until(() => sees(port, writer.slot, old), `${port} has a new owner and is ok`);
  const took = performance.now() - begun;
  replacedAt.set(old, performance.now());
  const heirPort = await sees(others[0].port, writer.slot, old);
  heir = nodes.find(({ port }) => port === heirPort);
  await pause(isKill ? 100 : 30);
  const lost = await writer.missing(heirPort, from);
  if (isKill) await node.start();
  await until(() => follows(old, heirPort), `${old} follows ${heirPort}`);
  return { took, lost };
}

function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

async function main(folder) {
  const more = { 'cluster-node-timeout': options.timeout, 'repl-diskless-sync-delay': '0' };
  const nodes = await startNodes(Array(6).fill(options.server), folder, Number(options.timeout), more);
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']);
  await untilOk(nodes, 20_000);
  const writers = (await tagsOf(nodes)).map(([tag, slot]) => new Writer(nodes, tag, slot));
  for (const { slot } of writers)
    await until(async () => replicaOf(nodes, await ownerOf(nodes[0].port, slot)), 'each shard has a replica with data');
  const times = [];
  const lost = [0, 0];
  for (let r = 0; r < Number(options.rounds); r++) {
    const { took, lost: here } = await round(nodes, writers[r % writers.length]);
    times.push(took);
    lost[0] += here[0];
    lost[1] += here[1];
    if ((r + 1) % 10 === 0 || here[0] > 0) console.log(`round ${r + 1}: ${Math.round(took)} ms, lost so far ${lost}`);
  }
  for (const writer of writers) writer.isOver = true;
  await Promise.all(writers.map(({ done }) => done));
  let [gone, goneAnyway] = [0, 0];
  for (const writer of writers) {
    const [a, b] = await writer.missing(await ownerOf(nodes[0].port, writer.slot), 0);
    gone += a;
    goneAnyway += b;
  }
  const sum = (pick) => writers.reduce((total, writer) => total + pick(writer), 0);
  times.sort((a, b) => a - b);
  console.log(`${options.how}, ${options.server}: ${times.length} rounds, node timeout ${options.timeout} ms`);
  console.log(`time to ok: median ${Math.round(quantile(times, 0.5))} ms, p99 ${Math.round(quantile(times, 0.99))} ms`);
  console.log(`writes acknowledged ${sum((w) => w.acknowledged.length)}, confirmed ${sum((w) => w.confirmed.size)}`);
  console.log(`lost that must not be: ${gone}; lost of the others: ${goneAnyway}`);
  return gone === 0 ? 0 : 1;
}

try {
  process.exitCode = await inFolder(main);
} catch (failure) {
  console.error(failure);
  process.exitCode = 1;
} finally {
  await stopAll();
}
process.exit();
