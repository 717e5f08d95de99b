/** Stories of a cluster, to be read: a change of behaviour is a change of text. `-u` records them anew. */
import { expect, test } from 'vitest';
import { SCENARIOS, tellScenario } from '../../src/sim/scenarios/table.js';

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  async (name, scenario) => {
    const { lines } = tellScenario(scenario);
    expect(lines.filter((line) => line.startsWith('RULE BROKEN'))).toEqual([]);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`stories/${name}.txt`);
  },
  60_000,
);
