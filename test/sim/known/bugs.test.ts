/** Bugs that Redis, Valkey and others had, played in the simulator: each must end well, with all rules kept. */
import { expect, test } from 'vitest';
import { KNOWN_BUGS, playScenario } from '../../../src/sim/scenarios/table.js';

test.each(KNOWN_BUGS.map((bug) => [bug.name, bug.title, bug] as const))(
  '%s, %s',
  (_name, _title, bug) => {
    const { violation } = playScenario(bug).world;
    expect(violation === null ? '' : `sextet sim story ${bug.name}\n${violation.rule}: ${violation.what}`).toBe('');
  },
  60_000,
);

/** By these names docs/DIFFERENCES.md calls what is shown here. */
test.each(['older-file', 'clock-and-log'])('%s is among them', (name) => {
  expect(KNOWN_BUGS.some((bug) => bug.name === name)).toBe(true);
});
