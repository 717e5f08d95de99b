/**
 * All rules that watch a run, with the numbers they have in the list of promises (docs/SIMULATOR.md has the list).
 * What needs the end of a run to be judged is returned.
 */
import type { Ledger } from '../clients/ledger.js';
import type { Mover } from '../clients/mover.js';
import type { World } from '../world/world.js';
import { emptinessIsNotCopied, FreshestGoesFirst } from './candidates.js';
import { CoreWatch, type StepRule } from './core-step.js';
import { DataWatch } from './data.js';
import { configEpochsGrow, currentEpochGrows, gossipIsHearsay, staleIsIgnored, updatesAreNews } from './epochs.js';
import {
  clustersStayApart,
  failEndsByRule,
  failNeedsAQuorum,
  ForgottenStayAway,
  strangersChangeNothing,
} from './members.js';
import { FilesKeep } from './files.js';
import { Serving } from './serving.js';
import { KeepsItsName } from './quiet.js';
import { StreamsGoOn } from './streams.js';
import { KeysGoWithSlots, slotsMoveForAReason } from './slots.js';
import { Elections, KeptBeforeSaid, votesHaveCause } from './votes.js';

export interface Terms {
  readonly nodeTimeoutMs: number;
}

export function watchRules(world: World, ledger: Ledger, mover: Mover, terms: Terms): DataWatch {
  // biome-ignore format: a table
  const stepRules: readonly (readonly [string, StepRule])[] = [
    ['1: the current epoch never falls',         currentEpochGrows],
    ['2: config epochs never fall',              configEpochsGrow],
    ['5: a vote has a cause',                    votesHaveCause],
    ['6, 7: elections are won by a majority',    new Elections().isWon],
    ['9: slots move for a reason',               slotsMoveForAReason],
    ['10: gossip is hearsay',                    gossipIsHearsay],
    ['11: an UPDATE is news',                    updatesAreNews],
    ['12: stale packets do not turn back time',  staleIsIgnored],
    ['15: strangers change nothing',             strangersChangeNothing],
    ['16: clusters stay apart',                  clustersStayApart],
    ['17: FAIL needs a quorum',                  failNeedsAQuorum],
    ['18: FAIL ends by rule',                    failEndsByRule],
    ['19: the forgotten stay away',              new ForgottenStayAway().check],
    ['31: emptiness is not copied',              emptinessIsNotCopied],
    ['1.2: the freshest goes first',             new FreshestGoesFirst().check],
  ];
  const data = new DataWatch(world, ledger, mover, terms.nodeTimeoutMs);
  const serving = new Serving(world, terms.nodeTimeoutMs);
  world.watchers.push(new FilesKeep(world, ledger)); // before `data` excuses what a restart has lost
  world.watchers.push(new CoreWatch(world, stepRules, terms.nodeTimeoutMs), new KeptBeforeSaid(world), serving, data);
  world.watchers.push(new KeepsItsName(world), new KeysGoWithSlots(world), new StreamsGoOn(world));
  return data;
}
