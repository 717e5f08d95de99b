/**
 * The stories that can be told, each under a name: `sextet sim story <name>`.
 * They are snapshot tests as well (test/sim/stories), so that a change of behaviour shows as a change of text.
 */
import { epochCollision } from './epoch-collision.js';
import { failover } from './failover.js';
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
  ['epoch-collision', 'Two primaries come to the same config epoch.',             epochCollision],
];

export const SCENARIOS: readonly Scenario[] = STORIES.map(([name, title, play]) => ({
  name,
  title,
  play,
  setting: SIX,
}));

/** The lines of a story, with its title, and the broken rule if there is one. */
export function tellScenario(scenario: Scenario): string[] {
  const stage = new Stage(scenario.setting);
  scenario.play(stage);
  const { violation, story } = stage.world;
  const end = violation === null ? [] : ['', `RULE BROKEN: ${violation.rule}: ${violation.what}`];
  return [scenario.title, ...story.lines, ...end];
}
