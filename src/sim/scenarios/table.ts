/**
 * The stories that can be told, each under a name: `sextet sim story <name>`.
 * They are snapshot tests as well (test/sim/stories), so that a change of behaviour shows as a change of text.
 */
import { epochCollision } from './epoch-collision.js';
import { failover } from './failover.js';
import type { KnownBug } from './known-bug.js';
import { KNOWN_ELECTION_BUGS } from './known-elections.js';
import { KNOWN_FILE_BUGS } from './known-files.js';
import { KNOWN_MEMBER_BUGS } from './known-members.js';
import { KNOWN_SLOT_BUGS } from './known-slots.js';
import { reshard } from './reshard.js';
import { splitBrain } from './split-brain.js';
import { type Setting, Stage } from './stage.js';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly setting: Setting;
  readonly play: (stage: Stage) => void;
}

const SIX = { seed: 1, primaries: 3, replicasEach: 1 } as const;

// biome-ignore format: a table
const STORIES: readonly (readonly [name: string, title: string, play: Scenario['play']])[] = [
  ['failover',        'A primary dies, and its replica takes over.',              failover],
  ['split-brain',     'A primary is cut off with a client that goes on writing.', splitBrain],
  ['reshard',         'A slot moves while clients use it.',                       reshard],
  ['epoch-collision', 'Two primaries come to the same config epoch.',             epochCollision],
];

export const SCENARIOS: readonly Scenario[] = STORIES.map(([name, title, play]) => ({
  name,
  title,
  play,
  setting: SIX,
}));

const KNOWN: readonly KnownBug[] = [
  ...KNOWN_SLOT_BUGS,
  ...KNOWN_ELECTION_BUGS,
  ...KNOWN_MEMBER_BUGS,
  ...KNOWN_FILE_BUGS,
];

/** Bugs that others had, in the order of the list of known bugs. */
export const KNOWN_BUGS: readonly Scenario[] = [...KNOWN]
  .sort((a, b) => a[0] - b[0])
  .map(([number, name, title, play, setting]) => ({
    name,
    title: `${number}: ${title}.`,
    play,
    setting: { ...SIX, ...setting },
  }));

/** The lines of a story, with its title, and the broken rule if there is one. */
export function tellScenario(scenario: Scenario): { readonly lines: string[]; readonly isBroken: boolean } {
  const stage = playScenario(scenario);
  const { violation, story } = stage.world;
  const end = violation === null ? [] : ['', `RULE BROKEN: ${violation.rule}: ${violation.what}`];
  return { lines: [scenario.title, ...story.lines, ...end], isBroken: violation !== null };
}

export function playScenario(scenario: Scenario): Stage {
  const stage = new Stage(scenario.setting);
  scenario.play(stage);
  return stage;
}
