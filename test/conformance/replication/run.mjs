/**
 * Replication with the real server: `node test/conformance/replication/run.mjs`.
 *
 *   pairs      ours and redis-server as primary and replica of each other: full sync under traffic, live stream, links
 *              that break, roles that change, equal digests and offsets after each
 *   chains     three in a row of both kinds, and the middle one promoted
 *   errands    WAIT, FAILOVER, passwords, redis-cli --rdb
 *
 * `--only pairs` leaves out the others. Each check prints `ok` or `failed`; the last line is `N passed, N failed`, and
 * the exit code 0 only if none failed. Needs redis-server, redis-cli and redis-check-rdb.
 */
import { parseArgs } from 'node:util';
import { stopAll } from '../../../bench/servers.mjs';
import { Missing, needPrograms } from '../../../scripts/apt.mjs';
import { Checks } from '../cluster/checks.mjs';
import { proveChains } from './chains.mjs';
import { proveErrands } from './errands.mjs';
import { provePairs } from './pairs.mjs';

const PROOFS = { pairs: provePairs, chains: proveChains, errands: proveErrands };

const { values: options } = parseArgs({
  options: { only: { type: 'string', default: Object.keys(PROOFS).join(',') } },
});
const checks = new Checks();

process.once('SIGINT', () => stopAll().then(() => process.exit(130)));
try {
  needPrograms('redis-server', 'redis-cli', 'redis-check-rdb');
  for (const name of options.only.split(',')) await PROOFS[name](checks);
} catch (failure) {
  console.error(failure instanceof Missing ? `replication: ${failure.message}` : failure);
  checks.failed++;
} finally {
  await stopAll();
}
console.log(`\n${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 ? 0 : 1;
