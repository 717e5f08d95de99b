/**
 * The cluster beside the real one: `node test/conformance/cluster/run.mjs`, part of `npm run conformance`.
 *
 *   create     six of ours through `redis-cli --cluster create`
 *   mixed      three of ours and three of redis-server, met by hand
 *   by-hand    a cluster built with MEET, ADDSLOTS and REPLICATE, as the common tutorials do
 *   moves      reshard, rebalance, add-node, del-node and their kin, with keys of all types
 *   mend       fix after moves that were left half-way, and import from outside of the cluster
 *
 * Each check prints `ok` or `failed`; the last line is `N passed, N failed`, and the exit code 0 only if none failed.
 * `--only create,mixed` leaves out the others. `--server real` puts redis-server in our place: what fails then is wrong
 * in the check. Needs redis-server, redis-cli and python3-redis; what is missing fails, it is never skipped.
 */
import { parseArgs } from 'node:util';
import { stopAll } from '../../../bench/servers.mjs';
import { Missing, needPrograms } from '../../../scripts/apt.mjs';
import { proveByHand } from './by-hand.mjs';
import { Checks } from './checks.mjs';
import { proveCreate } from './create.mjs';
import { proveMend } from './mend.mjs';
import { proveMixed } from './mixed.mjs';
import { proveMoves } from './moves.mjs';

const PROOFS = { create: proveCreate, mixed: proveMixed, 'by-hand': proveByHand, moves: proveMoves, mend: proveMend };

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PROOFS).join(',') },
    server: { type: 'string', default: 'ours' },
  },
});

const checks = new Checks();

async function main() {
  needPrograms('redis-server', 'redis-cli', 'bash');
  for (const name of options.only.split(',')) {
    const prove = PROOFS[name];
    if (prove === undefined) throw new Missing(`no proof ${name}, only ${Object.keys(PROOFS).join(', ')}`);
    await attempt(name, () => prove(checks, options.server));
  }
}

/** A proof that cannot go on is one failed check; the others still run. */
async function attempt(name, prove) {
  try {
    await prove();
  } catch (failure) {
    const { message, stack } = failure;
    await checks.check(`${name} runs to its end`, () => {
      throw failure instanceof Missing ? new Error(message) : new Error(stack);
    });
  }
}

process.once('SIGINT', () => stopAll().then(() => process.exit(130)));
try {
  await main();
} catch (failure) {
  console.error(failure instanceof Missing ? `cluster: ${failure.message}` : failure);
  checks.failed++;
} finally {
  await stopAll();
}
console.log(`\n${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 ? 0 : 1;
