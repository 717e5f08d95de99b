/**
 * A bug that another server had, as a scenario that must end well here: number in the list of known bugs, name,
 * what went wrong there, the script, and the cluster it is played in if it is not three primaries with a replica each.
 */
import type { Setting, Stage } from './stage.js';

export type KnownBug = readonly [
  number: number,
  name: string,
  title: string,
  play: (stage: Stage) => void,
  setting?: Partial<Setting>,
];
