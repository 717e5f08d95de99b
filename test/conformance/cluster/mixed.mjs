/**
 * Three real redis-server nodes and three of ours, met by hand, are one cluster.
 *
 *   real 0 ──MEET──▶ ours 3 ──MEET──▶ real 1 ──MEET──▶ ours 4        each kind introduces itself to the other,
 *   ours 5 ──MEET──▶ real 2           real 2 ──MEET──▶ ours 3        and the rest is found by gossip
 *
 * Then one of each kind is killed: the others see it fail, and see it come back.
 */
import { expect, expectSame, until } from './checks.mjs';
import { manageWell, place, Stock, untilAgreed } from './managed.mjs';
import { keysOf, readByCli, writeByCli } from './keys.mjs';
import { hearEachOther, losesItsListeners } from './listeners.mjs';
import { cli, clusterInfo, clusterNodes, clusterSlots, inFolder, startNodes, untilOk } from './nodes.mjs';

const NODE_TIMEOUT_MS = 2_000;
const AGREE_LIMIT_MS = 30_000;
const FAIL_LIMIT_MS = 30_000;
const SLOTS = 16_384;
const KEYS = 200;

// biome-ignore format: who meets whom
const MEETS = [[0, 3], [3, 1], [1, 4], [5, 2], [2, 3]];

export async function proveMixed(checks, kind) {
  checks.heading(`three redis-server nodes and three ${kind} nodes, met by hand`);
  await inFolder(async (folder) => {
    const nodes = await startNodes(['real', 'real', 'real', kind, kind, kind], folder, NODE_TIMEOUT_MS);
    try {
      await form(checks, nodes);
      await serveKeys(checks, nodes);
      await hearEachOther(checks, nodes);
      await loseAndRegain(checks, nodes, nodes[4]);
      await loseAndRegain(checks, nodes, nodes[1]);
      await moveBetweenKinds(checks, nodes);
      await moveKeysBetweenKinds(checks, nodes);
    } finally {
      await Promise.all(nodes.map((node) => node.server.stop()));
    }
  });
}

async function form(checks, nodes) {
  await checks.check('each MEET is answered with OK, in both directions', async () => {
    for (const [from, to] of MEETS)
      expectSame(await cli(nodes[from].port, 'cluster', 'meet', '127.0.0.1', nodes[to].port), 'OK', `at ${from}`);
  });
  await checks.check('all six know all six, with links up', () => untilAllLinked(nodes));
  await checks.check('each takes a sixth of the slots', async () => {
    for (const [i, { port }] of nodes.entries()) {
      const [first, end] = [i, i + 1].map((n) => Math.floor((n * SLOTS) / nodes.length));
      expectSame(await cli(port, 'cluster', 'addslotsrange', first, end - 1), 'OK', `at ${port}`);
    }
  });
  await checks.check('all six say cluster_state:ok', () => untilOk(nodes, AGREE_LIMIT_MS));
  await checks.check('all six agree on CLUSTER SLOTS', () => untilAgreed(nodes));
  await checks.check('the config epochs of all six differ, and all six agree on them', () => untilEpochsAgree(nodes));
}

function untilAllLinked(nodes) {
  return until(
    AGREE_LIMIT_MS,
    async () => {
      const views = await Promise.all(nodes.map(({ port }) => clusterNodes(port)));
      return views.every((rows) => rows.length === nodes.length && rows.every(({ link }) => link === 'connected'));
    },
    () => cli(nodes[0].port, 'cluster', 'nodes'),
  );
}

async function untilEpochsAgree(nodes) {
  let views = [];
  const epochsOf = (rows) => rows.map(({ id, epoch }) => `${id} ${epoch}`).sort();
  await until(
    AGREE_LIMIT_MS,
    async () => {
      views = await Promise.all(nodes.map(async ({ port }) => epochsOf(await clusterNodes(port))));
      const epochs = new Set(views[0].map((line) => line.split(' ')[1]));
      return epochs.size === nodes.length && views.every((view) => view.join() === views[0].join());
    },
    () => views.map((view) => view.join(' ')).join('\n'),
  );
}

async function serveKeys(checks, nodes) {
  const keys = keysOf('mixed', KEYS);
  await checks.check(`${KEYS} keys are written through redis-cli -c`, () => writeByCli(nodes[0].port, keys));
  for (const { port, name } of nodes)
    await checks.check(`they are read through redis-cli -c, begun at ${name}`, () => readByCli(port, keys));
}

