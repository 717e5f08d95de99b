/**
 * Three in a row: who copies a replica gets the stream of the first one, byte for byte, whoever made it.
 */
import { expectSame } from '../cluster/checks.mjs';
import { Peer, same } from './servers.mjs';
import { commands, dice, writeOn } from './traffic.mjs';

// biome-ignore format: top, middle and bottom
const CHAINS = [['real', 'ours', 'real'], ['ours', 'real', 'ours'], ['real', 'ours', 'ours'], ['ours', 'ours', 'real']];

export async function proveChains(checks) {
  for (const kinds of CHAINS) {
    checks.heading(`a chain: ${kinds.join(' ◀ ')}`);
    const [top, middle, bottom] = await Promise.all(kinds.map((kind) => Peer.start(kind)));
    try {
      await proveChain(checks, top, middle, bottom);
    } finally {
      await Promise.all([top, middle, bottom].map((peer) => peer.stop()));
    }
  }
}

async function proveChain(checks, top, middle, bottom) {
  await checks.check('both hold what the first one holds', async () => {
    await top.send(commands(dice(11), 5_000));
    await top.ask('SELECT', '0');
    await middle.follow(top);
    await middle.untilUp();
    const traffic = writeOn(top, 12);
    await bottom.follow(middle);
    await bottom.untilUp();
    await traffic.stop();
    await same(top, middle);
    return same(top, bottom);
  });
  await checks.check('the link above breaks: the one below is not disturbed', async () => {
    const full = await middle.field('sync_full');
    const traffic = writeOn(top, 13);
    await middle.ask('CLIENT', 'KILL', 'TYPE', 'master');
    await middle.untilUp();
    await traffic.stop();
    await same(top, middle);
    expectSame(await middle.field('sync_full'), full, 'full syncs given by the middle one');
    return same(top, bottom);
  });
  await checks.check('the middle one is promoted: top and bottom go on with it', async () => {
    await top.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0'); // who tells of a death after the promotion is ahead of it
    await same(top, middle);
    const full = await middle.field('sync_full');
    await middle.ask('REPLICAOF', 'NO', 'ONE');
    await middle.send(commands(dice(14), 2_000));
    await middle.ask('SELECT', '0');
    await top.follow(middle);
    await same(middle, bottom);
    expectSame(await middle.field('sync_full'), full, 'full syncs given by the middle one');
    return same(middle, top);
  });
}
