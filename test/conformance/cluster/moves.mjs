/**
 * Slots on the move, by the stock redis-cli: reshard, rebalance, add-node, del-node, and what else its manager knows.
 *
 *   A B C ──reshard──▶ ──add D──▶ rebalance ──add E, a replica──▶ del E, add F ──▶ drain D ──▶ del D F
 *
 * All keys, of all types, are read back after each step, and `--cluster check` has to be content.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectMatch, expectSame, until } from './checks.mjs';
import {
  converse,
  countKeys,
  expectClean,
  manage,
  manageWell,
  place,
  slotCounts,
  Stock,
  untilAgreed,
} from './managed.mjs';
import { cli, clusterNodes, inFolder, startNodes, untilOk } from './nodes.mjs';

const NODE_TIMEOUT_MS = 2_000;
const OK_LIMIT_MS = 20_000;

export async function proveMoves(checks, kind) {
  checks.heading(`slots on the move: nodes of ${kind}`);
  await inFolder(async (folder) => {
    const nodes = await startNodes(Array(6).fill(kind), folder, NODE_TIMEOUT_MS);
    try {
      const world = {
        checks,
        folder,
        trio: nodes.slice(0, 3),
        fourth: nodes[3],
        spare: nodes.slice(4),
        stock: new Stock('m'),
      };
      if (!(await checks.check('three primaries are a cluster, with keys of all types', () => begin(world)))) return;
      await reshard(world);
      await grow(world);
      await withReplica(world);
      await shrink(world);
      await theRest(world);
      await withPassword(world);
    } finally {
      await Promise.all(nodes.map((node) => node.server.stop()));
    }
  });
}

async function begin({ trio, stock }) {
  await manageWell(['create', ...trio.map(place), '--cluster-yes']);
  await untilOk(trio, OK_LIMIT_MS);
  await stock.fill(trio[0].port);
}

// ── reshard ─────────────────────────────────────────────────────────────────

async function reshard({ checks, trio, stock }) {
  const [a, b, c] = trio;
  const before = await slotCounts(a);
  const gives = async (words, dialogue, from, to, slots) => {
    const counts = await slotCounts(a);
    const { code, all, unasked } = await converse(['reshard', ...words], dialogue);
    expectSame([code, unasked], [0, 0], `how it ended, and what it did not ask\n${all.slice(-400)}`);
    await expectClean(trio);
    const now = await slotCounts(a);
    expectSame(now.get(to.id), counts.get(to.id) + slots, `slots of the receiver\n${all.slice(-400)}`);
    if (from !== null) expectSame(now.get(from.id), counts.get(from.id) - slots, 'slots of the giver');
    await stock.expectWhole(a.port, c.port);
    return `${all.match(/Moving slot \d+ from [^\n]*: *\.*$/gm)?.length ?? 0} lines "Moving slot"`;
  };
  await checks.check('reshard, by answering its questions: 300 slots from one node', () =>
    gives([place(a)], answers(300, b, [a.id, 'done'], 'yes'), a, b, 300),
  );
  await checks.check('reshard, answering "all": 120 slots from everybody else', () =>
    gives([place(b)], answers(120, c, ['all'], 'yes'), null, c, 120),
  );
  await checks.check('reshard by options: 200 slots back', () => {
    const options = ['--cluster-from', b.id, '--cluster-to', a.id, '--cluster-slots', '200', '--cluster-yes'];
    return gives([place(c), ...options], [], b, a, 200);
  });
  await checks.check('reshard from all, one key at a time', () => {
    const options = ['--cluster-from', 'all', '--cluster-to', b.id, '--cluster-slots', '50', '--cluster-yes'];
    return gives([place(a), ...options, '--cluster-pipeline', '1', '--cluster-timeout', '5000'], [], null, b, 50);
  });
  await checks.check('no slot was lost or doubled on the way', async () => {
    const sum = (counts) => [...counts.values()].reduce((total, count) => total + count, 0);
    expectSame([sum(before), sum(await slotCounts(b))], [16_384, 16_384], 'slots');
    expectSame(await countKeys(trio), stock.size, 'keys');
  });
  await checks.check('"no" to its plan changes nothing', async () => {
    const counts = await slotCounts(a);
    const { all } = await converse(['reshard', place(a)], answers(10, b, [a.id, 'done'], 'no'));
    expectMatch(all, /Resharding plan:/, 'its plan');
    expectSame([...(await slotCounts(a))].sort(), [...counts].sort(), 'slots');
  });
}

function answers(slots, to, sources, isFine) {
  return [
    ['How many slots do you want to move (from 1 to 16384)? ', slots],
    ['What is the receiving node ID? ', to.id],
    ...sources.map((source, i) => [`Source node #${i + 1}: `, source]),
    ['Do you want to proceed with the proposed reshard plan (yes/no)? ', isFine],
  ];
}

// ── add-node, rebalance ─────────────────────────────────────────────────────

async function grow({ checks, trio, fourth, stock }) {
  const four = [...trio, fourth];
  await checks.check('add-node takes in a fourth primary, without slots', async () => {
    const all = await manageWell(['add-node', place(fourth), place(trio[0])]);
    expectMatch(all, /\[OK\] New node added correctly\./, 'its last words');
    await untilOk(four, OK_LIMIT_MS);
    expectSame((await slotCounts(trio[0])).get(fourth.id), 0, 'slots of the new node');
    return all.match(/>>> .*[Ff]unction.*/g)?.join(' ');
  });
  await checks.check('rebalance leaves a node without slots alone', async () => {
    await manageWell(['rebalance', place(trio[0])]);
    await expectClean(four);
    expectSame((await slotCounts(trio[0])).get(fourth.id), 0, 'slots of the new node');
  });
  await checks.check('rebalance --cluster-simulate moves nothing', async () => {
    const before = await slotCounts(trio[0]);
    await manageWell(['rebalance', place(trio[0]), '--cluster-use-empty-masters', '--cluster-simulate']);
    expectSame([...(await slotCounts(trio[0]))].sort(), [...before].sort(), 'slots');
  });
  await checks.check(
    'rebalance --cluster-use-empty-masters gives it its share: a tenth of what others have',
    async () => {
      const weight = ['--cluster-weight', `${fourth.id}=0.1`];
      const all = await manageWell(['rebalance', place(trio[1]), '--cluster-use-empty-masters', ...weight]);
      await expectClean(four);
      const counts = await slotCounts(trio[0]);
      expect(Math.abs(counts.get(fourth.id) - 16_384 / 31) <= 4, `${[...counts.values()]}\n${all}`);
      await stock.expectWhole(fourth.port, trio[2].port);
      return `slots: ${[...counts.values()].join(' ')}, keys: ${await cli(fourth.port, 'dbsize')}`;
    },
  );
  await checks.check('rebalance with weights: one gets more', async () => {
    const weights = ['--cluster-weight', `${trio[0].id}=1.1`, `${fourth.id}=0.1`, '--cluster-threshold', '1'];
    await manageWell(['rebalance', place(trio[1]), ...weights]);
    await expectClean(four);
    const counts = await slotCounts(trio[1]);
    const share = counts.get(trio[0].id) / counts.get(trio[1].id);
    expect(share > 1.08 && share < 1.12, `${[...counts.values()]}`);
    await stock.expectWhole(trio[1].port);
  });
}