/** One is killed; the nodes of the other kind, and of its own, mark it; then it comes back with its slots. */
async function loseAndRegain(checks, nodes, victim) {
  const others = nodes.filter((node) => node !== victim);
  await victim.kill();
  for (const kindOfWitness of new Set(others.map(({ kind }) => kind))) {
    const witnesses = others.filter(({ kind }) => kind === kindOfWitness);
    await checks.check(`${kindOfWitness} nodes see ${victim.name} fail when it is killed`, () =>
      until(
        FAIL_LIMIT_MS,
        async () => {
          const views = await Promise.all(witnesses.map(({ port }) => clusterNodes(port)));
          return views.every((rows) => rows.find(({ id }) => id === victim.id)?.flags.includes('fail'));
        },
        () => cli(witnesses[0].port, 'cluster', 'nodes'),
      ),
    );
  }
  await checks.check('without its slots the state is fail, everywhere', () =>
    until(FAIL_LIMIT_MS, async () => {
      const states = await Promise.all(others.map(async ({ port }) => (await clusterInfo(port)).cluster_state));
      return states.every((state) => state === 'fail');
    }),
  );
  await checks.check('somebody had seen a majority: "Marking node … as failing (quorum reached)."', () => {
    const line = `Marking node ${victim.id} as failing (quorum reached).`;
    expect(
      others.some((node) => node.log().includes(line)),
      'nobody logged it',
    );
    const heard = others.filter((node) => node.log().includes(`about ${victim.id}`)).map(({ kind }) => kind);
    return `"FAIL message received … about" it: ${heard.join(' ')}`;
  });
  const id = victim.id;
  await victim.start();
  await checks.check(`${victim.name} comes back with its id, and all is well again`, async () => {
    expectSame(victim.id, id, 'its id');
    await untilOk(nodes, FAIL_LIMIT_MS);
    await untilAgreed(nodes);
  });
}

/** A slot without keys goes from one kind to the other and back, the way redis-cli's reshard does it. */
async function moveBetweenKinds(checks, nodes) {
  const slot = '3'; // of the first real node
  const channel = 'c27898'; // in it
  for (const [from, to] of [
    [nodes[0], nodes[5]],
    [nodes[5], nodes[0]],
  ]) {
    await checks.check(`slot ${slot} moves from ${from.name} to ${to.name}, and all agree`, async () => {
      for (const key of ['mixed', 'key'])
        expect((await cli(from.port, 'cluster', 'keyslot', key)) !== slot, `${key} is in slot ${slot}`);
      await giveSlot(slot, from, to);
      await untilAgreed(nodes);
      const owner = (await clusterSlots(nodes[1].port)).find((line) => covers(line, Number(slot)));
      expect(owner.includes(to.id), owner);
    });
    await losesItsListeners(checks, to, from, channel, () => giveSlot(slot, to, from));
    await untilAgreed(nodes);
    await giveSlot(slot, from, to);
  }
}

async function giveSlot(slot, from, to) {
  await ordered(to, 'setslot', slot, 'importing', from.id);
  await ordered(from, 'setslot', slot, 'migrating', to.id);
  await ordered(to, 'setslot', slot, 'node', to.id);
  await ordered(from, 'setslot', slot, 'node', to.id);
}

/** Keys of all types go from one kind to the other and back: each restores what the other one dumped. */
async function moveKeysBetweenKinds(checks, nodes) {
  const stock = new Stock('mixed');
  const [real, ours] = [nodes[0], nodes[5]];
  await checks.check('keys of all types are written to both kinds', () => stock.fill(ours.port));
  for (const [from, to] of [
    [real, ours],
    [ours, real],
  ])
    await checks.check(`reshard: 600 slots with their keys go from ${from.name} to ${to.name}`, async () => {
      const before = Number(await cli(to.port, 'dbsize'));
      const words = ['--cluster-from', from.id, '--cluster-to', to.id, '--cluster-slots', '600', '--cluster-yes'];
      await manageWell(['reshard', place(to), ...words]);
      await untilAgreed(nodes);
      await stock.expectWhole(from.port, to.port);
      const keys = Number(await cli(to.port, 'dbsize')) - before;
      expect(keys > 0, 'no key moved');
      return `${keys} keys`;
    });
}

function covers(line, slot) {
  const [from, to] = line.split(' ')[0].split('-').map(Number);
  return from <= slot && slot <= to;
}

async function ordered({ port }, ...words) {
  expectSame(await cli(port, 'cluster', ...words), 'OK', words.join(' '));
}
