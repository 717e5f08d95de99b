/**
 * `redis-cli --cluster fix` after moves that were left half-way, and `import` from a server outside of the cluster.
 *
 *   the source says migrating, the target importing, keys on both sides    fix moves the rest
 *   only one of them says so                                               fix closes the slot, or finishes the move
 *   nobody serves a slot, with and without keys in it                      fix gives it to whoever has the keys
 */
import { startServer } from '../../../bench/servers.mjs';
import { expect, expectMatch, expectSame } from './checks.mjs';
import { converse, countKeys, expectClean, manage, manageWell, place, Stock } from './managed.mjs';
import { cli, inFolder, run, startNodes, untilOk } from './nodes.mjs';

const NODE_TIMEOUT_MS = 2_000;
const OK_LIMIT_MS = 20_000;
/** Keys with this tag are in one slot, which the first of three primaries serves. */
const TAG = '{mend-9}';
const KEYS_IN_SLOT = 20;
const YES = Array(4).fill(["(type 'yes' to accept): ", 'yes']);

export async function proveMend(checks, kind) {
  checks.heading(`what was left half-way is mended, and keys come from outside: nodes of ${kind}`);
  await inFolder(async (folder) => {
    const nodes = await startNodes(Array(3).fill(kind), folder, NODE_TIMEOUT_MS);
    try {
      const stock = new Stock('mend');
      await manageWell(['create', ...nodes.map(place), '--cluster-yes']);
      await untilOk(nodes, OK_LIMIT_MS);
      await stock.fill(nodes[0].port);
      const world = { checks, nodes, stock, slot: await cli(nodes[0].port, 'cluster', 'keyslot', TAG) };
      for (let i = 0; i < KEYS_IN_SLOT; i++) await cli(nodes[0].port, '-c', 'set', `${TAG}:${i}`, `value-${i}`);
      await openSlots(world);
      await uncoveredSlots(world);
      for (const from of new Set(['real', kind])) await importFrom(world, from);
    } finally {
      await Promise.all(nodes.map((node) => node.server.stop()));
    }
  });
}

async function setSlot({ port }, slot, ...words) {
  expectSame(await cli(port, 'cluster', 'setslot', slot, ...words), 'OK', words.join(' '));
}

async function ownerOf(slot, nodes) {
  const owners = await Promise.all(
    nodes.map(async (node) => ((await cli(node.port, 'cluster', 'countkeysinslot', slot)) === '0' ? null : node)),
  );
  const lines = JSON.parse(await cli(nodes[0].port, '--json', 'cluster', 'slots'));
  const [, , [, port]] = lines.find(([from, to]) => from <= Number(slot) && Number(slot) <= to);
  return { owner: nodes.find((node) => node.port === port), holders: owners.filter((node) => node !== null) };
}

async function someKeysGo(from, to, slot) {
  const keys = (await cli(from.port, 'cluster', 'getkeysinslot', slot, '7')).split('\n');
  const answer = await cli(from.port, 'migrate', '127.0.0.1', String(to.port), '', '0', '2000', 'keys', ...keys);
  expectSame(answer, 'OK', 'MIGRATE of seven');
}

/** Whatever was done to the slot: `fix` mends it, and every key is where it should be, once. */
async function mended({ nodes, slot, stock }) {
  const { all: before } = await manage(['check', place(nodes[1])]);
  expectMatch(before, /\[(WARNING|ERR)\]/, 'check has nothing to complain of');
  const { code, all } = await converse(['fix', place(nodes[1])], YES);
  expectSame(code, 0, `fix ended\n${all}`);
  await expectClean(nodes);
  const { owner, holders } = await ownerOf(slot, nodes);
  expect(
    holders.length === 1 && holders[0] === owner,
    `keys at ${holders.map(({ port }) => port)}, owner ${owner.port}`,
  );
  expectSame(await cli(owner.port, 'cluster', 'countkeysinslot', slot), String(KEYS_IN_SLOT), 'keys in the slot');
  await stock.expectWhole(nodes[2].port);
  return all.match(/>>> [A-Z][^\n]*slot[^\n]*/g)?.join(' ');
}

async function openSlots(world) {
  const { checks, nodes, slot } = world;
  const { owner } = await ownerOf(slot, nodes);
  const [other, third] = nodes.filter((node) => node !== owner);
  await checks.check('fix: half of the keys were moved', async () => {
    await setSlot(other, slot, 'importing', owner.id);
    await setSlot(owner, slot, 'migrating', other.id);
    await someKeysGo(owner, other, slot);
    return mended(world);
  });
  await checks.check('while a slot is half moved: here, ASK, TRYAGAIN, MOVED', () => redirections(world));
  await checks.check('fix: migrating, and nobody is importing', async () => {
    const { owner: now } = await ownerOf(slot, nodes);
    await setSlot(now, slot, 'migrating', nodes.find((node) => node !== now).id);
    return mended(world);
  });
  await checks.check('fix: importing, and nobody is migrating', async () => {
    const { owner: now } = await ownerOf(slot, nodes);
    await setSlot(
      nodes.find((node) => node !== now),
      slot,
      'importing',
      now.id,
    );
    return mended(world);
  });
  await checks.check('fix: two are importing, the owner knows of one', async () => {
    const { owner: now } = await ownerOf(slot, nodes);
    const [to, too] = nodes.filter((node) => node !== now);
    await setSlot(to, slot, 'importing', now.id);
    await setSlot(too, slot, 'importing', now.id);
    await setSlot(now, slot, 'migrating', to.id);
    await someKeysGo(now, to, slot);
    return mended(world);
  });
  await checks.check('fix: all keys were moved, and nobody was told who has the slot', async () => {
    const { owner: now } = await ownerOf(slot, nodes);
    const to = now === third ? other : third;
    await setSlot(to, slot, 'importing', now.id);
    await setSlot(now, slot, 'migrating', to.id);
    for (let i = 0; i < 3; i++) await someKeysGo(now, to, slot).catch(() => {});
    return mended(world);
  });
}

