/**
 * Bugs that Redis has, or had, with the files of its data, as scenarios (see known-bug.ts): what a client was told must
 * still be there when every copy has lost its power.
 */
import type { KnownBug } from './known-bug.js';
import type { Stage } from './stage.js';

/** All clocks jump back by an hour: the log is synced once a second all the same, and not when that hour is over. */
function clockAndLog(stage: Stage): void {
  stage.client('7001', 'SET', '{b}', 'old');
  stage.pass(3000);
  for (const { name } of stage.machines) stage.fault({ kind: 'clock', atMs: 0, machine: name, byMs: -3_600_000 });
  stage.pass(100);
  stage.client('7001', 'SET', '{b}', 'new');
  stage.pass(5000);
  stage.say('The power fails, at the primary and at its replica.');
  for (const machine of ['7001', '7004']) stage.fault({ kind: 'power', atMs: 0, machine, downMs: 500 });
  stage.pass(10_000);
  stage.allAgree(8000);
  stage.holds('{b}', 'new');
}

const SYNCED_EACH_SECOND = { conf: ['appendonly yes', 'appendfsync everysec'] };

// biome-ignore format: a table
export const KNOWN_FILE_BUGS: readonly KnownBug[] = [
  [18, 'clock-and-log', 'a clock that jumps back ends the syncs of each second', clockAndLog, SYNCED_EACH_SECOND],
];
