/**
 * Replication with the real server: `node test/conformance/replication/run.mjs`.
 *
 *   pairs      ours and redis-server as primary and replica of each other: full sync under traffic, live stream, links
 *              that break, roles that change, equal digests and offsets after each
 *   chains     three in a row of both kinds, and the middle one promoted
 *   errands    WAIT, FAILOVER, passwords, redis-cli --rdb
 *   moves      MIGRATE inside of EXEC: as between two redis-servers
 *   libraries  of functions, which redis-server makes and has again from us
 *
 * `--only pairs` leaves out the others. Each check prints `ok` or `failed`; the last line is `N passed, N failed`, and
 * the exit code 0 only if none failed. Needs redis-server, redis-cli and redis-check-rdb.
 */
import { runProofs } from '../proofs.mjs';
import { proveChains } from './chains.mjs';
import { proveErrands } from './errands.mjs';
import { proveLibraries } from './libraries.mjs';
import { proveMovesInExec } from './moves-in-exec.mjs';
import { provePairs } from './pairs.mjs';

await runProofs('replication', ['redis-server', 'redis-cli', 'redis-check-rdb'], {
  pairs: provePairs,
  chains: proveChains,
  errands: proveErrands,
  moves: proveMovesInExec,
  libraries: proveLibraries,
});
