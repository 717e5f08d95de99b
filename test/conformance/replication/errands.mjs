/**
 * What else one asks of a primary and its replicas: acknowledgements, a role to be handed over, a password, a copy.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { Peer, same } from './servers.mjs';
import { commands, dice } from './traffic.mjs';

const LIMIT_MS = 15_000;

export async function proveErrands(checks) {
  for (const [a, b] of [
    ['ours', 'real'],
    ['real', 'ours'],
  ]) {
    checks.heading(`errands: ${b} copies ${a}`);
    const [primary, replica] = await Promise.all([Peer.start(a), Peer.start(b)]);
    try {
      await primary.send(commands(dice(21), 5_000));
      await primary.ask('SELECT', '0');
      await replica.follow(primary);
      await same(primary, replica);
      await proveOne(checks, primary, replica);
    } finally {
      await Promise.all([primary.stop(), replica.stop()]);
    }
  }
}

async function proveOne(checks, primary, replica) {
  await checks.check('WAIT is answered by the replica', async () => {
    await primary.ask('SET', 'k', 'v');
    expectSame(await primary.ask('WAIT', '1', '2000'), '1', 'WAIT 1 2000');
    expectSame(await primary.ask('WAIT', '2', '100'), '1', 'WAIT 2 100');
  });
  await checks.check('redis-cli --rdb makes a file that redis-check-rdb likes', async () => {
    const file = join(primary.server.folder, 'copy.rdb');
    execFileSync('redis-cli', ['-p', String(primary.port), '--rdb', file], { stdio: 'ignore' });
    expectMatch(execFileSync('redis-check-rdb', [file], { encoding: 'latin1' }), /RDB looks OK/, 'redis-check-rdb');
  });
  await checks.check('FAILOVER hands the role over', async () => {
    expectSame(
      await primary.ask('FAILOVER', 'TO', '127.0.0.1', String(replica.port), 'TIMEOUT', '5000'),
      'OK',
      'FAILOVER',
    );
    await until(LIMIT_MS, async () => (await replica.field('role')) === 'master');
    await until(LIMIT_MS, async () => (await primary.field('master_link_status')) === 'up');
    return same(replica, primary);
  });
  await checks.check('a wrong password is said, the right one serves', async () => {
    await replica.ask('CONFIG', 'SET', 'requirepass', 'secret');
    await replica.ask('AUTH', 'secret');
    await primary.ask('CONFIG', 'SET', 'masterauth', 'wrong');
    await primary.ask('CLIENT', 'KILL', 'TYPE', 'master');
    await until(LIMIT_MS, async () => (await primary.field('master_link_status')) === 'down');
    if (primary.kind === 'ours')
      await until(LIMIT_MS, async () => (await primary.field('master_link_error')).startsWith('WRONGPASS'));
    await primary.ask('CONFIG', 'SET', 'masterauth', 'secret');
    return same(replica, primary);
  });
}
