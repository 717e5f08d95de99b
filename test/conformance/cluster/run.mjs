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
import { runProofs } from '../proofs.mjs';
import { proveByHand } from './by-hand.mjs';
import { proveCreate } from './create.mjs';
import { proveMend } from './mend.mjs';
import { proveMixed } from './mixed.mjs';
import { proveMoves } from './moves.mjs';

await runProofs('cluster', ['redis-server', 'redis-cli', 'bash'], {
  create: proveCreate,
  mixed: proveMixed,
  'by-hand': proveByHand,
  moves: proveMoves,
  mend: proveMend,
});