async function withReplica({ checks, trio, fourth, spare: [fifth, sixth], stock }) {
  const five = [...trio, fourth, fifth];
  await checks.check('add-node --cluster-slave --cluster-master-id makes a replica of that one', async () => {
    const options = ['--cluster-slave', '--cluster-master-id', trio[0].id];
    const all = await manageWell(['add-node', ...options, place(fifth), place(trio[1])]);
    expectMatch(all, /\[OK\] New node added correctly\./, 'its last words');
    await untilOk(five, OK_LIMIT_MS);
    await until(OK_LIMIT_MS, async () => (await primaryOf(fifth, trio[1])) === trio[0].id);
  });
  await checks.check('it is in sync, and has the keys of its primary', () => inSync(fifth, trio[0]));
  await checks.check('del-node takes the replica away: it has no part in the cluster any more', async () => {
    await manageWell(['del-node', place(trio[1]), fifth.id]);
    await expectClean([...trio, fourth]);
    expectSame((await clusterNodes(trio[0].port)).length, 4, 'nodes known');
    expectSame((await clusterNodes(fifth.port)).length, 1, 'nodes known to the one that left');
  });
  await checks.check('add-node --cluster-slave finds a primary by itself', async () => {
    const all = await manageWell(['add-node', place(sixth), place(fourth), '--cluster-slave']);
    expectMatch(all, /Automatically selected master 127\.0\.0\.1:\d+/, 'its choice');
    await untilOk([...trio, fourth, sixth], OK_LIMIT_MS); // the one that left is banned for a minute
    await until(OK_LIMIT_MS, async () => /^[0-9a-f]{40}$/.test(await primaryOf(sixth, trio[1])));
    const id = await primaryOf(sixth, trio[1]);
    await inSync(
      sixth,
      five.find((node) => node.id === id),
    );
  });
  await checks.check('keys that move reach and leave the replica, too', async () => {
    const id = await primaryOf(sixth, trio[1]);
    const primary = five.find((node) => node.id === id);
    const other = trio.find((node) => node !== primary);
    for (const [from, to] of [
      [primary, other],
      [other, primary],
    ]) {
      const options = ['--cluster-from', from.id, '--cluster-to', to.id, '--cluster-slots', '100', '--cluster-yes'];
      await manageWell(['reshard', place(trio[0]), ...options]);
      await inSync(sixth, primary);
    }
    await stock.expectWhole(trio[1].port);
  });
}

async function primaryOf(node, witness) {
  return (await clusterNodes(witness.port)).find(({ id }) => id === node.id)?.primary;
}

