/**
 * `redis-cli --cluster create` makes one cluster of six nodes with plain config files, and finds it well.
 *
 * Three primaries and three replicas; then `--cluster check`, `info` and `call` asked of each node, and a thousand keys
 * through redis-cli -c and as many through python3-redis.
 */
import { cli, clusterNodes, clusterSlots, inFolder, run, startNodes, untilOk } from './nodes.mjs';
import { expect, expectMatch, expectSame, until } from './checks.mjs';
import { keysOf, needPython, readByCli, throughPython, writeByCli } from './keys.mjs';

const NODE_TIMEOUT_MS = 5_000;
const AGREE_LIMIT_MS = 20_000;
const KEYS = 1_000;

export async function proveCreate(checks, kind) {
  checks.heading(`redis-cli --cluster create: six nodes, all ${kind}`);
  needPython();
  await inFolder(async (folder) => {
    const nodes = await startNodes(Array(6).fill(kind), folder, NODE_TIMEOUT_MS);
    try {
      if (!(await checks.check('create covers all slots', () => create(nodes)))) return;
      await checks.check('all six nodes say cluster_state:ok', () => untilOk(nodes, AGREE_LIMIT_MS));
      await checks.check('all six agree on slots and roles', () => agree(nodes));
      await inspect(checks, nodes);
      await writeAndRead(checks, nodes);
    } finally {
      await Promise.all(nodes.map((node) => node.server.stop()));
    }
  });
}

async function create(nodes) {
  const places = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const args = ['--cluster', 'create', ...places, '--cluster-replicas', '1', '--cluster-yes'];
  const { code, all } = await run('redis-cli', args, { limitMs: 120_000 });
  expectSame(code, 0, `it ended\n${all}`);
  expectMatch(all, /\[OK\] All nodes agree about slots configuration\./, 'agreement');
  expectSame(all.trimEnd().split('\n').at(-1), '[OK] All 16384 slots covered.', 'its last line');
  expect(!/\[ERR\]|\[WARNING\] (?!.*same host)/i.test(all.replace(/anti-affinity[^\n]*/gi, '')), all);
  return 'it ends with "[OK] All 16384 slots covered."';
}

/** Roles are told in heartbeats: the last replica may be known as one a second after the slots are served. */
function agree(nodes) {
  return until(
    AGREE_LIMIT_MS,
    async () => {
      const maps = await Promise.all(nodes.map(({ port }) => clusterSlots(port)));
      const views = await Promise.all(nodes.map(({ port }) => clusterNodes(port)));
      return maps.every((map) => map.join() === maps[0].join()) && views.every(hasThreePairs);
    },
    () => cli(nodes[0].port, 'cluster', 'nodes'),
  );
}

function hasThreePairs(rows) {
  const primaries = rows.filter(({ flags }) => flags.includes('master')).map(({ id }) => id);
  const followed = rows.filter(({ flags }) => flags.includes('slave')).map(({ primary }) => primary);
  return primaries.length === 3 && primaries.sort().join() === followed.sort().join();
}

async function inspect(checks, nodes) {
  for (const { port, name } of nodes) {
    const place = `127.0.0.1:${port}`;
    await checks.check(`--cluster check ${name} is clean`, async () => {
      const { code, all } = await run('redis-cli', ['--cluster', 'check', place]);
      expectSame(code, 0, `it ended\n${all}`);
      expectMatch(all, /\[OK\] All nodes agree about slots configuration\./, 'agreement');
      expectMatch(all, /\[OK\] All 16384 slots covered\./, 'coverage');
      expect(!/\[ERR\]|\[WARNING\]/.test(all), all);
    });
    await checks.check(`--cluster info ${name} counts three primaries`, async () => {
      const { code, all } = await run('redis-cli', ['--cluster', 'info', place]);
      expectSame(code, 0, `it ended\n${all}`);
      expectMatch(all, /^\[OK\] \d+ keys in 3 masters\.$/m, 'its sum');
      expectSame(all.match(/-> \d+ keys \| 546\d slots \| 1 slaves\.$/gm)?.length, 3, `rows of primaries in\n${all}`);
    });
    await checks.check(`--cluster call ${name} ping is answered by all six`, async () => {
      const { code, all } = await run('redis-cli', ['--cluster', 'call', place, 'ping']);
      expectSame(code, 0, `it ended\n${all}`);
      expectSame(all.match(/^127\.0\.0\.1:\d+: PONG$/gm)?.length, 6, `PONGs in\n${all}`);
    });
  }
}

async function writeAndRead(checks, nodes) {
  const keys = keysOf('cli', KEYS);
  await checks.check(`${KEYS} keys are written through redis-cli -c`, () => writeByCli(nodes[0].port, keys));
  for (const { port, name } of [nodes[0], nodes[2], nodes[5]])
    await checks.check(`${KEYS} keys are read through redis-cli -c, begun at ${name}`, () => readByCli(port, keys));
  await checks.check('the keys lie on all three primaries', async () => {
    const primaries = (await clusterNodes(nodes[0].port)).filter(({ flags }) => flags.includes('master'));
    const ports = primaries.map(({ address }) => /:(\d+)@/.exec(address)[1]);
    const sizes = await Promise.all(ports.map(async (port) => Number(await cli(port, 'dbsize'))));
    expectSame(
      sizes.reduce((sum, size) => sum + size, 0),
      KEYS,
      `keys on ${sizes}`,
    );
    expect(
      sizes.every((size) => size > KEYS / 10),
      `keys on ${sizes}`,
    );
  });
  await checks.check(`${KEYS} keys through python3-redis`, () => throughPython(nodes[1].port, KEYS));
}
