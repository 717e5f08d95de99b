/**
 * Two servers, in every pairing of ours and the real one, through what happens to a primary and its replica.
 */
import { expect, expectSame, until } from '../cluster/checks.mjs';
import { Peer, same } from './servers.mjs';
import { commands, dice, writeOn } from './traffic.mjs';

// biome-ignore format: primary and replica
const PAIRS = [['real', 'ours'], ['ours', 'real'], ['ours', 'ours']];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function provePairs(checks) {
  for (const [a, b] of PAIRS) {
    checks.heading(`${b} copies ${a}`);
    await provePair(checks, a, b);
    for (const [name, config] of Object.entries(WAYS)) await proveWay(checks, a, b, name, config);
  }
}

/** Ways of sending and loading that are not the usual one. */
const WAYS = {
  'by way of a file': { 'repl-diskless-sync': 'no' },
  'into spare databases': { 'repl-diskless-load': 'swapdb' },
  'straight into empty ones': { 'repl-diskless-load': 'on-empty-db' },
  'without checksums and compression': { rdbchecksum: 'no', rdbcompression: 'no' },
};

async function provePair(checks, a, b) {
  const [primary, replica] = await Promise.all([Peer.start(a), Peer.start(b)]);
  try {
    await primary.send(commands(dice(1), 20_000));
    await primary.ask('SELECT', '0');
    await checks.check('a full sync while it writes', async () => {
      const traffic = writeOn(primary, 2);
      await replica.follow(primary);
      await replica.untilUp();
      await sleep(500);
      const count = await traffic.stop();
      return `${count} writes meanwhile, ${await same(primary, replica)}`;
    });
    await checks.check('the stream', async () => {
      await primary.send(commands(dice(3), 20_000));
      await primary.ask('SELECT', '0');
      return same(primary, replica);
    });
    await checks.check('links that break while it writes: nothing but partial syncs', () =>
      breakLinks(primary, replica),
    );
    await checks.check('the replica is promoted, the old primary goes on with it', () => promote(replica, primary));
    await checks.check('and back again', () => promote(primary, replica));
    await checks.check('a huge key of each kind', () => hugeKeys(primary, replica));
  } finally {
    await Promise.all([primary.stop(), replica.stop()]);
  }
}

async function breakLinks(primary, replica) {
  const full = await primary.field('sync_full');
  const before = Number(await primary.field('sync_partial_ok'));
  const traffic = writeOn(primary, 4);
  for (let i = 0; i < 5; i++) {
    await sleep(300);
    await replica.ask('CLIENT', 'KILL', 'TYPE', 'master');
    await replica.untilUp();
  }
  await traffic.stop();
  const told = await same(primary, replica);
  expectSame(await primary.field('sync_full'), full, 'full syncs');
  const partial = Number(await primary.field('sync_partial_ok')) - before;
  expect(partial >= 5, `only ${partial} partial syncs`);
  return `${partial} partial syncs, ${told}`;
}

/** Keys that die at the old primary meanwhile would be a history of its own. */
async function promote(fresh, old) {
  await Promise.all([fresh, old].map((peer) => peer.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0')));
  await same(old, fresh);
  const full = await fresh.field('sync_full');
  expectSame(await fresh.ask('REPLICAOF', 'NO', 'ONE'), 'OK', 'REPLICAOF NO ONE');
  await fresh.send(commands(dice(5), 2_000));
  await fresh.ask('SELECT', '0');
  await old.follow(fresh);
  const told = await same(fresh, old);
  expectSame(await fresh.field('sync_full'), full, 'full syncs at the new primary');
  expectSame(await old.field('role'), 'slave', 'the role of the old one');
  await Promise.all([fresh, old].map((peer) => peer.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '1')));
  return told;
}

async function hugeKeys(primary, replica) {
  await primary.ask('FLUSHALL'); // nothing dies meanwhile: a digest of all this takes a while
  const names = Array.from({ length: 10_000 }, (_, i) => `member ${i}`);
  await primary.ask('SET', 'huge', 'x'.repeat(20_000_000));
  for (let round = 0; round < 10; round++) {
    const fresh = names.map((name) => `${name} of ${round}`);
    await primary.ask('RPUSH', 'hugelist', ...fresh);
    await primary.ask('SADD', 'hugeset', ...fresh);
    await primary.ask('HSET', 'hugehash', ...fresh);
    await primary.ask('ZADD', 'hugezset', ...fresh.flatMap((name, i) => [String(i), name]));
  }
  await same(primary, replica);
  await replica.ask('REPLICAOF', 'NO', 'ONE');
  await replica.ask('SET', 'mine', 'x');
  await replica.follow(primary);
  return same(primary, replica);
}

async function proveWay(checks, a, b, name, config) {
  const [primary, replica] = await Promise.all([Peer.start(a, config), Peer.start(b, config)]);
  try {
    await checks.check(`${name}, twice`, async () => {
      await primary.send(commands(dice(6), 10_000));
      await primary.ask('SELECT', '0');
      let told = '';
      for (let round = 0; round < 2; round++) {
        const traffic = writeOn(primary, 7 + round);
        await replica.follow(primary);
        await replica.untilUp();
        await traffic.stop();
        told = await same(primary, replica);
        await replica.ask('REPLICAOF', 'NO', 'ONE');
        await replica.ask('SET', 'mine', 'x');
        if (round === 0) await replica.ask('FLUSHALL');
      }
      await until(1000, async () => (await primary.field('connected_slaves')) === '0');
      return told;
    });
  } finally {
    await Promise.all([primary.stop(), replica.stop()]);
  }
}