async function inSync(replica, primary) {
  await until(
    OK_LIMIT_MS,
    async () => {
      const [a, b] = await Promise.all([replica, primary].map(({ port }) => cli(port, 'debug', 'digest')));
      return a === b && /master_link_status:up/.test(await cli(replica.port, 'info', 'replication'));
    },
    () => cli(replica.port, 'info', 'replication'),
  );
  return `${await cli(replica.port, 'dbsize')} keys, equal digests`;
}

// ── del-node ────────────────────────────────────────────────────────────────

async function shrink({ checks, trio, fourth, spare: [, sixth], stock }) {
  await checks.check('del-node refuses a primary that has slots', async () => {
    const { code, all } = await manage(['del-node', place(trio[0]), fourth.id]);
    expect(code !== 0, all);
    expectMatch(all, /\[ERR\] Node 127\.0\.0\.1:\d+ is not empty! Reshard data away and try again\./, 'its words');
  });
  await checks.check('a reshard of all that it has empties the fourth node', async () => {
    const slots = String((await slotCounts(trio[0])).get(fourth.id));
    const options = ['--cluster-from', fourth.id, '--cluster-to', trio[0].id, '--cluster-slots', slots];
    await manageWell(['reshard', place(trio[0]), ...options, '--cluster-yes']);
    await untilAgreed(trio);
    expectSame((await slotCounts(trio[0])).get(fourth.id), 0, 'slots of the fourth');
    await untilEmptyOrReplica(fourth, trio[0]);
    await stock.expectWhole(trio[0].port);
  });
  await checks.check('del-node takes both newcomers away, and three are left', async () => {
    for (const node of [sixth, fourth]) await manageWell(['del-node', place(trio[0]), node.id]);
    await expectClean(trio);
    expectSame((await clusterNodes(trio[0].port)).length, 3, 'nodes known');
    await stock.expectWhole(trio[0].port);
  });
}

/** A primary whose last slot was taken becomes a replica of whoever took it, and then has all of its keys. */
async function untilEmptyOrReplica(node, taker) {
  const row = (await clusterNodes(node.port)).find(({ flags }) => flags.includes('myself'));
  if (row.flags.includes('slave')) await inSync(node, taker);
  else expectSame(await cli(node.port, 'dbsize'), '0', 'its keys');
}

// ── set-timeout, call, info, backup ─────────────────────────────────────────

async function theRest({ checks, folder, trio, stock }) {
  await checks.check('set-timeout changes it everywhere, in the files too', async () => {
    const all = await manageWell(['set-timeout', place(trio[0]), '3000']);
    expectMatch(all, /New node timeout set\. 3 OK, 0 ERR\./, 'its count');
    for (const { port } of trio)
      expectSame(await cli(port, 'config', 'get', 'cluster-node-timeout'), 'cluster-node-timeout\n3000', `at ${port}`);
  });
  await checks.check('call, to primaries only and to replicas only', async () => {
    const all = await manageWell(['call', place(trio[0]), 'ping', '--cluster-only-masters']);
    expectSame(all.match(/: PONG$/gm)?.length, 3, all);
    expect(!/PONG/.test((await manage(['call', place(trio[0]), 'ping', '--cluster-only-replicas'])).all), 'a replica');
  });
  await checks.check('info counts the keys', async () => {
    const all = await manageWell(['info', place(trio[0])]);
    expectMatch(all, new RegExp(`\\[OK\\] ${stock.size} keys in 3 masters\\.`), 'its sum');
  });
  await checks.check('backup writes a snapshot of each primary', async () => {
    const backup = join(folder, 'backup');
    mkdirSync(backup);
    const all = await manageWell(['backup', place(trio[0]), backup]);
    expectMatch(all, /\[OK\] Backup created into: /, 'its last words');
    expect(existsSync(join(backup, 'nodes.json')), 'no nodes.json');
    const files = readdirSync(backup).filter((name) => name.endsWith('.rdb'));
    expectSame(files.length, 3, `${readdirSync(backup)}`);
  });
}

/** redis-cli -a: each MIGRATE has to log in at the other end. */
async function withPassword({ checks, trio, stock }) {
  const [a, b] = trio;
  const login = ['-a', 'secret', '--no-auth-warning'];
  await checks.check('call sets a password everywhere', async () => {
    await manageWell(['call', place(a), 'config', 'set', 'requirepass', 'secret', 'masterauth', 'secret']);
    expectMatch(await cli(a.port, 'ping'), /NOAUTH/, 'without the password');
  });
  await checks.check('reshard -a: MIGRATE logs in at the other node', async () => {
    const options = ['--cluster-from', a.id, '--cluster-to', b.id, '--cluster-slots', '200', '--cluster-yes'];
    await manageWell(['reshard', place(a), ...options, ...login]);
    await manageWell(['check', place(b), ...login]);
    const sizes = await Promise.all(trio.map(async ({ port }) => Number(await cli(port, ...login, 'dbsize'))));
    expectSame(
      sizes.reduce((sum, size) => sum + size, 0),
      stock.size,
      'keys',
    );
  });
}