/** What a client hears at both ends of a move, compared with the texts of redis-server. */
async function redirections({ nodes, slot }) {
  const { owner } = await ownerOf(slot, nodes);
  const to = nodes.find((node) => node !== owner);
  await setSlot(to, slot, 'importing', owner.id);
  await setSlot(owner, slot, 'migrating', to.id);
  await someKeysGo(owner, to, slot);
  const [gone] = (await cli(to.port, 'cluster', 'getkeysinslot', slot, '1')).split('\n');
  const [here] = (await cli(owner.port, 'cluster', 'getkeysinslot', slot, '1')).split('\n');
  const [ask, moved] = [`ASK ${slot} ${place(to)}`, `MOVED ${slot} ${place(owner)}`];
  const again = 'TRYAGAIN Multiple keys request during rehashing of slot';
  // biome-ignore format: a table
  const rows = [
    [owner, '',       `exists ${here}`,              '1'],
    [owner, '',       `exists ${gone}`,              ask],
    [owner, '',       `mget ${here} ${gone}`,        again],
    [owner, '',       `mget ${gone} ${TAG}:new`,     ask],
    [owner, '',       `set ${TAG}:new x`,            ask],
    [to,    '',       `exists ${gone}`,              moved],
    [to,    'asking', `exists ${gone}`,              '1'],
    [to,    'asking', `exists ${here}`,              '0'],
    [to,    'asking', `mget ${here} ${gone}`,        again],
    [owner, 'multi',  `exists ${here}`,              'QUEUED'],
    [owner, 'multi',  `exists ${gone}`,              ask],
  ];
  for (const [node, before, command, expected] of rows) {
    const { answer } = await said(node, before, command);
    expectSame(answer, expected, `${before} ${command} at the ${node === owner ? 'owner' : 'target'}`);
  }
  for (const [node, end] of [
    [to, 'stable'],
    [owner, 'stable'],
  ])
    await setSlot(node, slot, end);
  await setSlot(to, slot, 'importing', owner.id);
  await setSlot(owner, slot, 'migrating', to.id);
  const busy = await cli(owner.port, 'cluster', 'setslot', slot, 'node', to.id);
  expectMatch(
    busy,
    /Can't assign hashslot \d+ to a different node while I still hold keys for this hash slot\./,
    'NODE',
  );
  const { code, all } = await converse(['fix', place(nodes[0])], YES);
  expectSame(code, 0, `fix ended\n${all}`);
  await expectClean(nodes);
}

async function said(node, before, command) {
  const input = `${before === '' ? '' : `${before}\n`}${command}\n`;
  const { out } = await run('redis-cli', ['-p', String(node.port)], { input });
  return { answer: out.trimEnd().split('\n').at(-1) };
}

async function uncoveredSlots(world) {
  const { checks, nodes, slot } = world;
  const forgotten = async (number) => {
    for (const { port } of nodes) await cli(port, 'cluster', 'delslots', number);
  };
  await checks.check('fix: nobody serves a slot that has keys', async () => {
    await forgotten(slot);
    return mended(world);
  });
  await checks.check('fix: nobody serves a slot without keys', async () => {
    let empty = 0;
    for (; ; empty++) {
      const counts = nodes.map(({ port }) => cli(port, 'cluster', 'countkeysinslot', String(empty)));
      if ((await Promise.all(counts)).every((count) => count === '0')) break;
    }
    await forgotten(String(empty));
    return mended(world);
  });
}

async function importFrom({ checks, nodes, stock }, kind) {
  const server = await startServer({ kind });
  const outside = new Stock(`from-${kind}`);
  try {
    const before = await countKeys(nodes);
    await checks.check(`import --cluster-copy from a lone ${kind} server: its keys are here, and there`, async () => {
      await outside.fill(server.port);
      await manageWell(['import', place(nodes[0]), '--cluster-from', place(server), '--cluster-copy']);
      expectSame(Number(await cli(server.port, 'dbsize')), outside.size, 'keys there');
      expectSame(await countKeys(nodes), before + outside.size, 'keys here');
      await outside.expectWhole(nodes[1].port);
    });
    await checks.check('import again: keys that are here already are refused', async () => {
      const { all } = await manage(['import', place(nodes[0]), '--cluster-from', place(server)]);
      expectMatch(all, /BUSYKEY Target key name already exists\./, 'its words');
      expectSame(Number(await cli(server.port, 'dbsize')), outside.size, 'keys there');
    });
    await checks.check('import --cluster-replace: they go, none stays there', async () => {
      await manageWell(['import', place(nodes[0]), '--cluster-from', place(server), '--cluster-replace']);
      expectSame(await cli(server.port, 'dbsize'), '0', 'keys there');
      expectSame(await countKeys(nodes), before + outside.size, 'keys here');
      await outside.expectWhole(nodes[2].port);
      await stock.expectWhole(nodes[2].port);
    });
  } finally {
    await server.stop();
  }
}
