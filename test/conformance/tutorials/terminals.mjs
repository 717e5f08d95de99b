/**
 * "Creating a Redis Cluster": six folders, six terminals with a server in front in each, and one cluster of them.
 *
 * The text's `--cluster create` has lost its addresses, and says so of itself ("the list of addresses of the
 * instances"): typed as it stands first, then with them.
 */
import { expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { atDesk, createCluster, isReplicaOf, typed } from './desk.mjs';

const SIX = [6001, 6002, 6003, 6004, 6005, 6006];
const WAIT_MS = 60_000;

export async function proveTerminals(checks, kind) {
  checks.heading('"Creating a Redis Cluster"');
  await atDesk(kind, SIX, async (desk) => {
    const terminals = new Map();
    const begun = await checks.check(
      'Running redis in cluster mode: ./src/redis-server ./redis.conf in six terminals',
      () => start(desk, terminals),
    );
    if (!begun) return;
    await checks.check('each says that it found no configuration, and its own ID', () => introduced(terminals));
    await checks.check('Creating the cluster: without addresses redis-cli explains itself', async () => {
      expectMatch(
        (await desk.type('redis-cli --cluster create --cluster-replicas 1')).all,
        /\[ERR\] Wrong number of arguments/,
        'it',
      );
    });
    await checks.check('create --cluster-replicas 1: three lines "Adding replica", all 16384 slots covered', () =>
      createCluster(desk, SIX),
    );
    await checks.check('6001, 6002 and 6003 are masters, the others follow them', () => roles(desk));
    await checks.check('redis-cli -c -p 6001: foo lies on 6003, and can be read from 6002', () => keys(desk));
    await checks.check('The ID is for ever: nodes that are restarted are who they were, with their keys', () =>
      again(desk, terminals),
    );
    await checks.check('Ctrl-C in each terminal ends its server with exit code 0', async () => {
      for (const port of SIX) await desk.end(port, 'SIGINT');
      expectSame(await Promise.all([...terminals.values()].map(({ ended }) => ended)), Array(6).fill(0), 'exit codes');
    });
  });
}

async function start(desk, terminals) {
  for (const port of SIX) {
    desk.file(`${port}/redis.conf`, [
      `port ${port}`,
      'cluster-enabled yes',
      'cluster-config-file nodes.conf',
      'cluster-node-timeout 5000',
      'appendonly yes',
    ]);
    await desk.type(`mkdir -p ${port}/src && ln -sf '${desk.server}' ${port}/src/redis-server`);
    open(desk, terminals, port);
  }
  await desk.allAnswer(SIX);
}

function open(desk, terminals, port) {
  terminals.set(port, desk.terminal('./src/redis-server ./redis.conf', desk.here(String(port))));
}

function introduced(terminals) {
  for (const { text } of terminals.values()) {
    expectMatch(text, /^\d+:M .* \* No cluster configuration found, I'm [0-9a-f]{40}$/m, 'its terminal');
    expectMatch(text, /^\d+:M .* \* Ready to accept connections$/m, 'its terminal');
  }
}

async function roles(desk) {
  const masters = await Promise.all([6001, 6002, 6003].map((port) => desk.id(port)));
  await desk.views(SIX, (rows) => masters.every((id) => rows.some(isReplicaOf(id))));
}

async function keys(desk) {
  const sent = `-> Redirected to slot [12182] located at 127.0.0.1:${desk.port(6003)}`;
  expectSame((await typed(desk, 'redis-cli -c -p 6001', ['set foo bar'])).text, [sent, 'OK'], 'at 6001');
  expectSame((await typed(desk, 'redis-cli -c -p 6002', ['get foo'])).text, [sent, 'bar'], 'at 6002');
}

async function again(desk, terminals) {
  const ids = await Promise.all(SIX.map((port) => desk.id(port)));
  for (const port of SIX) await desk.end(port, 'SIGINT');
  for (const port of SIX) open(desk, terminals, port);
  await desk.allAnswer(SIX);
  expectSame(await Promise.all(SIX.map((port) => desk.id(port))), ids, 'ids');
  await desk.info(SIX, /cluster_state:ok/);
  await until(WAIT_MS, async () => (await desk.type('redis-cli -c -p 6001 get foo')).out.trim() === 'bar');
}
